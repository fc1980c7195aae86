// A network with a row or a few to learn from: what slow motion asks of a session, without a table and without time.

import { Program } from "../network.js";
import { initial } from "../playground/session/random.js";

export class Row {
  asked; slots;

  /**
   * @param {import("../engine.js").Engine} engine
   * @param {{widths: number[], activations: string[], loss: string, optimizer: string, rate: number, seed: number,
   *   weights: number[]|null, row: number[], target: number[]}} asked
   */
  constructor(engine, asked) {
    const { widths, activations, loss, optimizer, rate, seed, weights } = asked;
    Object.assign(this, { engine, asked, choices: { loss, optimizer, rate, seed, schedule: "constant" } });
    this.train = Array.from({ length: asked.row.length / widths[0] }, (_, place) => place);
    /** @type {import("../network.js").Layer[]} */
    const layers = widths.slice(1).map((units, layer) => ({ kind: "dense", units, activation: activations[layer] }));
    this.network = { inputs: widths[0], layers, loss, optimizer };
    this.program = new Program(engine.description, this.network, 1, "training");
    this.parameters = Float32Array.from(weights ?? initial(this.program.learned.filter(({ what }) => what === "parameters"), seed));
    this.slots = Array.from({ length: this.program.slots }, () => new Float32Array(this.program.parameters));
    this.training = { t: 0, before: null };
  }

  /** All of them, which are a batch. */
  rows = () => this.asked.row;

  targets = () => this.asked.target;

  state = () => ({ parameters: this.parameters, statistics: new Float32Array(this.program.statistics), slots: this.slots });

  /** Make the step that was looked at. */
  apply({ after, slotsAfter, t, coefficients }) {
    Object.assign(this, { parameters: after, slots: slotsAfter, training: { t, before: coefficients.length ? coefficients : null } });
  }
}
