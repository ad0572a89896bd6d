// Cached pictures of a pane: a frame shown again from the same camera is copied, not drawn.
//
// Without a GPU, drawing a pane takes a twentieth of a second, so scrubbing back and forth would be
// slow. While frames change a picture covers the plot; when they stop, or the shape is turned, the
// plot draws what is shown and the picture is removed.

const KEPT = 12e6; // pixels of all pictures of a pane: 48 MB
const REST = 150; // milliseconds without a new frame

export function makeStills(plot) {
  const sheet = document.createElement("canvas");
  sheet.className = "cover";
  plot.append(sheet);
  let stills = new Map(), atRest = null, rest = null;

  function uncover() {
    clearTimeout(rest);
    atRest = null;
    plot.classList.remove("covered");
  }

  // Draw what the picture shows, now.
  function settle() {
    const draw = atRest;
    uncover();
    draw?.();
  }

  return {
    // Cover the plot with its picture of `key` and draw it later; false if there is none.
    cover(key, draw) {
      uncover();
      const still = stills.get(key);
      if (!still) return false;
      Object.assign(sheet, { width: still.width, height: still.height }); // also clears it
      sheet.getContext("2d").drawImage(still, 0, 0);
      plot.classList.add("covered");
      atRest = draw;
      rest = setTimeout(settle, REST);
      return true;
    },

    // Store what the plot has just drawn; call it before the browser shows it.
    async keep(key, canvas) {
      if (stills.has(key)) return;
      const before = stills, still = await createImageBitmap(canvas);
      if (stills !== before) return still.close(); // it has been turned since
      stills.set(key, still);
      if (stills.size <= KEPT / (still.width * still.height)) return;
      const [[oldest, picture]] = stills;
      picture.close();
      stills.delete(oldest);
    },

    settle,

    // Pictures from another camera are useless.
    forget() {
      settle();
      stills.forEach((still) => still.close());
      stills = new Map();
    },
  };
}
