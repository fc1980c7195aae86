// Links between neurons by weight: curves in SVG where they can be told apart, and where there are many, a canvas.

import { drawn, shown } from "./element.js";
import { css, largestOf, signed } from "./heat.js";

/** Widths of links that can be told apart. */
export const LEVELS = 60;
const MANY = 400; // links; of more, SVG takes longer than a frame
const NEAR = 6; // pixels between the pointer and a link of many

/** A link's level, from -61 for the most negative to 61: its colour and width follow. */
const levelOf = (number, largest) =>
  Math.sign(number) * Math.round(1 + LEVELS * Math.min(1, Math.abs(number) / largest)) || 0;

/** The same as a share, from 0 to 1. */
export const shareOf = (level) => Math.max(0, Math.abs(level) - 1) / LEVELS;

/** How far along its way, and down, a curve is at a time from 0 to 1. */
const along = (time) => 1.5 * time * (1 - time) + time ** 3;
const down = (time) => time * time * (3 - 2 * time);

/** How far down a curve is, by how far along it is. */
export function bend(share) {
  let [low, high] = [0, 1];
  for (let halved = 0; halved < 20; halved++) {
    const middle = (low + high) / 2;
    if (along(middle) < share) low = middle;
    else high = middle;
  }
  return down((low + high) / 2);
}

/** The link into a neuron to which an arrow key leads from another one, or from none; null: it is another key. */
export function nextLink(event, from, count) {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way) return null;
  event.preventDefault();
  return ((from ?? (way > 0 ? -1 : 0)) + way + count) % count;
}

export class Links {
  /**
   * @param {{link: Function, open: Function}} listeners
   * @param {SVGElement} svg What they are drawn in.
   * @param {{digits?: number, most?: number}} of Digits of labels; of more links, none are drawn in SVG.
   */
  constructor(listeners, svg, { digits = 2, most = MANY } = {}) {
    this.listeners = listeners;
    this.svg = svg;
    this.digits = digits;
    this.most = most;
  }

  /** For other layers: `{inputs, outputs}` of each. */
  build(dense) {
    this.dense = dense;
    this.many = dense.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0) > this.most;
    this.levels = dense.map(({ inputs, outputs }) => new Int8Array(inputs * outputs));
    this.marked = this.labelled = null;
    this.paths = this.many ? [] : dense.map(({ inputs, outputs }, layer) =>
      Array.from({ length: inputs * outputs }, (_, place) => this.path(layer, Math.floor(place / outputs), place % outputs)));
    this.svg.replaceChildren(...this.paths.flat());
  }

  path(layer, from, to) {
    const path = drawn("path", { fill: "none" });
    path.onpointerenter = () => this.listeners.link({ layer, from, to });
    path.onpointerleave = () => this.listeners.link(null);
    path.onclick = () => this.listeners.open({ layer: layer + 1, unit: to, from });
    return path;
  }

  /** Where neurons are, layer by layer: `{left, right, y}` of each. */
  lay(boxes, width = 0, height = 0) {
    this.boxes = boxes;
    if (width) this.svg.setAttribute("width", String(width));
    if (height) this.svg.setAttribute("height", String(height));
    this.paths.forEach((paths, layer) => paths.forEach((path, place) => path.setAttribute("d", this.curve(layer, place))));
    if (this.many && this.marked) this.marked.setAttribute("d", this.curve(...this.markedAt));
    this.label(this.labelled);
  }

  /** The two ends of a link: from the right of one neuron to the left of the next. */
  ends(layer, place) {
    const { outputs } = this.dense[layer];
    return [this.boxes[layer][Math.floor(place / outputs)], this.boxes[layer + 1][place % outputs]];
  }

  curve(layer, place) {
    const [from, to] = this.ends(layer, place);
    const half = (to.left - from.right) / 2;
    return `M${from.right},${from.y}C${from.right + half},${from.y} ${to.left - half},${to.y} ${to.left},${to.y}`;
  }

  /** Links by numbers of theirs, all layers on one scale: weights, or gradients. Gives whether any looks otherwise than before. */
  weigh(numbers, scale = null) {
    const largest = scale ?? numbers.reduce((most, some) => Math.max(most, largestOf(some)), 1);
    let changed = false;
    numbers.forEach((some, layer) => {
      const levels = this.levels[layer];
      for (let place = 0; place < some.length; place++) {
        const level = levelOf(some[place], largest);
        if (levels[place] === level) continue; // most links look as before
        levels[place] = level;
        changed = true;
        if (!this.many) this.look(this.paths[layer][place], level);
      }
    });
    return changed;
  }

  look(path, level) {
    const share = shareOf(level);
    path.setAttribute("stroke", css(signed(Math.sign(level) * (0.25 + 0.75 * share))));
    path.setAttribute("stroke-width", (0.6 + 7 * share).toFixed(2));
  }

  /** Mark a link; none, where it is null. */
  mark(which) {
    if (this.many) this.marked?.remove();
    else this.marked?.removeAttribute("class");
    this.marked = null;
    if (!which) return;
    const place = which.from * this.dense[which.layer].outputs + which.to;
    if (this.many) {
      this.markedAt = [which.layer, place];
      this.marked = drawn("path", { fill: "none", d: this.curve(which.layer, place) });
      this.look(this.marked, this.levels[which.layer][place]);
      this.svg.prepend(this.marked);
    } else this.marked = this.paths[which.layer][place];
    this.marked.setAttribute("class", "marked");
  }

  /** Write the numbers of all links into a neuron beside them; null: of none. */
  label(of) {
    this.labelled = of;
    for (const one of this.svg.querySelectorAll("text")) one.remove();
    if (!of) return;
    const { inputs, outputs } = this.dense[of.layer];
    for (let from = 0; from < inputs; from++) {
      const [start, end] = this.ends(of.layer, from * outputs + of.to);
      const gap = end.left - start.right;
      const share = Math.max(0.3, Math.min(0.5, 28 / gap)); // half a number, at least, from the neuron before it
      const [x, y] = [start.right + share * gap, start.y + bend(share) * (end.y - start.y) + 4];
      const text = drawn("text", { x, y, class: from === of.from ? "chosen" : "" });
      text.textContent = shown(of.numbers[from * outputs + of.to], this.digits);
      this.svg.append(text);
    }
  }

  /** Of many links, the one at a place of the picture; null: none is near. */
  at(x, y) {
    const layer = this.dense.findIndex((_, one) => this.boxes[one][0].right < x && x < this.boxes[one + 1][0].left);
    if (layer < 0) return null;
    const { outputs } = this.dense[layer];
    const [left, right] = [this.boxes[layer][0].right, this.boxes[layer + 1][0].left];
    const share = bend((x - left) / (right - left));
    let [best, nearest] = [null, NEAR];
    for (let place = 0; place < this.levels[layer].length; place++) {
      const [from, to] = this.ends(layer, place);
      const distance = Math.abs(from.y + share * (to.y - from.y) - y);
      if (distance < nearest) [best, nearest] = [{ layer, from: Math.floor(place / outputs), to: place % outputs }, distance];
    }
    return best;
  }
}
