// The lessons: what each begins with, which controls it needs, and what is asked for, stage by stage; a
// goal for each stage, hints, and what there was to see. How conditions are computed, is in conditions.js.

import { phrase } from "../../phrase.js";

const layers = (activation, ...units) => units.map((one) => ({ units: one, activation }));

/** Controls of every lesson but the first. */
const RUN = ["slow", "reset", "lessons"];
const WATCH = [...RUN, "time", "scores"];

/**
 * @typedef {object} Lesson
 * @property {object} start Choices other than those of the page as it opens.
 * @property {string[]} use Controls that are shown, besides the button that trains.
 * @property {[string, number?][][]} stages Conditions that must hold together, stage after stage.
 * @property {string} title
 * @property {string[]} goals One for each stage.
 * @property {{kind: "loss"|"boundary", epochs?: number}} [guess] What a reader is asked to draw before training, and for how many epochs.
 * @property {string[]} hints
 * @property {string} after What there was to see.
 */

/** @type {Record<string, Lesson>} */
export const LESSONS = {
  line: {
    title: phrase("A neuron draws a line"),
    start: { table: "gaussians", hidden: [], noise: 0.2, rate: 0.01 },
    use: ["slow"],
    stages: [[["accuracy", 0.95]]],
    goals: [phrase("Where will this neuron draw its line between the two clouds? Press Train and see.")],
    hints: [],
    after: phrase("The neuron adds up its weighted inputs and a bias. The line is where this sum is zero. Training turned and moved it until few points were on the wrong side."),
  },
  byHand: {
    title: phrase("Be the optimizer"),
    start: { table: "gaussians", hidden: [], noise: 0.1, initializer: "zeros" },
    use: RUN,
    stages: [[["untrained"], ["accuracy", 0.95]]],
    goals: [phrase("Separate the clouds by hand: click the output neuron and choose its two weights and its bias yourself.")],
    hints: [
      phrase("The upper right cloud is class 1. Which sum of x₁ and x₂ is small there and large in the lower left?"),
      phrase("Both weights should be negative."),
      phrase("Weights −1 and −1, bias 0."),
    ],
    after: phrase("The two weights give the direction of the line's normal; the bias sets its distance from the origin. Scaling up all three does not move the line: it makes the network more confident."),
  },
  bend: {
    title: phrase("One line is not enough"),
    start: { table: "xor", hidden: [] },
    use: [...WATCH, "guess", "layers", "activation"],
    stages: [[["noHidden"], ["atLeastEpochs", 20]], [["accuracy", 0.95]]],
    guess: { kind: "boundary" },
    goals: [
      phrase("These points form an XOR, and there is no hidden layer. Where will the boundary be? Draw your guess on the map, or skip it. Then train for 20 epochs, and see how far one line gets."),
      phrase("Now add what is missing, and reach an accuracy of 95%."),
    ],
    hints: [
      phrase("The button + above the inputs adds a hidden layer."),
      phrase("Four neurons with tanh are enough."),
    ],
    after: phrase("Each hidden neuron draws its own line, and the output combines them. No single line separates an XOR: that is why networks need hidden layers with a nonlinear activation."),
  },
  derived: {
    title: phrase("Better inputs instead of layers"),
    start: { table: "circle", hidden: [] },
    use: [...RUN, "inputs"],
    stages: [[["noHidden"], ["accuracy", 0.95]]],
    goals: [phrase("Separate the disk from the ring without any hidden layers: choose inputs that make it easy.")],
    hints: [
      phrase("The class depends on the distance from the center."),
      phrase("The squared distance is the sum of the squared inputs."),
    ],
    after: phrase("In x₁² and x₂², the boundary is a straight line, which a single neuron can draw. Hidden layers find such features automatically; if you know them, you can give them to the network."),
  },
  rings: {
    title: phrase("Three rings, four neurons"),
    start: { table: "rings", hidden: layers("tanh", 8), noise: 0.02 },
    use: [...WATCH, "layers", "activation", "optimizer", "rate", "seed", "speed"],
    stages: [[["neurons", 4], ["accuracy", 0.95]]],
    goals: [phrase("Separate the three rings with at most 4 hidden neurons.")],
    hints: [
      phrase("Remove neurons with the button − above the hidden layer."),
      phrase("Put them all in one layer: each neuron can be one side of a polygon."),
      phrase("If training gets stuck, try another seed for the initial weights."),
    ],
    after: phrase("Three lines enclose a triangle, and three neurons are enough with a lucky seed. With smooth activations, the sum of a few neurons is a round hill, and the two boundaries between the rings are contour lines on it."),
  },
  rate: {
    title: phrase("The right learning rate"),
    start: { table: "moons", hidden: layers("tanh", 6), optimizer: "sgd", rate: 0.0001, epochs: 100 },
    use: [...WATCH, "guess", "rate", "epoch"],
    guess: { kind: "loss", epochs: 10 },
    stages: [[["atLeastEpochs", 10]], [["testLoss", 0.1], ["epochs", 100]]],
    goals: [
      phrase("The learning rate is 0.0001. How far will the loss fall in 10 epochs? Draw your guess in the chart, or skip it. Then train for 10 epochs."),
      phrase("Find a learning rate with which plain gradient descent gets the test loss below 0.1 within 100 epochs."),
    ],
    hints: [
      phrase("Increase it by factors of ten, and reset each time."),
      phrase("0.1, 0.3 or 1."),
    ],
    after: phrase("The learning rate is the step size per unit of gradient. Too small, and training takes forever; too large, and it jumps across the valley. Tune it first, in powers of ten."),
  },
  diverge: {
    title: phrase("Learning rate too high"),
    start: { table: "hills", loss: "mse", hidden: layers("relu", 8, 8), optimizer: "sgd", rate: 0.01 },
    use: [...WATCH, "guess", "rate", "optimizer", "epoch"],
    guess: { kind: "loss", epochs: 10 },
    stages: [[["diverged"]], [["steady"], ["r2", 0.7]]],
    goals: [
      phrase("What will the loss do with a learning rate of 10? Choose it, and draw your guess in the chart, or skip it. Then make the training diverge: let the loss become infinite or NaN."),
      phrase("Now fix it, and reach an R² of 0.7."),
    ],
    hints: [
      phrase("A step that is too large ends higher up on the other side of the valley, where the gradient is even larger."),
      phrase("A learning rate of 3 or 10 diverges; 0.1 works with Adam, or with more epochs."),
    ],
    after: phrase("Once a step overshoots so far that the next one is even larger, the weights grow without bound. A lower learning rate fixes it; so does an optimizer whose steps do not grow with the gradient."),
  },
  optimizer: {
    title: phrase("Momentum and Adam"),
    start: { table: "spirals", hidden: layers("tanh", 8, 8), optimizer: "sgd", rate: 0.03, noise: 0.05, epochs: 150 },
    use: [...WATCH, "optimizer", "rate"],
    stages: [[["testLoss", 0.2], ["epochs", 150]]],
    goals: [phrase("Plain gradient descent is slow on the spirals. Get the test loss below 0.2 within 150 epochs.")],
    hints: [
      phrase("Choose another optimizer, with about the same learning rate."),
      phrase("Adam with a learning rate of 0.03."),
    ],
    after: phrase("Momentum adds up gradients that agree; Adam also divides by their size, so that weights with small gradients move as fast as others. Both keep state for each weight: look at it in slow motion."),
  },
  alike: {
    title: phrase("Breaking the symmetry"),
    start: { table: "circle", hidden: layers("tanh", 6), initializer: "ones" },
    use: [...WATCH, "initializer", "seed", "activation", "optimizer", "rate"],
    stages: [[["different", 6], ["accuracy", 0.95]]],
    goals: [phrase("Train this network: its hidden neurons stay identical. Find the setting that causes this, and reach 95% with six different neurons.")],
    hints: [
      phrase("What do all neurons have in common before the first step?"),
      phrase("All weights start at the same value. Choose another initialization."),
    ],
    after: phrase("Neurons that start identical get the same gradient and stay identical: six of them do the work of one. Random initial weights break the symmetry."),
  },
  vanish: {
    title: phrase("Vanishing gradients"),
    start: { table: "moons", hidden: layers("tanh", 6, 6, 6, 6, 6, 6), optimizer: "sgd", rate: 0.1 },
    use: [...WATCH, "layers", "activation", "initializer", "rate", "doctor", "speed"],
    stages: [[["layers", 6], ["faint", 0.001]], [["layers", 6], ["strong", 0.1], ["accuracy", 0.95]]],
    goals: [
      phrase("Make the gradient vanish: with six or more hidden layers, make the gradient of the first layer at most a thousandth of that of the last."),
      phrase("Now fix it without removing layers."),
    ],
    hints: [
      phrase("Which activation has the smallest slope?"),
      phrase("The slope of the sigmoid is at most ¼. Through six layers, that is ¼ to the sixth power."),
      phrase("Remedies: relu or tanh, batch normalization, residual connections (the button with three dots)."),
    ],
    after: phrase("In backpropagation, the gradient is multiplied by a slope and by weights in each layer. If these factors are below one, little reaches the first layers. Activations with slope one, normalization, and residual connections preserve it. Adam, which divides by the size of the gradient, sometimes learns in spite of it."),
  },
  dead: {
    title: phrase("Dead neurons"),
    start: { table: "moons", hidden: layers("relu", 10, 10), optimizer: "sgd", rate: 0.03 },
    use: [...WATCH, "layers", "activation", "initializer", "rate", "doctor", "speed"],
    stages: [[["dead", 5]], [["alive"], ["accuracy", 0.95]]],
    goals: [
      phrase("Kill at least 5 neurons: make them output 0 at every point."),
      phrase("Now reach 95% without dead neurons."),
    ],
    hints: [
      phrase("One huge step can push a bias so far down that relu outputs 0 for every point."),
      phrase("A learning rate of 3 kills a dozen in a few epochs; then reset and use 0.1."),
      phrase("leaky_relu, elu and gelu do not die: their slope is not zero for all negative inputs."),
    ],
    after: phrase("Where relu outputs 0, its slope is 0: no gradient passes, and a neuron that is 0 everywhere cannot recover. Lower learning rates prevent this; activations with a slope on both sides allow recovery."),
  },
  overfit: {
    title: phrase("Overfitting and regularization"),
    start: { table: "moons", rows: 100, noise: 0.5, share: 0.4, hidden: layers("relu", 16, 16), rate: 0.01 },
    use: [...WATCH, "layers", "activation", "penalty", "strength", "stops", "tests", "speed"],
    stages: [[["trainAccuracy", 0.98], ["gap", 3]], [["atLeastEpochs", 60], ["testLoss", 0.33]]],
    goals: [
      phrase("Make the network memorize the noise: training accuracy at least 98%, test loss at least three times the training loss."),
      phrase("Now prevent overfitting with the same rows: after 60 epochs, the test loss must still be below 0.33."),
    ],
    hints: [
      phrase("A large network, few rows, and many epochs: just keep training."),
      phrase("Regularization: L2 with 0.03, or L1 with 0.01."),
      phrase("Or a network of only three neurons."),
    ],
    after: phrase("A boundary that fits every training point is ragged, and wrong between the points. Keeping the weights small or the network simple gives up some training points and does better on new ones. So does stopping early, when the test loss is lowest: see “Early stopping”."),
  },
  mistake: {
    title: phrase("Find the bug"),
    start: { table: "circle", hidden: layers("tanh", 5, 5, 5), forgotten: 2, noise: 0.05 },
    use: [...WATCH, "check", "rate"],
    stages: [[["gradientRight", 0.01]], [["gradientRight", 0.01], ["accuracy", 0.95]]],
    goals: [
      phrase("In one hidden layer, this program's backpropagation omits the slope of the activation. It still learns a little. Use the gradient check to find the layer, and fix it."),
      phrase("Now train it to 95%."),
    ],
    hints: [
      phrase("Press Gradient check. Errors propagate backward: a wrong gradient in one layer affects all layers before it, and none after it."),
      phrase("The bug is in the last of the layers with wrong gradients."),
    ],
    after: phrase("The loss curve does not reveal such a bug. Finite differences do: nudge a weight up and down, and see how much the loss changes. Check every gradient that you write by hand."),
  },
  settle: {
    title: phrase("Learning rate schedules"),
    start: { table: "sine", noise: 0.2, hidden: layers("tanh", 10), batch: 1, rate: 0.03, epochs: 60, loss: "mse" },
    use: [...WATCH, "schedule", "rate", "stops"],
    stages: [[["rateFalls"], ["atLeastEpochs", 60], ["r2", 0.955]]],
    goals: [phrase("With a batch size of 1, every step is noisy, and the loss never settles. Decrease the learning rate over the 60 epochs, and reach an R² of 0.955.")],
    hints: [
      phrase("Look at the setting Learning rate schedule."),
      phrase("cosine or linear; leave the learning rate at 0.03."),
    ],
    after: phrase("The noise of the steps is proportional to the learning rate. Large steps find the valley, small steps at the end find its floor: that is the purpose of schedules."),
  },
  spiral: {
    title: phrase("Two spirals with eight neurons"),
    start: { table: "spirals", hidden: layers("relu", 4), noise: 0.02, optimizer: "sgd" },
    use: [...WATCH, "layers", "activation", "inputs", "optimizer", "rate", "findRate", "schedule", "loss", "batch", "penalty", "strength", "initializer", "seed", "doctor", "speed"],
    stages: [[["neurons", 8], ["accuracy", 0.95]]],
    goals: [phrase("Classify the two spirals with less than 5% error, with at most 8 hidden neurons. Everything else is up to you.")],
    hints: [
      phrase("Use Adam instead of sgd, and an activation other than relu."),
      phrase("Derived inputs are allowed: sines help."),
      phrase("All inputs, eight tanh neurons in one or two layers, Adam with a learning rate of 0.03, and enough epochs."),
    ],
    after: phrase("Inputs, depth, activation, optimizer and learning rate all had to be right together. Working with networks is like that, and you can study each of them separately, as you have done."),
  },
};
