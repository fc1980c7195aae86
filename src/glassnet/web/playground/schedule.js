// The learning rates of the next steps: the library's own schedules, by the engine.

/** @param {import("./session.js").Session} session */
export function ratesOf({ engine, choices: { rate, schedule, epochs }, train, batch, epoch, at }, count) {
  if (schedule === "constant") return Array(count).fill(rate);
  const steps = Math.ceil(train.length / batch);
  const progress = Array.from({ length: count }, (_, step) => Math.min(1, (epoch + (at / batch + step) / steps) / epochs));
  return engine.factors(schedule, progress).map((factor) => rate * factor);
}

/** Whether a schedule has come to its end: behind it there is no learning rate. */
export const isOver = ({ choices: { schedule, epochs }, epoch }) => schedule !== "constant" && epoch >= epochs;
