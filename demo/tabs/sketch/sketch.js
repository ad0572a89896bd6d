// The pad: pen, eraser, undo, redo, bin and upload over one plain canvas.
//
// After every change it puts `{ image, at }` into its value, the page as a data URL and the time of
// the change by this browser's clock, and sends `input`. A value `{ load }` is a page to draw on.
//
// The page is a list of marks on white paper; undo redraws all marks but the last.

export function mount({ element, props, trigger, watch }) {
  const canvas = element.querySelector("canvas"), easel = element.querySelector(".easel");
  // Read after every stroke, so kept in main memory; a canvas on the GPU returned an old page.
  const pen = canvas.getContext("2d", { willReadFrequently: true }), side = canvas.width;
  const tool = (name) => element.querySelector(`[data-tool="${name}"]`);
  const marks = [], undone = [];
  let erasing = false, stroke = null;

  function blank() {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, side, side);
  }

  function picture(image) { // in the middle, as large as it fits
    blank();
    const scale = side / Math.max(image.width, image.height);
    const [width, height] = [scale * image.width, scale * image.height];
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, (side - width) / 2, (side - height) / 2, width, height);
  }

  function line({ points, width, color }) { // through the middles of its parts: round, not angular
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...points[0]);
    for (let i = 1; i < points.length - 1; i++)
      pen.quadraticCurveTo(...points[i], ...points[i].map((p, axis) => (p + points[i + 1][axis]) / 2));
    pen.lineTo(...points.at(-1));
    pen.stroke();
  }

  let finished = null; // the page without the stroke that is being drawn
  function draw() {
    if (stroke && finished) pen.putImageData(finished, 0, 0);
    else {
      blank();
      for (const mark of marks) mark();
      finished = stroke ? pen.getImageData(0, 0, side, side) : null;
    }
    if (stroke) line(stroke);
  }

  function send() {
    tool("undo").disabled = !marks.length;
    tool("redo").disabled = !undone.length;
    easel.dataset.blank = String(!marks.length || marks.at(-1) === blank);
    element.querySelector(".trouble").textContent = "";
    props.value = { image: canvas.toDataURL("image/png"), at: performance.now() };
    trigger("input");
  }

  function add(mark) {
    marks.push(mark);
    undone.length = 0;
    finished = null;
    draw();
    send();
  }

  function move(from, to) { // undo and redo
    if (!from.length) return;
    to.push(from.pop());
    finished = null;
    draw();
    send();
  }

  // ---- drawing -----------------------------------------------------------------------------

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top].map((p) => (p * side) / box.width);
  }
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || stroke) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const width = Number(tool("width").value);
    stroke = { points: [place(event)], width: erasing ? 4 * width : width,
               color: erasing ? "#fff" : "#000", pointer: event.pointerId };
    easel.dataset.blank = "false";
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== stroke?.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    stroke.points.push(...(events.length ? events : [event]).map(place));
    draw();
  });
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== stroke?.pointer) return;
      const done = stroke;
      stroke = null;
      add(() => line(done));
    });

  // ---- tools -------------------------------------------------------------------------------

  function take(eraser) {
    erasing = eraser;
    tool("pen").setAttribute("aria-pressed", String(!eraser));
    tool("eraser").setAttribute("aria-pressed", String(eraser));
  }
  const undo = () => move(marks, undone), redo = () => move(undone, marks);
  const clear = () => { if (easel.dataset.blank !== "true") add(blank); }; // can be undone as well
  tool("pen").addEventListener("click", () => take(false));
  tool("eraser").addEventListener("click", () => take(true));
  tool("undo").addEventListener("click", undo);
  tool("redo").addEventListener("click", redo);
  tool("clear").addEventListener("click", clear);
  canvas.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    if (event.shiftKey) redo(); else undo();
  });

  function inked(bitmap) { // light strokes on nothing would be lost on white paper: turned dark
    const own = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    const brush = own.getContext("2d");
    brush.drawImage(bitmap, 0, 0);
    const seen = brush.getImageData(0, 0, own.width, own.height), pixels = seen.data;
    let light = 0, shown = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      light += (pixels[i] + pixels[i + 1] + pixels[i + 2]) / 3 * pixels[i + 3];
      shown += pixels[i + 3];
    }
    if (light <= 160 * shown || shown > 0.98 * 255 * pixels.length / 4) return bitmap; // dark, or opaque
    for (let i = 0; i < pixels.length; i++) if (i % 4 < 3) pixels[i] = 255 - pixels[i];
    brush.putImageData(seen, 0, 0);
    return own;
  }

  async function load(source, name) {
    const image = new Image();
    image.src = source;
    try {
      await image.decode();
      const fit = Math.min(1, side / Math.max(image.width, image.height));
      const bitmap = await createImageBitmap(image, { // its own pixels: the address may be gone later
        resizeWidth: Math.max(1, Math.round(fit * image.width)), resizeQuality: "high",
        resizeHeight: Math.max(1, Math.round(fit * image.height)) });
      const ink = inked(bitmap);
      add(() => picture(ink));
    } catch {
      element.querySelector(".trouble").textContent = props.text.broken.replace("{name}", name);
    }
  }
  async function upload(file) {
    if (!file) return;
    const address = URL.createObjectURL(file);
    await load(address, file.name);
    URL.revokeObjectURL(address);
  }
  tool("upload").addEventListener("change", (event) => {
    upload(event.target.files[0]);
    event.target.value = ""; // so that the same file can be chosen again
  });
  easel.addEventListener("dragover", (event) => event.preventDefault());
  easel.addEventListener("drop", (event) => {
    event.preventDefault();
    upload(event.dataTransfer.files[0]);
  });

  const receive = () => { if (props.value?.load) load(props.value.load, ""); };
  blank();
  watch("value", receive);
  receive();
}
