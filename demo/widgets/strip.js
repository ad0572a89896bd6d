// The strip of examples: a click sends `select`; which one is marked, the value says.

export function mount({ element, props, trigger, watch }) {
  const buttons = [...element.querySelectorAll("button")];
  buttons.forEach((button, index) => button.addEventListener(
    "click", () => trigger("select", { index, value: button.innerText })));
  const mark = () => buttons.forEach((button, index) =>
    button.setAttribute("aria-pressed", String(index === props.value)));
  watch("value", mark);
  mark();
}
