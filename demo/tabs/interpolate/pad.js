// The pad of a grid walk: a cell for each frame, with a small picture of each column's shape, to drag
// over or to move on with the arrow keys.
//
// The viewer is another element of the same row: it reports its frame with `viewer:show`, and
// `viewer:goto` sets it.

import { AZIMUTH, modelOf, paintModel } from "../../web/thumbnails.js";

export function mount({ element, props, watch }) {
  const root = element.closest(props.around), table = element.querySelector("[role=grid]");
  let value = {}, cells = [], index = 0;

  function go(to) {
    root.querySelector(".viewer").dispatchEvent(
      new CustomEvent("viewer:goto", { bubbles: true, detail: { index: to } }));
  }

  function build() {
    cells = [];
    table.style.setProperty("--columns", value.columns);
    table.replaceChildren(...Array.from({ length: value.rows }, (_, row) => {
      const line = document.createElement("div");
      line.setAttribute("role", "row");
      for (let column = 0; column < value.columns; column++) {
        const cell = document.createElement("div"), at = row * value.columns + column;
        cell.setAttribute("role", "gridcell");
        if (value.ends.includes(at)) {
          const letter = document.createElement("b");
          letter.textContent = value.labels[at];
          cell.append(letter);
        }
        cells.push(cell);
        line.append(cell);
      }
      return line;
    }));
  }

  const isThere = (at) => Object.values(value.frames).every((frames) => frames[at]);

  function paintCell(cell, at) {
    const bits = props.spaces.map(({ id }) => value.frames[id]?.[at]).join();
    if (!isThere(at) || cell.dataset.bits === bits) return;
    cell.dataset.bits = bits;
    cell.querySelectorAll("canvas").forEach((canvas) => canvas.remove());
    for (const { id, shades } of props.spaces) {
      if (!value.frames[id]) continue;
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 112;
      paintModel(canvas, modelOf(value.frames[id][at], value.resolution), shades, AZIMUTH);
      cell.append(canvas);
    }
  }

  function mark() {
    cells.forEach((cell, at) => {
      const missing = !isThere(at);
      cell.tabIndex = at === index ? 0 : -1;
      cell.setAttribute("aria-selected", String(at === index));
      const guessed = Boolean(value.guessed[at]);
      cell.classList.toggle("missing", missing);
      cell.classList.toggle("guess", guessed);
      const state = missing ? props.text.missing : guessed ? props.text.guess : "";
      cell.setAttribute("aria-label", value.labels[at] + (state && `, ${state}`));
    });
  }

  const at = (event) => cells.indexOf(
    document.elementFromPoint(event.clientX, event.clientY)?.closest("[role=gridcell]"));
  table.addEventListener("pointerdown", (event) => {
    if (at(event) < 0) return;
    event.preventDefault();
    table.setPointerCapture(event.pointerId);
    cells[at(event)].focus({ preventScroll: true });
    go(at(event));
  });
  table.addEventListener("pointermove", (event) => {
    const to = event.buttons ? at(event) : -1;
    if (to >= 0 && to !== index) go(to);
  });
  table.addEventListener("keydown", (event) => {
    const row = Math.floor(index / value.columns), column = index % value.columns;
    const goal = { ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Home: [row, 0],
                   ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
                   End: [row, value.columns - 1] }[event.key];
    if (!goal) return;
    event.preventDefault();
    const [to, over] = [[goal[0], value.rows], [goal[1], value.columns]]
      .map(([place, count]) => Math.max(0, Math.min(count - 1, place)));
    go(to * value.columns + over);
  });
  root.addEventListener("viewer:show", (event) => {
    if (!cells.length) return;
    const focused = cells.includes(document.activeElement);
    index = Math.min(event.detail.index, cells.length - 1);
    mark();
    if (focused) cells[index].focus({ preventScroll: true });
  });

  function receive() {
    const previous = value;
    value = props.value ?? {};
    const isGrid = Boolean(value.rows);
    element.querySelector(".pad").hidden = !isGrid;
    if (!isGrid) { cells = []; return; }
    if (value.run !== previous.run) { index = 0; build(); }
    element.querySelector(".title").textContent = props.text.title.replace("{frames}", cells.length);
    cells.forEach(paintCell);
    mark();
  }
  watch("value", receive);
  receive();
}
