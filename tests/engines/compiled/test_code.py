"""Formulas written down by calling them with symbols: what they read, what they depend on, what they may ask."""

from __future__ import annotations

import types

import numpy as np
import pytest
import scipy
from scipy import special

from glassnet import Dense, NeuralNetwork
from glassnet.engines.compiled import jit
from glassnet.engines.compiled.code import Code
from glassnet.engines.compiled.code.formula_lowering import LIBRARY, Placeholder, captured
from glassnet.engines.compiled.code.kernel import python_callable
from glassnet.engines.compiled.code.operands import literal
from glassnet.engines.compiled.jit import reads
from glassnet.engines.compiled.llvm import processor
from glassnet.formulas.activations import Activation, silu
from glassnet.ir import UntraceableError
from glassnet.ir.numpy_functions import _clip as clip


def written(function, kind="float", arguments=1):
    """The text of a formula of numbers of this kind."""
    names = [f"x{number}" for number in range(arguments)]
    code = Code("trial", kind, [(name, kind) for name in names], processor())
    code.give(code.formula(function)(*(getattr(code, name) for name in names)))
    return code.text()


def computed(function, *numbers):
    """What the code of a formula of float64 makes of numbers."""
    names = [f"x{number}" for number in range(len(numbers))]
    code = Code("kernel", "double", [("x", "*double")], processor())
    code.give(code.formula(function)(*code.x.all(len(names))))
    x = np.array(numbers, float)
    return python_callable(jit._loaded_or_compiled("trial", code.text()), 1)(x.ctypes.data)


def test_numbers_in_a_formula_get_its_precision():
    factor = 2.0

    def formula(z, slope=0.5):
        return np.where(z > 0, z, 0.25 * slope * z) / (1 + factor)

    assert "double" not in written(formula, "float")
    assert computed(formula, -3.0) == formula(-3.0)


def test_functions_that_a_formula_calls_and_closes_over_are_treated_alike():
    third = 1 / 3

    def inner(z):
        return third * z

    assert "double" not in written(lambda z: inner(z) + inner(z), "float")


@pytest.mark.parametrize("x", [-2.0, 0.5, 3.0])
def test_both_ways_of_a_question_are_followed(x):
    def formula(z):
        if z > 2:
            return 10 * z
        return z if z > 0 else -z

    assert computed(formula, x) == formula(x)
    assert computed(lambda z: max(z, 1.0) + min(z, 0.0), x) == max(x, 1.0) + min(x, 0.0)


def test_more_questions_than_can_be_followed_are_refused():
    def formula(z):
        for number in range(12):
            z = z + 1 if z > number else z - 1
        return z

    with pytest.raises(UntraceableError, match="more branches than can be followed"):
        written(formula)


@pytest.mark.parametrize(
    "formula",
    [
        lambda z: float(z),
        lambda z: np.asarray(z) + 1,
        lambda z: np.sum(z),
        lambda z: np.sort(z),
        lambda z: np.spacing(z),
        lambda z: z + "1",
        lambda z: z + np.ones(2),
        lambda z: np.add.reduce(z),
    ],
)
def test_what_is_no_function_of_single_numbers_is_refused(formula):
    with pytest.raises((UntraceableError, TypeError)):
        written(formula)


def test_a_product_that_goes_into_a_sum_is_fused_with_it_by_the_text_alone():
    text = written(lambda x, y, z: x * y + z, arguments=3)
    assert ("fma" in text) == processor().fused
    assert "contract" not in text
    assert "reassoc" not in text


@pytest.mark.parametrize("name", [*LIBRARY])
def test_functions_of_the_c_library(name):
    numbers = (0.7, 0.3)[: getattr(np, name).nin]
    numbers = (1.7,) if name == "arccosh" else numbers
    assert computed(getattr(np, name), *numbers) == pytest.approx(getattr(np, name)(*numbers), rel=1e-15)


@pytest.mark.skipif(np.lib.NumpyVersion(scipy.__version__) < "1.15.0", reason="SciPy makes arrays of whatever it gets")
@pytest.mark.parametrize("function", [special.erf, special.erfc, special.expit])
def test_functions_of_scipy(function):
    """With SCIPY_ARRAY_API, as in these tests, there is a function around each ufunc."""
    assert computed(function, 0.7) == pytest.approx(function(0.7), rel=1e-15)


@pytest.mark.parametrize("power", [1, 2, 3, 4, 0.5, 2.5, -1])
def test_powers(power):
    assert computed(lambda z: z**power, 1.7) == pytest.approx(1.7**power, rel=1e-15)


def test_a_formula_is_captured_once_for_each_type_of_its_operands():
    single, double = Placeholder("float"), Placeholder("double")
    assert captured(silu, single) is captured(silu, single) is not captured(silu, double)
    assert captured(clip, single, 0.0) is not captured(clip, single, -0.0)  # numbers are in the graph


def test_one_of_somebody_elses_may_read_what_changes_and_is_captured_anew():
    def own(z):
        return 2 * z

    assert captured(own, Placeholder("float")) is not captured(own, Placeholder("float"))


def test_instructions_come_in_the_order_of_the_graph():
    graph = captured(silu, Placeholder("double")).graph
    assert [node.op for node in graph.made if node.op in ("divide", "multiply")] == ["divide", "multiply"]
    lines = [line for line in written(silu, "double").splitlines() if "fdiv" in line or "= fmul" in line]
    assert ["fdiv" in line for line in lines[-2:]] == [True, False]


def test_a_formula_may_ask_for_the_type_of_its_numbers():
    def smallest(z):
        return np.where(z > np.finfo(z.dtype).smallest_normal, z, 0)

    assert literal(np.finfo(np.float32).smallest_normal, "float") in written(smallest, "float")


def test_numpy_does_nothing_to_an_operand():
    code = Code("trial", "double", [("x", "double")], processor())
    with pytest.raises(TypeError):
        np.exp(code.x)
    assert (np.float64(2) * code.x).kind == "double"


def test_the_same_formula_has_the_same_text_wherever_it_was_made():
    def made():
        return lambda z: z * 0.5

    texts = [written(formula, "double") for formula in (made(), made(), lambda z: z * 0.25)]
    assert texts[0] == texts[1] != texts[2]


def with_global(value):
    return types.FunctionType((lambda z: z * CONSTANT).__code__, {"CONSTANT": value, "np": np})  # noqa: F821


def with_module(value):
    module = types.ModuleType("settings")
    module.K = value
    return types.FunctionType((lambda z: z * settings.K).__code__, {"settings": module})  # noqa: F821


def with_inner(value):
    return types.FunctionType((lambda z: (lambda: z * CONSTANT)()).__code__, {"CONSTANT": value})  # noqa: F821


def with_cell(value):
    return lambda z: z * value


def with_default(value):
    return types.FunctionType((lambda z, k: z * k).__code__, {}, argdefs=(value,))


def with_called(value):
    inner = with_cell(value)
    return lambda z: inner(z)


@pytest.mark.parametrize("make", [with_global, with_module, with_inner, with_cell, with_default, with_called])
@pytest.mark.parametrize(
    "values",
    [(1.0, 3.0), (0.1, 0.1 + 1e-16)],
    ids=["numbers", "last digit"],
)
def test_another_number_anywhere_is_another_formula(make, values):
    one, other = (make(value) for value in values)
    arguments = one.__code__.co_argcount - len(one.__defaults__ or ())
    texts = [written(formula, "double", arguments) for formula in (one, make(values[0]), other)]
    assert texts[0] == texts[1] != texts[2]


def test_what_a_formula_reads():
    assert reads(lambda z, a: z + a, 0, 2, "float64")
    assert not reads(lambda z, a: 1 - a, 0, 2, "float64")
    assert reads(lambda z, a: 1 - a, 1, 2, "float64")


def test_what_a_function_within_a_formula_reads_counts():
    assert reads(lambda z, a: (lambda: z)(), 0, 2, "float64")
    assert reads(lambda z, a: sum(z for _ in (1,)), 0, 2, "float64")
    assert not reads(lambda z, a: (lambda: a)(), 0, 2, "float64")
    assert reads(lambda *both: both[1], 1, 2, "float64")


def inner_derivative(z, a):
    def slope():
        return 2 * z

    return slope()


def test_a_derivative_whose_inner_function_reads_z_gets_it():
    square = Activation("square", lambda z: z * z, inner_derivative)
    ends = []
    for engine in ("reference", "compiled"):
        network = NeuralNetwork(2, [Dense(3, square), 1], engine=engine)
        network.train([[1.0, 2.0], [3.0, -1.0]], [1.0, 2.0], epochs=2, optimizer="sgd")
        ends.append(network.parameters)
    np.testing.assert_allclose(*ends, rtol=1e-12)


STEEPNESS = 1.0


def steep(z):
    return STEEPNESS * z


def test_a_global_that_changes_changes_the_next_prediction_too(monkeypatch):
    network = NeuralNetwork(1, [Dense(1, Activation("steep", steep, lambda z, a: STEEPNESS + 0 * z))])
    network.parameters[...] = [1.0, 0.0]
    assert network.predict([[3.0]]) == 3
    monkeypatch.setitem(globals(), "STEEPNESS", 2.0)
    assert network.predict([[3.0]]) == 6
