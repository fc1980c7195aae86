// A file or a text of the reader's own becomes a table: which columns it has, of which kind, and which rows.

import { phrase } from "../../phrase.js";
import { different, LEAST_ROWS, MOST_CLASSES, MOST_COLUMNS, MOST_ROWS, oneLine, usualAxes } from "./own_table.js";
import { uniformFrom } from "./random.js";

const NO_TEXT = phrase("Not a text file. In a spreadsheet program, save the table as CSV.");
const MOST_BYTES = 10_000_000;
const BEGINNING = 20_000; // letters that show how cells are separated
const FIRST = 200; // rows that show whether the first line has names
const SEED = 1; // of the sample
const SEPARATORS = ["\t", ";", ",", " +"]; // as regular expressions
const MISSING = ["", "?", "na", "n/a", "#n/a", "nan", "null"];

/** What is wrong with a text, and what its words name. */
export class TableError extends Error {
  constructor(words, values = {}) {
    super(words);
    this.values = values;
  }
}

function checkSize(size) {
  if (size <= MOST_BYTES) return;
  throw new TableError(phrase("A table may have at most {most} MB. Received: {size} MB. Save fewer rows or columns."), { most: MOST_BYTES / 1e6, size: (size / 1e6).toFixed(1) });
}

/** The cells of each line. In quotes a cell may have separators and line ends in it, and quotes, which are doubled. */
function cells(text, separator) {
  const cell = new RegExp(`(?:"((?:[^"]|"")*)" *|([^${separator[0]}\\r\\n]*))(${separator}|\\r?\\n|\\r|$)`, "y");
  const lines = [[]];
  while (cell.lastIndex < text.length) {
    const [, quoted, plain, end] = cell.exec(text);
    lines.at(-1).push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (/[\r\n]/.test(end)) lines.push([]);
  }
  return lines.map((line) => line.slice(0, line.findLastIndex((one) => one !== "") + 1)).filter((line) => line.length);
}

/** The same by the separator that gives most lines the three cells that are needed, as the beginning of the text has them. */
function separated(text) {
  const read = (separator, length = Infinity) => {
    const some = text.slice(0, length);
    return cells(separator === " +" ? some.replace(/^ +/gm, "") : some, separator);
  };
  const fitting = (separator) => read(separator, BEGINNING).filter((line) => line.length > 2).length;
  const separator = SEPARATORS.reduce((best, one) => (fitting(one) > fitting(best) ? one : best));
  return { lines: read(separator), comma: separator === "," ? "" : "," };
}

const isMissing = (cell) => cell === undefined || MISSING.includes(cell.toLowerCase());

/** Some of many rows, drawn at random by a seed, in their order. */
function sampled(rows) {
  if (rows.length <= MOST_ROWS) return rows;
  const uniform = uniformFrom(SEED);
  let wanted = MOST_ROWS;
  return rows.filter((_, row) => {
    const taken = uniform() * (rows.length - row) < wanted;
    if (taken) wanted -= 1;
    return taken;
  });
}

/**
 * The table of a text. Columns of numbers are offered, and columns of few different texts, if half of their cells have a value; the
 * rest is left out. Of very many rows it is a sample.
 * @returns {{own: import("./own_table.js").Own, left: string[]}} With the names of the columns that are left out.
 */
export function readTable(text) {
  checkSize(text.length);
  if (text.includes("\0")) throw new TableError(NO_TEXT);
  const { lines, comma } = separated(text.replace(/^\uFEFF/, ""));
  const number = (cell) => Number(Number(comma && /^[-+]?\d*,\d+$/.test(cell) ? cell.replace(comma, ".") : cell).toPrecision(9));
  const isNumber = (cell) => Number.isFinite(number(cell));
  const [head = [], ...behind] = lines;
  const width = lines.reduce((most, line) => Math.max(most, line.length), 0);
  const ofNumbers = (some) => some.length > 0 && some.every(isNumber);
  const cellsOf = (some, place) => some.map((line) => line[place]).filter((cell) => !isMissing(cell));
  const places = Array.from({ length: width }, (_, place) => place);
  const first = behind.slice(0, FIRST);
  const named = places.some((place) => !isMissing(head[place]) && !isNumber(head[place]) && ofNumbers(cellsOf(first, place)));
  const all = named ? behind : lines;
  if (all.length < LEAST_ROWS) throw new TableError(phrase("Too few rows: a table needs at least {least}. Received: {count}."), { least: LEAST_ROWS, count: all.length });
  const rows = sampled(all);
  const names = places.map((place) => (named ? oneLine(head[place] ?? "") : ""));
  const kinds = places.map((place) => {
    const some = cellsOf(rows, place);
    const numbers = ofNumbers(some) ? different(some.map(number)) : null;
    const texts = numbers ? [] : [...new Set(some)].sort();
    const few = numbers ?? texts; // 1 and 1.0 are one class
    if (some.length < rows.length / 2 || few.length < 2 || (!numbers && few.length > MOST_CLASSES)) return null;
    /** @type {import("./own_table.js").Column} */
    const column = { name: names[place] };
    if (numbers) column.ends = [numbers[0], numbers.at(-1)];
    if (few.length <= MOST_CLASSES) column.classes = numbers ?? texts.map((one) => oneLine(one));
    return {
      column,
      read: (line) => (isMissing(line[place]) ? null : numbers ? number(line[place]) : texts.indexOf(line[place])),
    };
  });
  const usable = places.filter((place) => kinds[place]);
  const numbered = [0, 1].some((first) => all.every(([cell], row) => cell === String(row + first)));
  const fit = numbered && usualAxes(usable.slice(1).map((place) => kinds[place].column)) ? usable.slice(1) : usable; // a number of rows says nothing of them
  const kept = fit.length > MOST_COLUMNS ? [...fit.slice(0, MOST_COLUMNS - 1), fit.at(-1)] : fit; // the last one is often the target
  const found = kept.map((place) => kinds[place]);
  const columns = found.map(({ column }) => column);
  const axes = usualAxes(columns);
  if (!axes) {
    throw new TableError(phrase("A table needs two numeric columns and one more to predict, numeric or with 2 to 8 different texts, separated by commas, semicolons or tabs. Received: {columns} columns, of which {numbers} are numeric and {texts} have 2 to 8 different texts."),
      { columns: width, numbers: columns.filter(({ ends }) => ends).length, texts: columns.filter(({ ends }) => !ends).length });
  }
  return {
    own: { columns, rows: rows.map((line) => found.map(({ read }) => read(line))), axes, total: all.length },
    left: places.filter((place) => !kept.includes(place)).map((place) => names[place] || String(place + 1)),
  };
}

/** The text of a file, in whatever of the usual encodings it was saved. @param {Blob} file */
export async function textOf(file) {
  checkSize(file.size);
  const bytes = new Uint8Array(await file.arrayBuffer().catch(() => { throw new TableError(phrase("The table cannot be read. Choose another file.")); }));
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (first === 0x50 && second === 0x4b) throw new TableError(NO_TEXT); // a workbook is a zip file
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch { // as spreadsheets save in Chinese, where letters come as two bytes, or in the west, where they come alone
    const western = new TextDecoder("windows-1252").decode(bytes);
    const even = western.match(/[^\0-\x7f]+/g).every(({ length }) => length % 2 === 0);
    const pairs = western.match(/[^\0-\x7f]{2}/g) ?? [];
    const common = pairs.filter(([first]) => first >= "\xb0" && first <= "\xd7").length; // rows of the common Chinese letters
    return even && common > pairs.length / 2 ? new TextDecoder("gb18030").decode(bytes) : western;
  }
}
