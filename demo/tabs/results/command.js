// The command of a study, and the button that copies it.

import { copy } from "../../web/copy.js";

export function mount({ element }) {
  const button = element.querySelector("button"), code = element.querySelector("code");
  button.addEventListener("click", () => copy(button, code.textContent, code));
}
