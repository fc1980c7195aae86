// The plane: what the network (or the unit under the pointer) answers, and the points it learns from; the confusion matrix of the test rows.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { GRID, REACH } from "../session/tables.js";
import { cleared, drawCurves } from "./chart.js";
import { byId, element, shown, swatch } from "./element.js";
import { fineOf } from "./fine_maps.js";
import { answerMap, css, ofClass, signed, theColors, unitMap } from "./heat.js";
import { className, ownName, targetName } from "./names.js";

let mapped = [];

/** The map, as fine as it is there: a fine one takes as long as a frame to paint, and what shows it already is left alone. @param {{frame: object, choices: object, facts: object, unit: object|null}} view */
export function drawPlane({ frame, choices, facts, unit }) {
  const canvas = byId("map");
  const fine = fineOf(frame, unit ?? "answers");
  const name = unit ? say("Output of {unit} at each point", { unit: unit.name }) : say("The network's output at each point");
  const now = [fine?.tables[0] ?? unit?.numbers ?? frame.answers, name, unit?.unit, choices.discrete, facts.classes, theColors()];
  if (now.every((one, place) => one === mapped[place])) return;
  mapped = now;
  if (!unit) answerMap(canvas, fine?.side ?? GRID, now[0], facts, choices.discrete);
  else if (fine) unitMap(canvas, fine.side, now[0], 0, 1);
  else unitMap(canvas, unit.side, unit.numbers, unit.column, unit.columns);
  byId("map-name").textContent = name;
  canvas.setAttribute("aria-label", name);
}

/** Where on the canvas a point is. */
export const place = ({ x, y }, width, height) =>
  [((x + REACH) / (2 * REACH)) * width, ((REACH - y) / (2 * REACH)) * height];

/** The point that is nearest to a place on the page; its number. */
export function nearest(points, event) {
  const { left, top, width, height } = byId("points").getBoundingClientRect();
  const distances = points.map((point) => {
    const [x, y] = place(point, width, height);
    return Math.hypot(x - (event.clientX - left), y - (event.clientY - top));
  });
  return distances.indexOf(Math.min(...distances));
}

let drawnLast = [];

/** The points, where anything about them is new: there may be a thousand, and maps change with every frame. */
export function drawPoints({ points, choices, facts, chosen }) {
  const { clientWidth, clientHeight } = byId("points");
  const now = [points.train, choices.tests, facts.classes, chosen, clientWidth, clientHeight, window.devicePixelRatio, theColors()];
  if (now.every((one, place) => one === drawnLast[place])) return;
  drawnLast = now;
  paintPoints(byId("points"), { points, tests: choices.tests, classes: facts.classes, chosen });
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

/** A share of rows that are right in percent, or R² where targets are numbers. */
export const scoreText = (score, classes) => (classes ? `${(100 * score).toFixed(1)}%` : shown(score));

/** What the colours mean. */
export function drawKey(facts) {
  const entries = facts.classes
    ? Array.from({ length: facts.classes }, (_, number) => [ofClass(number, facts.classes), className(facts, number)])
    : [-1, 0, 1].map((value) => [signed(value), targetName(facts, value)]);
  const { table, own } = facts;
  const of = table === "own" && own.columns[own.axes[2]].name;
  byId("key").replaceChildren(...(of ? [element("b", {}, of)] : []), ...entries.map(([color, words]) => element("span", {}, swatch({ fill: css(color) }), words)));
}

/** @param {object} facts @param {number[][]|null} counts Rows of each class by the class they were taken for; null, where there are none. */
export function drawConfusion(counts, facts) {
  const place = byId("confusion");
  place.hidden = !counts;
  if (!counts || !place.open) return;
  const text = JSON.stringify([counts, counts.map((_, number) => className(facts, number))]) + document.documentElement.lang + document.documentElement.dataset.theme;
  if (place.dataset.shown === text) return; // most epochs change nothing
  place.dataset.shown = text;
  const classes = counts.length;
  const head = (number, scope) => {
    const name = className(facts, number);
    const style = `--class: ${css(ofClass(number, classes))}`;
    return scope === "row" ? element("th", { scope, style }, name) : element("th", { scope, style, "aria-label": name }, ownName(facts, number) || String(number));
  };
  const largest = Math.max(1, ...counts.flat());
  const body = counts.map((row, number) => element("tr", {}, head(number, "row"), ...row.map((count, other) => element("td", {
    className: number === other ? "right" : count ? "wrong" : "", style: `--share: ${Math.round((100 * count) / largest)}`,
  }, String(count)))));
  byId("confusion-table").replaceChildren(
    element("caption", { className: "heard" }, say("Rows: actual class; columns: predicted class")),
    element("tr", {}, element("td", {}, ""), ...counts.map((_, number) => head(number, "col"))), ...body);
}

/**
 * The losses of both sets over the epochs, each in its colour.
 * @param {[number, number, number][]} curve Epoch, training loss, test loss.
 * @returns {import("./chart.js").Series[]}
 */
export const lossSeries = (curve, colors, name = undefined) => [1, 2].map((which) => ({
  rows: curve.map((row) => [row[0], row[which]]), color: css(colors[which - 1]), dash: which === 1 ? [] : [5, 3], name: which === 2 ? name : undefined,
}));

/** The same as a chart. */
export function drawCurve(canvas, curve, found) {
  drawCurves(canvas, lossSeries(curve, theColors().classes));
  const words = say("Training loss {train}, test loss {test}, after {epoch} epochs", { train: shown(found.train.loss), test: shown(found.test.loss), epoch: found.epoch });
  if (canvas.getAttribute("aria-label") !== words) canvas.setAttribute("aria-label", words);
}

/** The epoch, the losses and the score, as numbers; the confusion matrix. */
export function drawScores({ epoch, found }, facts) {
  const { train, test } = found;
  byId("epoch").textContent = epoch.toLocaleString("en").replace(/,/g, " ");
  byId("train-loss").textContent = shown(train.loss);
  byId("test-loss").textContent = shown(test.loss);
  byId("score-name").textContent = say(facts.classes ? phrase("Test accuracy") : phrase("Test R²"));
  byId("test-score").textContent = scoreText(test.score, facts.classes);
  drawConfusion(test.confusion, facts);
}

/** Why training has stopped; or up to which epoch it is repeated, which a link leads to. */
export function showStopped(reason, ahead) {
  const words = ahead ? say("Training again up to epoch {epoch} of the link …", { epoch: ahead }) : reason ? say(reason) : "";
  if (words !== byId("stopped").textContent) byId("stopped").textContent = words;
}
