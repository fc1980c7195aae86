// A slice of the loss around the path of a training: the plane of its two principal directions (Li et al. 2018, section 7).

import { MARGIN } from "./limits.js";
import { difference, dot, length } from "./vectors.js";

const SQUARED = 24; // times: 2²⁴ turns a direction a millionth shorter into one that is not there

/** The direction in which some vectors together go farthest: squares of the matrix of their products keep nothing else. */
function principal(vectors) {
  let power = vectors.map((one) => Float64Array.from(vectors, (other) => dot(one, other)));
  for (let squared = 0; squared < SQUARED; squared++) {
    const trace = power.reduce((sum, row, place) => sum + row[place], 0);
    power = power.map((row) => row.map((_, place) => dot(row, power[place]) / trace ** 2));
  }
  const shares = power.reduce((best, row, place) => (row[place] > best[power.indexOf(best)] ? row : best));
  const direction = vectors[0].map((_, place) => vectors.reduce((sum, vector, row) => sum + shares[row] * vector[place], 0));
  const far = length(direction);
  return direction.map((one) => one / far);
}

/**
 * The two principal directions of a path: the library has them from a singular value decomposition, which the engine has not.
 * @param {Float32Array[]} path Parameters, epoch by epoch.
 * @param {Float32Array} center What they are seen from.
 * @returns {{directions: Float64Array[], along: number[][], shares: number[]}|null} Null: it did not move in two directions.
 */
function plane(path, center) {
  const steps = path.map((one) => Float64Array.from(one, (value, place) => value - center[place]));
  const first = principal(steps);
  const rest = steps.map((step) => { const far = dot(step, first); return step.map((one, place) => one - far * first[place]); });
  const directions = [first, principal(rest)];
  const along = steps.map((step) => directions.map((direction) => dot(step, direction)));
  const all = steps.reduce((sum, step) => sum + dot(step, step), 0);
  const shares = [0, 1].map((axis) => along.reduce((sum, places) => sum + places[axis] ** 2, 0) / all);
  return shares[1] > 1e-20 * shares[0] ? { directions, along, shares } : null;
}

/** Points along a side of the slice. */
export const SIDE = 31;
const MOMENTS = 60; // of the path that is drawn

/** Of moments, at most so many, about as far from each other along the way: training goes far at first, and then hardly. */
function thinned(moments) {
  if (moments.length <= MOMENTS) return moments;
  const far = moments.map(({ state }, place) => (place ? length(difference(state.parameters, moments[place - 1].state.parameters)) : 0));
  const pace = far.reduce((sum, one) => sum + one, 0) / (MOMENTS - 2);
  let gone = Infinity;
  return moments.filter((_, place) => {
    gone += far[place];
    const taken = gone >= pace || place === moments.length - 1;
    if (taken) gone = 0;
    return taken;
  });
}

/** Places along one direction, with the path and where the network is now among them. */
function around(places) {
  const [low, high] = [Math.min(...places, 0), Math.max(...places, 0)];
  const margin = MARGIN * (high - low);
  return Array.from({ length: SIDE }, (_, place) => low - margin + ((high - low + 2 * margin) * place) / (SIDE - 1));
}

export class Surface {
  first; second; along; shares; directions;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    const kept = session.timeline.moments.filter(({ state, found }) => state && found.epoch <= session.epoch);
    const path = thinned(kept);
    this.center = session.parameters.slice();
    this.epochs = path.map(({ found }) => found.epoch);
    const found = path.length > 2 && this.center.every(Number.isFinite) ? plane(path.map(({ state }) => state.parameters), this.center) : null;
    this.flat = !found;
    if (this.flat) return;
    Object.assign(this, found);
    [this.first, this.second] = [0, 1].map((axis) => around(found.along.map((place) => place[axis])));
  }

  /** All but the losses. */
  get outline() {
    const { flat, epochs, along, shares, first, second } = this;
    return { flat, epochs, along, shares, first, second, loss: this.session.found.train.loss };
  }

  /** The losses of a row of the slice, from the second direction's least; the network stays as it is. */
  row(number) {
    const { session, center, directions: [across, up], first, second } = this;
    const parameters = session.parameters;
    const losses = first.map((step) => {
      for (let place = 0; place < center.length; place++) {
        parameters[place] = center[place] + step * across[place] + second[number] * up[place];
      }
      return session.judges[0].evaluate().loss;
    });
    session.parameters.set(center);
    return losses;
  }
}
