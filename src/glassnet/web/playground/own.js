// The reader's own table: text of two columns of numbers and one of classes or numbers becomes points of the plane.

import { MOST_CLASSES } from "./choices.js";
import { REACH } from "./tables.js";

const MOST_ROWS = 2000;
const MOST_LETTERS = 500_000;
const WIDE = 0.9 * REACH;

/** What is wrong with a text, as a key of the catalogue. */
export class TableError extends Error {}

/** The cells of a line: separated by tabs, semicolons or commas; without quotes around them. */
const cells = (line) => line.split(line.includes("\t") ? "\t" : line.includes(";") ? ";" : ",")
  .map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));

const isNumber = (cell) => cell !== undefined && cell !== "" && Number.isFinite(Number(cell));

/** A column stretched to reach from one end to the other, in five digits. */
function stretched(numbers, reach) {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return numbers.map((one) => Number((high > low ? ((2 * (one - low)) / (high - low) - 1) * reach : 0).toPrecision(5)));
}

/**
 * Points from a text: the first two columns of numbers and the last column, whose values are the classes; more different
 * numbers there than there may be classes are numbers to be learned. Columns are stretched to the plane.
 * @returns {{points: [number, number, number][], names: string[], numbers: boolean}}
 */
export function readTable(text) {
  if (text.length > MOST_LETTERS) throw new TableError("tableLarge");
  const lines = text.split(/\r?\n/).filter((line) => line.trim()).map(cells);
  const numeric = ([x, y]) => isNumber(x) && isNumber(y);
  const rows = lines.filter((line, place) => numeric(line) || place > 0); // the first line may be names
  if (rows.length < 4) throw new TableError("tableShort");
  if (rows.length > MOST_ROWS) throw new TableError("tableLarge");
  if (rows.some((line) => line.length < 3 || !numeric(line))) throw new TableError("tableShape");
  const last = rows.map((line) => line.at(-1));
  const names = [...new Set(last)].sort();
  const numbers = names.length > MOST_CLASSES && last.every(isNumber);
  if (!numbers && (names.length < 2 || names.length > MOST_CLASSES)) throw new TableError("tableClasses");
  const [x, y] = [0, 1].map((column) => stretched(rows.map((line) => Number(line[column])), WIDE));
  const targets = numbers ? stretched(last.map(Number), 1) : last.map((name) => names.indexOf(name));
  return { points: rows.map((_, row) => [x[row], y[row], targets[row]]), names: numbers ? [] : names, numbers };
}
