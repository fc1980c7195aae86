// What happens at one neuron and one link in slow motion, written out with its numbers: forward, the loss, and back.

import { say } from "../../language.js";
import { curvePicture } from "./chart.js";
import { element, shown } from "./element.js";
import { byLoss, line, over, power, row, sub, sum } from "./formula.js";
import { LOSSES } from "./rules.js";
import { pieces, treeLine } from "./tree.js";

const words = (text) => element("p", {}, text);

/** @typedef {{layer: number, from: number, to: number}} Link */

/** The sum and the activation of a neuron. @param {import("../session/step_numbers.js").StepNumbers} seen @param {Link} link */
export function forward(seen, { layer, to }, names, curves) {
  const { inputs } = seen.dense[layer].sums;
  const terms = Array.from({ length: inputs }, (_, from) => [seen.weight({ layer, from, to }), "·", seen.x(layer, from)]);
  /** @type {(string | HTMLElement)[][]} */
  const letters = terms.slice(0, 2).map((_, place) => [sub("w", String(place + 1)), sub("x", String(place + 1))]);
  if (inputs > 2) letters.push(["⋯"]);
  const z = seen.z(layer, to);
  const found = [
    words(say("{unit} computes the weighted sum of its inputs, plus its bias:", { unit: names.unit(layer + 1, to) })),
    line("z", "=", ...sum(letters), "+", "b"),
    line("z", "=", ...sum(terms), "+", seen.weight({ layer, from: null, to }), "=", z),
  ];
  const activation = names.activation(layer);
  if (!activation) return [...found, words(say("This is the output itself: no activation follows."))];
  return [...found, words(say("The activation function f, {activation}, turns this into its output:", { activation })),
    line("a", "=", row("f", "(", "z", ")"), "=", row("f", "(", z, ")"), "=", seen.a(layer, to)),
    curvePicture(curves[activation], z, seen.a(layer, to), say("The curve of {activation}, and where this neuron is on it", { activation }))];
}

/** A formula with other letters: of one class. */
const renamed = (tree, letters) => JSON.parse(JSON.stringify(tree, (_, one) => letters[one] ?? one));

/** A loss as its formula, and the numbers that are known of it; null, where one row has several that are to be learned. */
function facing(seen, facts) {
  const last = seen.dense.length - 1;
  const { outputs, loss } = facts;
  const rule = LOSSES[loss];
  const y = seen.targets[seen.row];
  const answers = Array.from({ length: outputs }, (_, unit) => seen.a(last, unit));
  const value = seen.losses[seen.row] * seen.batch;
  if (!rule || (outputs > 1 && !rule.classes) || (rule.values.length && !seen.lossValues)) return { rule: null, y, answers, value };
  const likely = answers.map((_, unit) => seen.of(seen.answers, outputs, unit));
  const known = { a: answers[0], z: answers[0], y, p: likely[0], ...Object.fromEntries(likely.map((p, unit) => [`p_${unit}`, p])) };
  rule.values.forEach((name, place) => { known[name] = seen.lossValues[place]; });
  return { rule, y, answers, value, known };
}

/** How likely each class is. */
const softmax = (known, answers) => line(sub("p", "k"), "=", over(power("e", sub("z", "k")), row(sub("Σ", "j"), power("e", sub("z", "j")))), ":",
  ...answers.flatMap((_, unit) => [...(unit ? [","] : []), known[`p_${unit}`]]));

/** What the loss makes of the outputs. */
export function lossWords(seen, facts) {
  const { rule, known, y, answers, value } = facing(seen, facts);
  const found = [words(say("How far is this from the target {target}? The loss measures it in one number:", { target: shown(y) }))];
  if (!rule) found.push(line("L", "=", row("loss", "(", ...(answers.length > 1 ? ["a", ",", "y"] : [answers[0], ",", y]), ")"), "=", value));
  else {
    if (rule.classes) found.push(softmax(known, answers));
    const lines = rule.classes ? renamed(rule.lines, { p: `p_${y}` }) : rule.lines;
    found.push(...lines.map((one) => treeLine(one, known, { L: value, p: known.p }[one[0]])));
  }
  if (seen.batch > 1) found.push(words(say("The loss of the batch is the mean over its {rows} rows: {loss}.", { rows: seen.batch, loss: shown(seen.loss) })));
  return found;
}

/** The slope of the loss by an output, with its formula where that is short. */
function fromLoss(seen, unit, facts, f) {
  const last = seen.dense.length - 1;
  const [name, found] = f ? ["a", seen.d_a(last, unit)] : ["z", seen.d_z(last, unit)];
  const { rule, known, y } = facing(seen, facts);
  const mean = (all) => (seen.batch > 1 ? over(row(...all), String(seen.batch)) : row(...all));
  if (f || !rule?.slope) return line(byLoss(name), "=", found);
  const slope = rule.classes ? renamed(rule.slope, { p: `p_${unit}`, y: Number(unit === y) }) : rule.slope;
  return line(byLoss(name), "=", mean(pieces(slope, known, {})), "=", mean(pieces(slope, known)), "=", found);
}

/** The chain rule of a link: the gradient of the loss by its weight. */
export function backward(seen, link, names, facts) {
  const { layer, from, to } = link;
  const last = layer === seen.dense.length - 1;
  const [d_z, x] = [seen.d_z(layer, to), seen.x(layer, from)];
  const found = [words(say("How would the loss change if the weight of the link from {from} to {to} were a little larger? The chain rule, from right to left:", { from: names.unit(layer, from), to: names.unit(layer + 1, to) }))];
  const f = names.activation(layer);
  if (last) found.push(words(say("The derivative of the loss with respect to the output follows directly:")), fromLoss(seen, to, facts, f));
  else if (seen.dense[layer].plain) {
    const next = seen.dense[layer + 1].sums.outputs;
    const terms = Array.from({ length: next }, (_, unit) =>
      [seen.weight({ layer: layer + 1, from: to, to: unit }), "·", seen.d_z(layer + 1, unit)]);
    found.push(words(say("The output of the neuron goes to all its links, so the gradients that come back through them are added up:")),
      line(byLoss("a"), "=", sub("Σ", "k"), sub("w", "k"), byLoss(sub("z", "k")), "=", ...sum(terms), "=", seen.d_a(layer, to)));
  } else found.push(words(say("The gradient that comes back through the normalization, dropout or residual connection after it:")), line(byLoss("a"), "=", seen.d_a(layer, to)));
  if (f || !last) {
    const d_a = seen.d_a(layer, to);
    const slope = d_a === 0 ? [] : ["·", d_z / d_a];
    found.push(words(say("Through the activation: multiply by its slope at this point:")),
      line(byLoss("z"), "=", byLoss("a"), "·", over(row("∂", "a"), row("∂", "z")), "=", d_a, ...slope, "=", d_z));
  }
  found.push(words(say("Through the weight: the larger the value that came in along the link, the more the weight matters.")),
    line(byLoss("w"), "=", byLoss("z"), "·", over(row("∂", "z"), row("∂", "w")), "=", byLoss("z"), "·", "x", "=", d_z, "·", x, "=", d_z * x));
  if (seen.batch > 1) {
    found.push(words(say("Each of the {rows} rows contributes such a product; together they form the gradient of this weight:", { rows: seen.batch })), line(byLoss("w"), "=", seen.gradient[seen.place(link)]));
  }
  return found;
}
