// <glassnet-step>: one training step of a small network on one row, beat by beat, by the engine itself.

import { say } from "../language.js";
import { loadEngine } from "../loading.js";
import motion from "../playground/motion.css" with { type: "css" };
import net from "../playground/net.css" with { type: "css" };
import { curveOf, slowed } from "../playground/session/slow_step.js";
import { button, element } from "../playground/view/element.js";
import { indexed } from "./diagram.js";
import { ACTIVATIONS } from "./formulas.js";
import { AttributeError, Part } from "./part.js";
import { Row } from "./row.js";
import { showStep } from "./view.js";

const [MOST_LAYERS, MOST_UNITS] = [5, 8];

export class StepPart extends Part {
  static sheets = [net, motion];
  static attributes = ["network", "activation", "loss", "optimizer", "rate", "row", "target", "w", "seed", "beat"];
  static symbols = ["x", "w", "hidden", "output", "L", "back_output", "back_hidden", "step"];

  read() {
    this.motion?.end();
    this.motion = null;
    this.asked = this.question();
    this.beat = this.number("beat", "1", 1, 99, true) - 1;
    this.row = null;
  }

  question() {
    const text = this.text("network", "2-2-1");
    const widths = text.split("-").map(Number);
    if (!/^\d+(-\d+)+$/.test(text) || widths.length > MOST_LAYERS || widths.some((one) => one < 1 || one > MOST_UNITS))
      throw new AttributeError(say("{rule}. Received: {text}.", { rule: say("network must be layer widths from input to output, such as 2-2-1, with at most 5 layers and 8 units"), text }));
    const names = this.some("activation", "tanh", ACTIVATIONS, widths.length - 1);
    const hidden = widths.length - 2;
    const activations = widths.slice(1).map((_, layer) => names[layer] ?? (layer < hidden ? names.at(-1) : "identity"));
    const loss = this.text("loss", "mse");
    const size = widths.slice(1).reduce((sum, units, layer) => sum + units * (widths[layer] + 1), 0);
    return {
      widths, activations, loss, optimizer: this.text("optimizer", "sgd"), rate: this.number("rate", "0.5", 0, 100),
      seed: this.number("seed", "0", 0, 1e6, true),
      row: this.rowOf(widths[0]),
      weights: this.hasAttribute("w") ? this.numbers("w", "", size) : null,
    };
  }

  /** The numbers of its row. */
  rowOf = (width, count = width) => this.numbers("row", width === 2 ? "1,0" : Array(width).fill(1).join(), count);

  build() {
    const { asked } = this;
    if (!this.row) this.box.replaceChildren(element("p", { className: "quiet", role: "status" }, say("Loading …")));
    const home = this.file("");
    loadEngine(home).then((engine) => {
      if (asked !== this.asked) return;
      this.speak();
      const { losses, optimizers } = engine.description;
      const outputs = asked.widths.at(-1);
      const fitting = Object.keys(losses).filter((name) => outputs % losses[name].outputs_per_target === 0);
      this.one("loss", "mse", losses, fitting);
      this.one("optimizer", "sgd", optimizers);
      const { target, outputs_per_target } = losses[asked.loss];
      const each = target === "classes" ? [0] : Array(outputs / outputs_per_target).fill(1);
      const ones = Array(asked.row.length / asked.widths[0]).fill(each).flat();
      asked.target = this.numbers("target", ones.join(), ones.length);
      this.checkTargets("target", target, asked.target, outputs);
      this.row ??= new Row(engine, asked);
      this.show();
    }).catch((error) => this.refuse(error instanceof AttributeError ? error.message : `${say("The engine could not be loaded from {place}", { place: home })} (${error.message})`));
  }

  /** The beat in which a symbol gets its number. */
  open(symbol) {
    const last = this.asked.widths.length - 2;
    const [kind, layer] = {
      x: ["input"], hidden: ["forward", 0], output: ["forward", last], L: ["loss"],
      back_output: ["backward", last], back_hidden: ["backward", 0], step: ["update"],
    }[symbol] ?? [];
    const beat = this.motion?.beats.findIndex((one) => one.kind === kind && one.layer === layer) ?? -1;
    if (beat >= 0) this.motion.go(beat);
  }

  show() {
    const { row, asked } = this;
    const { engine } = row;
    if (this.motion) this.beat = this.motion.beat;
    this.motion?.end();
    const names = [...new Set(asked.activations)].filter((name) => name !== "identity");
    const step = {
      slowed: slowed(row, [0]),
      curves: Object.fromEntries(names.map((name) => [name, curveOf(engine, name)])),
      facts: { loss: asked.loss, optimizer: asked.optimizer, outputs: asked.widths.at(-1), penalty: "none", strength: 0 },
      inputs: asked.row.map((_, place, { length }) => indexed("x", place, length)),
      activations: asked.activations.map((name) => (name === "identity" ? undefined : name)),
    };
    this.motion = showStep(this.shadowRoot, this.box, step, { beat: this.beat, choices: (motion) => [
      button(say("Take this step"), () => { row.apply(motion.seen); motion.beat = 0; this.show(); }),
      ...(row.training.t ? [button(say("Start over"), () => { this.row = null; motion.beat = 0; this.build(); })] : []),
    ] });
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", say("One training step, number by number"));
  }
}
