// Cells and answers as people read and write them.

import { currentLanguage, say } from "../language.js";
import { phrase } from "../phrase.js";

const tag = () => (currentLanguage() === "zh" ? "zh-Hans" : "en");
const DAY = 86400;
/** So many characters of a text are shown among reasons. */
const LONGEST_TEXT = 32;

/** Thousands are set apart from five digits on, so that years stay years. */
const grouped = (value) => ({ useGrouping: Math.abs(value) >= 1e4 });

/** A number with the digits that count. */
export function numberText(value) {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1e15) return value.toExponential(3).replaceAll("-", "−");
  const digits = Math.abs(value) >= 1e4 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 };
  return new Intl.NumberFormat(tag(), { ...digits, ...grouped(value) }).format(value).replace("-", "−");
}

/** A share as percents, all with as many decimals; what is nearly nothing or all is said so. */
export function percentText(share, digits = 1) {
  const bound = 0.5 * 10 ** -(digits + 2);
  const [sign, shown] = share > 0 && share < bound ? ["<", 2 * bound] : share < 1 && share > 1 - bound ? [">", 1 - 2 * bound] : ["", share];
  return sign + new Intl.NumberFormat(tag(), { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(shown).replace("-", "−");
}

/** One answered number. */
export const answerText = (kind, value) => (kind === "probability" ? percentText(value) : numberText(value));

/** So many decimals give the largest of some changes three digits that count; of probabilities points have one. */
export function decimalsOf(kind, changes) {
  const largest = Math.max(...changes.map(Math.abs));
  return kind === "probability" || !(largest > 0) ? 1 : Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(largest))));
}

/** A difference of two answers, with its sign; of probabilities in points. */
export function changeText(kind, change, decimals) {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals, ...grouped(change) };
  const text = new Intl.NumberFormat(tag(), digits).format(kind === "probability" ? 100 * change : change);
  return /[1-9]/.test(text) ? (change > 0 ? "+" : "") + text.replace("-", "−") : text.replace("-", "");
}

/** Half of how far two numbers are apart: the whole may be more than a number can hold. */
const halfway = (low, high) => high / 2 - low / 2;

/** Which share of the way from one number to another a third one has come. */
export const shareOf = (value, [low, high]) => halfway(low, value) / halfway(low, high);

/** The number that has come so far. */
export const atShare = (share, [low, high]) => 2 * (low / 2 + halfway(low, high) * share);

/** How finely a number is set: some hundred steps from end to end. */
export const stepOf = ({ ends: [low, high], whole }) => (whole ? 1 : 10 ** Math.floor(Math.log10(halfway(low, high) / 100)));

/** The nearest step. */
export function rounded(field, cell) {
  const step = stepOf(field), found = Number((Math.round(cell / step) * step).toPrecision(12));
  return Number.isFinite(found) ? found : cell;
}

const two = (number) => String(number).padStart(2, "0");

/** Seconds as hours, minutes and seconds. */
function clock(seconds) {
  const rest = Math.round(seconds);
  return [rest / 3600, (rest / 60) % 60, rest % 60].map((part) => two(Math.floor(part))).join(":");
}

/** A cell of an ordered column as a control of the page holds it. */
export const asTyped = {
  number: (cell) => String(Number(cell.toPrecision(12))),
  duration: (cell) => String(Number(cell.toPrecision(12))),
  date: (cell) => new Date(cell * DAY * 1000).toISOString().slice(0, 10),
  datetime: (cell) => new Date(cell / 1000).toISOString().slice(0, 19),
  time: clock,
};

/** What was typed as a cell; NaN for what is none. */
export const fromTyped = {
  number: (text) => (text.trim() ? Number(text) : NaN),
  duration: (text) => (text.trim() ? Number(text) : NaN),
  date: (text) => Date.parse(text) / DAY / 1000,
  datetime: (text) => Date.parse(`${text}Z`) * 1000,
  time: (text) => {
    const [hours, minutes, seconds = 0] = text.split(":").map(Number);
    return hours * 3600 + minutes * 60 + seconds;
  },
};

/** A text that no table has stands for the levels without a name of their own. */
export const OTHER = "\u0000other";

/** A cell as it is read. */
export function cellText(field, cell) {
  if (cell === null) return say("unknown");
  if (field.kind === "text") return cell.trim() ? `“${cell.length > LONGEST_TEXT ? `${cell.slice(0, LONGEST_TEXT).trimEnd()}…` : cell.trim()}”` : say("no text");
  if (field.kind === "boolean") return say(cell ? phrase("yes") : phrase("no"));
  if (field.levels) return field.shown[field.levels.indexOf(cell)] ?? (cell && cell !== OTHER ? cell : say("another value"));
  if (field.kind === "number" || field.kind === "duration") return numberText(cell);
  return asTyped[field.kind](cell).replace("T", " ");
}
