"""Formulas of one's own: whatever Python asks of a number, both engines compute the same, or say the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

from glassnet import Activation, Dense, Loss, NeuralNetwork, Optimizer, Schedule
from glassnet.engines.compiled.code.code import FLUSH
from glassnet.engines.compiled.llvm import processor
from glassnet.errors import InputTypeError

X = np.random.default_rng(0).normal(size=(64, 3))
ENGINES = ("compiled", "reference")

FORMULAS = {
    "max": (lambda z: max(z, 0), lambda z, a: 1.0 if z > 0 else 0.0),
    "max of a float first": (lambda z: max(0.0, z), lambda z, a: (z > 0) * 1.0),
    "min": (lambda z: min(z, 1), lambda z, a: 1.0 if z < 1 else 0.0),
    "sorted": (lambda z: sorted([z, 0])[1], lambda z, a: 1.0 if z > 0 else 0.0),
    "if": (lambda z: z if z > 0 else 0.1 * z, lambda z, a: 1.0 if z > 0 else 0.1),
    "and": (lambda z: z if 0 < z < 1 else 0.1 * z, lambda z, a: 1.0 if z > 0 and z < 1 else 0.1),
    "not": (lambda z: z if not z < 0 else 0.0, lambda z, a: 1.0 if not z < 0 else 0.0),
    "in": (lambda z: 1.0 if z in (1, 2) else z, lambda z, a: 1.0),
    "abs": (lambda z: abs(z), lambda z, a: np.sign(z)),
    "sum": (lambda z: sum([z, 1, z]), lambda z, a: 2.0),
    "pow": (lambda z: pow(z, 2), lambda z, a: 2 * z),
    "divmod": (lambda z: divmod(z, 1)[1], lambda z, a: 1.0),
    "a constant": (lambda z: 1.0, lambda z, a: 0.0),
    "where": (lambda z: np.where(z > 0, z, 0), lambda z, a: np.where(z > 0, 1.0, 0.0)),
    "a truth value": (lambda z: bool(z) * z, lambda z, a: 1.0),
    "or": (lambda z: z or 1.0, lambda z, a: 1.0),
    "round": (lambda z: round(z, 1), lambda z, a: 1.0),
    "math": (lambda z: math.tanh(z), lambda z, a: 1 - a * a),
}
"""Some have no compiled form: then the reference engine does the work, as a warning says."""


def trained(engine, layer=None, **options):
    network = NeuralNetwork(3, [layer or Dense(4, "tanh"), 1], engine=engine, seed=1, **options.pop("network", {}))
    losses = network.train(X, (X[:, 0] > 0).astype(float), epochs=2, **options)
    return [*losses, *network.predict(X[:5])[:, 0]]


@pytest.mark.filterwarnings("ignore:.*cannot be compiled")
@pytest.mark.parametrize("name", FORMULAS)
def test_engines_agree_on_an_activation(name):
    compiled, reference = (trained(engine, Dense(4, Activation("own", *FORMULAS[name]))) for engine in ENGINES)
    np.testing.assert_allclose(compiled, reference, rtol=1e-9)


def test_engines_agree_on_a_loss_that_asks():
    hinge = Loss(
        "own",
        lambda output, target: max(0, 1 - output) if target > 0 else max(0, 1 + output),
        lambda output, target: (-1.0 if output < 1 else 0.0) if target > 0 else (1.0 if output > -1 else 0.0),
    )
    compiled, reference = (trained(engine, network={"loss": hinge}) for engine in ENGINES)
    np.testing.assert_allclose(compiled, reference, rtol=1e-9)


def test_engines_agree_on_an_optimizer_that_asks():
    def rule(theta, g, m, alpha):
        m = 0.9 * m + g
        return (theta - alpha * (m if abs(m) < 0.1 else 0.1 * np.sign(m)), m)

    optimizer = Optimizer("own", rule, slots=("m",), learning_rate=0.1)
    compiled, reference = (trained(engine, optimizer=optimizer) for engine in ENGINES)
    np.testing.assert_allclose(compiled, reference, rtol=1e-9)


def test_a_schedule_may_ask():
    schedule = Schedule("own", lambda progress, low: 1.0 if progress < 0.5 else low, parameters=(("low", 0.25),))
    assert schedule(np.array([0.0, 0.5, 1.0])).tolist() == [1.0, 0.25, 0.25]


@pytest.mark.filterwarnings("ignore:.*cannot be compiled")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("wrong", [lambda z: z.nothing, lambda z: [z, z], lambda z: "much", np.sum, lambda z: z.max()])
def test_what_no_engine_can_call_is_refused_in_the_same_words(engine, wrong):
    with pytest.raises(InputTypeError, match="A formula must be a function of single numbers, or of arrays, whose"):
        trained(engine, Dense(4, Activation("own", wrong, lambda z, a: 1.0)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_type_of_numbers_is_kept_number_by_number(dtype):
    own = Activation("own", *FORMULAS["max"])
    assert own(X.astype(dtype)).dtype == dtype
    assert own(np.zeros((0, 3), dtype)).shape == (0, 3)


@pytest.mark.filterwarnings("ignore:Conversion of an array")  # which `math` asks for, and NumPy 2.0 takes leave of
@pytest.mark.parametrize("name", FORMULAS)
def test_one_number_or_none_is_answered_as_many_are(name):
    own = Activation("own", *FORMULAS[name])
    many = own(X)
    np.testing.assert_array_equal([[own(X[i : i + 1, :1])[0, 0]] for i in range(len(X))], many[:, :1])
    assert own(X[:0]).dtype == many.dtype


# ------------------------------------------ what the documentation says of compiled formulas


def answers(engine, formula, z):
    network = NeuralNetwork(1, [Dense(1, Activation("own", formula, lambda z, a: 0 * z), bias=False)], engine=engine)
    network.parameters[...] = 1
    return network.forward(z)


@pytest.mark.skipif(not processor().fused, reason="this processor has no fused multiply-adds")
def test_a_square_less_itself_is_what_its_rounding_takes_away():
    z = np.abs(X[:, :1])
    found = answers("compiled", lambda z: z * z - z * z, z)
    assert (found != 0).mean() > 0.9
    assert (np.abs(found) <= np.spacing(z * z) / 2).all()
    assert (answers("reference", lambda z: z * z - z * z, z) == 0).all()


@pytest.mark.skipif(processor().family not in FLUSH, reason="this processor cannot be told to")
def test_numbers_below_the_smallest_normal_one_are_zero_in_compiled_formulas():
    z = np.full((2, 1), 2.3e-308)
    for engine, zero in (("compiled", True), ("reference", False)):
        assert (answers(engine, lambda z: z * 0.5, z) == 0).all() == zero
