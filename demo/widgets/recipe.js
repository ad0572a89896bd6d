// The recipe card: copies the link and the command of the result above it.
//
// The link carries the recipe behind "#", which no browser sends to a server.

import { copy } from "../web/copy.js";

export function mount({ element, props, watch }) {
  const $ = (selector) => element.querySelector(selector);
  const texts = {
    link: () => `${location.origin}${location.pathname}${location.search}#${props.value.fragment}`,
    command: () => props.value.command,
  };
  for (const kind in texts)
    $(`button.${kind}`).addEventListener("click", (event) =>
      copy(event.target, texts[kind](), $(".line")));

  function receive() {
    const value = props.value || {};
    $(".recipe").dataset.empty = String(!value.fragment);
    $(".hash").textContent = value.hash || "";
    $(".line").textContent = value.command || "";
    $("button.command").hidden = $(".line").hidden = !value.command;
    $("button.link").dataset.fragment = value.fragment || ""; // for those who read the page
  }
  watch("value", receive);
  receive();
}
