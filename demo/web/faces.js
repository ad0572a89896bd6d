// The faces between a full and an empty cell, of which voxels, smooth surfaces and thumbnails are
// made.

// A side of a cell: its normal, two edges with u x v = normal, and how much light it gets.
export const SIDES = [
  { normal: [1, 0, 0], u: [0, 1, 0], v: [0, 0, 1], light: 0.8 },
  { normal: [-1, 0, 0], u: [0, 0, 1], v: [0, 1, 0], light: 0.5 },
  { normal: [0, 1, 0], u: [0, 0, 1], v: [1, 0, 0], light: 1.0 },
  { normal: [0, -1, 0], u: [1, 0, 0], v: [0, 0, 1], light: 0.32 },
  { normal: [0, 0, 1], u: [1, 0, 0], v: [0, 1, 0], light: 0.6 },
  { normal: [0, 0, -1], u: [0, 1, 0], v: [1, 0, 0], light: 0.42 },
];
// The corners of a side, counter-clockwise seen from outside, as steps along u and v ...
export const TURNS = [[0, 0], [1, 0], [1, 1], [0, 1]];
// ... and as places in a cell.
export const CORNERS = SIDES.map(({ normal, u, v }) => TURNS.map(([du, dv]) =>
  [0, 1, 2].map((axis) => (normal[axis] > 0 ? 1 : 0) + du * u[axis] + dv * v[axis])));

// The index offset from a cell of a padded grid to its neighbour.
export const stride = ([x, y, z], R) => (x * (R + 2) + y) * (R + 2) + z;

// Call visit(side, x, y, z, outside) for each face: the number of the side, the full cell, and
// where the empty one lies in the padded grid `cells`.
export function eachFace(cells, R, visit) {
  const P = R + 2;
  SIDES.forEach(({ normal }, side) => {
    const step = stride(normal, R);
    for (let x = 0; x < R; x++) for (let y = 0; y < R; y++) for (let z = 0; z < R; z++) {
      const cell = ((x + 1) * P + y + 1) * P + z + 1;
      if (cells[cell] && !cells[cell + step]) visit(side, x, y, z, cell + step);
    }
  });
}

export function countFaces(cells, R) {
  let count = 0;
  eachFace(cells, R, () => count++);
  return count;
}

// Room for a mesh as Plotly takes it, two triangles a face.
export function emptyMesh(numVertices, numFaces) {
  const floats = () => new Float32Array(numVertices), ints = () => new Uint32Array(2 * numFaces);
  return { x: floats(), y: floats(), z: floats(), intensity: floats(),
           i: ints(), j: ints(), k: ints() };
}

// Plotly's third axis points up, so (x, y, z) of the project, in cells, is handed over as
// (z, x, y): a rotation, so nothing is mirrored.
export function putVertex(mesh, at, x, y, z, R) {
  mesh.x[at] = z / R - 0.5;
  mesh.y[at] = x / R - 0.5;
  mesh.z[at] = y / R - 0.5;
}

// Cut face number `face`, with these four vertices, along the diagonal from vertex `turn` (0 or 1).
export function putFace(mesh, face, vertices, turn) {
  for (let half = 0; half < 2; half++) {
    mesh.i[2 * face + half] = vertices[turn];
    mesh.j[2 * face + half] = vertices[(turn + half + 1) & 3];
    mesh.k[2 * face + half] = vertices[(turn + half + 2) & 3];
  }
}
