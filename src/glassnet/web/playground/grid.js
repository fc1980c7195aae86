// The points of the plane at which maps are drawn: a square of them, row after row from the top left.

import { REACH } from "./tables.js";

/** Points along a side. */
export const GRID = 40;

/** @returns {{x: number, y: number}[]} */
export function gridPoints() {
  return Array.from({ length: GRID * GRID }, (_, place) => ({
    x: (((place % GRID) + 0.5) / GRID) * 2 * REACH - REACH,
    y: REACH - ((Math.floor(place / GRID) + 0.5) / GRID) * 2 * REACH,
  }));
}
