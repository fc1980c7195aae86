// <glassnet-activation>: one activation with its slope and a point on it, or several beside each other.

import { say } from "../language.js";
import { phrase } from "../phrase.js";
import { curve, follow, plot } from "../playground/view/chart.js";
import { checkbox, drawn, element, shown, swatch } from "../playground/view/element.js";
import { named } from "../playground/view/names.js";
import { choice, readings, slider } from "./controls.js";
import { ACTIVATIONS } from "./formulas.js";
import { Part } from "./part.js";

const [WIDTH, HEIGHT] = [560, 330];
const MOST = 6;
const DEPTHS = [2, 5, 10]; // layers that a gradient comes back through

export class ActivationPart extends Part {
  static attributes = ["name", "z", "reach"];
  static symbols = ["z", "f", "a", "slope"];

  read() {
    this.reach = this.number("reach", "4", 0.5, 100);
    this.z = this.number("z", "1", -this.reach, this.reach);
    this.names = this.some("name", "tanh", ACTIVATIONS, MOST);
    this.slopes = this.names.length === 1;
  }

  /** Of one activation at z: its value and its slope. */
  at(name, z = this.z) {
    const a = ACTIVATIONS[name].f(z);
    return { a, slope: ACTIVATIONS[name].slope(z, a) };
  }

  /** As much of the vertical axis as all curves need, at most as far as z goes. */
  heights() {
    let [low, high] = [-0.5, 1];
    for (const name of this.names) {
      for (let z = -this.reach; z <= this.reach; z += this.reach / 100) {
        const { a, slope } = this.at(name, z);
        [low, high] = [Math.min(low, a, slope), Math.max(high, a, slope)];
      }
    }
    const room = 0.06 * (high - low);
    return [Math.max(-this.reach, low) - room, Math.min(this.reach, high) + room];
  }

  build() {
    const { names, reach } = this;
    const single = names.length === 1;
    const xs = [-reach, reach];
    const ys = this.heights();
    const words = say(single ? phrase("f(z) as a line, its slope f′(z) dashed.") : phrase("f(z) of each function."));
    this.field = plot({ width: WIDTH, height: HEIGHT, xs, ys, label: named(names.join(say(", ")), words), x: "z" });
    const { svg, inside } = this.field;
    names.forEach((name, place) => {
      const color = `color-${place + 1}`;
      inside.append(
        drawn("path", { class: `curve ${color}`, "data-symbol": "f", d: curve(this.field, (z) => this.at(name, z).a, xs, ys) }),
        drawn("path", { class: `curve slope ${single ? "color-6" : color}`, "data-symbol": "slope", d: curve(this.field, (z) => this.at(name, z).slope, xs, ys) }));
    });
    svg.classList.toggle("no-slopes", !this.slopes);
    this.marks = drawn("g");
    inside.append(this.marks);
    follow(svg, (event) => this.move(this.field.at(event)[0]));
    this.slider = slider({ label: say("z"), symbol: "z", low: -reach, high: reach, step: reach / 100, value: this.z, change: (z) => this.move(z) });
    this.shown = single ? readings(["z", `f(z) = ${names[0]}(z)`, "f′(z)", ...DEPTHS.map((depth) => say("slope through {depth} layers", { depth }))], ["z", "a", "slope"]) : null;
    const other = choice({ label: say("Function"), names: Object.keys(ACTIVATIONS), value: names[0], change: (name) => { this.names = [name]; this.build(); } });
    this.rows = single ? null : element("ul", { className: "key", "data-symbol": "a" });
    const slopes = checkbox(say("Show slopes f′(z)"), this.slopes, (checked) => {
      this.slopes = checked;
      svg.classList.toggle("no-slopes", !checked);
    });
    this.told = element("p", { className: "quiet told" });
    this.box.replaceChildren(element("div", { role: "group", "aria-label": say(single ? phrase("Activation function") : phrase("Activation functions compared")) },
      ...(single ? [element("div", { className: "choices" }, other, this.slider)] : []), svg, ...(single ? [] : [this.slider]),
      ...(single ? [this.shown.list, this.told] : [this.rows, slopes]),
      element("p", { className: "quiet" }, `${words} ${say("Drag the point along the curve, or move the slider.")}`)));
    this.move(this.z);
  }

  /** Let the point stand at another z. */
  move(z) {
    this.z = Math.max(-this.reach, Math.min(this.reach, z));
    this.slider.show(this.z);
    const { x, y, inner } = this.field;
    const marks = this.names.flatMap((name, place) => {
      const { a, slope } = this.at(name);
      const dot = drawn("circle", { class: `dot color-${place + 1}`, "data-symbol": "a", cx: x(this.z), cy: y(a), r: 7 });
      if (this.names.length > 1) return [dot];
      const reach = this.reach / 3;
      return [
        drawn("path", { class: "tangent", "data-symbol": "slope", d: `M${x(this.z - reach)},${y(a - slope * reach)}L${x(this.z + reach)},${y(a + slope * reach)}` }),
        drawn("circle", { class: "dot color-6", "data-symbol": "slope", cx: x(this.z), cy: y(slope), r: 5 }), dot,
      ];
    });
    this.marks.replaceChildren(drawn("path", { class: "lead", "data-symbol": "z", d: `M${x(this.z)},${inner.top}V${inner.bottom}` }), ...marks);
    if (this.shown) {
      const { a, slope } = this.at(this.names[0]);
      const { texts, slopes } = ACTIVATIONS[this.names[0]];
      const side = Number(this.z > 0);
      this.shown.show([this.z, a, slope, ...DEPTHS.map((depth) => slope ** depth)]);
      const known = [["f(z)", texts[side]], ["f′(z)", slopes[side]]].filter(([, text]) => text !== null);
      this.told.textContent = `${say("computed as")} ${known.map(([name, text]) => `${name} = ${text}`).join(say(", "))}`;
      this.told.hidden = !known.length;
    } else {
      this.rows.replaceChildren(...this.names.map((name, place) => {
        const { a, slope } = this.at(name);
        return element("li", {}, swatch({ class: `dot color-${place + 1}` }), named(name, `f = ${shown(a)}${say(", ")}f′ = ${shown(slope)}`));
      }));
    }
  }
}
