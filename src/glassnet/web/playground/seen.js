// The numbers of a step in slow motion, by neuron and by link, for one row of its batch.

export class Seen {
  after; before; gradient; targets; batch; row; learned;

  /** @param {object} slowed From the session. */
  constructor(slowed, row = 0) {
    Object.assign(this, { ...slowed, row, batch: slowed.rows.length });
    const dense = slowed.layers.map((one, place) => [one, place]).filter(([one]) => one.kind === "dense");
    /** Of each dense layer: its sums, its activations, and whether the next one gets them as they are. */
    this.dense = dense.map(([sums, place], number) => {
      const behind = slowed.layers[place + 1];
      const active = behind?.kind === "activate" ? behind : sums;
      const next = slowed.layers[place + (active === sums ? 1 : 2)];
      return { sums, active, plain: number === dense.length - 1 || next?.kind === "dense" };
    });
  }

  of = (numbers, width, unit) => numbers[this.row * width + unit];

  /** What goes into a dense layer. */
  x(layer, unit) {
    const { input, inputs } = this.dense[layer].sums;
    return this.of(input, inputs, unit);
  }

  z(layer, unit) {
    const { y, outputs } = this.dense[layer].sums;
    return this.of(y, outputs, unit);
  }

  a(layer, unit) {
    const { y, outputs } = this.dense[layer].active;
    return this.of(y, outputs, unit);
  }

  /** The loss's gradient by the sum, by the activation. */
  d_z(layer, unit) {
    const { d_y, outputs } = this.dense[layer].sums;
    return this.of(d_y, outputs, unit);
  }

  d_a(layer, unit) {
    const { d_y, outputs } = this.dense[layer].active;
    return this.of(d_y, outputs, unit);
  }

  /** Where among all parameters a weight is; without `from`, the bias. */
  place({ layer, from, to }) {
    const { layer: number, outputs } = this.dense[layer].sums;
    const learned = this.learned.find((one) => one.layer === number && one.name === (from === null ? "b" : "W"));
    return learned.start + (from ?? 0) * outputs + to;
  }

  weight = (which) => this.before[this.place(which)];

  /** A number of each weight of all layers, as the picture wants them. */
  weights(of) {
    return this.dense.map(({ sums }, layer) => {
      const start = this.place({ layer, from: 0, to: 0 });
      return Float32Array.from({ length: sums.inputs * sums.outputs }, (_, place) => of(start + place));
    });
  }
}
