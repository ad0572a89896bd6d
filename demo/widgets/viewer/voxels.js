// The shape as cubes: each face with its own four corners, shaded corner by corner.

import { CORNERS, SIDES, TURNS, countFaces, eachFace, emptyMesh, putFace, putVertex, stride }
  from "../../web/faces.js";
import { pad } from "../../web/grids.js";

const OCCLUSION = [0.52, 0.7, 0.86, 1]; // light left in a corner with 3, 2, 1, 0 neighbours

// `kinds`, if given, holds the kind 0 ... numKinds - 1 of each cell. The intensity of kind k then
// lies in [k, k + 1) / numKinds, so that each kind has its own stretch of the colour scale.
export function voxelMesh(grid, R, kinds = null, numKinds = 1) {
  const cells = pad(grid, R), numFaces = countFaces(cells, R);
  const mesh = emptyMesh(4 * numFaces, numFaces);
  // Beside a face's corner, outside: the neighbour along each edge, and the one across.
  const beside = SIDES.map(({ u, v }) => TURNS.map(([du, dv]) =>
    [du ? stride(u, R) : -stride(u, R), dv ? stride(v, R) : -stride(v, R)]));
  const open = [0, 0, 0, 0], vertices = [0, 0, 0, 0];
  let face = 0;
  eachFace(cells, R, (side, x, y, z, outside) => {
    const kind = kinds ? kinds[(x * R + y) * R + z] : 0;
    for (let n = 0; n < 4; n++) {
      const at = CORNERS[side][n], [a, b] = beside[side][n];
      const along = cells[outside + a], above = cells[outside + b];
      open[n] = along && above ? 0 : 3 - along - above - cells[outside + a + b];
      vertices[n] = 4 * face + n;
      putVertex(mesh, vertices[n], x + at[0], y + at[1], z + at[2], R);
      mesh.intensity[vertices[n]] =
        (kind + 0.97 * SIDES[side].light * OCCLUSION[open[n]]) / numKinds;
    }
    // Cut the square along its brighter diagonal, else the corner shading shows a crease.
    putFace(mesh, face++, vertices, open[0] + open[2] < open[1] + open[3] ? 1 : 0);
  });
  return mesh;
}
