"""What stands on a deck: masts, spars, sails, deckhouses, funnels, guns. In hull lengths."""

from __future__ import annotations

import numpy as np

from training.shapes.operators import mirrored, moved, turned
from training.shapes.outlines import band, symmetric
from training.shapes.parts.boats.hulls import Lines
from training.shapes.solids import Solid, box, frustum, loft, rod


def sheet(low, high, y_low: float, y_high: float, belly: float, thick: float) -> Solid:
    """A sail: a thin sheet between two level edges, bulging like a filled sail.

    Args:
        low: (2, 2) ends (x, z) of the lower edge.
        high: (2, 2) ends of the upper edge.
        y_low: height of the lower edge.
        y_high: height of the upper edge.
        belly: depth of the bulge to the left of the edge's direction, as a share of its length.
        thick: of the cloth.
    """
    t = np.linspace(0, 1, 7)[:, None]

    def edge(ends) -> np.ndarray:
        a, b = np.asarray(ends, float)
        if np.linalg.norm(b - a) < 2 * thick:  # a corner: too short for a band
            b = a + 2 * thick * (np.subtract(*low[::-1]) / np.linalg.norm(np.subtract(*low)))
        along = b - a
        bulge = 4 * t * (1 - t) * belly * np.array([-along[1], along[0]])
        return band(a + t * along + bulge, thick)

    return loft("y", edge(low), edge(high), y_low, y_high)


def fore_and_aft(x, foot, head, y_low, y_high, belly, thick, swing=0.0) -> Solid:
    """A sail behind a mast at x: `foot` long below, `head` long above, swung out by degrees."""
    sail = sheet([(x, 0), (x - foot, 0)], [(x, 0), (x - head, 0)], y_low, y_high, belly, thick)
    return turned([sail], "y", swing, (x, 0, 0))[0]


def jib(tack, mast, y_low, y_high, overlap, belly, thick) -> Solid:
    """A triangular sail from a point on the bow up to the mast, its foot ending near the mast."""
    low = [(tack, 0), (mast + overlap * (tack - mast), 0)]
    return sheet(low, [(mast, 0), (mast - 0.01, 0)], y_low, y_high, belly, thick)


def square_sails(x, y_low, y_high, width, count, belly, thick, furled: bool):
    """Yards across a mast at x and what hangs from them; returns yards and sails apart."""
    heights = y_low + (y_high - y_low) * np.linspace(0, 1, count + 1) ** 0.85
    widths = width * np.linspace(1, 0.5, count + 1)
    yards, sails = [], []
    for k in range(count + (not furled)):
        half, y = widths[k] / 2, heights[k]
        yards.append(rod((x, y, -half), (x, y, half), thick / 2))
        if furled:
            roll = 0.9 * half
            sails.append(rod((x, y - 0.6 * thick, -roll), (x, y - 0.6 * thick, roll), 0.7 * thick))
        elif k < count:
            low = [(x, 0.97 * half), (x, -0.97 * half)]
            top = 0.97 * widths[k + 1] / 2
            sails.append(sheet(low, [(x, top), (x, -top)], y, heights[k + 1], -belly, thick))
    return yards, sails


def stays(points, thick: float) -> list[Solid]:
    """Ropes from each (start, end)."""
    return [rod(a, b, thick / 2) for a, b in points]


def plan(lines: Lines, start: float, stop: float, share: float, count: int = 5) -> np.ndarray:
    """The outline (x, z) of a house on deck: as wide as a share of the beam, never overhanging."""
    x = np.linspace(stop, start, count)
    half = [min(share * lines.beam, 0.97 * lines.breadth(min(max(v, -0.5), 0.5))) / 2 for v in x]
    return symmetric(np.stack([x, half], 1))


def deckhouse(lines, start, stop, share, low, high, lean=(0.0, 0.0)) -> Solid:
    """A house between two x and two heights; `lean` moves its roof's aft and fore ends inwards."""
    start, stop = max(start, -0.5), min(stop, 0.5)
    foot = plan(lines, start, stop, share)
    roof = foot.copy()
    along = (foot[:, 0] - start) / (stop - start)
    roof[:, 0] += lean[0] * (1 - along) - lean[1] * along
    roof[:, 1] *= 0.96
    return loft("y", foot, roof, low, high)


def windows(lines, start, stop, share, low, high, proud=0.003) -> Solid:
    """A dark band around a house."""
    outline = plan(lines, start, stop, share)
    outline[:, 1] += proud * np.sign(outline[:, 1])
    outline[:, 0] += np.where(np.isclose(outline[:, 0], stop), proud, 0)
    outline[:, 0] -= np.where(np.isclose(outline[:, 0], start), proud, 0)
    return loft("y", outline, outline, low, high)


def funnels(count, x, gap, low, high, radius, lean, aspect=0.8) -> list[Solid]:
    """Chimneys in a row from x aft, leaning back by a share of their height."""
    top = -lean * (high - low)
    return [
        frustum((x - k * gap, low, 0), (x - k * gap + top, high, 0), radius, 0.9 * radius, aspect)
        for k in range(count)
    ]


def turret(x, y, size, barrels, length, pitch, aft: bool) -> list[Solid]:
    """A gun turret that looks forward, or aft; `pitch` in degrees."""
    house = box((0, size * 0.3, 0), (1.3 * size, 0.6 * size, size), 0.1 * size)
    spread = np.linspace(-0.28, 0.28, barrels) * size if barrels > 1 else [0.0]
    tips = [
        rod((0.4 * size, 0.35 * size, z), (0.6 * size + length, 0.35 * size, z), 0.006)
        for z in spread
    ]
    guns = turned(tips, "z", pitch, (0.4 * size, 0.35 * size, 0))
    base = frustum((0, -0.6 * size, 0), (0, 0.1 * size, 0), 0.45 * size)
    return moved(turned([house, base, *guns], "y", 180 if aft else 0), (x, y, 0))


def crane(x, y, height, reach, thick) -> list[Solid]:
    """A post with a boom that leans forward (reach > 0) or aft."""
    top = (x, y + height, 0)
    arm = (x + reach, y + 0.75 * height, 0)
    return [
        frustum((x, 0.5 * y, 0), top, 0.8 * thick),
        rod((x, y + 0.3 * height, 0), arm, 0.5 * thick),
    ]


def oars(x, y, inboard, reach, drop, thick) -> list[Solid]:
    """A pair of oars over the gunwales at (x, y, +-inboard)."""
    rim = np.array([x, y, inboard])
    out = np.array([-0.25 * reach, -drop, reach])
    blade = rim + out
    arm = [rod(rim - 0.35 * out, blade, 0.5 * thick), rod(rim + 0.8 * out, blade, 0.9 * thick)]
    return mirrored(arm)
