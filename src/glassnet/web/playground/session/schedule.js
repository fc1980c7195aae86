// The learning rates of the next steps, by the library's own schedules; when a training ends by itself.

import { phrase } from "../../phrase.js";

/** @param {import("./session.js").Session} session */
export function ratesOf({ engine, choices: { rate, schedule, epochs }, train, batch, epoch, at }, count) {
  if (schedule === "constant") return Array(count).fill(rate);
  const steps = Math.ceil(train.length / batch);
  const progress = Array.from({ length: count }, (_, step) => Math.min(1, (epoch + (at / batch + step) / steps) / epochs));
  return engine.factors(schedule, progress).map((factor) => rate * factor);
}

/** Whether a schedule has come to its end: behind it there is no learning rate. */
export const isOver = ({ choices: { schedule, epochs }, epoch }) => schedule !== "constant" && epoch >= epochs;

/**
 * Why it ends after this epoch, as a key of the catalogue; null: it goes on. Each reason holds once, so that whoever goes
 * on trains on.
 * @param {{epochs: number, lossBelow: number, patience: number}} choices
 * @param {object} found Of this epoch.
 * @param {object} before Of the one before.
 */
export function reasonToStop({ epochs, lossBelow, patience }, found, before) {
  if (epochs && found.epoch === epochs) return phrase("Stopped: maximum epoch reached.");
  if (found.train.loss < lossBelow && !(before.train.loss < lossBelow)) return phrase("Stopped: the training loss is below the limit.");
  if (patience && found.epoch - found.best.epoch === patience) return phrase("Stopped: no improvement of the test loss for the set number of epochs.");
  return null;
}

/** The best test loss up to here, and when it was. */
export function bestOf(found, before) {
  return before && before.loss <= found.test.loss ? before : { epoch: found.epoch, loss: found.test.loss };
}
