r"""The elementary functions of formulas, in a form that LLVM can vectorise.

A formula calls `glassnet.formulas.elementary`. Compiled as they stand, those would be calls of the C library, one for
each number, and the loop around them would stay scalar. Here the same names get straight-line arithmetic on the bits
of the number: no call, no branch, every special case a select; eight or sixteen numbers go through at once.

Both precisions come from one text; only coefficients differ, and float32 never passes through float64. `ULPS` is the
one table of what that costs in accuracy; the tests hold every function to it over its whole range. Zeros keep their
sign, NaN stays NaN, infinities and subnormal numbers give what NumPy gives.

How each works, with k a whole number and |r| ≤ ln(2)/2:

- exp: x = k ln 2 + r, so e^x = 2^k e^r; the power of two is an exponent written into bits.
- expm1: the same, with p = e^r - 1 kept apart: 2^k p + (2^k - 1).
- tanh: with t = e^(2|x|) - 1 it is t / (t + 2), where numerator and denominator share all but their last addition.
- log, log1p: x = 2^k m with √½ ≤ m < √2; of s = (m - 1) / (m + 1) the logarithm of m is 2 artanh(s), an odd series.
  log1p adds the rounding error of 1 + x back to m - 1.
- erf: x + x·P(x²) up to 1, from there 1 - e^(-x²)·P(x)/Q(x). The rounding of x² needs no care: at 1, where it counts
  most, half an ulp in it is one sixth of an ulp in the result.
- gaussian: e^(-x²), where the rounding of x² would cost x² ulps. So x is taken apart into h, of so few digits that h²
  is exact, and a rest: x² = h² + d, d = (x - h)(x + h), which is taken from what e^(-h²) leaves of its exponent.
- erfc: e^(-x²)·P(x)/Q(x), and 2 less that below zero.
- sin_turn, cos_turn: a whole number of turns is taken off x, which is exact; the rest is folded to t between -1/4
  and 1/4, exact too for the sine; sin(2πt) is an odd polynomial.

The coefficients are this project's own fits, all from one procedure: rational least squares of the relative error at
Chebyshev nodes (six for each coefficient, mpmath with 60 digits), the denominator made linear by dividing by that of
the round before, the weights multiplied by the error in each of 25 rounds (Lawson), so that the largest error becomes
as small as it can; then rounded to the precision. The fitted function stands next to each.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

__all__ = ["ULPS", "family"]

ULPS = {
    "exp": (1.2, 1.1),
    "expm1": (1.8, 2.2),
    "log": (0.9, 0.9),
    "log1p": (1.5, 1.5),
    "tanh": (2.9, 2.9),
    "erf": (1.5, 1.4),
    "gaussian": (1.3, 1.2),
    "erfc": (5.3, 5.4),
    "cos_turn": (3.0, 3.0),
    "sin_turn": (3.0, 3.0),
}
"""The largest error of each function in (float32, float64), in units of the last place of the exact result.

Rounded up, and true with and without fused multiply-add, by which erf gains most (0.2).
"""

# ln 2 to more digits than float64 has
LN2 = Fraction("0.693147180559945309417232121458176568")

# (e^r - 1 - r) / r² in powers of r, |r| ≤ ln(2)/2; errors 2^-23 and 2^-58, seen to one sixth
EXP_TAIL = {
    np.float32: (0.5, 0.16666578, 0.041666836, 0.0083631305, 0.0013902645),
    np.float64: (
        *(0.5, 0.1666666666666667, 0.04166666666666662, 0.008333333333326177, 0.0013888888888916164),
        *(1.9841269874689904e-04, 2.480158724990306e-05, 2.755725554871502e-06, 2.7557345676987085e-07),
        *(2.5105160814800538e-08, 2.0890682549684396e-09),
    ),
}

# (2 artanh(s) / s - 2) / s² in powers of s², s² ≤ (3 - 2√2)²; errors 2^-22 and 2^-51, seen to one hundredth
LOG_TAIL = {
    np.float32: (0.66666687, 0.39988765, 0.2958049),
    np.float64: (
        *(0.666666666666667, 0.39999999999899194, 0.28571428626098105, 0.2222221111700165, 0.18182890292039913),
        *(0.15331686343110332, 0.14616849158542833),
    ),
}

# erf(x) / x - 1 in powers of x², x² ≤ 1; errors 2^-30 and 2^-57
ERF_NEAR = {
    np.float32: (0.12837917, -0.37612626, 0.112835854, -0.02685383, 0.005188363, -0.0008010527, 7.855024e-05),
    np.float64: (
        *(0.12837916709551256, -0.3761263890318352, 0.11283791670944203, -0.026866170643114966, 0.0052239776061502275),
        *(-8.548325930942718e-04, 1.2055293627885645e-04, -1.492471331275128e-05, 1.6447144310194058e-06),
        *(-1.6206412680418043e-07, 1.3711411892835896e-08, -7.780277404865637e-10),
    ),
}

# e^(x²) erfc(x) = P(x) / Q(x) in powers of x, from 0 to 10.1 and to 27.3; errors 2^-27 and 2^-59
ERF_FAR = {
    np.float32: (
        (1.0, 1.2382716, 0.7314601, 0.22915079, 0.0327825),
        (1.0, 2.3666513, 2.4019308, 1.3251001, 0.4061857, 0.05810477),
    ),
    np.float64: (
        (
            *(1.0, 2.3411053939307953, 2.717075164290385, 2.0199689295556147),
            *(1.0553479419696237, 0.4030455992453641, 0.11379780286574491, 0.02348461247021753),
            *(0.003403230104883122, 0.00031492485603957707, 1.4306488133604778e-05),
        ),
        (
            *(1.0, 3.4694845610263085, 5.631969263511976, 5.657733933262468),
            *(3.917377181198014, 1.96842182208334, 0.7349133278714179, 0.20470470916707573),
            *(0.041904486700128564, 0.006044747099836576, 0.0005581897738342022, 2.535758998533581e-05),
        ),
    ),
}


# (sin(2πt) / t - 2π) / t² in powers of t², |t| ≤ 1/4; errors 2^-27 and 2^-61, seen whole
TURN_TAIL = {
    np.float32: (-41.341686, 81.60264, -76.58361, 39.771835),
    np.float64: (
        *(-41.341702240399755, 81.60524927607369, -76.70585975282737, 42.05869392530863, -15.09464166609011),
        *(3.8199278274408623, -0.7177306129241543, 0.10088256663627024),
    ),
}

# 2π to more digits than float64 has
TURN = Fraction("6.283185307179586476925286766559005768")


Polynomial = Callable[[tuple[float, ...], Any], Callable[[Any], Any]]


def in_pairs(coefficients: tuple[float, ...], number: Any) -> Callable[[Any], Any]:
    """Return the polynomial with these coefficients, lowest first, in pairs: a + bx, (a + bx) + (c + dx) x², and so on.

    Horner's rule takes fewer products, but each waits for the one before.
    """

    def polynomial(x: Any) -> Any:
        def paired(low: Any, high: Any) -> Any:
            return high * power + low

        power, values = x, [float(number(value)) for value in coefficients]
        while len(values) > 1:
            values = [*map(paired, values[::2], values[1::2]), *values[len(values) & ~1 :]]
            power = power * power  # the last one is not needed, and does not survive
        return values[0]

    return polynomial


# ------------------------------------------------------------ the functions


class Elementary:
    """The functions in one precision, float32 or float64; `polynomial` makes one of its coefficients.

    Comparisons are arranged so that NaN, for which all are false, takes the branch that keeps it.
    """

    def __init__(self, precision: Any, polynomial: Polynomial) -> None:
        self.precision = precision
        single = precision is np.float32
        self.integers = np.int32 if single else np.int64

        def number(value: Any) -> float:
            return float(precision(value))

        def bits_of(value: float) -> int:
            return int(precision(value).view(np.int32 if single else np.int64))

        self.zero, self.half, self.one, self.two = number(0), number(0.5), number(1), number(2)
        self.infinity, self.nan = number(np.inf), number(np.nan)
        self.smallest_normal = number(np.finfo(precision).smallest_normal)
        digits = 24 if single else 53
        self.mantissa, self.one_shift = digits - 1, 1
        self.half_bits, self.one_bits, self.two_bits = bits_of(0.5), bits_of(1), bits_of(2)
        self.root_half_bits = bits_of(0.5**0.5)
        # Adding this rounds to a whole number, which then stands in the lowest bits.
        self.rounder = number(3 * 2.0 ** (digits - 2))
        self.rounder_bits = bits_of(self.rounder)
        # Below it expm1(x) and log1p(x) are x.
        self.negligible = number(2.0 ** -(digits + 2))
        # ln 2 in two parts, of which the first has so few digits that its products with exponents are exact
        places = 2 ** (16 if single else 32)
        self.ln2_high = number(int(LN2 * places) / places)
        self.ln2_low = number(float(LN2 - Fraction(float(self.ln2_high))))
        self.inverse_ln2 = number(float(1 / LN2))
        # Beyond them e^x is 0 or infinite, even after a fused subtraction; beyond them expm1 is -1 or infinite, or tanh
        # is 1.
        self.exp_lowest, self.exp_highest = (number(-104), number(128)) if single else (number(-746), number(800))
        self.expm1_highest = number(89 if single else 710)
        self.expm1_lowest, self.tanh_highest, self.erf_highest = number(-40), number(20), number(4 if single else 6)
        self.gaussian_highest = number(11 if single else 28)
        # Adding this rounds numbers up to there to 12 digits, or to 26: then their squares are exact.
        self.coarse_rounder = number(3 * 2.0 ** (14 if single else 30))
        self.subnormal_factor, self.subnormal_shift = number(2.0**digits), number(digits)
        self.exp_tail = polynomial(EXP_TAIL[precision], precision)
        self.log_tail = polynomial(LOG_TAIL[precision], precision)
        self.erf_near = polynomial(ERF_NEAR[precision], precision)
        self.turn_tail = polynomial(TURN_TAIL[precision], precision)
        self.turn_high = number(float(TURN))
        self.turn_low = number(float(TURN - Fraction(float(self.turn_high))))
        self.quarter = number(0.25)
        self.erf_over, self.erf_under = (polynomial(coefficients, precision) for coefficients in ERF_FAR[precision])

    def to_bits(self, x: Any) -> Any:
        return x.view(self.integers)

    def to_number(self, bits: Any) -> Any:
        return bits.view(self.precision)

    def split(self, x: Any) -> Any:
        """k (in the lower bits), and r, for x = k ln 2 + r."""
        rounded = x * self.inverse_ln2 + self.rounder
        k = rounded - self.rounder
        return self.to_bits(rounded), (x - k * self.ln2_high) - k * self.ln2_low

    def exp_minus_one(self, r: Any) -> Any:
        """e^r - 1."""
        return self.exp_tail(r) * (r * r) + r

    def scaled(self, p: Any, bits: Any) -> Any:
        """2^k (1 + p), in two halves, for 2^k itself may be out of range where the result is not."""
        first = (bits >> self.one_shift) << self.mantissa
        second = (bits << self.mantissa) - first
        scale = self.to_number(first + self.one_bits)
        return (p * scale + scale) * self.to_number(second + self.one_bits)

    def exp(self, x: Any) -> Any:
        x = np.where(x > self.exp_highest, self.exp_highest, x)
        x = np.where(x < self.exp_lowest, self.exp_lowest, x)
        bits, r = self.split(x)
        return self.scaled(self.exp_minus_one(r), bits)

    def expm1(self, x: Any) -> Any:
        t = np.where(x > self.expm1_highest, self.expm1_highest, x)
        t = np.where(t < self.expm1_lowest, self.expm1_lowest, t)
        bits, r = self.split(t)
        p = self.exp_minus_one(r)
        scale = self.to_number((bits << self.mantissa) + self.half_bits)  # half of 2^k, which is in range for all k
        y = p * scale + (scale - self.half)
        return np.where(abs(x) > self.negligible, y + y, x)

    def tanh(self, x: Any) -> Any:
        a = abs(x)
        a = np.where(a > self.tanh_highest, self.tanh_highest, a)
        bits, r = self.split(a + a)
        p = self.exp_minus_one(r)
        scale = self.to_number((bits << self.mantissa) + self.half_bits)
        return np.copysign((p * scale + (scale - self.half)) / (p * scale + (scale + self.half)), x)

    def whole_number(self, k: Any) -> Any:
        """k as a float: rounding backwards, for few processors have an instruction for eight int64 at once."""
        return self.to_number(self.rounder_bits + k) - self.rounder

    def log_of_parts(self, f: Any, k: Any) -> Any:
        """k ln 2 + ln(1 + f), for √½ ≤ 1 + f < √2; ln(1 + f) as f - f²/2 + s (f²/2 + s² tail).

        The first two terms are ready while the division is under way, with what their sum lost.
        """
        whole = k * self.ln2_high + f
        rest = ((f - (whole - k * self.ln2_high)) + k * self.ln2_low) - self.half * f * f
        s = f / (self.two + f)
        z = s * s
        return whole + (s * (self.half * f * f + z * self.log_tail(z)) + rest)

    def log(self, x: Any) -> Any:
        subnormal = x < self.smallest_normal
        bits = self.to_bits(np.where(subnormal, x * self.subnormal_factor, x))
        # Counted from √½, the exponent is that of a number between √½ and √2.
        k = (bits - self.root_half_bits) >> self.mantissa
        f = self.to_number(bits - (k << self.mantissa)) - self.one
        y = self.log_of_parts(f, self.whole_number(k) - np.where(subnormal, self.subnormal_shift, self.zero))
        y = np.where(x < self.infinity, y, x)
        return np.where(x > self.zero, y, np.where(x == self.zero, -self.infinity, self.nan))

    def log1p(self, x: Any) -> Any:
        u = self.one + x
        lost = x - (u - self.one)
        bits = self.to_bits(u)
        k = (bits - self.root_half_bits) >> self.mantissa
        exponent = k << self.mantissa
        # For k = 0 that is x itself. Half of 2^(1-k), for 2^-k is out of range where k is largest.
        f = (self.to_number(bits - exponent) - self.one) + self.half * lost * self.to_number(self.two_bits - exponent)
        y = self.log_of_parts(f, self.whole_number(k))
        y = np.where(x < self.infinity, y, x)
        y = np.where(abs(x) > self.negligible, y, x)
        return np.where(x > -self.one, y, np.where(x == -self.one, -self.infinity, self.nan))

    def erf(self, x: Any) -> Any:
        a = abs(x)
        a = np.where(a > self.erf_highest, self.erf_highest, a)
        z = a * a
        bits, r = self.split(-z)
        p = self.exp_minus_one(r)
        scale = self.to_number((bits << self.mantissa) + self.one_bits)
        power = p * scale + scale
        near, far = a + a * self.erf_near(z), self.one - power * (self.erf_over(a) / self.erf_under(a))
        return np.copysign(np.where(a < self.one, near, far), x)

    def gaussian(self, x: Any) -> Any:
        a = abs(x)
        a = np.where(a > self.gaussian_highest, self.gaussian_highest, a)
        h = (a + self.coarse_rounder) - self.coarse_rounder
        bits, r = self.split(-h * h)
        return self.scaled(self.exp_minus_one(r - (a - h) * (a + h)), bits)

    def erfc(self, x: Any) -> Any:
        a = abs(x)
        a = np.where(a > self.gaussian_highest, self.gaussian_highest, a)
        far = self.gaussian(x) * (self.erf_over(a) / self.erf_under(a))
        return np.where(x < self.zero, self.two - far, far)

    def sin_of_quarter(self, t: Any) -> Any:
        return t * self.turn_high + t * (self.turn_low + t * t * self.turn_tail(t * t))

    def sin_turn(self, x: Any) -> Any:
        r = x - np.rint(x)
        folded = np.copysign(self.half, r) - r
        y = self.sin_of_quarter(np.where(abs(r) <= self.quarter, r, folded))
        return np.copysign(y, np.where(r != self.zero, r, x))

    def cos_turn(self, x: Any) -> Any:
        return self.sin_of_quarter(self.quarter - abs(x - np.rint(x)))


@cache
def family(precision: Any, polynomial: Polynomial = in_pairs) -> dict[str, Callable[..., Any]]:
    """Return the functions by name, in one precision."""
    functions = Elementary(precision, polynomial)
    return {name: getattr(functions, name) for name in ULPS}
