// An optimizer on its way down a surface, by its own rule.

import { phrase } from "../phrase.js";
import { OPTIMIZERS, SURFACES } from "./formulas.js";

const DOWNHILL = phrase("Each step goes against the gradient; its length is the learning rate times the gradient.");
const FAR = 1e4; // as far outside nothing comes back

export class Descent {
  /** @param {string} surface @param {string} optimizer @param {number} rate @param {number[]} start */
  constructor(surface, optimizer, rate, start) {
    Object.assign(this, { surface: SURFACES[surface], optimizer: OPTIMIZERS[optimizer], name: optimizer, rate });
    this.begin(start);
  }

  begin(start) {
    this.place = [...start];
    this.slots = start.map(() => this.optimizer.slots.map(() => 0));
    this.coefficients = undefined;
    this.t = 0;
    this.path = [this.place];
    this.losses = [this.height];
  }

  get height() {
    return this.surface.f(...this.place);
  }

  get gradient() {
    return this.surface.gradient(...this.place);
  }

  /** How long the gradient is. */
  get steepness() {
    return Math.hypot(...this.gradient);
  }

  get diverged() {
    return this.place.some((one) => !(Math.abs(one) < FAR));
  }

  /** One step; gives whether there can be another. */
  step() {
    if (this.diverged) return false;
    const { optimizer, gradient } = this;
    this.t += 1;
    this.coefficients = optimizer.coefficients(this.t, this.coefficients);
    const after = this.place.map((theta, direction) =>
      optimizer.rule(theta, gradient[direction], this.slots[direction], this.rate, this.coefficients));
    this.place = after.map(([theta]) => theta);
    this.slots = after.map(([, ...slots]) => slots);
    this.path.push(this.place);
    this.losses.push(this.height);
    return !this.diverged;
  }

  /** Whether it stands still. */
  get rests() {
    if (this.path.length < 3) return false;
    const before = this.path.at(-2);
    const moved = Math.hypot(...this.place.map((one, direction) => one - before[direction]));
    return moved < 1e-5 && this.steepness < 1e-3;
  }

  /** What can be said of where it is. */
  get verdict() {
    if (this.diverged) return phrase("Diverged: each step overshoots by more than the one before. Lower the learning rate.");
    if (this.losses.length > 1 && this.losses.at(-1) > this.losses.at(-2) + 1e-9) return phrase("The last step went uphill: it jumped across the valley.");
    if (this.steepness > 0.02) return DOWNHILL;
    const here = this.height;
    const lower = ways(this.place.length).some((way) =>
      this.surface.f(...this.place.map((one, direction) => one + 0.05 * way[direction])) < here - 1e-9);
    if (lower) return phrase("Plateau: the gradient is close to zero here, but this is not a minimum.");
    if (this.steepness > 1e-3) return DOWNHILL;
    return here > lowest(this.surface) + 0.05
      ? phrase("At a local minimum: the gradient is zero, but the loss is lower elsewhere.")
      : phrase("At a minimum: the gradient is zero, and the loss rises in every direction.");
  }
}

/** Directions to look in. */
const ways = (dimensions) => (dimensions === 1 ? [[-1], [1]]
  : Array.from({ length: 16 }, (_, place) => [Math.cos((place * Math.PI) / 8), Math.sin((place * Math.PI) / 8)]));

/** The lowest height on a grid over the surface. */
export function lowest(surface, points = 80) {
  const [xs, ys = [0, 0]] = surface.reach;
  const along = ([low, high]) => Array.from({ length: points + 1 }, (_, place) => low + ((high - low) * place) / points);
  return Math.min(...along(xs).flatMap((x) => (surface.reach.length > 1 ? along(ys).map((y) => surface.f(x, y)) : [surface.f(x)])));
}

/** A learning rate that suits a rule: some make steps as long as the gradient, others as long as the rate. */
export const rateFor = (surface, optimizer) =>
  (["sgd", "momentum", "nesterov"].includes(optimizer) ? SURFACES[surface].rate : SURFACES[surface].stride);
