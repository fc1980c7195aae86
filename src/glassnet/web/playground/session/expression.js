// Formulas of the reader's own: an input such as sin(3*x1) - x2^2, a curve such as sin(2*x). They are read sign by sign; nothing is
// evaluated as code.

import { BINARY, UNARY } from "../../model/operations.js";
import { phrase } from "../../phrase.js";

/** As long as a formula may be. */
export const LONGEST = 48;
const INCOMPLETE = phrase("Incomplete formula, or missing operator or parenthesis. Example: {example}.");
const TOO_LONG = phrase("Formula too long: at most 48 characters.");
const LARGEST = 1e6;

const { sin, cos, exp, log, sqrt, absolute: abs, tanh, sign: signOf } = UNARY;
const FUNCTIONS = { sin, cos, tan: Math.tan, exp, log, sqrt, abs, tanh, sign: signOf };
const CONSTANTS = { pi: Math.PI, e: Math.E };
const SIGNS = / *(?:(\d+\.?\d*|\.\d+)|([a-z]\w*)|([-+*/^()]))/giy;
const SQUARE = { x1: (x) => x, x2: (x, y) => y };
const LINE = { x: (x) => x };
const PLACES = 25; // of a side, at which a formula is tried

/** What is wrong with a formula, and from which of its characters on (null: with the whole of it); `values` are named in the words. */
export class FormulaError extends Error {
  place; values;

  constructor(words, place = null, values = {}) {
    super(words);
    Object.assign(this, { place, values });
  }
}

/** The places between which a formula must be finite. */
const places = (reach) => Array.from({ length: PLACES }, (_, place) => ((2 * place) / (PLACES - 1) - 1) * reach);
const infinite = (example) => new FormulaError(phrase("The formula is not finite everywhere between −3 and 3. Change it, for example to {example}."), null, { example });

/** The signs of a formula: numbers, names, operators. @returns {{at: number, end: number, number?: number, name?: string, sign?: string}[]} */
function signs(text) {
  SIGNS.lastIndex = 0;
  const found = [];
  while (SIGNS.lastIndex < text.length) {
    const last = SIGNS.lastIndex;
    const match = SIGNS.exec(text);
    if (!match) throw new FormulaError(phrase("Unexpected character in formula. Use numbers, names, + − * / ^ and parentheses."), text.slice(last).search(/\S/) + last);
    const end = SIGNS.lastIndex;
    const at = end - match[0].trimStart().length;
    found.push({ at, end, ...(match[1] ? { number: Number(match[1]) } : match[2] ? { name: match[2].toLowerCase() } : { sign: match[3] }) });
  }
  return found;
}

/** Reads what follows, by rank: sums, products, signs in front, powers, and what cannot be taken apart. */
class Reader {
  /** @param {string} text @param {Record<string, (x: number, y: number) => number>} names Of what it is a formula. */
  constructor(text, names) {
    this.signs = signs(text);
    this.names = names;
    this.place = 0;
  }

  /** All of it. */
  whole() {
    const value = this.sum();
    if (this.place < this.signs.length) throw this.incomplete();
    return value;
  }

  /** Something is missing before the sign that comes next. */
  incomplete() {
    return new FormulaError(INCOMPLETE, this.signs[this.place]?.at ?? this.signs.at(-1)?.end ?? 0, { example: this.names === LINE ? "sin(3*x) + x^2" : "sin(3*x1) + x2^2" });
  }

  /** Whether one of these comes next; it is passed over then. */
  next(...wanted) {
    const sign = this.signs[this.place]?.sign;
    if (!wanted.includes(sign)) return null;
    this.place += 1;
    return sign;
  }

  sum = () => this.chain(this.product, { "+": BINARY.add, "-": BINARY.subtract });
  product = () => this.chain(this.signed, { "*": BINARY.multiply, "/": BINARY.divide });

  /** Parts with operators between them, from the left. */
  chain(part, operators) {
    let value = part.call(this);
    for (let sign = this.next(...Object.keys(operators)); sign; sign = this.next(...Object.keys(operators))) {
      const [left, right, both] = [value, part.call(this), operators[sign]];
      value = (x, y) => both(left(x, y), right(x, y));
    }
    return value;
  }

  signed() {
    if (this.next("-")) {
      const inside = this.signed();
      return (x, y) => -inside(x, y);
    }
    return this.power();
  }

  power() {
    const base = this.single();
    if (!this.next("^")) return base;
    const exponent = this.signed();
    return (x, y) => base(x, y) ** exponent(x, y);
  }

  single() {
    const next = this.signs[this.place];
    if (!next || (next.sign && next.sign !== "(")) throw this.incomplete();
    const { number, name, sign, at } = next;
    this.place += 1;
    if (number !== undefined) return () => number;
    if (sign === "(") return this.closed();
    if (Object.hasOwn(this.names, name)) return this.names[name];
    if (Object.hasOwn(CONSTANTS, name)) return () => CONSTANTS[name];
    if (!Object.hasOwn(FUNCTIONS, name)) throw new FormulaError(phrase("Unknown name in formula. Use {names}, pi, e, or sin, cos, tan, exp, log, sqrt, abs, tanh, sign with parentheses."), at, { names: Object.keys(this.names).join(", ") });
    if (!this.next("(")) throw this.incomplete();
    const inside = this.closed();
    return (x, y) => FUNCTIONS[name](inside(x, y));
  }

  closed() {
    const inside = this.sum();
    if (!this.next(")")) throw this.incomplete();
    return inside;
  }
}

/**
 * A formula as a function of x1 and x2; it must be finite all over the square of this reach.
 * @returns {(x: number, y: number) => number}
 */
export function readFormula(text, reach) {
  if (text.length > LONGEST) throw new FormulaError(TOO_LONG);
  const value = new Reader(text.trimEnd(), SQUARE).whole();
  const tried = places(reach);
  if (!tried.every((x) => tried.every((y) => Math.abs(value(x, y)) <= LARGEST))) throw infinite("log(abs(x1) + 1)");
  return (x, y) => {
    const found = value(x, y); // noise may carry a point out of the square
    return Number.isFinite(found) ? Math.max(-LARGEST, Math.min(LARGEST, found)) : 0;
  };
}

/**
 * A formula as a curve over x; it must be finite over the square of this reach, and pass through it.
 * @returns {(x: number) => number}
 */
export function readCurve(text, reach) {
  if (text.length > LONGEST) throw new FormulaError(TOO_LONG);
  const value = new Reader(text.trimEnd(), LINE).whole();
  const found = places(reach).map((x) => value(x, 0));
  if (!found.every((y) => Math.abs(y) <= LARGEST)) throw infinite("sqrt(abs(x))");
  if (Math.min(...found) >= reach || Math.max(...found) <= -reach) throw new FormulaError(phrase("The curve lies beyond the map, where all points would be of one class. f(x) must come between −3 and 3 somewhere, for example {example}."), null, { example: "sin(2*x)" });
  return (x) => value(x, 0);
}

/** The number that a reader has typed, or an expression comes to, such as 2·(0.62 − 1); NaN, where it is none. */
export function readNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(/[·×]/g, "*").replace(/[÷：∶]/g, "/").replace(/[，,]/g, ".").replace(/[（]/g, "(").replace(/[）]/g, ")").replace(/\bln\b/gi, "log");
  if (plain && Number.isFinite(Number(plain))) return Number(plain);
  try {
    return new Reader(plain, SQUARE).whole()(NaN, NaN);
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error;
    return NaN;
  }
}
