// The strips of samples under the panes: a click or an arrow key chooses one in all columns.

import { spread, unpack } from "../../web/grids.js";
import { modelOf, turntable } from "../../web/thumbnails.js";

const WAYS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export const sampleName = (value, at, text) => text.sample.replace("{sample}", at + 1)
  .replace("{samples}", value.num_samples).replace("{seed}", (value.seed ?? 0) + at);

function choiceButton(at, label, choose) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("role", "radio");
  button.setAttribute("aria-label", label);
  button.title = label;
  button.innerHTML = '<canvas width="96" height="96" aria-hidden="true"></canvas>';
  button.addEventListener("click", () => choose(at));
  return button;
}

// The strips of those panes that have one, and how to show samples; `choose(at)` requests one.
export function makeStrips({ element, props }, panes, choose) {
  const table = turntable(element);
  const strips = panes.map((pane) => ({ pane, root: pane.root.querySelector(".samples"), bits: [],
                                        spread: null }))
    .filter(({ root }) => root);

  // Show the finished ones of `value.num_samples` samples.
  function show(value, chosen) {
    const count = value.num_samples ?? 0;
    for (const strip of strips) {
      const { pane, root } = strip, samples = value.samples?.[pane.id] ?? [];
      if (root.childElementCount !== count) {
        root.querySelectorAll("canvas").forEach((canvas) => table.remove(canvas));
        strip.bits = [];
        root.replaceChildren(...Array.from({ length: count }, (_, at) =>
          choiceButton(at, sampleName(value, at, props.text), choose)));
      }
      let isNew = false;
      [...root.children].forEach((button, at) => {
        const bits = samples[at], canvas = button.firstChild;
        button.disabled = !bits;
        button.setAttribute("aria-checked", String(at === chosen));
        button.tabIndex = at === chosen ? 0 : -1; // a single Tab stop; arrows move within
        button.title = sampleName(value, at, props.text);
        button.setAttribute("aria-label", button.title);
        if (strip.bits[at] === bits) return;
        strip.bits[at] = bits;
        isNew = true;
        if (bits) table.show(canvas, modelOf(bits, value.resolution), pane.shades);
        else {
          table.remove(canvas);
          canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
        }
      });
      if (isNew) strip.spread = spread(samples.map((bits) => unpack(bits, value.resolution)));
    }
  }

  for (const { root } of strips)
    root.addEventListener("keydown", (event) => {
      const buttons = [...root.children].filter((button) => !button.disabled);
      const at = buttons.indexOf(document.activeElement);
      const to = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1
        : WAYS[event.key] ? (at + WAYS[event.key] + buttons.length) % buttons.length : -1;
      if (at < 0 || to < 0) return;
      event.preventDefault();
      buttons[to].focus();
      buttons[to].click();
    });

  return { of: (pane) => strips.find((strip) => strip.pane === pane), show };
}
