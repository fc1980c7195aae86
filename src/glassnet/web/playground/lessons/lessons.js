// The lessons: what each begins with, which controls would only distract, and what is asked for, stage by stage. Their
// words are in lesson_words.js; how conditions are computed, in conditions.js.

const layers = (activation, ...units) => units.map((one) => ({ units: one, activation }));

/** Controls that a first lesson does without. */
const LATER = ["penalty", "strength", "schedule", "initializer", "stops", "seed"];
const FEW = [...LATER, "loss", "optimizer", "activation", "noise", "share", "batch", "rows", "regenerate", "own", "draw",
  "side", "surface", "findRate", "check", "doctor"];

/**
 * @typedef {object} Lesson
 * @property {object} start Choices other than those of the page as it opens.
 * @property {string[]} hide
 * @property {[string, number?][][]} stages Conditions that must hold together, stage after stage.
 * @property {number} hints How many there are.
 */

/** @type {Record<string, Lesson>} */
export const LESSONS = {
  line: {
    start: { table: "gaussians", hidden: [], noise: 0.2, rate: 0.01 },
    hide: [...FEW, "layers", "inputs", "table", "rate"],
    stages: [[["accuracy", 0.95]]],
    hints: 1,
  },
  byHand: {
    start: { table: "gaussians", hidden: [], noise: 0.1, initializer: "zeros" },
    hide: [...FEW, "layers", "inputs", "table", "rate"],
    stages: [[["untrained"], ["accuracy", 0.95]]],
    hints: 3,
  },
  bend: {
    start: { table: "xor", hidden: [] },
    hide: [...FEW, "inputs", "table"],
    stages: [[["noHidden"], ["atLeastEpochs", 20]], [["accuracy", 0.95]]],
    hints: 2,
  },
  derived: {
    start: { table: "circle", hidden: [] },
    hide: [...FEW, "layers", "table"],
    stages: [[["noHidden"], ["accuracy", 0.95]]],
    hints: 2,
  },
  rings: {
    start: { table: "rings", hidden: layers("tanh", 8), noise: 0.02 },
    hide: ["inputs", "table", "noise", "rows", "own", "draw", "regenerate"],
    stages: [[["neurons", 4], ["accuracy", 0.95]]],
    hints: 3,
  },
  rate: {
    start: { table: "moons", hidden: layers("tanh", 6), optimizer: "sgd", rate: 0.0001, epochs: 100 },
    hide: [...FEW, "layers", "inputs", "table"],
    stages: [[["atLeastEpochs", 10]], [["testLoss", 0.1], ["epochs", 100]]],
    hints: 2,
  },
  diverge: {
    start: { table: "hills", loss: "mse", hidden: layers("relu", 8, 8), optimizer: "sgd", rate: 0.01 },
    hide: [...LATER, "layers", "inputs", "table", "own", "draw"],
    stages: [[["diverged"]], [["steady"], ["r2", 0.7]]],
    hints: 2,
  },
  optimizer: {
    start: { table: "spirals", hidden: layers("tanh", 8, 8), optimizer: "sgd", rate: 0.03, noise: 0.05, epochs: 150 },
    hide: [...LATER, "layers", "inputs", "table", "noise", "own", "draw", "loss"],
    stages: [[["testLoss", 0.2], ["epochs", 150]]],
    hints: 2,
  },
  alike: {
    start: { table: "circle", hidden: layers("tanh", 6), initializer: "ones" },
    hide: ["inputs", "table", "penalty", "strength", "schedule", "stops", "own", "draw", "layers"],
    stages: [[["different", 6], ["accuracy", 0.95]]],
    hints: 2,
  },
  vanish: {
    start: { table: "moons", hidden: layers("tanh", 6, 6, 6, 6, 6, 6), optimizer: "sgd", rate: 0.1 },
    hide: ["optimizer", "inputs", "table", "noise", "share", "own", "draw", "stops", "schedule", "penalty", "strength"],
    stages: [[["layers", 6], ["faint", 0.001]], [["layers", 6], ["strong", 0.1], ["accuracy", 0.95]]],
    hints: 3,
  },
  dead: {
    start: { table: "moons", hidden: layers("relu", 10, 10), optimizer: "sgd", rate: 0.03 },
    hide: ["inputs", "table", "noise", "share", "own", "draw", "stops", "schedule", "penalty", "strength"],
    stages: [[["dead", 5]], [["alive"], ["accuracy", 0.95]]],
    hints: 3,
  },
  overfit: {
    start: { table: "moons", rows: 100, noise: 0.5, share: 0.4, hidden: layers("relu", 16, 16), rate: 0.01 },
    hide: ["table", "noise", "rows", "share", "own", "draw", "regenerate", "inputs"],
    stages: [[["trainAccuracy", 0.98], ["gap", 3]], [["atLeastEpochs", 60], ["testLoss", 0.33]]],
    hints: 3,
  },
  mistake: {
    start: { table: "circle", hidden: layers("tanh", 5, 5, 5), forgotten: 2, noise: 0.05 },
    hide: ["table", "inputs", "layers", "activation", "own", "draw", "stops", "initializer", "penalty", "strength", "schedule"],
    stages: [[["gradientRight", 0.01]], [["gradientRight", 0.01], ["accuracy", 0.95]]],
    hints: 2,
  },
  settle: {
    start: { table: "sine", noise: 0.2, hidden: layers("tanh", 10), batch: 1, rate: 0.03, epochs: 60, loss: "mse" },
    hide: ["table", "inputs", "noise", "rows", "share", "batch", "own", "draw", "regenerate", "optimizer", "penalty", "strength"],
    stages: [[["rateFalls"], ["atLeastEpochs", 60], ["r2", 0.955]]],
    hints: 2,
  },
  spiral: {
    start: { table: "spirals", hidden: layers("relu", 4), noise: 0.02, optimizer: "sgd" },
    hide: ["table", "noise", "rows", "share", "own", "draw", "regenerate"],
    stages: [[["neurons", 8], ["accuracy", 0.95]]],
    hints: 3,
  },
};
