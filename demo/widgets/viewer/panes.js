// The large 3D panes, one a column, and the one camera that they share.
//
// Plotly's third axis points up; `toPlotly` converts points as `putVertex` does.

import { exchangeMesh, redrawn, stopPicking } from "./plotly_private.js";
import { makeStills } from "./stills.js";

let Plotly; // the first one, since gr.Plot loads another in its place
const GREY = "#8b93a1";
export const NOISE_SCALE = [[0, "#3f444c"], [1, "#b9bfc9"]];
const MESH_KEYS = ["x", "y", "z", "i", "j", "k", "intensity"];
const toPlotly = (x, y, z) => ({ x: z, y: x, z: y });
const HOME = { // in front, slightly to the side and above
  eye: toPlotly(1.24, 0.7, 0.95),
  center: toPlotly(0, -0.06, 0),
  up: toPlotly(0, 1, 0),
};
const KEYS = { // turn, tilt, zoom
  ArrowLeft: [-0.15, 0, 1], ArrowRight: [0.15, 0, 1], ArrowUp: [0, 0.12, 1],
  ArrowDown: [0, -0.12, 1], "+": [0, 0, 0.88], "=": [0, 0, 0.88], "-": [0, 0, 1.14],
};

let picksNothing = false; // for all plots made here

export const scale = (pane) => pane.shades.map((color, i) => [i / (pane.shades.length - 1), color]);
const plain = ({ eye, center, up }) => structuredClone({ eye, center, up });

const axis = { visible: false, range: [-0.64, 0.64], autorange: false };
const layout = () => ({
  margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, hovermode: false,
  paper_bgcolor: "rgba(0,0,0,0)",
  scene: { xaxis: axis, yaxis: axis, zaxis: axis, aspectmode: "cube", dragmode: "turntable",
           camera: structuredClone(HOME), bgcolor: "rgba(0,0,0,0)" },
});

// The floor: an outline with an arrow to the front, so that a heading can be read off.
function floor(front) {
  const h = 0.5, path = [[-h, -h], [h, -h], [h, h], [-h, h], [-h, -h]];
  const arrow = [[h + 0.02, -0.04], [h + 0.06, 0], [h + 0.02, 0.04]];
  const line = (points, width) => {
    const p = points.map(([x, z]) => toPlotly(x, -0.5, z));
    return { type: "scatter3d", mode: "lines", line: { color: GREY, width }, hoverinfo: "skip",
             x: p.map((q) => q.x), y: p.map((q) => q.y), z: p.map((q) => q.z) };
  };
  // The outline ends with a single point above, which draws nothing but keeps the extent constant:
  // otherwise Plotly would recompile the axes.
  const at = toPlotly(h + 0.12, -0.5, 0);
  const label = { type: "scatter3d", mode: "text", text: [front], hoverinfo: "skip",
                  textfont: { color: GREY, size: 11 }, x: [at.x], y: [at.y], z: [at.z] };
  const outline = line(path, 1), top = toPlotly(0, h, 0);
  for (const axis of ["x", "y", "z"]) outline[axis].push(null, top[axis]);
  return [outline, line(arrow, 2), label];
}

function create(pane, front) {
  const mesh = {
    type: "mesh3d", x: [], y: [], z: [], i: [], j: [], k: [], intensity: [], cmin: 0, cmax: 1,
    colorscale: scale(pane), showscale: false, hoverinfo: "skip", flatshading: true,
    lighting: { ambient: 1, diffuse: 0, specular: 0, fresnel: 0 }, // the shading is in the mesh
  };
  Plotly.newPlot(pane.plot, [mesh, ...floor(front)], layout(),
                 { displayModeBar: false, scrollZoom: false, responsive: false,
                   // By default Plotly draws four pixels per screen pixel: too slow on a CPU.
                   plotGlPixelRatio: Math.min(2, window.devicePixelRatio || 1) });
}

// The panes of an element; `paint` shows a mesh in one, `grab` copies it, `turn` turns them all.
export function makePanes({ element, props }) {
  Plotly ??= window.Plotly;
  const panes = props.panes.map((pane) => {
    const root = element.querySelector(`[data-pane="${pane.id}"]`);
    return { ...pane, root, plot: root.querySelector(".plot"), facts: root.querySelector(".facts") };
  });

  // Only takes effect on new plots, so the page's first one is made again.
  if (!picksNothing) {
    create(panes[0], props.text.front);
    stopPicking(panes[0].plot);
    Plotly.purge(panes[0].plot);
    picksNothing = true;
  }

  for (const pane of panes) {
    create(pane, props.text.front);
    pane.stills = makeStills(pane.plot);
    // On release the turned pane is placed too: with slow frames, Plotly would keep turning it.
    for (const [event, turned] of [["plotly_relayouting", pane], ["plotly_relayout", null]])
      pane.plot.on(event, ({ "scene.camera": next }) => next && follow(pane, next, turned));
    pane.plot.addEventListener("keydown", (event) => {
      if (event.key === "Home") place(HOME); else if (KEYS[event.key]) orbit(...KEYS[event.key]);
      else return;
      event.preventDefault();
    });
    new ResizeObserver(() => {
      pane.stills.forget();
      if (pane.plot.clientWidth) Plotly.Plots.resize(pane.plot);
    }).observe(pane.plot);
  }

  // Show in a pane what `make` returns; the same `key` again draws nothing. Without a key: empty it.
  const drawn = {};
  function paint(pane, key, make, colorscale) {
    if (drawn[pane.id] === key) return;
    drawn[pane.id] = key;
    const draw = () => render(pane, key, key ? make() : {}, colorscale);
    if (!pane.stills.cover(key, draw)) draw();
  }

  function render(pane, key, mesh, colorscale) {
    const canvas = mesh.x?.length ? exchangeMesh(pane.plot, mesh, colorscale) : null;
    if (canvas && !moving && !hand) pane.stills.keep(key, canvas);
    if (canvas) return;
    const update = Object.fromEntries(MESH_KEYS.map((name) => [name, [mesh[name] ?? []]]));
    if (key) update.colorscale = [colorscale];
    Plotly.restyle(pane.plot, update, [0]);
  }

  // ---- the camera --------------------------------------------------------------------------

  let camera = HOME, moving = false, hand = null; // the pane that the visitor is dragging, if any

  // If the camera moves while the other panes are being updated, they are updated again.
  async function place(next, turned = null) {
    camera = plain(next);
    hand = turned;
    panes.forEach((pane) => pane.stills.forget());
    if (moving) return;
    moving = true;
    for (let reached = null; reached !== camera;) {
      reached = camera;
      await Promise.all(panes.filter((pane) => pane !== hand)
        .map((pane) => Plotly.relayout(pane.plot, { "scene.camera": plain(reached) })));
    }
    moving = false;
  }
  // Plotly also reports the moves made here.
  function follow(pane, next, turned) { if (!moving || pane === hand) place(next, turned); }

  function orbit(turn, tilt, zoom) {
    const { eye, center, up } = plain(camera);
    const d = [eye.x - center.x, eye.y - center.y, eye.z - center.z];
    const r = Math.min(4, Math.max(0.8, Math.hypot(...d) * zoom));
    const azimuth = Math.atan2(d[1], d[0]) + turn;
    const height = Math.min(1.5, Math.max(-1.5, Math.asin(d[2] / Math.hypot(...d)) + tilt));
    return place({ up, center, eye: {
      x: center.x + r * Math.cos(height) * Math.cos(azimuth),
      y: center.y + r * Math.cos(height) * Math.sin(azimuth),
      z: center.z + r * Math.sin(height) } });
  }
  element.querySelector(".closer").addEventListener("click", () => orbit(0, 0, 0.86));
  element.querySelector(".farther").addEventListener("click", () => orbit(0, 0, 1.16));
  element.querySelector(".home").addEventListener("click", () => place(HOME));

  // What a pane shows now, as a canvas to be copied at once.
  function grab(pane) {
    pane.stills.settle();
    return redrawn(pane.plot);
  }

  return { panes, paint, grab, turn: (angle) => orbit(angle, 0, 1) };
}
