// What layers, neurons and inputs are called.

import { say } from "../../language.js";
import { columnOf, targetAt, usedColumns } from "../session/own_table.js";
import { real, shown } from "./element.js";

/** How functions of the plane are called that are inputs: as one writes formulas, and products without a sign where it is usual. */
const symbol = (text) => text.replace(/x1/g, "x₁").replace(/x2/g, "x₂").replace(/\^2(?![\d.])/g, "²")
  .replace(/^x₁\*x₂$/, "x₁x₂").replace(/(?<![\w.^])(\d+(?:\.\d+)?)\*(?=x)/g, "$1").replaceAll("*", "·").replaceAll("-", "−");

/** What a column of the reader's own table is called. @param {import("../session/own_table.js").Own} own */
export const columnName = ({ columns }, place) => columns[place].name || say("column {number}", { number: place + 1 });

/** What an input is called: also a coordinate of the map by its column, where that has a name. */
export function inputName(input, { table, own }) {
  if (columnOf(input) !== null) return columnName(own, columnOf(input));
  return (table === "own" && own.columns[own.axes[["x1", "x2"].indexOf(input)]]?.name) || symbol(input);
}

/** What a class of the reader's own table is called there. */
export const ownName = ({ table, own }, number) => (table === "own" ? String(own.columns[own.axes[2]].classes[number] ?? "") : "");

export const className = (facts, number) => ownName(facts, number) || say("class {number}", { number });

/** A target that is a number from -1 to 1, as the reader's own table has it. */
export function targetName({ table, own }, target) {
  if (table !== "own") return shown(target);
  const column = own.columns[own.axes[2]];
  return real(targetAt(column, target), column.ends);
}

/** The cells of a row of the reader's own table that are used. */
export const cellsOf = ({ own, inputs }, cells) => usedColumns({ own, inputs }).map((place) => {
  const { ends, classes } = own.columns[place];
  return named(columnName(own, place), ends ? String(cells[place]).replace("-", "−") : classes[cells[place]]);
});

/** What a layer is called; 0 are the inputs, `last` is the output. */
export const layerName = (layer, last = Infinity) =>
  (layer === 0 ? say("Inputs") : layer === last ? say("Output") : say("Hidden {layer}", { layer }));

/** What a neuron of a layer is called. @param {string[]} inputs What the inputs are called. */
export const unitName = (layer, unit, last, inputs) => (layer === 0 ? say("input {name}", { name: inputs[unit] })
  : layer === last ? say("output {unit}", { unit: unit + 1 }) : say("neuron {unit} of hidden layer {layer}", { layer, unit: unit + 1 }));

/** What the inputs of the network that is chosen are called. */
export const inputNames = (choices) => choices.inputs.map((one) => inputName(one, choices));

/** The same of its neurons. */
export const nodeName = (choices, layer, unit) => unitName(layer, unit, choices.hidden.length + 1, inputNames(choices));

/** What something is, behind its name. */
export const named = (name, value) => say("{name}: {value}", { name, value });
