// What is asked of a model: its answers for some rows, what each column adds to one of them, what would be if.
//
// A row is an array of cells, one for each field: a number (dates as days or microseconds since 1970, times as seconds),
// the text of a level, or null for what is not known.

import { uniformFrom } from "../playground/session/random.js";

/** Up to so many columns all their orders are tried; of more, as many as take about so many rows. */
const MOST_EXACT = 6, SAMPLED_ROWS = 300;
const GAPS = { category: "", text: "", date: -(2 ** 63), datetime: -(2 ** 63) };

const soon = () => new Promise((next) => setTimeout(next));

export class Model {
  /** Rows that are computed before the page may do something else. */
  block = 16;

  constructor(graph, answer) {
    this.graph = graph;
    this.answer = answer;
  }

  /** Every output of the graph for some rows. */
  outputs(rows) {
    const { inputs } = this.graph;
    const cells = inputs.map((kind, place) =>
      kind === "matrix" ? rows.flat().map((cell) => cell ?? NaN) : rows.map((row) => row[place] ?? GAPS[kind] ?? NaN));
    return this.graph.evaluate(cells, rows.length);
  }

  /** The numbers that are answered for each row. */
  async answers(rows) {
    const { data } = (await this.outputs(rows))[this.answer.output];
    const width = data.length / rows.length;
    return rows.map((_, row) => Array.from(data.slice(row * width, (row + 1) * width)));
  }

  /** One of them for many rows; null if meanwhile nobody wants to know any more. */
  async many(rows, output, wanted) {
    const found = [];
    for (let start = 0; start < rows.length; start += this.block) {
      if (start) await soon();
      if (!wanted()) return null;
      const answers = await this.answers(rows.slice(start, start + this.block));
      found.push(...answers.map((answer) => answer[output]));
    }
    return found;
  }

  /**
   * Contribution of each column on the way from a reference to a row: Shapley values (Shapley 1953), exact for few
   * columns that differ, else the mean over some orders and their reverses (Mitchell, Cooper, Frank, Holmes 2022).
   */
  async contributions(row, reference, output, wanted = () => true) {
    const differ = row.flatMap((cell, place) => (cell === reference[place] ? [] : [place]));
    const orders = ordersOf(differ.length);
    const places = new Map(), rows = [];
    const placeOf = (changed) => {
      const key = changed.join();
      if (!places.has(key)) {
        places.set(key, rows.length);
        rows.push(row.map((cell, place) => (changed[differ.indexOf(place)] ? cell : reference[place])));
      }
      return places.get(key);
    };
    const ways = orders.map((order) => {
      const changed = Array(differ.length).fill(0);
      return [placeOf(changed), ...order.map((next) => ((changed[next] = 1), placeOf(changed)))];
    });
    const found = await this.many(rows, output, wanted);
    if (!found) return null;
    const values = Array(row.length).fill(0);
    orders.forEach((order, n) => order.forEach((next, step) => {
      values[differ[next]] += (found[ways[n][step + 1]] - found[ways[n][step]]) / orders.length;
    }));
    return { base: found[ways[0][0]], value: found[ways[0].at(-1)], values };
  }

  /** The words of a text, with what each adds to the score that one of the answered numbers is made of. */
  words(place, text, output) {
    const { column, weights: { shape, data } } = this.graph.texts.get(place);
    const { names, exclusive, scores } = this.answer;
    const width = shape[1], own = Math.min(output, scores - 1);
    // the mean of all networks; of two classes one has a score; of several what a score is above their mean counts
    const score = (id, at) => { let sum = 0; for (let n = at; n < width; n += scores) sum += data[id * width + n]; return (sum * scores) / width; };
    const mean = (id) => { let sum = 0; for (let at = 0; at < scores; at++) sum += score(id, at); return sum / scores; };
    const weight = scores === 1 && names.length === 2 ? (id) => (output === 1 ? 1 : -1) * score(id, 0)
      : exclusive && scores === names.length && scores > 1 ? (id) => score(id, own) - mean(id)
      : (id) => score(id, own);
    return column.words(text, weight);
  }

  /** For each column the answers for some cells of it, the others as they are. */
  async changed(row, cells, output, wanted = () => true) {
    const rows = cells.flatMap((own, place) => own.map((cell) => row.with(place, cell)));
    const values = await this.many(rows, output, wanted);
    return values && cells.map((own) => values.splice(0, own.length));
  }
}

/** In which orders columns are changed. */
function ordersOf(count) {
  if (count <= 1) return [Array.from({ length: count }, (_, n) => n)];
  if (count <= MOST_EXACT) return permutations(Array.from({ length: count }, (_, n) => n));
  const uniform = uniformFrom(count);
  const pairs = Math.max(3, Math.round(SAMPLED_ROWS / count / 2));
  return Array.from({ length: pairs }, () => {
    const order = Array.from({ length: count }, (_, n) => n);
    for (let n = count - 1; n > 0; n--) {
      const other = Math.floor(uniform() * (n + 1));
      [order[n], order[other]] = [order[other], order[n]];
    }
    return [order, order.toReversed()];
  }).flat();
}

function permutations(items) {
  if (items.length < 2) return [items];
  return items.flatMap((item, n) => permutations(items.toSpliced(n, 1)).map((rest) => [item, ...rest]));
}
