// The plane: what the network (or the unit under the pointer) answers, and the points it learns from.

import { cleared } from "./curve.js";
import { answerMap, css, ofClass, signed, theColors, unitMap } from "./heat.js";
import { drawn, element } from "./element.js";
import { GRID } from "./grid.js";
import { REACH } from "./tables.js";
import { say } from "./words.js";

const at = (id) => document.getElementById(id);

/** @param {{frame: object, choices: object, facts: object, unit: object|null}} view */
export function drawPlane({ frame, choices, facts, unit }) {
  const canvas = at("map");
  if (unit) unitMap(canvas, GRID, unit.numbers, unit.column, unit.columns);
  else answerMap(canvas, GRID, frame.answers, facts, choices.discrete);
  const name = unit ? say("mapUnit", { unit: unit.name }) : say("mapOutput");
  at("map-name").textContent = name;
  canvas.setAttribute("aria-label", name);
}

/** Where on the canvas a point is. */
const place = ({ x, y }, width, height) =>
  [((x + REACH) / (2 * REACH)) * width, ((REACH - y) / (2 * REACH)) * height];

/** The point that is nearest to a place on the page; its number. */
export function nearest(points, event) {
  const { left, top, width, height } = at("points").getBoundingClientRect();
  const distances = points.map((point) => {
    const [x, y] = place(point, width, height);
    return Math.hypot(x - (event.clientX - left), y - (event.clientY - top));
  });
  return distances.indexOf(Math.min(...distances));
}

let drawnLast = [];

/** The points, where anything about them is new: there may be a thousand, and maps change with every frame. */
export function drawPoints({ points, choices, facts, chosen }) {
  const { clientWidth, clientHeight } = at("points");
  const now = [points.train, choices.tests, facts.classes, chosen, clientWidth, clientHeight, window.devicePixelRatio, theColors()];
  if (now.every((one, place) => one === drawnLast[place])) return;
  drawnLast = now;
  paintPoints(at("points"), { points, tests: choices.tests, classes: facts.classes, chosen });
}

/** Points on any canvas of the plane. */
export function paintPoints(canvas, { points, tests, classes, chosen = null, radius = 3.6 }) {
  const { context, width, height } = cleared(canvas);
  const { paper, ink } = theColors();
  const dot = (point, hollow, special) => {
    const [x, y] = place(point, width, height);
    const color = css(classes ? ofClass(point.target, classes) : signed(point.target));
    context.beginPath();
    context.arc(x, y, special ? 8 : radius, 0, 2 * Math.PI);
    context.fillStyle = hollow ? paper : color;
    context.strokeStyle = special ? ink : hollow ? color : paper;
    context.lineWidth = special ? 3 : hollow ? 2 : 1;
    context.fill();
    context.stroke();
  };
  for (const point of points.train) dot(point, false, false);
  if (tests) for (const point of points.test) dot(point, true, false);
  if (chosen !== null && points.train[chosen]) dot(points.train[chosen], false, true);
}

/** What a class is called: in a table of the reader's own as it was there. */
export const className = ({ table, ownNames }, number) =>
  (table === "own" && ownNames[number]) || say("class", { number });

/** What the colours mean. */
export function drawKey(facts) {
  const swatch = (color) => {
    const square = drawn("svg", { width: 14, height: 14, "aria-hidden": "true" });
    square.append(drawn("rect", { width: 14, height: 14, rx: 3, fill: css(color) }));
    return square;
  };
  const entries = facts.classes
    ? Array.from({ length: facts.classes }, (_, number) => [ofClass(number, facts.classes), className(facts, number)])
    : [-1, 0, 1].map((value) => [signed(value), String(value).replace("-", "−")]);
  at("key").replaceChildren(...entries.map(([color, words]) => element("span", {}, swatch(color), words)));
}
