// The compiled engine in a page: memory, tables and steps. All mathematics is in engine.wasm, which is made of the same
// text as the native kernels; engine.json says which kernel has which place, and what the columns of the tables are.

const LINE = 64; // bytes that every buffer begins at a multiple of
const ALWAYS = 2n; // a grain of the parameters that every step updates
const GRAIN = 256;
const CHUNK = 1024;

export class Engine {
  constructor(instance, description) {
    this.exports = instance.exports;
    this.memory = instance.exports.memory;
    this.functions = instance.exports.__indirect_function_table;
    this.description = description;
    this.top = instance.exports.__heap_base.value;
  }

  /** From the bytes of engine.wasm and the object in engine.json. */
  static async load(bytes, description) {
    const single = (f) => (...x) => Math.fround(f(...x));
    const env = { pow: Math.pow, powf: single(Math.pow), cos: Math.cos, log2: Math.log2 };
    const { instance } = await WebAssembly.instantiate(bytes, { env });
    return new Engine(instance, description);
  }

  /** Room for so many numbers; its place. Rooms are given back all at once, with `top`. @param {any} Kind Of a typed array. */
  room(count, Kind = Float32Array) {
    const start = Math.ceil(this.top / LINE) * LINE;
    this.top = start + Math.max(1, count) * Kind.BYTES_PER_ELEMENT;
    const missing = this.top + LINE - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
    this.view(start, count, Kind).fill(Kind === BigInt64Array || Kind === BigUint64Array ? 0n : 0);
    return start;
  }

  /** Room with these numbers in it. @param {any} Kind */
  put(numbers, Kind = Float32Array) {
    const start = this.room(numbers.length, Kind);
    this.view(start, numbers.length, Kind).set(numbers);
    return start;
  }

  /** The numbers at a place; to be asked for anew whenever room was made, for memory may have moved. @param {any} Kind */
  view(start, count, Kind = Float32Array) {
    return new Kind(this.memory.buffer, start, count);
  }

  /** Where in the table of functions a kernel is, by its number in a program. */
  at(kernel) {
    return this.view(this.exports.kernels.value, this.description.count, Int32Array)[kernel - 1];
  }

  /** The table of a run, with these columns; its place. */
  run(columns) {
    const { run, run_size } = this.description;
    const numbers = new BigInt64Array(run_size);
    for (const name in columns) numbers[run[name]] = BigInt(columns[name]);
    return this.put(numbers, BigInt64Array);
  }

  /** The order of the rows in an epoch, as everywhere in glassnet: numbers, as steps take them. */
  order(seed, epoch, rows) {
    const top = this.top;
    const order = this.room(rows, BigInt64Array);
    const table = this.run({ SEED: seed, T: epoch, ORDER_SIZE: rows });
    this.functions.get(this.at(this.description.order))(order, table, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    this.top = top;
    return this.view(order, rows, BigInt64Array).slice();
  }

  /** The same as plain numbers. */
  shuffled(seed, epoch, rows) {
    return Array.from(this.order(seed, epoch, rows), Number);
  }

  /** The factors of the learning rate under a schedule, at these shares of the whole training. */
  factors(schedule, progress) {
    const { kernel, values } = this.description.schedules[schedule];
    const top = this.top;
    const [times, constants] = [progress, values].map((numbers) => this.put(numbers, Float64Array));
    this.call(kernel, this.run({ STEPS: progress.length }), { A: times, C: constants });
    this.top = top;
    return [...this.view(times, progress.length, Float64Array)];
  }

  /** Call a kernel; places that it never reads may be left out. */
  call(kernel, run, places = {}) {
    const of = (letter) => places[letter] ?? 0;
    return this.functions.get(this.at(kernel))(0, run, ...[..."PSGADECYW"].map(of));
  }
}

/** What training and prediction have in common: a program's buffers and tables. */
class Machinery {
  engine; back; activations; program; model;

  constructor(engine, program, model) {
    Object.assign(this, { engine, program, model });
    const { op, op_size, run } = engine.description;
    this.Op = op;
    this.Run = run;
    const room = (count) => engine.room(count);
    const training = program.after > 0;
    this.losses = engine.room(program.rows, Float64Array);
    this.totals = engine.room(1, Float64Array);
    const weights = engine.room(program.rows + program.constants.length);
    engine.view(weights + 4 * program.rows, program.constants.length).set(program.constants);
    const kept = room(program.kept);
    for (const [place, value] of program.kept_constants) engine.view(kept, program.kept)[place] = value;
    const activations = room(program.activations);
    const back = training ? room(program.activations) : activations;
    Object.assign(this, { activations, back });
    this.gradient = room(training ? program.parameters : 0);
    this.size = op_size;
    this.ops = engine.room(program.ops.length * op_size, BigInt64Array);
    const table = program.ops.map((row) => row.map((value, column) =>
      BigInt(column <= op.LEARN && value ? engine.at(value) : value)));
    engine.view(this.ops, table.length * op_size, BigInt64Array).set(table.flat());
    this.run = engine.run({
      OP: this.ops, P: model.parameters, S: model.statistics, G: this.gradient, A: activations,
      D: back, E: kept, Y: room(program.rows * program.target_width),
      W: weights, OPS: program.ops.length - program.after, AFTER: program.after, BLOCK: program.rows, WORKERS: 1,
      LOSSES: this.losses, ROWS_OF_LOSS: 1, TOTALS: this.totals, SCRATCH: room(program.scratch),
      PANEL: room(engine.description.panel), TRAINING: training ? 1 : 0, SIZE: program.parameters,
      WEIGHT_SPACE: program.rows, NORMS: engine.room(Math.ceil(program.parameters / CHUNK), Float64Array),
    });
  }

  /** The table of this run; memory may have moved since the last time. */
  get table() {
    if (this.seen?.buffer !== this.engine.memory.buffer) {
      this.seen = this.engine.view(this.run, this.engine.description.run_size, BigInt64Array);
    }
    return this.seen;
  }

  /** Columns of the table of this run. */
  set(columns) {
    const { table } = this;
    for (const name in columns) table[this.Run[name]] = BigInt(columns[name]);
  }

  get(name) {
    return Number(this.table[this.Run[name]]);
  }

  /** The numbers of a layer for the rows at hand: what came out of it, or the loss's gradient by that. */
  numbers(place, rows, back = false) {
    return this.engine.view((back ? this.back : this.activations) + 4 * place.y, rows * place.outputs).slice();
  }

  /** Own columns of an operation, from `first` on. */
  setAux(number, values, first = 0) {
    const row = this.engine.view(this.ops + 8 * number * this.size, this.size, BigInt64Array);
    values.forEach((value, i) => { row[this.Op.AUX + first + i] = BigInt(value); });
  }
}

/** Training steps on a table of rows. `model`: places of parameters and statistics; `X`, `y` are plain numbers. */
export class Training extends Machinery {
  constructor(engine, program, model, X, y, seed = 0) {
    super(engine, program, model);
    this.seed = seed;
    this.t = 0;
    this.setAux(0, [engine.put(X), program.inputs, 1]);
    this.setAux(0, [engine.put(y), program.target_width, 0], 4);
    this.slots = Array.from({ length: program.slots }, () => engine.room(program.parameters));
    const grains = Math.ceil(program.parameters / GRAIN);
    this.setAux(program.ops.length - program.after, [
      engine.put(program.segments.flat().map(BigInt), BigInt64Array), program.segments.length,
      engine.put(program.strengths.flat()), engine.put(program.limits),
      engine.put([model.parameters, ...this.slots].map(BigInt), BigInt64Array),
      engine.put(Array(grains).fill(ALWAYS), BigInt64Array),
    ]);
    this.known = engine.put(program.values, Float64Array);
    this.before = null;
  }

  /** Steps on the rows in this order, `batch` at a time, at one learning rate each; the mean loss of their rows. */
  steps(order, batch, rates) {
    const { engine, program } = this;
    if (batch > program.rows) throw new RangeError(`Batches have at most ${program.rows} rows. Received: ${batch}.`);
    const top = engine.top;
    const count = rates.length;
    const coefficients = engine.room((1 + count) * program.coefficients.count, Float64Array);
    const constants = engine.room(count * program.step_constants);
    const rows = engine.put(order instanceof BigInt64Array ? order : order.map(BigInt), BigInt64Array);
    this.set({ STEPS: count, T: this.t, SEED: this.seed, BATCH_SIZE: batch, BASE: 0 });
    const width = program.coefficients.count;
    if (width) {
      if (this.before) engine.view(coefficients, width, Float64Array).set(this.before);
      engine.call(program.coefficients.kernel, this.run, { A: coefficients, C: this.known });
    }
    const own = engine.view(coefficients, (1 + count) * width, Float64Array);
    const all = engine.view(constants, count * program.step_constants);
    for (let step = 0, place = 0; step < count; step++) {
      all[place++] = 1;
      all[place++] = rates[step];
      for (const value of program.values) all[place++] = value;
      for (let one = 0; one < width; one++) all[place++] = own[(step + 1) * width + one];
    }
    this.setAux(0, [rows], 7);
    this.set({ C: constants, CONSTANTS: program.step_constants, ORDER_SIZE: order.length, DIVERGED: 0 });
    engine.view(this.totals, 1, Float64Array)[0] = 0;
    engine.call(engine.description.driver, this.run);
    const made = this.get("T") - this.t; // fewer than asked for, if the loss left the finite numbers
    if (made) this.before = own.slice(made * width, (made + 1) * width);
    this.t += made;
    engine.top = top;
    const total = engine.view(this.totals, 1, Float64Array)[0];
    return this.get("DIVERGED") ? total : total / order.length;
  }
}

/** What a network answers for up to `program.rows` rows at a time. */
export class Prediction extends Machinery {
  constructor(engine, program, model) {
    super(engine, program, model);
    this.X = engine.room(program.rows * program.inputs);
    this.answers = engine.room(program.rows * program.outputs);
    this.setAux(0, [this.X, program.inputs, 1]);
    this.setAux(program.ops.length - 1, [this.answers]);
    this.set({ STEPS: 1, BATCH_SIZE: program.rows });
  }

  /** The answers for rows, one number after the other. */
  predict(X) {
    const { engine, program } = this;
    const rows = X.length / program.inputs;
    const found = new Float32Array(rows * program.outputs);
    for (let first = 0; first < rows; first += program.rows) {
      const some = Math.min(program.rows, rows - first);
      engine.view(this.X, some * program.inputs)
        .set(X.slice(first * program.inputs, (first + some) * program.inputs));
      this.set({ ORDER_SIZE: some });
      engine.call(engine.description.driver, this.run);
      found.set(engine.view(this.answers, some * program.outputs), first * program.outputs);
    }
    return found;
  }
}

/** The loss of a table of rows, and what the network answers for them. */
export class Evaluation extends Machinery {
  constructor(engine, program, model, X, y) {
    super(engine, program, model);
    const order = Array.from({ length: program.rows }, (_, row) => BigInt(row));
    this.answers = engine.room(program.rows * program.outputs);
    this.setAux(0, [engine.put(X), program.inputs, 1]);
    this.setAux(0, [engine.put(y), program.target_width, 0, engine.put(order, BigInt64Array)], 4);
    this.setAux(program.scatters, [this.answers]);
    this.set({ STEPS: 1, BATCH_SIZE: program.rows, ORDER_SIZE: program.rows });
  }

  /** The mean loss of the rows, and the answers, one number after the other. */
  evaluate() {
    const { engine, program } = this;
    engine.call(engine.description.driver, this.run);
    const losses = engine.view(this.losses, program.rows, Float64Array);
    const answers = engine.view(this.answers, program.rows * program.outputs).slice();
    return { loss: losses.reduce((sum, loss) => sum + loss, 0), answers };
  }
}
