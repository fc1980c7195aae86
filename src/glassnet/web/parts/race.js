// <glassnet-race>: several optimizers from the same place down the same surface, step by step beside each other.

import { say } from "../language.js";
import { phrase } from "../phrase.js";
import { plot } from "../playground/view/chart.js";
import { button, drawn, element, shown, swatch, through } from "../playground/view/element.js";
import { choice, powers } from "./controls.js";
import { Descent, lowest, rateFor } from "./descent.js";
import { OPTIMIZERS, SURFACES } from "./formulas.js";
import { Ground } from "./ground.js";
import { Motor } from "./motor.js";
import { Part } from "./part.js";
import { surfaceName } from "./surface_names.js";

const [WIDTH, HEIGHT] = [560, 220];
const COLORS = [6, 1, 3, 2, 4, 8]; // of the palette, in an order in which neighbours stay apart
const FLAT = Object.keys(SURFACES).filter((name) => SURFACES[name].reach.length > 1);
const PACE = 2; // frames for each step

export class RacePart extends Part {
  static attributes = ["optimizers", "surface", "rates", "start", "steps"];
  static symbols = ["theta", "alpha", "L"];

  read() {
    this.one("surface", "ravine", SURFACES, FLAT);
    this.chosen = this.text("surface", "ravine");
    this.names = this.some("optimizers", "sgd,momentum,rmsprop,adam", OPTIMIZERS, COLORS.length);
    this.steps = this.number("steps", "200", 1, 5000, true);
    this.start = this.numbers("start", SURFACES[this.chosen].start.join(), 2);
    const given = this.hasAttribute("rates") ? this.check("rates", this.numbers("rates", ""), 1e-6, 100) : [];
    if (given.length > 1) this.numbers("rates", "", this.names.length);
    this.line(given);
  }

  /** All at the start, each with its learning rate. */
  line(rates = []) {
    this.rest();
    this.descents = this.names.map((name, place) => {
      const rate = rates.length > 1 ? rates[place] : rates[0];
      return new Descent(this.chosen, name, rate ?? rateFor(this.chosen, name), this.start);
    });
  }

  rest() {
    this.motor?.stop();
  }

  build() {
    this.rest();
    const surface = SURFACES[this.chosen];
    this.ground = new Ground(surface, { label: "", put: (place) => { this.start = place; this.lineUp(); } });
    this.least = lowest(surface);
    this.motor = new Motor({ words: say("Start"), step: () => this.step(), show: () => this.show(), pace: PACE,
      begin: () => this.descents.every((one) => one.t >= this.steps || one.diverged) && this.lineUp() });
    this.table = element("tbody", {});
    const choose = (name) => {
      this.chosen = name;
      this.start = SURFACES[name].start;
      this.line();
      this.build();
    };
    const rates = this.descents.map((one) => powers({ label: say("learning rate of {name}", { name: one.name }), symbol: "alpha", low: 1e-4, high: 3, value: one.rate,
      change: (rate) => { one.rate = rate; this.lineUp(); } }));
    this.curves = element("div", { "data-symbol": "L" });
    this.told = element("p", { className: "verdict", "aria-live": "polite" });
    this.box.replaceChildren(element("div", { role: "group", "aria-label": say("Optimizer race") },
      element("div", { className: "choices" },
        choice({ label: say("Surface"), names: FLAT, value: this.chosen, called: surfaceName, change: choose }), ...rates),
      this.ground.field.svg,
      element("div", { className: "bar" }, this.motor.button,
        button(say("One step"), () => { this.rest(); this.step(); this.show(); }),
        button(say("Start over"), () => this.lineUp())),
      this.curves, element("table", { className: "standing" },
        element("thead", {}, element("tr", {}, ...[say("optimizer"), say("Learning rate"), say("steps"), say("loss")].map((name) => element("th", { scope: "col" }, name)))),
        this.table),
      this.told, element("p", { className: "quiet" }, say("Click on the map to start from another point."))));
    this.show();
  }

  lineUp() {
    this.rest();
    for (const one of this.descents) one.begin(this.start);
    this.show();
  }

  /** One step of each; gives whether any goes on. */
  step() {
    const going = this.descents.filter((one) => one.t < this.steps && !one.rests);
    return going.map((one) => one.step()).some(Boolean);
  }

  color = (place) => `color-${COLORS[place]}`;

  show() {
    const { descents } = this;
    this.ground.show(descents.map((one, place) => [one.path, this.color(place)]));
    const losses = (one) => (one.diverged ? say("diverged") : shown(one.height));
    this.table.replaceChildren(...descents.map((one, place) => element("tr", {},
      element("th", { scope: "row" }, swatch({ class: `dot ${this.color(place)}` }), one.name),
      element("td", {}, shown(one.rate, 2)), element("td", {}, String(one.t)), element("td", {}, losses(one)))));
    const said = say("After {steps} steps: {losses}", { steps: Math.max(...descents.map(({ t }) => t)), losses: descents.map((one) => `${one.name} ${losses(one)}`).join(say(phrase(", ", "figures"))) });
    this.ground.field.svg.setAttribute("aria-label", said);
    if (!this.motor.runs) this.told.textContent = said;
    this.curves.replaceChildren(this.chart());
  }

  /** The loss above the lowest after each step, on a scale of powers of ten. */
  chart() {
    const above = (loss) => Math.log10(Math.max(1e-9, loss - this.least));
    const all = this.descents.flatMap(({ losses }) => losses.filter((loss) => loss < 1e6).map(above));
    const [low, high] = [Math.max(-9, Math.floor(Math.min(...all))), Math.ceil(Math.max(...all, 0.1))];
    const field = plot({ width: WIDTH, height: HEIGHT, xs: [0, this.steps], ys: [low, high], label: say("Loss after each step, on a logarithmic scale"), x: say("steps"), y: `log₁₀ ${say("loss")}` });
    this.descents.forEach(({ losses }, place) => field.inside.append(drawn("path", { class: `curve ${this.color(place)}`,
      d: through(losses.map((loss, step) => [field.x(step), field.y(Math.min(12, above(loss)))])) })));
    return field.svg;
  }
}
