// The canvas behind the neurons: their maps, and links where there are many. It is painted pixel by pixel, and only where it is
// seen, for thousands of curves and hundreds of canvases would each take longer than a frame.

import { pixel, scaleOf, shades, theColors } from "./heat.js";
import { bend, shareOf } from "./links.js";
import { Sheet } from "./sheet.js";

const [THIN, THICK] = [0.35, 1.3]; // half the width of a link, in pixels: at least, and by its weight
const [FAINT, STRONG] = [0.14, 0.86]; // the same of its colour: a thousand faint links must not hide the few that matter
const ROUND = 4; // pixels of a corner of a map
const FEW = 700; // links between two layers; of more, each is paler

export class Painting {
  constructor() {
    this.canvas = document.getElementById("painting");
    this.stage = document.getElementById("stage");
    this.context = this.canvas.getContext("2d");
    this.shown = new Map();
    this.curves = new Map();
    this.between = new Sheet();
  }

  /** A canvas of this size, in the page's pixels; `tiles` are the places of maps in it, layer by layer. */
  lay(width, height, tiles, many) {
    const scale = many ? 1 : Math.min(2, window.devicePixelRatio || 1);
    const [wide, high] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
    if (this.image?.width !== wide || this.image.height !== high || this.scale !== scale) {
      Object.assign(this.canvas, { width: wide, height: high });
      this.image = this.context.createImageData(wide, high);
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.scale = scale;
    }
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.tiles = tiles.map((some) => some.map(({ x, y, width: w, height: h }) =>
      ({ x: Math.round(x * scale), y: Math.round(y * scale), width: Math.round(w * scale), height: Math.round(h * scale) })));
    this.many = many;
    this.anew = true;
  }

  /** What of the canvas is on the screen: the first and the last column and row. */
  seen() {
    const box = this.canvas.getBoundingClientRect();
    const stage = this.stage.getBoundingClientRect();
    const { scale, image } = this;
    const from = (edge, start) => Math.max(0, Math.floor((Math.max(edge, 0) - start) * scale));
    const to = (edge, start, most) => Math.min(most, Math.ceil((edge - start) * scale));
    return {
      left: from(stage.left, box.left), right: to(Math.min(stage.right, innerWidth), box.left, image.width),
      top: from(stage.top, box.top), bottom: to(Math.min(stage.bottom, innerHeight), box.top, image.height),
    };
  }

  /** Begin with the part on the screen, on new paper where not only maps have changed; false where there is none. */
  begin() {
    const seen = this.seen();
    this.anew ||= Object.keys(seen).some((edge) => seen[edge] !== this.part?.[edge]);
    this.part = seen;
    if (seen.left >= seen.right || seen.top >= seen.bottom) return false;
    const paper = pixel(theColors().sheet);
    const { width } = this.image;
    if (this.anew) for (let y = seen.top; y < seen.bottom; y++) this.pixels.fill(paper, y * width + seen.left, y * width + seen.right);
    return true;
  }

  show() {
    this.anew = false;
    const { left, right, top, bottom } = this.part;
    this.context.putImageData(this.image, 0, 0, left, top, right - left, bottom - top);
  }

  /** Whether a map is on the screen. */
  sees(layer, unit) {
    const { x, y, width, height } = this.tiles[layer][unit];
    const { left, right, top, bottom } = this.part;
    return x < right && x + width > left && y < bottom && y + height > top;
  }

  /** The pixels along a side of the largest map. */
  get side() {
    return Math.max(...this.tiles.flat().map(({ width, height }) => Math.max(width, height)));
  }

  /** Of the pixels along a side of a map, the points of a grid with so many along its own that they show. */
  points(size, side) {
    const name = `${size} of ${side}`;
    if (!this.shown.has(name)) this.shown.set(name, Int32Array.from({ length: size }, (_, i) => Math.floor(((i + 0.5) / size) * side)));
    return this.shown.get(name);
  }

  /** The map of a neuron: a column of a table of numbers on a grid, scaled by the largest; gives whether it varies at all. */
  map(layer, unit, { numbers, column, columns, side }) {
    const { factor, varies } = scaleOf(numbers, column, columns);
    const { x, y, width, height } = this.tiles[layer][unit];
    const colors = shades();
    const { width: wide, height: tall } = this.image;
    const [across, downwards] = [this.points(width, side), this.points(height, side)];
    const corner = ROUND * this.scale;
    for (let row = Math.max(0, -y); row < height && y + row < tall; row++) {
      const line = downwards[row] * side;
      const edge = Math.min(row, height - 1 - row);
      const inset = edge < corner ? Math.ceil(corner - Math.sqrt(corner ** 2 - (corner - edge) ** 2)) : 0;
      const start = (y + row) * wide + x;
      for (let i = inset; i < width - inset; i++) {
        this.pixels[start + i] = colors[255 + Math.round(factor * numbers[(line + across[i]) * columns + column])];
      }
    }
    return varies;
  }

  /** All links: between two layers what they cover is added up, and painted when all are there. */
  links({ dense, boxes, levels }) {
    const { scale, part: { left, right, top, bottom } } = this;
    dense.forEach(({ outputs }, layer) => {
      const [start, stop] = [boxes[layer][0].right, boxes[layer + 1][0].left].map((x) => Math.round(x * scale));
      const [first, last] = [Math.max(start, left), Math.min(stop, right)];
      if (first >= last) return;
      const sheet = this.between.begin(first, last, top, bottom);
      const [downs, steps] = this.bends(start, stop);
      const [from, to] = [boxes[layer], boxes[layer + 1]].map((some) => Float64Array.from(some.map(({ y }) => y * scale)));
      const some = levels[layer];
      const fade = Math.min(1, FEW / some.length);
      for (let place = 0; place < some.length; place++) {
        const share = shareOf(some[place]);
        const begin = from[Math.floor(place / outputs)];
        if (some[place]) sheet.add(some[place] > 0, begin, to[place % outputs] - begin, (THIN + THICK * share) * scale, fade * (FAINT + STRONG * share * share), downs, steps, first - start);
      }
      sheet.paint(this.pixels, this.image.width);
    });
  }

  /** Of the columns of pixels between two layers: how far down a curve is there, and how steep. */
  bends(start, stop) {
    const width = stop - start;
    if (!this.curves.has(width)) {
      const downs = Float64Array.from({ length: width }, (_, i) => bend((i + 0.5) / width));
      this.curves.set(width, [downs, downs.map((_, i) => (downs[Math.min(i + 1, width - 1)] - downs[Math.max(i - 1, 0)]) / 2)]);
    }
    return this.curves.get(width);
  }
}
