// A button that copies a text and says for a moment that it has.

// Where the clipboard is blocked, the text is selected in `line`, to be copied by hand.
export async function copy(button, text, line) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    line.textContent = text;
    getSelection().selectAllChildren(line);
    return;
  }
  const label = button.dataset.label ??= button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = label; }, 1500);
}
