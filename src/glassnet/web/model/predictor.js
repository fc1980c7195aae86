// A model in a program: rows as they stand in a table go in, answers come out.

import { Graph } from "./graph.js";
import { Model } from "./questions.js";

const DAY = 86_400_000;
const seconds = (cell) => (typeof cell === "string" ? cell.split(":").reduce((sum, part) => 60 * sum + Number(part), 0) : Number(cell));
/** A text without a time zone is in UTC, as in tables. */
const LOCAL = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/;
const milliseconds = (cell) => Number(new Date(LOCAL.test(cell) ? `${cell.replace(" ", "T")}Z` : cell));
const READ = {
  number: Number,
  boolean: Number,
  duration: Number,
  time: (cell) => seconds(/^\d+:\d+$/.test(cell) ? `${cell}:00` : cell),
  date: (cell) => Math.floor(milliseconds(cell) / DAY),
  datetime: (cell) => milliseconds(cell) * 1000,
  category: String,
  text: String,
};

export class Predictor {
  /** Read what glassnet/exchange/page/write_javascript.py has written. */
  static async read({ graph, columns, output }) {
    return new Predictor(new Model(await Graph.read(graph), { output }), columns);
  }

  constructor(model, columns) {
    this.model = model;
    this.columns = columns;
  }

  /** Every output for each row; a row has its cells by the names of the columns, or in their order. */
  answers(rows) {
    if (!rows.length) return [];
    const outputs = this.model.outputs(rows.map((row) => this.#cells(row)));
    return rows.map((_, row) => Object.fromEntries(Object.entries(outputs).map(([name, { shape, data }]) => {
      const width = data.length / rows.length, own = Array.from(data.slice(row * width, (row + 1) * width));
      return [name, shape.length > 1 ? own : own[0]];
    })));
  }

  #cells(row) {
    const absent = this.columns.filter(({ name }, place) => (Array.isArray(row) ? row[place] : row[name]) === undefined);
    if (absent.length)
      throw new TypeError(`A row must have all columns. Missing: ${absent.map(({ name }) => JSON.stringify(name)).join(", ")}. Give null for an unknown value.`);
    return this.columns.map(({ name, kind }, place) => {
      const cell = Array.isArray(row) ? row[place] : row[name];
      if (cell === null || cell === "" || (typeof cell === "number" && Number.isNaN(cell))) return null;
      const number = READ[kind](cell);
      if (typeof number === "number" && !Number.isFinite(number))
        throw new TypeError(`The column ${JSON.stringify(name)} must hold finite values of kind ${kind}. Received: ${JSON.stringify(cell)}. Give null for an unknown value.`);
      return number;
    });
  }
}
