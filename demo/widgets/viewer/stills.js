// Pictures of what a pane has drawn: a frame that comes again, seen from the same side, is copied.
//
// A CPU that plays the GPU needs a twentieth of a second to draw a pane, so scrubbing to and fro
// would be slow. While frames follow each other a picture covers the plot; when they rest, or the
// shape is turned, the plot draws what is shown and the picture goes.

const KEPT = 12e6; // pixels of all pictures of a pane: 48 MB
const REST = 150; // milliseconds without a new frame

for (const pane of panes) {
  pane.cover = document.createElement("canvas");
  pane.cover.className = "cover";
  pane.plot.append(pane.cover);
  pane.stills = new Map();
}

// Cover the plot with its picture of `key` and draw it at rest; false if there is none.
function cover(pane, key, draw) {
  uncover(pane);
  const still = pane.stills.get(key);
  if (!still) return false;
  Object.assign(pane.cover, { width: still.width, height: still.height }); // wipes it, too
  pane.cover.getContext("2d").drawImage(still, 0, 0);
  pane.plot.classList.add("covered");
  pane.atRest = draw;
  pane.rest = setTimeout(() => settle(pane), REST);
  return true;
}

function uncover(pane) {
  clearTimeout(pane.rest);
  pane.atRest = null;
  pane.plot.classList.remove("covered");
}

// Draw what the picture shows, now.
function settle(pane) {
  const draw = pane.atRest;
  uncover(pane);
  draw?.();
}

// Keep what the plot has just drawn; to be called before the browser shows it.
async function keep(pane, key, canvas) {
  if (moving || hand || pane.stills.has(key)) return;
  const { stills } = pane;
  const still = await createImageBitmap(canvas);
  if (stills !== pane.stills) return still.close(); // it has been turned since
  stills.set(key, still);
  if (stills.size <= KEPT / (still.width * still.height)) return;
  const [[oldest, picture]] = stills;
  picture.close();
  stills.delete(oldest);
}

// Pictures from another side are of no use.
function forget(pane) {
  settle(pane);
  pane.stills.forEach((still) => still.close());
  pane.stills = new Map();
}
