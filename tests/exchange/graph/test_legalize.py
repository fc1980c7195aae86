"""What is done to a symbol gives the graph of what NumPy does to an array; what no graph can say is refused by name."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pytest

from glassnet import Activation, Dense, NeuralNetwork, PeriodicEmbedding
from glassnet.errors import InputError
from glassnet.exchange.graph import evaluate, model_graph
from glassnet.exchange.graph.legalize import graph_of, operation
from glassnet.formulas.activations import leaky_relu, sigmoid
from glassnet.formulas.elementary import erf
from glassnet.ir import UntraceableError
from glassnet.ir.printing import NamedArray
from glassnet.layers import Layer

RNG = np.random.default_rng(1)
TABLE = RNG.normal(size=(7, 4))
W, V = RNG.normal(size=(4, 3)), RNG.normal(size=4)
STACK = RNG.normal(size=(2, 2, 3))
CODES = np.array([2, 0, 1, 1])

FUNCTIONS = {
    "arithmetic": lambda x: (2 * x - 1) / (3 + x * x) + x**3 - (-x),
    "in place": lambda x: _in_place(x),
    "reversed": lambda x: 1 / (1 + (2 - x) ** 2) + 2.0**x,
    "comparison": lambda x: np.where((x > 0) & (x <= 1) | ~(x >= -1), x, 0),
    "counts": lambda x: (x > 0).sum(axis=1) * 1.5,
    "truth values": lambda x: np.multiply(x > 0, 1, dtype=np.float64) + (x < 0).astype(float),
    "chosen truth values": lambda x: np.where(x > 0, x < 1, False) * x,
    "read twice, forty times": lambda x: functools.reduce(lambda z, _: z + 0.01 * np.sin(z), range(40), x),
    "special": lambda x: erf(x),
    "elementary": lambda x: np.exp(x) + np.expm1(x) + np.log1p(np.abs(x)) + np.tanh(x) + np.arctan(x) + np.sin(x),
    "composed": lambda x: np.sinh(x) + np.cosh(x) + np.tan(x) + np.square(x) + np.reciprocal(x) + np.logaddexp(x, 1),
    "logarithms": lambda x: np.log2(x * x) + np.log10(np.abs(x)) + np.exp2(x) + np.log(x * x),
    "whole numbers": lambda x: np.rint(x) + np.floor(x) + np.ceil(x) + np.round(x, 1) + (x // 0.3) + (x % 0.3),
    "signs": lambda x: np.sign(x) * np.copysign(2, x) + np.hypot(x, 1),
    "limits": lambda x: np.clip(x, -1, 0.5) + np.maximum(x, 0.1) + np.minimum(x, [0, 1, 2, 3]) + x.clip(0, 1),
    "finite": lambda x: np.isfinite(x) & ~np.isnan(x) & ~np.isinf(x),
    "reductions": lambda x: x.sum(axis=1) + x.mean(axis=1) + x.var(axis=1) + x.std(axis=1) + np.max(x, 1) - x.min(1),
    "kept": lambda x: x - x.mean(axis=1, keepdims=True) + np.sum(x, axis=-1, keepdims=True),
    "two axes": lambda x: x.reshape(len(x), 2, 2).sum(axis=(1, 2)),
    "norm": lambda x: x / np.linalg.norm(x, axis=1, keepdims=True),
    "places": lambda x: x.argmax(axis=1) + np.argsort(x, axis=1)[:, 0],
    "sorted": lambda x: np.sort(x, axis=1),
    "matrix": lambda x: x @ W + np.dot(x, W),
    "vector": lambda x: x @ V,
    "stack of matrices": lambda x: np.moveaxis(np.moveaxis(x.reshape(-1, 2, 2), 1, 0) @ STACK, 0, 1),
    "einsum": lambda x: np.einsum("rcp,cps->rcs", x.reshape(len(x), 2, 2), STACK),
    "einsum without shared": lambda x: np.einsum("ri,io->ro", x, W),
    "slices": lambda x: x[:, 1:3] + x[:, ::2] + x[:, ::-1][:, :2] + x[..., -2:] + x[:, :1],
    "one column": lambda x: x[:, 1] + x[..., -1],
    "new axis": lambda x: x[:, :, None] * V[None, :3] + x[:, None, :3],
    "chosen columns": lambda x: x[:, CODES] + np.take(x, CODES, axis=1) + x[:, [3, 2, 1, -4]],
    "looked up": lambda x: NamedArray.of(W)[(np.abs(x) % 4).astype(np.intp)],
    "taken along": lambda x: np.take_along_axis(x, np.argsort(-x, axis=1), axis=1),
    "beside each other": lambda x: np.concatenate([x, x[:, :0], 2 * x], axis=1) + np.hstack([x, x]),
    "stacked": lambda x: np.stack([x, x * x], axis=2).reshape(len(x), -1) + np.tile(x, (1, 2)) + np.tile(x, 2),
    "columns": lambda x: np.column_stack([x[:, 0], x[:, 1], x]),
    "split": lambda x: sum(np.split(x, 2, axis=1)) + np.split(x, [2], axis=1)[0],
    "moved": lambda x: (
        np.swapaxes(np.expand_dims(x, 1), 1, 2).squeeze()
        if isinstance(x, np.ndarray)
        else np.squeeze(np.swapaxes(np.expand_dims(x, 1), 1, 2))
    ),
    "repeated": lambda x: np.repeat(x, 3, axis=1) + np.repeat(x, [2, 4, 1, 5], axis=1),
    "spread": lambda x: np.broadcast_to(x[:, :1], (len(x), 3)),
    "alike": lambda x: np.zeros_like(x) + np.ones_like(x) + np.full_like(x, 2.5),
    "gaps": lambda x: np.nan_to_num(np.where(x > 0, np.nan, x), nan=7.0),
    "single precision": lambda x: x.astype(np.float32) * 0.1 + np.float32(3),
    "mixed precision": lambda x: x.astype(np.float32) + x + np.float64(0.1),
    "shapes": lambda x: x * x.shape[1] + x.ndim + np.ndim(x),
    "transposed": lambda x: (x.T * np.arange(4.0)[:, None]).T,
}


def _in_place(x):
    y = x * 1
    y -= 3
    y *= x
    return y


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_symbol_does_as_an_array(name, dtype):
    function, table = FUNCTIONS[name], TABLE.astype(dtype)
    graph = graph_of(function, 4, dtype)
    found = evaluate(graph, {"X": table})["answer"]
    with np.errstate(all="ignore"):
        expected = function(table)
    assert found.shape == expected.shape
    assert found.dtype == graph.outputs["answer"].dtype
    assert found.dtype == (expected.dtype if expected.dtype.kind != "i" else np.int64)
    tolerance = 1e-12 if dtype == "float64" else 2e-4
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


REFUSED = {
    "a decision": (lambda x: x if x.max(axis=1) > 0 else -x, "a decision"),
    "a loop": (lambda x: sum(row for row in x), "a loop over the rows"),
    "an assignment": (lambda x: x.__setitem__(0, 1), "an assignment"),
    "another array": (lambda x: np.asarray(x), "a conversion to an array"),
    "a number": (lambda x: float(x), "a conversion to one number"),
    "a sum over rows": (lambda x: x.sum(axis=0), "along the rows"),
    "a sum of all": (lambda x: x - x.mean(), "along the rows"),
    "some rows": (lambda x: x[1:], "a selection of rows"),
    "one row": (lambda x: x[0], "a selection of rows"),
    "rows in another order": (lambda x: x[CODES], "along the rows"),
    "rows behind rows": (lambda x: np.concatenate([x, x]), "rows put behind"),
    "an unknown function": (lambda x: np.fft.fft(x), "np.fft"),
    "an unknown ufunc": (lambda x: np.spacing(x), "np.spacing"),
    "an unknown method": (lambda x: x.tobytes(), "array.tobytes"),
    "an unknown option": (lambda x: np.sum(x, axis=1, where=x > 0), "np.sum"),
    "a reduction by a ufunc": (lambda x: np.add.reduce(x, axis=1), "np.add with reduce"),
    "an array of the rows' length": (lambda x: x + np.zeros((len(x), 1)), "as long as there are rows"),
    "shapes that do not fit": (lambda x: x + np.ones(3), "of shapes"),
    "a product that does not fit": (lambda x: x @ np.ones((3, 2)), "a matrix product"),
    "a strange sum": (lambda x: np.einsum("ii->i", x), "np.einsum"),
    "truth values as bits": (lambda x: x.astype(int) & 1, "np.bitwise_and of numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_graph_can_say_is_refused(name):
    function, message = REFUSED[name]
    with pytest.raises(UntraceableError, match=message):
        graph_of(function, 4)


@dataclass(frozen=True)
class Own(Layer):
    """A layer of someone's own."""

    way: str = "good"

    def forward(self, values, x, run):
        match self.way:
            case "good":
                a = x + np.maximum(x, 0) ** 2
            case "loop":
                a = np.array([row / np.abs(row).sum() for row in x])
            case "rows":
                a = x - np.mean(x, axis=0)
            case "count":
                a = x * (1 if len(x) < 1000 else 2)
            case "error":
                a = {}[x]
            case "nothing":
                a = np.ones((1, 3))
        return a, {"x": x}

    def backward(self, values, record, d_y, gradients):
        return d_y


def network(way):
    return NeuralNetwork(3, ["tanh:3", Own(way), 2], engine="reference")


def test_a_layer_of_ones_own_is_exported():
    assert "power" in [node.operation for node in model_graph(network("good")).nodes]


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("loop", r"Layer 2, Own\(way='loop'\), cannot be exported.*a loop over the rows.*Write it with"),
        ("rows", r"Layer 2, Own\(way='rows'\).*along the rows"),
        ("count", "must treat each row independently.*Own"),
        ("error", r"Layer 2, Own.*Received: (KeyError|TypeError)"),
        ("nothing", "Layer 2, Own.*gives no array of its input"),
    ],
)
def test_a_layer_that_no_graph_can_say_is_named(way, message):
    with pytest.raises(InputError, match=message):
        model_graph(network(way))


@pytest.mark.parametrize(
    ("function", "table"),
    [
        (np.sinh, [[1e-12, -1e-5, 0.0, 700.0]]),
        (lambda x: np.logaddexp(x, -np.inf), [[-np.inf, np.inf, 1.0, -3.0]]),
        (lambda x: np.logaddexp(x, x), [[-np.inf, np.inf, 1.0, -3.0]]),
    ],
    ids=["sinh", "logaddexp of nothing", "logaddexp of twins"],
)
def test_functions_made_of_others_keep_their_digits(function, table):
    found = evaluate(graph_of(function, 4), {"X": np.array(table)})["answer"]
    np.testing.assert_allclose(found, function(np.array(table)), rtol=1e-14)


# ------------------------------------------------------------- calls of formulas
# Calls of formulas that an export has an operator for stay whole, wherever they stand; all others are taken apart.


RULES = {sigmoid: operation("sigmoid", sigmoid), leaky_relu: operation("leaky_relu", leaky_relu)}


def operations(layers, dtype="float32", **options):
    network = NeuralNetwork(2, [*layers, 1], dtype=dtype)
    return [node.operation for node in model_graph(network, **options).nodes]


def own(function):
    return Activation("own", function, lambda z, a: a)


@pytest.mark.parametrize("layer", ["sigmoid:3", "silu:3"])
def test_a_call_is_one_operation_also_within_another_formula(layer):
    found = operations([layer], formulas=RULES)
    assert "sigmoid" in found
    assert "exp" not in found


def test_constants_of_a_call_are_its_attributes_and_it_answers_as_before():
    network = NeuralNetwork(2, ["leaky_relu(slope=0.3):3", 1], dtype="float32")
    graph = model_graph(network, formulas=RULES)
    (call,) = (node for node in graph.nodes if node.operation == "leaky_relu")
    assert call.attributes["slope"] == np.float32(0.3)
    rows = np.array([[1.0, -2.0], [-0.5, 0.25]], np.float32)
    np.testing.assert_allclose(evaluate(graph, {"X": rows})["answer"], network.predict(rows), rtol=1e-6)


def test_a_call_with_what_is_not_known_is_taken_apart():
    learned = own(lambda z: leaky_relu(z, z * z))
    assert "leaky_relu" not in operations([Dense(3, learned)], formulas=RULES)


def test_in_double_precision_all_is_taken_apart():
    assert "sigmoid" not in operations(["sigmoid:3"], "float64", formulas=RULES)


def test_waves_stay_whole_where_a_language_has_them():
    apart, whole = (operations([PeriodicEmbedding(2)], whole=names) for names in (set(), {"cos_turn"}))
    assert "sin" in apart
    assert "cos_turn" not in apart
    assert "sin" not in whole
    assert "cos_turn" in whole
