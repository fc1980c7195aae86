// Formulas in MathML, with numbers in them.

import { element, math, shown } from "./element.js";

const NAMES = /^[\p{L}̂]+$/u;

const bracket = (text) => math("mo", { stretchy: "false" }, text);

/** A number; a very large or small one with its power of ten. */
function numeral(number) {
  const [digits, exponent] = shown(number).split("e");
  const sign = { class: number < 0 ? "negative" : "positive" };
  if (exponent === undefined) return math("mn", sign, digits);
  return math("mrow", {}, math("mn", sign, digits), math("mo", {}, "·"),
    math("msup", {}, math("mn", sign, "10"), math("mn", sign, exponent.replace("+", ""))));
}

/** A piece of a formula: a number, a name, an operator, or what is a formula already. */
export function piece(one) {
  if (typeof one === "number") return numeral(one);
  if (typeof one !== "string") return one;
  if (NAMES.test(one)) return math("mi", {}, one);
  return /^[\d.]+$/.test(one) ? math("mn", {}, one) : "()".includes(one) ? bracket(one) : math("mo", {}, one);
}

/** Pieces beside each other; a negative number behind an operator in brackets. */
function pieces(all) {
  return all.flatMap((one, place) => (typeof one === "number" && one < 0 && "·+−".includes(all[place - 1] ?? "=")
    ? [bracket("("), piece(one), bracket(")")] : [piece(one)]));
}

export const row = (...all) => math("mrow", {}, ...pieces(all));
export const sub = (base, index) => math("msub", {}, piece(base), piece(index));
export const power = (base, exponent) =>
  math("msup", {}, base < 0 ? row("(", base, ")") : piece(base), piece(exponent));
export const over = (above, below) => math("mfrac", {}, piece(above), piece(below));
export const root = (inside) => math("msqrt", {}, piece(inside));
export const hat = (base) => math("mover", { accent: "true" }, piece(base), math("mo", {}, "^"));
/** The gradient of the loss by something. */
export const byLoss = (what) => over(row("∂", "L"), row("∂", what));

/** The pieces of a sum of terms, which are pieces themselves; of many, the first and the last. */
export function sum(terms, most = 4) {
  const parts = terms.length <= most ? terms : [...terms.slice(0, most - 1), ["⋯"], terms.at(-1)];
  return parts.flatMap((term, place) => (place ? ["+", ...term] : term));
}

/** A formula as a line of its own; where there is no room, it goes on in the next one, before a sign of equality or a plus. */
export function line(...all) {
  const parts = [[]];
  for (const one of all) {
    if (["=", "←", "→", "+"].includes(one) && parts.at(-1).length > 2) parts.push([]);
    parts.at(-1).push(one);
  }
  return element("div", { className: "line" }, ...parts.map((some, place) => {
    const [first, ...rest] = pieces(some);
    if (place) first.setAttribute("form", "infix"); // a plus between two numbers, though nothing stands before it in its part
    return math("math", { displaystyle: "true" }, first, ...rest);
  }));
}
