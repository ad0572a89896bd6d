// The twin viewer: one pane a column, one camera for all, one scrubber through the steps.
//
// Runs once, as the `js_on_load` of the page's gr.HTML, with `element`, `props` and `watch`.
// `props.value` is what demo/viewer.py packs. Nothing here asks the server for anything: grids
// arrive as bits, the exposed faces are built here, and the steps are scrubbed here.
//
// Frame: grid[x, y, z], +y up, front towards +x. Plotly's third axis points up, so a point
// (x, y, z) is handed over as (z, x, y): a rotation, so nothing is mirrored.

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

// The faces between a full and an empty cell, four corners each, shaded corner by corner.
function surface(grid, R) {
  const at = (x, y, z) =>
    x >= 0 && y >= 0 && z >= 0 && x < R && y < R && z < R && grid[(x * R + y) * R + z];
  const faces = [];
  for (let x = 0, c = 0; x < R; x++)
    for (let y = 0; y < R; y++)
      for (let z = 0; z < R; z++, c++)
        if (grid[c])
          for (const side of SIDES)
            if (!at(x + side.normal[0], y + side.normal[1], z + side.normal[2]))
              faces.push([x, y, z, side]);

  const mesh = {
    x: new Float32Array(4 * faces.length), y: new Float32Array(4 * faces.length),
    z: new Float32Array(4 * faces.length), intensity: new Float32Array(4 * faces.length),
    i: new Uint32Array(2 * faces.length), j: new Uint32Array(2 * faces.length),
    k: new Uint32Array(2 * faces.length),
  };
  faces.forEach(([x, y, z, { normal: n, u, v, light }], face) => {
    const out = [x + n[0], y + n[1], z + n[2]]; // the empty cell the face looks into
    const open = CORNERS.map(([du, dv], corner) => {
      const a = u.map((e) => (du ? e : -e)), b = v.map((e) => (dv ? e : -e));
      const beside = at(out[0] + a[0], out[1] + a[1], out[2] + a[2]);
      const above = at(out[0] + b[0], out[1] + b[1], out[2] + b[2]);
      const across = at(out[0] + a[0] + b[0], out[1] + a[1] + b[1], out[2] + a[2] + b[2]);
      const free = beside && above ? 0 : 3 - (beside ? 1 : 0) - (above ? 1 : 0) - (across ? 1 : 0);
      const point = [x, y, z].map(
        (base, axis) => (base + (n[axis] > 0) + du * u[axis] + dv * v[axis]) / R - 0.5);
      const p = toPlotly(...point), slot = 4 * face + corner;
      mesh.x[slot] = p.x; mesh.y[slot] = p.y; mesh.z[slot] = p.z;
      mesh.intensity[slot] = light * OCCLUSION[free];
      return free;
    });
    // Cut the square along its brighter diagonal, else the corner shading shows a crease.
    const turn = open[0] + open[2] < open[1] + open[3] ? 1 : 0;
    for (const [half, [b, c]] of [[1, 2], [2, 3]].entries()) {
      mesh.i[2 * face + half] = 4 * face + turn;
      mesh.j[2 * face + half] = 4 * face + ((b + turn) & 3);
      mesh.k[2 * face + half] = 4 * face + ((c + turn) & 3);
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

const slider = $(".steps"), play = $(".play"), length = () => value.num_frames || 0;
const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
const fact = (name, text) => `<span>${name} <b>${text}</b></span>`;

function draw(at) {
  index = Math.max(0, Math.min(at, length() - 1));
  const R = value.resolution, noise = index === 0;
  const truth = value.truth ? unpack(value.truth, R) : null, grids = [];
  for (const pane of panes) {
    const bits = value.frames?.[pane.id]?.[index];
    if (bits === undefined) continue;
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
  slider.max = Math.max(0, (value.num_steps ?? length() - 1));
  slider.value = index;
  slider.style.setProperty("--done", `${100 * index / Math.max(1, slider.max)}%`);
  const label = !length() ? "" : noise ? TEXT.noise
    : TEXT.step.replace("{step}", index).replace("{steps}", value.num_steps);
  $(".step").textContent = label;
  slider.setAttribute("aria-valuetext", label);
  $(".between").innerHTML = !noise && grids.length === 2
    ? fact(TEXT.iou_between, counts(...grids).toFixed(2)) : "";
}

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
  draw(next);
  timer = setInterval(() => { draw(++next); if (next >= length() - 1) pause(); }, 1600 / length() + 60);
});
slider.addEventListener("input", () => {
  pause();
  const at = Math.min(Number(slider.value), length() - 1);
  following = at === length() - 1;
  draw(at);
});

function receive() {
  const previous = value;
  value = props.value || {};
  const shown = length() > 0;
  if (value.run !== previous.run) { pause(); following = true; }
  $(".viewer").dataset.state = value.state || "empty";
  slider.disabled = play.disabled = !shown;
  $(".note").textContent = value.note || "";
  if (shown) draw(following ? length() - 1 : index); else clear();
}
watch("value", receive);
receive();
