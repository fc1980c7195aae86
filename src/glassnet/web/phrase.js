// Texts that stand in tables: marked here, said where they are shown.

/**
 * A text in English, which the catalogue of translations has as its key; `say` gives it in the reader's language.
 * @param {string} english
 * @param {string} [context] Where it occurs, if the same English is something else in another place.
 */
export const phrase = (english, context) => (context ? `${context}\u0004${english}` : english);
