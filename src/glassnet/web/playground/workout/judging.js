// Whether an answer is right by the digits that are shown, and which mistakes lead to it.

import { worth } from "../view/tree.js";

/** @typedef {import("./questions.js").Question} Question */

/** A number as it is shown, of three digits. */
const rounded = (number) => Number(number.toPrecision(3));
const roundedAll = (tree) => (Array.isArray(tree) ? tree.map((one, place) => (place ? roundedAll(one) : one)) : typeof tree === "number" ? rounded(tree) : tree);

/** The least and the largest number that is right for a formula: of the numbers in memory, and of those that are shown. */
function rangeOf(tree, known, exact = worth(tree, known)) {
  const shown = worth(roundedAll(tree), Object.fromEntries(Object.entries(known).map(([name, number]) => [name, rounded(number)])));
  const size = Math.max(Math.abs(exact), Math.abs(shown));
  const unit = size ? 10 ** (Math.floor(Math.log10(size)) - 2) : 1e-3;
  return [Math.min(exact, shown) - unit, Math.max(exact, shown) + unit];
}

/** @param {number} number @param {number[]} range */
const within = (number, [low, high]) => number >= low - 1e-12 && number <= high + 1e-12;

/** The results that are right, and those of each mistake. @param {Question} question */
export function resultsOf({ tree, known, answer, mistakes }) {
  const of = (one) => rangeOf(one, known);
  return { right: rangeOf(tree, known, answer), mistakes: Object.entries(mistakes).map(([name, one]) => [name, of(one), worth(one, known)]) };
}

/** Decimals of a number as it was typed. */
const decimals = (text) => (/^[-+]?\d*\.?\d*$/.test(text) ? (text.split(".")[1] ?? "").length : null);

/**
 * What an answer is: right, right with too few digits, or which mistakes lead to it; of several with the same result, all.
 * @param {Question} question @param {number} number @param {string} text As it was typed.
 */
export function judge(question, number, text = "") {
  const { right, mistakes } = resultsOf(question);
  if (within(number, right)) return { right: true, short: false, mistakes: [] };
  const made = mistakes.filter(([, range]) => within(number, range)).map(([name]) => name);
  const places = decimals(text);
  const short = !made.length && places !== null && number !== 0 && Math.abs(number - question.answer) <= 0.5 * 10 ** -places + 1e-9;
  return { right: false, short, mistakes: made };
}
