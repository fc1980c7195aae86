// Charts: axes with curves in SVG, small pictures beside formulas, curves over epochs on a canvas.

import { drawn, shown, through } from "./element.js";
import { theColors } from "./heat.js";

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
 *   tick?: (one: number) => string, bare?: boolean}} of `tick` writes the numbers of the x axis. Of a bare one, what it is drawn
 *   over has no lines in it.
 */
export function plot({ width, height, xs, ys, label, x: nameX = "", y: nameY = "", tick = shown, bare = false }) {
  const x = scale(xs, [LEFT, width - RIGHT]);
  const y = scale(ys, [height - BOTTOM, TOP]);
  const svg = drawn("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const one of ticks(xs, width / 80)) {
    if (!bare) svg.append(drawn("path", { class: one === 0 ? "zero" : "grid", d: `M${x(one)},${TOP}V${height - BOTTOM}` }));
    svg.append(text(x(one), height - BOTTOM + 15, tick(one)));
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
  return through(Array.from({ length: points + 1 }, (_, place) => {
    const at = low + ((high - low) * place) / points;
    return [x(at), y(Math.max(least - far, Math.min(most + far, f(at))))];
  }));
}

/** A place near the field, where a number may be far from it or none. */
export const near = (place) => Math.max(-2000, Math.min(3000, place)) || 0;

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

const [WIDE, HIGH, EDGE] = [220, 120, 12];

/** An activation's curve, as the engine computes it, and where a neuron is on it. */
export function curvePicture([zs, values], z, a, label) {
  if (!Number.isFinite(z) || !Number.isFinite(a)) return ""; // diverged
  const [left, right] = [Math.min(zs[0], z), Math.max(zs.at(-1), z)];
  const [low, high] = [Math.min(...values, a, 0), Math.max(...values, a, 0)];
  const x = scale([left, right], [EDGE, WIDE - EDGE]);
  const y = scale([low, high > low ? high : low + 1], [HIGH - EDGE, EDGE]);
  const path = through(zs.map((one, place) => [x(one), y(values[place])]));
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
  const x = scale([left, right], [EDGE, 2 * WIDE - EDGE]);
  const way = Math.sign(to - from) || 1;
  return drawn("svg", { class: "sketch wide", viewBox: `0 0 ${2 * WIDE} 64`, role: "img", "aria-label": label },
    drawn("path", { class: "axis", d: `M${EDGE},42H${2 * WIDE - EDGE}` }),
    drawn("circle", { class: "hollow", cx: x(from), cy: 42, r: 6 }),
    drawn("path", { class: "curve", d: `M${x(from) + 7 * way},42H${x(to) - 9 * way}` }),
    drawn("path", { class: "tip", d: `M${x(to)},42l${-11 * way},-6v12z` }),
    text(x(from), 20, shown(from, 4), way > 0 ? "end" : "start"), text(x(to), 20, shown(to, 4), way > 0 ? "start" : "end"));
}

/** A canvas as large as it stands on the page, cleared; its context in the page's own pixels. */
export function cleared(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio || 1;
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/**
 * @typedef {object} Series
 * @property {[number, number][]} rows Epoch and loss.
 * @property {string} color
 * @property {number[]} [dash]
 * @property {string} [name] Written at its end.
 */

/** Curves over one axis of epochs; what is above `top` is cut off. @param {Series[]} series */
export function drawCurves(canvas, series, top = Infinity) {
  const { context, width: wide, height } = cleared(canvas);
  const width = wide - (series.some(({ name }) => name) ? 22 : 0);
  const finite = series.map(({ rows }) => rows.filter((row) => row.every(Number.isFinite)));
  const highest = Math.min(top, Math.max(...finite.flat().map(([, loss]) => loss), 1e-9));
  const last = Math.max(...finite.map((rows) => rows.at(-1)?.[0] ?? 0), 1);
  const y = (loss) => height - 2 - Math.min(1, loss / highest) * (height - 4);
  Object.assign(context, { strokeStyle: theColors().quiet, globalAlpha: 0.35, lineWidth: 1 });
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(0, height - 0.5);
  context.lineTo(width, height - 0.5);
  context.stroke();
  Object.assign(context, { globalAlpha: 1, lineWidth: 2, font: "600 13px system-ui, sans-serif", textBaseline: "middle" });
  const byHeight = finite.map((rows, place) => [y(rows.at(-1)?.[1] ?? 0), place]).sort(([a], [b]) => b - a);
  series.forEach(({ color, dash = [] }, place) => {
    context.strokeStyle = color;
    context.setLineDash(dash);
    context.beginPath();
    for (const [epoch, loss] of finite[place]) context.lineTo((epoch / last) * width, y(loss));
    context.stroke();
  });
  context.setLineDash([]);
  const places = apart(byHeight.map(([end]) => end), height);
  byHeight.forEach(([, place], n) => {
    context.fillStyle = series[place].color;
    context.fillText(series[place].name ?? "", width + 6, places[n]);
  });
}

/** Where names stand that belong at these heights, the lowest first: they do not lie on each other, and none is cut off. */
export function apart(ends, height, letter = 14) {
  const above = (n) => letter / 2 + letter * (ends.length - 1 - n); // the room of those that come
  const found = [];
  for (const [n, end] of ends.entries()) found.push(Math.max(above(n), Math.min(end, (found.at(-1) ?? height + letter / 2) - letter)));
  return found;
}
