// The reader's own table: text of two columns of numbers and one of classes or numbers becomes points of the plane.

import { phrase } from "../../phrase.js";
import { MOST_CLASSES } from "./choices.js";
import { REACH } from "./tables.js";

const TOO_LARGE = phrase("Too many rows: at most 2000. Use a sample.");
const TOO_SHORT = phrase("Too few rows: at least 4 are needed.");
const NO_TEXT = phrase("Not a text file. In a spreadsheet program, save the table as CSV.");
const MOST_ROWS = 2000;
const MOST_LETTERS = 500_000;
const WIDE = 0.9 * REACH;
const SEPARATORS = ["\t", ";", ",", " +"]; // as regular expressions
const MISSING = ["", "?", "na", "n/a", "nan", "null"];

/** What is wrong with a text, and what its words name. */
export class TableError extends Error {
  constructor(words, values = {}) {
    super(words);
    this.values = values;
  }
}

/** The cells of each line. In quotes a cell may have separators and line ends in it, and quotes, which are doubled. */
function cells(text, separator) {
  const cell = new RegExp(`(?:"((?:[^"]|"")*)" *|((?:(?!${separator})[^\\r\\n])*))(${separator}|\\r?\\n|\\r|$)`, "y");
  const lines = [[]];
  while (cell.lastIndex < text.length) {
    const [, quoted, plain, end] = cell.exec(text);
    lines.at(-1).push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (/[\r\n]/.test(end)) lines.push([]);
  }
  return lines.map((line) => line.slice(0, line.findLastIndex((one) => one !== "") + 1)).filter((line) => line.length);
}

/** The same by the separator that gives most lines the three cells that are needed. */
function separated(text) {
  const all = SEPARATORS.map((separator) => ({ separator, lines: cells(separator === " +" ? text.replace(/^ +/gm, "") : text, separator) }));
  const fitting = ({ lines }) => lines.filter((line) => line.length > 2).length;
  const { lines, separator } = all.reduce((best, one) => (fitting(one) > fitting(best) ? one : best));
  return { lines, comma: separator === "," ? "" : "," };
}

const isMissing = (cell) => cell === undefined || MISSING.includes(cell.toLowerCase());

/** A column stretched to reach from one end to the other, in five digits; by halves, for a difference may be too large. */
function stretched(numbers, reach) {
  const [low, high] = [Math.min(...numbers) / 2, Math.max(...numbers) / 2];
  return numbers.map((one) => Number((high > low ? (2 * ((one / 2 - low) / (high - low)) - 1) * reach : 0).toPrecision(5)));
}

/**
 * Points from a text: the first two columns of numbers and the last column, whose values are the classes; more different
 * numbers there than there may be classes are numbers to be learned. Columns are stretched to the plane, and rows without one of
 * the three are left out.
 * @returns {{points: [number, number, number][], names: string[], numbers: boolean, columns: string[], width: number, missing: number}}
 *   With what the three columns are called, how many there were, and how many rows were left out.
 */
export function readTable(text) {
  if (text.length > MOST_LETTERS) throw new TableError(TOO_LARGE);
  if (text.includes("\0")) throw new TableError(NO_TEXT);
  const { lines, comma } = separated(text.replace(/^\uFEFF/, ""));
  const number = (cell) => Number(comma && /^[-+]?\d*,\d+$/.test(cell) ? cell.replace(comma, ".") : cell);
  const isNumber = (cell) => !isMissing(cell) && Number.isFinite(number(cell));
  const [head = [], ...behind] = lines;
  const width = Math.max(0, ...lines.map((line) => line.length));
  const ofNumbers = (column) => behind.some((line) => isNumber(line[column]))
    && behind.every((line) => isMissing(line[column]) || isNumber(line[column]));
  const numeric = Array.from({ length: width - 1 }, (_, column) => column).filter(ofNumbers).slice(0, 2);
  if (behind.length < 3) throw new TableError(TOO_SHORT);
  if (numeric.length < 2) throw new TableError(phrase("The table needs two numeric columns followed by a class column, separated by commas, semicolons or tabs."));
  const used = [...numeric, width - 1];
  const named = numeric.some((column) => !isNumber(head[column]) && !isMissing(head[column])); // the first line may be names
  const whole = (named ? behind : lines).map((line) => used.map((column) => line[column]));
  const rows = whole.filter((row) => !row.some(isMissing));
  if (rows.length < 4) throw new TableError(TOO_SHORT);
  if (rows.length > MOST_ROWS) throw new TableError(TOO_LARGE);
  const last = rows.map((row) => row[2]);
  const amounts = last.every(isNumber);
  const values = amounts ? last.map(number) : last; // 1 and 1.0 are one class
  const names = last.filter((_, row) => values.indexOf(values[row]) === row)
    .sort(amounts ? (one, other) => number(one) - number(other) : undefined);
  const known = amounts ? names.map(number) : names;
  const numbers = names.length > MOST_CLASSES && amounts;
  if (!numbers && (names.length < 2 || names.length > MOST_CLASSES)) throw new TableError(phrase("The last column must have 2 to 8 classes, or more than 8 different numbers. Received: {count} different values."), { count: names.length });
  const [x, y] = [0, 1].map((column) => stretched(rows.map((row) => number(row[column])), WIDE));
  const targets = numbers ? stretched(last.map(number), 1) : values.map((one) => known.indexOf(one));
  return {
    points: rows.map((_, row) => [x[row], y[row], targets[row]]), names: numbers ? [] : names, numbers,
    columns: used.map((column) => (named ? head[column] : undefined) || String(column + 1)), width, missing: whole.length - rows.length,
  };
}

/** The text of a file, in whatever of the usual encodings it was saved. @param {Blob} file */
export async function textOf(file) {
  if (file.size > 4 * MOST_LETTERS) throw new TableError(TOO_LARGE);
  const bytes = new Uint8Array(await file.arrayBuffer().catch(() => { throw new TableError(phrase("The table cannot be read. Choose another file.")); }));
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (first === 0x50 && second === 0x4b) throw new TableError(NO_TEXT); // a workbook is a zip file
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes); // as spreadsheets save in Chinese; figures are the same everywhere
  }
}
