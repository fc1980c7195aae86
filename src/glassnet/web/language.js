// The language of a page: English stands in the code, and is the key of its Chinese. Names in braces are filled in.

import { CHINESE } from "./chinese.js";

const BETWEEN_CHINESE = /(?<=[“”‘’\u3000-\u9fff\uff00-\uffef])\0(?=[“”‘’\u3000-\u9fff\uff00-\uffef])/g;

export const LANGUAGES = ["en", "zh"];
let language = "en";

export const currentLanguage = () => language;

/** From now on in this language. */
export function inLanguage(chosen) {
  language = LANGUAGES.includes(chosen) ? chosen : "en";
}

/**
 * A text filled in; the space around what is filled in goes where both sides are Chinese.
 * @param {string} text
 * @param {Record<string, unknown>} values
 */
export const format = (text, values) =>
  text.replaceAll(" {", "\0{").replaceAll("} ", "}\0").replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
    .replace(BETWEEN_CHINESE, "").replaceAll("\0", " ");

/**
 * A text in the reader's language.
 * @param {string} text In English; where it is not written out here, marked as a `phrase`.
 * @param {Record<string, unknown>} [values]
 */
export function say(text, values = {}) {
  const english = text.slice(text.indexOf("\u0004") + 1); // behind its context
  return format(language === "zh" ? CHINESE[text] ?? english : english, values);
}

/** Sentences behind each other. */
export const together = (...sentences) => sentences.join(language === "zh" ? "" : " ");

/** What an attribute kept of the text that a page was written with. */
const written = (element, name, text) => (element.dataset[name] ||= text);

/** Say everything that stands on the page anew: texts, names for screen readers, hints. */
export function speak(chosen) {
  inLanguage(chosen);
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  const all = (/** @type {string} */ selector) => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector));
  for (const one of all("[data-say]")) one.textContent = say(written(one, "say", one.textContent));
  for (const one of all("[data-label]")) one.setAttribute("aria-label", say(written(one, "label", one.getAttribute("aria-label"))));
  for (const one of all("[data-hint]")) one.title = say(written(one, "hint", one.title));
}
