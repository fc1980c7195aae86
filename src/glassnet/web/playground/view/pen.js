// Points drawn on the plane: with the pointer, or with the arrow keys and Enter.

import { say } from "../../language.js";
import { LEAST_ROWS, MOST_CLASSES, MOST_ROWS } from "../session/own_table.js";
import { moved, short, Strokes } from "./drawable.js";
import { byId, element, refill, swatch } from "./element.js";
import { css, ofClass, signed, theColors } from "./heat.js";
import { className } from "./names.js";
import { place } from "./output.js";

const NEAR = 0.18; // how close two points of one stroke may be
const RUBBER = 0.3;

/** @typedef {[number, number, number]} Row */

export class Pen {
  target; page;

  /** @param {{use: (points: Row[]) => void, points: () => Row[], facts: () => object, redraw: () => void}} page */
  constructor(page) {
    Object.assign(this, { page, active: false, target: 0, rubber: false, cross: { x: 0, y: 0 }, rows: [] });
    new Strokes({ active: () => this.active, begin: (at) => this.touch(at), on: (at) => this.touch(at), end: () => this.lift(), key: (event) => this.key(event) });
  }

  /** A point more here, or with the rubber those around it fewer. */
  touch({ x, y }) {
    const distance = ([a, b]) => Math.hypot(a - x, b - y);
    if (this.rubber) this.rows = this.rows.filter((row) => distance(row) > RUBBER);
    else if (this.rows.length < MOST_ROWS && !this.rows.slice(-1).some((row) => distance(row) < NEAR)) {
      this.rows = [...this.rows, [short(x), short(y), this.target]];
    }
    this.page.redraw();
  }

  /** The points to show: while it draws, its own. */
  shown(points) {
    return this.active ? { train: this.rows.map(([x, y, target]) => ({ x, y, target })), test: [] } : points;
  }

  /** How many classes there are among its points. */
  get known() {
    return this.rows.reduce((most, [, , target]) => Math.max(most, target + 1), 2);
  }

  /** What is to be known of the points that are shown. */
  facts(facts) {
    return this.active && facts.classes ? { ...facts, classes: this.known } : facts;
  }

  /** Where the arrow keys have come to. */
  drawCross() {
    if (!this.active || document.activeElement !== byId("plane")) return;
    const context = byId("points").getContext("2d");
    const { width, height } = byId("points").getBoundingClientRect();
    const [x, y] = place(this.cross, width, height);
    context.strokeStyle = theColors().ink;
    context.lineWidth = 2;
    context.beginPath();
    for (const [dx, dy] of [[9, 0], [0, 9]]) {
      context.moveTo(x - dx, y - dy);
      context.lineTo(x + dx, y + dy);
    }
    context.stroke();
  }

  /** The stroke is over: the network learns from the new points. */
  lift() {
    this.show();
    if (this.rows.length >= LEAST_ROWS) this.page.use(this.rows);
  }

  key(event) {
    const cross = moved(this.cross, event);
    if (cross) {
      this.cross = cross;
      this.page.redraw();
    } else if (event.key === "Enter" || event.key === " ") {
      this.touch(this.cross);
      this.lift();
    } else return false;
    return true;
  }

  /** Put it away, where other points have come. */
  rest() {
    if (this.active) this.toggle();
  }

  toggle() {
    this.active = !this.active;
    this.rows = this.active ? this.page.points() : [];
    Strokes.use(this.active);
    this.show();
    this.page.redraw();
  }

  /** The bar above the plane: what is drawn, the rubber, and an empty plane. */
  show() {
    const bar = byId("pen");
    byId("draw").setAttribute("aria-pressed", String(this.active));
    bar.hidden = !this.active;
    if (!this.active) return;
    byId("plane").setAttribute("aria-label", say("Drawing area: the arrow keys move the cursor, Enter adds a point"));
    const { classes } = this.page.facts();
    const { known } = this;
    const targets = classes ? Array.from({ length: Math.min(MOST_CLASSES, known + 1) }, (_, place) => place) : [-1, 0, 1];
    const button = (key, words, pressed, action, ...more) => element("button",
      { "aria-pressed": pressed, "data-pen": key, onclick: () => { action(); this.show(); } }, ...more, words);
    refill(bar, "pen",
      ...targets.map((target) => {
        const color = css(classes ? ofClass(target, Math.max(known, target + 1)) : signed(target));
        const words = classes ? className(this.page.facts(), target) : String(target).replace("-", "−");
        return button(`target-${target}`, words, !this.rubber && this.target === target,
          () => Object.assign(this, { target, rubber: false }), swatch({ fill: color }));
      }),
      button("rubber", say("Erase"), this.rubber, () => { this.rubber = true; }),
      button("clear", say("Clear all"), false, () => { this.rows = []; this.page.redraw(); }),
      element("p", { className: "quiet", role: "status" },
        this.rows.length < LEAST_ROWS ? say("Add {count} more points to start training.", { count: LEAST_ROWS - this.rows.length }) : say("Draw on the map below, with the pointer or with the arrow keys and Enter.")));
  }
}
