// The canvas behind the neurons: their maps, and links where there are many. It is painted pixel by pixel, and only where it is
// seen, for thousands of curves and hundreds of canvases would each take longer than a frame.

import { GRID } from "./grid.js";
import { shades, signed, theColors } from "./heat.js";
import { bend, LEVELS, shareOf } from "./links.js";

const pixel = ([red, green, blue]) =>
  ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
const THICKEST = 3; // pixels of a link where there are many

export class Painting {
  constructor() {
    this.canvas = document.getElementById("painting");
    this.stage = document.getElementById("stage");
    this.context = this.canvas.getContext("2d");
    this.shown = new Map();
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

  /** Begin anew with the part on the screen; false where there is none. */
  begin() {
    const seen = this.seen();
    this.part = seen;
    if (seen.left >= seen.right || seen.top >= seen.bottom) return false;
    const paper = pixel(theColors().sheet);
    const { width } = this.image;
    for (let y = seen.top; y < seen.bottom; y++) this.pixels.fill(paper, y * width + seen.left, y * width + seen.right);
    return true;
  }

  show() {
    const { left, right, top, bottom } = this.part;
    this.context.putImageData(this.image, 0, 0, left, top, right - left, bottom - top);
  }

  /** Whether a map is on the screen. */
  sees(layer, unit) {
    const { x, y, width, height } = this.tiles[layer][unit];
    const { left, right, top, bottom } = this.part;
    return x < right && x + width > left && y < bottom && y + height > top;
  }

  /** Of the pixels along a side of a map, the points of the grid that they show. */
  points(size) {
    if (!this.shown.has(size)) this.shown.set(size, Int32Array.from({ length: size }, (_, i) => Math.floor(((i + 0.5) / size) * GRID)));
    return this.shown.get(size);
  }

  /** The map of a neuron: a column of a table of numbers, scaled by the largest; gives whether it varies at all. */
  map(layer, unit, numbers, column, columns) {
    let [low, high] = [Infinity, -Infinity];
    for (let place = column; place < numbers.length; place += columns) {
      const number = numbers[place];
      if (number < low) low = number;
      if (number > high) high = number;
    }
    const largest = Math.max(Math.abs(low), Math.abs(high), 1e-9);
    const { x, y, width, height } = this.tiles[layer][unit];
    const colors = shades();
    const factor = 255 / largest;
    const { width: wide, height: tall } = this.image;
    const [across, downwards] = [this.points(width), this.points(height)];
    for (let row = Math.max(0, -y); row < height && y + row < tall; row++) {
      const line = downwards[row] * GRID;
      const start = (y + row) * wide + x;
      for (let i = 0; i < width; i++) {
        this.pixels[start + i] = colors[255 + Math.round(factor * numbers[(line + across[i]) * columns + column])];
      }
    }
    return high - low > 1e-6 * largest;
  }

  /** All links: thin ones first, so that those that matter lie on top. */
  links({ dense, boxes, levels }) {
    const order = Array.from({ length: LEVELS + 2 }, () => []);
    levels.forEach((some, layer) => some.forEach((level, place) => { if (level) order[Math.abs(level)].push((layer << 16) | place); }));
    const bends = dense.map((_, layer) => this.bends(boxes[layer][0].right, boxes[layer + 1][0].left));
    order.forEach((links, size) => {
      const share = shareOf(size);
      const half = (0.3 + (THICKEST / 2) * share) * this.scale;
      const strength = Math.round(256 * (0.3 + 0.55 * share));
      const colors = [-1, 1].map((sign) => pixel(signed(sign * (0.35 + 0.65 * share))));
      for (const link of links) {
        const [layer, place] = [link >> 16, link & 0xffff];
        const { outputs } = dense[layer];
        const from = boxes[layer][Math.floor(place / outputs)];
        const to = boxes[layer + 1][place % outputs];
        this.link(bends[layer], from.y * this.scale, to.y * this.scale, half, colors[Number(levels[layer][place] > 0)], strength);
      }
    });
  }

  /** Of the columns of pixels between two layers: how far down a curve is there, and how steep. */
  bends(left, right) {
    const { part, scale } = this;
    const [start, stop] = [Math.round(left * scale), Math.round(right * scale)];
    const [first, last] = [Math.max(start, part.left), Math.min(stop, part.right)];
    const downs = Float32Array.from({ length: Math.max(0, last - first) }, (_, i) => bend((first + i + 0.5 - start) / (stop - start)));
    const steps = downs.map((_, i) => (downs[Math.min(i + 1, downs.length - 1)] - downs[Math.max(i - 1, 0)]) / 2);
    return { first, downs, steps };
  }

  /** One link, a column of pixels at a time; pixels that it covers in part are coloured in part. */
  link({ first, downs, steps }, from, to, half, color, strength) {
    const { pixels, part: { top, bottom } } = this;
    const { width } = this.image;
    const way = to - from;
    if (Math.max(from, to) + 2 * half < top || Math.min(from, to) - 2 * half > bottom) return;
    const [outer, inner] = [color & 0xff00ff, color & 0x00ff00];
    for (let i = 0; i < downs.length; i++) {
      const slope = way * steps[i];
      const reach = half * Math.sqrt(1 + slope * slope);
      const middle = from + way * downs[i];
      const [high, low] = [middle - reach, middle + reach];
      const last = Math.min(bottom - 1, Math.floor(low));
      for (let y = Math.max(top, Math.floor(high)); y <= last; y++) {
        const covered = Math.min(y + 1, low) - Math.max(y, high);
        const share = (strength * covered) | 0;
        const place = y * width + first + i;
        const before = pixels[place];
        const rest = 256 - share;
        pixels[place] = (0xff000000
          | (((Math.imul(outer, share) + Math.imul(before & 0xff00ff, rest)) >>> 8) & 0xff00ff)
          | (((Math.imul(inner, share) + Math.imul(before & 0x00ff00, rest)) >>> 8) & 0x00ff00)) >>> 0;
      }
    }
  }
}
