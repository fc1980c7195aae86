// The reader's own table: text of two columns of numbers and one of classes becomes points of the plane.

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

/**
 * Points from a text: the first two columns of numbers and the last column, whose values are the classes. Columns are
 * stretched to the plane.
 * @returns {{points: [number, number, number][], names: string[]}}
 */
export function readTable(text) {
  if (text.length > MOST_LETTERS) throw new TableError("tableLarge");
  const lines = text.split(/\r?\n/).filter((line) => line.trim()).map(cells);
  const numeric = ([x, y]) => [x, y].every((cell) => cell !== undefined && cell !== "" && Number.isFinite(Number(cell)));
  const rows = lines.filter((line, place) => numeric(line) || place > 0); // the first line may be names
  if (rows.length < 4) throw new TableError("tableShort");
  if (rows.length > MOST_ROWS) throw new TableError("tableLarge");
  if (rows.some((line) => line.length < 3 || !numeric(line))) throw new TableError("tableShape");
  const names = [...new Set(rows.map((line) => line.at(-1)))].sort();
  if (names.length < 2 || names.length > MOST_CLASSES) throw new TableError("tableClasses");
  const scaled = [0, 1].map((column) => {
    const numbers = rows.map((line) => Number(line[column]));
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    return numbers.map((one) => Number((high > low ? ((2 * (one - low)) / (high - low) - 1) * WIDE : 0).toPrecision(5)));
  });
  return { points: rows.map((line, row) => [scaled[0][row], scaled[1][row], names.indexOf(line.at(-1))]), names };
}
