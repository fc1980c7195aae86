// One step in slow motion: the engine makes it on copies, and every number of it is read from the engine's own buffers.

import { Prediction, Training } from "../../engine.js";
import { Program } from "../../network.js";
import { ratesOf } from "./schedule.js";

/** Layers of which each neuron's sum z has a place of its own: its activation becomes a layer by itself. */
export function apart(layers, number = { last: 0 }) {
  return layers.flatMap((layer) => {
    number.last += 1;
    const own = number.last; // random numbers are those of the layer as it was
    if (layer.kind === "residual") return [{ ...layer, number: own, layers: apart(layer.layers, number) }];
    if (layer.kind !== "dense" || layer.activation === "identity") return [{ ...layer, number: own }];
    const { activation, back } = layer;
    return [{ ...layer, activation: "identity", number: own }, { kind: "activate", activation, back, number: own }];
  });
}

/**
 * @typedef {object} StepNumbers A layer, of all rows of the batch: (rows, outputs), row after row.
 * @property {string} kind
 * @property {number} layer
 * @property {Float32Array} x What goes in.
 * @property {Float32Array} y What comes out: z of a dense layer, a of an activation.
 * @property {Float32Array} d_y The loss's gradient by that.
 */

/** What the next step of a session will be on these rows. */
export function slowed(session, rows) {
  const { engine, choices, training, program: own } = session;
  const [rate] = ratesOf(session, 1);
  const top = engine.top;
  const network = { ...session.network, layers: apart(session.network.layers) };
  const program = new Program(engine.description, network, rows.length, "training");
  const before = session.state();
  const model = { parameters: engine.put(before.parameters), statistics: engine.put(before.statistics) };
  const { rows: inputs, targets } = session;
  const some = rows.map((row) => session.train[row]);
  const [X, y] = [inputs(some), targets(some)];
  const step = new Training(engine, program, model, X, y, choices.seed);
  const kept = (places) => places.map((place) => engine.view(place, own.parameters).slice());
  step.slots.forEach((slot, place) => engine.view(slot, own.parameters).set(before.slots[place]));
  Object.assign(step, { t: training.t, before: training.before });
  const loss = step.steps(rows.map((_, row) => row), rows.length, [rate]);
  const layers = program.places.map((place) => ({
    ...place,
    input: engine.view(step.activations + 4 * place.x, rows.length * place.inputs).slice(),
    y: step.numbers(place, rows.length),
    d_y: step.numbers(place, rows.length, true),
  }));
  const [gradient, after] = kept([step.gradient, model.parameters]);
  const rule = engine.description.optimizers[choices.optimizer];
  const found = {
    rows, points: some, loss, losses: engine.view(step.losses, rows.length, Float64Array).slice(), layers, gradient,
    learned: program.learned.filter(({ what }) => what === "parameters"), X, targets: y,
    before: before.parameters, after, slotsBefore: before.slots, slotsAfter: kept(step.slots), slots: rule.slots,
    t: step.t, rate, values: Object.fromEntries(rule.names.map((name, i) => [name, rule.values[i]])),
    coefficients: step.before ?? [], strengths: program.strengths, segments: program.segments,
    lossValues: engine.description.losses[choices.loss].values,
  };
  engine.top = top;
  return found;
}

const [REACH, POINTS] = [4, 97];

const PLACES = Array.from({ length: POINTS }, (_, place) => -REACH + (2 * REACH * place) / (POINTS - 1));

/** The curve of an activation, by the engine's own kernel: numbers, and what becomes of them. */
export function curveOf(engine, activation, numbers = PLACES) {
  const top = engine.top;
  /** @type {import("../../network.js").Network} */
  const network = { inputs: 1, layers: [{ kind: "activate", activation }], loss: "mse" };
  const program = new Program(engine.description, network, numbers.length, "prediction");
  const model = { parameters: engine.room(0), statistics: engine.room(0) };
  const values = new Prediction(engine, program, model).predict(numbers);
  engine.top = top;
  return [numbers, Array.from(values)];
}
