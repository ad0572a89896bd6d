// The twin viewer: one pane a column, one camera for all, one scrubber through the steps.
//
// Runs once, as the `js_on_load` of the page's gr.HTML, with `element`, `props` and `watch`.
// `props.value` is what demo/viewer.py packs. Nothing here asks the server for anything: grids
// arrive as bits, the exposed faces are built here, and the steps are scrubbed here.
//
// Frame: grid[x, y, z], +y up, front towards +x. Plotly's third axis points up, so a point
// (x, y, z) is handed over as (z, x, y): a rotation, so nothing is mirrored.

const Plotly = window.Plotly; // kept: gr.Plot brings another one, which takes its place
const $ = (selector) => element.querySelector(selector);
const TEXT = props.text;
const GREY = "#8b93a1";
const toPlotly = (x, y, z) => ({ x: z, y: x, z: y });
const HOME = { // in front, a little to the side, a little above
  eye: toPlotly(1.24, 0.7, 0.95),
  center: toPlotly(0, -0.06, 0),
  up: toPlotly(0, 1, 0),
};

// A face: where it looks, two edges with u x v = normal, and how much light it gets.
const SIDES = [
  { normal: [1, 0, 0], u: [0, 1, 0], v: [0, 0, 1], light: 0.8 },
  { normal: [-1, 0, 0], u: [0, 0, 1], v: [0, 1, 0], light: 0.5 },
  { normal: [0, 1, 0], u: [0, 0, 1], v: [1, 0, 0], light: 1.0 },
  { normal: [0, -1, 0], u: [1, 0, 0], v: [0, 0, 1], light: 0.32 },
  { normal: [0, 0, 1], u: [1, 0, 0], v: [0, 1, 0], light: 0.6 },
  { normal: [0, 0, -1], u: [0, 1, 0], v: [1, 0, 0], light: 0.42 },
];
const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]];
const OCCLUSION = [0.52, 0.7, 0.86, 1]; // light left in a corner with 3, 2, 1, 0 neighbours

function unpack(bits, R) {
  const bytes = Uint8Array.from(atob(bits), (c) => c.charCodeAt(0));
  const grid = new Uint8Array(R ** 3);
  for (let i = 0; i < grid.length; i++) grid[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1;
  return grid;
}

// The faces between a full and an empty cell, four corners each, shaded corner by corner. The
// loops are plain on purpose: a shape still full of noise has tens of thousands of faces.
function surface(grid, R) {
  const P = R + 2; // a border of empty cells spares all questions about the edge
  const step = (d) => (d[0] * P + d[1]) * P + d[2];
  const cells = new Uint8Array(P ** 3);
  for (let x = 0; x < R; x++)
    for (let y = 0; y < R; y++)
      cells.set(grid.subarray((x * R + y) * R, (x * R + y + 1) * R), step([x + 1, y + 1, 1]));
  const strides = SIDES.map((side) => step(side.normal));
  let count = 0;
  for (let c = 0; c < cells.length; c++)
    if (cells[c]) for (const stride of strides) count += 1 - cells[c + stride];

  const floats = () => new Float32Array(4 * count), ints = () => new Uint32Array(2 * count);
  const mesh = { x: floats(), y: floats(), z: floats(), intensity: floats(),
                 i: ints(), j: ints(), k: ints() };
  let face = 0;
  SIDES.forEach(({ normal, u, v, light }, s) => {
    const corners = CORNERS.map(([du, dv]) => ({
      at: [0, 1, 2].map((axis) => (normal[axis] > 0 ? 1 : 0) + du * u[axis] + dv * v[axis]),
      a: du ? step(u) : -step(u), b: dv ? step(v) : -step(v),
    }));
    const open = [0, 0, 0, 0];
    for (let x = 0; x < R; x++) for (let y = 0; y < R; y++) for (let z = 0; z < R; z++) {
      const cell = ((x + 1) * P + y + 1) * P + z + 1, out = cell + strides[s];
      if (!cells[cell] || cells[out]) continue;
      const base = 4 * face;
      for (let n = 0; n < 4; n++) {
        const { at, a, b } = corners[n];
        const beside = cells[out + a], above = cells[out + b], across = cells[out + a + b];
        open[n] = beside && above ? 0 : 3 - beside - above - across;
        mesh.x[base + n] = (z + at[2]) / R - 0.5; // toPlotly, without an object for each corner
        mesh.y[base + n] = (x + at[0]) / R - 0.5;
        mesh.z[base + n] = (y + at[1]) / R - 0.5;
        mesh.intensity[base + n] = light * OCCLUSION[open[n]];
      }
      // Cut the square along its brighter diagonal, else the corner shading shows a crease.
      const turn = open[0] + open[2] < open[1] + open[3] ? 1 : 0;
      for (let half = 0; half < 2; half++) {
        mesh.i[2 * face + half] = base + turn;
        mesh.j[2 * face + half] = base + ((turn + half + 1) & 3);
        mesh.k[2 * face + half] = base + ((turn + half + 2) & 3);
      }
      face++;
    }
  });
  return mesh;
}

function counts(a, b) {
  let both = 0, either = 0;
  for (let i = 0; i < a.length; i++) { both += a[i] & b[i]; either += a[i] | b[i]; }
  return either ? both / either : 1;
}

// ---- panes -------------------------------------------------------------------------------

const scale = (pane) => pane.shades.map((color, i) => [i / (pane.shades.length - 1), color]);
const NOISE_SCALE = [[0, "#3f444c"], [1, "#b9bfc9"]];
const axis = { visible: false, range: [-0.64, 0.64], autorange: false };
const layout = () => ({
  margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, hovermode: false,
  paper_bgcolor: "rgba(0,0,0,0)",
  scene: { xaxis: axis, yaxis: axis, zaxis: axis, aspectmode: "cube", dragmode: "turntable",
           camera: structuredClone(HOME), bgcolor: "rgba(0,0,0,0)" },
});

// The floor: an outline with an arrow to the front, so that a heading can be read off.
function floor() {
  const h = 0.5, path = [[-h, -h], [h, -h], [h, h], [-h, h], [-h, -h]];
  const arrow = [[h + 0.02, -0.04], [h + 0.06, 0], [h + 0.02, 0.04]];
  const line = (points, width) => {
    const p = points.map(([x, z]) => toPlotly(x, -0.5, z));
    return { type: "scatter3d", mode: "lines", line: { color: GREY, width }, hoverinfo: "skip",
             x: p.map((q) => q.x), y: p.map((q) => q.y), z: p.map((q) => q.z) };
  };
  const at = toPlotly(h + 0.12, -0.5, 0);
  const label = { type: "scatter3d", mode: "text", text: [TEXT.front], hoverinfo: "skip",
                  textfont: { color: GREY, size: 11 }, x: [at.x], y: [at.y], z: [at.z] };
  return [line(path, 1), line(arrow, 2), label];
}

const panes = props.panes.map((pane) => ({
  ...pane,
  root: $(`[data-pane="${pane.id}"]`),
  plot: $(`[data-pane="${pane.id}"] .plot`),
  facts: $(`[data-pane="${pane.id}"] .facts`),
}));
const drawn = {}; // per pane, the bits on show: equal bits are not drawn twice
let value = {}, index = 0, following = true, timer = null;

for (const pane of panes) {
  const mesh = {
    type: "mesh3d", x: [], y: [], z: [], i: [], j: [], k: [], intensity: [], cmin: 0, cmax: 1,
    colorscale: scale(pane), showscale: false, hoverinfo: "skip", flatshading: true,
    lighting: { ambient: 1, diffuse: 0, specular: 0, fresnel: 0 }, // the shading is in the mesh
  };
  Plotly.newPlot(pane.plot, [mesh, ...floor()], layout(),
                 { displayModeBar: false, scrollZoom: false, responsive: false });
  for (const event of ["plotly_relayouting", "plotly_relayout"])
    pane.plot.on(event, (change) => change["scene.camera"] && follow(pane, change["scene.camera"]));
  new ResizeObserver(() => pane.plot.clientWidth && Plotly.Plots.resize(pane.plot))
    .observe(pane.plot);
}

// ---- one camera --------------------------------------------------------------------------

let camera = HOME, moving = false;
const plain = ({ eye, center, up }) => structuredClone({ eye, center, up });

async function place(next, except) {
  camera = plain(next);
  moving = true; // Plotly reports our own moves too
  await Promise.all(panes.filter((pane) => pane !== except)
    .map((pane) => Plotly.relayout(pane.plot, { "scene.camera": plain(next) })));
  moving = false;
}
function follow(pane, next) { if (!moving) place(next, pane); }

function orbit(turn, tilt, zoom) {
  const { eye, center, up } = plain(camera);
  const d = [eye.x - center.x, eye.y - center.y, eye.z - center.z];
  const r = Math.min(4, Math.max(0.8, Math.hypot(...d) * zoom));
  const azimuth = Math.atan2(d[1], d[0]) + turn;
  const height = Math.min(1.5, Math.max(-1.5, Math.asin(d[2] / Math.hypot(...d)) + tilt));
  place({ up, center, eye: {
    x: center.x + r * Math.cos(height) * Math.cos(azimuth),
    y: center.y + r * Math.cos(height) * Math.sin(azimuth),
    z: center.z + r * Math.sin(height) } });
}
const KEYS = {
  ArrowLeft: [-0.15, 0, 1], ArrowRight: [0.15, 0, 1], ArrowUp: [0, 0.12, 1],
  ArrowDown: [0, -0.12, 1], "+": [0, 0, 0.88], "=": [0, 0, 0.88], "-": [0, 0, 1.14],
};
for (const pane of panes)
  pane.plot.addEventListener("keydown", (event) => {
    if (event.key === "Home") place(HOME); else if (KEYS[event.key]) orbit(...KEYS[event.key]);
    else return;
    event.preventDefault();
  });
$(".closer").addEventListener("click", () => orbit(0, 0, 0.86));
$(".farther").addEventListener("click", () => orbit(0, 0, 1.16));
$(".home").addEventListener("click", () => place(HOME));

// ---- steps -------------------------------------------------------------------------------

// Frames are steps (the first is the noise), or, where `value.labels` names each, places on a path.
// Frames of a path may come in any order: `null` stands for those that are not there yet.
const slider = $(".steps"), play = $(".play"), length = () => value.num_frames || 0;
const last = () => (value.labels?.length ?? (value.num_steps ?? length() - 1) + 1) - 1;
const there = (at) => panes.every((pane) => {
  const frames = value.frames?.[pane.id];
  return frames === undefined || frames[at];
});
function nearest(at) { // the frame that is there and nearest to the one wished for
  for (let d = 0; d < length(); d++)
    for (const near of [at - d, at + d]) if (near >= 0 && near < length() && there(near)) return near;
  return 0;
}
const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
const fact = (name, text) => `<span>${name} <b>${text}</b></span>`;

// Draws at the browser's pace: of several wishes before the next screen, the last one counts.
let wanted = null;
function show(at) {
  if (wanted === null) requestAnimationFrame(() => { const now = wanted; wanted = null; draw(now); });
  wanted = at;
}

function draw(at) {
  if (!length()) return;
  index = Math.max(0, Math.min(at, length() - 1));
  const R = value.resolution, noise = index === 0 && !value.labels, shown = nearest(index);
  const truth = value.truth ? unpack(value.truth, R) : null, grids = [];
  for (const pane of panes) {
    const bits = value.frames?.[pane.id]?.[shown];
    if (!bits) continue;
    const grid = unpack(bits, R);
    grids.push(grid);
    if (drawn[pane.id] !== bits + noise) {
      const mesh = surface(grid, R), update = { colorscale: [noise ? NOISE_SCALE : scale(pane)] };
      for (const key in mesh) update[key] = [mesh[key]];
      Plotly.restyle(pane.plot, update, [0]);
      drawn[pane.id] = bits + noise;
    }
    const filled = grid.reduce((sum, cell) => sum + cell, 0) / grid.length;
    pane.facts.innerHTML = noise ? "" : fact(TEXT.filled, percent(filled))
      + (truth ? fact(TEXT.iou_truth, counts(grid, truth).toFixed(2)) : "");
  }
  slider.max = Math.max(0, last());
  slider.value = index;
  slider.style.setProperty("--done", `${100 * index / Math.max(1, slider.max)}%`);
  const label = value.labels ? value.labels[index] : noise ? TEXT.noise
    : TEXT.step.replace("{step}", index).replace("{steps}", value.num_steps);
  $(".step").textContent = label;
  slider.setAttribute("aria-valuetext", label);
  $(".between").innerHTML = !noise && grids.length === 2
    ? fact(TEXT.iou_between, counts(...grids).toFixed(2)) : "";
  element.dispatchEvent(new CustomEvent("viewer:show", { bubbles: true, detail: { index } }));
}
element.addEventListener("viewer:goto", (event) => { pause(); following = false;
                                                      show(event.detail.index); });

function clear() {
  for (const pane of panes) {
    if (drawn[pane.id]) Plotly.restyle(pane.plot, { x: [[]], y: [[]], z: [[]], i: [[]], j: [[]],
                                                    k: [[]], intensity: [[]] }, [0]);
    delete drawn[pane.id];
    pane.facts.innerHTML = "";
  }
  $(".step").textContent = $(".between").textContent = "";
  slider.value = 0;
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
  let next = index >= length() - 1 ? 0 : index;
  following = false;
  play.textContent = "❚❚";
  play.setAttribute("aria-label", TEXT.pause);
  show(next);
  timer = setInterval(() => { show(++next); if (next >= length() - 1) pause(); }, 1600 / length() + 60);
});
slider.addEventListener("input", () => {
  pause();
  const at = Math.min(Number(slider.value), length() - 1);
  following = at === length() - 1;
  show(at);
});

function receive() {
  const previous = value;
  value = props.value || {};
  const shown = length() > 0;
  if (value.run !== previous.run) { pause(); following = true; }
  $(".viewer").dataset.state = value.state || "empty";
  slider.disabled = play.disabled = !shown;
  $(".note").textContent = value.note || "";
  if (shown) show(following ? length() - 1 : index); else clear();
}
watch("value", receive);
receive();
