// Elements of the page, made in one expression.

/** An element with these properties (attributes, where the name has a dash or is `role`) and children. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** The same in SVG or MathML: all properties are attributes. */
const within = (space) => (tag, properties = {}, ...children) => {
  const made = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

export const drawn = within("http://www.w3.org/2000/svg");
export const math = within("http://www.w3.org/1998/Math/MathML");

/** A number for people: the digits that count, as a power of ten below the least. */
export function shown(number, digits = 3, least = 1e-4) {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? "NaN" : number > 0 ? "∞" : "−∞";
  const size = Math.abs(number);
  if (size === 0) return "0";
  const rounded = Number(number.toPrecision(digits));
  return (size >= 1e5 || size < least ? number.toExponential(digits - 1) : String(rounded)).replace(/-/g, "−");
}

/** A value with the digits that tell it from others of an interval. */
export function real(value, [low, high], step = (high - low) / 300) {
  const digits = Math.ceil(-Math.log10(step) - 1e-9);
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (digits > 6 || size >= 1e9) return shown(value, 4, 0);
  return value.toLocaleString("en", { maximumFractionDigits: Math.max(0, digits), useGrouping: size >= 1e4 }).replace("-", "−");
}

/** The element of the page with an id. */
export const byId = (id) => document.getElementById(id);

/** The options of a list to choose from. @param {[string | number, string][]} entries Values, and what they are called. */
export const options = (entries, chosen) => entries.map(([value, words]) => element("option", { value, selected: value === chosen }, words));

/** A list to choose from; `change` gets the value. @param {[string | number, string][]} entries */
export function select(entries, chosen, change, properties = {}) {
  const made = element("select", properties, ...options(entries, chosen));
  made.onchange = () => change(made.value);
  return made;
}

/** A box to tick, with its words; `change` gets whether it is ticked. */
export function checkbox(words, checked, change, properties = {}) {
  const box = element("input", { type: "checkbox", checked, ...properties });
  box.onchange = () => change(box.checked);
  return element("label", { className: "check" }, box, words);
}

export const button = (words, onclick, properties = {}) => element("button", { type: "button", onclick, ...properties }, words);

/** A square of a colour, beside what has it: `{fill}`, or `{class}`. */
export const swatch = (look) => drawn("svg", { class: "swatch", width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true" },
  drawn("rect", { width: 14, height: 14, rx: 3, ...look }));

/** Other children; the one with the focus keeps it, if there is one with the same `data-` name again. */
export function refill(place, name, ...children) {
  const focused = place.getRootNode().activeElement?.dataset?.[name];
  place.replaceChildren(...children);
  if (focused) place.querySelector(`[data-${name}="${focused}"]`)?.focus();
}

/** The path through points. @param {[number, number][]} points */
export const through = (points) => points.map(([x, y], place) => `${place ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`).join("");

/** The way that an arrow key points. @type {Record<string, [number, number]>} */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
