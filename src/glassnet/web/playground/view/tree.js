// Formulas as trees (rules.js), written out: in letters, and with the numbers that are known.

import { BINARY, UNARY } from "../../model/operations.js";
import { math } from "./element.js";
import { hat, line, over, power, root, row, sub } from "./formula.js";
import { SIGNS } from "./rules.js";

const LETTERS = { theta: "w", gamma: "γ", delta: "δ", alpha: "α", beta: "β", epsilon: "ε", lambda: "λ", mu: "μ", rectification: "r", rho: "ρ", weight: "μ" };

/** A name of the formulas as it is written: with an index, or a hat. */
export function letter(name) {
  const [, base, index, mark] = /^([a-zA-Z]+)(\d?)_?(\w*)$/.exec(name);
  const plain = LETTERS[base] ?? base;
  return mark === "hat" ? hat(plain) : index || mark ? sub(plain, index || mark) : plain;
}

/** The name of a function; a thin space keeps it from the letters before it, and from those behind it where no bracket does. */
const called = (name, rspace = "0") => (name.length > 1 ? math("mo", { lspace: "0.17em", rspace }, name) : name);
/** Whether a name is a word, which a sign of multiplication keeps from its neighbours. */
const isWord = (tree, letters) => {
  const [base] = /^[a-zA-Z]*/.exec(tree);
  return typeof tree === "string" && !(tree in letters) && (LETTERS[base] ?? base).length > 1;
};
const MANY = { maximum: "max", minimum: "min" };

const CALLED = { ...UNARY, ...SIGNS };

/** The number that a tree stands for. */
export function worth(tree, known) {
  if (!Array.isArray(tree)) return typeof tree === "number" ? tree : known[tree];
  const [operation, ...operands] = tree;
  if (operation === "where") return worth(operands[worth(operands[0], known) ? 1 : 2], known);
  return (CALLED[operation] ?? BINARY[operation])(...operands.map((one) => worth(one, known)));
}

/** The pieces of a tree: in letters, short ones said in full; or with the numbers that are known. */
export function pieces(tree, known, letters = null) {
  const parts = (one) => pieces(one, known, letters);
  const brackets = (one) => row("(", ...parts(one), ")");
  const factor = (one) => (["add", "subtract", "negative", "expm1"].includes(one[0]) ? [brackets(one)] : parts(one));
  if (typeof tree === "number") return tree < 0 ? ["−", String(-tree)] : [String(tree)];
  if (typeof tree === "string") {
    if (!letters) return [tree === "t" ? String(known.t) : known[tree]];
    return tree in letters ? factor(letters[tree]) : [letter(tree)];
  }
  const [operation, first, second, third] = tree;
  switch (operation) {
    case "add": // of three digits an ε changes none
      return !letters && second === "epsilon" && known.epsilon < 1e-5 * worth(first, known) ? parts(first) : [...parts(first), "+", ...parts(second)];
    case "subtract": return [...parts(first), "−", ...factor(second)];
    case "multiply": {
      const [before, behind] = [first[0] === "negative" ? parts(first) : factor(first), factor(second)];
      return behind[0] === "1" ? before : [...before, ...(letters && ![first, second].some((one) => isWord(one, letters)) ? [] : ["·"]), ...behind];
    }
    case "divide": return [over(row(...parts(first)), row(...parts(second)))];
    case "negative": return ["−", ...factor(first)];
    case "power": return [power(Array.isArray(first) ? brackets(first) : parts(first)[0], ...parts(second))];
    case "sqrt": return [root(row(...parts(first)))];
    case "absolute": return [row("|", ...parts(first), "|")];
    case "maximum": case "minimum": return [called(MANY[operation]), row("(", ...parts(first), ",", ...parts(second), ")")];
    case "where": return parts(worth(first, known) ? second : third);
    case "exp": return [power("e", row(...parts(first)))];
    case "expm1": return [power("e", row(...parts(first))), "−", "1"];
    case "log": return [called("ln", "0.17em"), ...(Array.isArray(first) ? [brackets(first)] : parts(first))];
    case "log1p": return [called("ln"), row("(", "1", "+", ...parts(first), ")")];
    default: return [called(operation), brackets(first)];
  }
}

/**
 * A line of a formula: in letters, with numbers, and what it comes to; `known` learns it.
 * @param {[string, any]} told Name and tree. @param {Record<string, any>} letters What is short enough to be said in full.
 */
export function treeLine([name, tree], known, now = worth(tree, known), letters = {}, sign = "=") {
  const found = line(letter(name), sign, ...pieces(tree, known, letters), "=", ...pieces(tree, known), "=", now);
  known[name] = now;
  return found;
}
