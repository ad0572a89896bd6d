// Sliders of attributes: both shapes follow while one is moved, and diffusion refines them at rest.
//
// Of each position the server guesses both shapes, one question at a time, the newest next, and
// tells how far each attribute changed on them: the marks under the slider. Resting sends `input`;
// what is asked lies in the element's data, where the events read it. Weights without a guess are
// only asked at rest.
//
// A value is a message: `key` and `attributes` open a picture; `refined` replaces a guess. `select` is
// sent by the first move after shapes were generated: their files are of these no more.

const REST = 500, AGAIN = 600; // milliseconds: until it is refined, and a busy server asked again
const STEP = 0.1;

export function mount({ element, props, server, trigger, watch }) {
  const $ = (selector) => element.querySelector(selector);
  const root = element.closest(props.around), box = $(".sliders");
  let opened = null, moves = {}, run = "", wanted = false, asking = false, resting = null;
  let generated = false; // the shapes on show have files

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const signed = (number) => (number.toFixed(1) < 0 ? "−" : "+") + Math.abs(number).toFixed(1);
  const title = (space) => props.spaces.find(({ id }) => id === space)?.title ?? space;

  function say(text) { $(".told").textContent = text; }

  function keep() {
    box.dataset.asked = opened
      ? JSON.stringify({ key: opened.key, category: opened.category, moves }) : "";
  }

  // ---- what is drawn -------------------------------------------------------------------------

  function knows(space, [score, low, high]) {
    const held = score >= props.held;
    const line = document.createElement("span");
    line.className = `${held ? "held" : "unheld"} ${space}`;
    line.textContent = fill(held ? props.text.known : props.text.unheld, { space: title(space),
      score: score.toFixed(2), low: low.toFixed(2), high: high.toFixed(2) });
    line.title = props.text.known_help;
    return line;
  }

  function rowOf({ at, name, known, move }) {
    const row = document.createElement("div"), id = `attribute-${at}`;
    row.className = "row";
    row.dataset.at = at;
    row.innerHTML = `<label for="${id}"></label><b></b>
      <input id="${id}" type="range" min="${-opened.reach}" max="${opened.reach}" step="${STEP}"
        aria-describedby="${id}-followed ${id}-known">
      <div class="scale" id="${id}-followed" title="${props.text.followed_help}"></div>
      <p class="known" id="${id}-known"></p>`;
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
    row.querySelector("b").textContent = share ? signed(share) : "0";
    row.querySelector("input").setAttribute("aria-valuetext",
      fill(props.text.value, { share: signed(share) }));
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

  const moved = () => opened.attributes.filter(({ at }) => moves[at])
    .map(({ at, name }) => `${name} ${signed(moves[at])}`).join(", ");

  function show({ bits, resolution, changes, note }, guessed) {
    mark(changes);
    const frames = Object.fromEntries(Object.entries(bits).map(([space, one]) => [space, [one]]));
    root.querySelector(".viewer").dispatchEvent(new CustomEvent("viewer:take", { bubbles: true,
      detail: { index: 0, value: { run, resolution, frames, num_frames: 1, state: "done",
        note: guessed ? props.note : note, labels: [moved()], guessed: [guessed] } } }));
  }

  // ---- following -----------------------------------------------------------------------------

  function go() {
    if (generated) trigger("select", { index: 0, value: 0 });
    generated = false;
    wanted = true;
    clearTimeout(resting);
    resting = setTimeout(rest, REST);
    if (opened.live) ask();
  }

  async function ask() {
    if (asking) return;
    asking = true;
    while (wanted && opened) {
      wanted = false;
      const of = opened.key;
      let answer;
      try { answer = await server.follow(JSON.parse(box.dataset.asked)); }
      catch { answer = { error: props.text.lost }; }
      if (of !== opened?.key || generated) continue; // another picture by now, or better shapes
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
      if (value.key !== opened?.key || !same || generated) return;
      say(props.text.refined);
      show(value.refined, false);
      return;
    }
    if (value.key && value.key === opened?.key) return;
    opened = value.key ? value : null;
    moves = {};
    hold();
    generated = Boolean(value.quiet);
    const rows = (opened?.attributes ?? []).map(rowOf);
    $(".rows").replaceChildren(...rows);
    $(".hint").hidden = rows.length > 0;
    $(".hint").textContent = opened ? props.text.none : props.text.empty;
    $(".under").hidden = !rows.length;
    (opened?.attributes ?? []).forEach(({ at }) => label(at));
    keep();
    say("");
    if (!opened) return;
    run = `attributes-${Date.now()}`;
    if (!value.quiet) go();
  }

  // Shapes are being generated: nothing of the hand's comes over them any more.
  function hold() {
    clearTimeout(resting);
    wanted = false;
  }
  box.addEventListener("sliders:hold", () => { hold(); generated = true; say(""); });
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
