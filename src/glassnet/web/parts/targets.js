// What a loss may have as targets, as in Python; nothing here needs a page.

const BETWEEN = { fractions: [0, 1], signs: [-1, 1], counts: [0, 1e6] };
const WHOLE = ["signs", "classes"];

/**
 * Where targets of a kind must lie, if one of them does not; null: all do.
 * @param {"numbers"|"counts"|"fractions"|"signs"|"classes"} kind
 * @param {number[]} targets
 * @param {number} outputs How many classes there are, where they are classes.
 * @returns {{low: number, high: number, whole: boolean}|null}
 */
export function outside(kind, targets, outputs) {
  const [low, high] = kind === "classes" ? [0, outputs - 1] : BETWEEN[kind] ?? [-Infinity, Infinity];
  const whole = WHOLE.includes(kind);
  return targets.every((one) => one >= low && one <= high && (!whole || Number.isInteger(one))) ? null : { low, high, whole };
}
