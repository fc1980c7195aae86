// What is to be worked out, from one neuron to two hidden layers: networks, and the number of their step that is asked for.

import { phrase } from "../../phrase.js";

const UNIT = { layer: 0, to: 0 };
const LINK = { layer: 0, from: 0, to: 0 };
const neuron = { network: [2, 1], activations: ["sigmoid"], loss: "mse", targets: [0, 1] };
const classes = { network: [2, 3], activations: ["identity"], loss: "cross_entropy", targets: [0, 1, 2] };
const batch = { network: [1, 1], activations: ["identity"], loss: "mse", targets: [-1, 0, 1, 2], rows: 3 };
const hidden = { network: [2, 2, 2], activations: ["tanh", "identity"], loss: "mse", targets: [-1, 0, 1, 2] };
const deep = { network: [2, 2, 2, 1], activations: ["sigmoid", "tanh", "sigmoid"], loss: "mse", targets: [0, 1] };

/**
 * @typedef {object} Task
 * @property {string} title
 * @property {string} group
 * @property {number[]} network Widths from the inputs to the output.
 * @property {string[]} activations Of each layer.
 * @property {string} loss
 * @property {number[]} targets Those that a row may have.
 * @property {number} [rows] In the batch, 1.
 * @property {string} [optimizer] "sgd"
 * @property {number} [steps] That have been taken before, 0.
 * @property {import("./questions.js").Asked} asked
 */

export const GROUPS = {
  neuron: phrase("One neuron"),
  classes: phrase("Classes"),
  batch: phrase("A batch of rows"),
  hidden: phrase("One hidden layer"),
  deep: phrase("Two hidden layers"),
  optimizers: phrase("Optimizers"),
};

/** @type {Record<string, Task>} */
export const TASKS = {
  sum: { group: "neuron", title: phrase("The weighted sum z"), ...neuron, asked: { kind: "z", ...UNIT } },
  activation: { group: "neuron", title: phrase("The activation a"), ...neuron, asked: { kind: "a", ...UNIT } },
  loss: { group: "neuron", title: phrase("The squared error"), ...neuron, asked: { kind: "loss" } },
  delta: { group: "neuron", title: phrase("δ of the output"), ...neuron, asked: { kind: "delta", ...UNIT } },
  gradient: { group: "neuron", title: phrase("The gradient of a weight"), ...neuron, asked: { kind: "gradient", ...LINK } },
  update: { group: "neuron", title: phrase("A weight after its update"), ...neuron, asked: { kind: "update", ...LINK } },
  next: { group: "neuron", title: phrase("The sum z after the update"), ...neuron, asked: { kind: "next", ...UNIT } },
  binary: { group: "classes", title: phrase("Cross-entropy of two classes"), ...neuron, activations: ["identity"], loss: "binary_cross_entropy", asked: { kind: "loss" } },
  softmax: { group: "classes", title: phrase("A probability by softmax"), ...classes, asked: { kind: "p", ...UNIT } },
  surprise: { group: "classes", title: phrase("Cross-entropy of three classes"), ...classes, asked: { kind: "loss" } },
  score: { group: "classes", title: phrase("δ of a score"), ...classes, asked: { kind: "delta", ...UNIT } },
  batchLoss: { group: "batch", title: phrase("The loss of a batch"), ...batch, asked: { kind: "loss" } },
  batchGradient: { group: "batch", title: phrase("The gradient of a weight over a batch"), ...batch, asked: { kind: "gradient", ...LINK } },
  batchBias: { group: "batch", title: phrase("The gradient of a bias over a batch"), ...batch, asked: { kind: "gradient", ...LINK, from: null } },
  hiddenSum: { group: "hidden", title: phrase("The weighted sum z after a hidden layer"), ...hidden, asked: { kind: "z", layer: 1, to: 0 } },
  hiddenDelta: { group: "hidden", title: phrase("δ of a hidden neuron"), ...hidden, asked: { kind: "delta", ...UNIT } },
  hiddenGradient: { group: "hidden", title: phrase("The gradient of a weight before a hidden neuron"), ...hidden, asked: { kind: "gradient", layer: 0, from: 0, to: 1 } },
  deepActivation: { group: "deep", title: phrase("The activation of the second hidden layer"), ...deep, asked: { kind: "a", layer: 1, to: 0 } },
  deepDelta: { group: "deep", title: phrase("δ of the second hidden layer"), ...deep, asked: { kind: "delta", layer: 1, to: 1 } },
  firstDelta: { group: "deep", title: phrase("δ of the first hidden layer"), ...deep, asked: { kind: "delta", ...UNIT } },
  deepGradient: { group: "deep", title: phrase("The gradient of a weight between hidden layers"), ...deep, asked: { kind: "gradient", layer: 1, from: 0, to: 1 } },
  momentum: { group: "optimizers", title: phrase("The second step with momentum"), ...neuron, optimizer: "momentum", steps: 1, asked: { kind: "update", ...LINK } },
  adam: { group: "optimizers", title: phrase("The first step of Adam"), ...neuron, optimizer: "adam", asked: { kind: "update", ...LINK } },
};

export const NAMES = Object.keys(TASKS);
