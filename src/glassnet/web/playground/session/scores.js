// How well a network answers a set of rows: its accuracy and who is taken for whom, or R².

/** The class that is answered for a row. */
function said(answers, row, outputs, middle) {
  if (outputs === 1) return Number(answers[row] > middle);
  let best = 0;
  for (let one = 1; one < outputs; one++) if (answers[row * outputs + one] > answers[row * outputs + best]) best = one;
  return best;
}

/** The share of the spread of the targets that is explained: 1, all of it; 0, no more than their mean would. */
function r2(answers, targets) {
  const mean = targets.reduce((sum, one) => sum + one, 0) / targets.length;
  const squares = (f) => targets.reduce((sum, target, row) => sum + f(target, row) ** 2, 0);
  return 1 - squares((target, row) => target - answers[row]) / Math.max(squares((target) => target - mean), 1e-12);
}

/**
 * What a network's answers for some rows are worth.
 * @param {Float32Array} answers
 * @param {{target: number}[]} some The rows.
 * @param {{classes: number, outputs: number, loss: string}} network
 * @returns {{score: number, confusion: number[][]|null}} The accuracy, and how many rows of each class are taken for each
 *   class; of numbers R².
 */
export function scores(answers, some, { classes, outputs, loss }) {
  if (!classes) return { score: r2(answers, some.map(({ target }) => target)), confusion: null };
  const confusion = Array.from({ length: classes }, () => Array(classes).fill(0));
  const middle = loss === "binary_cross_entropy" ? 0.5 : 0;
  for (let row = 0; row < some.length; row++) confusion[some[row].target][said(answers, row, outputs, middle)] += 1;
  return { score: confusion.reduce((sum, row, place) => sum + row[place], 0) / some.length, confusion };
}
