// A dataflow graph carried out with typed arrays: what glassnet/exchange/graph/dataflow.py does with NumPy.
//
// An array is {shape, data}, its numbers in rows; n-grams of texts are {shape, rows}, each
// with the ids and values of its own. Whole numbers are float64, which holds all below 2^53.

import { BINARY, UNARY } from "./operations.js";
import { TextColumn } from "./texts.js";

const ARRAYS = { f: Float32Array, d: Float64Array, i: Float64Array, b: Uint8Array, t: Array };

const size = (shape) => shape.reduce((product, each) => product * each, 1);

/** How far apart neighbours along each axis are. */
function stridesOf(shape) {
  const strides = Array(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; stride *= shape[axis--]) strides[axis] = stride;
  return strides;
}

/** The numbers that lie at these strides from a first one: what turns, cuts and repeats arrays. */
function strided(data, shape, strides, first = 0) {
  const result = new data.constructor(size(shape));
  const last = shape.length - 1;
  if (last < 0) result[0] = data[first];
  const width = last < 0 ? 1 : shape[last];
  const step = last < 0 ? 1 : strides[last];
  const place = Array(Math.max(last, 0)).fill(0);
  for (let to = 0, from = first; last >= 0 && to < result.length; ) {
    for (let at = 0; at < width; at++) result[to++] = data[from + at * step];
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++place[axis] < shape[axis]) break;
      from -= strides[axis] * place[axis];
      place[axis] = 0;
    }
  }
  return result;
}

/** The numbers of an array repeated to a shape, as NumPy's rules bring shapes together. */
function spread({ shape, data }, wanted) {
  if (shape.length === wanted.length && shape.every((each, axis) => each === wanted[axis])) return data;
  if (data.length === 1) return new data.constructor(size(wanted)).fill(data[0]);
  const missing = wanted.length - shape.length;
  const own = stridesOf(shape);
  return strided(data, wanted, wanted.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : own[axis - missing])));
}

/** Along one axis: how many lie before it, on it, behind it. */
const around = (shape, axis) => [size(shape.slice(0, axis)), shape[axis], size(shape.slice(axis + 1))];

function reduced({ shape, data }, axis, result, combine) {
  const [before, length, behind] = around(shape, axis);
  for (let outer = 0; outer < before; outer++)
    for (let inner = 0; inner < behind; inner++)
      result[outer * behind + inner] = combine((at) => data[(outer * length + at) * behind + inner], length);
}

const REDUCTIONS = {
  sum: (at, length) => { let sum = 0; for (let n = 0; n < length; n++) sum += at(n); return sum; },
  max: (at, length) => { let most = at(0); for (let n = 1; n < length; n++) most = Math.max(most, at(n)); return most; },
  min: (at, length) => { let least = at(0); for (let n = 1; n < length; n++) least = Math.min(least, at(n)); return least; },
  argmax: (at, length) => { let best = 0; for (let n = 1; n < length; n++) if (at(n) > at(best)) best = n; return best; },
};

/** Products of the last two axes, summed up in double precision. */
function product(a, b, shape, result) {
  const [rows, columns] = shape.slice(-2);
  const depth = a.shape.at(-1);
  const outer = shape.slice(0, -2);
  const left = spread(a, [...outer, rows, depth]);
  const right = b.shape.length === 2 ? b.data : spread(b, [...outer, depth, columns]);
  const sums = new Float64Array(columns);
  for (let row = 0; row < left.length / depth; row++) {
    const start = b.shape.length === 2 ? 0 : Math.floor(row / rows) * depth * columns;
    sums.fill(0);
    let k = 0;
    for (; k + 4 <= depth; k += 4) {  // four at a time, for a sum that is read and written takes longer than a product
      const at = row * depth + k, from = start + k * columns;
      const a0 = left[at], a1 = left[at + 1], a2 = left[at + 2], a3 = left[at + 3];
      for (let n = 0, w = from; n < columns; n++, w++)
        sums[n] += a0 * right[w] + a1 * right[w + columns] + a2 * right[w + 2 * columns] + a3 * right[w + 3 * columns];
    }
    for (; k < depth; k++)
      for (let n = 0, a = left[row * depth + k], w = start + k * columns; n < columns; n++, w++) sums[n] += a * right[w];
    result.set(sums, row * columns);
  }
}

const OPERATIONS = {
  cast: ([a], about, result, shape, type) => {
    for (let n = 0; n < result.length; n++) result[n] = type === "i" ? Math.trunc(a.data[n]) : type === "b" ? a.data[n] !== 0 : a.data[n];
  },
  where: (inputs, about, result, shape) => {
    const [a, b, c] = inputs.map((each) => spread(each, shape));
    for (let n = 0; n < result.length; n++) result[n] = a[n] ? b[n] : c[n];
  },
  matmul: ([a, b], about, result, shape) => product(a, b, shape, result),
  argsort: ([{ shape, data }], about, result) => {
    const width = shape.at(-1);
    for (let start = 0; start < data.length; start += width) {
      const places = Array.from({ length: width }, (_, place) => place);
      places.sort((one, other) => data[start + one] - data[start + other]).forEach((place, n) => { result[start + n] = place; });
    }
  },
  concat: (inputs, { axis }, result, shape) => {
    const [before, , behind] = around(shape, axis);
    let to = 0;
    for (let outer = 0; outer < before; outer++)
      for (const each of inputs)
        for (let width = each.shape[axis] * behind, n = 0; n < width; n++) result[to++] = each.data[outer * width + n];
  },
  gather: ([a, { data: places }], { axis }, result) => {
    const [before, length, behind] = around(a.shape, axis);
    let to = 0;
    for (let outer = 0; outer < before; outer++)
      for (const place of places)
        for (let n = 0, from = (outer * length + place + (place < 0 ? length : 0)) * behind; n < behind; n++) result[to++] = a.data[from + n];
  },
  take_along: ([a, { shape, data: places }], about, result) => {
    const width = shape.at(-1), values = spread(a, [...shape.slice(0, -1), a.shape.at(-1)]);
    for (let n = 0; n < result.length; n++) result[n] = values[Math.floor(n / width) * a.shape.at(-1) + places[n]];
  },
  sparse_matmul: ([{ rows }, { data: W }], about, result, [, width]) => {
    rows.forEach(({ ids, values }, row) => {
      for (let n = 0; n < ids.length; n++)
        for (let to = row * width, from = ids[n] * width; from < (ids[n] + 1) * width; to++, from++) result[to] += values[n] * W[from];
    });
  },
  lookup: ([a], { table, otherwise }, result) => { for (let n = 0; n < result.length; n++) result[n] = table.get(a.data[n]) ?? otherwise; },
};

/** Operations that only say where numbers lie: they give an array, and have no place of their own. */
const MOVEMENTS = {
  reshape: ([a]) => a.data,
  transpose: ([a], { axes }, shape) => { const own = stridesOf(a.shape); return strided(a.data, shape, axes.map((axis) => own[axis])); },
  slice: ([a], { axis, start, step }, shape) => {
    const own = stridesOf(a.shape);
    return strided(a.data, shape, own.map((stride, at) => (at === axis ? stride * step : stride)), start * own[axis]);
  },
};

function computed(node, inputs, shape) {
  const { operation, type, about } = node;
  if (operation in MOVEMENTS) return MOVEMENTS[operation](inputs, about, shape);
  const result = new ARRAYS[type](size(shape));
  if (operation in UNARY) {
    const one = UNARY[operation], { data } = inputs[0];
    for (let n = 0; n < result.length; n++) result[n] = one(data[n]);
  } else if (operation in BINARY) {
    const both = BINARY[operation], [a, b] = inputs.map((each) => spread(each, shape));
    for (let n = 0; n < result.length; n++) result[n] = both(a[n], b[n]);
  } else if (operation in REDUCTIONS) reduced(inputs[0], about.axis, result, REDUCTIONS[operation]);
  else OPERATIONS[operation](inputs, about, result, shape, type);
  return result;
}

/** The bytes of a number lie apart in a file, for so they take less room; brought together again. */
function together(bytes, Type) {
  const count = bytes.length / Type.BYTES_PER_ELEMENT;
  const ordered = new Uint8Array(bytes.length);
  for (let part = 0, from = 0; part < Type.BYTES_PER_ELEMENT; part++)
    for (let n = 0; n < count; n++) ordered[n * Type.BYTES_PER_ELEMENT + part] = bytes[from++];
  return new Type(ordered.buffer);
}

/** The weights of a file, one after the other: how many steps each is from 0, of which the low bytes come first. */
function* signed(bytes) {
  const count = bytes.length / 3;
  for (let n = 0; n < count; n++) {
    const counted = bytes[n] | (bytes[count + n] << 8) | (bytes[2 * count + n] << 16);
    yield (counted >>> 1) ^ -(counted & 1);
  }
}

async function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export class Graph {
  /** From what glassnet/exchange/page/graph_data.py has written. */
  static async read({ nodes, numbers, weights, inputs, outputs }) {
    const described = JSON.parse(new TextDecoder().decode(await unpacked(nodes)));
    return new Graph(described, await unpacked(numbers), await unpacked(weights), inputs, outputs);
  }

  constructor(nodes, bytes, weights, inputs, outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
    const steps = signed(weights);
    let from = 0;
    this.nodes = nodes.map(([operation, type, shape, sources, about]) => {
      const node = { operation, type, shape, sources, about };
      if (operation === "ngrams") node.about = new TextColumn(about);
      if (operation === "lookup") node.about = { table: new Map(about.keys.map((key, n) => [key, about.values[n]])), otherwise: about.default };
      if (operation === "constant" && about.step) {
        node.value = { shape, data: Float32Array.from({ length: size(shape) }, () => about.step * steps.next().value) };
      } else if (operation === "constant") {
        const Type = ARRAYS[type];
        const length = type === "t" ? 0 : size(shape) * Type.BYTES_PER_ELEMENT;
        node.value = { shape, data: type === "t" ? about.texts : together(bytes.subarray(from, from + length), Type) };
        from += length;
      }
      return node;
    });
    /** What the columns of text know and the weights of their n-grams, by their places among the inputs. */
    this.texts = new Map(this.nodes.filter(({ operation }) => operation === "sparse_matmul").map(({ sources: [ngrams, weights] }) => {
      const { about, sources: [cells] } = this.nodes[ngrams];
      return [this.nodes[cells].about.place, { column: about, weights: this.nodes[weights].value }];
    }));
  }

  /** The outputs for some rows: for each input of the graph its cells, row by row. */
  evaluate(cells, rows) {
    const values = [];
    for (const node of this.nodes) {
      const shape = node.shape.map((each) => (each < 0 ? -each * rows : each));
      if (node.value) values.push(node.value);
      else if (node.operation === "ngrams") values.push({ shape, rows: values[node.sources[0]].data.map((text) => node.about.encode(text)) });
      else if (node.operation === "input") values.push({ shape, data: ARRAYS[node.type].from(cells[node.about.place]) });
      else values.push({ shape, data: computed(node, node.sources.map((source) => values[source]), shape) });
    }
    return Object.fromEntries(Object.entries(this.outputs).map(([name, place]) => [name, values[place]]));
  }
}
