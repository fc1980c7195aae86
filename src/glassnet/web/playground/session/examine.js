// How a network is while it trains: units that are dead or saturated, gradients layer by layer, and how far a step moves the
// weights. The engine goes forward and back on a copy; what follows is told as the library's doctor tells it, by its limits.

import { Training } from "../../engine.js";
import { Program } from "../../network.js";
import { ACTIVATIONS } from "../../parts/formulas.js";
import { DOCTOR, SLOPES } from "./limits.js";
import { apart } from "./slow_step.js";
import { difference, length } from "./vectors.js";

/** Of a step's length; what else is trouble, the library's doctor says. */
const [LONG, SHORT] = [{ warning: 0.3 }, 1e-5];
const ROWS = 256;

/** @typedef {{kind: string, severity: string, layer: number}} Finding Layers are counted from 0, the first hidden one. */

const SEVERITIES = ["serious", "warning", "note"];

/** The worst severity whose limit a value reaches. */
const graded = (value, limits) => SEVERITIES.find((name) => value >= (limits[name] ?? Infinity)) ?? null;

/** How far each layer's weights went, as a share of their own length. */
export function moved(learned, before, now) {
  return learned.filter(({ what, kind, name }) => what === "parameters" && kind === "weight" && name === "W")
    .map(({ start, stop }) => [before, now].map((numbers) => numbers.subarray(start, stop)))
    .map(([old, weights]) => length(difference(weights, old)) / Math.max(length(old), 1e-30));
}

const withoutDropout = (layers) => layers.filter(({ kind }) => kind !== "dropout")
  .map((layer) => (layer.layers ? { ...layer, layers: withoutDropout(layer.layers) } : layer));

export class Examination {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    const { engine, network, choices, train, rows, targets } = session;
    this.session = session;
    const some = train.slice(0, ROWS);
    this.rows = some.map((_, row) => row);
    const layers = withoutDropout(apart(network.layers));
    this.program = new Program(engine.description, { ...network, layers }, some.length, "training");
    this.model = { parameters: engine.room(this.program.parameters), statistics: engine.room(this.program.statistics) };
    this.training = new Training(engine, this.program, this.model, rows(some), targets(some), choices.seed);
  }

  /**
   * What there is to see of the network as it is now.
   * @returns {{layers: object[], findings: Finding[]}} Without layers where numbers are not finite.
   */
  look() {
    const { session, program, training, rows } = this;
    const { engine, parameters, statistics } = session;
    if (session.diverged || !parameters.every(Number.isFinite)) return { layers: [], findings: [this.divergence()] };
    engine.view(this.model.parameters, program.parameters).set(parameters);
    engine.view(this.model.statistics, program.statistics).set(statistics);
    Object.assign(training, { t: session.training.t, before: session.training.before });
    training.steps(rows, rows.length, [0]); // at a rate of 0, so only gradients come of it
    const dense = program.places.map((place, number) => [place, program.places[number + 1]]).filter(([{ kind }]) => kind === "dense");
    const layers = dense.map(([place, behind], layer) => {
      const gradient = Math.sqrt(rows.length) * length(training.numbers(place, rows.length, true)); // of a row, the loss being a mean
      const { activation } = session.choices.hidden[layer] ?? {};
      const idle = behind?.kind === "activate" ? this.units(place, behind, activation) : { dead: [], saturated: [] };
      return { units: place.outputs, activation, gradient, moved: session.moved?.[layer], ...idle };
    });
    return { layers, findings: this.findings(layers) };
  }

  /** Where it began, as far as the last epoch with finite numbers tells: the layer with the largest weight. */
  divergence() {
    const { timeline, program, beginning } = this.session;
    const { state, found } = timeline.at(Infinity) ?? { state: beginning, found: timeline.moments[0].found };
    const largest = program.learned.filter(({ what, name }) => what === "parameters" && name === "W").map(({ start, stop }) =>
      state.parameters.subarray(start, stop).reduce((most, one) => Math.max(most, Math.abs(one)), 0));
    const value = Math.max(...largest);
    return { kind: "diverged", severity: "serious", layer: largest.indexOf(value), value, epoch: found.epoch, loss: found.train.loss };
  }

  /** Which units of a layer no gradient passes. */
  units(place, behind, activation) {
    const { rows, training } = this;
    const { steepest, levelsOff } = SLOPES[activation];
    const { slope } = ACTIVATIONS[activation];
    const [z, a] = [training.numbers(place, rows.length), training.numbers(behind, rows.length)];
    const isFlat = (at, limit) => Math.abs(slope(z[at], a[at])) <= limit * steepest;
    /** Units of which at least this share of the rows is where the activation hardly rises. */
    const flat = (limit, share) => Array.from({ length: place.outputs }, (_, unit) => unit).filter((unit) =>
      rows.filter((row) => isFlat(row * place.outputs + unit, limit)).length >= share * rows.length);
    return levelsOff ? { dead: [], saturated: flat(DOCTOR.saturated, DOCTOR.nearlyAll) } : { dead: flat(DOCTOR.dead, 1), saturated: [] };
  }

  /** The worst layer of each kind of trouble. */
  findings(layers) {
    const found = [];
    const worst = (kind, values, limits, /** @type {(layer: object) => object} */ more = () => ({})) => {
      const value = Math.max(...values);
      const layer = values.indexOf(value);
      const severity = layer < 0 ? null : graded(value, limits);
      if (severity) found.push({ kind, severity, layer, value, ...more(layers[layer]) });
    };
    const counted = (name) => (one) => ({ count: one[name].length, units: one.units, activation: one.activation });
    worst("dead", layers.map((one) => one.dead.length / one.units), DOCTOR.idle, counted("dead"));
    worst("saturated", layers.map((one) => one.saturated.length / one.units), DOCTOR.idle, counted("saturated"));
    const { gradient: last } = layers.at(-1);
    if (last > 0) {
      const others = layers.slice(0, -1);
      worst("vanishing", others.map(({ gradient }) => last / Math.max(gradient, Number.MIN_VALUE)), DOCTOR.vanished);
      worst("exploding", others.map(({ gradient }) => gradient / last), DOCTOR.exploded);
    }
    const steps = layers.map((one) => one.moved);
    if (steps.every(Number.isFinite)) {
      worst("long", steps, LONG);
      const { found: now, timeline } = this.session;
      const longest = Math.max(...steps);
      const hardlyFell = now.train.loss > 0.5 * timeline.moments[0].found.train.loss;
      if (longest < SHORT && longest > 0 && hardlyFell) {
        found.push({ kind: "short", severity: "warning", layer: steps.indexOf(longest), value: longest });
      }
    }
    return found.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
  }
}
