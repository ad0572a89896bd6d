// Two shapes laid over each other: cells inside only the first, both, or only the second.

import { voxelMesh } from "./voxels.js";

export const SHARED_SHADES = ["#33383f", "#626974", "#9098a4", "#c9cfd8"];

// The mesh of all cells or, with `apart`, only of cells that only one shape has.
export function differenceMesh(a, b, R, apart) {
  const kinds = a.map((cell, i) => (cell ? b[i] : 2)); // 0: only a, 1: both, 2: only b
  return voxelMesh(a.map((cell, i) => (apart ? cell ^ b[i] : cell | b[i])), R, kinds, 3);
}

// The colour scale of such a mesh: a third for each kind.
export function differenceScale(shadesOfA, shadesOfB) {
  return [shadesOfA, SHARED_SHADES, shadesOfB].flatMap((shades, kind) =>
    shades.map((color, i) => [(kind + i / (shades.length - 1)) / 3, color]));
}
