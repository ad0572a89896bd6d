// The recipe card: copies the link and the command of the result above it.
//
// The link carries the recipe behind "#", which no browser sends to a server.

const $ = (selector) => element.querySelector(selector);
const texts = {
  link: () => `${location.origin}${location.pathname}${location.search}#${props.value.fragment}`,
  command: () => props.value.command,
};

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Where the clipboard is forbidden, what stands there can be copied by hand.
    $(".line").textContent = text;
    getSelection().selectAllChildren($(".line"));
    return;
  }
  const label = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = label; }, 1500);
}
for (const kind in texts)
  $(`button.${kind}`).addEventListener("click", (event) => copy(event.target, texts[kind]()));

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
