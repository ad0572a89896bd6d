// The query: a picture, or a shape that can be turned by hand, and a line about it.

import { AZIMUTH, STONE, TILT, VIEW, modelOf, paintModel } from "../../web/thumbnails.js";

export function mount({ element, props, watch }) {
  const stage = element.querySelector(".stage"), label = element.querySelector(".label");
  const canvas = element.querySelector("canvas"), image = element.querySelector("img");
  let model = null, azimuth = AZIMUTH, grip = null;

  function turnTo(angle) {
    azimuth = angle;
    if (!model) return;
    paintModel(canvas, model, STONE, azimuth);
    drawFront(canvas.getContext("2d"));
  }

  // An arrow on the floor, from under the shape to its front, as `paintModel` sees the world.
  function drawFront(context) {
    const zoom = canvas.width / VIEW, [c, s] = [Math.cos(azimuth), Math.sin(azimuth)];
    const on = (x, z) => [canvas.width / 2 + zoom * (x * s - z * c), canvas.height / 2
      + zoom * (Math.sin(TILT) * (x * c + z * s) + 0.5 * Math.cos(TILT))];
    context.strokeStyle = context.fillStyle = "#8b93a1";
    context.lineWidth = 3;
    context.beginPath();
    for (const point of [[0.5, 0], [0.62, 0], [0.56, 0.04], [0.62, 0], [0.56, -0.04]])
      context.lineTo(...on(...point));
    context.stroke();
    context.font = "22px ui-sans-serif, system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(props.text.front, ...on(0.72, 0));
  }
  canvas.addEventListener("pointerdown", (event) => {
    grip = [event.clientX, azimuth];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (grip && event.buttons) turnTo(grip[1] + 0.012 * (event.clientX - grip[0]));
  });
  canvas.addEventListener("keydown", (event) => {
    const turn = { ArrowLeft: -0.15, ArrowRight: 0.15 }[event.key];
    if (turn) { turnTo(azimuth + turn); event.preventDefault(); }
  });

  function receive() {
    const { src, bits, resolution, label: text, error } = props.value ?? {};
    model = bits ? modelOf(bits, resolution) : null;
    canvas.hidden = !model;
    image.hidden = !src;
    image.src = src ?? "data:,";
    stage.classList.toggle("bare", !model && !src);
    label.classList.toggle("error", Boolean(error));
    label.textContent = error ?? text ?? props.text.empty;
    turnTo(AZIMUTH);
  }
  watch("value", receive);
  receive();
}
