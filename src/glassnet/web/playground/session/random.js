// Random numbers for toy tables and for weights at the start, from a seed: the same on every machine.

import { INITIALIZERS } from "./initializers.js";

/** A generator of numbers in [0, 1), each as likely as another (Mulberry32, by Tommy Ettinger). */
export function uniformFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** A generator of normal numbers (Box and Muller 1958). */
export function normalFrom(uniform) {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * The numbers at the start of what layers learn, one parameter after the other.
 * @param {string} chosen For all weights; "auto": what suits the activation of each layer.
 */
export function initial(learned, seed, chosen = "auto") {
  const uniform = uniformFrom(seed * 7919 + 1);
  const draw = { normal: normalFrom(uniform), level: () => Math.sqrt(3) * (2 * uniform() - 1), bit: () => Math.floor(2 * uniform()) };
  return learned.flatMap(({ kind, begins, shape, start, stop }) => {
    if (kind !== "weight" || shape.length < 2) return Array(stop - start).fill(begins === "ones" ? 1 : 0);
    const [inputs, outputs] = shape;
    return INITIALIZERS[chosen === "auto" ? begins : chosen](draw, inputs, outputs).map(Math.fround);
  });
}
