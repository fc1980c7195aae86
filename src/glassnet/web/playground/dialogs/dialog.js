// What can be read and changed of one neuron, or of one hidden layer, in a dialog.

import { say } from "../../language.js";
import { changedLayers, NORMS } from "../session/choices.js";
import { button, byId, checkbox, element, select, shown } from "../view/element.js";
import { inputNames, nodeName } from "../view/names.js";
import { Picture } from "../view/picture.js";

/** A dialog with a title; Escape closes it, and so does the button at its end. */
export function open(title, ...children) {
  fill(byId("card"), title, children);
}

/** The same for pictures, as wide as the window lets it; `closed` hears of its end. Gives what closes it. */
export function openWide(title, closed, ...children) {
  const dialog = byId("wide");
  fill(dialog, title, children);
  dialog.onclose = () => {
    dialog.replaceChildren();
    closed();
  };
  return () => dialog.close();
}

function fill(dialog, title, children) {
  const close = button(say("Close"), () => dialog.close(), { className: "close" });
  dialog.replaceChildren(element("h2", { id: `${dialog.id}-title` }, title), ...children, close);
  dialog.showModal();
}

/** A number as a field takes it; what has diverged is no number to it. */
const written = (number) => (Number.isFinite(number) ? String(Number(number.toPrecision(7))) : "");

/** The weights and the bias of a neuron, to be changed by hand. */
export function openUnit(choices, frame, { layer, unit, from }, set) {
  if (layer === 0) return;
  const of = frame.dense[layer - 1];
  const weights = Picture.place(frame, layer - 1, "W");
  const places = Array.from({ length: of.inputs }, (_, input) => weights.start + input * of.outputs + unit);
  const names = places.map((_, input) => (layer === 1 ? inputNames(choices)[input] : nodeName(choices, layer - 1, input)));
  places.push(Picture.place(frame, layer - 1, "b").start + unit);
  const fields = places.map((place, input) => {
    const field = element("input", { type: "number", step: "any", value: written(frame.parameters[place]) });
    field.onchange = () => Number.isFinite(field.valueAsNumber) && set(place, field.valueAsNumber);
    return element("label", {}, input < of.inputs ? say("from {name}", { name: names[input] }) : say("bias"), field);
  });
  open(nodeName(choices, layer, unit), element("div", { className: "fields" }, ...fields),
    element("p", { className: "quiet" }, say("The bias is added to the weighted sum: it shifts the boundary of this neuron without turning it.")));
  fields[from ?? 0].querySelector("input").focus();
}

/** Dropout, normalization and the residual link of a hidden layer. */
export function openLayer(choices, place, change) {
  const { dropout, norm, skip, units } = choices.hidden[place];
  const changed = (part) => change({ hidden: changedLayers(choices.hidden, part, place) });
  const rate = element("input", { type: "range", min: 0, max: 0.8, step: 0.05, value: dropout });
  const value = element("output", {}, shown(dropout));
  rate.oninput = () => { value.textContent = shown(rate.valueAsNumber); };
  rate.onchange = () => changed({ dropout: rate.valueAsNumber });
  const norms = select(Object.entries(NORMS).map(([name, words]) => [name, say(words)]), norm, (value) => changed({ norm: value }));
  const before = place ? choices.hidden[place - 1].units : choices.inputs.length;
  open(say("Settings of hidden layer {layer}", { layer: place + 1 }), element("div", { className: "fields" },
    element("label", {}, element("span", {}, say("Dropout rate"), " ", value), rate),
    element("label", {}, say("Normalization"), norms),
    checkbox(say("Residual: its input is added to its output"), skip, (checked) => changed({ skip: checked }), { disabled: before !== units }),
    element("p", { className: "quiet" }, say("This needs as many neurons as in the previous layer."))));
}
