// Grids, and measures counted in them.
//
// grid[(x * R + y) * R + z] is 1 inside the shape and 0 outside; +y is up, the front is at +x.

// Undo `pack` of demo/service/frames.py: base64, the highest bit of a byte first.
export function unpack(bits, R) {
  const bytes = Uint8Array.from(atob(bits), (c) => c.charCodeAt(0));
  const grid = new Uint8Array(R ** 3);
  for (let i = 0; i < grid.length; i++) grid[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1;
  return grid;
}

// The grid with a border of empty cells, which avoids special cases at the edge.
export function pad(grid, R) {
  const P = R + 2, cells = new Uint8Array(P ** 3);
  for (let x = 0; x < R; x++)
    for (let y = 0; y < R; y++)
      cells.set(grid.subarray((x * R + y) * R, (x * R + y + 1) * R), ((x + 1) * P + y + 1) * P + 1);
  return cells;
}

export function filled(grid) {
  let count = 0;
  for (const cell of grid) count += cell;
  return count / grid.length;
}

// Cells inside only a, only b, and both.
export function compareCells(a, b) {
  let onlyA = 0, onlyB = 0, both = 0;
  for (let i = 0; i < a.length; i++) {
    both += a[i] & b[i];
    onlyA += a[i] & ~b[i];
    onlyB += b[i] & ~a[i];
  }
  return { onlyA, onlyB, both, either: onlyA + onlyB + both };
}

// Two empty grids agree, so they score 1.
export function iou(a, b) {
  const { both, either } = compareCells(a, b);
  return either ? both / either : 1;
}

// How far apart samples are: the mean of 1 - IoU over all pairs; null for fewer than two.
export function spread(grids) {
  let sum = 0, pairs = 0;
  for (let i = 0; i < grids.length; i++)
    for (let j = 0; j < i; j++, pairs++) sum += 1 - iou(grids[i], grids[j]);
  return pairs ? sum / pairs : null;
}

// Pieces that do not touch; cells that share a corner do (26 neighbours). Rows of cells along z are
// cut into runs, and runs of neighbouring rows that touch become one piece.
export function parts(grid, R) {
  const from = [], to = [], piece = [], rows = new Int32Array(R * R + 1); // runs of row n start here
  const root = (run) => { while (piece[run] !== run) run = piece[run] = piece[piece[run]]; return run; };
  let count = 0;
  const join = (first, row) => { // the runs from `first` on with those of an earlier row
    for (let run = first; run < from.length; run++)
      for (let other = rows[row]; other < rows[row + 1]; other++) {
        if (from[other] > to[run] + 1 || from[run] > to[other] + 1) continue;
        const a = root(run), b = root(other);
        if (a !== b) { piece[a] = b; count--; }
      }
  };
  for (let x = 0; x < R; x++) for (let y = 0; y < R; y++) {
    const row = x * R + y, first = rows[row] = from.length;
    for (let z = 0; z < R; z++) {
      if (!grid[row * R + z]) continue;
      const start = z;
      while (z + 1 < R && grid[row * R + z + 1]) z++;
      piece.push(from.length);
      from.push(start);
      to.push(z);
      count++;
    }
    rows[row + 1] = from.length;
    if (first === from.length) continue;
    if (y > 0) join(first, row - 1);
    if (x > 0) for (let d = -1; d <= 1; d++) if (y + d >= 0 && y + d < R) join(first, row - R + d);
  }
  return count;
}
