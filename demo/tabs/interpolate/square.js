// The square between four corners: a point to drag or to move by the arrow keys; both shapes follow.
//
// For each place the server guesses both shapes, one question at a time, the newest place next. The
// trace of all places is what the viewer shows, as a path that grows: it can be scrubbed and played
// without a question. Resting on a place sends `input`, and diffusion refines it; the place lies in
// the element's data, where the events read it.
//
// A value is a message: `key`, `corners` and `trace` open a square; `refined` replaces a guess.

import { pictureOf } from "./picture.js";

const SIDE = 1000, STEP = 25, LEAP = 4; // of the square; of an arrow key, and with Shift
const REST = 500, AGAIN = 600; // milliseconds: until a place is refined, and a busy server asked again
const LONGEST = 600; // places kept of a trace
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function mount({ element, props, server, trigger, watch }) {
  const $ = (selector) => element.querySelector(selector);
  const root = element.closest(props.around), square = $(".square"), area = $(".area");
  let key = null, place = [SIDE / 2, SIDE / 2], trace = [], run = "", resolution = 0;
  let wanted = null, asking = false, resting = null, held = false, outline = [];

  const labelOf = ([across, down]) => props.text.place
    .replace("{right}", Math.round(100 * across / SIDE)).replace("{down}", Math.round(100 * down / SIDE));
  const same = (a, b) => a[0] === b[0] && a[1] === b[1];

  function draw() {
    const [x, y] = place.map((one) => `${100 * one / SIDE}%`);
    Object.assign($(".point").style, { left: x, top: y });
    const places = trace.length ? trace.map((step) => step.place) : outline;
    $("polyline").setAttribute("points", places.map((one) => one.join()).join(" "));
    area.setAttribute("aria-valuenow", place[0]);
    area.setAttribute("aria-valuetext", labelOf(place));
    square.dataset.asked = JSON.stringify({ key, place });
    square.dataset.trace = JSON.stringify(places);
  }

  function say(text) { $(".told").textContent = text; }

  // ---- what the viewer shows -----------------------------------------------------------------

  function show(index) {
    const frames = Object.fromEntries(Object.keys(trace[0].bits)
      .map((space) => [space, trace.map((step) => step.bits[space])]));
    root.querySelector(".viewer").dispatchEvent(new CustomEvent("viewer:take", { bubbles: true,
      detail: { index, value: {
        run, resolution, frames, num_frames: trace.length, state: "done", note: props.text.note,
        labels: trace.map((step) => labelOf(step.place)),
        guessed: trace.map((step) => !step.refined) } } }));
  }

  function add(at, bits) {
    trace.push({ place: at, bits, refined: false });
    if (trace.length > LONGEST) trace.shift();
    draw();
    show(trace.length - 1);
  }

  // ---- roaming -------------------------------------------------------------------------------

  function go(to) {
    place = to.map((one) => Math.round(Math.max(0, Math.min(SIDE, one))));
    wanted = place;
    draw();
    ask();
    clearTimeout(resting);
    resting = setTimeout(rest, REST);
  }

  async function ask() {
    if (asking || !wanted || !key) return;
    asking = true;
    while (wanted) {
      const [at, of] = [wanted, key];
      wanted = null;
      let answer;
      try { answer = await server.roam({ key, place: at }); } catch { answer = { error: props.text.lost }; }
      if (of !== key) continue; // other corners by now
      say(answer.error ?? answer.busy ?? "");
      if (answer.busy) {
        wanted ??= at;
        await new Promise((done) => setTimeout(done, AGAIN));
      } else if (answer.bits) {
        resolution = answer.resolution;
        add(at, answer.bits);
      }
    }
    asking = false;
  }

  function rest() {
    if (asking) { resting = setTimeout(rest, REST); return; }
    const last = trace.at(-1);
    if (!last || !same(last.place, place) || last.refined) return;
    say(props.text.refining);
    trigger("input");
  }

  function refine({ place: at, bits }) {
    const index = trace.findLastIndex((step) => same(step.place, at));
    if (index < 0) return;
    Object.assign(trace[index], { bits, refined: true });
    say("");
    show(null);
  }

  // ---- the hand ------------------------------------------------------------------------------

  function under(event) {
    const box = area.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      .map((share) => SIDE * share);
  }
  area.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    area.focus({ preventScroll: true });
    area.setPointerCapture(event.pointerId);
    held = true;
    go(under(event));
  });
  area.addEventListener("pointermove", (event) => { if (held) go(under(event)); });
  for (const end of ["pointerup", "pointercancel"])
    area.addEventListener(end, () => { held = false; });
  area.addEventListener("keydown", (event) => {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    go(place.map((one, axis) => one + way[axis] * STEP * (event.shiftKey ? LEAP : 1)));
  });
  $(".forget").addEventListener("click", begin);

  // The viewer is scrubbed or plays: the point goes along.
  root.addEventListener("viewer:show", ({ detail }) => {
    const step = detail.run === run ? trace[detail.index] : null;
    if (!step || asking || held) return;
    place = step.place;
    draw();
  });

  // ---- messages ------------------------------------------------------------------------------

  function begin() { // a new trace, at the place where the point is
    run = `square-${Date.now()}`;
    trace = [];
    if (key) go(place);
  }

  function receive() {
    const value = props.value ?? {};
    if (value.refined) { if (value.key === key) refine(value.refined); return; }
    square.hidden = !value.kind;
    $(".hint").hidden = Boolean(value.key);
    area.classList.toggle("closed", !value.key);
    if (value.key && value.key !== key) {
      key = value.key;
      value.corners.forEach((corner, index) =>
        element.querySelectorAll(".corner")[index].replaceChildren(pictureOf(corner)));
      outline = value.trace ?? [];
      element.scrollIntoView({ block: "nearest" });
      if (outline.length) { trace = []; draw(); } else begin(); // the walk of a link is on show
    }
    if (!value.key) { key = null; trace = outline = []; draw(); }
  }
  watch("value", receive);
  receive();
}
