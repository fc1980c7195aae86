// A model in a program: rows as they stand in a table go in, answers come out.

import { Graph } from "./graph.js";
import { Model } from "./questions.js";

const DAY = 86_400_000;
const TIME = /^\d+:[0-5]\d(:[0-5]\d(\.\d+)?)?$/;
const DATE = /^(\d{4}-\d\d-\d\d)([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/;
const number = (cell) => (typeof cell === "object" ? NaN : Number(cell));

function seconds(cell) {
  if (typeof cell !== "string") return number(cell);
  return TIME.test(cell) ? `${cell}:00`.split(":").slice(0, 3).reduce((sum, part) => 60 * sum + Number(part), 0) : NaN;
}

/** A text without a time zone is in UTC, as in tables; a day that no calendar has is none. */
function milliseconds(cell) {
  if (typeof cell !== "string") return Number(new Date(cell));
  const [, day, time = "T00:00", , , zone = "Z"] = DATE.exec(cell) ?? [];
  const begin = new Date(`${day}T00:00Z`);
  const real = !Number.isNaN(Number(begin)) && begin.toISOString().startsWith(day);
  return real ? Date.parse(`${day}${time.replace(" ", "T")}${zone}`) : NaN;
}

const READ = {
  number,
  boolean: number,
  duration: number,
  time: seconds,
  date: (cell) => Math.floor(milliseconds(cell) / DAY),
  datetime: (cell) => milliseconds(cell) * 1000,
  category: String,
  text: String,
};

export class Predictor {
  /** Read what glassnet/exchange/page/write_javascript.py has written. */
  static async read({ graph, columns, output, booleans }) {
    return new Predictor(new Model(await Graph.read(graph), { output }), columns, booleans);
  }

  constructor(model, columns, booleans) {
    Object.assign(this, { model, columns, booleans });
  }

  /** Every output for each row; a row has its cells by the names of the columns, or in their order. */
  answers(rows) {
    if (!rows.length) return [];
    const outputs = this.model.outputs(rows.map((row) => this.#cells(row)));
    return rows.map((_, row) => Object.fromEntries(Object.entries(outputs).map(([name, { shape, data }]) => {
      const width = data.length / rows.length, some = Array.from(data.slice(row * width, (row + 1) * width));
      const own = this.booleans.includes(name) ? some.map(Boolean) : some;
      return [name, shape.length > 1 ? own : own[0]];
    })));
  }

  #cells(row) {
    if (Object(row) !== row) throw new TypeError(`A row must be an object or an array of cells. Received: ${row}.`);
    const listed = Array.isArray(row) || ArrayBuffer.isView(row);
    if (listed && row.length > this.columns.length)
      throw new TypeError(`A row must have ${this.columns.length} cells. Received: ${row.length}.`);
    const given = this.columns.map(({ name }, place) => (listed ? row[place] : Object.hasOwn(row, name) ? row[name] : undefined));
    const absent = this.columns.filter((_, place) => given[place] === undefined);
    if (absent.length)
      throw new TypeError(`A row must have all columns. Missing: ${absent.map(({ name }) => JSON.stringify(name)).join(", ")}. Give null for an unknown value.`);
    return this.columns.map(({ name, kind }, place) => {
      const cell = given[place];
      if (cell === null || Number.isNaN(cell) || (typeof cell === "string" && !(READ[kind] === String ? cell : cell.trim()))) return null;
      const value = READ[kind](cell);
      if (typeof value === "number" && !Number.isFinite(value))
        throw new TypeError(`The column ${JSON.stringify(name)} must hold finite values of kind ${kind}. Received: ${typeof cell === "number" ? cell : JSON.stringify(cell)}. Give null for an unknown value.`);
      return value;
    });
  }
}
