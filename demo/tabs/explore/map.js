// One map of the gallery on a 2D canvas: points, the hovered one, the query.
//
// `look` is shared by all maps of a page: colours, category (a number a row), names (of the
// categories), shown (1 a row that passes the filter), hovered (a row or null), and asked:
// { row, places, nearest } as the server returns. A map calls `on.hover(row)` and `on.choose(row)`.

const MARGIN = 16, REACH = 16; // pixels: around the map, and how far a pointer finds a point
const MOST_ZOOM = 12;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// Thirteen colours alone are not distinct for everybody, so marker shapes alternate.
export function traceMarker(context, form, x, y, r) {
  if (form === 0) { context.moveTo(x + r, y); context.arc(x, y, r, 0, 2 * Math.PI); }
  else if (form === 1) context.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r);
  else {
    context.moveTo(x, y - 1.25 * r);
    context.lineTo(x + 1.15 * r, y + 0.8 * r);
    context.lineTo(x - 1.15 * r, y + 0.8 * r);
    context.closePath();
  }
}
export const formOf = (category) => category % 3;

export function makeMap(space, canvas, places, look, on) {
  const context = canvas.getContext("2d"), base = document.createElement("canvas");
  const view = { x: 0, y: 0, zoom: 1 };
  const count = places.length / 2;
  let size = 0, ratio = 1, waiting = false, stale = true;

  const scale = () => (size / 2 - MARGIN) * view.zoom;
  const screen = (x, y) => [size / 2 + (x - view.x) * scale(), size / 2 - (y - view.y) * scale()];
  const at = (row) => screen(places[2 * row], places[2 * row + 1]);
  const radius = () => 2.3 * Math.min(2.4, Math.sqrt(view.zoom)) * Math.max(0.8, size / 430);

  // ---- drawing -----------------------------------------------------------------------------

  function redraw(all = false) { // once per browser frame, however many calls there are
    stale ||= all;
    if (!waiting) requestAnimationFrame(() => { waiting = false; if (size) draw(); });
    waiting = true;
  }

  function drawPoints(ctx, style) {
    const rows = Array.from(look.names, () => []), faint = [];
    for (let row = 0; row < count; row++) (look.shown[row] ? rows[look.category[row]] : faint).push(row);
    const fill = (some, form, r, colour) => {
      ctx.beginPath();
      for (const row of some) traceMarker(ctx, form, ...at(row), r);
      ctx.fillStyle = colour;
      ctx.fill();
    };
    fill(faint, 0, 0.7 * radius(), style("--line"));
    rows.forEach((some, category) => fill(some, formOf(category), radius(), look.colours[category]));
  }

  // Each category's name at the shape nearest to its median, moved aside where two would meet.
  function drawNames(ctx, style) {
    const taken = [], rows = Array.from(look.names, () => []);
    for (let row = 0; row < count; row++) if (look.shown[row]) rows[look.category[row]].push(row);
    ctx.font = "600 12px ui-sans-serif, system-ui, sans-serif";
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    rows.forEach((some, category) => {
      if (!some.length) return;
      const middle = [0, 1].map((axis) =>
        some.map((row) => places[2 * row + axis]).sort((a, b) => a - b)[some.length >> 1]);
      const far = (row) => Math.hypot(places[2 * row] - middle[0], places[2 * row + 1] - middle[1]);
      let [x, y] = at(some.reduce((a, b) => (far(b) < far(a) ? b : a)));
      const half = ctx.measureText(look.names[category]).width / 2 + 3;
      x = Math.max(half, Math.min(size - half, x));
      const meets = (top) => taken.some((other) =>
        Math.abs(other.x - x) < other.half + half && Math.abs(other.y - top) < 15);
      y = [0, 16, -16, 32, -32].map((d) => y + d).find((top) => !meets(top)) ?? y;
      taken.push({ x, y, half });
      ctx.lineWidth = 4;
      ctx.strokeStyle = style("--card");
      ctx.strokeText(look.names[category], x, y);
      ctx.fillStyle = style("--ink");
      ctx.fillText(look.names[category], x, y);
    });
  }

  function ring([x, y], r, colour, width) {
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }

  function drawAsked(style) {
    const { nearest = {}, places: asked = {}, row = null } = look.asked;
    for (const [other, hits] of Object.entries(nearest)) // where the nearest of other spaces lie
      if (other !== space.id) for (const hit of hits) ring(at(hit.row), 5, look.shades[other], 1.2);
    const place = asked[space.id];
    if (!place) return;
    const [x, y] = screen(...place);
    for (const hit of nearest[space.id] ?? []) {
      const [a, b] = at(hit.row);
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(a, b);
      context.lineWidth = 1.6;
      context.strokeStyle = space.shade;
      context.stroke();
      ring([a, b], 6, space.shade, 2.4);
    }
    context.beginPath(); // a diamond, which no category uses
    for (const [dx, dy] of [[0, -9], [9, 0], [0, 9], [-9, 0]]) context.lineTo(x + dx, y + dy);
    context.closePath();
    context.fillStyle = row === null ? space.shade : look.colours[look.category[row]];
    context.strokeStyle = style("--ink");
    context.lineWidth = 2;
    context.fill();
    context.stroke();
  }

  function draw() {
    const sheet = getComputedStyle(canvas), style = (name) => sheet.getPropertyValue(name);
    if (stale) {
      const ctx = base.getContext("2d");
      base.width = canvas.width;
      base.height = canvas.height;
      ctx.scale(ratio, ratio);
      drawPoints(ctx, style);
      drawNames(ctx, style);
      stale = false;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(base, 0, 0);
    context.scale(ratio, ratio);
    drawAsked(style);
    if (look.hovered !== null) {
      context.beginPath();
      traceMarker(context, formOf(look.category[look.hovered]), ...at(look.hovered), 5);
      context.fillStyle = look.colours[look.category[look.hovered]];
      context.fill();
      ring(at(look.hovered), 9, style("--ink"), 2);
    }
  }

  new ResizeObserver(() => {
    size = canvas.clientWidth;
    ratio = window.devicePixelRatio || 1;
    if (!size) return;
    canvas.width = canvas.height = Math.round(size * ratio);
    redraw(true);
  }).observe(canvas);

  // ---- finding -----------------------------------------------------------------------------

  function best(cost) { // the shown row of least cost; Infinity rules a row out
    let found = null, least = Infinity;
    for (let row = 0; row < count; row++) {
      if (!look.shown[row]) continue;
      const one = cost(...at(row), row);
      if (one < least) [least, found] = [one, row];
    }
    return found;
  }
  const near = (x, y, reach = Infinity) => best((a, b) => {
    const d = Math.hypot(a - x, b - y);
    return d <= reach ? d : Infinity;
  });
  // The nearest within 60 degrees of a direction, those straight ahead first.
  function step(from, [right, up]) {
    const [x, y] = at(from);
    return best((a, b, row) => {
      const d = Math.hypot(a - x, b - y), along = (a - x) * right - (b - y) * up;
      return row === from || along <= 0.5 * d ? Infinity : d * (d / along) ** 2;
    }) ?? from;
  }

  // ---- zoom --------------------------------------------------------------------------------

  function look_at(x, y, zoom) {
    view.zoom = Math.max(1, Math.min(MOST_ZOOM, zoom));
    const most = 1 - 1 / view.zoom; // at zoom 1 the whole map is there, and stays there
    view.x = Math.max(-most, Math.min(most, x));
    view.y = Math.max(-most, Math.min(most, y));
    canvas.classList.toggle("zoomed", view.zoom > 1);
    redraw(true);
  }
  function zoom(factor) { // around the query or the hovered point
    const asked = look.asked.places?.[space.id], row = look.hovered;
    const centre = row !== null ? [places[2 * row], places[2 * row + 1]] : asked ?? [view.x, view.y];
    look_at(...centre, view.zoom * factor);
  }

  // ---- pointer and keys --------------------------------------------------------------------

  let grip = null, moved = false;
  canvas.addEventListener("pointerdown", (event) => {
    grip = [event.offsetX, event.offsetY, view.x, view.y];
    moved = false;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (grip && view.zoom > 1 && event.buttons) {
      const [x, y] = [event.offsetX - grip[0], event.offsetY - grip[1]];
      if (Math.hypot(x, y) > 4) { moved = true; canvas.setPointerCapture(event.pointerId); }
      if (moved) return look_at(grip[2] - x / scale(), grip[3] + y / scale(), view.zoom);
    }
    on.hover(near(event.offsetX, event.offsetY, REACH), canvas);
  });
  canvas.addEventListener("pointerleave", () => { grip = null; on.hover(null, canvas); });
  canvas.addEventListener("click", (event) => {
    const row = near(event.offsetX, event.offsetY, REACH);
    grip = null;
    if (!moved && row !== null) on.choose(row);
  });
  canvas.addEventListener("wheel", (event) => { // a pinch, too: the page itself keeps scrolling
    if (!event.ctrlKey) return;
    event.preventDefault();
    on.zoom(Math.exp(-0.01 * event.deltaY));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const from = look.hovered ?? look.asked.row ?? null;
    if (ARROWS[event.key]) {
      const to = from === null ? near(size / 2, size / 2) : step(from, ARROWS[event.key]);
      if (to !== null && !at(to).every((place) => place >= 0 && place <= size)) // keep it in sight
        look_at(places[2 * to], places[2 * to + 1], view.zoom);
      on.hover(to, canvas, true);
    }
    else if ((event.key === "Enter" || event.key === " ") && look.hovered !== null)
      on.choose(look.hovered);
    else if (event.key === "+" || event.key === "=") on.zoom(1.5);
    else if (event.key === "-") on.zoom(1 / 1.5);
    else if (event.key === "Home") on.zoom(0);
    else if (event.key === "Escape") on.hover(null, canvas);
    else return;
    event.preventDefault();
  });

  return { redraw, at, zoom, canvas, reset: () => look_at(0, 0, 1) };
}
