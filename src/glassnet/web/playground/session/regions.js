// Boundaries on the map: into which regions drawn ones part it, and where a network's own one runs.

import { middleOf } from "./scores.js";
import { GRID, REACH } from "./tables.js";

const FINE = 3 * GRID; // cells along a side, on which regions are found; the middle one of three is the point of the grid
const CLOSED = 0.6; // how far apart the ends of a loop may be
const AHEAD = 0.5; // of a line, by whose end it goes on

/** @typedef {{x: number, y: number}} Place */

const distance = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);

/** The place where a line leaves the map that goes on as it ended. @param {Place[]} line */
function beyond(line) {
  const end = line.at(-1);
  const before = line.findLast((place) => distance(place, end) > AHEAD) ?? line[0];
  const length = distance(before, end) || 1;
  const far = 3 * REACH;
  return { x: end.x + (far * (end.x - before.x)) / length, y: end.y + (far * (end.y - before.y)) / length };
}

/** A line that was drawn, as a boundary: its ends joined where they meet, or both continued out of the map. @param {Place[]} line */
export function boundary(line) {
  const around = line.slice(1).reduce((sum, place, before) => sum + distance(line[before], place), 0);
  if (distance(line[0], line.at(-1)) < CLOSED && around > 3 * CLOSED) return [...line, line[0]];
  return [beyond(line.toReversed()), ...line, beyond(line)];
}

const along = (value) => Math.floor(((value + REACH) / (2 * REACH)) * FINE);
const within = (column, row) => column >= 0 && column < FINE && row >= 0 && row < FINE;

/** The cells that boundaries run through. */
function walls(lines) {
  const found = new Uint8Array(FINE * FINE);
  for (const line of lines.map(boundary)) {
    line.slice(1).forEach((to, before) => {
      const from = line[before];
      const steps = Math.ceil((4 * FINE * distance(from, to)) / (2 * REACH)) || 1;
      for (let step = 0; step <= steps; step++) {
        const [x, y] = [from.x + ((to.x - from.x) * step) / steps, from.y + ((to.y - from.y) * step) / steps];
        const [column, row] = [along(x), along(-y)];
        if (within(column, row)) found[row * FINE + column] = 1;
      }
    });
  }
  return found;
}

const beside = (cell) => [[1, 0], [-1, 0], [0, 1], [0, -1]].map(([right, down]) => [(cell % FINE) + right, Math.floor(cell / FINE) + down])
  .filter(([column, row]) => within(column, row)).map(([column, row]) => row * FINE + column);

/**
 * The class of each point of the grid, where lines part the map: in each region that of most points in it; where there are none,
 * of the point that is nearest to its middle.
 * @param {Place[][]} lines @param {import("./tables.js").Point[]} points
 */
export function classesBetween(lines, points) {
  const wall = walls(lines);
  const regions = new Int32Array(FINE * FINE).fill(-1);
  const classes = [];
  const cellOf = ({ x, y }) => Math.max(0, Math.min(FINE - 1, along(-y))) * FINE + Math.max(0, Math.min(FINE - 1, along(x)));
  for (let start = 0; start < regions.length; start++) {
    if (regions[start] >= 0 || wall[start]) continue;
    const cells = [start];
    regions[start] = classes.length;
    for (const cell of cells) {
      for (const next of beside(cell)) {
        if (regions[next] >= 0 || wall[next]) continue;
        regions[next] = classes.length;
        cells.push(next);
      }
    }
    classes.push(classOf(cells, points.filter((point) => regions[cellOf(point)] === classes.length), points));
  }
  let edge = [...regions.keys()].filter((cell) => regions[cell] >= 0);
  while (edge.length) { // what boundaries run through belongs to a region beside it
    edge = edge.flatMap((cell) => beside(cell).filter((next) => regions[next] < 0 && (regions[next] = regions[cell]) >= 0));
  }
  return Array.from({ length: GRID * GRID }, (_, place) => classes[regions[(3 * Math.floor(place / GRID) + 1) * FINE + 3 * (place % GRID) + 1]]);
}

/** The class of a region with these cells and points. */
function classOf(cells, inside, points) {
  if (inside.length) {
    const counts = [];
    for (const { target } of inside) counts[target] = (counts[target] ?? 0) + 1;
    return counts.reduce((best, count, one) => (count > (counts[best] ?? 0) ? one : best), -1);
  }
  const middle = (of) => (((cells.reduce((sum, cell) => sum + of(cell), 0) / cells.length + 0.5) / FINE) * 2 - 1) * REACH;
  const place = { x: middle((cell) => cell % FINE), y: -middle((cell) => Math.floor(cell / FINE)) };
  return points.reduce((best, point) => (distance(point, place) < distance(best, place) ? point : best)).target;
}

/** Where a number changes its sign between the points of the grid, as short lines. @param {ArrayLike<number>} numbers */
function contour(numbers) {
  const found = [];
  const at = (cell) => ({ x: ((2 * ((cell % GRID) + 0.5)) / GRID - 1) * REACH, y: (1 - (2 * (Math.floor(cell / GRID) + 0.5)) / GRID) * REACH });
  for (let row = 0; row + 1 < GRID; row++) {
    for (let column = 0; column + 1 < GRID; column++) {
      const first = row * GRID + column;
      const corners = [first, first + 1, first + GRID + 1, first + GRID];
      const crossed = corners.flatMap((cell, corner) => {
        const next = corners[(corner + 1) % 4];
        if (numbers[cell] > 0 === numbers[next] > 0) return [];
        const [from, to, share] = [at(cell), at(next), numbers[cell] / (numbers[cell] - numbers[next])];
        return [{ x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) }];
      });
      for (let pair = 0; pair + 1 < crossed.length; pair += 2) found.push([crossed[pair], crossed[pair + 1]]);
    }
  }
  return found;
}

/** The boundary of a network by its answers on the grid. @param {ArrayLike<number>} answers @param {{outputs: number, loss: string}} network */
export function boundaryOf(answers, { outputs, loss }) {
  const rows = GRID * GRID;
  if (outputs === 1) return contour(Float64Array.from({ length: rows }, (_, row) => answers[row] - middleOf(loss)));
  return Array.from({ length: outputs }, (_, one) => contour(Float64Array.from({ length: rows }, (_, row) => {
    let other = -Infinity;
    for (let output = 0; output < outputs; output++) if (output !== one) other = Math.max(other, answers[row * outputs + output]);
    return answers[row * outputs + one] - other;
  }))).flat();
}
