// The network: a column of neurons for each layer, each with its map, and the links between them by weight.

import { ACTIVATIONS, MOST_LAYERS, MOST_UNITS } from "./choices.js";
import { drawn, element, shown } from "./element.js";
import { css, signed, unitMap } from "./heat.js";
import { INPUTS, REACH } from "./tables.js";
import { say } from "./words.js";

const GRID = 40;
const LEVELS = 60; // as many widths of links can be told apart
const at = (id) => document.getElementById(id);
const below = (text) => text.replace(/x1/g, "x₁").replace(/x2/g, "x₂").replace(/\^2/g, "²").replace("*", "");

/** How inputs are called. */
export const inputName = below;

/** What a node is called; layer 0 are the inputs. */
export function nodeName(choices, layer, unit) {
  if (layer === 0) return say("unitInput", { name: below(choices.inputs[unit]) });
  if (layer > choices.hidden.length) return say("unitOutput", { unit: unit + 1 });
  return say("unit", { layer, unit: unit + 1 });
}

export class Picture {
  /** @param {{change: Function, open: Function, look: Function, settings: Function, link: Function}} listeners */
  constructor(listeners) {
    this.listeners = listeners;
    new ResizeObserver(() => this.frame && this.lay()).observe(at("stage"));
  }

  /** The columns anew; of every neuron a button with its map. */
  build(choices, frame) {
    this.choices = choices;
    this.frame = frame;
    this.widths = [choices.inputs.length, ...frame.dense.map(({ outputs }) => outputs)];
    const columns = at("columns");
    const focused = document.activeElement?.dataset?.key;
    columns.replaceChildren(...this.widths.map((width, layer) => this.column(layer, width)));
    this.links = null;
    this.lay();
    this.update(frame);
    if (focused) columns.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  column(layer, width) {
    const { hidden } = this.choices;
    const last = hidden.length + 1;
    const title = layer === 0 ? say("input") : layer === last ? say("output") : say("hidden", { layer });
    const head = element("div", { className: "head" }, element("h3", {}, title));
    if (layer === 0) head.append(this.layers());
    else if (layer < last) head.append(...this.tools(layer - 1));
    const nodes = Array.from({ length: width }, (_, unit) => this.node(layer, unit));
    return element("div", { className: "column" }, head, element("div", { className: "nodes" }, ...nodes));
  }

  button(key, words, text, action, disabled = false) {
    const button = element("button", { "aria-label": words, title: words, disabled, onclick: action }, text);
    button.dataset.key = key;
    return button;
  }

  /** More layers, or fewer. */
  layers() {
    const { hidden } = this.choices;
    const { change } = this.listeners;
    const more = { units: 4, activation: hidden.at(-1)?.activation ?? "tanh", dropout: 0, norm: "none", skip: false };
    return element("div", { className: "tools" },
      this.button("fewer", say("removeLayer"), "−", () => change({ hidden: hidden.slice(0, -1) }), !hidden.length),
      this.button("more", say("addLayer"), "+", () => change({ hidden: [...hidden, more] }), hidden.length >= MOST_LAYERS));
  }

  /** Neurons of a hidden layer, one more or one fewer; its activation; the rest. */
  tools(place) {
    const { hidden } = this.choices;
    const { units, activation } = hidden[place];
    const layer = place + 1;
    const changed = (part) => this.listeners.change({
      hidden: hidden.map((one, number) => (number === place ? { ...one, ...part } : one)),
    });
    const select = element("select", { "aria-label": `${say("activation")}: ${say("hidden", { layer })}` },
      ...ACTIVATIONS.map((name) => element("option", { value: name, selected: name === activation }, name)));
    select.onchange = () => changed({ activation: select.value });
    select.dataset.key = `activation-${place}`;
    return [
      element("div", { className: "tools" },
        this.button(`less-${place}`, say("removeUnit", { layer }), "−", () => changed({ units: units - 1 }), units < 2),
        this.button(`plus-${place}`, say("addUnit", { layer }), "+", () => changed({ units: units + 1 }), units >= MOST_UNITS),
        this.button(`set-${place}`, say("moreOf", { layer }), "⋯", () => this.listeners.settings(place))),
      select,
    ];
  }

  node(layer, unit) {
    const canvas = element("canvas");
    const number = element("span", { className: "number" });
    const name = nodeName(this.choices, layer, unit);
    const node = element("button", { className: "node", title: name, "aria-label": name }, canvas, number);
    Object.assign(node.dataset, { layer, unit, key: `node-${layer}-${unit}` });
    if (layer === 0) node.append(element("span", { className: "name" }, below(this.choices.inputs[unit])));
    const { look, open } = this.listeners;
    node.onpointerenter = node.onfocus = () => look({ layer, unit });
    node.onpointerleave = node.onblur = () => look(null);
    node.onclick = () => open({ layer, unit });
    return node;
  }

  nodes(layer) {
    return [...at("columns").children[layer].querySelectorAll(".node")];
  }

  /** The numbers of a node on the grid. */
  numbers(layer, unit) {
    if (layer > 0) return { numbers: this.frame.maps[layer - 1], column: unit, columns: this.widths[layer] };
    const input = INPUTS[this.choices.inputs[unit]];
    const numbers = Float32Array.from({ length: GRID * GRID }, (_, place) =>
      input(((place % GRID + 0.5) / GRID) * 2 * REACH - REACH, REACH - ((Math.floor(place / GRID) + 0.5) / GRID) * 2 * REACH));
    return { numbers, column: 0, columns: 1 };
  }

  /** Where the links run: from the right of one node to the left of the next. */
  lay() {
    const stage = at("stage").getBoundingClientRect();
    const scrolled = at("stage").scrollLeft;
    const boxes = this.widths.map((_, layer) => this.nodes(layer).map((node) => {
      const { left, right, top, height } = node.querySelector("canvas").getBoundingClientRect();
      return { left: left - stage.left + scrolled, right: right - stage.left + scrolled, y: top - stage.top + height / 2 };
    }));
    const svg = at("links");
    svg.setAttribute("width", at("columns").scrollWidth);
    svg.setAttribute("height", at("columns").scrollHeight);
    if (!this.links) {
      this.links = this.frame.dense.map(({ inputs, outputs }, layer) =>
        Array.from({ length: inputs * outputs }, (_, place) => this.link(layer, Math.floor(place / outputs), place % outputs)));
      svg.replaceChildren(...this.links.flat());
    }
    this.frame.dense.forEach(({ outputs }, layer) => this.links[layer].forEach((path, place) => {
      const from = boxes[layer][Math.floor(place / outputs)];
      const to = boxes[layer + 1][place % outputs];
      const bend = (to.left - from.right) / 2;
      path.setAttribute("d", `M${from.right},${from.y}C${from.right + bend},${from.y} ${to.left - bend},${to.y} ${to.left},${to.y}`);
    }));
  }

  link(layer, from, to) {
    const path = drawn("path", { fill: "none" });
    const which = { layer, from, to };
    path.onpointerenter = () => this.listeners.link(which);
    path.onpointerleave = () => this.listeners.link(null);
    path.onclick = () => this.listeners.open({ layer: layer + 1, unit: to, from });
    return path;
  }

  /** The place of a layer's weights, or of its biases, among all parameters. */
  static place(frame, layer, name) {
    return frame.learned.find((one) => one.layer === frame.dense[layer].layer && one.name === name);
  }

  update(frame) {
    this.frame = frame;
    this.widths.forEach((width, layer) => this.nodes(layer).forEach((node, unit) => {
      const { numbers, column, columns } = this.numbers(layer, unit);
      const varies = unitMap(node.querySelector("canvas"), GRID, numbers, column, columns);
      node.classList.toggle("dead", !varies);
      node.title = [nodeName(this.choices, layer, unit), ...(varies ? [] : [say("dead")])].join(". ");
    }));
    this.weigh(frame.dense.map((_, layer) => {
      const { start, stop } = Picture.place(frame, layer, "W");
      return frame.parameters.subarray(start, stop);
    }));
    const parameters = frame.parameters.length;
    at("size").textContent = say("size", { parameters });
  }

  /** Links by numbers of theirs, all layers on one scale: weights, or gradients. */
  weigh(numbers, scale = null) {
    const largest = scale ?? Math.max(1, ...numbers.map((some) => some.reduce((most, one) => Math.max(most, Math.abs(one)), 0)));
    numbers.forEach((some, layer) => some.forEach((number, place) => {
      const path = this.links[layer][place];
      const level = Math.sign(number) * Math.round(1 + LEVELS * Math.min(1, Math.abs(number) / largest));
      if (path.level === level) return; // most links look as before, and there may be thousands
      const share = Math.max(0, Math.abs(level) - 1) / LEVELS;
      path.level = level;
      path.setAttribute("stroke", css(signed(Math.sign(level) * (0.25 + 0.75 * share))));
      path.setAttribute("stroke-width", (0.6 + 7 * share).toFixed(2));
    }));
  }

  /** Mark a link; none, where it is null. */
  mark(which) {
    this.marked?.removeAttribute("class");
    this.marked = which && this.links[which.layer][which.from * this.widths[which.layer + 1] + which.to];
    this.marked?.setAttribute("class", "marked");
  }

  /** Let a layer stand out; null: all alike. */
  light(layer) {
    [...at("columns").children].forEach((column, place) =>
      column.classList.toggle("dim", layer !== null && place !== layer));
  }

  /** Write the numbers of all links into a neuron beside them; null: of none. */
  label(of) {
    const svg = at("links");
    for (const one of svg.querySelectorAll("text")) one.remove();
    if (!of) return;
    const outputs = this.widths[of.layer + 1];
    for (let from = 0; from < this.widths[of.layer]; from++) {
      const path = this.links[of.layer][from * outputs + of.to];
      const { x, y } = path.getPointAtLength(0.3 * path.getTotalLength());
      const text = drawn("text", { x, y: y + 4, class: from === of.from ? "chosen" : "" });
      text.textContent = shown(of.numbers[from * outputs + of.to], 2);
      svg.append(text);
    }
  }

  /** Numbers on the nodes, a text for each of every layer; null: maps again. */
  say(texts) {
    const changed = at("stage").classList.contains("numbers") !== (texts !== null);
    at("stage").classList.toggle("numbers", texts !== null);
    if (changed) this.lay();
    this.widths.forEach((_, layer) => this.nodes(layer).forEach((node, unit) => {
      const text = texts?.[layer]?.[unit] ?? [];
      node.querySelector(".number").replaceChildren(...text.flatMap(([value, kind]) =>
        [element("span", { className: kind }, shown(value, 2)), " "]));
      node.setAttribute("aria-label", [node.title, text.length ? node.textContent : ""].join(" ").trim());
    }));
  }
}

