// Maps at the resolution of the screen, while training rests: they are asked for band by band, and belong to the frame that they are of.

import { GRID } from "../session/tables.js";

/** @typedef {"answers" | "units" | {layer: number, unit: number}} Shown What the network answers, all units for their small maps, or one of them. */

/** @param {Shown} of */
const nameOf = (of) => (typeof of === "string" ? of : `${of.layer}-${of.unit}`);

/** The fine map of something in a frame, `{tables, side}`, where it is there. @param {Shown} of */
export const fineOf = (frame, of) => frame.fine?.get(nameOf(of));

/** Points along a side of a map that is so wide on the page: the pixels of the screen, or half as many where they are small. */
export function sideOf(width) {
  const pixels = window.devicePixelRatio || 1;
  return Math.round((width * pixels) / (pixels < 2 ? 1 : 2));
}

export class FineMaps {
  page; filling;

  /**
   * @param {{ask: Function, shown: () => {frame: object, maps: {of: Shown, side: number}[]}, drawn: (of: Shown) => void}} page
   *   `shown`: the frame on the page, and the maps of it; none, while training goes on.
   */
  constructor(page) {
    Object.assign(this, { page, filling: false });
  }

  /** Have what is shown computed, one map after the other; what is no longer shown is given up. */
  async fill() {
    if (this.filling) return;
    this.filling = true;
    for (let map = this.next(null); map; map = this.next(map)) {
      const { side, from, of } = map;
      const answer = await this.page.ask("band", { side, from, of }, (found) => found);
      if (!answer) break; // the engine has failed, and it is said
      if (this.page.shown().frame === map.frame) this.take(map, answer.band);
    }
    this.filling = false;
  }

  /** The map to go on with: this one, as long as nothing else comes first. */
  next(map) {
    const { frame, maps } = this.page.shown();
    const wanted = maps.find(({ of, side }) => side > GRID && fineOf(frame, of)?.side !== side);
    if (!wanted) return null;
    const same = map?.frame === frame && map.side === wanted.side && nameOf(map.of) === nameOf(wanted.of);
    return same ? map : { ...wanted, frame, from: 0, tables: null };
  }

  take(map, { count, tables }) {
    const { side, frame, of, from } = map;
    map.tables ??= tables.map(({ length }) => new Float32Array((length / count) * side * side));
    tables.forEach((some, place) => map.tables[place].set(some, (some.length / count) * from));
    map.from += count;
    if (map.from < side * side) return;
    frame.fine ??= new Map();
    frame.fine.set(nameOf(of), map);
    this.page.drawn(of);
  }
}
