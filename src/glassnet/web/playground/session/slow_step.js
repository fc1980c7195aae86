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

/** A training of a session's network on some of its points, which changes copies; whoever makes it gives back the memory. */
export function trainingOf(session, { parameters, statistics }, some, batch, network = session.network) {
  const { engine, rows, targets, choices } = session;
  const program = new Program(engine.description, network, batch, "training");
  const model = { parameters: engine.put(parameters), statistics: engine.put(statistics) };
  return new Training(engine, program, model, rows(some), targets(some), choices.seed);
}

/** What the next step of a session will be on these rows. */
export function slowed(session, rows) {
  const { engine, choices, training, program: own } = session;
  const [rate] = ratesOf(session, 1);
  const top = engine.top;
  const before = session.state();
  const some = rows.map((row) => session.train[row]);
  const step = trainingOf(session, before, some, rows.length, { ...session.network, layers: apart(session.network.layers) });
  const { program, model } = step;
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
    learned: program.learned.filter(({ what }) => what === "parameters"), X: session.rows(some), targets: session.targets(some),
    before: before.parameters, after, slotsBefore: before.slots, slotsAfter: kept(step.slots), slots: rule.slots,
    t: step.t, rate, values: Object.fromEntries(rule.names.map((name, i) => [name, rule.values[i]])),
    coefficients: step.before ?? [], strengths: program.strengths, segments: program.segments,
    lossValues: engine.description.losses[choices.loss].values,
    answers: applied(engine, { inputs: program.outputs, layers: [], loss: choices.loss }, layers.at(-1).y),
  };
  engine.top = top;
  return found;
}

const [REACH, POINTS] = [4, 97];

const PLACES = Array.from({ length: POINTS }, (_, place) => -REACH + (2 * REACH * place) / (POINTS - 1));

/** The curve of an activation: numbers, and what becomes of them. */
export const curveOf = (engine, activation) =>
  [PLACES, Array.from(applied(engine, { inputs: 1, layers: [{ kind: "activate", activation }], loss: "mse" }, PLACES))];

/** The predictions of a network without parameters for rows of numbers. @param {import("../../network.js").Network} network */
function applied(engine, network, numbers) {
  const top = engine.top;
  const program = new Program(engine.description, network, numbers.length / network.inputs, "prediction");
  const found = new Prediction(engine, program, { parameters: engine.room(0), statistics: engine.room(0) }).predict(numbers);
  engine.top = top;
  return found;
}
