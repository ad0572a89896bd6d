// A picture of an end point: an image, or a shape of the gallery that is drawn here.
//
// Comes after faces.js and thumbnails.js.

const STONE = ["#2b3038", "#5b6472", "#98a2b1", "#c9cfd8"]; // neither column's colour

function pictureOf(point) {
  if (point.src) {
    const image = document.createElement("img");
    image.src = point.src;
    image.alt = "";
    return image;
  }
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 128;
  canvas.setAttribute("aria-hidden", "true");
  if (point.bits)
    paintModel(canvas, faceModel(unpack(point.bits, point.resolution), point.resolution), STONE, AZIMUTH);
  return canvas;
}
