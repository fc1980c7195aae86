// The plane while something is drawn on it: where a pointer is, and the place that the arrow keys move.

import { REACH } from "../session/tables.js";
import { ARROWS, byId } from "./element.js";

const STEP = 0.2; // of the arrow keys
const within = (value) => Math.max(-REACH, Math.min(REACH, value));

/** A coordinate as it is kept, in three digits. */
export const short = (number) => Number(number.toFixed(3));

/** Where on the plane a pointer is. */
export function whereOf(event) {
  const { left, top, width, height } = byId("points").getBoundingClientRect();
  return {
    x: within(((event.clientX - left) / width) * 2 * REACH - REACH),
    y: within(REACH - ((event.clientY - top) / height) * 2 * REACH),
  };
}

/** A place as an arrow key moves it; null: it is another key. */
export function moved({ x, y }, { key }) {
  const way = ARROWS[key];
  return way ? { x: within(short(x + STEP * way[0])), y: within(short(y + STEP * way[1])) } : null;
}

/** Whether the plane takes strokes, and keys; `drawer` hears of strokes, from their beginning to their end, and of keys that it uses. */
export class Strokes {
  /** @param {{active: () => boolean, begin: (place: object) => void, on: (place: object) => void, end: () => void, key: (event: KeyboardEvent) => boolean}} drawer */
  constructor(drawer) {
    const plane = byId("plane");
    let pressed = false;
    plane.addEventListener("pointerdown", (event) => {
      if (!drawer.active() || event.button) return;
      plane.setPointerCapture(event.pointerId);
      pressed = true;
      drawer.begin(whereOf(event));
    });
    plane.addEventListener("pointermove", (event) => pressed && drawer.on(whereOf(event)));
    for (const end of ["pointerup", "pointercancel"]) {
      plane.addEventListener(end, () => {
        if (pressed) drawer.end();
        pressed = false;
      });
    }
    plane.addEventListener("keydown", (event) => {
      if (!drawer.active() || !drawer.key(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** Whether the plane is drawn on from now on, and what it is called then. */
  static use(active, label = "") {
    const plane = byId("plane");
    plane.classList.toggle("drawing", active);
    if (active) Object.assign(plane, { tabIndex: 0 }).setAttribute("role", "application");
    else for (const name of ["tabindex", "role", "aria-label"]) plane.removeAttribute(name);
    if (active) plane.setAttribute("aria-label", label);
  }
}
