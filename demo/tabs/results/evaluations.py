"""An evaluation (`training.evaluate`) as text: its verdict and tables.

Its JSON file has `methods` and `differences`, each {name: {"overall": {measure: interval}}}, at the
top, and again under "sets" and "paths", which older files lack.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from demo.strings import SPACES
from demo.strings import evaluations as strings

if TYPE_CHECKING:
    from demo.tabs.results.files import Result

LOGGER = logging.getLogger(__name__)
TOP, SETS, PATHS = "", "sets", "paths"  # the parts of a file
PAIR = "cisp minus clip"
# The columns of each table: (part, measure).
MAIN = [(TOP, measure) for measure in ("iou", "iou_best", "f_score", "named")]
MORE = [(TOP, measure) for measure in ("diversity", "coverage", "normal_consistency", "cd", "emd")]
SET = [(SETS, measure) for measure in ("1nna_cd", "1nna_emd", "cov_cd", "mmd_cd")]
PATH = [(PATHS, measure) for measure in ("smoothness", "largest_jump", "detour")]
FACTORS = {"cd": 1000, "mmd_cd": 1000}  # for measures with small numbers
Intervals = dict[str, Mapping[str, float]]  # a measure to its interval


def evaluation_text(result: Result) -> str | None:
    """An evaluation as Markdown: the verdict, and tables of its methods.

    Returns:
        None if it is no evaluation, with a line in the log if it was meant to be one.
    """
    data = result.data
    if "methods" not in data:
        return None
    try:
        lines = [
            strings.NOTE.format(images=int(data["images"]), data=_code(data["config"]["data"]))
        ]
        if gap := _differences(data, MAIN).get("iou"):
            lines.insert(0, _verdict(gap))
        lines.append(_main_table(data))
        for note, columns in ((strings.MORE, MORE), (strings.SETS, SET), (strings.PATHS, PATH)):
            if table := _table(data, columns):
                lines += [note.format(**_part(data, columns[0][0])), table]
        lines.append(_code(data["command"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        LOGGER.warning("The table of %s is damaged: %r", result.path, error)
        return None
    return "\n\n".join([f"## {result.title}", *lines])


def _main_table(data: Mapping[str, Any]) -> str:
    """Every method and the difference, with the paper's numbers where it has them."""
    head, rows = [strings.METHOD], {name: [_name(name)] for name in data["methods"]}
    measured, gaps, last = _measured(data, MAIN), _differences(data, MAIN), [strings.DIFFERENCE]
    for measure in _shown(measured, MAIN):
        head.append(strings.MEASURES[measure])
        last.append(interval_text(gaps.get(measure), sign="+"))
        for name, row in rows.items():
            row.append(interval_text(measured[name].get(measure)))
        if measure in strings.PAPER_NUMBERS["clip"]:
            head.append(strings.PAPER.format(measure=strings.MEASURES[measure]))
            last.append("")
            for name, row in rows.items():
                number = strings.PAPER_NUMBERS.get(name, {}).get(measure)
                row.append("" if number is None else f"{number:.3f}")
    return markdown_table([head, *rows.values(), *([last] if gaps else [])])


def _table(data: Mapping[str, Any], columns: Sequence[tuple[str, str]]) -> str:
    """The methods with measurements, and the difference; "" if there is none."""
    measured = {name: row for name, row in _measured(data, columns).items() if row}
    shown = _shown(measured, columns)
    if not shown:
        return ""

    def cells(row: Intervals, sign: str = "") -> list[str]:
        return [interval_text(row.get(m), FACTORS.get(m, 1), sign) for m in shown]

    head = [strings.METHOD, *(strings.MEASURES[measure] for measure in shown)]
    rows = [[_name(name), *cells(row)] for name, row in measured.items()]
    if gaps := _differences(data, columns):
        rows.append([strings.DIFFERENCE, *cells(gaps, "+")])
    return markdown_table([head, *rows])


def _part(data: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """The file itself, its sets or its paths; empty where these were not measured."""
    return data if part == TOP else data.get(part) or {}


def _measured(data: Mapping[str, Any], columns: Sequence[tuple[str, str]]) -> dict[str, Intervals]:
    """The measured intervals of each method."""
    rows: dict[str, Intervals] = {name: {} for name in data["methods"]}
    for part, measure in columns:
        for name, method in _part(data, part).get("methods", {}).items():
            if measure in method["overall"]:
                rows[name][measure] = method["overall"][measure]
    return rows


def _shown(measured: Mapping[str, Intervals], columns: Sequence[tuple[str, str]]) -> list[str]:
    """The measures that some method has."""
    return [m for _, m in columns if any(m in row for row in measured.values())]


def _differences(data: Mapping[str, Any], columns: Sequence[tuple[str, str]]) -> Intervals:
    """CISP minus CLIP, paired by image or pair of images."""
    found = {}
    for part, measure in columns:
        overall = _part(data, part).get("differences", {}).get(PAIR, {}).get("overall", {})
        if measure in overall:
            found[measure] = overall[measure]
    return found


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table; the first is the header."""
    ruled = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in ruled)


def _name(method: str) -> str:
    return SPACES[method].title if method in SPACES else _cell(method)


def interval_text(interval: Mapping[str, float] | None, factor: float = 1, sign: str = "") -> str:
    """A mean and its interval as people read it, "0.458 [0.420, 0.496]"; nothing for None."""
    if interval is None:
        return ""
    mean, low, high = (f"{interval[key] * factor:{sign}.3f}" for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def _verdict(difference: Mapping[str, float]) -> str:
    """What the paired difference of both columns says, for or against CISP."""
    if difference["low"] > 0:
        text = strings.CISP_AHEAD
    elif difference["high"] < 0:
        text = strings.CISP_BEHIND
    else:
        text = strings.CISP_LEVEL
    return text.format(difference=interval_text(difference, sign="+"))


def _cell(text: str) -> str:
    return escape(str(text)).replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    return f"`{str(text).replace('`', '')}`"
