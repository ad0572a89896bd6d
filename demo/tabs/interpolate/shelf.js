// A shelf of pictures to choose from; a click sends `select` with the number of the picture.
//
// An item is a point (`label` and a picture), or has several `points` that are shown side by side.

import { pictureOf } from "./picture.js";

export function mount({ element, props, trigger, watch }) {
  function buttonOf(item, index) {
    const button = document.createElement("button"), pictures = document.createElement("div");
    const name = document.createElement("span");
    button.type = "button";
    pictures.className = "pictures";
    pictures.append(...(item.points ?? [item]).map(pictureOf));
    name.textContent = item.label;
    button.append(pictures, name);
    button.addEventListener("click", () => trigger("select", { index, value: item.label }));
    return button;
  }

  function receive() {
    const items = props.value?.points ?? [];
    element.querySelector(".items").replaceChildren(...items.map(buttonOf));
    element.querySelector(".none").hidden = items.length > 0;
  }
  watch("value", receive);
  receive();
}
