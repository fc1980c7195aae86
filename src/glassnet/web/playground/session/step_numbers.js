// The numbers of a step in slow motion, by neuron and by link, for one row of its batch.

export class StepNumbers {
  after; before; gradient; points; targets; batch; row; learned; known; answers; loss; rate; values; slots; slotsBefore; t; slowed;

  /** @param {object} slowed From the session. */
  constructor(slowed, row = 0) {
    Object.assign(this, { ...slowed, slowed, row, batch: slowed.rows.length, known: {} });
    const dense = slowed.layers.map((one, place) => [one, place]).filter(([one]) => one.kind === "dense");
    /** Of each dense layer: its sums, its activations, and whether the next one gets them as they are. */
    this.dense = dense.map(([sums, place], number) => {
      const behind = slowed.layers[place + 1];
      const active = behind?.kind === "activate" ? behind : sums;
      const next = slowed.layers[place + (active === sums ? 1 : 2)];
      return { sums, active, plain: number === dense.length - 1 || next?.kind === "dense" };
    });
  }

  /** The numbers of another row of the batch. */
  at = (row) => new StepNumbers(this.slowed, row);

  of = (numbers, width, unit) => numbers[this.row * width + unit];

  /** What goes into a dense layer, its sum, its activation; the loss's gradient by these two. */
  x = (layer, unit) => this.of(this.dense[layer].sums.input, this.dense[layer].sums.inputs, unit);
  z = (layer, unit) => this.out(this.dense[layer].sums, "y", unit);
  a = (layer, unit) => this.out(this.dense[layer].active, "y", unit);
  d_z = (layer, unit) => this.out(this.dense[layer].sums, "d_y", unit);
  d_a = (layer, unit) => this.out(this.dense[layer].active, "d_y", unit);

  out = (layer, name, unit) => this.of(layer[name], layer.outputs, unit);

  /** Where among all parameters a weight is; without `from`, the bias. */
  place({ layer, from, to }) {
    const { layer: number, outputs } = this.dense[layer].sums;
    const learned = this.learned.find((one) => one.layer === number && one.name === (from === null ? "b" : "W"));
    return learned.start + (from ?? 0) * outputs + to;
  }

  weight = (which) => this.before[this.place(which)];

  /** What the links show: their weights, the gradients of these ("backward"), or how far the step moves them ("update"). */
  links(kind) {
    this.known[kind] ??= this.dense.map(({ sums }, layer) => {
      const start = this.place({ layer, from: 0, to: 0 });
      const of = (numbers) => numbers.slice(start, start + sums.inputs * sums.outputs);
      if (kind !== "update") return of(kind === "backward" ? this.gradient : this.before);
      const before = of(this.before);
      return of(this.after).map((one, place) => one - before[place]);
    });
    return this.known[kind];
  }
}
