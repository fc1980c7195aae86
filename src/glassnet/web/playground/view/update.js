// The optimizer's own arithmetic for one weight: the gradient, its memories before and after, and the step.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { arrowPicture } from "./chart.js";
import { element } from "./element.js";
import { line, row } from "./formula.js";
import { RULES } from "./rules.js";
import { treeLine } from "./tree.js";

const words = (text) => element("p", {}, text);

/** What is said before the line of a number. @type {Record<string, string | ((known: object) => string)>} */
const ADAM = {
  m: phrase("It remembers the mean of recent gradients:"),
  v: phrase("and the mean of their squares:"),
  m_hat: phrase("Both started at zero, so after {t} steps they are still too small. Bias correction compensates for that:"),
  theta: phrase("The step is the mean divided by the root mean square, so it is about as long as the learning rate (ε only prevents division by zero):"),
};
/** @type {Record<string, typeof ADAM>} */
const EXPLAINED = {
  adam: ADAM, adamw: ADAM,
  amsgrad: {
    ...ADAM,
    v_max: phrase("The largest mean of squares so far is used instead, so that steps do not grow when a large gradient is forgotten:"),
  },
  nadam: {
    ...ADAM,
    m_hat: phrase("Nesterov momentum looks ahead: the mean as the next step will have it, including this gradient:"),
    v_hat: phrase("The mean of squares started at zero, so after {t} steps it is still too small. Bias correction compensates for that:"),
  },
  radam: {
    ...ADAM,
    m_hat: phrase("The mean started at zero, so after {t} steps it is still too small. Bias correction compensates for that:"),
    theta: ({ rectification }) => (rectification > 0
      ? phrase("The step is the mean divided by the root mean square, times r, which approaches 1 as more gradients are seen:")
      : phrase("The mean of squares is based on too few gradients to be reliable yet, so the step is the mean alone:")),
  },
  lion: {
    theta: phrase("Only the sign of a mixture of momentum and gradient is used, so every weight moves by the learning rate:"),
    m: phrase("It remembers the mean of recent gradients for the next step:"),
  },
};

/** The rule in the letters of its paper, and with the numbers of one weight; what is known of them grows line by line. */
function ruleLines(optimizer, { lines, letters }, known, now) {
  return lines.flatMap(([name, tree]) => {
    const told = EXPLAINED[optimizer]?.[name];
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
  const found = [words(say("{optimizer} now turns the gradient into a step:", { optimizer }))];
  let g = seen.gradient[place];
  if (penalty !== "none") {
    const pull = penalty === "l1" ? strength * Math.sign(start) : strength * start;
    found.push(words(say("Regularization adds a pull towards zero:")), line("g", "=", g, "+", pull, "=", g + pull));
    g += pull;
  } else found.push(line("g", "=", g));
  const w = start * (1 - seen.rate * decay);
  if (decay) found.push(words(say("Weight decay first makes the weight a little smaller:")), line("w", "←", row("(", "1", "−", "α", "λ", ")"), "w", "=", w));
  const [before, after, next] = [memories(seen.slotsBefore), memories(seen.slotsAfter), seen.after[place]];
  const rule = RULES[optimizer];
  if (rule) {
    const told = Object.fromEntries(rule.coefficients.map((name, number) => [name, seen.coefficients[number]]));
    const known = { ...before, ...seen.values, ...told, theta: w, g, alpha: seen.rate, t: seen.t };
    found.push(...ruleLines(optimizer, rule, known, { ...after, theta: next }));
  } else {
    found.push(words(say("State of {optimizer} for this weight, before and after:", { optimizer })),
      ...seen.slots.map((name) => line(name, ":", before[name], "→", after[name])), line("w", ":", w, "→", next));
  }
  found.push(arrowPicture(start, next, say("From the old weight to the new one")));
  return found;
}
