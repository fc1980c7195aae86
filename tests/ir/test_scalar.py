"""Formulas as graphs of scalars: what is captured, and what is called how."""

from __future__ import annotations

import cProfile

import numpy as np
import pytest

from glassnet.exchange.page.formulas import functions_of_numbers
from glassnet.exchange.page.javascript import function_text
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.losses import LOSSES
from glassnet.ir import UntraceableError
from glassnet.ir.scalar import OPERATIONS, by_parameters, capture, evaluate, symbol

Z = [-40.0, -2.5, -0.0, 0.0, 0.3, 1.0, 7.0]
RECORDS = [
    *((ACTIVATIONS.get(name), ("function", 1), ("derivative", 2)) for name in ACTIVATIONS if name != "softmax"),
    *((LOSSES.get(name), ("function", 2), ("derivative", 2)) for name in LOSSES if LOSSES.get(name).columns == 1),
]
CASES = [
    pytest.param(getattr(record, part), count, record.values, id=f"{record.name} {part}")
    for record, *parts in RECORDS
    for part, count in parts
]


def shown(function, *names):
    return function_text("f", names, capture(function, *map(symbol, names), named=True))


@pytest.mark.parametrize(("formula", "count", "values"), CASES)
def test_a_graph_computes_what_the_formula_computes(formula, count, values):
    values = [value[0] if isinstance(value, tuple) else value for value in values]
    inputs = [symbol(letter) for letter in "zy"[:count]]
    (output,) = capture(formula, *inputs, *values).outputs
    for numbers in np.array(np.meshgrid(*[Z] * count)).reshape(count, -1).T:
        known = {one.node: number for one, number in zip(inputs, numbers, strict=True)}
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(evaluate(output, known), formula(*numbers, *values))


def test_printers_know_which_operations_there_are():
    captured = [by_parameters(function) for function in functions_of_numbers()]
    graphs = [graph for one in captured for graph in (one.graph, one.first) if graph is not None]
    found = {node.op for graph in graphs for node in graph.nodes}
    assert found == {*OPERATIONS, "input"}, "put a new operation into OPERATIONS, ir/scalar.py, and into each printer"


def test_both_answers_to_a_question_are_in_the_graph():
    def half(x):
        big = x * x
        if big > 4:
            return big / 2
        return big / 2 if x > 0 else -x

    graph = capture(half, symbol("x"))
    assert [node.op for node in graph.nodes].count("multiply") == 1  # what comes before a question, once
    text = shown(half, "x")
    assert "const big = x * x;" in text
    assert "return big > 4 ? big / 2 : x > 0 ? big / 2 : -x;" in text


def test_a_choice_between_equals_is_none():
    def always(x):
        if x > 0:
            return x + 1
        return x + 1

    assert "return x + 1;" in shown(always, "x")


def test_an_endless_question_is_refused():
    def halved(x):
        while x > 1:
            x = x / 2
        return x

    with pytest.raises(UntraceableError, match="branches"):
        capture(halved, symbol("x"))


def test_the_variables_of_a_formula_name_its_numbers():
    def inner(x):
        e = np.exp(-np.abs(x))
        return e / (1 + e)

    def outer(x):
        x = inner(2 * x)
        return x * x

    assert shown(outer, "x").splitlines()[1:3] == ["  const e = exp(-abs(2 * x));", "  const x_2 = e / (1 + e);"]


def test_outside_of_a_capture_a_question_is_refused():
    with pytest.raises(UntraceableError, match="a decision"):
        bool(symbol("x"))


def test_a_profiler_that_runs_goes_on():
    profiler = cProfile.Profile()
    profiler.enable()
    capture(np.tanh, symbol("z"), named=True)
    sorted([2, 1])
    profiler.disable()
    assert "sorted" in str([entry.code for entry in profiler.getstats()])
