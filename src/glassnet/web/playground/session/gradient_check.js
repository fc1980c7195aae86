// The gradient check: the gradient that the program's steps use, beside finite differences of the loss itself.

import { Training } from "../../engine.js";
import { Program } from "../../network.js";

const NUDGE = 0.004; // in float32 a smaller one would drown in rounding
const MOST = 40; // numbers of a parameter that are compared

/** Whether there is a loss to compare with: dropout draws another one with each step, batch norm sees other rows. */
export const canCheck = ({ hidden }) => hidden.every(({ dropout, norm }) => dropout === 0 && norm !== "batch_norm");

/** The gradient of all training rows, as a step on copies leaves it behind. */
function used({ engine, network, choices, parameters, statistics, train, rows, targets }) {
  const [numbers, kept] = [parameters.slice(), statistics.slice()]; // before memory moves
  const top = engine.top;
  const program = new Program(engine.description, network, train.length, "training");
  const model = { parameters: engine.put(numbers), statistics: engine.put(kept) };
  const step = new Training(engine, program, model, rows(train), targets(train), choices.seed);
  step.steps(train.map((_, row) => row), train.length, [choices.rate]);
  const gradient = engine.view(step.gradient, program.parameters).slice();
  engine.top = top;
  return gradient;
}

/**
 * For each parameter of each layer how far the two gradients are apart: 0, they agree; 1, they have nothing in common.
 * @param {import("./session.js").Session} session
 * @returns {{layer: number, name: string, error: number, used: number, measured: number}[]} With their lengths.
 */
export function gradientCheck(session) {
  const gradient = used(session);
  const { program, parameters, judges: [judge] } = session; // asked for now: memory may have moved
  const loss = (place, value) => {
    parameters[place] = value;
    return judge.evaluate().loss;
  };
  const pair = (place) => {
    const value = parameters[place];
    const [above, below] = [loss(place, value + NUDGE), loss(place, value - NUDGE)];
    parameters[place] = value;
    return [gradient[place], (above - below) / (2 * NUDGE)];
  };
  return program.learned.filter(({ what }) => what === "parameters").map(({ layer, name, start, stop }) => {
    const every = Math.ceil((stop - start) / MOST);
    const places = Array.from({ length: stop - start }, (_, place) => start + place).filter((_, place) => place % every === 0);
    const pairs = places.map(pair);
    const length = (of) => Math.hypot(...pairs.map(of));
    const [mine, measured, apart] = [([one]) => one, ([, other]) => other, ([one, other]) => one - other].map(length);
    return { layer, name, error: apart / Math.max(mine + measured, 1e-6), used: mine, measured };
  });
}
