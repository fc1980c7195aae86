// What all parts have in common: a shadow root, so that nothing of the page around changes them; the page's theme and
// language; attributes as numbers; an error in words where an attribute is wrong.

import { inLanguage, say } from "../language.js";
import { phrase } from "../phrase.js";
import controls from "../playground/controls.css" with { type: "css" };
import palette from "../playground/palette.css" with { type: "css" };
import { element } from "../playground/view/element.js";
import { readColors } from "../playground/view/heat.js";
import look from "./parts.css" with { type: "css" };
import { outside } from "./targets.js";

/** An attribute that cannot be used; its message is for readers. */
export class AttributeError extends Error {}

const dark = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

/** Numbers beyond it are shown by nobody. */
const MOST = 1e6;

/** Where the engine and the playground lie, beside the folder of these modules. */
const HOME = new URL("../", import.meta.url).href;

/** The theme of a page: what it says itself, as furo does; else what the reader's system says. */
function themeOf() {
  if (document.body.dataset.jpThemeLight) return document.body.dataset.jpThemeLight === "false" ? "dark" : "light"; // JupyterLab
  const said = document.body.dataset.theme ?? document.documentElement.dataset.theme;
  return ["light", "dark"].includes(said) ? said : dark.matches ? "dark" : "light";
}

/** A style sheet that lets stand out what has the name that the box says to highlight. */
function lights(symbols) {
  const made = new CSSStyleSheet();
  const named = symbols.map((one) => `[data-highlight="${one}"] [data-symbol~="${one}"]`).join(", ");
  if (named) made.replaceSync(`:is(${named}) { outline: 2px solid var(--class-2); outline-offset: 3px; border-radius: 2px; }
    svg :is(${named}) { outline: none; filter: drop-shadow(0 0 1px var(--class-2)) drop-shadow(0 0 4px var(--class-2)); }`);
  return made;
}

export class Part extends HTMLElement {
  /** Style sheets beside those of all parts, and the attributes that are read. */
  static sheets = [];
  static attributes = [];
  /** What a text may call by a name: elements of the part with that name in `data-symbol`. */
  static symbols = [];

  connectedCallback() {
    if (!this.shadowRoot) {
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [palette, controls, ...this.constructor.sheets, look, lights(this.constructor.symbols)];
      this.box = element("div", { className: "part" });
      root.append(this.box);
      for (const event of ["pointerenter", "focusin", "pointermove", "click", "input", "change", "keydown"])
        root.addEventListener(event, () => this.speak(), { capture: true });
    }
    this.again = () => this.isConnected && this.begin(false);
    this.watching = new MutationObserver((changes) => this.begin(changes.some(({ target }) => target === this)));
    for (const one of [document.documentElement, document.body])
      this.watching.observe(one, { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light", "lang"] });
    this.watching.observe(this, { attributes: true, attributeFilter: [...this.constructor.attributes, "lang", "base"] });
    dark.addEventListener("change", this.again);
    this.begin();
  }

  disconnectedCallback() {
    this.watching.disconnect();
    dark.removeEventListener("change", this.again);
    this.rest();
  }

  /** Stop whatever moves. */
  rest() {}

  /** Let what a name means stand out; "": nothing. */
  light(symbol) {
    this.box.dataset.highlight = symbol;
  }

  /** Show what a name means, where that is not seen all the time. */
  open() {}

  /** Words and colours are this part's from now on: other parts may have others. */
  speak() {
    inLanguage(this.language);
    readColors(this.box);
  }

  /** Build all of it anew: from the attributes as they are, or from what has become of them. */
  begin(reading = true) {
    this.box.dataset.theme = themeOf();
    this.box.lang = this.language === "zh" ? "zh-Hans" : "en";
    this.speak();
    try {
      if (reading || this.wrong) {
        this.rest();
        this.wrong = true; // until all is read
        this.read();
        this.wrong = false;
      }
      this.build();
    } catch (error) {
      if (!(error instanceof AttributeError)) throw error;
      this.refuse(error.message);
    }
  }

  /** Say what is wrong in the place of the part. */
  refuse(words) {
    this.box.replaceChildren(element("p", { className: "wrong", role: "alert" }, `${this.localName}: ${words}`));
  }

  get language() {
    return (this.closest("[lang]")?.lang ?? "en").startsWith("zh") ? "zh" : "en";
  }

  /** The address of a file of the playground or the engine. */
  file(name) {
    return new URL(name, new URL(this.getAttribute("base") ?? HOME, document.baseURI)).href;
  }

  text(name, otherwise) {
    return this.getAttribute(name)?.trim() || otherwise;
  }

  /** Several texts, separated by commas. */
  list(name, otherwise) {
    return this.text(name, otherwise).split(",").map((one) => one.trim()).filter(Boolean);
  }

  /** Numbers, separated by commas or spaces; so many of them, where that is asked. */
  numbers(name, otherwise, count = null) {
    const text = this.text(name, otherwise);
    const found = text.split(/[\s,;]+/).filter(Boolean).map(Number);
    if (found.length && found.every(Number.isFinite) && (count === null || found.length === count)) {
      this.check(name, found, -MOST, MOST);
      return found;
    }
    const rule = count === null ? say("{name} must be numbers, separated by commas", { name }) : say("{name} must be {count} numbers, separated by commas", { name, count });
    throw new AttributeError(say("{rule}. Received: {text}.", { rule, text }));
  }

  number(name, otherwise, low = -MOST, high = MOST, whole = false) {
    const [found] = this.check(name, this.numbers(name, otherwise, 1), low, high, whole);
    return found;
  }

  /** Numbers that all lie within a range. */
  check(name, found, low, high, whole = false) {
    const wrong = found.find((one) => !(one >= low && one <= high && (!whole || Number.isInteger(one))));
    if (wrong === undefined) return found;
    throw new AttributeError(say("{rule}. Received: {text}.", { rule: say(whole ? phrase("{name} must be a whole number from {low} to {high}") : phrase("{name} must lie between {low} and {high}"), { name, low, high }), text: wrong }));
  }

  /** Targets that a loss can have. */
  checkTargets(name, kind, targets, outputs) {
    const range = outside(kind, targets, outputs);
    if (range) this.check(name, targets, range.low, range.high, range.whole);
  }

  /** Some of the names of a record, no more than there is room for. */
  some(name, otherwise, record, most) {
    const found = this.list(name, otherwise);
    const known = Object.keys(record);
    const unknown = found.find((one) => !known.includes(one));
    if (unknown !== undefined) throw new AttributeError(say("{rule}. Received: {text}.", { rule: say("{name} must be one of: {known}", { name, known: known.join(say(", ")) }), text: unknown }));
    if (found.length <= most && found.length) return found;
    throw new AttributeError(say("{rule}. Received: {text}.", { rule: say("{name} must be 1 to {count} names, separated by commas", { name, count: most }), text: found.join(", ") }));
  }

  /** One of the names of a record. */
  one(name, otherwise, record, known = Object.keys(record)) {
    const found = this.text(name, otherwise);
    if (known.includes(found)) return record[found];
    throw new AttributeError(say("{rule}. Received: {text}.", { rule: say("{name} must be one of: {known}", { name, known: known.join(say(", ")) }), text: found }));
  }
}
