// The end points: a card each, of which one is active.
//
// A click sends `select` with the number of the card; the server decides what follows.

import { pictureOf } from "./picture.js";

export function mount({ element, props, trigger, watch }) {
  const cards = [...element.querySelectorAll("button")];
  cards.forEach((card, index) =>
    card.addEventListener("click", () => trigger("select", { index, value: index })));

  function receive() {
    const { points, active, count } = props.value;
    element.querySelector(".points").dataset.count = count;
    cards.forEach((card, index) => {
      const point = points[index], label = point?.label ?? props.text.empty;
      card.hidden = index >= count;
      card.setAttribute("aria-pressed", String(index === active));
      card.setAttribute("aria-label", props.text.point
        .replace("{letter}", props.text.letters[index]).replace("{label}", label));
      card.querySelector(".picture").replaceChildren(...(point ? [pictureOf(point)] : []));
      card.querySelector(".name").textContent = index === active && !point ? props.text.active : label;
    });
  }
  watch("value", receive);
  receive();
}
