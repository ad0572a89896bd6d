// A picture or a film of what is on show, to send to others. Drawn in the browser: nothing is sent.
//
// A sheet has the panes side by side under their names, what they were made from, and the note with
// the seed. A film is drawn first, sheet by sheet, and then recorded at an even pace, so that a slow
// device only takes longer. Until then sheets are kept as JPEG: a thirtieth of the memory.

const SIDE = 520, HEAD = 56, FOOT = 104, EDGE = 20; // pixels of a pane, of the names, of the foot
const TURN = 48, PACE = 60; // sheets of a full turn; milliseconds of each
const MOST = 100; // sheets of a film: of more frames some are left out, evenly
const HOLD = 10; // sheets that a film rests on its last
const KINDS = ["video/mp4;codecs=avc1.42E028", "video/mp4", "video/webm;codecs=vp9", "video/webm"];

export function makeShare({ element, props }, view) {
  const root = element.querySelector(".share"), TEXT = props.text;
  const told = root.querySelector(".shared"), viewer = element.querySelector(".viewer");
  let busy = false;

  function draw() {
    const style = getComputedStyle(viewer), over = viewer.classList.contains("over");
    const sheet = document.createElement("canvas"), ink = sheet.getContext("2d");
    sheet.width = SIDE * view.panes.length;
    sheet.height = HEAD + SIDE + FOOT;
    ink.fillStyle = style.getPropertyValue("--card") || "#ffffff";
    ink.fillRect(0, 0, sheet.width, sheet.height);
    ink.textBaseline = "middle";
    view.panes.forEach((pane, at) => {
      ink.fillStyle = pane.shade;
      if (!over) ink.fillRect(SIDE * at + EDGE, HEAD / 2 - 7, 14, 14);
      ink.fillStyle = style.color;
      ink.font = `650 22px ${style.fontFamily}`;
      const name = over ? pane.root.querySelector("h3.over").textContent : pane.title;
      ink.fillText(name, SIDE * at + EDGE + (over ? 0 : 24), HEAD / 2, SIDE - 3 * EDGE);
      fit(ink, view.grab(pane), SIDE * at, HEAD, SIDE, SIDE);
    });
    let left = EDGE;
    for (const picture of sources()) {
      fit(ink, picture, left, HEAD + SIDE + 12, FOOT - 24, FOOT - 24);
      left += FOOT - 12;
    }
    ink.font = `16px ${style.fontFamily}`;
    const lines = view.lines().filter(Boolean);
    lines.forEach((line, row) => ink.fillText(line, left,
      HEAD + SIDE + FOOT / 2 + 24 * (row - (lines.length - 1) / 2), sheet.width - left - EDGE));
    return sheet;
  }

  // What the shapes were made from, as the page shows it beside them.
  function sources() {
    const tab = element.closest("[role=tabpanel]") ?? document;
    return props.sources ? [...tab.querySelectorAll(props.sources)]
      .filter((one) => one.clientWidth && (one.naturalWidth ?? one.width)) : [];
  }

  function fit(ink, picture, x, y, width, height) {
    const [w, h] = [picture.naturalWidth ?? picture.width, picture.naturalHeight ?? picture.height];
    const grow = Math.min(width / w, height / h);
    ink.drawImage(picture, x + (width - grow * w) / 2, y + (height - grow * h) / 2, grow * w, grow * h);
  }

  const packed = (sheet, ...kind) => new Promise((done, fail) =>
    sheet.toBlob((blob) => blob ? done(blob) : fail(new Error("no picture")), ...kind));

  function save(blob, ending) {
    if (!blob.size) throw new Error("nothing was recorded");
    const link = document.createElement("a"), address = URL.createObjectURL(blob);
    Object.assign(link, { href: address, download: `clip-and-cisp.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  async function record(sheets) {
    const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
    const screen = document.createElement("canvas"), ink = screen.getContext("2d");
    Object.assign(screen, { width: SIDE * view.panes.length, height: HEAD + SIDE + FOOT });
    const stream = screen.captureStream(0), track = stream.getVideoTracks()[0];
    const clock = track.requestFrame ? track : stream; // Firefox has it on the stream
    const recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: 6e6 });
    const parts = [], ended = new Promise((done, fail) => {
      recorder.onstop = done;
      recorder.onerror = ({ error }) => fail(error ?? new Error("not recorded"));
    });
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    try {
      for (const sheet of [...sheets, ...Array(HOLD).fill(sheets.at(-1))]) {
        ink.drawImage(await createImageBitmap(sheet), 0, 0);
        clock.requestFrame();
        await new Promise((done) => setTimeout(done, PACE));
      }
    } finally {
      if (recorder.state !== "inactive") recorder.stop();
    }
    await ended;
    return [new Blob(parts, { type: kind }), kind.slice(6, 10).replace(";", "")];
  }

  // `step` shows the next thing to see, and is called `count` times.
  async function film(count, step) {
    const run = view.run(), sheets = [];
    view.pause();
    for (let at = 0; at < count; at++) {
      await step(at);
      if (view.run() !== run) throw new Error("other shapes have come");
      sheets.push(await packed(draw(), "image/jpeg", 0.95));
      const share = 100 * (at + 1) / count;
      if (share % 25 < 100 / count) told.textContent = TEXT.filming.replace("{share}", Math.round(share));
      await new Promise(requestAnimationFrame); // the page stays alive
    }
    save(...await record(sheets));
  }

  async function filmFrames() {
    const stayed = view.index(), count = Math.min(view.length(), MOST);
    try {
      await film(count, (at) => view.show(Math.round(at * (view.length() - 1) / (count - 1))));
    } finally {
      view.show(stayed);
    }
  }

  const ways = {
    picture: async () => save(await packed(draw()), "png"),
    turn: () => film(TURN, () => view.turn(2 * Math.PI / TURN)),
    frames: filmFrames,
  };
  const buttons = Object.keys(ways).map((name) => root.querySelector(`.${name}`));
  const films = typeof MediaRecorder !== "undefined";
  function enable() {
    for (const one of buttons) one.disabled = busy || (!films && one.classList.contains("film"));
  }
  Object.values(ways).forEach((make, at) => buttons[at].addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    enable();
    try {
      await make();
      told.textContent = TEXT.shared;
    } catch (error) {
      told.textContent = TEXT.unshared;
      console.info(error);
    }
    busy = false;
    enable();
  }));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !root.open) return;
    root.open = false;
    root.querySelector("summary").focus();
  });
  root.addEventListener("toggle", () => { if (root.open && !busy) told.textContent = ""; });
  enable();

  return {
    // What can be shared of what is there now.
    update(shapes, frames) {
      root.hidden = !shapes;
      root.querySelector(".frames").hidden = frames < 2;
    },
  };
}
