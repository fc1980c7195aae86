// An input of the reader's own, such as sin(3*x1) - x2^2: read sign by sign; nothing is evaluated as code.

import { BINARY, UNARY } from "../../model/operations.js";
import { phrase } from "../../phrase.js";

/** As long as a formula may be. */
export const LONGEST = 48;
const INCOMPLETE = phrase("Incomplete formula, or missing parenthesis. Example: sin(3*x1) + x2^2.");
const LARGEST = 1e6;

const { sin, cos, exp, log, sqrt, absolute: abs, tanh, sign: signOf } = UNARY;
const FUNCTIONS = { sin, cos, tan: Math.tan, exp, log, sqrt, abs, tanh, sign: signOf };
const CONSTANTS = { pi: Math.PI, e: Math.E };
const SIGNS = / *(?:(\d+\.?\d*|\.\d+)|([a-z]\w*)|([-+*/^()]))/giy;

/** What is wrong with a formula. */
export class FormulaError extends Error {}

/** The signs of a formula: numbers, names, operators. */
function signs(text) {
  SIGNS.lastIndex = 0;
  const found = [];
  while (SIGNS.lastIndex < text.length) {
    const match = SIGNS.exec(text);
    if (!match) throw new FormulaError(phrase("Unexpected character in formula. Use numbers, names, + − * / ^ and parentheses."));
    found.push(match[1] ? { number: Number(match[1]) } : match[2] ? { name: match[2].toLowerCase() } : { sign: match[3] });
  }
  return found;
}

/** Reads what follows, by rank: sums, products, signs in front, powers, and what cannot be taken apart. */
class Reader {
  constructor(text) {
    this.signs = signs(text);
    this.place = 0;
  }

  /** Whether one of these comes next; it is passed over then. */
  next(...wanted) {
    const { sign } = this.signs[this.place] ?? {};
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
    const base = this.whole();
    if (!this.next("^")) return base;
    const exponent = this.signed();
    return (x, y) => base(x, y) ** exponent(x, y);
  }

  whole() {
    const { number, name, sign } = this.signs[this.place] ?? {};
    this.place += 1;
    if (number !== undefined) return () => number;
    if (sign === "(") return this.closed();
    if (name === "x1") return (x) => x;
    if (name === "x2") return (x, y) => y;
    if (Object.hasOwn(CONSTANTS, name)) return () => CONSTANTS[name];
    if (name === undefined) throw new FormulaError(INCOMPLETE);
    if (!Object.hasOwn(FUNCTIONS, name)) throw new FormulaError(phrase("Unknown name in formula. Use x1, x2, pi, e, or sin, cos, tan, exp, log, sqrt, abs, tanh, sign with parentheses."));
    if (!this.next("(")) throw new FormulaError(INCOMPLETE);
    const inside = this.closed();
    return (x, y) => FUNCTIONS[name](inside(x, y));
  }

  closed() {
    const inside = this.sum();
    if (!this.next(")")) throw new FormulaError(INCOMPLETE);
    return inside;
  }
}

/**
 * A formula as a function of x1 and x2; it must be finite all over the square of this reach.
 * @returns {(x: number, y: number) => number}
 */
export function readFormula(text, reach) {
  if (text.length > LONGEST) throw new FormulaError(phrase("Formula too long: at most 48 characters."));
  const reader = new Reader(text.trim());
  const value = reader.sum();
  if (reader.place < reader.signs.length) throw new FormulaError(INCOMPLETE);
  const places = Array.from({ length: 25 }, (_, place) => (place / 12 - 1) * reach);
  if (!places.every((x) => places.every((y) => Math.abs(value(x, y)) <= LARGEST))) throw new FormulaError(phrase("The formula is not finite everywhere between −3 and 3. Change it, for example to log(abs(x1) + 1)."));
  return (x, y) => {
    const found = value(x, y); // noise may carry a point out of the square
    return Number.isFinite(found) ? Math.max(-LARGEST, Math.min(LARGEST, found)) : 0;
  };
}

/** The number that a reader has typed, or an expression comes to, such as 2·(0.62 − 1); NaN, where it is none. */
export function readNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(/[·×]/g, "*").replace(/[÷：∶]/g, "/").replace(/[，,]/g, ".").replace(/[（]/g, "(").replace(/[）]/g, ")").replace(/\bln\b/gi, "log");
  if (plain && Number.isFinite(Number(plain))) return Number(plain);
  try {
    const reader = new Reader(plain);
    const value = reader.sum()(NaN, NaN);
    return reader.place < reader.signs.length ? NaN : value;
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error;
    return NaN;
  }
}
