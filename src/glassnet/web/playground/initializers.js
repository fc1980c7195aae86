// What weights begin with, under the library's names: numbers of a matrix of (inputs, outputs), row after row.

const FIXED = 0.05; // the limit of "uniform", the spread of "normal"

/** Normal or uniform numbers with this variance. */
const varied = (kind, variance) => (draw, inputs, outputs) => {
  const spread = Math.sqrt(variance(inputs, outputs));
  return many(inputs * outputs, () => spread * draw[kind]());
};
const many = (count, draw) => Array.from({ length: count }, draw);

const he = (inputs) => 2 / inputs;
const lecun = (inputs) => 1 / inputs;
const glorot = (inputs, outputs) => 2 / (inputs + outputs);

/** Columns (or rows, if there are fewer of them) at right angles to each other, all of length 1. */
function orthogonal(draw, inputs, outputs) {
  const [long, wide] = [Math.max(inputs, outputs), Math.min(inputs, outputs)];
  const columns = [];
  for (let place = 0; place < wide; place++) {
    const column = many(long, () => draw.normal());
    for (const other of columns) {
      const along = column.reduce((sum, one, i) => sum + one * other[i], 0);
      column.forEach((_, i) => { column[i] -= along * other[i]; });
    }
    const length = Math.hypot(...column);
    columns.push(column.map((one) => one / length));
  }
  return Array.from({ length: inputs * outputs }, (_, place) => {
    const [row, column] = [Math.floor(place / outputs), place % outputs];
    return inputs >= outputs ? columns[column][row] : columns[row][column];
  });
}

/** @type {Record<string, (draw: object, inputs: number, outputs: number) => number[]>} */
export const INITIALIZERS = {
  glorot_uniform: varied("level", glorot),
  glorot_normal: varied("normal", glorot),
  he_uniform: varied("level", he),
  he_normal: varied("normal", he),
  lecun_uniform: varied("level", lecun),
  lecun_normal: varied("normal", lecun),
  orthogonal,
  uniform: varied("level", () => FIXED ** 2 / 3),
  normal: varied("normal", () => FIXED ** 2),
  signs: (draw, inputs, outputs) => many(inputs * outputs, () => Math.sign(draw.level()) || 1),
  steps: (_, inputs, outputs) => Array.from({ length: inputs * outputs }, (__, place) =>
    (outputs > 1 ? (2 * (place % outputs)) / (outputs - 1) - 1 : -1)),
  zeros: (_, inputs, outputs) => many(inputs * outputs, () => 0),
  ones: (_, inputs, outputs) => many(inputs * outputs, () => 1),
};
