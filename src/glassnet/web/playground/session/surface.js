// A slice of the loss around the path of a training: the plane of its two principal directions (Li et al. 2018, section 7).

import { MARGIN } from "./limits.js";

const dot = (a, b) => a.reduce((sum, one, place) => sum + one * b[place], 0);

/** Eigenvalues and eigenvectors of a symmetric matrix, the largest first (Jacobi's rotations). */
export function eigen(matrix) {
  const size = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  const vectors = a.map((_, i) => Float64Array.from({ length: size }, (_, j) => Number(i === j)));
  const off = () => a.reduce((sum, row, i) => sum + row.reduce((most, one, j) => most + (i === j ? 0 : one * one), 0), 0);
  const enough = 1e-24 * a.reduce((sum, row) => sum + dot(row, row), 0);
  for (let sweep = 0; sweep < 30 && off() > enough; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (a[p][q] === 0) continue;
        const ratio = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const tangent = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        const sine = tangent * cosine;
        for (let k = 0; k < size; k++) [a[k][p], a[k][q]] = [cosine * a[k][p] - sine * a[k][q], sine * a[k][p] + cosine * a[k][q]];
        const [first, second] = [a[p], a[q]];
        for (let k = 0; k < size; k++) [first[k], second[k]] = [cosine * first[k] - sine * second[k], sine * first[k] + cosine * second[k]];
        for (const row of vectors) [row[p], row[q]] = [cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]];
      }
    }
  }
  const order = a.map((row, place) => [row[place], place]).sort(([one], [other]) => other - one);
  return { values: order.map(([value]) => value), vectors: order.map(([, place]) => vectors.map((row) => row[place])) };
}

/**
 * @param {Float32Array[]} path Parameters, epoch by epoch.
 * @param {Float32Array} center What they are seen from.
 * @returns {{directions: Float64Array[], along: number[][], shares: [number, number]}|null} Null: it did not move in two
 *   directions.
 */
export function principal(path, center) {
  const steps = path.map((one) => Float64Array.from(one, (value, place) => value - center[place]));
  const { values, vectors } = eigen(steps.map((one) => steps.map((other) => dot(one, other))));
  if (values.length < 2 || !(values[1] > 1e-20 * values[0])) return null;
  const directions = [0, 1].map((axis) => {
    const direction = new Float64Array(center.length);
    steps.forEach((step, row) => step.forEach((value, place) => { direction[place] += vectors[axis][row] * value; }));
    return direction.map((value) => value / Math.sqrt(values[axis]));
  });
  const all = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  return {
    directions, along: steps.map((step) => directions.map((direction) => dot(step, direction))),
    shares: [values[0] / all, values[1] / all],
  };
}

/** Points along a side of the slice. */
export const SIDE = 31;
const MOMENTS = 60; // of the path that is drawn

/** Of moments, at most so many, about as far from each other along the way: training goes far at first, and then hardly. */
function thinned(moments) {
  if (moments.length <= MOMENTS) return moments;
  const far = moments.map(({ state }, place) => (place ? distance(state.parameters, moments[place - 1].state.parameters) : 0));
  const pace = far.reduce((sum, one) => sum + one, 0) / (MOMENTS - 2);
  let gone = Infinity;
  return moments.filter((_, place) => {
    gone += far[place];
    const taken = gone >= pace || place === moments.length - 1;
    if (taken) gone = 0;
    return taken;
  });
}

const distance = (one, other) => Math.sqrt(one.reduce((sum, value, place) => sum + (value - other[place]) ** 2, 0));

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
    const found = path.length > 2 && this.center.every(Number.isFinite) ? principal(path.map(({ state }) => state.parameters), this.center) : null;
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
