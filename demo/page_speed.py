"""Time how soon the page answers a new visitor, in a headless browser on this machine.

    python -m demo.page_speed --out assets/results/page-speed.json

Serves the page with the bundled weights and goes through it as a visitor would, `--visits` times,
each in a new browser. Every number is the median of the seconds from a visitor's action to its
visible result. Needs Chromium and playwright (requirements-dev.txt), no GPU: browser and
models share the processor, as they do on a laptop.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from demo.soak.hands import hands, square_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASSETS = Path(__file__).resolve().parent.parent / "assets"
FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
CHAIR = (  # strokes, in shares of the pad
    ((0.32, 0.15), (0.33, 0.5), (0.56, 0.58), (0.72, 0.47), (0.68, 0.12), (0.32, 0.15)),
    ((0.33, 0.5), (0.32, 0.82)),
    ((0.56, 0.58), (0.57, 0.9)),
    ((0.72, 0.47), (0.73, 0.78)),
)
DONE = "document.querySelector('{} .viewer').dataset.state === 'done'"
# Records in the page itself when a viewer entered each state, counted from the click: a state may
# end before it can be polled from outside. "made": the first frame that is no guess.
WATCH = """(viewer) => {
  const root = document.querySelector(viewer + " .viewer"), note = root.querySelector(".note");
  let clicked = 0;
  window.seen = {};
  window.watch?.disconnect();
  addEventListener("click", () => { clicked = performance.now(); }, { capture: true, once: true });
  window.watch = new MutationObserver(() => {
    const now = performance.now() - clicked;
    window.seen[root.dataset.state] ??= now;
    if (!note.textContent.startsWith("0 of")) window.seen.made ??= now;
  });
  window.watch.observe(root, { attributeFilter: ["data-state"] });
  window.watch.observe(note, { childList: true });
}"""
COUNT_NOTES = """() => {
  window.notes = 0;
  new MutationObserver(() => window.notes++)
    .observe(document.querySelector("#sketch-twin .note"), { childList: true });
}"""
GUESSED = "document.querySelector('#sketch-twin .viewer').classList.contains('guess')"
# Move the point of the square along a figure of eight, a step for each picture of the browser.
ROAM = """async seconds => {
  const area = document.querySelector("#walk-square .area"), box = area.getBoundingClientRect();
  const send = (kind, angle) => area.dispatchEvent(new PointerEvent(kind, {
    clientX: box.x + box.width * (0.5 + 0.45 * Math.sin(angle)), bubbles: true,
    clientY: box.y + box.height * (0.5 + 0.45 * Math.sin(2 * angle)), isPrimary: true }));
  const labels = new Set(), start = performance.now();
  document.querySelector("#walk").addEventListener("viewer:show",
    ({ detail }) => labels.add(detail.index));
  area.setPointerCapture = () => {}; // this pointer is no real one
  send("pointerdown", 0);
  for (let now = start; now - start < 1000 * seconds; now = performance.now()) {
    send("pointermove", (now - start) / 2000);
    await new Promise(requestAnimationFrame);
  }
  send("pointerup", 0);
  return labels.size / seconds;
}"""
KEY = "JSON.parse(document.querySelector('#walk-square .square').dataset.asked).key"
HANDS = 20  # visitors who roam at once
# What a new browser has loaded so far, compressed as it came, in kilobytes: all, and scripts.
LOADED = """() => {
  const all = [...performance.getEntriesByType("navigation"),
               ...performance.getEntriesByType("resource")];
  const sum = (some) => some.reduce((bytes, one) => bytes + one.transferSize, 0) / 1000;
  return [sum(all), sum(all.filter((one) => /\\.js($|\\?)/.test(one.name)))];
}"""
EYE = "document.querySelectorAll('#twin .plot')[{}].layout.scene.camera.eye.x"
FINDING = (
    "With browser and models on one machine, without a GPU, an example is answered in "
    "{s_click_an_example:.2f} s, a stroke in {s_preview_of_a_stroke:.2f} s, a turned shape in "
    "{s_turn_a_shape:.2f} s; a new comparison shows its first frame after {s_first_frame:.2f} s, a "
    "walk of 17 frames after {s_17_standard_frames_first:.2f} s and all after "
    "{s_17_standard_frames_all:.1f} s, of 33 preview frames after {s_33_preview_frames_all:.1f} s; "
    "walks are scrubbed at {rate:.0f} frames a second. The page loads {loaded:.1f} MB until its "
    "panes stand, after {s_viewers_stand:.1f} s."
)
GUESSING = (
    " All guesses of a walk are there after {s_17_standard_frames_guessed:.2f} s, those of a "
    "stroke after {s_guess_of_a_stroke:.2f} s, and a hand in the square is followed at "
    "{roaming:.0f} frames a second; of twenty at once the slowest gets {hands:.0f}."
)
SCRUB = """async seconds => {
  const slider = document.querySelector("#walk .steps"), places = Number(slider.max) + 1;
  const start = performance.now();
  let shown = 0;
  for (; performance.now() - start < 1000 * seconds; shown++) {
    slider.value = shown % places;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  return 1000 * shown / (performance.now() - start);
}"""


@dataclass(frozen=True)
class PageSpeedOptions:
    """Time how soon the page answers."""

    out: Path
    """The JSON file to write."""
    weights: Path = Path("assets/weights")
    """Folder with clip, cisp, diffusion-clip and diffusion-cisp."""
    chromium: Path = Path("/usr/bin/chromium")
    """The browser."""
    visits: int = 3
    """How often the whole way is gone."""
    beside: Path | None = None
    """A file that this command wrote with another version of the page, to print and keep beside."""


class Visit:
    """One new visitor's path through the page, timed."""

    def __init__(self, page: Page, url: str, *, guesses: bool = False):
        self.page, self.url, self.guesses = page, url, guesses
        self.seconds: dict[str, list[float]] = defaultdict(list)  # of every answer
        self.rates: dict[str, list[float]] = defaultdict(list)  # frames a second, kilobytes

    def time(self, act: Callable[[], Any], **answers: str) -> None:
        """Act, then wait for the named answers in turn: conditions in JavaScript."""
        started = time.perf_counter()
        act()
        for name, answer in answers.items():
            self.page.wait_for_function(answer)
            self.seconds[name].append(time.perf_counter() - started)

    def time_run(
        self, button: str, viewer: str, first: str, last: str, guessed: str | None = None
    ) -> None:
        """Click, and record when the viewer shows the first frame, and when the run is done.

        With a name for `guessed`, also when it shows the guesses, which come before the first.
        """
        self.page.evaluate(WATCH, viewer)
        self.page.click(button)
        self.page.wait_for_function("window.seen.done")
        seen = self.page.evaluate("window.seen")
        if guessed:
            self.seconds[guessed].append(seen["running"] / 1000)
        self.seconds[first].append(seen["made" if guessed else "running"] / 1000)
        self.seconds[last].append(seen["done"] / 1000)

    def open_tab(self, name: str) -> None:
        """Show a tab."""
        self.page.get_by_role("tab", name=name, exact=True).click()

    def compare(self) -> None:
        """Open the page, click an example, turn a shape (the other follows), compare again."""
        page, done = self.page, DONE.format("#twin")
        example = page.locator("button:has-text('Wing chair')").first
        self.time(
            lambda: page.goto(self.url, wait_until="commit"),
            open_the_page="document.querySelectorAll('#tabs [role=tab]').length > 5",
            viewers_stand="document.querySelectorAll('#twin .plot canvas').length >= 2",
        )
        loaded = page.evaluate(LOADED)
        for name, kilobytes in zip(("loaded", "scripts_loaded"), loaded, strict=True):
            self.rates[name].append(kilobytes)
        page.wait_for_selector(".status.ready")
        self.time(example.click, click_an_example=done)
        page.locator("#twin .plot").first.focus()
        turned = f"{EYE.format(1)} !== {page.evaluate(EYE.format(1))}"
        self.time(lambda: page.keyboard.press("ArrowLeft"), turn_a_shape=turned)
        self.time_run("#run", "#twin", "first_frame", "all_shapes")

    def interpolate(self) -> None:
        """Open a precomputed walk, scrub it, make new walks."""
        page, done = self.page, DONE.format("#walk")
        self.open_tab("Interpolate")
        self.time(page.locator("#walk-finished button").first.click, open_a_walk=done)
        page.focus("#walk .steps")
        moved = "document.querySelector('#walk .step').textContent !== 'A'"
        self.time(lambda: page.keyboard.press("ArrowRight"), scrub_by_a_key=moved)
        self.rates["scrubbing"].append(page.evaluate(SCRUB, 6))
        settings = page.locator("#walk-settings")
        for frames, quality in ((17, "standard"), (33, "preview")):
            settings.get_by_label(str(frames), exact=True).check()
            settings.get_by_label(quality, exact=True).check()
            name = f"{frames}_{quality}_frames"
            guessed = f"{name}_guessed" if self.guesses else None
            self.time_run("#walk-run", "#walk", f"{name}_first", f"{name}_all", guessed)
            page.wait_for_selector("#walk-download:enabled")  # it has packed this walk
        if self.guesses:
            self.roam()

    def roam(self) -> None:
        """Choose four corners, and move the point between them; then let twenty others move."""
        page = self.page
        page.click("text=Roam a square")
        for number in range(4):
            card = f"#walk-points button:nth-of-type({number + 1})"
            page.click(card)
            page.wait_for_selector(f"{card}[aria-pressed=true]")
            page.click(f"#walk-shelf button >> nth={number}")
        page.wait_for_selector("#walk-square .area:not(.closed)")
        followed = "document.querySelector('#walk .step').textContent.startsWith('50 % across')"
        page.wait_for_function(followed)
        self.rates["roaming"].append(page.evaluate(ROAM, 6))
        question = square_of(self.url) | {"data": {"key": page.evaluate(KEY)}}
        self.rates["hands"].append(hands(self.url, question, HANDS, 6)[0])

    def sketch(self) -> None:
        """Draw a chair; each stroke is timed from its end until the preview follows it."""
        page = self.page
        self.open_tab("Sketch")
        pad = page.locator("#sketch-pad canvas")
        pad.scroll_into_view_if_needed()
        page.evaluate(COUNT_NOTES)
        box = pad.bounding_box()
        for stroke in CHAIR:
            (x, y), *others = [
                (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke
            ]
            noted = page.evaluate("window.notes")
            page.mouse.move(x, y)
            page.mouse.down()
            for place in others:
                page.mouse.move(*place, steps=4)
            followed = f"window.notes > {noted} && {DONE.format('#sketch-twin')}"
            guess = {"guess_of_a_stroke": GUESSED} if self.guesses else {}
            self.time(page.mouse.up, **guess, preview_of_a_stroke=followed)

    def explore_and_read(self) -> None:
        """Open the maps, then the results."""
        atlas = "document.querySelector('#explore-atlas .atlas').dataset.state === 'ready'"
        self.time(lambda: self.open_tab("Explore"), open_explore=atlas)
        read = "document.querySelector('#results .finding')?.checkVisibility()"
        self.time(lambda: self.open_tab("Results"), open_results=read)


def main(options: PageSpeedOptions) -> None:
    """Serve, visit, save.

    Raises:
        ValueError: there are no weights, no browser, or no visit is wanted; one sentence.
    """
    if options.visits < 1:
        raise ValueError("--visits must be positive.")
    if options.beside is not None and not options.beside.is_file():
        raise ValueError(f"--beside: there is no file '{options.beside}'.")
    if not options.chromium.exists():
        raise ValueError(f"There is no browser at '{options.chromium}': name one by --chromium.")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported
    from playwright.sync_api import sync_playwright

    from demo.page import build_page, launch
    from demo.service.comparison import ComparisonService
    from demo.service.examples import read_examples

    service = ComparisonService(options.weights)
    service.load()
    if service.status.state != "ready":
        raise ValueError(service.status.message)
    page = build_page(service, read_examples(ASSETS / "examples"))
    url = launch(page, ASSETS, host="127.0.0.1", port=0)
    visits = []
    with sync_playwright() as playwright:
        for _ in range(options.visits):
            browser = playwright.chromium.launch(executable_path=options.chromium, args=FLAGS)
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            tab.set_default_timeout(60_000)
            visit = Visit(tab, url, guesses=service.guesses)
            visit.compare()
            visit.interpolate()
            visit.sketch()
            visit.explore_and_read()
            visits.append(visit)
            browser.close()
    page.close()
    save(options, visits)


def save(options: PageSpeedOptions, visits: Sequence[Visit]) -> None:
    """Print the medians and save them."""
    seconds = {
        name: median([value for visit in visits for value in visit.seconds[name]])
        for name in visits[0].seconds
    }
    other = {}
    if options.beside is not None:
        other = json.loads(options.beside.read_text(encoding="utf-8"))["median_seconds"]
    for name, value in seconds.items():
        beside = f"{other[name]:8.2f} s" if name in other else " " * 10 * bool(other)
        print(f"{value:8.2f} s{beside}  {name.replace('_', ' ')}")
    rates = {
        name: median([rate for visit in visits for rate in visit.rates[name]])
        for name in visits[0].rates
    }
    finding = FINDING + (GUESSING if "roaming" in rates else "")
    fields = {f"s_{name}": s for name, s in seconds.items()} | {
        n: rates.get(n) for n in ("roaming", "hands")
    }
    # Whoever repeats this need not have the other page.
    config = {name: str(value) for name, value in asdict(options).items() if name != "beside"}
    given = [word for name, value in config.items() for word in (f"--{name}", value)]
    report = {
        "finding": finding.format(rate=rates["scrubbing"], loaded=rates["loaded"] / 1000, **fields),
        "command": shlex.join(["python", "-m", "demo.page_speed", *given]),
        "config": config,
        "device": f"{os.cpu_count()} cores ({platform.machine()}), software rendering",
        "median_seconds": seconds,
        "frames_a_second_while_scrubbing": rates["scrubbing"],
        "frames_a_second_in_the_square": rates.get("roaming"),
        "answers_a_second_of_the_slowest_of_twenty_hands": rates.get("hands"),
        "kilobytes_until_the_viewers_stand": rates["loaded"],
        "of_them_scripts": rates["scripts_loaded"],
    }
    if other:
        report["median_seconds_of_the_other_page"] = other
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    import tyro

    try:
        main(tyro.cli(PageSpeedOptions))
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
