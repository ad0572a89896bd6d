"""The Results tab: what is read, in which order, that its numbers are the files', how it looks."""

from __future__ import annotations

import json
import logging
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import plotly.graph_objects as go
import pytest
import torch

from demo import strings
from demo.page import build_page, launch
from demo.service.examples import read_examples
from demo.tabs.results.files import Result, read_results
from demo.tabs.results.layout import HEIGHT, TALL, draw_figure
from tests.demo.results_fakes import evaluation
from training.measure.statistics import Interval
from training.studies.report import bars, curves, save_study

FINDING = "CISP finds 61 % [58, 64] of the <shapes>."
CATEGORIES = ["airplane", "bench", "cabinet", "car", "chair", "lamp", "rifle", "sofa", "table"]


@dataclass(frozen=True)
class Options:
    out: Path
    seed: int = 7


def write_study(folder: Path, name: str, figure: dict | None = None) -> Path:
    """A study as the studies write it."""
    share = Interval(0.61, 0.58, 0.64)
    figure = figure or bars(
        {"CLIP": {"R@1": share, "R@10": share}, "CISP": {"R@1": share, "R@10": share}},
        title=f"Figure of {name}",
        y="share of queries",
    )
    options = Options(folder / f"{name}.json")
    save_study(
        f"training.studies.{name}",
        options,
        torch.device("cpu"),
        finding=FINDING,
        figure=figure,
        results={"share": share},
    )
    return options.out


def lying_bars() -> dict:
    share = Interval(0.5, 0.4, 0.7)
    series = {f"{space} shapes": dict.fromkeys(CATEGORIES, share) for space in ("CLIP", "CISP")}
    return bars(
        {**series, "other": series["CLIP shapes"]}, title="By category", y="share", horizontal=True
    )


def lines() -> dict:
    values = [Interval(0.9, 0.8, 1.0), Interval(0.5, 0.4, 0.6)]
    return curves({"CISP": ([0, 1], values)}, title="Hidden", x="hidden share", y="R@1")


def test_known_names_come_first_in_the_order_of_the_table_then_the_rest_by_name(tmp_path):
    for name in ("zebra", "scaling", "apple", "linear_x", "retrieval"):
        write_study(tmp_path, name)
    for name in ("benchmark", "aaa", "procedural"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"command": name}))
    studies, others = read_results(tmp_path)
    assert [s.name for s in studies] == ["retrieval", "scaling", "apple", "linear-x", "zebra"]
    assert [r.name for r in others] == ["procedural", "benchmark", "aaa"]
    assert studies[0].title == strings.STUDIES["retrieval"]
    assert studies[3].title == "Linear x"


def damage(folder: Path) -> list[str]:
    """Files that are no results, each in its own way."""
    study = json.loads(write_study(folder, "study").read_text())
    broken = {
        "cut.json": json.dumps(study)[:-20],
        "bytes.json": None,
        "empty.json": "",
        "list.json": json.dumps([study]),
        "foreign.json": json.dumps({"name": "a package"}),
        "deep.json": "[" * 100_000,
        "no-finding.json": json.dumps({k: v for k, v in study.items() if k != "finding"}),
        "figure-is-text.json": json.dumps({**study, "figure": "a picture"}),
        "seed-is-text.json": json.dumps({**study, "seed": "7"}),
    }
    for name, text in broken.items():
        (folder / name).write_bytes(b"\xff\xfe\x00" if text is None else text.encode())
    (folder / "folder.json").mkdir()
    return [*broken, "folder.json"]


def test_damaged_and_foreign_files_are_left_out_with_a_line_each(tmp_path, caplog):
    names = damage(tmp_path)
    with caplog.at_level(logging.WARNING):
        studies, others = read_results(tmp_path)
    assert [s.name for s in studies] == ["study"]
    assert others == []
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == len(names)
    assert all(any(f"/{name} " in line for line in lines) for name in names)


def test_an_absent_folder_is_an_empty_one(tmp_path):
    assert read_results(tmp_path / "none") == ([], [])


@pytest.mark.parametrize(
    ("figure", "height"), [(None, HEIGHT), (lying_bars(), TALL), (lines(), HEIGHT)]
)
def test_a_figure_keeps_its_numbers_and_takes_the_look_of_the_page(tmp_path, figure, height):
    path = write_study(tmp_path, "study", figure)
    study = Result(path, json.loads(path.read_text()))
    drawn = draw_figure(study)
    assert isinstance(drawn, go.Figure)
    plain = json.loads(drawn.to_json())
    for shown, given in zip(plain["data"], study.data["figure"]["data"], strict=True):
        assert {key: shown[key] for key in given} == given
    assert drawn.layout.height == height
    assert drawn.layout.paper_bgcolor == drawn.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert drawn.layout.title.text is None


def test_a_figure_that_plotly_refuses_is_hidden_with_a_line_in_the_log(tmp_path, caplog):
    path = write_study(tmp_path, "odd", {"data": [{"type": "no such chart"}], "layout": {}})
    hidden = draw_figure(Result(path, json.loads(path.read_text())))
    assert isinstance(hidden, gr.Plot)
    assert hidden.visible is False
    assert "odd.json is damaged" in caplog.text


def labels(page: gr.Blocks) -> str:
    return json.dumps(page.get_config_file(), ensure_ascii=False, default=str)


def test_an_empty_folder_says_how_to_fill_it_and_figures_are_not_in_the_page(
    fake_service, tmp_path
):
    assert strings.FIRST_STUDY in labels(build_page(fake_service, [], tmp_path))
    write_study(tmp_path, "retrieval")
    shown = labels(build_page(fake_service, [], tmp_path))
    assert strings.FIRST_STUDY not in shown
    assert "&lt;shapes&gt;" in shown
    assert "error_y" not in shown  # figures are sent when the tab is opened


@pytest.fixture(scope="module")
def results_url(fake_service, assets, tmp_path_factory):
    """A page with three studies, an evaluation and a damaged file."""
    root = tmp_path_factory.mktemp("root") / "assets"
    shutil.copytree(assets, root)
    folder = root / "results"
    folder.mkdir()
    write_study(folder, "retrieval")
    write_study(folder, "categories", lying_bars())
    write_study(folder, "occlusion", lines())
    (folder / "cut.json").write_text('{"command": ')
    (folder / "procedural.json").write_text(json.dumps(evaluation()))
    page = build_page(fake_service, read_examples(root / "examples"), folder)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    yield launch(page, root, host="127.0.0.1", port=port)
    page.close()


FIGURES = "document.querySelectorAll('#results .figure .main-svg .trace').length"


def open_results(tab) -> None:
    menu = tab.locator(".overflow-menu > button").first
    if menu.is_visible():  # on a phone, which has no room for every tab
        menu.click()
        tab.locator(".overflow-dropdown").get_by_text(strings.TAB_RESULTS, exact=True).click()
    else:
        tab.get_by_role("tab", name=strings.TAB_RESULTS, exact=True).click()
    tab.wait_for_function(f"{FIGURES} >= 6")  # two, three and one series


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_the_tab_shows_findings_and_figures(tab, results_url, width, scheme):
    tab.set_viewport_size({"width": width, "height": 900})
    tab.emulate_media(color_scheme=scheme)
    tab.goto(results_url)
    tab.wait_for_function("document.querySelectorAll('#twin .plot canvas').length >= 2")
    open_results(tab)

    assert tab.locator("#results .finding").first.inner_text() == FINDING
    plot = tab.locator("#results .figure .main-svg").first
    plot.scroll_into_view_if_needed()
    assert plot.is_visible()
    assert 0.7 * width < plot.bounding_box()["width"] <= width
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    # Figures take exactly the height that the page reserved: nothing jumps.
    sizes = tab.evaluate(
        """[...document.querySelectorAll('#results .figure')].map(figure =>
        [figure.offsetHeight, figure.querySelector('.main-svg').clientHeight])"""
    )
    # In the order of the titles: bars, lying bars, lines.
    assert sizes == [[HEIGHT, HEIGHT], [TALL, TALL], [HEIGHT, HEIGHT]]
    with tab.expect_download() as download:
        tab.get_by_text("retrieval.json", exact=True).first.click()
    assert json.loads(download.value.path().read_text())["finding"] == FINDING
