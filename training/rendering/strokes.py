"""Polylines from label maps and masks: the borders between regions, the middles of thin ones."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize

LOOK = 5  # steps along a chain that give the direction at its end
STRAIGHT = -0.8  # cosine below which two chains that meet are one stroke


def borders(labels: np.ndarray) -> list[np.ndarray]:
    """Lines between the regions of a label map (H, W), each drawn once.

    Returns:
        Chains (N, 2) of (x, y) pixel corners; a closed one ends where it starts. Where three
        regions meet, a line goes on in the straightest direction and the third line ends.
    """
    padded = np.pad(labels, 1)
    stride = labels.shape[1] + 1  # corner (x, y) is node y * stride + x
    down = np.argwhere(padded[1:-1, :-1] != padded[1:-1, 1:])  # an upright crack from (x, y)
    right = np.argwhere(padded[:-1, 1:-1] != padded[1:, 1:-1])
    starts = np.concatenate([down @ (stride, 1), right @ (stride, 1)])
    ends = np.concatenate([down @ (stride, 1) + stride, right @ (stride, 1) + 1])
    chains = trace_graph(np.stack([starts, ends], 1))
    lines = [np.stack([np.mod(c, stride), np.floor_divide(c, stride)], 1) for c in chains]
    return _joined([line.astype(float) for line in lines])


def middles(mask: np.ndarray) -> list[np.ndarray]:
    """The skeleton of a mask (H, W) as chains (N, 2) of (x, y) pixel centres."""
    thin = np.pad(skeletonize(mask), 1)
    stride = thin.shape[1]
    node = np.arange(thin.size).reshape(thin.shape)
    edges = []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        moved = np.roll(thin, (-dy, -dx), (0, 1))
        linked = thin & moved
        if dy and dx:  # a diagonal counts where no corner leads around
            linked &= ~(np.roll(thin, (-dy, 0), (0, 1)) | np.roll(thin, (0, -dx), (0, 1)))
        edges.append(np.stack([node[linked], node[linked] + dy * stride + dx], 1))
    chains = trace_graph(np.concatenate(edges))
    lines = [
        np.stack([np.mod(c, stride) - 0.5, np.floor_divide(c, stride) - 0.5], 1) for c in chains
    ]
    return _joined([line for line in lines if len(line) > 3])


def trace_graph(edges: np.ndarray) -> list[np.ndarray]:
    """Chains of nodes of a graph with edges (E, 2), cut where not exactly two edges meet."""
    links: dict[int, list[int]] = {}
    for a, b in edges.tolist():
        links.setdefault(a, []).append(b)
        links.setdefault(b, []).append(a)
    chains, cuts = [], {node for node in links if len(links[node]) != 2}
    # First from the junctions and ends; what is left then are closed loops.
    for start in [*cuts, *links]:
        while links[start]:
            chain, here = [start], links[start].pop()
            links[here].remove(start)
            chain.append(here)
            while here not in cuts and here != start:
                after = links[here].pop()
                links[after].remove(here)
                chain.append(after)
                here = after
            chains.append(np.array(chain))
    return chains


def _heading(line: np.ndarray) -> np.ndarray:
    """The unit vector from the start of a line into it."""
    way = line[min(LOOK, len(line) - 1)] - line[0]
    return way / max(np.linalg.norm(way), 1e-9)


def _joined(lines: list[np.ndarray]) -> list[np.ndarray]:
    """Join chains that go straight on through a junction."""
    ends: dict[tuple, list[int]] = {}
    for index, line in enumerate(lines):
        if (line[0] != line[-1]).any():
            ends.setdefault(tuple(line[0]), []).append(2 * index)
            ends.setdefault(tuple(line[-1]), []).append(2 * index + 1)
    partner: dict[int, int] = {}
    for here in ends.values():
        ways = {e: _heading(lines[e // 2][:: -1 if e % 2 else 1]) for e in here}
        pairs = sorted(
            (float(ways[a] @ ways[b]), a, b)
            for a in here
            for b in here
            if a < b and a // 2 != b // 2
        )
        for cosine, a, b in pairs:
            if cosine < STRAIGHT and a not in partner and b not in partner:
                partner[a], partner[b] = b, a
    done, joined = set(), []
    first = [i for i in range(len(lines)) if 2 * i not in partner or 2 * i + 1 not in partner]
    for index in [*first, *range(len(lines))]:
        if index in done:
            continue
        end = 2 * index + 1 if 2 * index in partner and 2 * index + 1 not in partner else 2 * index
        pieces = []
        while end // 2 not in done:  # `end` is where the stroke enters the chain
            done.add(end // 2)
            piece = lines[end // 2][:: -1 if end % 2 else 1]
            pieces.append(piece if not pieces else piece[1:])
            leave = end ^ 1
            if leave not in partner:
                break
            end = partner[leave]
        joined.append(np.concatenate(pieces))
    return joined


def smoothed(line: np.ndarray, sigma: float) -> np.ndarray:
    """A chain (N, 2) without its pixel stairs; ends stay."""
    if len(line) < 4 or sigma <= 0:
        return line
    closed = (line[0] == line[-1]).all()
    if closed:
        soft = ndimage.gaussian_filter1d(line[:-1], sigma, axis=0, mode="wrap")
        return np.concatenate([soft, soft[:1]])
    # Reflecting through the end points keeps them in place.
    reach = min(len(line) - 1, int(4 * sigma) + 1)
    before, after = 2 * line[0] - line[reach:0:-1], 2 * line[-1] - line[-2 : -reach - 2 : -1]
    soft = ndimage.gaussian_filter1d(np.concatenate([before, line, after]), sigma, axis=0)
    return soft[reach : reach + len(line)]


def length_of(line: np.ndarray) -> float:
    """The length of a polyline (N, 2)."""
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
