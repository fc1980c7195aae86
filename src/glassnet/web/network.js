// A network as a table for the engine. recipes.json says of each kind of layer, loss and optimizer which kernels carry it
// out and how much room they need; here the widths are filled in. There is no mathematics in it.

const LINE = 16; // numbers that every buffer begins at a multiple of

/**
 * @typedef {object} Layer One step of a network.
 * @property {"dense"|"activate"|"dropout"|"batch_norm"|"layer_norm"|"scale"|"residual"} kind
 * @property {number} [units] Of a dense layer.
 * @property {string} [activation]
 * @property {number} [rate] Of dropout.
 * @property {string} [back] The activation whose slope the way back uses, where that is another: a mistake, made on purpose.
 * @property {Layer[]} [layers] Inside a residual block.
 * @property {number} [number] Keys the layer's random numbers, where it is not simply its place.
 *
 * @typedef {object} Network
 * @property {number} inputs
 * @property {Layer[]} layers The last one has as many units as the loss wants outputs.
 * @property {string} loss
 * @property {string} [optimizer] In training.
 * @property {number} [l1] Strength of the penalty on all weights.
 * @property {number} [l2]
 */

/** A count from the columns of an operation's row. */
const count = (terms, op) => terms.reduce((sum, [times, above, below]) =>
  sum + Math.floor(above.reduce((product, column) => product * op[column], times)
    / below.reduce((product, column) => product * op[column], 1)), 0);

const byLines = (numbers) => Math.ceil(numbers / LINE) * LINE;

/** The table of a network for batches of at most so many rows; see `program` in engines/compiled/wasm.py. */
export class Program {
  ops; activations; kept; constants; parameters; scattered; statistics;

  /**
   * @param {object} recipes
   * @param {Network} network
   * @param {number} rows
   * @param {"training"|"prediction"|"evaluation"} purpose The last one is a prediction, and the loss of it.
   */
  constructor(recipes, network, rows, purpose) {
    this.recipes = recipes;
    this.rows = rows;
    this.training = purpose === "training";
    this.inputs = network.inputs;
    Object.assign(this, { ops: [], constants: [], kept_constants: [], activations: 0, kept: 0, parameters: 0 });
    Object.assign(this, { statistics: 0, scratch: 0, target_width: 0, scattered: false });
    /** What the layers learn and keep: where it lies, and how it begins. */
    this.learned = [];
    this.following = [];
    /** Of each layer, the blocks' own included: where its input and its output are. */
    this.places = [];
    this.add(recipes.gather, 0, 0, { INPUTS: this.inputs, Y: this.region(this.inputs) });
    const [outputs, last] = this.chain(network.layers, this.inputs, 0, 0);
    this.outputs = outputs;
    if (!this.training) this.answer(network.loss, outputs, last);
    if (purpose !== "prediction") this.loss(network.loss, outputs, last);
    if (this.training) this.update(network);
    this.after = this.following.length;
    this.ops.push(...this.following);
  }

  add(forward, backward, learn, fields = {}) {
    const { op: columns, op_size } = this.recipes;
    const op = Array(op_size).fill(0);
    op[columns.FORWARD] = forward;
    op[columns.BACKWARD] = this.training ? backward : 0;
    op[columns.LEARN] = learn;
    for (const [name, value] of Object.entries(fields)) op[columns[name]] = value;
    this.ops.push(op);
    return op;
  }

  region(width) {
    const start = this.activations;
    this.activations += byLines(this.rows * width);
    return start;
  }

  keep(numbers) {
    const start = this.kept;
    this.kept += byLines(numbers);
    return start;
  }

  constant(...values) {
    this.constants.push(...values);
    return this.constants.length - values.length;
  }

  needScratch(numbers) {
    this.scratch = Math.max(this.scratch, numbers);
  }

  /** The operations of a chain of layers; its width, the place of its output, and the number of its last layer. */
  chain(layers, width, x, number) {
    for (const layer of layers) {
      number = layer.number ?? number + 1;
      if (layer.kind === "residual") [width, x, number] = this.block(layer, width, x, number);
      else [width, x] = this.layer(layer, width, x, number);
    }
    return [width, x, number];
  }

  layer(layer, width, x, number) {
    const { op: columns } = this.recipes;
    const recipe = this.recipes.layers[layer.activation ? `${layer.kind} ${layer.activation}` : layer.kind];
    const behind = this.parameters > 0;
    const way = recipe.ways[!this.training ? "predict" : behind ? "behind" : "first"];
    const shape = Object.assign([], { [columns.INPUTS]: width, [columns.COUNTS]: layer.units });
    const place = { layer: number, kind: layer.kind, inputs: width, x };
    const P = this.room("parameters", recipe.parameters, shape, number);
    const S = this.room("statistics", recipe.statistics, shape, number);
    if (way.nothing) {
      this.places.push({ ...place, outputs: width, y: x });
      return [width, x];
    }
    const numbers = [...recipe.numbers, ...way.more];
    if (layer.kind === "dropout") numbers[0] = layer.rate;
    const C = this.constant(...numbers);
    const outputs = count(recipe.width, shape);
    const Y = this.region(outputs);
    const WANT_DX = Number(this.training && behind);
    const of = layer.back ? this.recipes.layers[`${layer.kind} ${layer.back}`].ways[behind ? "behind" : "first"] : way;
    const { backward = 0 } = of.kernels;
    const { forward, learn = 0, measure, measure_back, follow } = way.kernels;
    const op = this.add(forward, backward, learn, { INPUTS: width, X: x, P, S, C, LAYER: number, WANT_DX, Y });
    op[columns.ROWS] = op[columns.BLOCK_ROWS] = this.rows;
    if (layer.units) op[columns.COUNTS] = layer.units;
    op[columns.E] = this.keep(this.rows * count(way.kept, op));
    op[columns.COLUMNS] = this.keep(count(way.columns, op));
    if (this.training && way.columns.length) {
      op[columns.MEET] = op[columns.MEET_BACK] = 1;
      const ahead = [...op]; // of it on the way forward, so behind it on the way back
      Object.assign(ahead, { [columns.FORWARD]: measure ?? 0, [columns.LEARN]: 0 });
      op[columns.BACKWARD] = measure_back ?? 0;
      this.ops.splice(-1, 0, ahead);
    }
    if (follow) {
      const after = [...op];
      Object.assign(after, { [columns.FORWARD]: follow, [columns.MEET]: 0 });
      this.following.push(after);
    }
    for (const [inputs, spare, wide] of way.scratch)
      this.needScratch((inputs * count(wide, op) + spare) * this.recipes.lanes);
    this.scattered ||= way.scattered;
    this.places.push({ ...place, outputs, y: Y });
    return [outputs, Y];
  }

  block(layer, width, x, number) {
    const { forward, backward, joined } = this.recipes.residual;
    const learns = this.training && this.parameters > 0;
    const begin = this.add(0, learns ? joined : 0, 0, { INPUTS: width, X: x });
    const [, inside, last] = this.chain(layer.layers, width, x, number);
    const y = this.region(width);
    begin[this.recipes.op.Y] = y;
    const back = this.training && this.parameters > 0;
    this.add(forward, back ? backward : 0, 0, { INPUTS: width, X: x, Y: y, INSIDE: inside });
    this.places.push({ layer: number, kind: "residual", inputs: width, x, outputs: width, y });
    return [width, y, last];
  }

  /** Room for what a layer learns or keeps; the place of it. */
  room(what, parameters, shape, layer) {
    const start = this[what];
    for (const { name, kind, start: begins, shape: terms } of parameters) {
      const sizes = terms.map((one) => count(one, shape));
      const size = sizes.reduce((product, one) => product * one, 1);
      this.learned.push({ what, layer, name, kind, begins, shape: sizes, start: this[what], stop: this[what] + size });
      this[what] += size;
    }
    return start;
  }

  loss(name, outputs, x) {
    const { op: columns, losses, lanes } = this.recipes;
    const loss = losses[name];
    const targets = outputs / loss.outputs_per_target;
    const C = this.constant(...loss.values);
    const scale = this.constant(loss.over_targets === "sum" ? 1 : 1 / (targets * loss.levels));
    this.needScratch((3 * outputs + loss.spare + 2) * lanes);
    const op = this.add(loss.kernel, 0, 0, { INPUTS: outputs, X: x, C });
    const smoothing = this.constant(0);
    [targets, loss.levels, loss.spare, scale, smoothing, 1].forEach((value, i) => { op[columns.TARGETS + i] = value; });
    this.target_width = loss.target === "classes" ? 1 : targets;
    this.lossAt = x;
  }

  /** @param {Network} network */
  update({ optimizer, l1 = 0, l2 = 0 }) {
    const rule = this.recipes.optimizers[optimizer];
    const parameters = this.learned.filter(({ what }) => what === "parameters");
    this.segments = [];
    this.strengths = [];
    for (const { kind, start, stop } of parameters) {
      const strength = kind === "weight" ? [rule.weight_decay, l1, l2, 1] : [0, 0, 0, 1];
      const before = this.strengths.at(-1);
      if (before && before.every((value, i) => value === strength[i])) this.segments.at(-1)[1] = stop;
      else {
        this.segments.push([start, stop, 1]);
        this.strengths.push(strength);
      }
    }
    this.limits = [0, 0, 1];
    this.values = rule.values;
    this.slots = rule.slots.length;
    this.coefficients = rule.coefficients;
    this.step_constants = 2 + rule.values.length + rule.coefficients.count;
    const update = this.add(rule.kernels[Number(l1 > 0 || l2 > 0)], 0, 0, { MEET: Number(this.scattered) });
    this.following.unshift(update);
    this.ops.pop();
  }

  /** What the outputs mean, and where the answers go. */
  answer(loss, outputs, x) {
    const { response } = this.recipes.losses[loss];
    if (response !== "identity") x = this.layer({ kind: "respond", activation: response }, outputs, x, 0)[1];
    this.scatters = this.ops.length;
    this.add(this.recipes.scatter, 0, 0, { INPUTS: outputs, X: x });
  }
}
