// The optimizer's own arithmetic for one weight: the gradient, its memories before and after, and the step.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { arrowPicture } from "./chart.js";
import { element } from "./element.js";
import { line } from "./formula.js";
import { DECAY, PENALTIES, RULES } from "./rules.js";
import { treeLine } from "./tree.js";

const words = (text) => element("p", {}, text);

/** What is said before the line of a number. @type {Record<string, string | ((known: object) => string)>} */
const ADAM = {
  m: phrase("It remembers the mean of recent gradients:"),
  v: phrase("and the mean of their squares:"),
  m_hat: phrase("Both started at zero, so at step {t} they are still too small. Bias correction compensates for that:"),
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
    v_hat: phrase("The mean of squares started at zero, so at step {t} it is still too small. Bias correction compensates for that:"),
  },
  radam: {
    ...ADAM,
    m_hat: phrase("The mean started at zero, so at step {t} it is still too small. Bias correction compensates for that:"),
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
  const segment = seen.segments.findIndex(([start, stop]) => start <= place && place < stop);
  const [decay] = seen.strengths[segment];
  const [start, next] = [seen.before[place], seen.after[place]];
  const [before, after] = [memories(seen.slotsBefore), memories(seen.slotsAfter)];
  const known = { ...before, ...seen.values, theta: start, g: seen.gradient[place], alpha: seen.rate, t: seen.t };
  const found = [words(say("{optimizer} now turns the gradient into a step:", { optimizer }))];
  if (penalty === "none") found.push(line("g", "=", known.g));
  else found.push(words(say("Regularization adds a pull towards zero:")), treeLine(["g", PENALTIES[penalty]], Object.assign(known, { lambda: strength }), undefined, {}, "←"));
  if (decay) found.push(words(say("Weight decay first makes the weight a little smaller:")), treeLine(["theta", DECAY], Object.assign(known, { lambda: decay }), undefined, {}, "←"));
  const rule = RULES[optimizer];
  if (rule) {
    rule.coefficients.forEach((name, number) => { known[name] = seen.coefficients[number]; });
    found.push(...ruleLines(optimizer, rule, known, { ...after, theta: next }));
  } else {
    found.push(words(say("State of {optimizer} for this weight, before and after:", { optimizer })),
      ...seen.slots.map((name) => line(name, ":", before[name], "→", after[name])), line("w", ":", known.theta, "→", next));
  }
  found.push(arrowPicture(start, next, say("From the old weight to the new one")));
  return found;
}
