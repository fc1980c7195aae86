// How well a network answers a set of rows: its accuracy and who is taken for whom, or R².

import { difference, dot, mean } from "./vectors.js";

/** The class with the largest of a row's answers, which begin at a place. */
export function likeliest(answers, start, outputs) {
  let best = 0;
  for (let one = 1; one < outputs; one++) if (answers[start + one] > answers[start + best]) best = one;
  return best;
}

/** The class that a row of answers says, of a network with so many outputs and this loss. */
export const classAt = (answers, row, { outputs, loss }) =>
  (outputs === 1 ? Number(answers[row] > middleOf(loss)) : likeliest(answers, row * outputs, outputs));

/** Above which number a single output means class 1. @param {string} loss */
export const middleOf = (loss) => (loss === "binary_cross_entropy" ? 0.5 : 0);

/** The share of the spread of the targets that is explained: 1, all of it; 0, no more than their mean would. */
function r2(answers, targets) {
  const middle = mean(targets);
  const [errors, spread] = [difference(targets, answers), targets.map((target) => target - middle)];
  return 1 - dot(errors, errors) / Math.max(dot(spread, spread), 1e-12);
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
  some.forEach(({ target }, row) => {
    confusion[target][classAt(answers, row, { outputs, loss })] += 1;
  });
  return { score: confusion.reduce((sum, row, place) => sum + row[place], 0) / some.length, confusion };
}
