// Classical mistakes, each to be switched on in a network that learns beside another: what it changes of the choices, of the
// weights at the start, of the rows, or of every step.

/**
 * @typedef {object} Mistake
 * @property {(choices: object) => object} [choose] Other choices.
 * @property {(weights: Float32Array, of: object) => void} [start] Other weights of a layer at the start.
 * @property {number} [scale] What inputs are multiplied with.
 * @property {boolean} [sorted] Whether rows come class by class, and never in another order.
 * @property {(before: Float32Array, now: Float32Array, of: object) => void} [step] What a step makes of one of the arrays
 *   that are learned; `of` says which: `kind`, and whether it is of the `last` layer.
 */

const hidden = (choices, part) => choices.hidden.map((one) => ({ ...one, ...part }));

/** @type {Record<string, Mistake>} */
export const MISTAKES = {
  zeros: { start: (weights) => weights.fill(0) },
  equal: { start: (weights) => weights.fill(0.5 / Math.sqrt(weights.length)) },
  large: { start: (weights) => weights.forEach((one, place) => { weights[place] = 10 * one; }) },
  unscaled: { scale: 100 },
  fast: { choose: (choices) => ({ rate: 100 * choices.rate }) },
  slow: { choose: (choices) => ({ rate: choices.rate / 1000 }) },
  linear: { choose: (choices) => ({ hidden: hidden(choices, { activation: "identity" }) }) },
  sigmoids: { choose: (choices) => ({ hidden: hidden(choices, { activation: "sigmoid" }) }) },
  sorted: { sorted: true },
  reversed: {
    step: (before, now, { last }) => { if (!last) now.forEach((one, place) => { now[place] = 2 * before[place] - one; }); },
  },
  frozen: { step: (before, now, { last }) => { if (!last) now.set(before); } },
  slopeless: { choose: (choices) => ({ forgotten: choices.hidden.length }) },
  biasless: { step: (before, now, { kind }) => { if (kind === "bias") now.set(before); } },
};

/**
 * Let a step be made with the mistake: `make` makes it, and `parameters` gives the numbers at the time.
 * @param {Mistake} mistake
 */
export function mistaken({ step }, learned, parameters, make) {
  const before = parameters().slice();
  const loss = make();
  const last = Math.max(...learned.map(({ layer }) => layer));
  for (const { start, stop, kind, layer } of learned) {
    step(before.subarray(start, stop), parameters().subarray(start, stop), { kind, last: layer === last });
  }
  return loss;
}
