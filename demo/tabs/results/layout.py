"""The Results tab: every JSON file of a folder as a study with its figure, a table, or one line.

A study has a finding and a figure (`training.studies.report`); an evaluation has `methods`
(`training.evaluate`); any other file with a command is listed, with its finding where it has one.
What is none of these is skipped.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from demo import strings
from demo.tabs.results.claims import claims_text
from demo.tabs.results.evaluations import evaluation_text
from demo.tabs.results.files import Result, read_results
from demo.web.modules import mount_script

LOGGER = logging.getLogger(__name__)
HEIGHT, TALL = 420, 760  # pixels of a figure; demo/widgets/style.css keeps them free
MANY_BARS = 24  # a figure with this many horizontal bars has to be tall


def is_tall(figure: Mapping[str, Any]) -> bool:
    """Whether a figure has so many horizontal bars that it must be tall."""
    traces = figure.get("data")
    bars = [t for t in traces if isinstance(t, dict)] if isinstance(traces, list) else []
    lying = [t.get("y") for t in bars if t.get("orientation") == "h"]
    return sum(len(labels) for labels in lying if isinstance(labels, list)) > MANY_BARS


def draw_figure(study: Result) -> Any:
    """Make a study's figure fit the page.

    Its background is transparent, for either theme, and a finger can scroll over it; its title
    stands above it, where it can wrap.

    Returns:
        A plotly.graph_objects.Figure, or an invisible gr.Plot if the study's figure is none.
    """
    import plotly.graph_objects as go  # here: it takes a second, and the tab may never be opened

    try:
        figure = go.Figure(study.data["figure"])
    except (ValueError, TypeError) as error:
        LOGGER.warning("The figure of %s is damaged: %s", study.path, str(error).split("\n")[0])
        return gr.Plot(visible=False)
    figure.update_layout(
        title=None,
        height=TALL if is_tall(study.data["figure"]) else HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": "#76808f", "size": 13},  # legible on both grounds, without the style sheet
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None},
        dragmode=False,
    )
    figure.update_xaxes(automargin=True, fixedrange=True)
    figure.update_yaxes(automargin=True, fixedrange=True)
    return figure


def build_results(tab: gr.Tab, folder: Path) -> None:
    """Fill the tab that is being built; figures are drawn when a visitor first opens it."""
    studies, others = read_results(folder)
    with gr.Column(elem_id="results"):
        gr.HTML(_intro(bool(studies)), apply_default_css=False)
        if text := claims_text([*others, *studies]):
            gr.Markdown(text, elem_classes="evaluation")
        plots = [_build_study(study) for study in studies]
        for result in others:
            if text := evaluation_text(result):
                gr.Markdown(text, elem_classes="evaluation")
        if others:
            gr.HTML(_listing(others), apply_default_css=False)
    if plots:
        drawn = gr.State(False)
        tab.select(
            lambda seen: gr.skip() if seen else [True, *map(draw_figure, studies)],
            drawn,
            [drawn, *plots],
            show_progress="hidden",
            concurrency_limit=None,
            api_visibility="private",
        )


def _build_study(study: Result) -> gr.Plot:
    """Lay out one study and return the component of its figure."""
    with gr.Column(elem_classes="study"):
        gr.HTML(_study_head(study), apply_default_css=False)
        plot = gr.Plot(
            label=study.title,
            show_label=False,
            container=False,
            elem_classes=["figure", "tall"] if is_tall(study.data["figure"]) else "figure",
        )
        gr.HTML(
            _study_foot(study),
            js_on_load=mount_script("tabs/results/command.js"),
            apply_default_css=False,
        )
    return plot


def _intro(found: bool) -> str:
    """The introduction of the tab, or how to make results to show."""
    text = strings.RESULTS_INTRO if found else strings.NO_STUDIES
    command = f"<code>{escape(strings.FIRST_STUDY)}</code>"
    return f'<p class="intro">{escape(text).format(command=command)}</p>'


def _study_head(study: Result) -> str:
    layout = study.data["figure"].get("layout")
    title = layout.get("title") if isinstance(layout, dict) else None
    caption = title.get("text") if isinstance(title, dict) else title
    return (
        f"<h2>{escape(study.title)}</h2>"
        f'<p class="finding">{escape(study.data["finding"])}</p>'
        f'<p class="caption">{escape(str(caption or ""))}</p>'
    )


def _study_foot(study: Result) -> str:
    facts = strings.MADE_BY.format(seed=study.data["seed"], device=study.data["device"])
    return (
        f'<div class="command"><code>{escape(study.data["command"])}</code>'
        f'<button type="button" data-done="{strings.COPIED}">{strings.COPY}</button></div>'
        f'<p class="facts"><span>{escape(facts)}</span>{_download(study.path)}</p>'
    )


def _download(path: Path) -> str:
    address = quote(str(path.resolve()))
    name = escape(path.name)
    return f'<a href="gradio_api/file={address}" download="{name}">{name}</a>'


def _told(result: Result) -> str:
    """The finding of a measurement, in a sentence, where it has one."""
    finding = result.data.get("finding")
    return f'<p class="told">{escape(finding)}</p>' if isinstance(finding, str) else ""


def _listing(results: Sequence[Result]) -> str:
    """Measurements as a table: name, command, device, file."""
    head = "".join(f"<th scope='col'>{title}</th>" for title in strings.LISTING_HEAD)
    rows = "".join(
        f"<tr><th scope='row'>{escape(result.title)}{_told(result)}</th>"
        f"<td><code>{escape(result.data['command'])}</code></td>"
        f"<td>{escape(str(result.data.get('device', strings.NO_DEVICE)))}</td>"
        f"<td>{_download(result.path)}</td></tr>"
        for result in results
    )
    return (
        f"<h2>{strings.LISTING}</h2><table class='listing'>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )
