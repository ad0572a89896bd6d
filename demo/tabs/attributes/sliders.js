// Sliders of attributes: both shapes follow while one is moved, and diffusion refines them at rest.
//
// Of each position the server guesses both shapes, one question at a time, the newest next, and
// tells how far each attribute changed on them: the marks under the slider. Resting sends `input`;
// what is asked lies in the element's data, where the events read it. Weights without a guess are
// only asked at rest.
//
// A value is a message: `key` and `attributes` open a picture; `refined` replaces a guess.

const REST = 500, AGAIN = 600; // milliseconds: until it is refined, and a busy server asked again
const STEP = 0.1;

export function mount({ element, props, server, trigger, watch }) {
  const $ = (selector) => element.querySelector(selector);
  const root = element.closest(props.around), box = $(".sliders");
  let opened = null, moves = {}, run = "", wanted = false, asking = false, resting = null;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const signed = (number) => (number < 0 ? "−" : "+") + Math.abs(number).toFixed(1);
  const title = (space) => props.spaces.find(({ id }) => id === space)?.title ?? space;

  function say(text) { $(".told").textContent = text; }

  function keep() {
    box.dataset.asked = JSON.stringify({ key: opened?.key, category: opened?.category, moves });
  }

  // ---- what is drawn -------------------------------------------------------------------------

  function knows(space, [score, low, high]) {
    const held = score >= props.held;
    const line = document.createElement("span");
    line.className = `${held ? "held" : "unheld"} ${space}`;
    line.textContent = fill(held ? props.text.known : props.text.unheld,
      { space: title(space), score: score.toFixed(2) });
    line.title = fill(props.text.known_help, { low: low.toFixed(2), high: high.toFixed(2) });
    return line;
  }

  function rowOf({ at, name, known, move }) {
    const row = document.createElement("div"), id = `attribute-${at}`;
    row.className = "row";
    row.dataset.at = at;
    row.innerHTML = `<label for="${id}"></label><output></output>
      <input id="${id}" type="range" min="${-opened.reach}" max="${opened.reach}" step="${STEP}">
      <div class="scale" title="${props.text.followed_help}"></div><p class="known"></p>`;
    row.querySelector("label").textContent = name;
    const input = row.querySelector("input");
    input.value = move;
    input.addEventListener("input", () => { set(at, Number(input.value)); go(); });
    row.querySelector(".known").append(...props.spaces.filter(({ id: space }) => known[space])
      .map(({ id: space }) => knows(space, known[space])));
    if (move) moves[at] = move;
    return row;
  }

  function set(at, share) {
    if (share) moves[at] = share; else delete moves[at];
    label(at);
    keep();
  }

  function label(at) {
    const row = $(`.row[data-at="${at}"]`), share = moves[at] ?? 0;
    row.querySelector("output").textContent = share ? signed(share) : "0";
    row.querySelector("input").setAttribute("aria-valuetext", fill(props.text.value,
      { name: row.querySelector("label").textContent, share: signed(share) }));
  }

  function mark(changes) { // where the shapes stand, on the scale of each slider
    opened.attributes.forEach(({ at }, index) => {
      const marks = Object.entries(changes).map(([space, change]) => {
        const place = Math.max(-1, Math.min(1, change[index] / opened.reach));
        const one = document.createElement("i");
        one.className = space;
        one.style.left = `${50 + 50 * place}%`;
        one.textContent = fill(props.text.followed,
          { space: title(space), change: signed(change[index]) });
        return one;
      });
      $(`.row[data-at="${at}"] .scale`).replaceChildren(...marks);
    });
  }

  function show({ bits, resolution, changes }, guessed) {
    mark(changes);
    const frames = Object.fromEntries(Object.entries(bits).map(([space, one]) => [space, [one]]));
    root.querySelector(".viewer").dispatchEvent(new CustomEvent("viewer:take", { bubbles: true,
      detail: { index: 0, value: { run, resolution, frames, num_frames: 1, state: "done",
        note: guessed ? props.note : "", labels: [""], guessed: [guessed] } } }));
  }

  // ---- following -----------------------------------------------------------------------------

  function go() {
    wanted = true;
    clearTimeout(resting);
    resting = setTimeout(rest, REST);
    if (opened.live) ask();
  }

  async function ask() {
    if (asking) return;
    asking = true;
    while (wanted) {
      wanted = false;
      const of = opened.key;
      let answer;
      try { answer = await server.follow(JSON.parse(box.dataset.asked)); }
      catch { answer = { error: props.text.lost }; }
      if (of !== opened?.key) continue; // another picture by now
      say(answer.error ?? answer.busy ?? props.text.guess);
      if (answer.busy) {
        wanted = true;
        await new Promise((done) => setTimeout(done, AGAIN));
      } else if (answer.bits) show(answer, true);
    }
    asking = false;
  }

  function rest() {
    if (asking) { resting = setTimeout(rest, REST); return; }
    say(props.text.refining);
    trigger("input");
  }

  // ---- messages ------------------------------------------------------------------------------

  function receive() {
    const value = props.value ?? {};
    if (value.refined) {
      const same = JSON.stringify(value.refined.moves) === JSON.stringify(moves);
      if (value.key === opened?.key && same) { say(props.text.refined); show(value.refined, false); }
      return;
    }
    if (value.key && value.key === opened?.key) return;
    opened = value.key ? value : null;
    moves = {};
    clearTimeout(resting);
    const rows = (opened?.attributes ?? []).map(rowOf);
    $(".rows").replaceChildren(...rows);
    $(".hint").hidden = rows.length > 0;
    $(".hint").textContent = opened ? props.text.none : props.text.empty;
    $(".under").hidden = !rows.length;
    (opened?.attributes ?? []).forEach(({ at }) => label(at));
    keep();
    if (!opened) return;
    run = `attributes-${Date.now()}`;
    go();
  }
  $(".reset").addEventListener("click", () => {
    element.querySelectorAll(".row").forEach((row) => {
      row.querySelector("input").value = 0;
      set(Number(row.dataset.at), 0);
    });
    go();
  });
  watch("value", receive);
  receive();
}
