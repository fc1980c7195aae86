// Small pictures beside formulas: an activation with the point on it, and the way of a weight.

import { drawn, shown } from "./element.js";

const [WIDE, HIGH, EDGE] = [220, 120, 12];

/** An activation's curve, as the engine computes it, and where a neuron is on it. */
export function curvePicture([zs, values], z, a, label) {
  if (!Number.isFinite(z) || !Number.isFinite(a)) return ""; // diverged
  const [left, right] = [Math.min(zs[0], z), Math.max(zs.at(-1), z)];
  const [low, high] = [Math.min(...values, a, 0), Math.max(...values, a, 0)];
  const x = (one) => EDGE + ((one - left) / (right - left)) * (WIDE - 2 * EDGE);
  const y = (one) => HIGH - EDGE - ((one - low) / (high - low || 1)) * (HIGH - 2 * EDGE);
  const path = zs.map((one, place) => `${place ? "L" : "M"}${x(one).toFixed(1)},${y(values[place]).toFixed(1)}`).join("");
  return drawn("svg", { class: "sketch", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label },
    drawn("path", { class: "axis", d: `M${EDGE},${y(0)}H${WIDE - EDGE}M${x(0)},${EDGE}V${HIGH - EDGE}` }),
    drawn("path", { class: "curve", d: path }),
    drawn("path", { class: "lead", d: `M${x(z)},${y(0)}V${y(a)}H${x(0)}` }),
    drawn("circle", { cx: x(z), cy: y(a), r: 5 }));
}

/** The arrow from a weight to what it becomes, with zero in view where it is near. */
export function arrowPicture(from, to, label) {
  if (!Number.isFinite(from) || !Number.isFinite(to)) return "";
  const reach = Math.max(Math.abs(to - from), 1e-6 * Math.abs(from), 1e-9);
  const [left, right] = [Math.min(from, to) - reach, Math.max(from, to) + reach];
  const x = (one) => EDGE + ((one - left) / (right - left)) * (2 * WIDE - 2 * EDGE);
  const way = Math.sign(to - from) || 1;
  const text = (at, words, anchor) => drawn("text", { x: at, y: 20, "text-anchor": anchor }, words);
  return drawn("svg", { class: "sketch wide", viewBox: `0 0 ${2 * WIDE} 64`, role: "img", "aria-label": label },
    drawn("path", { class: "axis", d: `M${EDGE},42H${2 * WIDE - EDGE}` }),
    drawn("circle", { class: "hollow", cx: x(from), cy: 42, r: 6 }),
    drawn("path", { class: "curve", d: `M${x(from) + 7 * way},42H${x(to) - 9 * way}` }),
    drawn("path", { class: "tip", d: `M${x(to)},42l${-11 * way},-6v12z` }),
    text(x(from), shown(from, 4), way > 0 ? "end" : "start"), text(x(to), shown(to, 4), way > 0 ? "start" : "end"));
}
