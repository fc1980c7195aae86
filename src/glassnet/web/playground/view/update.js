// The optimizer's own arithmetic for one weight: the gradient, its memories before and after, and the step.

import { say } from "../words/words.js";
import { arrowPicture } from "./chart.js";
import { element } from "./element.js";
import { line, row } from "./formula.js";
import { RULES } from "./rules.js";
import { treeLine } from "./tree.js";

const words = (text) => element("p", {}, text);

/** What is said before the line of a number. @type {Record<string, string | ((known: object) => string)>} */
const ADAM = { m: "adamMean", v: "adamSquare", m_hat: "adamCorrection", theta: "adamStep" };
/** @type {Record<string, typeof ADAM>} */
const WORDS = {
  adam: ADAM, adamw: ADAM, amsgrad: { ...ADAM, v_max: "amsgradMax" }, nadam: { ...ADAM, m_hat: "nadamAhead", v_hat: "nadamCorrection" },
  radam: { ...ADAM, m_hat: "radamCorrection", theta: ({ rectification }) => (rectification > 0 ? "radamStep" : "radamFew") },
  lion: { theta: "lionSign", m: "lionMean" },
};

/** The rule in the letters of its paper, and with the numbers of one weight; what is known of them grows line by line. */
function ruleLines(optimizer, { lines, letters }, known, now) {
  return lines.flatMap(([name, tree]) => {
    const told = WORDS[optimizer]?.[name];
    const before = told ? [words(say(typeof told === "string" ? told : told(known), { t: known.t }))] : [];
    return [...before, treeLine([name, tree], known, now[name], letters, name.endsWith("_hat") ? "=" : "←")];
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
