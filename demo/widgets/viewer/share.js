// A picture or a film of what is on show, to send to others. Drawn in the browser: nothing is sent.
//
// A sheet has the panes side by side under their names, what they were made from, and the note with
// the seed. A film is drawn first, sheet by sheet, and then recorded at an even pace, so that a slow
// device only takes longer.

const SIDE = 520, HEAD = 56, FOOT = 104, EDGE = 20; // pixels of a pane, of the names, of the foot
const TURN = 48, PACE = 60; // sheets of a full turn; milliseconds of each
const HOLD = 10; // sheets that a film rests on its last
const KINDS = ["video/mp4;codecs=avc1.42E01E", "video/mp4", "video/webm;codecs=vp9", "video/webm"];

export function makeShare({ element, props }, view) {
  const root = element.querySelector(".share"), TEXT = props.text;
  const told = root.querySelector(".shared");
  let busy = false;

  function draw() {
    const style = getComputedStyle(element.querySelector(".viewer"));
    const sheet = document.createElement("canvas"), ink = sheet.getContext("2d");
    sheet.width = SIDE * view.panes.length;
    sheet.height = HEAD + SIDE + FOOT;
    ink.fillStyle = style.getPropertyValue("--card") || "#ffffff";
    ink.fillRect(0, 0, sheet.width, sheet.height);
    ink.textBaseline = "middle";
    view.panes.forEach((pane, at) => {
      ink.fillStyle = pane.shade;
      ink.fillRect(SIDE * at + EDGE, HEAD / 2 - 7, 14, 14);
      ink.fillStyle = style.color;
      ink.font = `650 22px ${style.fontFamily}`;
      ink.fillText(pane.title, SIDE * at + EDGE + 24, HEAD / 2);
      fit(ink, view.grab(pane), SIDE * at, HEAD, SIDE, SIDE);
    });
    let left = EDGE;
    for (const picture of sources()) {
      fit(ink, picture, left, HEAD + SIDE + 12, FOOT - 24, FOOT - 24);
      left += FOOT - 12;
    }
    ink.font = `16px ${style.fontFamily}`;
    const lines = [view.label(), element.querySelector(".note").textContent].filter(Boolean);
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

  function save(blob, ending) {
    const link = document.createElement("a"), address = URL.createObjectURL(blob);
    Object.assign(link, { href: address, download: `clip-and-cisp.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  async function record(sheets) {
    const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
    const screen = Object.assign(document.createElement("canvas"),
      { width: sheets[0].width, height: sheets[0].height });
    const ink = screen.getContext("2d"), stream = screen.captureStream(0);
    const recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: 6e6 });
    const parts = [], ended = new Promise((done) => { recorder.onstop = done; });
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    for (const sheet of [...sheets, ...Array(HOLD).fill(sheets.at(-1))]) {
      ink.drawImage(sheet, 0, 0);
      stream.getVideoTracks()[0].requestFrame();
      await new Promise((done) => setTimeout(done, PACE));
    }
    recorder.stop();
    await ended;
    return [new Blob(parts, { type: kind }), kind.slice(6, 10).replace(";", "")];
  }

  // `step` shows the next thing to see, and is called `count` times.
  async function film(count, step) {
    const sheets = [];
    for (let at = 0; at < count; at++) {
      await step(at);
      sheets.push(draw());
      told.textContent = TEXT.filming.replace("{share}", Math.round(100 * (at + 1) / count));
      await new Promise(requestAnimationFrame); // the page stays alive
    }
    save(...await record(sheets));
  }

  const ways = {
    picture: () => new Promise((done) => draw().toBlob((blob) => { save(blob, "png"); done(); })),
    turn: () => film(TURN, () => view.turn(2 * Math.PI / TURN)),
    frames: async () => {
      const stayed = view.index();
      await film(view.length(), (at) => view.show(at));
      view.show(stayed);
    },
  };
  for (const [name, make] of Object.entries(ways))
    root.querySelector(`.${name}`).addEventListener("click", async () => {
      if (busy) return;
      busy = true;
      try {
        await make();
        told.textContent = TEXT.shared;
      } catch (error) {
        told.textContent = TEXT.unshared;
        console.info(error);
      }
      busy = false;
    });

  return {
    // What can be shared of what is there now.
    update(shapes, frames) {
      root.hidden = !shapes;
      root.querySelector(".frames").hidden = frames < 2;
      const films = typeof MediaRecorder !== "undefined";
      for (const one of root.querySelectorAll(".film")) one.disabled = !films;
    },
  };
}
