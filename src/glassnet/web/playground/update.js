// The optimizer's own arithmetic for one weight: the gradient, its memories before and after, and the step.

import { element, math } from "./element.js";
import { hat, line, over, piece, power, root, row, sub } from "./formula.js";
import { arrowPicture } from "./sketch.js";
import { say } from "./words.js";

const words = (text) => element("p", {}, text);

/** A memory's own line: of a mean of gradients, or of their squares. */
const mean = (name, order, beta, share, old, added, now, square = false) => line(name, "←", sub("β", order), name, "+",
  row("(", "1", "−", sub("β", order), ")"), square ? power("g", "2") : "g", "=", beta, "·", old, "+", share, "·",
  square ? power(added, "2") : added, "=", now);

/** What Adam and its kin remember. */
const means = ({ g, values, before, after, coefficients: [share1, share2] }) => [
  words(say("adamMean")), mean("m", "1", values.beta1, share1, before.m, g, after.m),
  words(say("adamSquare")), mean("v", "2", values.beta2, share2, before.v, g, after.v, true)];

/** What is too small in the first steps, made up for. */
const corrected = (name, order, now, found, { t, values }, called = name) => line(hat(called), "=",
  over(name, row("1", "−", math("msubsup", {}, piece("β"), piece(order), piece("t")))), "=",
  over(now, row("1", "−", power(values[`beta${order}`], String(t)))), "=", found);

/** The step by both. */
const stepBy = (m, v, { w, alpha, next }) => [words(say("adamStep")),
  line("w", "←", "w", "−", "α", over(hat("m"), row(root(hat("v")), "+", "ε")), "=", w, "−", alpha, "·", over(m, root(v)), "=", next)];

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
  adam: (of) => {
    const { coefficients: [, , correction1, correction2], after } = of;
    const [m, v] = [correction1 * after.m, correction2 * after.v];
    return [...means(of), words(say("adamCorrection", { t: of.t })), corrected("m", "1", after.m, m, of), corrected("v", "2", after.v, v, of),
      ...stepBy(m, v, of)];
  },
  amsgrad: (of) => {
    const { coefficients: [, , correction1, correction2], before, after } = of;
    const [m, v] = [correction1 * after.m, correction2 * after.v_max];
    const most = () => sub("v", "max"); // an element stands in one place only
    return [...means(of), words(say("amsgradMax")),
      line(most(), "←", "max", row("(", most(), ",", "v", ")"), "=", "max", row("(", before.v_max, ",", after.v, ")"), "=", after.v_max),
      words(say("adamCorrection", { t: of.t })), corrected("m", "1", after.m, m, of), corrected(most(), "2", after.v_max, v, of, "v"),
      ...stepBy(m, v, of)];
  },
  nadam: (of) => {
    const { coefficients: [, , weightM, weightG, correction2], after, g } = of;
    const [m, v] = [weightM * after.m + weightG * g, correction2 * after.v];
    return [...means(of), words(say("nadamAhead")),
      line(hat("m"), "=", sub("μ", "m"), "m", "+", sub("μ", "g"), "g", "=", weightM, "·", after.m, "+", weightG, "·", g, "=", m),
      words(say("nadamCorrection", { t: of.t })), corrected("v", "2", after.v, v, of), ...stepBy(m, v, of)];
  },
  radam: (of) => {
    const { coefficients: [, , correction1, rectified], after, w, alpha, next } = of;
    const m = correction1 * after.m;
    return [...means(of), words(say("radamCorrection", { t: of.t })), corrected("m", "1", after.m, m, of),
      words(say(rectified ? "radamStep" : "radamFew")),
      rectified ? line("w", "←", "w", "−", "α", hat("m"), over("r", row(root("v"), "+", "ε")), "=", w, "−", alpha, "·", m, "·", over(rectified, root(after.v)), "=", next)
        : line("w", "←", "w", "−", "α", hat("m"), "=", w, "−", alpha, "·", m, "=", next)];
  },
  lion: ({ w, g, alpha, next, values, before, after, coefficients: [share1, share2] }) => {
    const mixed = (order) => row("(", sub("β", order), "m", "+", row("(", "1", "−", sub("β", order), ")"), "g", ")");
    const direction = Math.sign(values.beta1 * before.m + share1 * g);
    return [words(say("lionSign")),
      line("w", "←", "w", "−", "α", "sign", mixed("1"), "=", w, "−", alpha, "·", "sign", row("(", values.beta1, "·", before.m, "+", share1, "·", g, ")"),
        "=", w, "−", alpha, "·", direction, "=", next),
      words(say("lionMean")), mean("m", "2", values.beta2, share2, before.m, g, after.m)];
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
