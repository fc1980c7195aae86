// What weights begin with, under the library's names: numbers of a matrix of (inputs, outputs), row after row.

import { STARTS } from "./starts.js";
import { dot, length } from "./vectors.js";

const many = (count, draw) => Array.from({ length: count }, draw);

/** Columns (or rows, if there are fewer of them) at right angles to each other, all of length 1. */
function orthogonal(draw, inputs, outputs) {
  const [long, wide] = [Math.max(inputs, outputs), Math.min(inputs, outputs)];
  const columns = [];
  for (let place = 0; place < wide; place++) {
    const column = many(long, () => draw.normal());
    for (const other of columns) {
      const along = dot(column, other);
      column.forEach((_, i) => { column[i] -= along * other[i]; });
    }
    const far = length(column);
    columns.push(column.map((one) => one / far));
  }
  return Array.from({ length: inputs * outputs }, (_, place) => {
    const [row, column] = [Math.floor(place / outputs), place % outputs];
    return inputs >= outputs ? columns[column][row] : columns[row][column];
  });
}

/** Numbers that do not depend on each other. */
const each = (start) => (draw, inputs, outputs) => many(inputs * outputs, () => start(draw, inputs, outputs));

/** @type {Record<string, (draw: object, inputs: number, outputs: number) => number[]>} */
export const INITIALIZERS = {
  ...Object.fromEntries(Object.entries(STARTS).map(([name, start]) => [name, each(start)])),
  orthogonal,
  steps: (_, inputs, outputs) => Array.from({ length: inputs * outputs }, (__, place) =>
    (outputs > 1 ? (2 * (place % outputs)) / (outputs - 1) - 1 : -1)),
  zeros: each(() => 0),
  ones: each(() => 1),
};
