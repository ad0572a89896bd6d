"""The modules: what they import is there, all are used, and the server has nothing beside them."""

from __future__ import annotations

import posixpath
import re

import httpx
import pytest

from demo.web.modules import ADDRESS, MODULES, mount_script
from tests.demo.driving.compare import LAST_STEP, open_page, wait_for_state, wait_for_step

SOURCES = {name: source.decode() for name, source in MODULES.items()}
IMPORT = re.compile(r'import \{([^}]*)\}\s+from "([^"]+)";')
EXPORT = re.compile(r"^export (?:async )?(?:function|const) (\w+)", re.MULTILINE)
EXPORT_MORE = re.compile(r"^export const .*?, ([A-Z]+) =", re.MULTILINE)


def imports(name: str) -> dict[str, list[str]]:
    """The names that a module imports from each other one."""
    found = IMPORT.findall(SOURCES[name])
    assert len(found) == len(re.findall(r"^import\b", SOURCES[name], re.MULTILINE)), name
    folder = posixpath.dirname(name)
    return {
        posixpath.normpath(posixpath.join(folder, other)): re.findall(r"\w+", names)
        for names, other in found
    }


def test_what_is_imported_is_exported_and_used():
    for name, source in SOURCES.items():
        for other, taken in imports(name).items():
            given = EXPORT.findall(SOURCES[other]) + EXPORT_MORE.findall(SOURCES[other])
            for one in taken:
                assert one in given, f"{name} takes {one} of {other}"
                assert len(re.findall(rf"\b{one}\b", source)) > 1, f"{name} does not use {one}"


def test_no_module_is_left_over(fake_url):
    config = httpx.get(f"{fake_url}config").text
    waiting = [name for name in SOURCES if f"{ADDRESS}/{name}\\" in config]
    used = {*waiting, "tabs/results/command.js"}  # these examples come without a study
    while waiting:
        waiting = [other for name in waiting for other in imports(name) if other not in used]
        used.update(waiting)
    assert used | {"web/copy.js"} == set(SOURCES)


def test_a_module_that_is_not_there_is_no_script():
    with pytest.raises(FileNotFoundError):
        mount_script("widgets/none.js")


def test_the_server_has_them_and_nothing_beside_them(fake_url):
    for name, source in MODULES.items():
        answer = httpx.get(f"{fake_url}{ADDRESS}/{name}")
        assert answer.content == source
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
    for other in ("", "page.py", "web/modules.py", "../app.py", "%2e%2e/app.py", "web", "web/"):
        assert httpx.get(f"{fake_url}{ADDRESS}/{other}").status_code == 404, other
    assert httpx.get(f"{fake_url}modules/0123456789abcdef/web/grids.js").status_code == 404


@pytest.mark.browser
def test_the_page_fetches_each_once(tab, fake_url):
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    open_page(tab, fake_url)
    tab.wait_for_timeout(1000)
    asked = [url.split(f"{ADDRESS}/")[1] for url in asked if ADDRESS in url]
    assert sorted(asked) == sorted(MODULES)


@pytest.mark.browser
def test_what_comes_before_a_module_is_shown_when_it_does(tab, fake_url):
    late = ("widgets/viewer/viewer.js", "tabs/compare/neighbours.js", "widgets/recipe.js")
    held = []
    for name in late:
        tab.route(f"**/{ADDRESS}/{name}", lambda route: held.append(route))
    tab.goto(fake_url)
    tab.click("#examples button >> nth=1")
    tab.wait_for_selector("#inputs .cutout img")
    tab.click("#run")
    tab.wait_for_selector("#compare-downloads button:enabled")
    for route in held:
        route.continue_()
    wait_for_state(tab, "done")
    wait_for_step(tab, LAST_STEP)


@pytest.mark.browser
def test_viewers_stand_however_late_plotly_comes(tab, fake_url):
    held = []
    tab.route("**/plotly.min.js", lambda route: held.append(route))
    tab.goto(fake_url)
    tab.get_by_role("tab", name="Interpolate", exact=True).click()
    tab.wait_for_selector("#walk .plot", state="attached")
    tab.wait_for_timeout(500)
    for route in held:
        route.continue_()
    tab.wait_for_selector("#walk .plot canvas")
    tab.get_by_role("tab", name="Compare", exact=True).click()
    tab.click("#examples button >> nth=1")
    tab.wait_for_selector("#twin .plot canvas")
