// The error function, which JavaScript has none of.

/** By its series, whose terms all have one sign (Abramowitz and Stegun 7.1.6). */
function near(a) {
  let term = a, sum = a;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) sum += term *= (2 * a * a) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum;
}

/** 1 - erf a from 2 on, by its continued fraction (7.1.14). */
function far(a) {
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Number.isNaN(a) ? a : Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
}

export const erf = (a) => (Math.abs(a) < 2 ? near(a) : Math.sign(a) * (1 - far(Math.abs(a))));

/** 1 - erf a, exact also where erf a is near 1. */
export const erfc = (a) => (Math.abs(a) < 2 ? 1 - near(a) : a > 0 ? far(a) : 2 - far(-a));
