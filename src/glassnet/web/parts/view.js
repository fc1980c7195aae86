// A step of a small network in slow motion, wherever its numbers come from: the engine in the page, or Python.

import { say } from "../language.js";
import { phrase } from "../phrase.js";
import { element } from "../playground/view/element.js";
import { Motion } from "../playground/view/motion.js";
import { layerName, unitName } from "../playground/view/names.js";
import { Net } from "./net.js";

class Steps extends Motion {
  hints = [
    phrase("Use the left and right arrow keys to step back and forth."), phrase("Point at another neuron to see its numbers."),
    phrase("When a neuron has the focus, the up and down arrow keys select one of its links."),
  ];

  choices() {
    return this.page.choices(this);
  }
}

/**
 * @typedef {object} Step
 * @property {object} slowed As `slow_step.js` gives it.
 * @property {Record<string, [number[], number[]]>} curves Of each activation.
 * @property {{loss: string, outputs: number, optimizer: string, penalty: string, strength: number}} facts
 * @property {string[]} inputs What the inputs are called.
 * @property {(string|undefined)[]} activations Of each dense layer; none where it gives its sums.
 * @property {{numbers: Float32Array[], side: number}} [maps] What each layer answers over the plane.
 */

/**
 * Show a step in a box; gives its slow motion.
 * @param {ShadowRoot} root
 * @param {HTMLElement} box
 * @param {Step} step
 * @param {{beat?: number, row?: number|null, choices?: (motion: Motion) => Node[]}} of What a reader finds at first.
 */
export function showStep(root, box, step, { beat = 0, row = 0, choices = () => [] } = {}) {
  const { slowed, inputs, activations } = step;
  const dense = slowed.layers.filter(({ kind }) => kind === "dense");
  const widths = [dense[0].inputs, ...dense.map(({ outputs }) => outputs)];
  const last = widths.length - 1;
  const name = (layer, unit) => unitName(layer, unit, last, inputs);
  const net = new Net({ widths, inputs, name }, {
    look: (which) => motion.look(which),
    link: (which) => motion.look(which),
  });
  const focused = root.activeElement?.dataset?.motion; // what has the focus keeps it
  if (step.maps) net.paint(step.maps.numbers, step.maps.side);
  box.replaceChildren(element("div", { id: "stage", tabIndex: 0, role: "group", "aria-label": say("Network") }, net.svg),
    element("div", { id: "motion" }), element("p", { id: "legend", hidden: true }));
  const motion = new Steps(net, {
    ask: () => {}, questions: () => [], chosen: () => {}, close: () => {}, choices,
    facts: () => step.facts,
    names: () => ({
      unit: name,
      layer: (layer) => layerName(layer, last),
      activation: (layer) => activations[layer],
    }),
  }, root);
  Object.assign(motion, { open: true, row, beat: 0 });
  motion.receive(step);
  motion.go(beat);
  if (focused) box.querySelector(`[data-motion="${focused}"]`)?.focus();
  return motion;
}
