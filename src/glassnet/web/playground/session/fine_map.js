// Maps finer than those of frames, of a network that rests: a band of points for each order, so that no other one waits long.

import { gridPoints } from "./tables.js";

const WORK = 2e6; // multiplications of a band, about: a few milliseconds

/**
 * The next points of a map with so many along a side, line by line, and what the network has for them.
 * @param {import("./session.js").Session} session
 * @param {{side: number, from: number, of: "answers" | "units" | {layer: number, unit: number}}} wanted Of all units: a table for
 *   each layer, from the inputs on.
 */
export function band(session, { side, from, of }) {
  const { maps, program, dense } = session;
  const count = Math.min(maps.program.rows, side * side - from, Math.max(1, Math.floor(WORK / program.parameters)));
  const inputs = Float32Array.from(session.rows(gridPoints(side, from, count)));
  const answers = maps.predict(inputs);
  if (of === "answers") return { count, tables: [answers] };
  const layers = [inputs, ...dense.map((place) => maps.numbers(place, count))];
  if (of === "units") return { count, tables: layers };
  const numbers = layers[of.layer];
  return { count, tables: [Float32Array.from({ length: count }, (_, point) => numbers[(point * numbers.length) / count + of.unit])] };
}
