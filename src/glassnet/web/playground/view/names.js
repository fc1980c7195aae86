// What layers, neurons and inputs are called.

import { say } from "../../language.js";

/** How inputs are called: as one writes formulas, and products without a sign where it is usual. */
export const inputName = (text) => text.replace(/x1/g, "x₁").replace(/x2/g, "x₂").replace(/\^2(?![\d.])/g, "²")
  .replace(/^x₁\*x₂$/, "x₁x₂").replace(/(?<![\w.^])(\d+(?:\.\d+)?)\*(?=x)/g, "$1").replaceAll("*", "·").replaceAll("-", "−");

/** What a layer is called; 0 are the inputs, `last` is the output. */
export const layerName = (layer, last = Infinity) =>
  (layer === 0 ? say("Inputs") : layer === last ? say("Output") : say("Hidden {layer}", { layer }));

/** What a neuron of a layer is called. @param {string[]} inputs What the inputs are called. */
export const unitName = (layer, unit, last, inputs) => (layer === 0 ? say("input {name}", { name: inputs[unit] })
  : layer === last ? say("output {unit}", { unit: unit + 1 }) : say("neuron {unit} of hidden layer {layer}", { layer, unit: unit + 1 }));

/** The same of the network that is chosen. */
export const nodeName = ({ inputs, hidden }, layer, unit) => unitName(layer, unit, hidden.length + 1, inputs.map(inputName));

/** What something is, behind its name. */
export const named = (name, value) => say("{name}: {value}", { name, value });
