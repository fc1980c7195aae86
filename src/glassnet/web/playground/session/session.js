// A network that trains: the tables, the engine, and what can be seen of both. No drawing; runs in a worker, or in node.

import { phrase } from "../../phrase.js";
import { Evaluation, Prediction, Training } from "../../engine.js";
import { Program } from "../../network.js";
import { standing } from "../lessons/conditions.js";
import { classesOf, networkOf } from "./choices.js";
import { Examination, moved } from "./examine.js";
import { canCheck, gradientCheck } from "./gradient_check.js";
import { mistaken, MISTAKES } from "./mistakes.js";
import { inputsOf, pointsOf } from "./own_table.js";
import { pythonProgram } from "./python_program.js";
import { initial } from "./random.js";
import { bestOf, isOver, ratesOf, reasonToStop } from "./schedule.js";
import { scores } from "./scores.js";
import { curveOf, slowed } from "./slow_step.js";
import { GRID, gridPoints, points } from "./tables.js";
import { Timeline } from "./timeline.js";

const CHUNK = 4e6; // numbers that are multiplied, about, between two looks at the clock

export class Session {
  wrong; examination; held;

  /**
   * @param {import("./choices.js").Choices} choices
   * @param {string} [mistake] One of MISTAKES, made on purpose.
   */
  constructor(engine, choices, mistake = "") {
    this.engine = engine;
    /** @type {Partial<import("./mistakes.js").Mistake>} */
    this.mistake = MISTAKES[mistake] ?? {};
    choices = { ...choices, ...this.mistake.choose?.(choices) };
    this.choices = choices;
    engine.home ??= engine.top;
    engine.top = engine.home;
    this.split();
    this.network = networkOf(choices);
    const { description: recipes } = engine;
    const batch = Math.min(choices.batch, this.train.length);
    this.program = new Program(recipes, this.network, batch, "training");
    const { learned, parameters, statistics } = this.program;
    const beginning = (what, size) => {
      const start = engine.room(size);
      const some = learned.filter((one) => one.what === what);
      engine.view(start, size).set(initial(some, choices.seed, choices.initializer));
      return start;
    };
    this.model = { parameters: beginning("parameters", parameters), statistics: beginning("statistics", statistics) };
    const { rows, targets } = this;
    this.training = new Training(engine, this.program, this.model, rows(this.train), targets(this.train), choices.seed);
    this.judges = [this.train, this.test].map((some) => new Evaluation(engine,
      new Program(recipes, this.network, some.length, "evaluation"), this.model, rows(some), targets(some)));
    this.maps = new Prediction(engine, new Program(recipes, this.network, GRID * GRID, "prediction"), this.model);
    this.grid = rows(gridPoints());
    this.dense = this.maps.program.places.filter(({ kind }) => kind === "dense");
    this.epoch = 0;
    this.at = 0; // rows of this epoch that have been learned from
    this.batch = batch;
    this.chunk = Math.max(1, Math.min(64, Math.floor(CHUNK / (batch * this.program.parameters)))); // steps
    this.diverged = false;
    this.order = null;
    this.timeline = new Timeline();
    for (const { start, stop, kind } of learned) {
      if (kind === "weight") this.mistake.start?.(this.parameters.subarray(start, stop));
    }
    /** What a reader's hand has done, which no program would come to: weights that were set, steps on single rows. */
    this.hands = [];
    this.beginning = this.state();
    this.stopped = null; // why training stops here
    this.judge();
  }

  /** The rows to learn from, and those kept apart. */
  split() {
    const { table, draw, share } = this.choices;
    const all = table === "own" ? pointsOf(this.choices) : points(this.choices);
    const order = this.engine.shuffled(draw, 0, all.length);
    const many = Math.max(1, Math.min(all.length - 1, Math.round(share * all.length)));
    this.train = order.slice(0, many).map((row) => all[row]);
    this.test = order.slice(many).map((row) => all[row]);
    this.classes = classesOf(this.choices);
  }

  /** Points as inputs, one row after the other. */
  rows = (some) => {
    const { scale = 1 } = this.mistake;
    const inputs = inputsOf(this.choices, this.held);
    return some.flatMap((point) => inputs.map((of) => scale * of(point)));
  };

  /** Targets as the loss wants them. */
  targets = (some) => {
    const { target: kind } = this.engine.description.losses[this.choices.loss];
    const signed = kind === "signs" || (kind === "numbers" && this.classes);
    return some.map(({ target }) => (signed ? 2 * target - 1 : target));
  };

  get parameters() {
    return this.engine.view(this.model.parameters, this.program.parameters);
  }

  get statistics() {
    return this.engine.view(this.model.statistics, this.program.statistics);
  }

  /** The order of the rows in this epoch. */
  shuffled() {
    const { train, engine, choices, epoch } = this;
    if (!this.mistake.sorted) return engine.order(choices.seed, epoch + 1, train.length);
    return BigInt64Array.from(train.map((_, row) => row).sort((one, other) => train[one].target - train[other].target), BigInt);
  }

  /** The rows of the next batches, as steps take them. */
  next(steps = 1) {
    this.order ??= this.shuffled();
    return this.order.subarray(this.at, this.at + steps * this.batch);
  }

  /** So many steps, at most to the end of the epoch. */
  steps(count) {
    const order = this.next(count);
    const make = (some) => this.training.steps(some, this.batch, ratesOf(this, Math.ceil(some.length / this.batch)));
    const loss = this.mistake.step
      ? mistaken(this.mistake, this.program.learned.filter(({ what }) => what === "parameters"), () => this.parameters, () => make(order))
      : make(order);
    this.diverged ||= !Number.isFinite(loss);
    this.at += order.length;
    if (this.at < this.train.length) return;
    this.at = 0;
    this.order = null;
    this.epoch += 1;
    const before = this.found;
    this.judge();
    this.stopped = reasonToStop(this.choices, this.found, before);
  }

  /** As many steps as fit into the time, or to the end of so many epochs, or to where the reader wanted it to stop. */
  run(milliseconds, epochs = Infinity, steps = Infinity) {
    const end = performance.now() + milliseconds;
    const last = this.epoch + epochs;
    this.stopped = isOver(this) ? phrase("The learning rate schedule has ended. Reset, or set more epochs.") : null;
    for (let made = 0, some; made < steps && this.epoch < last && !this.diverged && !this.stopped; made += some) {
      some = made && !this.mistake.step ? Math.min(this.chunk, steps - made) : 1;
      const before = made ? null : this.parameters.slice();
      this.steps(some);
      if (before) this.moved = moved(this.program.learned, before, this.parameters);
      if (performance.now() > end) break;
    }
    this.hold();
  }

  /** How well it does on both sets; kept with all that is needed to come back to this epoch. */
  judge() {
    const of = { classes: this.classes, outputs: this.program.outputs, loss: this.choices.loss };
    const [train, test] = this.judges.map((judge, place) => {
      const { loss, answers } = judge.evaluate();
      return { loss, ...scores(answers, place ? this.test : this.train, of) };
    });
    this.found = { epoch: this.epoch, train, test, best: bestOf({ epoch: this.epoch, test }, this.found?.best) };
    const finite = this.parameters.every(Number.isFinite) && Number.isFinite(train.loss);
    this.diverged ||= !finite;
    this.timeline.keep(this.found, finite && this.timeline.wants(this.epoch) ? this.state() : null);
    this.judged = this.training.t;
  }

  /** Let the reader come back to here, if this is where an epoch ended. */
  hold() {
    if (!this.diverged && this.judged === this.training.t) this.timeline.hold(() => this.state());
  }

  /** All that the next steps depend on. */
  state() {
    const { training, engine, program } = this;
    return {
      parameters: this.parameters.slice(), statistics: this.statistics.slice(), t: training.t,
      slots: training.slots.map((slot) => engine.view(slot, program.parameters).slice()), before: training.before,
      epoch: this.epoch, at: this.at, hands: this.hands,
    };
  }

  restore(state) {
    this.parameters.set(state.parameters);
    this.statistics.set(state.statistics);
    this.training.slots.forEach((slot, place) =>
      this.engine.view(slot, this.program.parameters).set(state.slots[place]));
    Object.assign(this.training, { t: state.t, before: state.before });
    const { epoch, at, hands } = state;
    Object.assign(this, { epoch, at, hands, order: null, diverged: false });
  }

  /** Go to an epoch that has been kept, or the one before it. What came later stays until training goes on. */
  goTo(epoch) {
    const moment = this.timeline.at(epoch);
    if (!moment) return; // it has never been finite
    this.restore(moment.state);
    this.found = moment.found;
  }

  /** Another value of a weight or bias, by the reader's own hand. */
  setParameter(place, value) {
    this.parameters[place] = value;
    this.hands = [...this.hands, { epoch: this.epoch, at: this.at, place, value: this.parameters[place] }];
    this.timeline.forget(this.epoch);
    this.judge();
    this.hold();
  }

  /** Draw maps with the columns beside the two of the plane held at those of a training row; null: at their mean. */
  holdAt(row = null) {
    const held = this.train[row]?.z;
    if (held === this.held) return;
    this.held = held;
    this.grid = this.rows(gridPoints());
  }

  /** One step in slow motion, on the rows of the next batch or on one row; nothing of the session changes but the slice that maps show. */
  slowed(row = null) {
    this.holdAt(row);
    return slowed(this, row === null ? Array.from(this.next(), Number) : [row]);
  }

  /** How the network is: see `Examination`. */
  examine() {
    this.examination ??= new Examination(this);
    return this.examination.look();
  }

  /** The curves of all activations in use. */
  curves() {
    const used = new Set(this.choices.hidden.map(({ activation }) => activation));
    return Object.fromEntries([...used].map((name) => [name, curveOf(this.engine, name)]));
  }

  /** Make the step that was shown. */
  apply(row = null) {
    if (row === null) this.steps(1);
    else {
      this.training.steps([row], 1, ratesOf(this, 1));
      this.hands = [...this.hands, { epoch: this.epoch, at: this.at, row }];
    }
    if (this.at || row !== null) this.judge();
    this.hold();
  }

  /** What a link to this moment says beside the choices. */
  moment() {
    const { epoch, at, hands } = this;
    return { epoch, at, hands };
  }

  /** The gradient that steps use, beside finite differences of the loss; null, where there are none. */
  checked() {
    return canCheck(this.choices) ? gradientCheck(this) : null;
  }

  /** A program for the library: to where the session is, or with its weights where no whole epochs lead there. */
  asProgram() {
    const { network, choices, train, test, hands, at, diverged } = this;
    const repeats = !hands.length && !choices.forgotten && (!at || diverged); // whole epochs, as the library makes them
    const [start, statistics, epochs] = repeats ? [this.beginning.parameters, [], this.epoch] : [this.parameters, this.statistics, 0];
    const tables = [train, test].map((some) => ({ X: this.rows(some), targets: this.targets(some) }));
    const whole = this.engine.description.losses[choices.loss].target === "classes";
    return pythonProgram({ network, choices, tables, start, statistics, epochs, whole });
  }

  /** What is drawn of a moment: maps of all units (where the whole is wanted), the answers on the grid, weights, losses. */
  frame(whole = true) {
    const { maps, program, dense } = this;
    const answers = maps.predict(this.grid);
    return {
      epoch: this.epoch, at: this.at, t: this.training.t, diverged: this.diverged, found: this.found, answers,
      maps: whole ? dense.map((place) => maps.numbers(place, GRID * GRID)) : [],
      parameters: this.parameters.slice(),
      learned: program.learned.filter(({ what }) => what === "parameters"),
      dense: dense.map(({ layer, inputs, outputs }) => ({ layer, inputs, outputs })),
      curve: this.timeline.curve(),
      stopped: this.stopped, lesson: standing(this),
    };
  }
}
