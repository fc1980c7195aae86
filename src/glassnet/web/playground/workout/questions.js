// A number of a training step as a question: the formula that it comes from, what is given, and the results of known mistakes.
// The number itself is the engine's; the formula is that of the library, and a mistake is the same formula with one part changed.

import { ACTIVATIONS, LOSSES, RULES } from "../view/rules.js";

/**
 * @typedef {object} Asked Which number of a step.
 * @property {string} kind One of KINDS.
 * @property {number} [layer] Of a neuron, or of a link into it; counted from 0 without the inputs.
 * @property {number} [to] The neuron.
 * @property {number|null} [from] Where the link comes from; null: the bias.
 */

/**
 * @typedef {object} Question
 * @property {string} kind
 * @property {Asked} asked
 * @property {string} name The letter of the number.
 * @property {any} tree Its formula, see `tree.js`.
 * @property {Record<string, number>} known What the letters stand for.
 * @property {number} answer From the engine's memory.
 * @property {Record<string, any>} mistakes The formula with each mistake that is possible here.
 * @property {[string, number[] | number[][]][]} given Names of arrays, and their numbers: of a layer, or rows of the batch.
 */

const some = (count, make) => Array.from({ length: count }, (_, place) => make(place));
/** A formula with other things in the place of letters. */
const put = (tree, parts) => (Array.isArray(tree) ? tree.map((one, place) => (place ? put(one, parts) : one))
  : typeof tree === "string" && Object.hasOwn(parts, tree) ? parts[tree] : tree);
const all = (trees) => trees.reduce((sum, one) => ["add", sum, one]);
const times = (one, other) => ["multiply", one, other];
const negative = (tree) => ["negative", tree];
/** The same with one operation taken away: what it is applied to is left. */
const without = (tree, operation) => (!Array.isArray(tree) ? tree
  : tree[0] === operation ? without(tree[1], operation) : tree.map((one, place) => (place ? without(one, operation) : one)));
const withOther = (tree, operation, make) => (!Array.isArray(tree) ? tree
  : tree[0] === operation ? make(tree) : tree.map((one, place) => (place ? withOther(one, operation, make) : one)));
const numbered = (letter, numbers) => Object.fromEntries(numbers.map((one, place) => [`${letter}${place + 1}`, one]));

/** What a step has, layer by layer. */
function arraysOf(seen, layer) {
  const { inputs, outputs } = seen.dense[layer].sums;
  const each = (from) => some(outputs, (to) => from(layer, to));
  return {
    inputs, outputs,
    x: some(inputs, (from) => seen.x(layer, from)), z: each(seen.z), a: each(seen.a), d_z: each(seen.d_z),
    W: some(inputs, (from) => some(outputs, (to) => seen.weight({ layer, from, to }))),
    b: some(outputs, (to) => seen.weight({ layer, from: null, to })),
  };
}

/** The weighted sum of a neuron. */
function weightedSum(seen, { layer, to }) {
  const { inputs, outputs, x, W, b } = arraysOf(seen, layer);
  const weight = (place) => `w${place + 1}`;
  const tree = ["add", all(some(inputs, (place) => times(weight(place), `x${place + 1}`))), "b"];
  const known = { ...numbered("w", W.map((row) => row[to])), ...numbered("x", x), b: b[to] };
  const other = (numbers) => put(tree, numbered("w", numbers));
  const mistakes = { bias: put(tree, { b: 0 }), minusBias: put(tree, { b: negative("b") }) };
  if (inputs > 1 && to < inputs && inputs <= outputs) mistakes.transposed = other(W[to].slice(0, inputs));
  if (outputs > 1) mistakes.neighbour = put(other(W.map((row) => row[(to + 1) % outputs])), { b: b[(to + 1) % outputs] });
  const given = [[layer ? "inputs" : "row", x]];
  if (layer) {
    const { z } = arraysOf(seen, layer - 1);
    given.unshift(["sums_before", z]);
    mistakes.sums = put(tree, numbered("x", z));
  }
  return { name: "z", tree, known, mistakes, given: [...given, ["weights", W], ["biases", b]], answer: seen.z(layer, to) };
}

const trees = (f) => ACTIVATIONS[f] ?? { value: "z", slope: 1 };

/** The activation of a neuron. */
function activation(seen, { layer, to }, { activations }) {
  const f = activations[layer];
  const { value, slope } = trees(f);
  const other = f === "tanh" ? "sigmoid" : "tanh";
  return {
    name: "a", tree: value, known: { z: seen.z(layer, to) }, answer: seen.a(layer, to), given: [["sum", [seen.z(layer, to)]]],
    mistakes: { unactivated: "z", derivative: put(slope, { a: value }), [`is_${other}`]: trees(other).value, minusSum: put(value, { z: negative("z") }) },
  };
}

const exponential = (place) => ["exp", `z${place + 1}`];
const total = (count, skipped = -1) => all(some(count, (place) => place).filter((place) => place !== skipped).map(exponential));

/** The probability of a class. */
function probability(seen, { to }) {
  const { z, outputs } = arraysOf(seen, seen.dense.length - 1);
  const tree = ["divide", exponential(to), total(outputs)];
  return {
    name: "p", tree, known: numbered("z", z), answer: seen.of(seen.answers, outputs, to), given: [["scores", z]],
    mistakes: {
      unnormalized: exponential(to), noExponential: ["divide", `z${to + 1}`, all(some(outputs, (place) => `z${place + 1}`))],
      withoutOwn: ["divide", exponential(to), total(outputs, to)], otherClass: ["divide", exponential((to + 1) % outputs), total(outputs)],
    },
  };
}

/** The loss of the row at hand, by letters: of the output a, or of the scores; and what the letters stand for. */
function lossOf(seen, { loss, outputs }) {
  const rule = LOSSES[loss];
  const last = arraysOf(seen, seen.dense.length - 1);
  const y = seen.targets[seen.row];
  const lines = Object.fromEntries(rule.lines);
  if (rule.classes) {
    const of = (place) => put(lines.L, { p: ["divide", exponential(place), total(outputs)] });
    return { tree: of(y), known: numbered("z", last.z), other: of((y + 1) % outputs), given: [["scores", last.z], ["class", [y + 1]]] };
  }
  const parts = lines.p ? { p: lines.p } : {};
  const tree = put(lines.L, parts);
  const score = lines.p ? "z" : "a";
  return { tree, known: { [score]: last[score][0], y }, other: lines.p && put(tree, { y: ["subtract", 1, "y"] }), given: [[lines.p ? "score" : "output", last[score]], ["target", [y]]] };
}

/** The same formula for each row of the batch, with the row's number behind its letters; their mean. */
function overRows(seen, make, letters) {
  const rows = some(seen.batch, (row) => make(seen.at(row)));
  const known = Object.assign({ n: seen.batch }, ...rows.map((one, row) => Object.fromEntries(letters.map((letter) => [`${letter}${row + 1}`, one.known[letter]]))));
  const of = (row, tree) => put(tree, Object.fromEntries(letters.map((letter) => [letter, `${letter}${row + 1}`])));
  const sum = (change) => all(rows.map(({ tree }, row) => of(row, change(tree))));
  const tree = ["divide", sum((one) => one), "n"];
  const changed = (change) => ["divide", sum(change), "n"];
  return { tree, known, changed, mistakes: { sum: put(tree, { n: 1 }), firstRow: of(0, rows[0].tree) }, given: /** @type {any} */ ([["batch", rows.map((one) => letters.map((letter) => one.known[letter])), letters]]) };
}

const LOGARITHMS = { log10: Math.LN10, log2: Math.LN2 };

/** What is easily done wrong in a loss. */
function lossMistakes(tree, change = (make) => make(tree)) {
  const text = JSON.stringify(tree);
  /** @type {Record<string, any>} */
  const found = { negated: negative(change((one) => one)) };
  if (text.includes('"power"')) {
    found.unsquared = change((one) => withOther(one, "power", (power) => ["absolute", power[1]]));
    found.half = ["divide", change((one) => one), 2];
  }
  if (text.includes('"log"')) for (const [name, factor] of Object.entries(LOGARITHMS)) found[name] = ["divide", tree, factor];
  return found;
}

function loss(seen, _, facts) {
  const first = lossOf(seen, facts);
  const answer = seen.loss;
  if (seen.batch === 1) {
    const mistakes = lossMistakes(first.tree);
    if (first.other) mistakes.otherClass = first.other;
    return { name: "L", answer, ...first, mistakes };
  }
  const { changed, ...rows } = overRows(seen, (one) => lossOf(one, facts), ["a", "y"]);
  return { name: "L", answer, ...rows, mistakes: { ...rows.mistakes, ...lossMistakes(first.tree, changed) } };
}

/** The slope of the loss by an output: a, or where the loss has its own response, z. */
function slopeOf(seen, to, { loss: name, outputs, activations }) {
  const { slope, lines, classes } = LOSSES[name];
  const last = seen.dense.length - 1;
  const f = activations[last];
  const inside = lines.some(([letter]) => letter === "p") || classes;
  const y = classes ? Number(seen.targets[seen.row] === to) : seen.targets[seen.row];
  const known = { y, ...(inside ? { p: seen.of(seen.answers, outputs, to) } : { a: seen.a(last, to) }) };
  return { slope, known, f, inside };
}

const lossAsSlope = ({ loss: name }) => Object.fromEntries(LOSSES[name].lines).L;

/** δ of an output. */
function deltaOut(seen, { layer, to }, facts) {
  const { slope, known, f, inside } = slopeOf(seen, to, facts);
  const own = trees(f);
  const tree = f ? times(slope, own.slope) : slope;
  /** @type {Record<string, any>} */
  const mistakes = { negated: negative(tree) };
  if (slope[0] === "multiply" && slope[1] === 2) mistakes.factor = f ? times(slope[2], own.slope) : slope[2];
  if (f) Object.assign(mistakes, { slope, value: times(slope, "a"), slopeAtA: times(slope, put(own.slope, { a: put(own.value, { z: "a" }), z: "a" })) });
  if (inside) mistakes.noTarget = "p";
  else mistakes.lossItself = f ? times(lossAsSlope(facts), own.slope) : lossAsSlope(facts);
  const given = [[inside ? "probability" : "output", [Object.values(known)[1]]], [LOSSES[facts.loss].classes ? "isClass" : "target", [known.y]]];
  return { name: "delta", tree, known, mistakes, given, answer: seen.d_z(layer, to) };
}

/** δ of a neuron: from the loss, or from the layer behind it. */
function delta(seen, asked, facts) {
  const { layer, to } = asked;
  if (layer === seen.dense.length - 1) return deltaOut(seen, asked, facts);
  const next = arraysOf(seen, layer + 1);
  const own = trees(facts.activations[layer]);
  const a = seen.a(layer, to);
  const sum = all(some(next.outputs, (place) => times(`w${place + 1}`, `delta${place + 1}`)));
  const known = { ...numbered("w", next.W[to]), ...numbered("delta", next.d_z), a, z: seen.z(layer, to) };
  const tree = times(sum, own.slope);
  const other = (numbers) => put(tree, numbered("w", numbers));
  /** @type {Record<string, any>} */
  const mistakes = {
    negated: negative(tree), slope: sum, value: times(sum, "a"), unweighted: other(some(next.outputs, () => 1)),
    slopeAtA: times(sum, put(own.slope, { a: put(own.value, { z: "a" }), z: "a" })),
    updated: other(some(next.outputs, (place) => seen.after[seen.place({ layer: layer + 1, from: to, to: place })])),
  };
  if (next.outputs > 1) {
    mistakes.path = times(times("w1", "delta1"), own.slope);
    if (to < next.outputs && next.outputs <= next.inputs) mistakes.transposed = other(some(next.outputs, (place) => next.W[place][to]));
  }
  return { name: "delta", tree, known, mistakes, given: [["sum", [known.z]], ["activation", [a]], ["nextWeights", next.W], ["deltas", next.d_z], ["alpha", [seen.rate]]], answer: seen.d_z(layer, to) };
}

/** The gradient of a weight or a bias. */
function gradient(seen, { layer, from, to }, facts) {
  const answer = seen.gradient[seen.place({ layer, from, to })];
  if (seen.batch > 1) {
    const letters = [...Object.keys(slopeOf(seen, to, facts).known).reverse(), ...(from === null ? [] : ["x"])];
    const { changed, ...rows } = overRows(seen, (one) => {
      const { slope, known } = slopeOf(one, to, facts);
      return from === null ? { tree: slope, known } : { tree: times(slope, "x"), known: { ...known, x: one.x(layer, from) } };
    }, letters);
    /** @type {Record<string, any>} */
    const mistakes = { ...rows.mistakes, negated: negative(rows.tree) };
    if (from !== null) mistakes.noInput = changed((tree) => tree[1]);
    return { name: "g", answer, ...rows, mistakes };
  }
  const { x, a, d_z, outputs, inputs } = arraysOf(seen, layer);
  if (from === null) return { name: "g", tree: "delta", known: { delta: d_z[to] }, mistakes: { negated: negative("delta") }, answer, given: [["deltasHere", d_z]] };
  const tree = times("delta", "x");
  const weight = seen.weight({ layer, from, to });
  const known = { delta: d_z[to], x: x[from], a: a[to], w: weight };
  /** @type {Record<string, any>} */
  const mistakes = { negated: negative(tree), noInput: "delta", ownOutput: times("delta", "a"), byWeight: times("delta", "w") };
  if (outputs > 1 && inputs > 1 && from !== to && to < inputs && from < outputs) mistakes.ends = times(d_z[from], x[to]);
  return { name: "g", tree, known, mistakes, answer, given: [[layer ? "inputs" : "row", x], ["outputs", a], ["deltasHere", d_z], ["weight", [weight]]] };
}

const GREEK = ["alpha", "mu", "rho", "beta1", "beta2"];

/** The lines of an update rule within each other. */
function ruleTree({ lines, letters }, change = (_, tree) => tree) {
  const found = { ...letters };
  for (const [name, tree] of lines) found[name] = change(name, put(tree, found));
  return found;
}

/** A weight after its update. */
function update(seen, { layer, from, to }, { optimizer }) {
  const place = seen.place({ layer, from, to });
  const rule = RULES[optimizer];
  const memories = Object.fromEntries(seen.slots.map((name, number) => [name, seen.slotsBefore[number][place]]));
  const known = { ...memories, ...seen.values, theta: seen.before[place], g: seen.gradient[place], alpha: seen.rate, t: seen.t };
  const { theta: tree, ...parts } = ruleTree(rule);
  /** @type {Record<string, any>} */
  const mistakes = { uphill: ["subtract", times(2, "theta"), tree], noRate: put(tree, { alpha: 1 }), stepAlone: ["subtract", "theta", tree] };
  const started = Object.values(memories).some(Boolean);
  if (started) mistakes.memory = put(tree, Object.fromEntries(seen.slots.map((name) => [name, 0])));
  if (parts.m_hat) mistakes.correction = ruleTree(rule, (name, one) => (name.endsWith("_hat") ? one[1] : one)).theta;
  if (JSON.stringify(tree).includes('"sqrt"')) mistakes.root = without(tree, "sqrt");
  const settings = GREEK.filter((name) => name in known);
  const given = [["weight", [known.theta]], ["gradient", [known.g]], ...(parts.m_hat ? [["t", [seen.t]]] : []), ...settings.map((name) => [name, [known[name]]]), ...seen.slots.map((name) => [`memory_${name}`, [memories[name]]])];
  return { name: "theta", tree, known, mistakes, answer: seen.after[place], given: /** @type {any} */ (given) };
}

/** The weighted sum of the same row after the update. */
function next(seen, asked) {
  const { layer, to } = asked;
  const { tree, known, given, ...rest } = weightedSum(seen, asked);
  const { inputs } = seen.dense[layer].sums;
  const letters = [...some(inputs, (place) => [`w${place + 1}`, `g${place + 1}`, place]), ["b", "g_b", null]];
  const gradients = Object.fromEntries(letters.map(([, g, from]) => [g, seen.gradient[seen.place({ layer, from, to })]]));
  const moved = (some, change = (step) => step) => put(tree, Object.fromEntries(some.map(([w, g]) => [w, ["subtract", w, change(times("alpha", g))]])));
  return {
    ...rest, tree: moved(letters), known: { ...known, ...gradients, alpha: seen.rate }, answer: seen.later.z(layer, to),
    mistakes: { old: tree, uphill: moved(letters, negative), noRate: put(moved(letters), { alpha: 1 }), biasKept: moved(letters.slice(0, -1)) },
    given: [...given, ["gradients", letters.slice(0, -1).map(([, g]) => gradients[g])], ["biasGradient", [gradients.g_b]], ["alpha", [seen.rate]]],
  };
}

/** What can be asked. */
export const KINDS = { z: weightedSum, a: activation, p: probability, loss, delta, gradient, update, next };

/**
 * The question for one number of a step.
 * @param {import("../session/step_numbers.js").StepNumbers} seen
 * @param {Asked} asked
 * @param {{loss: string, optimizer: string, outputs: number, activations: (string|undefined)[]}} facts
 * @returns {Question}
 */
export const questionOf = (seen, asked, facts) => /** @type {any} */ ({ kind: asked.kind, asked, ...KINDS[asked.kind](seen, asked, facts) });
