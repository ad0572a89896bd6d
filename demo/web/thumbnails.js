// Small rotating shapes, drawn without WebGL: a browser allows only sixteen contexts.
//
// Faces towards the camera are splatted into an ImageData, the nearest on top, seen from the initial
// camera of the large panes.

import { SIDES, countFaces, eachFace } from "./faces.js";
import { pad, unpack } from "./grids.js";

export const STONE = ["#2b3038", "#5b6472", "#98a2b1", "#c9cfd8"]; // no column's colour
export const TILT = 0.45, AZIMUTH = 0.65; // radians: above the horizon, and from the front towards +z
const TURN_TIME = 12000, FRAME_TIME = 66; // milliseconds for a turn, and between two pictures
export const VIEW = 1.45; // how much of the world a thumbnail shows, in sides of the grid

// What `paintModel` needs of a packed grid: each face's centre (centred, the grid 1 wide) and side.
export function modelOf(bits, R) {
  const cells = pad(unpack(bits, R), R), count = countFaces(cells, R);
  const centres = new Float32Array(3 * count), sides = new Uint8Array(count);
  let face = 0;
  eachFace(cells, R, (side, x, y, z) => {
    const { normal } = SIDES[side];
    centres[3 * face] = (x + 0.5 + normal[0] / 2) / R - 0.5;
    centres[3 * face + 1] = (y + 0.5 + normal[1] / 2) / R - 0.5;
    centres[3 * face + 2] = (z + 0.5 + normal[2] / 2) / R - 0.5;
    sides[face++] = side;
  });
  return { R, centres, sides };
}

// The colour of a light on a scale of shades from dark to light, as a pixel of an ImageData.
function pixelOf(shades, amount) {
  const at = amount * (shades.length - 1), low = Math.min(Math.floor(at), shades.length - 2);
  const channel = (n) => {
    const [a, b] = [shades[low], shades[low + 1]].map((s) => parseInt(s.slice(2 * n + 1, 2 * n + 3), 16));
    return Math.round(a + (b - a) * (at - low));
  };
  return (255 << 24) | (channel(2) << 16) | (channel(1) << 8) | channel(0); // little-endian RGBA
}

const scratch = {}; // per size: the pixels and depths of the picture being drawn
function scratchOf(size) {
  scratch[size] ??= { image: new ImageData(size, size), depth: new Float32Array(size * size) };
  const { image, depth } = scratch[size], pixels = new Uint32Array(image.data.buffer);
  pixels.fill(0);
  depth.fill(-Infinity);
  return { image, depth, pixels };
}

// Draw onto a square canvas; `azimuth` goes from the front (+x) towards +z.
export function paintModel(canvas, { R, centres, sides }, shades, azimuth) {
  const size = canvas.width, { image, depth, pixels } = scratchOf(size);
  const [c, s, up, flat] = [Math.cos(azimuth), Math.sin(azimuth), Math.sin(TILT), Math.cos(TILT)];
  const eye = [c * flat, up, s * flat], right = [s, 0, -c], above = [-c * up, flat, -s * up];
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const seen = SIDES.map(({ normal }) => dot(normal, eye) > 0);
  const colours = SIDES.map(({ light }) => pixelOf(shades, light));
  // A splat spans the diagonal of a face, so that neighbours leave no hole between them.
  const zoom = size / VIEW, splat = Math.ceil(Math.SQRT2 * zoom / R), middle = (size - splat) / 2;
  for (let face = 0; face < sides.length; face++) {
    const side = sides[face];
    if (!seen[side]) continue;
    const x = centres[3 * face], y = centres[3 * face + 1], z = centres[3 * face + 2];
    const near = x * eye[0] + y * eye[1] + z * eye[2];
    const left = Math.round(middle + zoom * (x * right[0] + z * right[2]));
    const top = Math.round(middle - zoom * (x * above[0] + y * above[1] + z * above[2]));
    for (let row = Math.max(0, top); row < Math.min(size, top + splat); row++)
      for (let column = Math.max(0, left); column < Math.min(size, left + splat); column++) {
        const pixel = row * size + column;
        if (depth[pixel] >= near) continue;
        depth[pixel] = near;
        pixels[pixel] = colours[side];
      }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// A turntable for all canvases inside `root`; it stops while they are not visible, and always for
// visitors who prefer reduced motion.
export function turntable(root) {
  const still = matchMedia("(prefers-reduced-motion: reduce)"), shown = new Map();
  let visible = false, waiting = 0, last = 0;
  const azimuth = () => AZIMUTH + (still.matches ? 0 : 2 * Math.PI * (performance.now() / TURN_TIME % 1));
  const paint = (canvas) => paintModel(canvas, ...shown.get(canvas), azimuth());
  const turn = (now) => {
    waiting = 0;
    if (now - last >= FRAME_TIME) { last = now; [...shown.keys()].forEach(paint); }
    start();
  };
  function start() {
    if (!waiting && visible && shown.size && !still.matches) waiting = requestAnimationFrame(turn);
  }
  new IntersectionObserver(([entry]) => { visible = entry.isIntersecting; start(); }).observe(root);
  still.addEventListener("change", () => { [...shown.keys()].forEach(paint); start(); });
  return {
    show(canvas, model, shades) { shown.set(canvas, [model, shades]); paint(canvas); start(); },
    remove(canvas) { shown.delete(canvas); },
  };
}
