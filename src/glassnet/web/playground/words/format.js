// Texts of every page, with what their names in braces stand for.

const BETWEEN_CHINESE = /(?<=[\u3000-\u9fff\uff00-\uffef])\0(?=[\u3000-\u9fff\uff00-\uffef])/g;

/**
 * A text filled in; the space around what is filled in goes where both sides are Chinese.
 * @param {string} text
 * @param {Record<string, unknown>} values
 */
export const format = (text, values) =>
  text.replaceAll(" {", "\0{").replaceAll("} ", "}\0").replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
    .replace(BETWEEN_CHINESE, "").replaceAll("\0", " ");
