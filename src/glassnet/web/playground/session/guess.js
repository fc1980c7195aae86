// What a reader expected beside what came, in words with numbers: of the loss over epochs, of the boundary on the map.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { GRID } from "./tables.js";

/** Points of a curve that is expected, behind the one where it begins. */
export const HANDLES = 8;
const NEAR = 0.05; // of the loss: no difference to speak of
const LEVEL = 0.1; // of the loss at the start: no change to speak of
const AGREED = 0.98; // of the map: no difference to speak of
const ROOM = 0.02; // of the map: a class has got too much of it

const TRENDS = { fell: phrase("fell", "loss"), rose: phrase("rose", "loss"), level: phrase("hardly changed", "loss") };
const ZONES = [
  [phrase("at the upper left"), phrase("at the top"), phrase("at the upper right")],
  [phrase("at the left"), phrase("in the middle"), phrase("at the right")],
  [phrase("at the lower left"), phrase("at the bottom"), phrase("at the lower right")],
].flat();

/** @typedef {[number, number][]} Rows Epoch and loss. */

/** The loss of a curve at an epoch. @param {Rows} rows */
export function lossAt(rows, epoch) {
  const next = rows.findIndex(([one]) => one >= epoch);
  if (next < 1) return rows.at(next)[1];
  const [[left, before], [right, after]] = [rows[next - 1], rows[next]];
  return before + ((after - before) * (epoch - left)) / (right - left);
}

/** A curve from one epoch to another. @param {Rows} rows @returns {Rows} */
const between = (rows, from, to) => [[from, lossAt(rows, from)], ...rows.filter(([epoch]) => epoch > from && epoch < to), [to, lossAt(rows, to)]];

/** Which way a curve goes. @param {Rows} rows @returns {"fell"|"rose"|"level"} */
function trend(rows) {
  const change = rows.at(-1)[1] - rows[0][1];
  if (Math.abs(change) < LEVEL * Math.abs(rows[0][1])) return "level";
  return change < 0 ? "fell" : "rose";
}

/** After how many epochs half of a curve's change has come. @param {Rows} rows */
function halfway(rows) {
  const [[start, first], [, last]] = [rows[0], rows.at(-1)];
  const share = rows.map(([, loss]) => (loss - first) / (last - first));
  const place = share.findIndex((one) => one >= 0.5);
  const part = (0.5 - share[place - 1]) / (share[place] - share[place - 1]);
  return rows[place - 1][0] + part * (rows[place][0] - rows[place - 1][0]) - start;
}

/**
 * What differs between two curves that begin at the same place: their ends, and the way there.
 * @param {Rows} guess @param {Rows} found @param {(loss: number) => string} written
 * @returns {string[]} Sentences; none before there is anything to compare.
 */
export function lossWords(guess, found, written) {
  const from = guess[0][0];
  const to = Math.min(guess.at(-1)[0], found.at(-1)[0]);
  if (to <= from) return [];
  const [mine, its] = [between(guess, from, to), between(found, from, to)];
  const [expected, came] = [mine.at(-1)[1], its.at(-1)[1]];
  const numbers = { expected: written(expected), epochs: to - from, loss: written(came) };
  if (!Number.isFinite(came)) return [say("You expected {expected} after {epochs} epochs; training has diverged, and the loss is inf or NaN.", numbers)];
  const close = Math.abs(expected - came) <= NEAR * Math.max(Math.abs(its[0][1]), Math.abs(came));
  const ends = say(close ? phrase("You expected {expected} after {epochs} epochs; it is {loss}, very close.") : phrase("You expected {expected} after {epochs} epochs; it is {loss}."), numbers);
  const ways = { expected: trend(mine), came: trend(its) };
  if (ways.expected !== ways.came) return [ends, say("The loss {came}; in your curve it {expected}.", { came: say(TRENDS[ways.came]), expected: say(TRENDS[ways.expected]) })];
  if (ways.came === "level") return [ends, say("It hardly changed, as you drew it.")];
  const [half, drawn] = [halfway(its), halfway(mine)];
  const early = { half: Math.max(1, Math.round(half)), drawn: Math.max(1, Math.round(drawn)) };
  return [ends, say(Math.abs(half - drawn) <= (to - from) / HANDLES ? phrase("Half of the change came in the first {half} epochs, about as you drew it.")
    : phrase("Half of the change came in the first {half} epochs; in your curve, in the first {drawn}."), early)];
}

/**
 * What differs between two maps of classes: how much of it, where most, and which class got too much room.
 * @param {number[]} guess @param {number[]} found Of each point of the grid the class. @param {(one: number) => string} named
 */
export function mapWords(guess, found, named) {
  const differs = guess.map((one, place) => one !== found[place]);
  const share = differs.filter((one) => !one).length / guess.length;
  const percent = (part) => Math.round(100 * part);
  if (share >= AGREED) return [say("Your guess and the network agree on {share}% of the map.", { share: percent(share) })];
  const zone = (place) => 3 * Math.floor((3 * Math.floor(place / GRID)) / GRID) + Math.floor((3 * (place % GRID)) / GRID);
  const counts = ZONES.map((_, number) => differs.filter((one, place) => one && zone(place) === number).length);
  const where = say(ZONES[counts.indexOf(Math.max(...counts))]);
  const room = (map, one) => map.filter((other) => other === one).length / map.length;
  const classes = [...new Set([...guess, ...found])].map((one) => ({ one, mine: room(guess, one), its: room(found, one) }));
  const most = classes.reduce((best, next) => (next.mine - next.its > best.mine - best.its ? next : best));
  return [say("Your guess and the network agree on {share}% of the map, and differ most {where}.", { share: percent(share), where }),
    most.mine - most.its < ROOM ? say("You gave each class about as much room as the network does.")
      : say("You gave {name} too much room: {mine}% of the map; the network gives it {its}%.", { name: named(most.one), mine: percent(most.mine), its: percent(most.its) })];
}
