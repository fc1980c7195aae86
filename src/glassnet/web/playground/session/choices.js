// What a reader has chosen, all of it: what there is to choose from, and how it is written into the address.

import { phrase } from "../../phrase.js";
import { LESSONS } from "../lessons/lessons.js";
import { NAMES as TASKS } from "../workout/tasks.js";
import { readCurve } from "./expression.js";
import { INITIALIZERS } from "./initializers.js";
import { columnInputs, LEAST_ROWS, pointsOf, soundOwn } from "./own_table.js";
import { inputOf, INPUTS, TABLES, wrongWith } from "./tables.js";

/**
 * @typedef {{units: number, activation: string, dropout: number, norm: "none"|"batch_norm"|"layer_norm"|"rms_norm",
 *   skip: boolean}} Hidden
 * @typedef {object} Choices
 * @property {string} table
 * @property {string} curve The formula of f(x), where points are above or below it.
 * @property {number} rows
 * @property {number} noise
 * @property {number} share Of the rows, those to learn from.
 * @property {number} batch
 * @property {number} draw The seed of the table.
 * @property {number} seed Of the weights at the start and of all that is random in training.
 * @property {string[]} inputs Names, or formulas of the reader's own; or columns of the reader's own table.
 * @property {Hidden[]} hidden
 * @property {string} loss
 * @property {string} optimizer
 * @property {number} rate
 * @property {string} schedule Of the rate, over so many epochs.
 * @property {number} epochs After which training ends; 0: it does not.
 * @property {number} lossBelow Training ends when the training loss is below; 0: it does not.
 * @property {number} patience Training ends after so many epochs without a better test loss; 0: it does not.
 * @property {string} initializer Of all weights; "auto": what suits the activations.
 * @property {number} forgotten The hidden layer whose slope the way back forgets, for the gradient check to find; 0: none.
 * @property {"none"|"l1"|"l2"} penalty
 * @property {number} strength
 * @property {boolean} discrete
 * @property {boolean} tests Whether test points are shown.
 * @property {string[]} [side] What networks side by side differ in, while they are looked at; see differences.js.
 * @property {{name: string, seed: number}} [workout] The task that is being worked out; see workout/tasks.js.
 * @property {string} lesson That is being taken; "": none.
 * @property {object} [moment] To go to at once: see replay.js.
 * @property {string[]} hide Controls that are not shown.
 * @property {import("./own_table.js").Own} [own] The reader's own table.
 */

export const ACTIVATIONS = ["tanh", "relu", "sigmoid", "identity", "gelu", "silu", "elu", "leaky_relu", "mish", "selu",
  "softplus", "softsign", "gelu_tanh", "relu6", "hard_tanh", "hard_sigmoid", "hard_swish"];
export const RATES = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
export const STRENGTHS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
export const OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "amsgrad", "adamw", "nadam",
  "radam", "lion"];
const OF_CLASSES = ["cross_entropy", "focal"]; // losses that have an output for each class
/** What the normalizations are called. */
export const NORMS = {
  none: phrase("none"),
  batch_norm: phrase("batch normalization"),
  layer_norm: phrase("layer normalization"),
  rms_norm: phrase("RMS normalization"),
};
/** What the losses are called. */
export const LOSSES = {
  binary_cross_entropy: phrase("binary cross-entropy"),
  cross_entropy: phrase("softmax cross-entropy"),
  mse: phrase("squared error"),
  mae: phrase("absolute error"),
  huber: phrase("Huber"),
  log_cosh: phrase("log-cosh"),
  hinge: phrase("hinge"),
  squared_hinge: phrase("squared hinge"),
  focal: phrase("focal"),
};
export const SCHEDULES = ["constant", "linear", "cosine", "exponential", "step", "one_cycle", "flat_cosine", "coslog4"];
export const MOST_LAYERS = 8;
export const MOST_UNITS = 32;
export const MOST_FORMULAS = 4;
const PLANNED = 100; // epochs of a schedule, where nobody has said how many

/** @returns {Hidden} */
const unit = (units) => ({ units, activation: "tanh", dropout: 0, norm: "none", skip: false });

/** @type {Choices} */
export const DEFAULT = {
  table: "spirals", curve: "sin(2*x)", rows: 400, noise: 0.1, share: 0.7, batch: 16, draw: 1, seed: 1, inputs: ["x1", "x2"],
  hidden: [unit(8), unit(8)], loss: "binary_cross_entropy", optimizer: "adam", rate: 0.03, penalty: "none",
  strength: 0.001, schedule: "constant", epochs: 0, lossBelow: 0, patience: 0, initializer: "auto",
  forgotten: 0, discrete: false, tests: false, lesson: "", hide: [],
};

/** Hidden layers of which one, or all, are other in part. @param {Hidden[]} hidden @param {Partial<Hidden>} part @param {number|null} place */
export const changedLayers = (hidden, part, place = null) =>
  hidden.map((one, layer) => (place === null || place === layer ? { ...one, ...part } : one));

/** How many classes there are; 0: the targets are numbers. @param {{table: string, own?: import("./own_table.js").Own}} choices */
export const classesOf = ({ table, own }) => (table === "own" ? own.columns[own.axes[2]].classes?.length : TABLES[table].classes) ?? 0;

/** The losses that suit a table, the usual one first. */
export function lossesOf(choices) {
  const classes = classesOf(choices);
  if (classes === 0) return ["mse", "mae", "huber", "log_cosh"];
  return classes > 2 ? OF_CLASSES
    : ["binary_cross_entropy", "cross_entropy", "mse", "hinge", "squared_hinge"];
}

/** How many outputs the network has. */
export function outputsOf(choices) {
  return OF_CLASSES.includes(choices.loss) ? classesOf(choices) : 1;
}

/** The network that was chosen, as the engine's tables are made of it. */
export function networkOf(choices) {
  const { inputs, optimizer, loss, penalty, strength } = choices;
  let width = inputs.length;
  const layers = choices.hidden.flatMap(({ units, activation, dropout, norm, skip }, place) => {
    /** @type {import("../../network.js").Layer[]} */
    const through = [{ kind: "dense", units, activation }];
    if (choices.forgotten === place + 1) through[0].back = "identity"; // whose slope is 1
    if (norm !== "none") through.push({ kind: norm });
    if (dropout > 0) through.push({ kind: "dropout", rate: dropout });
    const whole = skip && units === width ? [{ kind: "residual", layers: through }] : through;
    width = units;
    return whole;
  });
  layers.push({ kind: "dense", units: outputsOf(choices), activation: "identity" });
  const strengths = { l1: penalty === "l1" ? strength : 0, l2: penalty === "l2" ? strength : 0 };
  return { inputs: inputs.length, layers, loss, optimizer, ...strengths };
}

const within = (value, low, high, otherwise) =>
  (Number.isFinite(value) && value >= low && value <= high ? value : otherwise);
const oneOf = (value, allowed, otherwise) => (allowed.includes(value) ? value : otherwise);
const whole = (value, low, high, otherwise) => within(Number.isInteger(value) ? value : NaN, low, high, otherwise);

/** What is chosen before a reader has chosen anything: in a lesson, what that begins with. */
const beginning = (lesson) => ({ ...DEFAULT, ...(Object.hasOwn(LESSONS, lesson) ? { lesson, ...LESSONS[lesson].start } : {}) });

/** The columns that are inputs; or the names of inputs that there are, and formulas that can be read. */
function soundInputs(given, own) {
  const all = Array.isArray(given) ? given : [];
  const columns = own ? columnInputs(own).filter((one) => all.includes(one)) : [];
  if (columns.length) return columns;
  const formulas = all.filter((one) => typeof one === "string" && !Object.hasOwn(INPUTS, one) && inputOf(one));
  const inputs = [...Object.keys(INPUTS).filter((one) => all.includes(one)), ...[...new Set(formulas)].slice(0, MOST_FORMULAS)];
  return inputs.length ? inputs : DEFAULT.inputs;
}

/** Whether there are enough rows with a value in all columns that are used. @param {{own?: import("./own_table.js").Own, inputs: string[]}} choices */
export const hasRows = (choices) => pointsOf(choices).length >= LEAST_ROWS;

/** Choices of which nothing is out of range, whatever came: an address may have been typed. */
export function sound(given) {
  const lesson = given?.lesson;
  const from = { ...beginning(lesson), ...(given && typeof given === "object" ? given : {}) };
  const own = soundOwn(from);
  const columns = own && soundInputs(from.inputs, own);
  const hidden = (Array.isArray(from.hidden) ? from.hidden : DEFAULT.hidden).slice(0, MOST_LAYERS).map((one) => ({
    units: whole(one?.units, 1, MOST_UNITS, 4),
    activation: oneOf(one?.activation, ACTIVATIONS, "tanh"),
    dropout: within(one?.dropout, 0, 0.9, 0),
    norm: oneOf(one?.norm, Object.keys(NORMS), "none"),
    skip: one?.skip === true,
  }));
  const table = oneOf(from.table, [...Object.keys(TABLES), ...(own && hasRows({ own, inputs: columns }) ? ["own"] : [])], DEFAULT.table);
  const schedule = oneOf(from.schedule, SCHEDULES, DEFAULT.schedule);
  const found = {
    table, hidden, schedule,
    curve: typeof from.curve === "string" && !wrongWith(readCurve, from.curve) ? from.curve : DEFAULT.curve,
    rows: whole(from.rows, 20, 2000, DEFAULT.rows),
    noise: within(from.noise, 0, 1, DEFAULT.noise),
    share: within(from.share, 0.1, 0.9, DEFAULT.share),
    batch: whole(from.batch, 1, 256, DEFAULT.batch),
    draw: whole(from.draw, 0, 1e6, DEFAULT.draw),
    seed: whole(from.seed, 0, 1e6, DEFAULT.seed),
    inputs: table === "own" ? columns : soundInputs(from.inputs, null),
    optimizer: oneOf(from.optimizer, OPTIMIZERS, DEFAULT.optimizer),
    rate: within(from.rate, 1e-6, 100, DEFAULT.rate),
    epochs: whole(from.epochs, 0, 1e6, 0) || (schedule === "constant" ? 0 : PLANNED),
    lossBelow: within(from.lossBelow, 0, 1e6, 0),
    patience: whole(from.patience, 0, 1e6, 0),
    penalty: oneOf(from.penalty, ["none", "l1", "l2"], "none"),
    strength: within(from.strength, 0, 10, DEFAULT.strength),
    initializer: oneOf(from.initializer, ["auto", ...Object.keys(INITIALIZERS)], "auto"),
    forgotten: whole(from.forgotten, 0, MOST_LAYERS, 0),
    discrete: from.discrete === true,
    tests: from.tests === true,
    lesson: oneOf(lesson, Object.keys(LESSONS), ""),
    hide: (Array.isArray(from.hide) ? from.hide : []).filter((one) => typeof one === "string").slice(0, 40),
  };
  if (own) found.own = own;
  const side = Array.isArray(from.side) ? from.side.filter((one) => typeof one === "string").slice(0, 4) : [];
  if (side.length > 1) found.side = side;
  const { name, seed } = from.workout ?? {};
  if (TASKS.includes(name)) found.workout = { name, seed: whole(seed, 1, 999999, 1) };
  if (from.moment && typeof from.moment === "object") found.moment = from.moment;
  return { ...found, loss: oneOf(from.loss, lossesOf(found), lossesOf(found)[0]) };
}

/** What stands behind the # of the address: only what is not as it is at first. */
export function toAddress(choices) {
  const first = sound({ lesson: choices.lesson });
  const changed = Object.entries(choices).filter(([name, value]) =>
    name === "lesson" ? value : JSON.stringify(value) !== JSON.stringify(first[name]));
  return changed.length ? encodeURIComponent(JSON.stringify(Object.fromEntries(changed))) : "";
}

/**
 * What an address says; some programs that pass it on encode it once more, and browsers the quotes in one that was typed.
 * @returns {Choices|null} Null: it cannot be read.
 */
export function fromAddress(hash) {
  let text = hash.replace(/^#/, "");
  try {
    for (let times = 0; times < 3 && /^\{?%/.test(text); times++) text = decodeURIComponent(text);
    return sound(JSON.parse(text || "{}"));
  } catch {
    return null;
  }
}
