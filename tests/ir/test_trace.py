"""The capture of layers: what becomes a dimension, a leaf or a node, and what no graph can say."""

from __future__ import annotations

from contextvars import copy_context

import numpy as np
import pytest

from glassnet.ir import UntraceableError
from glassnet.ir.dims import SymbolicDim
from glassnet.ir.layer_trace import structure, trace
from glassnet.ir.tensor import span
from glassnet.layers import BatchNorm, Dense, Embedding, Layer, MemberDense, Parameter

BATCH, INPUTS, UNITS = map(SymbolicDim, ("batch", "inputs", "units"))


def traced(layer, width=5, training=True):
    return copy_context().run(trace, structure(layer, width).text, "float32", training)


def test_layers_of_all_widths_have_one_structure():
    assert structure(Dense(3, "silu"), 5).text == structure(Dense(40, "silu"), 7).text
    assert structure(Dense(3, "silu"), 5).text != structure(Dense(3, "gelu"), 5).text
    assert structure(Dense(40, "elu(alpha=0.5)"), 7).counts == [40]
    assert structure(Dense(40, "elu(alpha=0.5)"), 7).numbers == [0.5]
    assert structure(Embedding((3, 4), size=2), 2).counts == [2, 7, 2]


def test_a_dense_layer_is_three_nodes_and_its_chain_rule():
    found = traced(Dense(3, "silu"))
    assert [node.op for node in found.forward] == ["matmul", "add", "call"]
    backward = ["call", "multiply", "transpose", "matmul", "sum", "transpose", "matmul"]
    assert [node.op for node in found.backward] == backward
    assert found.output.shape == (BATCH, UNITS)
    assert found.gradients["W"].shape == found.parameters["W"].shape == (INPUTS, UNITS)
    assert traced(Dense(3, "silu"), training=False).backward == []


def test_shapes_of_members_are_products_of_dimensions():
    found = traced(MemberDense(4, "relu", members=2), 6)
    members = SymbolicDim("members")
    assert found.output.shape == (BATCH, members * UNITS)
    assert found.parameters["r"].shape == (members, INPUTS // members)


def test_statistics_after_a_step_are_nodes_too():
    found = traced(BatchNorm())
    assert {share: [*after] for share, (_, after) in found.after.items()} == {
        None: ["mean", "variance"],
        1.0: ["mean", "variance"],
    }


class Own(Layer):
    """A layer of somebody else's, with a parameter whose gradient is written by `learn`."""

    def __init__(self, learn):
        object.__setattr__(self, "learn", learn)

    def parameters(self, inputs):
        return (Parameter("v", (inputs,)),)

    def forward(self, values, x, run):
        return x * values["v"], {"x": x}

    def backward(self, values, record, d_y, gradients):
        self.learn(gradients, record["x"], d_y)
        return d_y


def test_a_layer_of_somebody_else_s_is_captured_for_its_width():
    def learn(gradients, x, d_y):
        gradients["v"][...] = (x * d_y).sum(axis=0)

    found = traced(Own(learn))
    assert found.output.shape == (BATCH, 5)
    assert found.gradients["v"].op == "sum"


def written_twice(gradients, x, d_y):
    gradients["v"][...] = d_y.sum(axis=0)
    gradients["v"][...] = (d_y * x).sum(axis=0)


@pytest.mark.parametrize(
    ("learn", "why"),
    [
        (lambda gradients, x, d_y: None, "not written once"),
        (written_twice, "written twice"),
        (lambda gradients, x, d_y: gradients["v"].__setitem__(0, 1.0), "a part of an array"),
        (lambda gradients, x, d_y: gradients["v"].__setitem__(..., x), "another shape"),
        (lambda gradients, x, d_y: gradients["v"].__setitem__(..., 0.5), "another shape"),
        (lambda gradients, x, d_y: x.__setitem__(..., d_y), "not the layer's to write to"),
        (lambda gradients, x, d_y: len(x), "must be known"),
        (lambda gradients, x, d_y: x @ d_y, "a matrix product"),
        (lambda gradients, x, d_y: x + d_y[:, 1:], "shapes"),
        (lambda gradients, x, d_y: x.reshape(-1, 4), "a division"),
        (lambda gradients, x, d_y: np.concatenate([x, d_y[:, 1:]], axis=0), "do not fit"),
        (lambda gradients, x, d_y: np.einsum("rc,cr->r", x, d_y), "do not fit"),
        (lambda gradients, x, d_y: next(iter(x)), "a loop over the rows"),
    ],
)
def test_what_no_graph_can_say_is_refused(learn, why):
    with pytest.raises(UntraceableError, match=why):
        traced(Own(learn))


@pytest.mark.parametrize(
    ("places", "size", "expected"),
    [
        (slice(1, -1), 5, (1, 4, 3, 1)),
        (slice(-2, None), 5, (3, 5, 2, 1)),
        (slice(3, 1), 5, (3, 1, 0, 1)),
        (slice(None, None, -2), 5, (4, -1, 3, -2)),
        (slice(None, UNITS), INPUTS, (0, UNITS, UNITS, 1)),
        (slice(1, -1), UNITS, (1, UNITS - 1, UNITS - 2, 1)),
        (slice(UNITS, None), INPUTS, (UNITS, INPUTS, INPUTS - UNITS, 1)),
    ],
)
def test_a_slice_begins_somewhere_and_has_a_length(places, size, expected):
    assert span(places, size) == expected


def test_what_is_no_arithmetic_of_dimensions_is_a_number_of_the_graph():
    found = traced(Dense(3, parametrization="ntk"))
    assert [node.op for node in found.forward] == ["matmul", "power", "divide", "multiply", "add", "call"]
    assert found.forward[1].inputs == (INPUTS, 0.5)


# -------------------------------------------------------------------- dimensions
# Dimensions that are known when the code runs: two are equal if they are so whatever their names stand for.


A, B = SymbolicDim(0), SymbolicDim(1)


def test_the_order_of_arithmetic_makes_no_other_count():
    assert (A + B) * 2 - B == B + 2 * A
    assert hash(A * B + 1) == hash(1 + B * A)
    assert A * B != A + B


@pytest.mark.parametrize(("size", "number"), [(A - A, 0), (A // A, 1), (3 + A * B - B * A, 3)])
def test_what_does_not_depend_on_the_table_is_a_number(size, number):
    assert type(size) is int
    assert size == number


def test_a_count_comes_from_the_row_of_the_table():
    assert ((A * B - 2) * A // A + 5 * B // B).at([4, 7]) == 31


def test_a_count_is_divided_by_a_sum_that_leaves_nothing():
    assert (A * B - A) // (B - 1) == A
    assert (A * A - B * B) // (A + B) == A - B
    assert (A + B) * 6 // (2 * A + 2 * B) == 3


@pytest.mark.parametrize("size", [A, A * B, (A + B) * 2 + 1, A * A + B * B])
def test_a_count_is_not_divided_by_a_sum_that_leaves_something(size):
    with pytest.raises(UntraceableError, match="a division of"):
        size // (A + B)
