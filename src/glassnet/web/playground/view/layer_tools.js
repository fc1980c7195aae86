// What stands at the head of a column of neurons: buttons for more and fewer layers and neurons, the activation, the settings.

import { say } from "../../language.js";
import { ACTIVATIONS, changedLayers, MOST_LAYERS, MOST_UNITS } from "../session/choices.js";
import { button, element, select } from "./element.js";
import { layerName, named } from "./names.js";

const tool = (key, words, text, action, disabled = false) =>
  button(text, action, { "aria-label": words, title: words, disabled, "data-key": key });

/** More hidden layers, or fewer. */
export function layersTools(hidden, { change }) {
  const more = { units: 4, activation: hidden.at(-1)?.activation ?? "tanh", dropout: 0, norm: "none", skip: false };
  return element("div", { className: "tools" },
    tool("fewer", say("Remove the last hidden layer"), "−", () => change({ hidden: hidden.slice(0, -1) }), !hidden.length),
    tool("more", say("Add a hidden layer"), "+", () => change({ hidden: [...hidden, more] }), hidden.length >= MOST_LAYERS));
}

/** Neurons of a hidden layer, one more or one fewer; its activation; the rest. */
export function layerTools(hidden, place, { change, settings }) {
  const { units, activation } = hidden[place];
  const layer = place + 1;
  const changed = (part) => change({ hidden: changedLayers(hidden, part, place) });
  return [
    element("div", { className: "tools" },
      tool(`less-${place}`, say("Remove a neuron from hidden layer {layer}", { layer }), "−", () => changed({ units: units - 1 }), units < 2),
      tool(`plus-${place}`, say("Add a neuron to hidden layer {layer}", { layer }), "+", () => changed({ units: units + 1 }), units >= MOST_UNITS),
      tool(`set-${place}`, say("Settings of hidden layer {layer}", { layer }), "⋯", () => settings(place))),
    select(ACTIVATIONS.map((name) => [name, name]), activation, (value) => changed({ activation: value }),
      { "aria-label": named(say("Activation"), layerName(layer)), "data-key": `activation-${place}` }),
  ];
}
