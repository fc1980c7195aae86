// The network: a column of neurons for each layer, each with its map, and the links between them by weight.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { inputsOf, takesColumns } from "../session/own_table.js";
import { GRID, gridPoints } from "../session/tables.js";
import { byId, element, shown } from "./element.js";
import { fineOf } from "./fine_maps.js";
import { layersTools, layerTools } from "./layer_tools.js";
import { Links, nextLink } from "./links.js";
import { inputName, layerName, named, nodeName } from "./names.js";
import { Painting } from "./painting.js";

const CROWDED = 12; // neurons of a layer; of more, each is drawn smaller
const FLAT = 28; // pixels of a neuron; in a lower one two numbers stand beside each other
const DEEP = 5; // layers; of more, each is drawn narrower
/** What is wrong with a neuron. */
const STATES = {
  dead: phrase("Dead: no gradient passes for any row, so it cannot learn."),
  saturated: phrase("Saturated: at the limit of its activation for nearly all rows."),
  constant: phrase("Constant: its output is the same everywhere, so nothing can be learned through it."),
};

/** A number that the style sheet computes with. */
const style = (name, value) => document.documentElement.style.setProperty(name, String(value));

export class Picture {
  /** @param {{change: Function, open: Function, look: Function, settings: Function, link: Function}} listeners */
  constructor(listeners) {
    this.listeners = listeners;
    this.links = new Links(listeners, /** @type {any} */ (byId("links")));
    this.painting = new Painting();
    this.health = {};
    this.told = [];
    this.explained = 0;
    const stage = byId("stage");
    const sizes = new ResizeObserver(() => this.frame && this.relay());
    for (const one of [stage, ...document.querySelectorAll("header, .settings, #lesson, #alarm, #motion")]) sizes.observe(one);
    document.addEventListener("scroll", () => this.soon(), { passive: true, capture: true });
    stage.addEventListener("pointermove", (event) => this.point(event));
    stage.addEventListener("click", (event) => this.point(event, true));
  }

  /** The columns anew; of every neuron a button with its map. */
  build(choices, frame) {
    this.choices = choices;
    this.frame = frame;
    this.told = []; // of each layer the numbers that stand in its neurons
    this.widths = [choices.inputs.length, ...frame.dense.map(({ outputs }) => outputs)];
    this.inputs = inputsOf(choices).map((of) => Float32Array.from(gridPoints(), of));
    const columns = byId("columns");
    const focused = document.activeElement?.dataset?.key;
    columns.replaceChildren(...this.widths.map((width, layer) => this.column(layer, width)));
    const most = Math.max(...this.widths);
    byId("stage").classList.toggle("crowded", most > CROWDED);
    byId("stage").classList.toggle("deep", this.widths.length > DEEP);
    style("--units", most);
    style("--columns", this.widths.length);
    this.nodes = this.widths.map((_, layer) => [...columns.children[layer].querySelectorAll(".node")]);
    this.links.build(frame.dense);
    this.fit();
    this.lay();
    this.update(frame);
    this.showWeights();
    if (focused) columns.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  column(layer, width) {
    const { hidden } = this.choices;
    const last = hidden.length + 1;
    const head = element("div", { className: "head" }, element("h3", {}, layerName(layer, last)));
    if (layer === 0) head.append(layersTools(hidden, this.listeners));
    else if (layer < last) head.append(...layerTools(hidden, layer - 1, this.listeners));
    const nodes = Array.from({ length: width }, (_, unit) => this.node(layer, unit));
    return element("div", { className: "column" }, head, element("div", { className: "nodes" }, ...nodes));
  }

  node(layer, unit) {
    const number = element("span", { className: "number" });
    const mark = element("span", { className: "mark", "aria-hidden": "true" });
    const name = nodeName(this.choices, layer, unit);
    const node = element("button", { className: "node", title: name, "aria-label": name }, number, mark);
    Object.assign(node.dataset, { layer, unit, key: `node-${layer}-${unit}` });
    if (layer === 0) node.append(element("span", { className: "name" }, inputName(this.choices.inputs[unit], this.choices)));
    const { look, open } = this.listeners;
    node.onpointerenter = node.onfocus = () => look({ layer, unit });
    node.onpointerleave = () => look(null);
    node.onblur = () => {
      this.from = undefined;
      look(null);
      this.listeners.link(null);
    };
    node.onclick = () => open({ layer, unit, from: this.from });
    if (layer) node.onkeydown = (event) => this.step(event, { layer: layer - 1, to: unit });
    return node;
  }

  /** The arrow keys go from link to link of those into a neuron. */
  step(event, { layer, to }) {
    const from = nextLink(event, this.from, this.widths[layer]);
    if (from === null) return;
    this.from = from;
    this.listeners.link({ layer, from: this.from, to });
    byId("said").textContent = named(say("from {name}", { name: nodeName(this.choices, layer, this.from) }), shown(this.weights[layer][this.from * this.widths[layer + 1] + to]));
  }

  /** The numbers of a node on the finest grid that is there. */
  numbers(layer, unit) {
    const fine = fineOf(this.frame, "units");
    const columns = this.widths[layer];
    if (fine) return { numbers: fine.tables[layer], column: unit, columns, side: fine.side };
    if (layer === 0) return { numbers: this.inputs[unit], column: 0, columns: 1, side: GRID };
    return { numbers: this.frame.maps[layer - 1], column: unit, columns, side: GRID };
  }

  /** Where the network and its neurons begin on the page: the style sheet has both, and the map, end where the screen does. */
  fit() {
    const from = (edge) => `${Math.round(edge + window.scrollY)}px`;
    style("--start", from(byId("network").getBoundingClientRect().top));
    style("--top", from(byId("columns").querySelector(".head").getBoundingClientRect().bottom));
    const told = byId("motion").offsetHeight; // the longest explanation so far: neurons do not grow again behind it
    this.explained = told && Math.max(told, this.explained);
    style("--told", `${this.explained}px`);
    byId("stage").classList.toggle("flat", this.numbered && this.nodes[0][0].offsetHeight < FLAT);
  }

  /** Where everything is: maps within the borders of their neurons, links from the right of one to the left of the next. */
  lay() {
    const stage = byId("stage").getBoundingClientRect();
    const scrolled = byId("stage").scrollLeft;
    const places = this.nodes.map((some) => some.map((node) => {
      const { left, top, width, height } = node.getBoundingClientRect();
      return { x: left - stage.left + scrolled, y: top - stage.top, width, height, edge: node.clientLeft };
    }));
    const [width, height] = [byId("columns").scrollWidth, byId("columns").scrollHeight];
    this.links.lay(places.map((some) => some.map((one) =>
      ({ left: one.x, right: one.x + one.width, y: one.y + one.height / 2 }))), width, height);
    this.painting.lay(width, height, places.map((some) => some.map((one) =>
      ({ x: one.x + one.edge, y: one.y + one.edge, width: one.width - 2 * one.edge, height: one.height - 2 * one.edge }))), this.links.many);
  }

  relay() {
    this.fit();
    this.lay();
    this.soon();
  }

  /** Paint once when all that is going on has been said: before the next picture of the screen. */
  soon() {
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => {
      this.waiting = false;
      if (this.frame) this.paint();
    });
  }

  /** Of many links, the one under the pointer. */
  point(event, chosen = false) {
    if (!this.links.many || event.target.closest("button, select")) return;
    const { left, top } = byId("links").getBoundingClientRect();
    const link = this.links.at(event.clientX - left, event.clientY - top);
    if (chosen && link) this.listeners.open({ layer: link.layer + 1, unit: link.to, from: link.from });
    const pointed = JSON.stringify(link);
    if (pointed !== this.pointed) this.listeners.link(link);
    this.pointed = pointed;
  }

  /** The place of a layer's weights, or of its biases, among all parameters. */
  static place(frame, layer, name) {
    return frame.learned.find((one) => one.layer === frame.dense[layer].layer && one.name === name);
  }

  update(frame) {
    this.frame = frame;
    this.weights = frame.dense.map((_, layer) => {
      const { start, stop } = Picture.place(frame, layer, "W");
      return frame.parameters.subarray(start, stop);
    });
    this.soon();
  }

  /** The links by their weights, and how many there are. */
  showWeights() {
    this.weigh(this.weights);
    const size = say("{parameters} parameters", { parameters: this.frame.parameters.length });
    if (byId("size").textContent !== size) byId("size").textContent = size;
  }

  /** The maps that are seen, and many links behind them. */
  paint() {
    const { painting, links } = this;
    if (!painting.begin()) return;
    if (links.many && painting.anew) painting.links(links);
    if (this.numbered) { // which hide the maps
      painting.show();
      return;
    }
    this.nodes.forEach((some, layer) => some.forEach((_, unit) => {
      if (!painting.sees(layer, unit)) return;
      this.tell(layer, unit, painting.map(layer, unit, this.numbers(layer, unit)));
    }));
    painting.show();
  }

  /** Say what is wrong with a neuron: dead, saturated, or the same answer everywhere. */
  tell(layer, unit, varies) {
    const node = this.nodes[layer][unit];
    const state = this.health[`${layer}-${unit}`] ?? (varies || takesColumns(this.choices) ? "" : "constant");
    if ((node.dataset.state ?? "") === state) return;
    node.dataset.state = state;
    node.classList.toggle("idle", state !== "");
    node.querySelector(".mark").textContent = { dead: "†", saturated: "▲" }[state] ?? "";
    const name = nodeName(this.choices, layer, unit);
    node.title = state ? say("{name}. {state}", { name, state: say(STATES[state]) }) : name;
    node.setAttribute("aria-label", node.title);
  }

  /** Links by numbers of theirs, all layers on one scale: weights, or gradients. */
  weigh(numbers, scale = null) {
    const changed = this.links.weigh(numbers, scale);
    this.painting.anew ||= changed && this.links.many;
    this.soon();
  }

  mark(which) {
    this.links.mark(which);
  }

  /** The weights of all links into a neuron, as they are now, as numbers; null: of none. */
  read(node) {
    this.label(node?.layer ? { layer: node.layer - 1, to: node.unit, from: null, numbers: this.weights[node.layer - 1] } : null);
  }

  label(of) {
    this.links.label(of);
  }

  /** Let a layer stand out (unless it is only to be seen), in the middle where not all are seen; null: none. */
  light(layer, current = true) {
    const [stage, columns] = [byId("stage"), [...byId("columns").children]];
    columns.forEach((column, place) => column.classList.toggle("current", current && place === layer));
    if (layer !== null) this.relay(); // the explanation may be a longer one
    if (layer === null || stage.scrollWidth <= stage.clientWidth) return;
    const { offsetLeft, offsetWidth } = columns[layer];
    stage.scrollLeft = offsetLeft + (offsetWidth - stage.clientWidth) / 2;
  }

  /** Whether numbers stand in the neurons. */
  get numbered() {
    return byId("stage").classList.contains("numbers");
  }

  /** Numbers in the neurons, some for each of every layer; of a layer null: none; null: maps again. Layers as before stay. */
  say(texts) {
    if (this.numbered !== (texts !== null)) {
      byId("stage").classList.toggle("numbers", texts !== null);
      this.relay();
    }
    this.nodes.forEach((some, layer) => {
      const now = texts?.[layer] ?? null;
      if (now === (this.told[layer] ?? null)) return;
      this.told[layer] = now;
      some.forEach((node, unit) => {
        const text = now?.[unit] ?? [];
        node.querySelector(".number").replaceChildren(...text.flatMap(([value, kind]) =>
          [element("span", { className: kind }, shown(value, 2, 1e-3)), " "])); // which fits into a neuron
        node.setAttribute("aria-label", [node.title, text.length ? node.textContent : ""].join(" ").trim());
      });
    });
  }
}
