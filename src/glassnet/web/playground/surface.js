// A slice of the loss around the path of a training: the plane of its two principal directions (Li et al. 2018, section 7).

import { MARGIN } from "./limits.js";
import { principal } from "./principal.js";

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
