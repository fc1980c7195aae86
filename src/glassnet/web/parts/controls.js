// Sliders, lists and readings of the parts.

import { element, select, shown } from "../playground/view/element.js";

/**
 * A slider with its name and value; `name` may be an element.
 * @param {{label: string, symbol?: string, low: number, high: number, step: number, value: number, change: (value: number) => void}} of
 * `symbol` is what a text may call it by.
 */
export function slider({ label, symbol = "", low, high, step, value, change, digits = 3 }) {
  const input = element("input", { type: "range", min: Math.min(low, value), max: Math.max(high, value), step, "aria-label": label });
  input.value = value;
  const output = element("output", {}, shown(value, digits));
  input.oninput = () => {
    output.textContent = shown(input.valueAsNumber, digits);
    change(input.valueAsNumber);
  };
  const made = element("label", { className: "range", "data-symbol": symbol }, element("span", {}, label, " ", output), input);
  /** Show another value. */
  made.show = (now) => {
    input.value = now;
    output.textContent = shown(now, digits);
  };
  return made;
}

/** The same on a scale of powers of ten, with a field to write the number into. */
export function powers({ label, symbol = "", low, high, value, change }) {
  const slide = element("input", { type: "range", min: Math.log10(Math.min(low, value)), max: Math.log10(Math.max(high, value)), step: "any", "aria-label": label });
  const field = element("input", { type: "number", inputMode: "decimal", min: 0, step: "any", "aria-label": label });
  const set = (now) => {
    slide.value = Math.log10(now);
    slide.setAttribute("aria-valuetext", shown(now, 2));
  };
  field.value = Number(value.toPrecision(3));
  set(value);
  slide.oninput = () => {
    const now = Number((10 ** slide.valueAsNumber).toPrecision(2));
    field.value = now;
    slide.setAttribute("aria-valuetext", shown(now, 2));
    change(now);
  };
  field.onchange = () => {
    if (!(field.valueAsNumber > 0)) return;
    set(field.valueAsNumber);
    change(field.valueAsNumber);
  };
  return element("div", { className: "range powers", "data-symbol": symbol }, element("span", {}, label, field), slide);
}

/** A choice of names. */
export const choice = ({ label, names, value, change, called = (name) => name }) =>
  element("label", { className: "chosen" }, element("span", {}, label),
    select(names.map((name) => [name, called(name)]), value, change, { "aria-label": label }));

/** A list of names with numbers, each of a symbol of the text; gives the element, and a function that shows numbers anew. */
export function readings(names, symbols = []) {
  const cells = names.map((name) => element("dd", {}));
  const list = element("dl", { className: "readings" },
    ...names.map((name, place) => element("div", { "data-symbol": symbols[place] ?? "" }, element("dt", {}, name), cells[place])));
  return { list, show: (numbers) => numbers.forEach((number, place) => {
    cells[place].textContent = typeof number === "number" ? shown(number, 4) : number;
  }) };
}
