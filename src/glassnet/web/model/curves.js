// What-if curves: the answer for each value of one column, drawn where the value is set.

import { say } from "../language.js";
import { drawn, through } from "../playground/view/element.js";
import { answerText, atShare, cellText, shareOf } from "./numbers.js";

/** So many places of a slider are tried. */
const POINTS = 33;
/** A category of more levels has no bars. */
export const MOST_LEVELS = 60;
const WIDTH = 320, HEIGHT = 40;

/** The cells that are tried of a column, in the order of its axis; none of one without an end. */
export function tried(field) {
  if (field.kind === "boolean") return [0, 1];
  if (field.levels) return field.levels.length > MOST_LEVELS ? [] : [...field.levels];
  if (!field.ends || field.ends[0] === field.ends[1]) return [];
  const cells = Array.from({ length: POINTS }, (_, n) => atShare(n / (POINTS - 1), field.ends));
  return field.whole ? [...new Set(cells.map(Math.round))] : cells;
}

/** From an answer to its share of the common scale. */
export const heightOn = ([low, high]) => (value) => (high > low ? shareOf(value, [low, high]) : 0.5);

/** The line above a slider, and where the answer is now. */
export function drawLine(svg, field, cells, values, scale, now) {
  const height = heightOn(scale);
  const x = (cell) => shareOf(cell, field.ends) * WIDTH;
  const y = (value) => (1 - height(value)) * (HEIGHT - 4) + 2;
  const line = through(cells.map((cell, n) => [x(cell), y(values[n])]));
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.replaceChildren(
    drawn("path", { d: `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`, class: "band" }),
    drawn("line", { x1: 0, x2: WIDTH, y1: y(now), y2: y(now), class: "mark" }),
    drawn("path", { d: line, class: "curve" }),
  );
}

/** Bars, one for each level. */
export function drawBars(svg, field, cells, values, scale, cell) {
  const height = heightOn(scale), step = WIDTH / cells.length;
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.replaceChildren(...cells.map((each, n) => {
    const tall = 2 + height(values[n]) * (HEIGHT - 2);
    return drawn("rect", {
      x: n * step + step * 0.1, width: step * 0.8, y: HEIGHT - tall, height: tall, class: each === cell ? "a" : "quiet", "data-cell": n,
    }, drawn("title", {}, cellText(field, each)));
  }));
}

/** The same in words. */
export function curveText(field, cells, values, kind, what) {
  const text = (value) => answerText(kind, value);
  const least = Math.min(...values), most = Math.max(...values);
  const bounds = { column: field.name, what, least: text(least), most: text(most) };
  if (field.levels || field.kind === "boolean") {
    const at = (value) => cellText(field, cells[values.indexOf(value)]);
    return say("By {column}, {what} is lowest with {low} ({least}) and highest with {high} ({most}).", { ...bounds, low: at(least), high: at(most) });
  }
  const [low, high] = [cells[0], cells.at(-1)].map((cell) => cellText(field, cell));
  return say("As {column} goes from {low} to {high}, {what} goes from {first} to {last}; lowest {least}, highest {most}.", { ...bounds, low, high, first: text(values[0]), last: text(values.at(-1)) });
}
