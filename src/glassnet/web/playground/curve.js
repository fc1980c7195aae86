// The losses of both sets over the epochs.

import { css, theColors } from "./heat.js";
import { shown } from "./element.js";
import { say } from "./words.js";

/** A canvas as large as it stands on the page, cleared; its context in the page's own pixels. */
export function cleared(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio || 1;
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/**
 * @typedef {object} Series
 * @property {[number, number][]} rows Epoch and loss.
 * @property {string} color
 * @property {number[]} [dash]
 * @property {string} [name] Written at its end.
 */

/** Curves over one axis of epochs; what is above `top` is cut off. @param {Series[]} series */
export function drawCurves(canvas, series, top = Infinity) {
  const { context, width: wide, height } = cleared(canvas);
  const width = wide - (series.some(({ name }) => name) ? 22 : 0);
  const finite = series.map(({ rows }) => rows.filter((row) => row.every(Number.isFinite)));
  const highest = Math.min(top, Math.max(...finite.flat().map(([, loss]) => loss), 1e-9));
  const last = Math.max(...finite.map((rows) => rows.at(-1)?.[0] ?? 0), 1);
  const y = (loss) => height - 2 - Math.min(1, loss / highest) * (height - 4);
  Object.assign(context, { strokeStyle: theColors().quiet, globalAlpha: 0.35, lineWidth: 1 });
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(0, height - 0.5);
  context.lineTo(width, height - 0.5);
  context.stroke();
  Object.assign(context, { globalAlpha: 1, lineWidth: 2, font: "600 13px system-ui, sans-serif", textBaseline: "middle" });
  const byHeight = finite.map((rows, place) => [y(rows.at(-1)?.[1] ?? 0), place]).sort(([a], [b]) => b - a);
  series.forEach(({ color, dash = [] }, place) => {
    context.strokeStyle = color;
    context.setLineDash(dash);
    context.beginPath();
    for (const [epoch, loss] of finite[place]) context.lineTo((epoch / last) * width, y(loss));
    context.stroke();
  });
  context.setLineDash([]);
  const places = apart(byHeight.map(([end]) => end), height);
  byHeight.forEach(([, place], n) => {
    context.fillStyle = series[place].color;
    context.fillText(series[place].name ?? "", width + 6, places[n]);
  });
}

/** Where names stand that belong at these heights, the lowest first: they do not lie on each other, and none is cut off. */
export function apart(ends, height, letter = 14) {
  const above = (n) => letter / 2 + letter * (ends.length - 1 - n); // the room of those that come
  const found = [];
  for (const [n, end] of ends.entries()) found.push(Math.max(above(n), Math.min(end, (found.at(-1) ?? height + letter / 2) - letter)));
  return found;
}

/** @param {[number, number, number][]} curve Epoch, training loss, test loss. */
export function drawCurve(canvas, curve, found) {
  const { classes } = theColors();
  drawCurves(canvas, [1, 2].map((which) => ({
    rows: curve.map((row) => [row[0], row[which]]), color: css(classes[which - 1]), dash: which === 1 ? [] : [5, 3],
  })));
  const words = say("curve", { train: shown(found.train.loss), test: shown(found.test.loss), epoch: found.epoch });
  if (canvas.getAttribute("aria-label") !== words) canvas.setAttribute("aria-label", words);
}
