// What happens at one neuron and one link in slow motion, written out with its numbers: forward, the loss, and back.

import { element, shown } from "./element.js";
import { byLoss, line, over, power, row, sub, sum } from "./formula.js";
import { say } from "./words.js";
import { curvePicture } from "./sketch.js";

const words = (text) => element("p", {}, text);

/** @typedef {{layer: number, from: number, to: number}} Link */

/** The sum and the activation of a neuron. @param {import("./seen.js").Seen} seen @param {Link} link */
export function forward(seen, { layer, to }, names, curves) {
  const { inputs } = seen.dense[layer].sums;
  const terms = Array.from({ length: inputs }, (_, from) => [seen.weight({ layer, from, to }), "·", seen.x(layer, from)]);
  /** @type {(string | HTMLElement)[][]} */
  const letters = terms.slice(0, 2).map((_, place) => [sub("w", String(place + 1)), sub("x", String(place + 1))]);
  if (inputs > 2) letters.push(["⋯"]);
  const bias = ["+", seen.weight({ layer, from: null, to }), "=", seen.z(layer, to)];
  const z = seen.z(layer, to);
  const found = [
    words(say("forwardWords", { unit: names.unit(layer + 1, to) })),
    line("z", "=", ...sum(letters), "+", "b"),
    ...(inputs > 2 ? [line("z", "=", ...sum(terms)), line(...bias)] : [line("z", "=", ...sum(terms), ...bias)]),
  ];
  const activation = names.activation(layer);
  if (!activation) return [...found, words(say("noActivation"))];
  return [...found, words(say("activationWords", { activation })),
    line("a", "=", row("f", "(", "z", ")"), "=", row("f", "(", z, ")"), "=", seen.a(layer, to)),
    curvePicture(curves[activation], z, seen.a(layer, to), say("curveOf", { activation }))];
}

/** What a loss needs: the outputs of its row, the target, what the network takes to be likely, and the loss's own parameter. */
function facing(seen, { loss, outputs }) {
  const last = seen.dense.length - 1;
  const y = seen.targets[seen.row];
  const answers = Array.from({ length: outputs }, (_, unit) => seen.a(last, unit));
  const powers = answers.map((one) => Math.exp(one - Math.max(...answers)));
  const p = (unit) => (loss === "focal" ? powers[unit] / powers.reduce((sum, one) => sum + one, 0)
    : (outputs > 1 ? Number(unit === y) : y) + seen.d_z(last, unit) * seen.batch);
  return { answers, a: answers[0], y, p, value: seen.losses[seen.row] * seen.batch, parameter: seen.lossValues?.[0] };
}

const bars = (...inside) => row("|", ...inside, "|");
const brackets = (...inside) => row("(", ...inside, ")");
const margin = (y, a) => row("max", "(", "0", ",", "1", "−", y, "·", a, ")");

/** Each loss as its formula and its numbers; those of classes say first how likely each class is. */
const LOSS_LINES = {
  mse: ({ a, y, value }) => [line("L", "=", power(brackets("a", "−", "y"), "2"), "=", power(brackets(a, "−", y), "2"), "=", value)],
  mae: ({ a, y, value }) => [line("L", "=", bars("a", "−", "y"), "=", bars(a, "−", y), "=", value)],
  log_cosh: ({ a, y, value }) => [line("L", "=", "ln", "cosh", brackets("a", "−", "y"), "=", "ln", "cosh", brackets(a, "−", y), "=", value)],
  huber: ({ a, y, value, parameter: delta }) => [
    line("e", "=", "a", "−", "y", "=", a, "−", y, "=", a - y),
    Math.abs(a - y) <= delta ? line("L", "=", over(power("e", "2"), "2"), "=", over(power(a - y, "2"), "2"), "=", value)
      : line("L", "=", "δ", brackets(bars("e"), "−", over("δ", "2")), "=", delta, "·", brackets(Math.abs(a - y), "−", over(delta, "2")), "=", value),
  ],
  hinge: ({ a, y, value }) => [line("L", "=", margin("y", "a"), "=", margin(y, a), "=", value)],
  squared_hinge: ({ a, y, value }) => [line("L", "=", power(margin("y", "a"), "2"), "=", power(margin(y, a), "2"), "=", value)],
  binary_cross_entropy: ({ a, y, p, value }) => [
    line("p", "=", row("σ", "(", "z", ")"), "=", row("σ", "(", a, ")"), "=", p(0)),
    line("L", "=", "−", "ln", y ? "p" : brackets("1", "−", "p"), "=", value),
  ],
  cross_entropy: ({ answers, y, p, value }) => [softmax(answers, p), line("L", "=", "−", "ln", sub("p", String(y)), "=", value)],
  focal: ({ answers, y, p, value, parameter: gamma }) => [softmax(answers, p),
    line("L", "=", "−", power(brackets("1", "−", sub("p", String(y))), "γ"), "ln", sub("p", String(y)), "=",
      "−", power(brackets("1", "−", p(y)), String(gamma)), "ln", p(y), "=", value)],
};

const softmax = (answers, p) => line(sub("p", "k"), "=", over(power("e", sub("z", "k")), row(sub("Σ", "j"), power("e", sub("z", "j")))), ":",
  ...answers.flatMap((_, unit) => [...(unit ? [","] : []), p(unit)]));

/** The slopes of those whose formula is short, by the output. */
const LOSS_SLOPES = {
  mse: ({ a, y }) => [["2", brackets("a", "−", "y")], ["2", "·", brackets(a, "−", y)]],
  log_cosh: ({ a, y }) => [["tanh", brackets("a", "−", "y")], ["tanh", brackets(a, "−", y)]],
  binary_cross_entropy: ({ y, p }) => [["p", "−", "y"], [p(0), "−", y]],
  cross_entropy: ({ y, p }, unit) => [[sub("p", String(unit)), "−", unit === y ? "1" : "0"], [p(unit), "−", Number(unit === y)]],
};

/** Whether one row has several numbers to be learned: of these the loss is a mean, or a sum. */
const several = ({ loss, outputs }) => outputs > 1 && !["cross_entropy", "focal"].includes(loss);

/** What the loss makes of the outputs. */
export function lossWords(seen, facts) {
  const known = facing(seen, facts);
  const { y, a, value } = known;
  const plain = () => [line("L", "=", row("loss", "(", ...(several(facts) ? ["a", ",", "y"] : [a, ",", y]), ")"), "=", value)];
  const whole = seen.lossValues || !["huber", "focal"].includes(facts.loss); // these have a parameter
  const lines = whole && !several(facts) ? LOSS_LINES[facts.loss] : undefined;
  const found = [words(say("lossWords", { target: shown(y) })), ...(lines ?? plain)(known)];
  if (seen.batch > 1) found.push(words(say("batchLoss", { rows: seen.batch, loss: shown(seen.loss) })));
  return found;
}

/** The slope of the loss by an output, with its formula where that is short. */
function fromLoss(seen, unit, facts, f) {
  const last = seen.dense.length - 1;
  const [name, found] = f ? ["a", seen.d_a(last, unit)] : ["z", seen.d_z(last, unit)];
  const [formula, numbers] = (f || several(facts) ? undefined : LOSS_SLOPES[facts.loss])?.(facing(seen, facts), unit) ?? [];
  const mean = (pieces) => (seen.batch > 1 ? over(row(...pieces), String(seen.batch)) : row(...pieces));
  return line(byLoss(name), "=", ...(formula ? [mean(formula), "=", mean(numbers), "="] : []), found);
}

/** The chain rule of a link: the gradient of the loss by its weight. */
export function backward(seen, link, names, facts) {
  const { layer, from, to } = link;
  const last = layer === seen.dense.length - 1;
  const [d_z, x] = [seen.d_z(layer, to), seen.x(layer, from)];
  const found = [words(say("backwardWords", { from: names.unit(layer, from), to: names.unit(layer + 1, to) }))];
  const f = names.activation(layer);
  if (last) found.push(words(say("fromLoss")), fromLoss(seen, to, facts, f));
  else if (seen.dense[layer].plain) {
    const next = seen.dense[layer + 1].sums.outputs;
    const terms = Array.from({ length: next }, (_, unit) =>
      [seen.weight({ layer: layer + 1, from: to, to: unit }), "·", seen.d_z(layer + 1, unit)]);
    found.push(words(say("comesBack")),
      line(byLoss("a"), "=", sub("Σ", "k"), sub("w", "k"), byLoss(sub("z", "k")), "=", ...sum(terms), "=", seen.d_a(layer, to)));
  } else found.push(words(say("comesBackThrough")), line(byLoss("a"), "=", seen.d_a(layer, to)));
  if (f || !last) {
    const d_a = seen.d_a(layer, to);
    const slope = d_a === 0 ? [] : ["·", d_z / d_a];
    found.push(words(say("throughActivation")),
      line(byLoss("z"), "=", byLoss("a"), "·", over(row("∂", "a"), row("∂", "z")), "=", d_a, ...slope, "=", d_z));
  }
  found.push(words(say("throughWeight")),
    line(byLoss("w"), "=", byLoss("z"), "·", over(row("∂", "z"), row("∂", "w")), "=", byLoss("z"), "·", "x", "=", d_z, "·", x, "=", d_z * x));
  if (seen.batch > 1) {
    found.push(words(say("batchGradient", { rows: seen.batch })), line(byLoss("w"), "=", seen.gradient[seen.place(link)]));
  }
  return found;
}
