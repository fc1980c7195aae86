// Texts as n-grams: the loops around the rules of ngrams.js, as glassnet/tables/columns/ngrams.py has them in NumPy.

import { LONGEST, OFFSET, SLOTS, WORD, count_value, hashed_character, longest_ngram, slot, whole_character } from "./ngrams.js";

const BLANK = 32;
/** A word, as the library's explanations cut texts, or what stands between two. */
const PIECE = new RegExp(`${WORD}|\\s+`, "gu");
/** So many texts are kept encoded: curves ask for the same text again and again. */
const KEPT = 64;

/** What a column of text knows: its vocabulary, or null where ids are hashes, and what characters count as. */
export class TextColumn {
  /** @param {{ngrams: string, folded: Record<string, string>}} about */
  constructor({ ngrams, folded }) {
    this.folded = new Map(Object.entries(folded));
    this.ids = ngrams ? new Map(ngrams.split("\n").map((ngram, id) => [ngram, id])) : null;
    this.size = this.ids ? this.ids.size : SLOTS;
    /** @type {Map<string, {ids: Int32Array, values: Float32Array}>} */
    this.encoded = new Map();
  }

  /** Each known n-gram of a text in order: its id, and the places of its code points in the text that are no blanks. */
  *ngrams(text) {
    const window = Array(LONGEST).fill({ code: 0, place: -1 });
    window.push({ code: BLANK, place: -1 });
    window.shift();
    let place = 0;
    for (const letter of `${text} `) {
      const whole = String.fromCodePoint(whole_character(letter.codePointAt(0)));
      for (const one of this.folded.get(whole) ?? whole) {
        const code = one.codePointAt(0);
        if (code === BLANK && window[LONGEST - 1].code === BLANK) continue;
        window.push({ code, place: code === BLANK ? -1 : place });
        window.shift();
        const [first, second, third, last] = window;
        const longest = longest_ngram(first.code, second.code, third.code, last.code, BLANK);
        for (let size = 2; size <= longest; size++) {
          const characters = window.slice(LONGEST - size), codes = characters.map((each) => each.code);
          const id = this.ids ? this.ids.get(String.fromCodePoint(...codes)) : slot(codes.reduce(hashed_character, OFFSET));
          if (id !== undefined) yield { id, places: characters.map((each) => each.place).filter((each) => each >= 0) };
        }
      }
      place++;
    }
  }

  /** The ids of a text, ascending, and their values; none of a missing one, "" or null. */
  encode(text) {
    const found = this.encoded.get(text) ?? this.#encode(text ?? "");
    if (this.encoded.size >= KEPT) this.encoded.clear();
    this.encoded.set(text, found);
    return found;
  }

  /**
   * A text cut into words and what stands between them, with what each adds to the score of these weights: the value of
   * an n-gram times its weight is spread evenly over its characters, as glassnet/insight/text_words.py does.
   */
  words(text, weight) {
    const { ids, values } = this.encode(text), found = [...this.ngrams(text)];
    const value = new Map([...ids].map((id, n) => [id, values[n]])), counts = new Map();
    for (const { id } of found) counts.set(id, (counts.get(id) ?? 0) + 1);
    const scores = new Float64Array([...text].length);
    for (const { id, places } of found)
      for (const place of places) scores[place] += (value.get(id) * weight(id)) / counts.get(id) / places.length;
    let from = 0;
    return (text.match(PIECE) ?? []).map((piece) => {
      const to = from + [...piece].length, score = scores.subarray(from, to).reduce((sum, each) => sum + each, 0);
      from = to;
      return { piece, score };
    });
  }

  #encode(text) {
    const counts = new Map();
    for (const { id } of this.ngrams(text)) counts.set(id, (counts.get(id) ?? 0) + 1);
    const ids = Int32Array.from(counts.keys()).sort();
    const values = Float64Array.from(ids, (id) => count_value(counts.get(id)));
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    return { ids, values: Float32Array.from(values, (value) => value / length) };
  }
}
