// The example strip: a click sends `select`; the value is the marked one.

export function mount({ element, props, trigger, watch }) {
  const buttons = [...element.querySelectorAll("button")];
  buttons.forEach((button, index) => button.addEventListener(
    "click", () => trigger("select", { index, value: button.innerText })));
  const mark = () => buttons.forEach((button, index) =>
    button.setAttribute("aria-pressed", String(index === props.value)));
  watch("value", mark);
  mark();
}
