// The losses of both sets over the epochs.

import { css, theColors } from "./heat.js";
import { shown } from "./element.js";
import { say } from "./words.js";

/** A canvas as large as it stands on the page, cleared; its context in the page's own pixels. */
export function cleared(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  return { context, width, height };
}

/** @param {[number, number, number][]} curve Epoch, training loss, test loss. */
export function drawCurve(canvas, curve, found) {
  const { context, width, height } = cleared(canvas);
  const { classes, quiet } = theColors();
  const finite = curve.filter((row) => row.every(Number.isFinite));
  const losses = finite.flatMap(([, train, test]) => [train, test]);
  const top = Math.max(...losses, 1e-9);
  const last = Math.max(finite.at(-1)?.[0] ?? 0, 1);
  context.strokeStyle = quiet;
  context.globalAlpha = 0.35;
  context.beginPath();
  context.moveTo(0, height - 0.5);
  context.lineTo(width, height - 0.5);
  context.stroke();
  context.globalAlpha = 1;
  [1, 2].forEach((which) => {
    context.strokeStyle = css(classes[which === 1 ? 0 : 1]);
    context.setLineDash(which === 1 ? [] : [5, 3]);
    context.lineWidth = 2;
    context.beginPath();
    for (const row of finite) context.lineTo((row[0] / last) * width, height - 2 - (row[which] / top) * (height - 4));
    context.stroke();
  });
  context.setLineDash([]);
  const words = { train: shown(found.train.loss), test: shown(found.test.loss), epoch: found.epoch };
  canvas.setAttribute("aria-label", say("curve", words));
}
