// NumPy's functions of numbers under their names, by which graphs and trees of formulas call them.

import { erf, erfc } from "./erf.js";

const single = new Float32Array(1), bits = new Int32Array(single.buffer);

/** To eight binary digits: halves to the even number; 0 below 2^-56, infinite from 2^64 on. */
function bfloat16(a) {
  if (Number.isNaN(a)) return a;
  single[0] = a;
  const size = bits[0] & 0x7fffffff, rounded = (size + 0x7fff + ((size >> 16) & 1)) & -0x10000;
  bits[0] = (bits[0] ^ size) | (rounded < 0x23800000 ? 0 : rounded < 0x5f800000 ? rounded : 0x7f800000);
  return single[0];
}

/** Those of one number. */
export const UNARY = {
  negative: (a) => -a,
  absolute: Math.abs,
  sign: Math.sign,
  sqrt: Math.sqrt,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  arctan: Math.atan,
  sin: Math.sin,
  cos: Math.cos,
  bfloat16,
  erf,
  erfc,
  rint: (a) => (Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a)),
  floor: Math.floor,
  isnan: Number.isNaN,
  logical_not: (a) => !a,
};

/** Those of two. */
export const BINARY = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  floor_divide: (a, b) => (a - modulo(a, b)) / b,
  remainder: modulo,
  power: (a, b) => (a === 1 ? 1 : a ** b),
  maximum: Math.max,
  minimum: Math.min,
  hypot: Math.hypot,
  copysign: (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)),
  greater: (a, b) => a > b,
  greater_equal: (a, b) => a >= b,
  less: (a, b) => a < b,
  less_equal: (a, b) => a <= b,
  equal: (a, b) => a === b,
  not_equal: (a, b) => a !== b,
  logical_and: (a, b) => a && b,
  logical_or: (a, b) => a || b,
};

/** What is left of a division, with the sign of b. */
function modulo(a, b) {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}
