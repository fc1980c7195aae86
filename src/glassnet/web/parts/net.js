// A small network in SVG: columns of neurons with numbers in them, links by weight. What slow motion draws on.

import { say } from "../language.js";
import { drawn, shown } from "../playground/view/element.js";
import { unitMap } from "../playground/view/heat.js";
import { Links, nextLink } from "../playground/view/links.js";
import { layerName } from "../playground/view/names.js";

const [WIDE, HIGH, GAP, STRIDE, TOP] = [80, 48, 16, 202, 44];
const LEAD = 46; // room for the names of inputs

const text = (x, y, words, kind) => drawn("text", { x, y, class: kind, "text-anchor": "middle" }, words);

export class Net {
  widths; name; listeners; mapped;

  /**
   * @param {{widths: number[], inputs: string[], name: (layer: number, unit: number) => string}} of
   * @param {{look: Function, link: Function}} listeners Of neurons and links that are pointed at.
   */
  constructor({ widths, inputs, name }, listeners) {
    Object.assign(this, { widths, name, listeners });
    const rows = Math.max(...widths);
    const [width, height] = [LEAD + (widths.length - 1) * STRIDE + WIDE + 8, TOP + rows * (HIGH + GAP)];
    this.svg = drawn("svg", { class: "net", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": say("Network") });
    this.svg.style.maxWidth = `${1.15 * width}px`;
    this.places = widths.map((count, layer) => Array.from({ length: count }, (_, unit) => ({
      x: LEAD + layer * STRIDE, y: TOP + (rows * (HIGH + GAP) * (unit + 0.5)) / count - HIGH / 2 - GAP / 2,
    })));
    const group = drawn("g", { class: "links", "aria-hidden": "true", "data-symbol": "w" });
    this.links = new Links({ link: (which) => which && listeners.link(which), open: () => {} }, /** @type {any} */ (group), { digits: 3, most: Infinity });
    this.links.build(widths.slice(1).map((outputs, layer) => ({ inputs: widths[layer], outputs })));
    this.links.lay(this.places.map((some) => some.map(({ x, y }) => ({ left: x, right: x + WIDE, y: y + HIGH / 2 }))));
    this.columns = widths.map((count, layer) => this.column(layer, count, inputs));
    this.svg.append(group, ...this.columns.map(({ group: one }) => one));
  }

  column(layer, count, inputs) {
    const last = this.widths.length - 1;
    const nodes = Array.from({ length: count }, (_, unit) => this.node(layer, unit, inputs));
    const symbol = layer === 0 ? "x" : layer === last ? "output back_output L" : "hidden back_hidden";
    const group = drawn("g", { class: "column", "data-symbol": symbol }, text(LEAD + layer * STRIDE + WIDE / 2, 18, layerName(layer, last), "title"), ...nodes.map(({ group: one }) => one));
    return { group, nodes };
  }

  node(layer, unit, inputs) {
    const { x, y } = this.places[layer][unit];
    const map = drawn("image", { x: x + 2, y: y + 2, width: WIDE - 4, height: HIGH - 4, preserveAspectRatio: "none" });
    const lines = drawn("g");
    const name = this.name(layer, unit);
    const group = drawn("g", { class: "node", tabindex: 0, role: "img", "aria-label": name },
      drawn("rect", { x, y, width: WIDE, height: HIGH, rx: 7 }), map, lines);
    if (layer === 0) group.append(drawn("text", { x: x - 6, y: y + HIGH / 2 + 5, class: "name", "text-anchor": "end" }, inputs[unit]));
    const look = () => layer > 0 && this.listeners.look({ layer: layer - 1, to: unit });
    group.addEventListener("pointerenter", look);
    group.addEventListener("focus", look);
    let from = 0;
    if (layer) group.addEventListener("keydown", (event) => {
      const next = nextLink(event, from, this.widths[layer - 1]);
      if (next !== null) this.listeners.link({ layer: layer - 1, from: (from = next), to: unit });
    });
    return { group, map, lines };
  }

  /** What each neuron answers over the plane: a table of numbers for each layer, (side², units). */
  paint(maps, side) {
    const canvas = document.createElement("canvas");
    this.columns.forEach(({ nodes }, layer) => nodes.forEach(({ map }, unit) => {
      unitMap(canvas, side, maps[layer], unit, this.widths[layer]);
      map.setAttribute("href", canvas.toDataURL());
    }));
  }

  /** Numbers in the neurons, some for each of every layer; null, or where maps are asked for: maps. */
  say(texts) {
    this.svg.classList.toggle("numbers", texts !== null && !this.mapped);
    this.columns.forEach(({ nodes }, layer) => nodes.forEach(({ group, lines }, unit) => {
      const found = texts?.[layer]?.[unit] ?? [];
      const { x, y } = this.places[layer][unit];
      const told = found.map(([value, kind]) => [`${kind.startsWith("back") ? "δ " : ""}${typeof value === "string" ? value : shown(value, 3)}`, kind]);
      lines.replaceChildren(...told.map(([words, kind], place) =>
        text(x + WIDE / 2, y + (told.length > 1 ? 19 + 17 * place : 28), words, kind)));
      group.setAttribute("aria-label", [this.name(layer, unit), ...told.map(([words]) => words)].join(" "));
    }));
  }

  /** Let a layer stand out; null, or one that is only to be seen: all alike. */
  light(layer, current = true) {
    this.columns.forEach(({ group }, place) => group.classList.toggle("dim", current && layer !== null && place !== layer));
  }

  weigh = (numbers, scale = null) => this.links.weigh(numbers, scale);
  mark = (which) => this.links.mark(which);
  label = (of) => this.links.label(of);
}
