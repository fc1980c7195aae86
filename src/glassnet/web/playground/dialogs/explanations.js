// What each control and each part of the picture is, in two sentences: for the button with a question mark beside it.

import { phrase } from "../../phrase.js";

export const EXPLANATIONS = {
  table: phrase("The data. In classification, the network learns to separate the colors; in regression, it learns a number for each point."),
  curve: phrase("Points above the curve x₂ = f(x) are one class, points below it the other. f(x) may use x, + − * / ^, parentheses, sin cos tan exp log sqrt abs tanh sign, pi and e: for example x^2 - 1 or abs(x) - 1. Noise moves points across it."),
  loss: phrase("A single number for how wrong the predictions are. Training minimizes it, so it decides what the network optimizes: cross-entropy penalizes confident errors, absolute error is robust to outliers."),
  optimizer: phrase("The rule that turns gradients into steps. sgd uses the gradient as it is; momentum adds up steps that agree; Adam and its variants also scale the step of each weight."),
  rate: phrase("The step size. Too small, and training takes forever; too large, and it oscillates or diverges."),
  schedule: phrase("How the learning rate changes over the epochs: large steps first, small steps to settle. It ends at the epoch set in “Early stopping”."),
  activation: phrase("The function that each hidden neuron applies to its weighted sum. If it were linear, any number of layers could do no more than one. It can also be set for each layer in the diagram."),
  initializer: phrase("How the weights are drawn before the first step. They must differ, and their size must suit the activation, so that signals and gradients neither vanish nor explode."),
  penalty: phrase("A penalty on large weights, which makes the decision boundary smoother. L2 shrinks all weights; L1 makes many of them zero."),
  strength: phrase("The weight of the penalty relative to the loss."),
  seed: phrase("The seed of everything random: initial weights, order of rows, dropout. The same seed gives the same training, bit for bit."),
  rows: phrase("Number of points, training and test together. With more rows, the network memorizes less noise."),
  noise: phrase("How far points scatter. With noise, no boundary can be right everywhere, and trying to fit every point is overfitting."),
  share: phrase("The fraction of rows used for training. The others are held out to show how well the network does on new points."),
  batch: phrase("Number of rows averaged in one step. Small batches give more, but noisier steps."),
  columns: phrase("Which columns of your table span the map, and which one the network predicts. x₁ and x₂ are the two columns of the map, scaled to fill it. If all numeric columns are inputs, each is standardized: minus its mean, divided by its standard deviation. A numeric target is scaled to −1 … 1. Rows with missing values in these columns are left out."),
  inputs: phrase("The features of each point: its two coordinates, and functions of them. A good feature can replace a hidden layer. A custom formula can use x1 and x2, + − * / ^, parentheses, sin cos tan exp log sqrt abs tanh sign, pi and e: for example sin(3*x1) or x1^2 - x2."),
  stops: phrase("When to stop training: at a given epoch, when the training loss is low enough, or when the test loss has not improved for a number of epochs. 0 means never."),
  network: phrase("Each square is a neuron: it computes the weighted sum of its inputs plus its bias, and applies the activation. The bias shifts the boundary of a neuron without turning it. The square shows its output at every point."),
  running: phrase("Train runs until you pause; one epoch uses every training row once. Reset returns to the same initial weights, and slow motion shows a single step in detail."),
  result: phrase("The map shows the output of the network at every point; the points are the data. When the test loss rises while the training loss falls, the network is overfitting."),
  confusion: phrase("Rows: actual class. Columns: predicted class. Everything off the diagonal is an error."),
  time: phrase("Drag to any earlier epoch: it restores the weights and the optimizer state exactly. Training from there repeats the same numbers."),
};
