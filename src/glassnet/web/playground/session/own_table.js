// The reader's own table: rows of real values under the names of their columns. Two columns span the plane, a third one is predicted.

import { inputOf, REACH } from "./tables.js";

export const MOST_CLASSES = 8;
export const MOST_COLUMNS = 24;
export const MOST_ROWS = 2000;
export const LEAST_ROWS = 4; // without which there is nothing to train on
const LONGEST_COLUMN = 40;
const LONGEST_CLASS = 24;
const WIDE = 0.9 * REACH;

/**
 * @typedef {object} Column
 * @property {string} name As the table has it, with the unit; "": it has none.
 * @property {[number, number]} [ends] Of numbers: the least and the largest.
 * @property {(string|number)[]} [classes] If there are few different cells, these. A cell of texts is a place in here.
 * @typedef {object} Own
 * @property {Column[]} columns
 * @property {(number|null)[][]} rows A cell for each column; null: it has no value.
 * @property {[number, number, number]} axes The columns of x, of y and of the target.
 * @property {number} total Rows of the file that these were drawn from; 0: they were drawn by hand.
 * @typedef {import("./tables.js").Point & {cells?: (number|null)[], z?: number[]}} OwnPoint With its row, and the columns of it that are inputs standardized.
 */

/** Where between -1 and 1 a value is in its column; by halves, for a difference may be too large. @type {(column: Column, value: number) => number} */
const within = ({ ends: [low, high] }, value) => 2 * ((value / 2 - low / 2) / (high / 2 - low / 2)) - 1;

/** The value at a coordinate of the plane. @param {Column} column */
export function valueAt({ ends: [low, high] }, place) {
  const share = (place / WIDE + 1) / 2;
  return low * (1 - share) + high * share;
}

/** The value of a target from -1 to 1. @param {Column} column */
export const targetAt = (column, target) => valueAt(column, WIDE * target);

/** The column that an input is, "c1" the first; null: it is a function of the plane. */
export const columnOf = (input) => (/^c\d+$/.test(input) ? Number(input.slice(1)) - 1 : null);

/** All columns of numbers but the target, as inputs. @param {Own} own */
export const columnInputs = ({ columns, axes }) => columns.flatMap(({ ends }, place) => (ends && place !== axes[2] ? [`c${place + 1}`] : []));

/** Whether columns are inputs of the network, and not functions of the plane. */
export const takesColumns = ({ inputs }) => columnOf(inputs[0]) !== null;

/** Mean and deviation of a column, in coordinates of the plane. */
function moments({ columns, rows }, place) {
  const all = rows.flatMap((row) => (row[place] === null ? [] : [WIDE * within(columns[place], row[place])]));
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
  return { mean, deviation: Math.sqrt(all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / all.length) || 1 };
}

function targetOf(column, cell) {
  if (!column.ends) return cell;
  return column.classes ? column.classes.indexOf(cell) : within(column, cell);
}

/** The columns that are used: those of the map, the target, and those that are inputs. @param {{own?: Own, inputs: string[]}} choices */
export const usedColumns = ({ own, inputs }) => [...new Set([...own.axes, ...inputs.map(columnOf).filter((one) => one !== null)])];

/** The rows that have a value in all of these, as points. @param {{own?: Own, inputs: string[]}} choices @returns {OwnPoint[]} */
export function pointsOf({ own, inputs }) {
  const { columns, rows, axes } = own;
  const [x, y, target] = axes;
  const scales = takesColumns({ inputs }) ? new Map(inputs.map(columnOf).map((place) => [place, moments(own, place)])) : null;
  const standardized = (row) => columns.map((column, place) => {
    const { mean, deviation } = scales.get(place) ?? {};
    return deviation ? (WIDE * within(column, row[place]) - mean) / deviation : 0;
  });
  const used = usedColumns({ own, inputs });
  return rows.filter((row) => used.every((place) => row[place] !== null)).map((row) => ({
    cells: row, x: WIDE * within(columns[x], row[x]), y: WIDE * within(columns[y], row[y]), target: targetOf(columns[target], row[target]),
    ...(scales ? { z: standardized(row) } : {}),
  }));
}

/**
 * The inputs of the network as functions of a point. Of a point of the plane that is no row, columns beside the two of the plane are held
 * at their mean, or at those of a row.
 * @param {{own?: Own, inputs: string[]}} choices
 * @param {number[]} [held] The row's columns, standardized.
 * @returns {((point: OwnPoint) => number)[]}
 */
export function inputsOf({ own, inputs }, held = undefined) {
  return inputs.map((name) => {
    const column = columnOf(name);
    if (column === null) return ({ x, y }) => inputOf(name)(x, y);
    const axis = own.axes.indexOf(column);
    if (axis < 0) return ({ z = held }) => z?.[column] ?? 0;
    const { mean, deviation } = moments(own, column);
    return ({ x, y }) => ((axis ? y : x) - mean) / deviation;
  });
}

/** Which columns become x, y and the target if one of them is chosen for a place; null: none would be left for another place. */
export function axesWith({ columns, axes }, place, column) {
  const found = axes.map((one, other) => (other === place ? column : one));
  const left = axes.indexOf(column);
  if (left < 0 || left === place) return found;
  const free = [axes[place], ...columns.keys()].find((one) => !found.includes(one) && (left === 2 || columns[one].ends));
  if (free === undefined) return null;
  found[left] = free;
  return found;
}

/**
 * The first two columns of numbers, and the last column that leaves two of them as the target; null: there are too few.
 * @param {Column[]} columns
 * @returns {[number, number, number]|null}
 */
export function usualAxes(columns) {
  for (let target = columns.length - 1; target >= 0; target--) {
    const numbers = [...columns.keys()].filter((place) => columns[place].ends && place !== target);
    if (numbers.length > 1) return [numbers[0], numbers[1], target];
  }
  return null;
}

/** The table of points that were drawn by hand, in the columns of the table before where it is one. @param {number[][]} points @param {{table?: string, own?: Own, classes: unknown}} facts @returns {Own} */
export function drawnTable(points, { table, own, classes }) {
  /** @type {Column} */
  const axis = { name: "", ends: [-WIDE, WIDE] };
  const [x, y, old] = table === "own" ? own.axes.map((place) => own.columns[place]) : [axis, axis, { name: "" }];
  const count = Math.max(2, ...points.map(([, , target]) => target + 1));
  /** @type {Column} */
  const target = { name: old.name };
  if (classes) target.classes = Array.from({ length: count }, (_, place) => String(old.classes?.[place] ?? ""));
  else target.ends = old.ends ?? [-1, 1];
  const kept = (number) => Number(number.toPrecision(7));
  return {
    columns: [x, y, target], axes: [0, 1, 2], total: 0,
    rows: points.map(([a, b, one]) => [kept(valueAt(x, a)), kept(valueAt(y, b)), classes ? one : kept(targetAt(target, one))]),
  };
}

/** A text from a table in one line, for it may come to stand in a program. */
export const oneLine = (text, most) => String(text).replace(/[\s\p{C}]+/gu, " ").trim().slice(0, most);

/** The different numbers of a column, in their order. */
export const different = (numbers) => [...new Set(numbers)].sort((one, other) => one - other);

const listOf = (given, most) => (Array.isArray(given) ? given : []).slice(0, most);

/** @returns {Column|null} */
function soundColumn(given) {
  const name = oneLine(given?.name ?? "", LONGEST_COLUMN);
  const [low, high] = listOf(given?.ends, 2);
  const classes = listOf(given?.classes, MOST_CLASSES);
  if (Number.isFinite(low) && Number.isFinite(high) && low < high) return { name, ends: [low, high], ...(classes.length ? { classes } : {}) };
  return classes.length > 1 ? { name, classes: classes.map((one) => oneLine(one, LONGEST_CLASS)) } : null;
}

/** A table of which nothing is out of range, whatever came; null: there is none. Older links have points, and names of classes beside. @returns {Own|null} */
export function soundOwn({ own: given, ownNumbers = false, ownNames = [] }) {
  if (Array.isArray(given)) {
    const points = given.slice(0, MOST_ROWS).filter((row) => Array.isArray(row) && row.length === 3 && row.every(Number.isFinite)
      && (ownNumbers === true ? Math.abs(row[2]) <= 1 : Number.isInteger(row[2]) && row[2] >= 0 && row[2] < MOST_CLASSES));
    const table = drawnTable(points, { classes: ownNumbers !== true });
    const names = listOf(ownNames, MOST_CLASSES);
    table.columns[2].classes?.forEach((_, place, classes) => { classes[place] = names[place] ?? ""; });
    return soundOwn({ own: table });
  }
  const columns = listOf(given?.columns, MOST_COLUMNS).map(soundColumn);
  if (columns.includes(null)) return null;
  const cell = (value, /** @type {Column} */ column) => (Number.isFinite(value)
    && (column.ends ? Math.abs(within(column, value)) <= 100 : Number.isInteger(value) && value >= 0 && value < column.classes.length) ? value : null);
  const rows = listOf(given?.rows, MOST_ROWS).filter(Array.isArray).map((row) => columns.map((column, place) => cell(row[place], column)));
  for (const [place, column] of columns.entries()) {
    if (!column.ends || !column.classes) continue;
    column.classes = different(rows.map((row) => row[place]).filter((one) => one !== null));
    if (column.classes.length > MOST_CLASSES || column.classes.length < 2) delete column.classes;
  }
  const axes = listOf(given?.axes, 3);
  const fit = axes.length === 3 && new Set(axes).size === 3 && axes.every((place, of) => columns[place] && (of === 2 || columns[place].ends));
  const found = fit ? axes : usualAxes(columns);
  const total = Number.isInteger(given?.total) && given.total > 0 ? given.total : 0;
  return found && { columns, rows, axes: /** @type {[number, number, number]} */ (found), total };
}
