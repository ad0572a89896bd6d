// The twin viewer: which frame, which sample and which mode are on show.
//
// `props.value` is what demo/widgets/viewer/viewer.py packs. Nothing here calls the server:
// grids arrive as bits, meshes are built here, and the steps are scrubbed here.

import { unpack } from "../../web/grids.js";
import { differenceMesh, differenceScale } from "./difference.js";
import { differenceLegend, factsOf } from "./facts.js";
import { NOISE_SCALE, makePanes, scale } from "./panes.js";
import { makeShare } from "./share.js";
import { makeStrips, sampleName } from "./samples.js";
import { smoothMesh } from "./smooth.js";
import { voxelMesh } from "./voxels.js";

const REST = 200; // milliseconds on a guess, after which it is asked for
const MOST_MARKS = 65;

export function mount({ element, props, trigger, watch }) {
  const $ = (selector) => element.querySelector(selector);
  const TEXT = props.text;
  const { panes, paint, grab, turn } = makePanes({ element, props });
  const strips = makeStrips({ element, props }, panes, choose);
  const slider = $(".steps"), play = $(".play"), loop = $(".loop");
  let value = {}, index = 0, following = true, timer = null, chosen = 0, mode = "voxels";

  // Frames are steps (the first is the noise), or, where `value.labels` names each, places on a path.
  // Frames of a path may arrive in any order: `null` stands for missing ones.
  const length = () => value.num_frames || 0;
  const last = () => (value.labels?.length ?? (value.num_steps ?? length() - 1) + 1) - 1;
  const there = (at) => panes.every((pane) => {
    const frames = value.frames?.[pane.id];
    return frames === undefined || frames[at];
  });
  function nearest(at) { // the available frame nearest to the requested one
    for (let d = 0; d < length(); d++)
      for (const near of [at - d, at + d]) if (near >= 0 && near < length() && there(near)) return near;
    return 0;
  }
  // Of all samples but the first only the result is kept.
  const bitsOf = (pane) => chosen ? value.samples?.[pane.id]?.[chosen]
    : value.frames?.[pane.id]?.[nearest(index)];

  const share = makeShare({ element, props }, {
    panes, grab, turn, length, pause, show: draw, index: () => index, run: () => value.run,
    // The note tells the seed of the first sample; another one's label tells its own.
    lines: () => [$(".step").textContent, chosen ? "" : $(".note").textContent],
  });

  // Draws once per browser frame: of several requests before it, the last one counts.
  let wanted = null;
  function show(at) {
    if (wanted === null) requestAnimationFrame(() => { const now = wanted; wanted = null; draw(now); });
    wanted = at;
  }

  function draw(at) {
    if (!length()) return;
    index = Math.max(0, Math.min(at, length() - 1));
    const R = value.resolution, noise = index === 0 && !value.labels && !chosen, grids = {};
    const truth = value.truth ? unpack(value.truth, R) : null;
    for (const pane of panes) if (bitsOf(pane)) grids[pane.id] = unpack(bitsOf(pane), R);
    const over = mode === "difference" && !noise && panes.every((pane) => grids[pane.id]);
    if (over) drawDifference(grids, R);
    else for (const pane of panes) drawShape(pane, grids[pane.id], R, noise);
    for (const pane of panes) {
      const strip = strips.of(pane);
      pane.facts.innerHTML = noise ? ""
        : over ? (pane === panes[0] ? differenceLegend(panes, grids, TEXT) : "")
        : factsOf(pane, { panes, grids, value, truth, strip, text: TEXT });
    }
    $(".viewer").classList.toggle("over", over);
    label(noise);
    share.update(panes.some((pane) => grids[pane.id]), value.state === "done" && !chosen ? length() : 0);
    ask();
    element.dispatchEvent(
      new CustomEvent("viewer:show", { bubbles: true, detail: { index, run: value.run } }));
  }

  function drawShape(pane, grid, R, noise) {
    const smooth = mode === "smooth" && !noise; // single cells have no surface worth smoothing
    paint(pane, grid ? [bitsOf(pane), smooth, noise].join() : "",
          () => (smooth ? smoothMesh : voxelMesh)(grid, R), noise ? NOISE_SCALE : scale(pane));
  }

  function drawDifference(grids, R) { // on the left both overlaid, on the right only the difference
    const [a, b] = panes, colors = differenceScale(a.shades, b.shades);
    panes.forEach((pane, at) => paint(pane, [bitsOf(a), bitsOf(b), at].join(),
      () => differenceMesh(grids[a.id], grids[b.id], R, at === 1), colors));
  }

  function label(noise) {
    slider.max = Math.max(0, last());
    slider.value = chosen ? slider.max : index;
    slider.disabled = play.disabled = !length() || chosen > 0;
    slider.style.setProperty("--done", `${100 * slider.value / Math.max(1, slider.max)}%`);
    let text = chosen ? sampleName(value, chosen, TEXT) : value.labels ? value.labels[index]
      : noise ? TEXT.noise
      : TEXT.step.replace("{step}", index).replace("{steps}", value.num_steps);
    $(".viewer").classList.toggle("guess", isGuess());
    if (isGuess()) text = TEXT.guessed.replace("{step}", text);
    $(".step").textContent = text;
    slider.setAttribute("aria-valuetext", text);
  }

  // Frames of a path may be guesses, which diffusion replaces one by one; the slider shows how far.
  const isGuess = () => Boolean(value.guessed?.[index]);
  function mark() {
    const marks = $(".marks"), guessed = value.guessed?.length > 1 ? value.guessed : [];
    marks.hidden = !guessed.includes(true) || guessed.length > MOST_MARKS;
    if (marks.hidden) return;
    if (marks.childElementCount !== guessed.length)
      marks.replaceChildren(...guessed.map((_, at) => {
        const dot = document.createElement("i");
        dot.style.left = `${100 * at / Math.max(1, guessed.length - 1)}%`;
        return dot;
      }));
    guessed.forEach((guess, at) => marks.children[at].classList.toggle("hollow", guess));
  }

  // A guess that the visitor rests on is refined next.
  let resting = null, asked = null;
  function ask() {
    clearTimeout(resting);
    if (value.state !== "running" || !isGuess() || asked === index) return;
    resting = setTimeout(() => {
      if (value.state !== "running" || !isGuess()) return;
      asked = index;
      trigger("select", { index, value: index });
    }, REST);
  }

  function clear() {
    for (const pane of panes) {
      paint(pane, "");
      pane.facts.innerHTML = "";
    }
    $(".step").textContent = "";
    $(".viewer").classList.remove("over", "guess");
    share.update(false, 0);
    slider.value = 0;
    slider.disabled = play.disabled = true;
    slider.style.setProperty("--done", "0%");
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶";
    play.setAttribute("aria-label", TEXT.play);
  }
  play.addEventListener("click", () => {
    if (timer) return pause();
    let next = index >= length() - 1 ? 0 : index, way = 1;
    const atEnd = () => next + way < 0 || next + way >= length();
    following = false;
    play.textContent = "❚❚";
    play.setAttribute("aria-label", TEXT.pause);
    show(next);
    timer = setInterval(() => {
      if (atEnd() && loop.getAttribute("aria-pressed") === "true") way = -way; // back and forth
      if (atEnd()) pause(); else show(next += way);
    }, 1600 / length() + 60);
  });
  loop.addEventListener("click", () =>
    loop.setAttribute("aria-pressed", String(loop.getAttribute("aria-pressed") !== "true")));
  slider.addEventListener("input", () => {
    pause();
    const at = Math.min(Number(slider.value), length() - 1);
    following = at === length() - 1;
    show(at);
  });
  element.addEventListener("viewer:goto", (event) => { pause(); following = false;
                                                        show(event.detail.index); });
  element.addEventListener("viewer:stop", () => { // a stopped run sends no more updates
    const root = $(".viewer");
    if (root.dataset.state !== "running") return;
    root.dataset.state = "stopped";
    $(".left").textContent = "";
    $(".note").textContent = TEXT.stopped;
  });

  function choose(sample) {
    pause();
    chosen = sample;
    strips.show(value, chosen);
    show(chosen ? index : length() - 1);
  }

  for (const input of element.querySelectorAll(".modes input"))
    input.addEventListener("change", () => {
      mode = input.value;
      show(index);
    });

  // Another element may show something of its own; of the server's run that made way for it, no
  // more is shown.
  let overtaken = null, taken = false;
  element.addEventListener("viewer:take", ({ detail }) => {
    if (!taken) overtaken = value.run ?? null;
    taken = true;
    take(detail.value, detail.index);
  });
  function receive() {
    const next = props.value || {};
    if (next.run !== undefined && next.run === overtaken) return;
    taken = false;
    take(next);
  }

  function take(next, at = null) {
    const previous = value;
    value = next;
    // What the hand asked for last, even if it is not drawn yet: an update moves nothing back.
    let place = wanted ?? index;
    if (value.run !== previous.run) {
      pause();
      following = !value.labels;
      chosen = 0;
      // A walk that is all there from its first moment, as guesses, stays where the last one was.
      const stays = value.guessed?.includes(true) && previous.labels?.length === value.labels.length;
      if (value.labels && !stays) place = 0;
      asked = stays ? place : null; // the server begins there
    }
    loop.hidden = !(value.labels?.length > 1); // steps play once, a path back and forth
    // An update sent just before the visitor stopped the run must not restart it.
    const root = $(".viewer"), late = root.dataset.state === "stopped" && value.state === "running"
      && value.run === previous.run;
    if (!late) {
      root.dataset.state = value.state || "empty";
      $(".note").textContent = value.note || "";
      if (value.state !== previous.state || value.run !== previous.run)
        $(".aloud").textContent = value.note || ""; // for screen readers: start and end, not each step
      $(".left").textContent = value.left || "";
    }
    for (const pane of panes) {
      const missing = value.missing?.[pane.id];
      pane.root.classList.toggle("missing", Boolean(missing));
      pane.root.querySelector(".empty").textContent = missing ?? TEXT.empty;
    }
    strips.show(value, chosen);
    mark();
    if (length()) show(at ?? (following ? length() - 1 : place)); else clear();
  }
  watch("value", receive);
  receive();
}
