"""What every study writes: a JSON file with its finding, its figure and how they were made.

    {"command", "config", "seed", "device", "torch", "finding", "figure", "results"}

The figure is a plain dict of plotly (plotly.com/javascript/reference), so that a study needs
no plotting library and a page can show it unchanged: `plotly.graph_objects.Figure(figure)`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from diffusion.devices import device_name
from training.measure.statistics import Interval
from training.tools.command import command_line, resolved_config, save_json

# Colours of Okabe and Ito, which everyone can tell apart.
COLORS = {"clip": "#0072b2", "cisp": "#d55e00"}
OTHER_COLORS = ("#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#777777")


def save_study(
    module: str,
    options: Any,
    device: torch.device,
    *,
    finding: str,
    figure: dict[str, Any],
    results: dict[str, Any],
) -> None:
    """Write a study to `options.out` and print its finding.

    Args:
        module: the command's own, for when it is not run by -m.
        options: the dataclass of the command line, with `out` and `seed`.
        device: where it ran.
        finding: one sentence, with its interval.
        figure: of `bars` or `curves`.
        results: everything measured, JSON data; an `Interval` becomes mean, low and high.
    """
    report = {
        "command": command_line(module),
        "config": resolved_config(options),
        "seed": options.seed,
        "device": device_name(device),
        "torch": torch.__version__,
        "finding": finding,
        "figure": figure,
        "results": plain(results),
    }
    save_json(Path(options.out), report)
    print(finding)


def plain(results: Any) -> Any:
    """Results with their intervals as dicts: JSON would make nameless lists of them."""
    if isinstance(results, Interval):
        return results._asdict()
    if isinstance(results, Mapping):
        return {key: plain(value) for key, value in results.items()}
    if isinstance(results, list | tuple):
        return [plain(value) for value in results]
    return results


def percent(interval: Interval) -> str:
    """A share as people read it: "61 % [58, 64]"."""
    return f"{interval.mean:.0%} [{interval.low * 100:.0f}, {interval.high * 100:.0f}]".replace(
        "%", " %"
    )


def number(interval: Interval, sign: str = "") -> str:
    """A measure as people read it, "0.584 [0.560, 0.610]"; with `sign` "+", a difference."""
    mean, low, high = (f"{value:{sign}.3f}" for value in interval)
    return f"{mean} [{low}, {high}]"


def points(difference: Interval) -> str:
    """A difference of shares as people read it: "+4.1 points [2.0, 6.2]"."""
    low, high = difference.low * 100, difference.high * 100
    return f"{difference.mean * 100:+.1f} points [{low:.1f}, {high:.1f}]"


def whole_points(difference: Interval) -> str:
    """A difference of shares without decimals: "+4 points [+2, +6]"."""
    mean, low, high = (100 * value for value in difference)
    return f"{mean:+.0f} points [{low:+.0f}, {high:+.0f}]"


def by_sign(difference: Interval, above: str, below: str, unclear: str) -> str:
    """What to say where an interval lies above 0, below it, or on both sides."""
    return above if difference.low > 0 else below if difference.high < 0 else unclear


def standing(difference: Interval) -> str:
    """Where CISP stands: "ahead of" CLIP, or the opposite, or neither."""
    return by_sign(difference, "ahead of", "behind", "not clearly apart from")


def verdict(difference: Interval, a: str = "CISP", b: str = "CLIP") -> str:
    """What an interval of a's share minus b's says, whichever way it fell."""
    return by_sign(
        difference,
        f"{a} is ahead of {b} by {points(difference)}",
        f"{a} is behind {b} by {points(difference)}",
        f"{a} and {b} cannot be told apart ({points(difference)})",
    )


def bars(
    series: Mapping[str, Mapping[str, Interval]],
    *,
    title: str,
    y: str,
    horizontal: bool = False,
) -> dict[str, Any]:
    """Grouped bars with intervals.

    Args:
        series: a name in the legend to {label of a bar: value}.
        title: of the figure.
        y: what is measured.
        horizontal: for many or long labels; they are then read from above.
    """
    along, across = ("x", "y") if horizontal else ("y", "x")
    data = []
    for (name, values), color in zip(series.items(), _colors(series), strict=True):
        data.append(
            {
                "type": "bar",
                "name": name,
                "orientation": "h" if horizontal else "v",
                across: list(values),
                along: [value.mean for value in values.values()],
                f"error_{along}": _errors(list(values.values())),
                "marker": {"color": color},
            }
        )
    layout = _layout(title) | {"barmode": "group", f"{along}axis": {"title": {"text": y}}}
    if horizontal:
        layout["yaxis"] = {"autorange": "reversed", "automargin": True}
    return {"data": data, "layout": layout}


def curves(
    series: Mapping[str, tuple[Sequence[float], Sequence[Interval]]],
    *,
    title: str,
    x: str,
    y: str,
    log_x: bool = False,
) -> dict[str, Any]:
    """Lines with intervals.

    Args:
        series: a name in the legend to (positions, values).
        title: of the figure.
        x: what varies.
        y: what is measured.
        log_x: whether the x axis is logarithmic.
    """
    colors = _colors(series)
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": list(at),
            "y": [value.mean for value in values],
            "error_y": _errors(values),
            "line": {"color": color, "dash": "dot" if color in colors[:index] else "solid"},
        }
        for index, (color, (name, (at, values))) in enumerate(
            zip(colors, series.items(), strict=True)
        )
    ]
    axis = {"title": {"text": x}} | ({"type": "log"} if log_x else {})
    layout = _layout(title) | {"xaxis": axis, "yaxis": {"title": {"text": y}}}
    return {"data": data, "layout": layout}


def _colors(names: Iterable[str]) -> list[str]:
    """Names that begin with a space have that space's colour, all others one each."""
    others = itertools.cycle(OTHER_COLORS)
    return [COLORS.get(name.split()[0].lower()) or next(others) for name in names]


def _errors(values: Sequence[Interval]) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [value.high - value.mean for value in values],
        "arrayminus": [value.mean - value.low for value in values],
    }


def _layout(title: str) -> dict[str, Any]:
    return {"title": {"text": title}, "template": "plotly_white", "legend": {"orientation": "h"}}
