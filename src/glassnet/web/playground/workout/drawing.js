// The numbers of a task, from a seed: short ones for a pocket calculator, by which each mistake has a result of its own.

import { Row } from "../../parts/row.js";
import { uniformFrom } from "../session/random.js";
import { slowed } from "../session/slow_step.js";
import { StepNumbers } from "../session/step_numbers.js";
import { resultsOf } from "./judging.js";
import { questionOf } from "./questions.js";
import { NAMES, TASKS } from "./tasks.js";

const WEIGHTS = [-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2];
const INPUTS = [-2, -1, -0.5, 0.5, 1, 2, 3];
const RATES = [0.5, 0.2, 0.1];
const TRIES = 60;
const [LEAST, MOST] = [0.02, 30]; // of an answer
const STEEP = 4; // sums beyond it lie where activations are flat
const LOOSE = 0.03; // by so much the numbers that are shown may lead to another result than those in memory

/** Of a network of the task, all that a row of it needs. */
function drawn({ network, activations, loss, optimizer = "sgd", targets, rows = 1 }, uniform) {
  const one = (all) => all[Math.floor(all.length * uniform())];
  const many = (count, all) => Array.from({ length: count }, () => one(all));
  const size = network.slice(1).reduce((sum, units, layer) => sum + units * (network[layer] + 1), 0);
  const count = loss === "cross_entropy" ? 1 : network.at(-1);
  return {
    widths: network, activations, loss, optimizer, seed: 0, rate: one(RATES), weights: many(size, WEIGHTS),
    row: many(rows * network[0], INPUTS), target: many(rows * count, targets),
  };
}

/** The step of a network with these numbers, and the one after it on the same rows. */
export function stepOf(engine, asked, steps = 0) {
  const row = new Row(engine, asked);
  const take = () => {
    const found = slowed(row, row.train);
    row.apply(found);
    return found;
  };
  for (let step = 0; step < steps; step++) take();
  return { asked, slowed: take(), later: take() };
}

export const factsOf = ({ widths, activations, loss, optimizer }) =>
  ({ loss, optimizer, outputs: widths.at(-1), activations: activations.map((name) => (name === "identity" ? undefined : name)) });

/** The numbers of a step as questions read them. */
export const seenOf = (step) => Object.assign(new StepNumbers(step.slowed), { later: new StepNumbers(step.later) });

const apart = ([low, high], [from, to]) => high < from || to < low;

/** How many results cannot be told from another; Infinity, where the answer itself is none to work out. */
export function confused(question) {
  const { right, mistakes } = resultsOf(question);
  const size = Math.abs(question.answer);
  const sums = Object.entries(question.known).filter(([name]) => name.startsWith("z"));
  if (!(size >= LEAST && size <= MOST) || right[1] - right[0] > LOOSE * size || sums.some(([, z]) => Math.abs(z) > STEEP)) return Infinity;
  const ranges = [right, ...mistakes.map(([, range]) => range)];
  return ranges.reduce((sum, one, place) => sum + ranges.slice(0, place).filter((other) => !apart(one, other)).length, 0);
}

/** The step of a network of the task, with the numbers of a seed that suit all that is asked. */
export function draw(engine, task, all, seed) {
  const uniform = uniformFrom(seed);
  let [best, least] = [null, Infinity];
  for (let tries = 0; tries < TRIES && least > 0; tries++) {
    const step = stepOf(engine, drawn(task, uniform), task.steps);
    const found = all.reduce((sum, asked) => sum + confused(questionOf(seenOf(step), asked, factsOf(step.asked))), 0);
    if (!best || found < least) [best, least] = [step, found];
  }
  return best;
}

/** A task with the numbers of a seed. */
export const pose = (engine, { name, seed }) => draw(engine, TASKS[name], [TASKS[name].asked], 7919 * seed + NAMES.indexOf(name));
