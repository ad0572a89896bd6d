// The gallery's shapes nearest to an image, a row for each space, as still thumbnails.

import { AZIMUTH, modelOf, paintModel } from "../../web/thumbnails.js";

const entry = (tag, className, text) => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

export function mount({ element, props, watch }) {
  const TEXT = props.text;

  function card(shape, R, shades, isClosest) {
    const item = document.createElement("li"), canvas = document.createElement("canvas");
    item.className = isClosest ? "closest" : "";
    canvas.width = canvas.height = 128;
    canvas.setAttribute("aria-hidden", "true");
    paintModel(canvas, modelOf(shape.bits, R), shades, AZIMUTH);
    const numbers = `${TEXT.similarity} ${shape.similarity.toFixed(2)}`;
    item.append(canvas, entry("b", "", shape.name), entry("span", "", numbers));
    item.append(entry("span", "", shape.iou === null ? "" : `${TEXT.iou} ${shape.iou.toFixed(2)}`));
    return item;
  }

  function receive() {
    const value = props.value ?? {};
    for (const row of element.querySelectorAll("[data-space]")) {
      const shapes = value.columns?.[row.dataset.space], list = row.querySelector("ul");
      const ious = (shapes ?? []).map((shape) => shape.iou ?? -1), best = Math.max(...ious);
      const { shades } = props.rows.find(({ id }) => id === row.dataset.space);
      list.replaceChildren(...(shapes ?? []).map((shape) =>
        card(shape, value.resolution, shades, best >= 0 && shape.iou === best)));
      row.querySelector(".closest-iou").textContent =
        best >= 0 ? TEXT.closest.replace("{iou}", best.toFixed(2)) : "";
      const why = value.missing ? TEXT.missing : value.columns ? TEXT.not_known : TEXT.empty;
      row.querySelector(".none").textContent =
        shapes?.length ? "" : value.missing?.[row.dataset.space] ?? why;
    }
  }
  watch("value", receive);
  receive();
}
