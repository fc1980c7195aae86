"""The equations of layers: what people read, and that it is what is computed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import erfc

from glassnet import BatchNorm, Blend, Dense, Dropout, Embedding, LayerNorm, MemberDense, PeriodicEmbedding, Residual
from glassnet.ir.layer_equations import equations, unsaid
from glassnet.layers import Layer, Pass, chain
from tests.layers.harness import EVERY_LAYER, WIDTH, Alone

every_layer = pytest.mark.parametrize("layer", EVERY_LAYER, ids=repr)
CALLED = {name: getattr(np, name) for name in ("exp", "expm1", "sqrt", "tanh", "sin", "cos", "sign")}
CALLED |= {"ln": np.log, "erfc": erfc, "abs": abs, "min": min, "max": max}
CALLED |= {"cos_turn": lambda x: math.cos(2 * math.pi * x), "sin_turn": lambda x: math.sin(2 * math.pi * x)}


def step(layer: Layer):
    """All arrays of a step of a layer by itself, by their names."""
    rng, alone = np.random.default_rng(1), Alone(layer)
    a, (record,) = chain.forward([layer], alone.values, rng.normal(0.5, 1.0, (6, WIDTH)), Pass(training=True, step=1))
    gradients = [{name: np.zeros_like(one) for name, one in alone.values[0].items()}]
    d_x = chain.backward([layer], alone.values, [record], rng.normal(size=a.shape), gradients)
    arrays = {name: one for name, one in record.items() if name[0] != "_" and isinstance(one, np.ndarray)}
    parameters = {slot.parameter.name: slot.view(alone.parameters) for slot in alone.layout.parameters}
    learned = {f"d_{name}": gradients[0][name] for name in parameters}
    return parameters | arrays, learned | {"d_x": d_x}


@every_layer
def test_everything_that_a_layer_records_and_learns_is_told_in_both_languages(layer: Layer):
    arrays, gradients = step(layer)
    told = equations(layer, WIDTH)
    inside = {name for name in gradients | arrays if "." in name}  # of a block's own layers
    learned = set(arrays) & {parameter.name for parameter in layer.parameters(WIDTH)}
    assert (set(arrays) | set(gradients)) - learned - inside - {"x", "d_a"} <= set(told)
    for one in told.values():
        assert one.told not in (unsaid("a"), unsaid("d_x"))
        words = re.search(r"\b(over|for each|then|where|times|otherwise)\b", one.told)
        assert bool(words) <= bool(re.search("[一-鿿]", one.told.say("zh"))), one.told


@every_layer
def test_what_is_filled_in_comes_to_the_first_number(layer: Layer):
    arrays, gradients = step(layer)
    told, known = equations(layer, WIDTH), dict(arrays)
    for name in [name for name in told if "'" in name]:
        known[name] = told[name].slope(known)
    for name, equation in told.items():
        text = equation.first(known)
        if text:
            code = re.sub(r"\|([^|]*)\|", r"abs(\1)", text).replace("·", "*").replace("^", "**")
            found = eval(code, CALLED)
            assert found == pytest.approx((known | gradients)[name].flat[0], abs=5e-3, rel=5e-3), f"{name} = {text}"


@pytest.mark.parametrize(
    ("layer", "name", "text"),
    [
        (Dense(3, "tanh"), "z", "x W + b"),
        (Dense(3, "elu(alpha=0.5)"), "a", "elu(alpha=0.5)(z)"),
        (Dense(3, "tanh"), "d_z", "d_a · f'(z)"),
        (Dense(3, "softmax"), "d_z", "Jacobian of f, times d_a"),
        (Dense(3, parametrization="ntk"), "d_W", "xᵀ d_z / √inputs"),
        (Blend("silu"), "d_x", "d_a · (1 + alpha · (f'(x) - 1))"),
        (BatchNorm(), "variance", "mean of (x - mean)² over the rows"),
        (LayerNorm(), "variance", "mean of (x - mean)² over the columns"),
        (LayerNorm(), "x_hat", "(x - mean) / √(variance + ε)"),
        (Dropout(0.3), "mask", "0 with probability 0.3, otherwise 1 / (1 - 0.3)"),
        (Residual([Dense(WIDTH)]), "a", "x + inside"),
        (MemberDense(3, "relu", 2), "sums", "inputsᵢ W, for each member i"),
        (MemberDense(3, "relu", 2), "d_W", "sum of inputsᵢᵀ d_sumsᵢ over the members"),
        (MemberDense(3, "relu", 2, shared=False), "d_W", "xᵢᵀ d_zᵢ, for each member i"),
        (PeriodicEmbedding(2, rectify=True), "sums", "max(pieces W + b, 0), for each column"),
        (PeriodicEmbedding(2), "pieces", "cos(2π (frequency · x[:, :2] + phase))"),
        (Embedding([2, 5], size=3), "a", "x[:, :2], then W[rows]"),
    ],
    ids=str,
)
def test_it_reads_as_in_a_book(layer, name, text):
    assert equations(layer, WIDTH)[name].told == text


@dataclass(frozen=True)
class Cubic(Layer):
    """a = x³, a layer of somebody's own."""

    asks: bool = False

    def forward(self, values, x, run):
        if self.asks and float(x[0, 0]) > 0:
            x = x + 1
        a = x * x * x
        return a, {"x": x, "a": a}

    def backward(self, values, record, d_y, gradients):
        return d_y * (3 * record["x"] ** 2)


def test_a_layer_of_somebodys_own_is_printed_as_well():
    told = equations(Cubic(), 2)
    assert (told["a"].told, told["d_x"].told) == ("x² · x", "d_a · 3 · x²")


def test_where_nothing_can_be_captured_words_stand():
    told = equations(Cubic(asks=True), 2)
    assert (told["a"].told, told["d_x"].told.say("zh")) == ("by the layer's own code", "由链式法则")


@dataclass(frozen=True)
class EverySecond(Layer):
    """The sum of every second column, from the last one back, beside all columns in reverse."""

    def forward(self, values, x, run):
        return x[:, ::-1] + x[:, ::-2].sum(axis=1, keepdims=True), {"back": x[:, ::-2] * 1.0, "on": x[:, 1:3:2] * 2}

    def backward(self, values, record, d_y, gradients):
        return d_y[:, ::-1] * 1.0 + d_y[:, ::2].sum(axis=1, keepdims=True)


def test_columns_with_a_step_between_them_are_told_with_it():
    told = equations(EverySecond(), 5)
    assert [str(told[name].told) for name in ("back", "on")] == ["x[:, ::-2]", "x[:, 1:3:2] · 2"]
    assert told["d_x"].told.startswith("d_a[:, ::-1] + sum(d_a[:, ::2])")
    d_a = np.arange(1.0, 11).reshape(2, 5) / 8
    assert told["d_x"].first({"d_a": d_a}) == "0.625 + 0.125 + 0.375 + 0.625"
