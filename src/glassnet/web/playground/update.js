// The optimizer's own arithmetic for one weight: the gradient, its memories before and after, and the step.

import { element } from "./element.js";
import { hat, line, over, power, root, row, sub } from "./formula.js";
import { RULES } from "./rules.js";
import { arrowPicture } from "./sketch.js";
import { say } from "./words.js";

const words = (text) => element("p", {}, text);

/** What is said before the line of a number. @type {Record<string, string | ((known: object) => string)>} */
const ADAM = { m: "adamMean", v: "adamSquare", m_hat: "adamCorrection", theta: "adamStep" };
/** @type {Record<string, typeof ADAM>} */
const WORDS = {
  adam: ADAM, adamw: ADAM, amsgrad: { ...ADAM, v_max: "amsgradMax" }, nadam: { ...ADAM, m_hat: "nadamAhead", v_hat: "nadamCorrection" },
  radam: { ...ADAM, m_hat: "radamCorrection", theta: ({ rectification }) => (rectification > 0 ? "radamStep" : "radamFew") },
  lion: { theta: "lionSign", m: "lionMean" },
};

const LETTERS = { theta: "w", alpha: "α", beta: "β", epsilon: "ε", mu: "μ", rectification: "r", rho: "ρ", weight: "μ" };

/** A name of the formulas as it is written: with an index, or a hat. */
function letter(name) {
  const [, base, index, mark] = /^([a-z]+)(\d?)_?(\w*)$/.exec(name);
  const plain = LETTERS[base] ?? base;
  return mark === "hat" ? hat(plain) : index || mark ? sub(plain, index || mark) : plain;
}

const OPERATIONS = {
  add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b, power: (a, b) => a ** b,
  sqrt: Math.sqrt, sign: Math.sign, maximum: Math.max, greater: (a, b) => a > b, where: (test, yes, no) => (test ? yes : no),
};

/** The number that a tree stands for. */
function worth(tree, known) {
  if (!Array.isArray(tree)) return typeof tree === "number" ? tree : known[tree];
  const [operation, ...operands] = tree;
  return OPERATIONS[operation](...operands.map((one) => worth(one, known)));
}

/** The pieces of a tree: in letters, short ones said in full; or with the numbers that are known. */
function pieces(tree, known, letters = null) {
  const parts = (one) => pieces(one, known, letters);
  const factor = (one) => (["add", "subtract"].includes(one[0]) ? [row("(", ...parts(one), ")")] : parts(one));
  if (typeof tree === "number") return [String(tree)];
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
      const [before, behind] = [factor(first), factor(second)];
      return behind[0] === "1" ? before : [...before, ...(letters ? [] : ["·"]), ...behind];
    }
    case "divide": return [over(row(...parts(first)), row(...parts(second)))];
    case "power": return [power(...parts(first), ...parts(second))];
    case "sqrt": return [root(row(...parts(first)))];
    case "maximum": return ["max", row("(", ...parts(first), ",", ...parts(second), ")")];
    case "where": return parts(worth(first, known) ? second : third);
    default: return [operation, row("(", ...parts(first), ")")];
  }
}

/** The rule in the letters of its paper, and with the numbers of one weight; what is known of them grows line by line. */
function ruleLines(optimizer, { lines, letters }, known, now) {
  return lines.flatMap(([name, tree]) => {
    const told = WORDS[optimizer]?.[name];
    const value = now[name] ?? worth(tree, known);
    const found = line(letter(name), name.endsWith("_hat") ? "=" : "←", ...pieces(tree, known, letters), "=", ...pieces(tree, known), "=", value);
    const before = told ? [words(say(typeof told === "string" ? told : told(known), { t: known.t }))] : [];
    known[name] = value;
    return [...before, found];
  });
}

/** What the update makes of one weight. */
export function update(seen, link, { optimizer, penalty, strength }) {
  const place = seen.place(link);
  const memories = (of) => Object.fromEntries(seen.slots.map((name, number) => [name, of[number][place]]));
  const stretch = seen.segments.findIndex(([start, stop]) => start <= place && place < stop);
  const [decay] = seen.strengths[stretch];
  const start = seen.before[place];
  const found = [words(say("updateWords", { optimizer }))];
  let g = seen.gradient[place];
  if (penalty !== "none") {
    const pull = penalty === "l1" ? strength * Math.sign(start) : strength * start;
    found.push(words(say("penaltyWords")), line("g", "=", g, "+", pull, "=", g + pull));
    g += pull;
  } else found.push(line("g", "=", g));
  const w = start * (1 - seen.rate * decay);
  if (decay) found.push(words(say("decayWords")), line("w", "←", row("(", "1", "−", "α", "λ", ")"), "w", "=", w));
  const [before, after, next] = [memories(seen.slotsBefore), memories(seen.slotsAfter), seen.after[place]];
  const rule = RULES[optimizer];
  if (rule) {
    const told = Object.fromEntries(rule.coefficients.map((name, number) => [name, seen.coefficients[number]]));
    const known = { ...before, ...seen.values, ...told, theta: w, g, alpha: seen.rate, t: seen.t };
    found.push(...ruleLines(optimizer, rule, known, { ...after, theta: next }));
  } else {
    found.push(words(say("otherRule", { optimizer })),
      ...seen.slots.map((name) => line(name, ":", before[name], "→", after[name])), line("w", ":", w, "→", next));
  }
  found.push(arrowPicture(start, next, say("arrow")));
  return found;
}
