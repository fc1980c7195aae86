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
  const bias = ["+", seen.weight({ layer, from: null, to }), "=", seen.z(layer, to)];
  const z = seen.z(layer, to);
  const found = [
    words(say("forwardWords", { unit: names.unit(layer + 1, to) })),
    line("z", "=", sub("w", "1"), sub("x", "1"), "+", sub("w", "2"), sub("x", "2"), "+", "⋯", "+", "b"),
    ...(inputs > 2 ? [line("z", "=", ...sum(terms)), line(...bias)] : [line("z", "=", ...sum(terms), ...bias)]),
  ];
  const activation = names.activation(layer);
  if (!activation) return [...found, words(say("noActivation"))];
  return [...found, words(say("activationWords", { activation })),
    line("a", "=", row("f", "(", "z", ")"), "=", row("f", "(", z, ")"), "=", seen.a(layer, to)),
    curvePicture(curves[activation], z, seen.a(layer, to), say("curveOf", { activation }))];
}

/** What the loss makes of the outputs. */
export function lossWords(seen, { loss, outputs }) {
  const last = seen.dense.length - 1;
  const target = seen.targets[seen.row];
  const value = seen.losses[seen.row] * seen.batch;
  const answers = Array.from({ length: outputs }, (_, unit) => seen.a(last, unit));
  const p = (unit) => (outputs > 1 ? Number(unit === target) : target) + seen.d_z(last, unit) * seen.batch;
  const known = {
    mse: () => [line("L", "=", power(row("(", "a", "−", "y", ")"), "2"), "=", power(row("(", answers[0], "−", target, ")"), "2"), "=", value)],
    binary_cross_entropy: () => [
      line("p", "=", row("σ", "(", "z", ")"), "=", row("σ", "(", answers[0], ")"), "=", p(0)),
      line("L", "=", "−", "ln", target ? "p" : row("(", "1", "−", "p", ")"), "=", value),
    ],
    cross_entropy: () => [
      line(sub("p", "k"), "=", over(power("e", sub("z", "k")), row(sub("Σ", "j"), power("e", sub("z", "j")))), ":",
        ...answers.flatMap((_, unit) => [...(unit ? [","] : []), p(unit)])),
      line("L", "=", "−", "ln", sub("p", String(target)), "=", value),
    ],
  };
  const plain = () => [line("L", "=", row("loss", "(", answers[0], ",", target, ")"), "=", value)];
  const found = [words(say("lossWords", { target: shown(target) })), ...(known[loss] ?? plain)()];
  if (seen.batch > 1) found.push(words(say("batchLoss", { rows: seen.batch, loss: shown(seen.loss) })));
  return found;
}

/** The chain rule of a link: the gradient of the loss by its weight. */
export function backward(seen, link, names) {
  const { layer, from, to } = link;
  const last = layer === seen.dense.length - 1;
  const [d_z, x] = [seen.d_z(layer, to), seen.x(layer, from)];
  const found = [words(say("backwardWords", { from: names.unit(layer, from), to: names.unit(layer + 1, to) }))];
  const f = names.activation(layer);
  if (last) found.push(words(say("fromLoss")), line(byLoss(f ? "a" : "z"), "=", f ? seen.d_a(layer, to) : d_z));
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
