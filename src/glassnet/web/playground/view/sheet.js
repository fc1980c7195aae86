// The paper between two layers: how much of each pixel positive and negative links cover, a column of pixels after the other, so
// that a steep curve goes through memory step by step.

import { pixel, theColors } from "./heat.js";

const LEVELS = 48; // of covering that are told apart, for each sign

/** The colour of a pixel by how much positive and negative links cover it: where both do, that of the stronger, only paler. */
function mixtures({ sheet, positive, negative }) {
  return Uint32Array.from({ length: LEVELS * LEVELS }, (_, place) => {
    const [more, less] = [Math.floor(place / LEVELS), place % LEVELS].map((level) => level / (LEVELS - 1));
    const covered = 0.9 * Math.max(Math.abs(more - less), 0.3 * Math.min(1, more + less));
    const share = Math.max(0, Math.min(1, 0.5 + more - less));
    return pixel(sheet.map((paper, i) => paper + covered * (share * positive[i] + (1 - share) * negative[i] - paper)));
  });
}

export class Sheet {
  width; height; top; left;

  constructor() {
    this.more = new Float32Array(0);
    this.less = new Float32Array(0);
  }

  /** Empty paper between these columns and rows of pixels. */
  begin(left, right, top, bottom) {
    Object.assign(this, { left, top, width: right - left, height: bottom - top });
    const size = this.width * this.height;
    if (this.more.length < size) [this.more, this.less] = [new Float32Array(size), new Float32Array(size)];
    this.more.fill(0, 0, size);
    this.less.fill(0, 0, size);
    return this;
  }

  /** A link that begins at a height and goes so far down; pixels that it covers in part are coloured in part. */
  add(positive, begin, way, half, strength, downs, steps, first) {
    const { top, width, height } = this;
    const cover = positive ? this.more : this.less;
    if (Math.max(begin, begin + way) < top || Math.min(begin, begin + way) > top + height) return;
    for (let i = 0; i < width; i++) {
      const slope = way * steps[first + i];
      const reach = half * Math.sqrt(1 + slope * slope);
      const middle = begin + way * downs[first + i] - top;
      const high = middle > reach ? middle - reach : 0;
      const low = middle + reach < height ? middle + reach : height;
      if (high >= low) continue;
      const column = i * height;
      const [start, stop] = [high | 0, low | 0];
      if (start === stop) {
        cover[column + start] += strength * (low - high);
        continue;
      }
      cover[column + start] += strength * (start + 1 - high);
      for (let y = start + 1; y < stop; y++) cover[column + y] += strength;
      if (stop < height) cover[column + stop] += strength * (low - stop);
    }
  }

  /** Into the pixels of an image. */
  paint(pixels, wide) {
    const { left, top, width, height, more, less } = this;
    const colors = theColors();
    colors.mixtures ??= mixtures(colors);
    const shown = colors.mixtures;
    const most = LEVELS - 1;
    for (let y = 0; y < height; y++) {
      const row = (top + y) * wide + left;
      for (let x = 0; x < width; x++) {
        const place = x * height + y;
        const above = more[place];
        const below = less[place];
        if (above + below > 0) pixels[row + x] = shown[((above < 1 ? above * most : most) | 0) * LEVELS + ((below < 1 ? below * most : most) | 0)];
      }
    }
  }
}
