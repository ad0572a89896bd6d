// The gallery's maps side by side: legend, search, tooltip, and the nearest shapes to a query.
//
// Places and names are fetched when the tab is first opened, grids when first shown. A chosen shape
// is sent as a `select` event.

import { AZIMUTH, STONE, modelOf, paintModel } from "../../web/thumbnails.js";
import { formOf, makeMap, traceMarker } from "./map.js";

const RETRY = 700; // milliseconds between two checks whether the models are loaded
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const make = (tag, className = "", text = "") => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

function read(places) { // little-endian int16, 32,767 for 1
  const bytes = Uint8Array.from(atob(places), (c) => c.charCodeAt(0)), view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => view.getInt16(2 * i, true) / 32767);
}

export function mount({ element, props, server, trigger, watch }) {
  const $ = (selector) => element.querySelector(selector);
  const TEXT = props.text;

  const look = {
    colours: props.colours, shades: Object.fromEntries(props.spaces.map((s) => [s.id, s.shade])),
    names: [], category: [], shown: new Uint8Array(), hovered: null, asked: {},
  };
  let atlas = null;
  const maps = [], only = new Set(); // chosen categories; empty means all
  const titleOf = Object.fromEntries(props.spaces.map((space) => [space.id, space.title]));
  const nameOf = (row) => atlas.subtypes[atlas.subtype[row]] || look.names[look.category[row]];

  // ---- grids, each fetched once, in batches ---------------------------------------------------

  const models = new Map(); // row -> promise of a model to paint
  let wished = [];
  function modelOfRow(row) {
    if (!models.has(row)) {
      if (!wished.length) setTimeout(fetchWished);
      models.set(row, new Promise((done) => wished.push({ row, done })));
    }
    return models.get(row);
  }
  async function fetchWished() {
    const now = wished;
    wished = [];
    try {
      const { resolution, bits } = await server.atlas_grids(now.map(({ row }) => row));
      for (const { row, done } of now) done(modelOf(bits[row], resolution));
    } catch { for (const { row } of now) models.delete(row); } // fetched again when shown again
  }
  async function picture(canvas, row, shades) {
    canvas.dataset.row = row;
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    const model = await modelOfRow(row);
    if (canvas.dataset.row === String(row)) paintModel(canvas, model, shades, AZIMUTH);
  }

  // ---- pointing and choosing -----------------------------------------------------------------

  const tip = $(".tip");
  function hover(row, canvas = null, tell = false) {
    const map = maps.find((one) => one.canvas === canvas);
    if (row !== look.hovered) {
      look.hovered = row;
      maps.forEach((one) => one.redraw());
      for (const card of element.querySelectorAll(".nearest button"))
        card.classList.toggle("pointed", Number(card.dataset.row) === row);
      if (row !== null) picture(tip.querySelector("canvas"), row, STONE);
    }
    tip.hidden = row === null || !map;
    if (tip.hidden) return;
    const category = look.names[look.category[row]];
    tip.querySelector("b").textContent = nameOf(row);
    tip.querySelector("span").textContent = category === nameOf(row) ? "" : category;
    if (tell) $(".live").textContent = `${nameOf(row)}, ${category}`;
    const sheet = canvas.getBoundingClientRect(), around = element.getBoundingClientRect();
    const [x, y] = map.at(row), left = sheet.left - around.left + x, top = sheet.top - around.top + y;
    const right = left + 20 + tip.offsetWidth < around.width;
    tip.style.left = `${right ? left + 16 : Math.max(0, left - 16 - tip.offsetWidth)}px`;
    tip.style.top = `${Math.max(0, top - tip.offsetHeight / 2)}px`;
  }
  const choose = (row) => trigger("select", { index: row, value: atlas.ids[row] });
  const zoom = (factor) => maps.forEach((map) => (factor ? map.zoom(factor) : map.reset()));
  $(".closer").addEventListener("click", () => zoom(1.6));
  $(".farther").addEventListener("click", () => zoom(1 / 1.6));
  $(".home").addEventListener("click", () => zoom(0));

  // ---- the filter ----------------------------------------------------------------------------

  const find = $(".find");
  function filter() {
    const text = find.value.trim().toLowerCase();
    const words = atlas.subtypes.map((name) => name.toLowerCase().includes(text));
    const wanted = look.names.map((name) => name.toLowerCase().includes(text));
    let count = 0;
    atlas.category.forEach((category, row) => {
      look.shown[row] = (!only.size || only.has(category))
        && (wanted[category] || words[atlas.subtype[row]]);
      count += look.shown[row];
    });
    $(".count").textContent = fill(TEXT.count, {
      count: count.toLocaleString("en"), total: atlas.category.length.toLocaleString("en") });
    if (look.hovered !== null && !look.shown[look.hovered]) hover(null);
    maps.forEach((map) => map.redraw(true));
  }
  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => { // Enter chooses the first match
    const row = look.shown.indexOf(1);
    if (event.key === "Enter" && find.value.trim() && row >= 0) choose(row);
  });

  function buildLegend() {
    $(".legend").replaceChildren(...look.names.map((name, category) => {
      const button = make("button"), mark = make("canvas");
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      mark.width = mark.height = 24;
      const context = mark.getContext("2d");
      traceMarker(context, formOf(category), 12, 12, 8);
      context.fillStyle = look.colours[category];
      context.fill();
      button.append(mark, name);
      button.addEventListener("click", () => {
        if (!only.delete(category)) only.add(category);
        button.setAttribute("aria-pressed", String(only.has(category)));
        filter();
      });
      return button;
    }));
  }

  // ---- the query -----------------------------------------------------------------------------

  function card(hit, space) {
    const item = make("li"), button = make("button"), canvas = make("canvas");
    button.type = "button";
    button.dataset.row = hit.row;
    canvas.width = canvas.height = 128;
    canvas.setAttribute("aria-hidden", "true");
    picture(canvas, hit.row, space.shades);
    const ranks = Object.entries(hit.ranks).filter(([other]) => titleOf[other]).map(([other, rank]) =>
      make("span", "rank",
           fill(TEXT.rank, { rank: rank.toLocaleString("en"), space: titleOf[other] })));
    const similarity = make("span", "", `${TEXT.similarity} ${hit.similarity.toFixed(2)}`);
    button.append(canvas, make("b", "", nameOf(hit.row)), similarity, ...ranks);
    button.addEventListener("click", () => choose(hit.row));
    button.addEventListener("pointerenter", () => hover(hit.row));
    button.addEventListener("pointerleave", () => hover(null));
    button.addEventListener("focus", () => hover(hit.row));
    button.addEventListener("blur", () => hover(null));
    item.append(button);
    return item;
  }

  function receive() {
    look.asked = props.value ?? {};
    if (!atlas) return;
    for (const space of props.spaces) {
      const section = $(`[data-space="${space.id}"]`), hits = look.asked.nearest?.[space.id] ?? [];
      section.querySelector("ul").replaceChildren(...hits.map((hit) => card(hit, space)));
      section.querySelector(".note").textContent = hits.length ? ""
        : look.asked.notes?.[space.id] ?? (look.asked.nearest ? "" : TEXT.nothing_asked);
    }
    maps.forEach((map) => map.redraw());
  }

  // ---- start ---------------------------------------------------------------------------------

  async function begin() {
    let answer;
    try { answer = await server.atlas_data(null); } catch { answer = { state: "failed" }; }
    $(".atlas").dataset.state = answer.state;
    $(".message").textContent = TEXT[answer.state] ?? answer.message ?? "";
    if (answer.state === "loading") return setTimeout(begin, RETRY);
    if (answer.state !== "ready") return;
    atlas = answer;
    look.names = atlas.categories;
    look.category = atlas.category;
    look.shown = new Uint8Array(atlas.category.length);
    look.colours = look.names.map((_, i) => props.colours[i % props.colours.length]);
    for (const space of props.spaces) {
      const canvas = $(`[data-space="${space.id}"] .sheet canvas`);
      canvas.closest(".sheet").hidden = !atlas.maps[space.id];
      if (!atlas.maps[space.id]) continue;
      const help = fill(TEXT.map_help, { count: atlas.category.length.toLocaleString("en") });
      canvas.setAttribute("aria-label", `${fill(TEXT.map, { space: space.title })}. ${help}`);
      maps.push(makeMap(space, canvas, read(atlas.maps[space.id]), look, { hover, choose, zoom }));
    }
    const kinds = [...new Set([...look.names, ...atlas.subtypes.filter(Boolean)])];
    $("datalist").replaceChildren(...kinds.map((kind) => new Option(kind)));
    buildLegend();
    filter();
    receive();
  }
  watch("value", receive);
  const opened = new ResizeObserver(() => { // a hidden tab has no width
    if (!element.offsetWidth) return;
    opened.disconnect();
    begin();
  });
  opened.observe(element);
}
