// The gradient check: the gradient that the program's steps use, beside finite differences of the loss itself.

import { difference_quotient, nudge, STEP } from "./limits.js";
import { trainingOf } from "./slow_step.js";
import { difference, length } from "./vectors.js";

const ROUNDING = 2 ** -22; // what a loss loses in float32, as a share of it
const MOST = 40; // numbers of a parameter that are compared

/** Whether there is a loss to compare with: dropout draws another one with each step, batch norm sees other rows. */
export const canCheck = ({ hidden }) => hidden.every(({ dropout, norm }) => dropout === 0 && norm !== "batch_norm");

/** The gradient of all training rows, as a step on copies leaves it behind. */
function used(session) {
  const { engine, choices, train, program } = session;
  const top = engine.top;
  const step = trainingOf(session, session.state(), train, train.length);
  step.steps(train.map((_, row) => row), train.length, [choices.rate]);
  const gradient = engine.view(step.gradient, program.parameters).slice();
  engine.top = top;
  return gradient;
}

/**
 * For each parameter of each layer how far the two gradients are apart, as a share of the longer of both.
 * @param {import("./session.js").Session} session
 * @returns {{layer: number, name: string, error: number, used: number, measured: number}[]} With their lengths.
 */
export function gradientCheck(session) {
  const gradient = used(session);
  const { program, parameters, judges: [judge] } = session; // only now: memory may have moved
  const loss = (place, value) => {
    parameters[place] = value;
    return judge.evaluate().loss;
  };
  const middle = judge.evaluate().loss;
  /** The slope of one number, of those between both sides, as at a kink, and within rounding, the nearest to the gradient. */
  const slope = (place) => {
    const value = parameters[place];
    const far = nudge(STEP, value);
    const sides = [difference_quotient(loss(place, value + far), middle, far), difference_quotient(middle, loss(place, value - far), far)];
    parameters[place] = value;
    const rounding = ROUNDING * Math.abs(middle) / far;
    return Math.max(Math.min(...sides) - rounding, Math.min(Math.max(...sides) + rounding, gradient[place]));
  };
  return program.learned.filter(({ what }) => what === "parameters").map(({ layer, name, start, stop }) => {
    const every = Math.ceil((stop - start) / MOST);
    const places = Array.from({ length: Math.ceil((stop - start) / every) }, (_, place) => start + every * place);
    const [computed, slopes] = [places.map((place) => gradient[place]), places.map(slope)];
    const [mine, measured, apart] = [computed, slopes, difference(computed, slopes)].map(length);
    return { layer, name, error: apart && apart / Math.max(mine, measured), used: mine, measured };
  });
}
