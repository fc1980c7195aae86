// The gradient check: the gradient that the program's steps use, beside finite differences of the loss itself.

import { difference_quotient, nudge, STEP } from "./limits.js";
import { trainingOf } from "./slow_step.js";
import { difference, length } from "./vectors.js";

const ROUNDING = 2 ** -22; // what a loss loses in float32, as a share of it
const MOST = 40; // numbers of a parameter that are compared
const RIGHT = 0.01; // in float32; a wrong gradient is beyond

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

/** How far a gradient and slopes are apart, as a share of the longer of both, and their lengths. */
function compared(gradient, slopes) {
  const [used, measured, apart] = [gradient, slopes, difference(gradient, slopes)].map(length);
  const error = apart && apart / Math.max(used, measured);
  return { error, right: error <= RIGHT, used, measured };
}

/** Of the slopes between both sides, as at a kink, and within rounding, the nearest to the gradient. */
const nearest = (gradient, { left, right, rounding }) =>
  Math.max(Math.min(left, right) - rounding, Math.min(Math.max(left, right) + rounding, gradient));

/**
 * For each parameter of each layer how far the two gradients are apart, as a share of the longer of both.
 * Slopes are central differences; only where these disagree with the gradient, kinks and rounding are allowed for.
 * @param {import("./session.js").Session} session
 * @returns {{layer: number, name: string, error: number, right: boolean, used: number, measured: number}[]} With their lengths.
 */
export function gradientCheck(session) {
  const gradient = used(session);
  const { program, parameters, judges: [judge] } = session; // only now: memory may have moved
  const loss = (place, value) => {
    parameters[place] = value;
    return judge.evaluate().loss;
  };
  const middle = judge.evaluate().loss;
  /** The slopes of one number to both sides. */
  const sides = (place) => {
    const value = parameters[place];
    const far = nudge(STEP, value);
    const [above, below] = [loss(place, value + far), loss(place, value - far)];
    parameters[place] = value;
    return { right: difference_quotient(above, middle, far), left: difference_quotient(middle, below, far), rounding: ROUNDING * Math.abs(middle) / far };
  };
  return program.learned.filter(({ what }) => what === "parameters").map(({ layer, name, start, stop }) => {
    const every = Math.ceil((stop - start) / MOST);
    const places = Array.from({ length: Math.ceil((stop - start) / every) }, (_, place) => start + every * place);
    const [computed, measured] = [places.map((place) => gradient[place]), places.map(sides)];
    const central = compared(computed, measured.map(({ left, right }) => (left + right) / 2));
    return { layer, name, ...(central.right ? central : compared(computed, measured.map((one, number) => nearest(computed[number], one)))) };
  });
}
