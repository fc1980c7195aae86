// The axes of the plane where it shows the reader's own table: names and real values of its columns, and those under the pointer.

import { say } from "../../language.js";
import { takesColumns, valueAt } from "../session/own_table.js";
import { REACH } from "../session/tables.js";
import { ticks } from "./chart.js";
import { whereOf } from "./drawable.js";
import { byId, drawn, real } from "./element.js";
import { className, columnName, targetName } from "./names.js";
import { nearest, place } from "./output.js";

const NEAR = 8; // pixels between the pointer and a row whose values are shown
const COUNT = 4; // ticks

const percent = (share) => `${(100 * share).toFixed(2)}%`;

/** The two axes, or none. @param {import("../session/choices.js").Choices} choices */
export function drawAxes(choices) {
  const { table, own } = choices;
  const axed = table === "own" && own.axes.some((column, axis) => axis < 2 && (own.total || own.columns[column].name));
  document.body.classList.toggle("axed", axed);
  const columns = takesColumns(choices);
  document.body.classList.toggle("columned", columns || axed); // names of columns need room
  byId("slice").textContent = columns && own.columns.length > 3
    ? say("On the map, {x} and {y} vary; all other inputs are held at their mean (in slow motion, at the values of the selected row).", { x: columnName(own, own.axes[0]), y: columnName(own, own.axes[1]) }) : "";
  byId("slice").hidden = !byId("slice").textContent;
  byId("axes").replaceChildren(...(axed ? [0, 1].flatMap((axis) => axisOf(own.columns[own.axes[axis]], axis, columns ? columnName(own, own.axes[axis])
    : `${"x₁x₂".slice(2 * axis, 2 * axis + 2)} = ${columnName(own, own.axes[axis])}`)) : []));
}

function axisOf(column, axis, name) {
  const ends = /** @type {[number, number]} */ ([valueAt(column, -REACH), valueAt(column, REACH)]);
  const all = ticks(ends, COUNT);
  const made = all.map((tick) => {
    const share = (tick - ends[0]) / (ends[1] - ends[0]);
    const words = real(tick, ends, all[1] - all[0]);
    return axis ? drawn("text", { x: "0", y: percent(1 - share), dx: "-0.35rem", dy: "0.3em", "text-anchor": "end" }, words)
      : drawn("text", { x: percent(share), y: "100%", dy: "1.1em", "text-anchor": "middle" }, words);
  });
  return [...made, axis ? drawn("text", { class: "axis-name", x: "0", y: "0", dy: "-0.5em" }, name) : drawn("text", { class: "axis-name", x: "100%", y: "100%", dy: "2.4em", "text-anchor": "end" }, name)];
}

/** The lines from a place of the plane to its real values at both axes, and words beside it. */
function readingOf(at, { own }, words) {
  const [x, y] = place(at, 1, 1);
  const [columnX, columnY] = own.axes.map((column) => own.columns[column]);
  return [
    drawn("line", { x1: percent(x), x2: percent(x), y1: percent(y), y2: "100%" }), drawn("line", { x1: "0", x2: percent(x), y1: percent(y), y2: percent(y) }),
    drawn("text", { x: percent(x), y: "100%", dy: "1.1em", "text-anchor": "middle" }, real(valueAt(columnX, at.x), columnX.ends)),
    drawn("text", { x: "0", y: percent(y), dx: "-0.35rem", dy: "0.3em", "text-anchor": "end" }, real(valueAt(columnY, at.y), columnY.ends)),
    drawn("text", { x: percent(x), y: percent(y), dy: "-0.8em", "text-anchor": x < 0.2 ? "start" : x > 0.8 ? "end" : "middle" }, words),
  ];
}

/** Real values of the place under the pointer, or of the row there, where the plane has axes. @param {{points: () => object[], facts: () => object}} page */
export function bindReading({ points, facts }) {
  const plane = byId("plane");
  plane.addEventListener("pointermove", (event) => {
    if (!byId("axes").hasChildNodes()) return;
    const row = points()[nearest(points(), event)];
    const { left, top, width, height } = byId("points").getBoundingClientRect();
    const [x, y] = row ? place(row, width, height) : [Infinity, Infinity];
    const met = Math.hypot(x - event.clientX + left, y - event.clientY + top) < NEAR;
    const of = facts();
    const words = !met ? "" : of.classes ? className(of, row.target) : targetName(of, row.target);
    byId("reading").replaceChildren(...readingOf(met ? row : whereOf(event), of, words));
  });
  plane.addEventListener("pointerleave", () => byId("reading").replaceChildren());
}
