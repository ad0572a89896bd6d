// The facts under each pane, counted here from the grids on show.

import { compareCells, filled, iou, parts } from "../../web/grids.js";
import { SHARED_SHADES } from "./difference.js";

const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
const decimals = (number) => (number === null ? null : number.toFixed(2));
const fact = (name, text, help = "") =>
  `<span title="${help}">${name} <b>${text ?? "–"}</b></span>`;

// `grids`: pane id -> the grid on show. With a strip of samples every fact has its place from the
// start, so that nothing moves when the last ones come.
export function factsOf(pane, { panes, grids, value, truth, strip, text }) {
  const grid = grids[pane.id], R = value.resolution;
  const facts = [fact(text.filled, grid && percent(filled(grid)), text.filled_help),
                 fact(text.parts, grid && parts(grid, R), text.parts_help)];
  for (const other of panes) {
    if (other === pane) continue;
    const both = grid && grids[other.id];
    facts.push(fact(text.iou_other.replace("{other}", other.title),
                    both && decimals(iou(grid, grids[other.id])), text.iou_help));
  }
  if (truth || strip)
    facts.push(fact(text.iou_truth, grid && truth && decimals(iou(grid, truth)), text.iou_help));
  if (strip) {
    facts.push(fact(text.spread, decimals(strip.spread), text.spread_help));
    facts.push(fact(text.seconds, value.seconds, text.seconds_help));
  }
  return facts.join("");
}

// The legend of the difference view: shares of the cells that are in either shape.
export function differenceLegend([first, second], grids, text) {
  const { onlyA, onlyB, both, either } = compareCells(grids[first.id], grids[second.id]);
  const entry = (color, name, cells) =>
    `<span><span><i style="background: ${color}"></i>${name}</span>
     <b>${percent(cells / (either || 1))}</b></span>`;
  const only = (pane) => text.only.replace("{space}", pane.title);
  return entry(first.shades[2], only(first), onlyA) + entry(second.shades[2], only(second), onlyB)
    + entry(SHARED_SHADES[2], text.both, both)
    + fact(text.iou, decimals(either ? both / either : 1), text.iou_help);
}
