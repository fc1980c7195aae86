// The optimizer's own arithmetic for one weight: the gradient, its memories before and after, and the step.

import { element, math } from "./element.js";
import { hat, line, over, piece, power, root, row, sub } from "./formula.js";
import { arrowPicture } from "./sketch.js";
import { say } from "./words.js";

const words = (text) => element("p", {}, text);

/** The rules in the letters of their papers: lines for the numbers of one weight. */
const RULES = {
  sgd: ({ w, g, alpha, next }) => [line("w", "←", "w", "−", "α", "g", "=", w, "−", alpha, "·", g, "=", next)],
  momentum: ({ w, g, alpha, next, values: { mu }, before: { b }, after }) => [
    line("b", "←", "μ", "b", "+", "g", "=", mu, "·", b, "+", g, "=", after.b),
    line("w", "←", "w", "−", "α", "b", "=", w, "−", alpha, "·", after.b, "=", next),
  ],
  nesterov: ({ w, g, alpha, next, values: { mu }, before: { b }, after }) => [
    line("b", "←", "μ", "b", "+", "g", "=", mu, "·", b, "+", g, "=", after.b),
    line("w", "←", "w", "−", "α", row("(", "g", "+", "μ", "b", ")"), "=", w, "−", alpha, "·",
      row("(", g, "+", mu, "·", after.b, ")"), "=", next),
  ],
  adagrad: ({ w, g, alpha, next, before: { s }, after }) => [
    line("s", "←", "s", "+", power("g", "2"), "=", s, "+", power(g, "2"), "=", after.s),
    line("w", "←", "w", "−", "α", over("g", row(root("s"), "+", "ε")), "=", w, "−", alpha, "·", over(g, root(after.s)), "=", next),
  ],
  rmsprop: ({ w, g, alpha, next, values: { rho }, before: { v }, after }) => [
    line("v", "←", "ρ", "v", "+", row("(", "1", "−", "ρ", ")"), power("g", "2"), "=", rho, "·", v, "+", 1 - rho, "·", power(g, "2"), "=", after.v),
    line("w", "←", "w", "−", "α", over("g", row(root("v"), "+", "ε")), "=", w, "−", alpha, "·", over(g, root(after.v)), "=", next),
  ],
  adam: ({ w, g, alpha, t, next, values, before, after, coefficients }) => {
    const [share1, share2, correction1, correction2] = coefficients;
    const [m, v] = [correction1 * after.m, correction2 * after.v];
    const moment = (name, order, beta, share, old, now) => line(name, "←", sub("β", order), name, "+",
      row("(", "1", "−", sub("β", order), ")"), order === "1" ? "g" : power("g", "2"), "=", beta, "·", old, "+", share, "·",
      order === "1" ? g : power(g, "2"), "=", now);
    const corrected = (name, order, beta, now, found) => line(hat(name), "=",
      over(name, row("1", "−", math("msubsup", {}, piece("β"), piece(order), piece("t")))), "=",
      over(now, row("1", "−", power(beta, String(t)))), "=", found);
    return [
      words(say("adamMean")), moment("m", "1", values.beta1, share1, before.m, after.m),
      words(say("adamSquare")), moment("v", "2", values.beta2, share2, before.v, after.v),
      words(say("adamCorrection", { t })), corrected("m", "1", values.beta1, after.m, m), corrected("v", "2", values.beta2, after.v, v),
      words(say("adamStep")),
      line("w", "←", "w", "−", "α", over(hat("m"), row(root(hat("v")), "+", "ε")), "=", w, "−", alpha, "·", over(m, root(v)), "=", next),
    ];
  },
};
RULES.adamw = RULES.adam;

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
  const numbers = { w, g, alpha: seen.rate, t: seen.t, next: seen.after[place], values: seen.values };
  const [before, after] = [memories(seen.slotsBefore), memories(seen.slotsAfter)];
  const rule = RULES[optimizer];
  if (rule) found.push(...rule({ ...numbers, before, after, coefficients: seen.coefficients }));
  else {
    found.push(words(say("otherRule", { optimizer })),
      ...seen.slots.map((name) => line(name, ":", before[name], "→", after[name])), line("w", ":", w, "→", numbers.next));
  }
  found.push(arrowPicture(start, numbers.next, say("arrow")));
  return found;
}
