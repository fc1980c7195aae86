// Classical mistakes, each to be switched on in a network that learns beside another: what it changes of the choices, of the
// weights at the start, of the rows, or of every step.

import { phrase } from "../../phrase.js";
import { changedLayers } from "./choices.js";

/**
 * @typedef {object} Mistake
 * @property {string} name
 * @property {string} why It is one.
 * @property {(choices: object) => object} [choose] Other choices.
 * @property {(weights: Float32Array, of: object) => void} [start] Other weights of a layer at the start.
 * @property {number} [scale] What inputs are multiplied with.
 * @property {boolean} [sorted] Whether rows come class by class, and never in another order.
 * @property {(before: Float32Array, now: Float32Array, of: object) => void} [step] What a step makes of one of the arrays
 *   that are learned; `of` says which: `kind`, and whether it is of the `last` layer.
 */

/** @type {Record<string, Mistake>} */
export const MISTAKES = {
  zeros: {
    name: phrase("all weights start at zero"),
    why: phrase("All neurons of a layer are identical and get the same gradient, if any, so they stay identical."),
    start: (weights) => weights.fill(0),
  },
  equal: {
    name: phrase("all weights start equal"),
    why: phrase("The neurons of a layer learn the same thing, so the layer acts as a single neuron."),
    start: (weights) => weights.fill(0.5 / Math.sqrt(weights.length)),
  },
  large: {
    name: phrase("initial weights ten times too large"),
    why: phrase("The weighted sums are so large that tanh and sigmoid saturate, and gradients vanish or explode."),
    start: (weights) => weights.forEach((one, place) => { weights[place] = 10 * one; }),
  },
  unscaled: {
    name: phrase("inputs not scaled (times 100)"),
    why: phrase("Initial weights assume inputs of size about 1. Inputs 100 times as large saturate the first layer."),
    scale: 100,
  },
  fast: {
    name: phrase("learning rate 100 times higher"),
    why: phrase("Every step overshoots the minimum, so the loss oscillates or diverges."),
    choose: (choices) => ({ rate: 100 * choices.rate }),
  },
  slow: {
    name: phrase("learning rate 1000 times lower"),
    why: phrase("The weights hardly leave their initial values."),
    choose: (choices) => ({ rate: choices.rate / 1000 }),
  },
  linear: {
    name: phrase("no activation function"),
    why: phrase("Any number of linear layers is one linear map, so the decision boundary stays a straight line."),
    choose: (choices) => ({ hidden: changedLayers(choices.hidden, { activation: "identity" }) }),
  },
  sigmoids: {
    name: phrase("sigmoid in every hidden layer"),
    why: phrase("Its slope is at most 1/4, so in backpropagation the gradient shrinks with every layer."),
    choose: (choices) => ({ hidden: changedLayers(choices.hidden, { activation: "sigmoid" }) }),
  },
  sorted: {
    name: phrase("rows sorted by class, never shuffled"),
    why: phrase("Each batch pulls toward a single class, and the end of the epoch undoes the beginning."),
    sorted: true,
  },
  reversed: {
    name: phrase("wrong sign in the hidden layers' gradient"),
    why: phrase("Only the last layer descends; the hidden layers work against it. Small problems may still be solved, so the mistake goes unnoticed."),
    step: (before, now, { last }) => { if (!last) now.forEach((one, place) => { now[place] = 2 * before[place] - one; }); },
  },
  frozen: {
    name: phrase("hidden layers never updated"),
    why: phrase("Only the last layer learns, from random features."),
    step: (before, now, { last }) => { if (!last) now.set(before); },
  },
  slopeless: {
    name: phrase("activation slope missing in backpropagation"),
    why: phrase("The last hidden layer passes the gradient on without its slope. The loss may still fall, but the gradient check detects it."),
    choose: (choices) => ({ forgotten: choices.hidden.length }),
  },
  biasless: {
    name: phrase("biases never updated"),
    why: phrase("They stay at zero, so no neuron can move its boundary away from the origin."),
    step: (before, now, { kind }) => { if (kind === "bias") now.set(before); },
  },
};

/**
 * Let a step be made with the mistake: `make` makes it, and `parameters` gives the numbers at the time.
 * @param {Partial<Mistake>} mistake
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
