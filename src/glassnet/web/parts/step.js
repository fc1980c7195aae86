// <glassnet-step>: one training step of a small network on one row, beat by beat, by the engine itself.

import { loadEngine } from "../loading.js";
import { element } from "../playground/element.js";
import motion from "../playground/motion.css" with { type: "css" };
import { curveOf, slowed } from "../playground/slowed.js";
import { say as sayThere } from "../playground/words.js";
import { button } from "./controls.js";
import { ACTIVATIONS } from "./formulas.js";
import { AttributeError, Part } from "./part.js";
import { Row } from "./row.js";
import { showStep } from "./view.js";
import { say } from "./words.js";

const [MOST_LAYERS, MOST_UNITS] = [5, 8];

export class StepPart extends Part {
  static sheets = [motion];
  static attributes = ["network", "activation", "loss", "optimizer", "rate", "row", "target", "w", "seed", "beat"];
  static symbols = ["x", "w", "hidden", "output", "L", "back_output", "back_hidden", "step"];

  read() {
    this.motion?.end();
    this.motion = null;
    this.asked = this.question();
    this.beat = Math.round(this.number("beat", "1", 1, 99)) - 1;
    this.row = null;
  }

  question() {
    const text = this.text("network", "2-2-1");
    const widths = text.split("-").map(Number);
    if (!/^\d+(-\d+)+$/.test(text) || widths.length > MOST_LAYERS || widths.some((one) => one < 1 || one > MOST_UNITS))
      throw new AttributeError(say("received", { rule: say("wantsNetwork"), text }));
    const names = this.list("activation", "tanh");
    const hidden = widths.length - 2;
    const activations = widths.slice(1).map((_, layer) => names[layer] ?? (layer < hidden ? names.at(-1) : "identity"));
    const unknown = activations.find((name) => !Object.hasOwn(ACTIVATIONS, name));
    if (unknown !== undefined)
      throw new AttributeError(say("received", { rule: say("wantsOne", { name: "activation", known: Object.keys(ACTIVATIONS).join(", ") }), text: unknown }));
    const loss = this.text("loss", "mse");
    const size = widths.slice(1).reduce((sum, units, layer) => sum + units * (widths[layer] + 1), 0);
    const ones = Array(widths.at(-1)).fill(1).join();
    return {
      widths, activations, loss, optimizer: this.text("optimizer", "sgd"), rate: this.number("rate", "0.5", 0, 100),
      seed: this.number("seed", "0", 0, 1e6),
      row: this.numbers("row", widths[0] === 2 ? "1,0" : Array(widths[0]).fill(1).join(), widths[0]),
      target: ["cross_entropy", "focal"].includes(loss) ? this.numbers("target", "0", 1) : this.numbers("target", ones, widths.at(-1)),
      weights: this.hasAttribute("w") ? this.numbers("w", "", size) : null,
    };
  }

  build() {
    const { asked } = this;
    if (!this.row) this.box.replaceChildren(element("p", { className: "quiet", role: "status" }, say("loading")));
    const home = this.file("");
    loadEngine(home).then((engine) => {
      if (asked !== this.asked) return;
      this.speak();
      for (const [name, known] of [["loss", engine.description.losses], ["optimizer", engine.description.optimizers]])
        if (!Object.hasOwn(known, asked[name])) throw new AttributeError(say("received", { rule: say("wantsOne", { name, known: Object.keys(known).join(", ") }), text: asked[name] }));
      this.row ??= new Row(engine, asked);
      this.show();
    }).catch((error) => this.refuse(error instanceof AttributeError ? error.message : `${say("noEngine", { place: home })} (${error.message})`));
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
      inputs: asked.row.map((_, place) => `x${"₁₂₃₄₅₆₇₈"[place]}`),
      activations: asked.activations.map((name) => (name === "identity" ? undefined : name)),
    };
    this.motion = showStep(this.shadowRoot, this.box, step, { beat: this.beat, choices: (motion) => [
      button(sayThere("makeStep"), () => { row.apply(motion.seen); motion.beat = 0; this.show(); }),
      ...(row.training.t ? [button(say("again"), () => { this.row = null; motion.beat = 0; this.build(); })] : []),
    ] });
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", say("stepPart"));
  }
}
