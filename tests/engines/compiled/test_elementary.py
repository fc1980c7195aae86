"""The compiled elementary functions, inside loops as the engine compiles them, against truth over their whole range."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from scipy import special

from glassnet.engines.compiled import approximations as compiled
from glassnet.engines.compiled import jit, llvm
from glassnet.engines.compiled.code import NUMBER, Code
from glassnet.engines.compiled.code.kernel import python_callable
from glassnet.engines.compiled.llvm import processor
from glassnet.formulas import elementary as formulas

pytestmark = pytest.mark.slow  # it compiles

PRECISIONS = ["float32", "float64"]
NAMES = list(compiled.ULPS)
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan]

every_name = pytest.mark.parametrize("name", NAMES)
every_precision = pytest.mark.parametrize("precision", PRECISIONS)


class Loop:
    """y[i] = function(x[i]), compiled."""

    def __init__(self, function, precision):
        self.dtype, number = np.dtype(precision), NUMBER[precision]
        code = Code("kernel", "void", [("x", f"*{number}"), ("y", f"*{number}"), ("n", "i64")], processor())
        formula = code.formula(function)
        for i in code.range(code.n):
            code.y[i] = formula(code.x[i])
        text = code.text()
        self.llvm = str(llvm.optimised(text))
        self.kernel = python_callable(jit._loaded_or_compiled("loop", text), 3)

    def __call__(self, x):
        x = np.ascontiguousarray(x, self.dtype)
        y = np.empty_like(x)
        self.kernel(x.ctypes.data, y.ctypes.data, x.size)
        return y


loop = cache(Loop)


def elementary(name, precision):
    return loop(getattr(formulas, name), precision)


# --------------------------------------------------------------- the truth


def true_erf(x):
    """In extended precision: a series of positive terms up to 3, from there one minus what is small."""
    a = np.minimum(np.abs(x), 30)
    z = np.where(a < 3, a * a, 0)
    term = total = np.ones_like(a)
    for n in range(80):
        term = term * (2 * z / (2 * n + 3))
        total = total + term
    near = a * total * np.exp(-z) / np.sqrt(np.arctan(np.longdouble(1)))
    return np.copysign(np.where(a < 3, near, 1 - special.erfc(a.astype(np.float64)).astype(x.dtype)), x)


def true_gaussian(x):
    """In extended precision."""
    a = np.clip(x, -40, 40)
    half = a.astype(np.float32).astype(x.dtype)  # its square is exact, and what is left is small
    return np.exp(-half * half) * np.exp((half - a) * (half + a))


def true_erfc(x):
    """In extended precision: one minus the series up to 2, from there a continued fraction."""
    a = np.clip(np.abs(x), 2, 40)
    fraction = a
    for n in range(150, 0, -1):
        fraction = a + n / (2 * fraction)
    far = true_gaussian(a) / (fraction * np.sqrt(4 * np.arctan(x.dtype.type(1))))
    return np.where(np.abs(x) < 2, 1 - true_erf(x), np.where(x > 0, far, 2 - far))


def true_turn(name, x):
    """sin or cos of 2πx: the whole turns are taken off exactly, and what is left is folded to where sin is steep."""
    r = x - np.rint(x)
    quarter = np.where(np.abs(r) <= 0.25, r, np.copysign(x.dtype.type(0.5), r) - r)
    t = quarter if name == "sin_turn" else x.dtype.type(0.25) - np.abs(r)
    return np.sin(8 * np.arctan(x.dtype.type(1)) * t)


ERRORS = {"erf": true_erf, "erfc": true_erfc}
"""What NumPy has not."""


def truth(name, x):
    """In a precision with at least eleven bits more."""
    with np.errstate(all="ignore"):
        if name.endswith("turn"):
            return true_turn(name, x.astype(np.float64 if x.dtype == np.float32 else np.longdouble))
        if name == "gaussian":
            return true_gaussian(x.astype(np.float64 if x.dtype == np.float32 else np.longdouble))
        if x.dtype == np.float32:
            return getattr(special if name in ERRORS else np, name)(x.astype(np.float64))
        wide = x.astype(np.longdouble)
        return ERRORS[name](wide) if name in ERRORS else getattr(np, name)(wide)


def errors(y, exact):
    """In units of the last place of the exact result; infinity counts as the number after the largest one."""
    info = np.finfo(y.dtype)
    beyond = exact.dtype.type(2) ** int(info.maxexp)
    with np.errstate(all="ignore"):
        unit = np.spacing(np.minimum(np.abs(exact), exact.dtype.type(info.max)).astype(y.dtype))
        error = np.abs(np.clip(y.astype(exact.dtype), -beyond, beyond) - np.clip(exact, -beyond, beyond)) / unit
    return np.where(np.isnan(exact), np.where(np.isnan(y), 0, np.inf), np.where(np.isnan(y), np.inf, error))


def neighbours(value, count, dtype):
    """The numbers just below and above, and itself."""
    bits = np.array(value, dtype).view(f"i{dtype.itemsize}")
    return (bits + np.arange(-count, count + 1)).astype(bits.dtype).view(dtype)


def points(precision):
    """float32: each 1021st of all bit patterns; float64: all magnitudes, random patterns, and where methods change."""
    dtype = np.dtype(precision)
    if precision == "float32":
        return np.arange(0, 2**32, 1021, dtype=np.uint64).astype(np.uint32).view(dtype)
    rng = np.random.default_rng(0)
    magnitudes = 10.0 ** rng.uniform(-323.3, 308, 20_000)
    borders = [
        1e-300,
        2.0**-55,
        2.0**-54,
        0.5,
        1,
        26.54,
        27.2,
        0.5**0.5,
        2**0.5,
        0.5**0.5 - 1,
        2**0.5 - 1,
        6,
        20,
        40,
        709.7827,
        745.13,
    ]
    borders += [k / 2 * np.log(2) for k in (0.5, 1, 2, 3, 4, 5, 20, 21, 53, 54, 108, 2045, 2149)]
    near = np.concatenate([neighbours(border, 100, dtype) for border in borders])
    dense = np.concatenate([rng.uniform(0, 1.5, 60_000), rng.uniform(0, 28, 60_000), rng.uniform(0, 750, 20_000)])
    patterns = rng.integers(0, 2**63, 20_000).view(dtype)
    x = np.concatenate([magnitudes, near, dense, patterns])
    return np.concatenate([x, -x, SPECIAL])


@pytest.mark.sample(4)
@every_name
@every_precision
def test_error_is_within_the_table(name, precision):
    if precision == "float64" and np.finfo(np.longdouble).nmant < 63:
        pytest.skip("no precision above float64 here")
    x = points(precision)
    error = errors(elementary(name, precision)(x), truth(name, x))
    bound = compiled.ULPS[name][PRECISIONS.index(precision)]
    worst = np.argmax(error)
    assert error[worst] <= bound, f"{name}({x[worst]!r}) is {error[worst]:.2f} ulps off"
    assert error[worst] > 0.5 * bound, f"the table is generous: {error[worst]:.2f} ulps"


# ---------------------------------------------------------- special values


@pytest.mark.sample(4)
@every_name
@every_precision
def test_special_values_are_those_of_numpy(name, precision):
    smallest = np.finfo(precision).smallest_subnormal
    beyond = {"log": [1, -1, -smallest], "log1p": [-1, -2, smallest, -smallest]}
    x = np.array([*SPECIAL, *beyond.get(name, [1e30, -1e30, smallest, -smallest, 9 * smallest])], precision)
    with np.errstate(all="ignore"):
        expected = getattr(formulas, name)(x)
    y = elementary(name, precision)(x)
    np.testing.assert_array_equal(y, expected, strict=True)
    known = ~np.isnan(y)
    np.testing.assert_array_equal(np.signbit(y[known]), np.signbit(expected[known]))


@pytest.mark.parametrize("name", ["tanh", "erf"])
@every_precision
def test_odd_and_within_one(name, precision):
    x = points(precision)
    x = x[~np.isnan(x)]
    y = elementary(name, precision)(x)
    np.testing.assert_array_equal(elementary(name, precision)(-x), -y)
    assert np.abs(y).max() == 1
    assert (np.abs(y[np.abs(x) >= 20]) == 1).all()


@pytest.mark.parametrize("name", ["exp", "expm1"])
@every_precision
def test_monotone_up_to_the_overflow(name, precision):
    largest = np.finfo(precision).max
    x = neighbours(np.log(largest), 20_000, np.dtype(precision))
    y = elementary(name, precision)(x)
    assert (np.diff(y[np.isfinite(y)]) > 0).all()
    assert np.isfinite(y[x < x[20_000]]).all()
    assert np.isinf(y[x > x[20_001]]).all()


@every_precision
def test_exp_is_monotone_down_to_zero(precision):
    smallest = np.finfo(precision).smallest_subnormal
    x = np.linspace(np.log(np.finfo(precision).tiny) + 2, np.log(smallest) - 2, 100_000, dtype=precision)
    y = elementary("exp", precision)(x)
    assert (np.diff(y) <= 0).all()
    assert smallest in y
    assert y[-1] == 0


# ------------------------------------------------------- how it is compiled


@pytest.mark.sample(4)
@every_name
@every_precision
def test_loop_is_vectorised(name, precision):
    llvm = elementary(name, precision).llvm
    kind = {"float32": "float", "float64": "double"}[precision]
    assert re.search(rf"= fmul <\d+ x {kind}>", llvm)
    assert not re.search(rf"@{name}f?\(", llvm)


@pytest.mark.sample(3)
@every_name
def test_float32_never_passes_through_float64(name):
    assert not re.search(r"\bdouble\b", elementary(name, "float32").llvm)


@every_precision
def test_formulas_keep_their_accuracy(precision):
    number = np.dtype(precision).type
    zero, one = number(0), number(1)

    def sigmoid(z):
        e = formulas.exp(-np.abs(z))
        return np.where(z >= zero, one, e) / (one + e)

    def softplus(z):
        return np.maximum(z, zero) + formulas.log1p(formulas.exp(-np.abs(z)))

    def exponential_of_logarithm(z):
        return formulas.expm1(formulas.log1p(formulas.exp(z))) - formulas.exp(z)

    z = np.linspace(-80, 80, 100_001, dtype=precision)
    wide = z.astype(np.float64 if precision == "float32" else np.longdouble)
    e = np.exp(-np.abs(wide))
    if wide.dtype.itemsize > z.dtype.itemsize:
        assert errors(loop(sigmoid, precision)(z), np.where(z >= 0, 1, e) / (1 + e)).max() < 2.5
        assert errors(loop(softplus, precision)(z), np.maximum(wide, 0) + np.log1p(e)).max() < 3
    for formula in (sigmoid, softplus):
        assert re.search(r"= fdiv [a-z ]*<\d+ x (float|double)>", loop(formula, precision).llvm)
    remainder = loop(exponential_of_logarithm, precision)(z[np.abs(z) < 1])
    assert np.abs(remainder).max() < 16 * np.finfo(precision).eps


# ----------------------------------------------------------- other types


def test_whole_numbers_are_float64():
    def of_a_count(x):
        count = (x == 0) * 2
        return formulas.exp(count) + x * 0

    assert loop(of_a_count, "float64")(np.zeros(1))[0] == pytest.approx(np.exp(2), rel=1e-15)


@every_precision
def test_indicator_is_of_the_type_of_like(precision):
    one = np.dtype(precision).type(1)

    def above(x):
        return formulas.indicator(x > one, x) + formulas.indicator(True, x)

    above_one = loop(above, precision)
    np.testing.assert_array_equal(above_one(np.array([0, 1, 2, np.nan])), [1, 1, 2, 1])
    if precision == "float32":
        assert not re.search(r"\bdouble\b", above_one.llvm)


# ------------------------------------------------ NumPy functions in formulas


UNARY = {"sqrt": np.sqrt, "abs": np.abs, "sign": np.sign}
BINARY = {"maximum": np.maximum, "minimum": np.minimum}


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
@every_precision
def test_numpy_functions(name, precision):
    """Vectorised, in the precision of the number, and NaN, by which divergence is found, comes through."""
    x = np.array([-1e30, -1.5, 0, 0.3, 7, np.inf, -np.inf, np.nan] * 8, precision)
    numpy = UNARY.get(name) or BINARY[name]
    threshold = np.dtype(precision).type(0.25)
    function = (lambda x: numpy(x)) if name in UNARY else (lambda x: numpy(x, threshold))
    in_loop = loop(function, precision)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(in_loop(x), function(x))
    assert re.search(r"<\d+ x (float|double)>", in_loop.llvm)
    if precision == "float32":
        assert not re.search(r"\bdouble\b", in_loop.llvm)


@every_precision
def test_where_of_scalars_is_a_scalar_of_their_precision(precision):
    half = np.dtype(precision).type(0.5)
    in_loop = loop(lambda x: np.where(x > half, 1, x) * half, precision)
    np.testing.assert_array_equal(in_loop(np.array([0.25, 0.75, np.nan])), [0.125, 0.5, np.nan])
    assert re.search(r"<\d+ x (float|double)>", in_loop.llvm)
    if precision == "float32":
        assert not re.search(r"\bdouble\b", in_loop.llvm)
