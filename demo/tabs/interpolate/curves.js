// The curves of a path, a line for each column, and a marker that follows the viewer.
//
// The viewer is another element of the same row: it reports its frame with `viewer:show`, and
// `viewer:goto` sets it.

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [320, 150, 30, 8, 8, 20];
const colour = ({ id, shade }) => `var(--${id}, ${shade})`;

function svg(tag, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, one] of Object.entries(attributes)) made.setAttribute(name, one);
  made.textContent = text;
  return made;
}

// What a chart draws of a column: lines of {values, offset}, the second one dashed.
const CHARTS = {
  steps: (curves) => [{ values: curves.steps, offset: 0.5 }],
  iou: (curves) => curves.iou.map((values) => ({ values, offset: 0 })),
  cosine: (curves) => curves.cosine.map((values) => ({ values, offset: 0 })),
};
const known = (values) => values.filter((one) => one !== null);

export function mount({ element, props, watch }) {
  const root = element.closest(props.around);
  let value = {}, index = 0;

  const places = () => (value.labels?.length ?? 2) - 1;
  const xOf = (at) => LEFT + (WIDTH - LEFT - RIGHT) * at / places();

  // The axis ends at 1 and begins at a multiple of 0.2 below every value.
  function lowest(name) {
    const lines = Object.values(value.curves ?? {}).flatMap(CHARTS[name]);
    const all = lines.flatMap((line) => known(line.values));
    return name === "steps" && all.length ? Math.min(0.8, Math.floor(Math.min(...all) * 5) / 5)
      : Math.min(0, ...all.map((one) => Math.floor(one * 5) / 5));
  }

  function drawChart(figure) {
    const name = figure.dataset.chart, plot = figure.querySelector("svg"), low = lowest(name);
    const yOf = (one) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (one - low) / (1 - low));
    plot.replaceChildren();
    for (const tick of [low, (low + 1) / 2, 1]) {
      const y = yOf(tick);
      plot.append(svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, class: "grid" }));
      plot.append(svg("text", { x: LEFT - 6, y: y + 3.5, "text-anchor": "end" }, tick.toFixed(1)));
    }
    for (const [at, anchor] of [[0, "start"], [places(), "end"]])
      plot.append(svg("text", { x: xOf(at), y: HEIGHT - 5, "text-anchor": anchor },
                      value.labels ? value.labels[at] : at ? "B" : "A"));
    for (const space of props.spaces)
      CHARTS[name](value.curves?.[space.id] ?? { steps: [], iou: [], cosine: [] })
        .forEach(({ values, offset }, line) => {
          const points = values.map((one, at) => one === null ? null : [xOf(at + offset), yOf(one)])
            .filter((point) => point);
          plot.append(svg("polyline", {
            points: points.join(" "), class: line ? "curve dashed" : "curve",
            style: `stroke: ${colour(space)}` }));
          if (points.length < 24) for (const [cx, cy] of points)
            plot.append(svg("circle", { cx, cy, r: 2, style: `fill: ${colour(space)}` }));
        });
  }

  // The numbers at the marker. A step lies between two frames: shown is the one that begins here.
  function mark() {
    for (const figure of element.querySelectorAll("figure")) {
      const name = figure.dataset.chart;
      // Not a line of the drawing, which would have to be redrawn for each frame.
      figure.querySelector(".marker").style.left = `${100 * xOf(index) / WIDTH}%`;
      figure.querySelector(".readout").replaceChildren(...props.spaces.map((space) => {
        const made = document.createElement("span");
        const numbers = value.curves?.[space.id] ? CHARTS[name](value.curves[space.id])
          .map(({ values }) => values[Math.min(index, values.length - 1)]?.toFixed(2) ?? "–") : [];
        made.textContent = numbers.length ? `${space.title} ${numbers.join(" / ")}` : "";
        made.style.color = colour(space);
        return made;
      }));
    }
  }

  for (const plot of element.querySelectorAll("svg"))
    plot.addEventListener("click", (event) => {
      if (!value.labels) return;
      const box = plot.getBoundingClientRect();
      const at = (WIDTH * (event.clientX - box.left) / box.width - LEFT) / (WIDTH - LEFT - RIGHT);
      const goal = Math.max(0, Math.min(places(), Math.round(at * places())));
      root.querySelector(".viewer").dispatchEvent(
        new CustomEvent("viewer:goto", { bubbles: true, detail: { index: goal } }));
    });
  root.addEventListener("viewer:show", (event) => { index = event.detail.index; mark(); });

  function receive() {
    value = props.value ?? {};
    element.querySelector(".charts").hidden = value.is_path === false;
    element.querySelectorAll("figure").forEach(drawChart);
    element.querySelector(".words").replaceChildren(...(value.words ?? []).map(({ space, text }) => {
      const line = document.createElement("p");
      line.className = space;
      line.textContent = text;
      return line;
    }));
    element.querySelector(".hint").hidden = Boolean(value.words);
    mark();
  }
  watch("value", receive);
  receive();
}
