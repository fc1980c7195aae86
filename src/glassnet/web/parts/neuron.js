// <glassnet-neuron>: one neuron whose every number can be moved and seen: z, a, the loss, its decision line, the chain rule.

import { say } from "../language.js";
import motion from "../playground/motion.css" with { type: "css" };
import { curve, follow, plot } from "../playground/view/chart.js";
import { button, drawn, element, shown } from "../playground/view/element.js";
import { byLoss, line, over, row, sub, sum } from "../playground/view/formula.js";
import { unitMap } from "../playground/view/heat.js";
import { readings, slider } from "./controls.js";
import { drawNeuron, indexed } from "./diagram.js";
import { ACTIVATIONS, LOSSES, OPTIMIZERS } from "./formulas.js";
import { Part } from "./part.js";

const [SIDE, GRID, REACH] = [300, 60, 3];
const PROBABILITY = "binary_cross_entropy_from_probabilities";

export class NeuronPart extends Part {
  static sheets = [motion];
  static attributes = ["w", "b", "x", "activation", "target", "loss", "rate", "chain"];
  static symbols = ["x", "w", "b", "z", "f", "a", "y", "L", "slopes", "step"];

  read() {
    this.w = this.numbers("w", "0.5,-1");
    this.x = this.numbers("x", this.w.map((_, place) => place + 1).join(), this.w.length);
    this.b = this.number("b", "0");
    this.f = this.one("activation", "sigmoid", ACTIVATIONS);
    this.named = this.text("activation", "sigmoid");
    this.lossName = this.text("loss", this.named === "sigmoid" ? PROBABILITY : "mse");
    this.loss = this.one("loss", this.lossName, LOSSES);
    this.target = this.hasAttribute("target") ? this.number("target", "1") : null;
    if (this.target !== null) this.checkTargets("target", this.loss.target, [this.target], 1);
    this.rate = this.number("rate", "0.5", 0, 100);
  }

  /** All numbers of the neuron for its one row: forward, and back where there is a target. */
  get seen() {
    const { w, b, x, f, loss, target } = this;
    const z = w.reduce((total, one, place) => total + one * x[place], b);
    const a = f.f(z);
    const slope = f.slope(z, a);
    if (target === null) return { z, a, slope };
    const d_a = loss.slope(a, target);
    return { z, a, slope, value: loss.value(a, target), d_a, d_z: d_a * slope, d_w: x.map((one) => d_a * slope * one) };
  }

  get reach() {
    return Math.max(REACH, ...this.x.map(Math.abs));
  }

  build() {
    const { w, x } = this;
    const wide = this.reach;
    const make = (symbol, label, low, high, value, set) =>
      slider({ label, symbol, low, high, step: 0.05, value, change: (now) => { set(now); this.show(); } });
    this.sliders = {
      w: w.map((one, place) => make("w", say("weight {name}", { name: indexed("w", place, w.length) }), -4, 4, one, (now) => { this.w[place] = now; })),
      b: make("b", say("bias b"), -4, 4, this.b, (now) => { this.b = now; }),
      x: x.map((one, place) => make("x", say("input {name}", { name: indexed("x", place, w.length) }), -wide, wide, one, (now) => { this.x[place] = now; })),
    };
    const fraction = this.loss.target === "fractions";
    if (this.target !== null)
      this.sliders.y = make("y", say("target y"), fraction ? 0 : -3, fraction ? 1 : 3, this.target, (now) => { this.target = now; });
    this.diagram = element("div", {});
    this.plane = w.length === 2 ? this.flat() : w.length === 1 ? this.single() : null;
    this.numbersShown = readings([say("weighted sum z"), say("output a"), ...(this.target === null ? [] : [say("loss L")])], ["z", "a", "L"]);
    this.formulas = this.hasAttribute("chain") && this.target !== null
      ? element("div", { className: "formulas", tabIndex: 0, role: "group", "aria-label": say("The chain rule, from the loss back to each weight"), "data-symbol": "slopes" }) : null;
    this.told = element("p", { className: "quiet told" });
    const learn = this.target === null ? [] : [button(say("One step of gradient descent"), () => this.learn(), { className: "main", "data-symbol": "step" })];
    const { w: weights, b, x: inputs, y } = this.sliders;
    this.box.replaceChildren(element("div", { role: "group", "aria-label": say("A neuron") },
      element("div", { className: "beside" },
        element("div", {}, this.diagram, this.numbersShown.list),
        ...(this.plane ? [this.plane.element] : [])),
      element("div", { className: "sliders" }, ...weights, b, ...inputs, ...(y ? [y] : [])),
      ...(learn.length ? [element("div", { className: "bar" }, ...learn)] : []),
      ...(this.formulas ? [this.formulas, this.told] : []),
      ...(w.length === 2 ? [element("p", { className: "quiet" }, say("The map shows the output at each point of the plane; the line is z = 0. Drag the point, or move the sliders."))] : [])));
    this.show();
  }

  /** Against the gradient, each weight and the bias. */
  learn() {
    const { d_w, d_z } = this.seen;
    const stepped = (theta, g) => OPTIMIZERS.sgd.rule(theta, g, [], this.rate, [])[0];
    this.w = this.w.map((one, place) => stepped(one, d_w[place]));
    this.b = stepped(this.b, d_z);
    this.sliders.w.forEach((one, place) => one.show(this.w[place]));
    this.sliders.b.show(this.b);
    this.show();
  }

  /** Of two inputs: the output at each point of the plane, the line where z is 0, and the point x. */
  flat() {
    const xs = [-this.reach, this.reach];
    const field = plot({ width: SIDE + 20, height: SIDE, xs, ys: xs, label: "", x: "x₁", y: "x₂", bare: true });
    const { inner } = field;
    const canvas = element("canvas");
    const map = drawn("image", { "data-symbol": "a", x: inner.left, y: inner.top, width: inner.right - inner.left, height: inner.bottom - inner.top, preserveAspectRatio: "none" });
    const boundary = drawn("path", { class: "boundary", "data-symbol": "z" });
    const point = drawn("circle", { class: "ball color-2", r: 8, "data-symbol": "x" });
    field.inside.append(map, boundary, point);
    const bounded = [-1e3, 1e3].every((z) => this.f.f(z) >= 0 && this.f.f(z) <= 1); // a probability: the middle is at one half
    follow(field.svg, (event) => {
      this.x = field.at(event).map((one) => Math.max(xs[0], Math.min(xs[1], Number(one.toFixed(2)))));
      this.sliders.x.forEach((one, place) => one.show(this.x[place]));
      this.show();
    });
    const show = ({ a }) => {
      const [w1, w2] = this.w;
      const numbers = Float32Array.from({ length: GRID * GRID }, (_, place) => {
        const [x1, x2] = [xs[0] + ((place % GRID + 0.5) / GRID) * 2 * xs[1], xs[1] - ((Math.floor(place / GRID) + 0.5) / GRID) * 2 * xs[1]];
        const answer = this.f.f(w1 * x1 + w2 * x2 + this.b);
        return bounded ? 2 * answer - 1 : answer;
      });
      unitMap(canvas, GRID, numbers, 0, 1);
      map.setAttribute("href", canvas.toDataURL());
      const size = w1 * w1 + w2 * w2;
      const [fx, fy] = [(-this.b * w1) / size, (-this.b * w2) / size]; // the line's foot, seen from the origin
      const far = (4 * xs[1]) / Math.sqrt(size);
      boundary.setAttribute("d", size < 1e-12 ? "" : `M${field.x(fx - far * w2)},${field.y(fy + far * w1)}L${field.x(fx + far * w2)},${field.y(fy - far * w1)}`);
      point.setAttribute("cx", field.x(this.x[0]));
      point.setAttribute("cy", field.y(this.x[1]));
      field.svg.setAttribute("aria-label", say("x1 = {x}, x2 = {y}, output {a}", { x: shown(this.x[0]), y: shown(this.x[1]), a: shown(a) }));
    };
    return { element: field.svg, show };
  }

  /** Of one input: the output along it. */
  single() {
    const xs = [-this.reach, this.reach];
    const holder = element("div", {});
    const show = ({ a }) => {
      const [w] = this.w;
      const answer = (x) => this.f.f(w * x + this.b);
      const all = Array.from({ length: 61 }, (_, place) => answer(xs[0] + ((xs[1] - xs[0]) * place) / 60));
      const ys = [Math.min(-0.2, ...all) - 0.1, Math.max(1.1, ...all) + 0.1];
      const label = say("x1 = {x}, x2 = {y}, output {a}", { x: shown(this.x[0]), y: "–", a: shown(a) });
      const field = plot({ width: SIDE + 60, height: SIDE, xs, ys, label, x: "x", y: "a" });
      field.inside.append(drawn("path", { class: "curve color-1", d: curve(field, answer, xs, ys) }));
      if (Math.abs(w) > 1e-9) field.inside.append(drawn("path", { class: "boundary", d: `M${field.x(-this.b / w)},0V${SIDE}` }));
      field.inside.append(drawn("circle", { class: "ball color-2", cx: field.x(this.x[0]), cy: field.y(a), r: 8 }));
      holder.replaceChildren(field.svg);
    };
    return { element: holder, show };
  }

  show() {
    const { seen } = this;
    this.diagram.replaceChildren(drawNeuron({ w: this.w, b: this.b, x: this.x, target: this.target, activation: this.named, seen }));
    this.numbersShown.show([seen.z, seen.a, ...(this.target === null ? [] : [seen.value])]);
    this.plane?.show(seen);
    this.formulas?.replaceChildren(...this.chain(seen));
    const side = Number(seen.z > 0);
    this.told.textContent = `${say("computed as")} ${[["f(z)", this.f.texts[side]], ["f′(z)", this.f.slopes[side]], ["loss(a, y)", this.loss.texts[0]],
      ["∂L/∂a", this.loss.texts[1]]].filter(([, text]) => text).map(([name, text]) => `${name} = ${text}`).join(say(", "))}`;
  }

  /** The way back, line by line. */
  chain({ z, a, slope, d_a, d_z, d_w, value }) {
    const { w, x, b, target } = this;
    const of = (letter, place) => (w.length > 1 ? sub(letter, String(place + 1)) : letter);
    const terms = w.map((one, place) => [one, "·", x[place]]);
    return [
      line("z", "=", ...sum(w.map((_, place) => [of("w", place), of("x", place)])), "+", "b", "=", ...sum(terms), "+", b, "=", z),
      line("a", "=", row("f", "(", "z", ")"), "=", row("f", "(", z, ")"), "=", a), line("L", "=", row("loss", "(", a, ",", target, ")"), "=", value),
      line(byLoss("a"), "=", d_a), line(over(row("∂", "a"), row("∂", "z")), "=", row("f", "′", "(", "z", ")"), "=", slope),
      line(byLoss("z"), "=", byLoss("a"), "·", over(row("∂", "a"), row("∂", "z")), "=", d_a, "·", slope, "=", d_z),
      ...w.map((_, place) => line(byLoss(of("w", place)), "=", byLoss("z"), "·", of("x", place), "=", d_z, "·", x[place], "=", d_w[place])),
      line(byLoss("b"), "=", byLoss("z"), "=", d_z),
    ];
  }
}
