// Axes with curves on them, in SVG: where a number stands, and which number a pointer means.

import { drawn, shown } from "../playground/element.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [44, 12, 22, 30];

/** From an interval of numbers to one of places, and back. */
export function scale([low, high], [from, to]) {
  const map = (number) => from + ((number - low) / (high - low)) * (to - from);
  map.back = (place) => low + ((place - from) / (to - from)) * (high - low);
  return map;
}

/** Round numbers within an interval, some `count` of them. */
export function ticks([low, high], count = 5) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, place) => (first + place) * step);
}

let clips = 0;

const text = (x, y, words, anchor = "middle", kind = "") => drawn("text", { x, y, "text-anchor": anchor, class: kind }, words);

/**
 * A field with axes.
 * @param {{width: number, height: number, xs: [number, number], ys: [number, number], label: string, x?: string, y?: string,
 *   bare?: boolean}} of Of a bare one, what it is drawn over has no lines in it.
 */
export function plot({ width, height, xs, ys, label, x: nameX = "", y: nameY = "", bare = false }) {
  const x = scale(xs, [LEFT, width - RIGHT]);
  const y = scale(ys, [height - BOTTOM, TOP]);
  const svg = drawn("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const one of ticks(xs, width / 80)) {
    if (!bare) svg.append(drawn("path", { class: one === 0 ? "zero" : "grid", d: `M${x(one)},${TOP}V${height - BOTTOM}` }));
    svg.append(text(x(one), height - BOTTOM + 15, shown(one)));
  }
  for (const one of ticks(ys, height / 50)) {
    if (!bare) svg.append(drawn("path", { class: one === 0 ? "zero" : "grid", d: `M${LEFT},${y(one)}H${width - RIGHT}` }));
    svg.append(text(LEFT - 6, y(one) + 4, shown(one), "end"));
  }
  svg.append(text(width - RIGHT, height - 2, nameX, "end", "axis-name"), text(8, 12, nameY, "start", "axis-name"));
  clips += 1;
  const inside = drawn("g", { "clip-path": `url(#inside-${clips})` });
  svg.append(drawn("clipPath", { id: `inside-${clips}` },
    drawn("rect", { x: LEFT, y: TOP, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM })), inside);
  /** The numbers that an event on the field means. */
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    return [x.back(((event.clientX - box.left) / box.width) * width), y.back(((event.clientY - box.top) / box.height) * height)];
  };
  return { svg, inside, x, y, at, inner: { left: LEFT, right: width - RIGHT, top: TOP, bottom: height - BOTTOM } };
}

/** The path of a function over an interval; far outside of the field it runs along its edge. */
export function curve({ x, y }, f, [low, high], [least, most], points = 240) {
  const far = most - least;
  return Array.from({ length: points + 1 }, (_, place) => {
    const at = low + ((high - low) * place) / points;
    const value = Math.max(least - far, Math.min(most + far, f(at)));
    return `${place ? "L" : "M"}${x(at).toFixed(1)},${y(value).toFixed(1)}`;
  }).join("");
}

/** Follow a pointer that is pressed on an element, until it is let go. */
export function follow(target, moved) {
  target.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    target.setPointerCapture(event.pointerId);
    moved(event);
    const move = (next) => moved(next);
    target.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"])
      target.addEventListener(end, () => target.removeEventListener("pointermove", move), { once: true });
  });
}
