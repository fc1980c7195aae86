// <glassnet-landscape>: a ball on a loss surface of one number or two, rolling by an optimizer's rule.

import { say } from "../language.js";
import { phrase } from "../phrase.js";
import { curve, follow, near, plot } from "../playground/view/chart.js";
import { ARROWS, button, drawn, element, shown } from "../playground/view/element.js";
import { choice, powers, readings } from "./controls.js";
import { Descent, rateFor } from "./descent.js";
import { OPTIMIZERS, SURFACES } from "./formulas.js";
import { Ground } from "./ground.js";
import { Motor } from "./motor.js";
import { Part } from "./part.js";
import { surfaceName } from "./surface_names.js";

const [WIDTH, HEIGHT] = [560, 330];
const MOST = 400; // steps of one run
const PACE = 4; // frames for each step, so that eyes can follow

export class LandscapePart extends Part {
  static attributes = ["surface", "start", "rate", "optimizer"];
  static symbols = ["theta", "g", "alpha", "L", "step"];

  read() {
    for (const [name, otherwise, record] of [["surface", "valleys", SURFACES], ["optimizer", "sgd", OPTIMIZERS]]) this.one(name, otherwise, record);
    this.settle(this.text("surface", "valleys"), this.text("optimizer", "sgd"), true);
  }

  /** Another surface or optimizer: the ball begins anew. */
  settle(surface, optimizer, asked = false) {
    this.rest();
    const { reach, start } = SURFACES[surface];
    this.chosen = surface;
    const from = asked ? this.numbers("start", start.join(), reach.length) : start;
    const rate = asked ? this.number("rate", String(rateFor(surface, optimizer)), 1e-6, 100) : rateFor(surface, optimizer);
    this.start = from;
    this.descent = new Descent(surface, optimizer, rate, from);
  }

  rest() {
    this.motor?.stop();
  }

  build() {
    this.rest();
    const { descent, chosen } = this;
    const two = descent.surface.reach.length > 1;
    this.drawing = two ? this.above() : this.beside();
    const again = (surface, optimizer) => { this.settle(surface, optimizer); this.build(); };
    const rate = powers({ label: say("Learning rate"), symbol: "alpha", low: 1e-4, high: 5, value: descent.rate, change: (now) => { descent.rate = now; } });
    const step = () => descent.step() && !descent.rests && descent.t % MOST !== 0;
    this.motor = new Motor({ words: say("Run"), step, show: () => this.show(), pace: PACE });
    this.numbersShown = readings([say("steps"), say("place"), say("loss"), say("gradient")], ["", "theta", "L", "g"]);
    this.verdict = element("p", { className: "verdict", "aria-live": "polite" });
    this.box.replaceChildren(element("div", { role: "group", "aria-label": say("Loss landscape") },
      element("div", { className: "choices" },
        choice({ label: say("Surface"), names: Object.keys(SURFACES), value: chosen, called: surfaceName, change: (name) => again(name, descent.name) }),
        choice({ label: say("Optimizer"), names: Object.keys(OPTIMIZERS), value: descent.name, change: (name) => again(chosen, name) }),
        rate),
      this.drawing.svg,
      element("div", { className: "bar" }, this.motor.button,
        button(say("One step"), () => { this.rest(); descent.step(); this.show(); }, { "data-symbol": "step" }),
        button(say("Start over"), () => { this.rest(); this.put(this.start); })),
      this.numbersShown.list, this.verdict, element("p", { className: "quiet" }, say("Click, or press the arrow keys, to move the ball."))));
    this.drawing.svg.tabIndex = 0;
    this.drawing.svg.addEventListener("keydown", (event) => this.nudge(event));
    this.show();
  }

  put(place) {
    this.start = place;
    this.descent.begin(place);
    this.show();
  }

  /** Move the ball by a twentieth of the field with the arrow keys. */
  nudge(event) {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    this.rest();
    this.put(this.descent.place.map((one, direction) => {
      const [low, high] = this.descent.surface.reach[direction];
      return Math.max(low, Math.min(high, one + (way[direction] * (high - low)) / 20));
    }));
  }

  /** A surface of two numbers, seen from above. */
  above() {
    const ground = new Ground(this.descent.surface, { label: "", put: (place) => { this.rest(); this.put(place); } });
    return { svg: ground.field.svg, show: () => ground.show([[this.descent.path, "color-6"]]) };
  }

  /** A surface of one number, seen from the side. */
  beside() {
    const { surface } = this.descent;
    const [xs] = surface.reach;
    const heights = Array.from({ length: 101 }, (_, place) => surface.f(xs[0] + ((xs[1] - xs[0]) * place) / 100));
    const [low, high] = [Math.min(...heights), Math.max(...heights)];
    const ys = [low - 0.08 * (high - low), high + 0.08 * (high - low)];
    const field = plot({ width: WIDTH, height: HEIGHT, xs, ys, label: "", x: "x", y: "" });
    const marks = drawn("g");
    field.inside.append(drawn("path", { class: "curve color-1", "data-symbol": "L", d: curve(field, surface.f, xs, ys) }), marks);
    follow(field.svg, (event) => {
      this.rest();
      this.put([Math.max(xs[0], Math.min(xs[1], field.at(event)[0]))]);
    });
    const show = () => {
      const { path, losses, place, gradient } = this.descent;
      const { x, y } = field;
      const stops = path.slice(-60).map(([one], number) => drawn("circle", { class: "stop color-6", cx: near(x(one)), cy: near(y(losses.slice(-60)[number])), r: 3 }));
      const [px, py, reach] = [place[0], losses.at(-1), (xs[1] - xs[0]) / 10];
      marks.replaceChildren(
        drawn("path", { class: "tangent", "data-symbol": "g", d: `M${near(x(px - reach))},${near(y(py - gradient[0] * reach))}L${near(x(px + reach))},${near(y(py + gradient[0] * reach))}` }),
        ...stops, drawn("circle", { class: "ball color-6", "data-symbol": "theta", cx: near(x(px)), cy: near(y(py)), r: 9 }));
    };
    return { svg: field.svg, show };
  }

  show() {
    const { descent, chosen } = this;
    this.drawing.show();
    const place = descent.place.map((one) => shown(one)).join(", ");
    this.numbersShown.show([String(descent.t), place, descent.height, descent.gradient.map((one) => shown(one)).join(", ")]);
    const label = descent.surface.reach.length > 1
      ? phrase("Loss surface {name}: darker is higher; the ball is at {place}, loss {height}, after {steps} steps")
      : phrase("Loss curve {name}; the ball is at {place}, loss {height}, after {steps} steps");
    this.drawing.svg.setAttribute("aria-label", say(label, { name: surfaceName(chosen), place, height: shown(descent.height), steps: descent.t }));
    const words = say(descent.verdict);
    if (!this.motor.runs && this.verdict.textContent !== words) this.verdict.textContent = words;
    else if (this.motor.runs && descent.diverged) this.verdict.textContent = words;
  }
}
