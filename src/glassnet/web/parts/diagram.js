// A neuron as a drawing: inputs, weights by width and colour, the sum, the activation, the loss; and its numbers.

import { say } from "../language.js";
import { drawn, shown } from "../playground/view/element.js";

const [WIDTH, ROW] = [430, 62];

const text = (x, y, words, kind = "", anchor = "middle", symbol = "") =>
  drawn("text", { x, y, class: kind, "text-anchor": anchor, "data-symbol": symbol }, words);

/** A letter with its index, where there are several. */
export const indexed = (letter, place, count) => (count > 1 ? `${letter}${"₁₂₃₄₅₆₇₈₉"[place] ?? place + 1}` : letter);

/** A node with a sign in it, and its number below; a text may mean the node by one symbol, the number by another. */
function node(x, y, sign, number, name, symbol = name) {
  return [
    drawn("circle", { class: "node", cx: x, cy: y, r: 20, "data-symbol": symbol }), text(x, y + 5, sign, "sign", "middle", symbol),
    text(x, y + 38, `${name} = ${shown(number)}`, "number", "middle", name),
  ];
}

/** @param {{w: number[], b: number, x: number[], target: number|null, activation: string, seen: object}} of */
export function drawNeuron({ w, b, x, target, activation, seen }) {
  const height = Math.max(3, w.length + 1) * ROW;
  const middle = height / 2;
  const at = (place) => (height * (place + 0.5)) / (w.length + 1);
  const [left, sum, out, end] = [48, 205, 300, 390];
  const link = (from, to, y, number, symbol) => {
    const width = Math.min(9, 1 + 2.2 * Math.abs(number));
    const share = 0.28;
    const [labelX, labelY] = [from + share * (to - from), y + share * (middle - y) - 6];
    return [
      drawn("path", { class: `link ${number < 0 ? "negative" : "positive"}`, "stroke-width": width, d: `M${from},${y}L${to},${middle}`, "data-symbol": symbol }),
      text(labelX, labelY, shown(number), "weight", "middle", symbol),
    ];
  };
  const label = say("{inputs} weighted inputs and the bias add up to z = {z}; the activation {activation} gives a = {a}", { inputs: w.length, z: shown(seen.z), activation, a: shown(seen.a) });
  const svg = drawn("svg", { class: "neuron", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label });
  w.forEach((one, place) => svg.append(...link(left + 18, sum - 20, at(place), one, "w")));
  svg.append(...link(left + 18, sum - 20, at(w.length), b, "b"));
  svg.append(drawn("path", { class: "wire", d: `M${sum + 20},${middle}H${out - 20}` }));
  w.forEach((_, place) => svg.append(
    drawn("circle", { class: "node", cx: left, cy: at(place), r: 18, "data-symbol": "x" }),
    text(left, at(place) + 5, shown(x[place], 2), "number", "middle", "x"),
    text(left - 24, at(place) + 5, indexed("x", place, w.length), "name", "end", "x")));
  svg.append(drawn("rect", { class: "node", x: left - 16, y: at(w.length) - 16, width: 32, height: 32, rx: 5, "data-symbol": "b" }),
    text(left, at(w.length) + 5, "1", "number"), text(left - 24, at(w.length) + 5, "b", "name", "end", "b"));
  svg.append(...node(sum, middle, "Σ", seen.z, "z"), ...node(out, middle, "f", seen.a, "a", "f"), text(out, middle - 28, activation, "name", "middle", "f"));
  if (target !== null) {
    svg.append(drawn("path", { class: "wire", d: `M${out + 20},${middle}H${end - 20}` }), ...node(end, middle, "L", seen.value, "L"),
      text(end, middle - 28, `y = ${shown(target)}`, "name", "middle", "y"));
  }
  return svg;
}
