// Texts that ask for a number of a step, such as "gradient 1.2.1".

import { LOSSES } from "../view/rules.js";

/** @typedef {import("./questions.js").Asked} Asked */

/** How many numbers say which one is meant. */
const PLACES = { z: 2, a: 2, p: 1, loss: 0, delta: 2, gradient: 3, update: 3, next: 2 };
/** Optimizers whose rule has all its numbers on the page. */
export const BY_HAND = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"];

/**
 * What a text such as "gradient 1.2.1" asks for: of layer 1, the weight from input 2 to neuron 1; null, where the network has none,
 * or its formula is not written out.
 * @param {string} text
 * @param {{widths: number[], activations: string[], loss: string, row: number[]}} of
 * @returns {Asked|null}
 */
export function readAsked(text, { widths, activations, loss, row }) {
  const [kind, where = "", ...rest] = text.split(" ");
  const numbers = where ? where.split(".") : [];
  if (!Object.hasOwn(PLACES, kind) || numbers.length !== PLACES[kind] || rest.length) return null;
  const last = widths.length - 2;
  const classes = LOSSES[loss]?.classes;
  const [first, second, third] = numbers.map((one) => (one === "b" ? null : /^\d+$/.test(one) ? Number(one) - 1 : NaN));
  const [layer, from, to] = { 0: [last], 1: [last, undefined, first], 2: [first, undefined, second], 3: [first, second, third] }[numbers.length];
  const inside = layer >= 0 && layer <= last && (from === undefined || from === null || (from >= 0 && from < widths[layer])) && (to === undefined || (to >= 0 && to < widths[layer + 1]));
  const atLoss = layer === last && ["loss", "delta", "gradient"].includes(kind);
  const several = row.length > widths[0];
  const plain = activations[last] === "identity";
  const written = kind === "update" ? from !== null : kind === "next" ? layer === 0 // what comes in behind it has changed, too
    : kind === "p" ? classes : kind === "a" ? activations[layer] !== "identity"
    : kind === "delta" || kind === "loss" || (several && kind === "gradient") ? (!atLoss || (LOSSES[loss]?.slope && (classes || widths.at(-1) === 1))) : true;
  const ofBatch = !several || kind === "loss" ? !(kind === "loss" && several && classes) : kind === "update" || (kind === "gradient" && atLoss && plain);
  const asked = { kind, ...(numbers.length > 1 ? { layer } : {}), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  return inside && written && ofBatch ? asked : null;
}
