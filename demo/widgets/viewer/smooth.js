// The shape as a smooth surface: constrained elastic surface nets (Gibson 1998).
//
// Faces share their corners, and the net of corners is relaxed: each moves towards the mean of its
// neighbours, but at most `REACH` cells from its start. So no part of the grid is lost, and parts
// one cell thick keep at least half of their thickness.

import { CORNERS, SIDES, countFaces, eachFace, emptyMesh, putFace, putVertex, stride }
  from "../../web/faces.js";
import { pad } from "../../web/grids.js";

const ROUNDS = 8, PULL = 0.6, REACH = 0.45, REACH_OF_THIN = 0.25;

export function smoothMesh(grid, R) {
  const cells = pad(grid, R), net = buildNet(cells, R);
  const places = relax(net, limits(net, cells, R));
  const normals = vertexNormals(net, places), numVertices = places.length / 3;
  const mesh = emptyMesh(numVertices, net.numFaces), q = [0, 0, 0, 0];
  for (let vertex = 0, at = 0; vertex < numVertices; vertex++, at += 3) {
    putVertex(mesh, vertex, places[at], places[at + 1], places[at + 2], R);
    mesh.intensity[vertex] = light(normals, at);
  }
  for (let face = 0; face < net.numFaces; face++) { // cut along the shorter diagonal
    for (let n = 0; n < 4; n++) q[n] = net.faces[4 * face + n];
    putFace(mesh, face, q, distance(places, q[1], q[3]) < distance(places, q[0], q[2]) ? 1 : 0);
  }
  return mesh;
}

const distance = (places, a, b) => Math.hypot(places[3 * a] - places[3 * b],
  places[3 * a + 1] - places[3 * b + 1], places[3 * a + 2] - places[3 * b + 2]);

// Corners of the grid, (V, 3), and the four of each face.
function buildNet(cells, R) {
  const Q = R + 1, numFaces = countFaces(cells, R), known = new Int32Array(Q ** 3).fill(-1);
  const faces = new Int32Array(4 * numFaces), corners = [];
  let next = 0;
  eachFace(cells, R, (side, x, y, z) => {
    for (let n = 0; n < 4; n++) {
      const at = CORNERS[side][n], cx = x + at[0], cy = y + at[1], cz = z + at[2];
      const corner = (cx * Q + cy) * Q + cz;
      if (known[corner] < 0) {
        known[corner] = corners.length / 3;
        corners.push(cx, cy, cz);
      }
      faces[next++] = known[corner];
    }
  });
  return { corners: Float32Array.from(corners), faces, numFaces };
}

// The n-th of the eight cells, in the padded grid, around the vertex whose x lies at `at`.
function cellAround(corners, at, n, R) {
  const x = corners[at] + (n >> 2), y = corners[at + 1] + ((n >> 1) & 1), z = corners[at + 2] + (n & 1);
  return (x * (R + 2) + y) * (R + 2) + z;
}

// How far each vertex may move along each axis, (V, 3).
function limits(net, cells, R) {
  const reach = new Float32Array(net.corners.length).fill(REACH);
  const steps = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((direction) => stride(direction, R));
  for (let at = 0; at < reach.length; at += 3)
    for (let n = 0; n < 8; n++) {
      const cell = cellAround(net.corners, at, n, R);
      if (!cells[cell]) continue;
      for (let axis = 0; axis < 3; axis++)
        if (!cells[cell - steps[axis]] && !cells[cell + steps[axis]])
          reach[at + axis] = REACH_OF_THIN;
    }
  return reach;
}

function relax({ corners, faces }, reach) {
  const places = corners.slice(), sums = new Float32Array(corners.length);
  const counts = new Uint8Array(corners.length / 3);
  for (let i = 0; i < faces.length; i++) counts[faces[i]] += 2;
  for (let round = 0; round < ROUNDS; round++) {
    sums.fill(0);
    for (let face = 0; face < faces.length; face += 4)
      for (let n = 0; n < 4; n++) { // an edge is met from both of its faces, so it counts twice
        const a = 3 * faces[face + n], b = 3 * faces[face + ((n + 1) & 3)];
        for (let axis = 0; axis < 3; axis++) {
          sums[a + axis] += places[b + axis];
          sums[b + axis] += places[a + axis];
        }
      }
    for (let i = 0; i < places.length; i++) {
      const wish = places[i] + PULL * (sums[i] / counts[(i / 3) | 0] - places[i]);
      const low = corners[i] - reach[i], high = corners[i] + reach[i];
      places[i] = wish < low ? low : wish > high ? high : wish;
    }
  }
  return places;
}

// Outward normals, weighted by area, not of unit length.
function vertexNormals({ faces }, places) {
  const normals = new Float32Array(places.length), p = [0, 0, 0], q = [0, 0, 0];
  for (let face = 0; face < faces.length; face += 4) {
    for (let axis = 0; axis < 3; axis++) { // the diagonals of the face
      p[axis] = places[3 * faces[face + 2] + axis] - places[3 * faces[face] + axis];
      q[axis] = places[3 * faces[face + 3] + axis] - places[3 * faces[face + 1] + axis];
    }
    for (let n = 0; n < 4; n++)
      for (let axis = 0; axis < 3; axis++) {
        const b = (axis + 1) % 3, c = (axis + 2) % 3;
        normals[3 * faces[face + n] + axis] += p[b] * q[c] - p[c] * q[b];
      }
  }
  return normals;
}

// The light of the sides, weighted by the squares of the normal: an ambient cube (Mitchell 2006).
function light(normals, at) {
  let sum = 0, weight = 1e-12;
  for (let axis = 0; axis < 3; axis++) {
    const n = normals[at + axis];
    sum += n * n * SIDES[2 * axis + (n < 0 ? 1 : 0)].light;
    weight += n * n;
  }
  return sum / weight;
}
