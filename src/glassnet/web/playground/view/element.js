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

/** The element of the page with an id. */
export const byId = (id) => document.getElementById(id);

/** The options of a list to choose from. @param {[string | number, string][]} entries Values, and what they are called. */
export const options = (entries, chosen) => entries.map(([value, words]) => element("option", { value, selected: value === chosen }, words));
