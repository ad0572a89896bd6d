// A picture of an end point: an image, or a shape of the gallery that is drawn here.

import { AZIMUTH, STONE, modelOf, paintModel } from "../../web/thumbnails.js";

export function pictureOf(point) {
  if (point.src) {
    const image = document.createElement("img");
    image.src = point.src;
    image.alt = "";
    return image;
  }
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 128;
  canvas.setAttribute("aria-hidden", "true");
  if (point.bits) paintModel(canvas, modelOf(point.bits, point.resolution), STONE, AZIMUTH);
  return canvas;
}
