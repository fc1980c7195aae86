"""Columns of text in the graph of a model: their n-grams, and what these add to the outputs of its networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.exchange.graph import Graph, Node, evaluate, graph_inputs, model_graph
from tests.exchange.models import KINDS, SHORT, SIGN, TEXTS, THIRD, X

pytestmark = pytest.mark.slow  # they train and trace

COLUMNS = ["review", "title"]


def classifier(columns: list[str] = TEXTS.columns, y: Any = SIGN, **options: Any) -> NeuralClassifier:
    texts = [name for name in COLUMNS if name in columns]
    settings = {**SHORT, "free_text": texts, "hidden_layers": (5,), **options}
    return NeuralClassifier(**settings).fit(TEXTS.select(columns), y)


def products(graph: Graph) -> list[Node]:
    return [node for node in graph.nodes if node.operation == "sparse_matmul"]


def check(model: Any, columns: list[str] = TEXTS.columns) -> Graph:
    table, graph = TEXTS.select(columns), model_graph(model)
    found = evaluate(graph, graph_inputs(model.encoder_, table))["probabilities"]
    np.testing.assert_allclose(found, model.predict_proba(table), rtol=1e-5, atol=1e-5)
    return graph


@pytest.mark.parametrize(
    "columns", [["review", "age"], [*TEXTS.columns], ["title", "city"], ["review"], ["title"], COLUMNS]
)
@pytest.mark.parametrize("options", [{}, {"members": 2}, {"shared_members": 3}, {**KINDS}], ids=str)
def test_the_graph_answers_as_the_model(columns: list[str], options: dict[str, Any]):
    graph = check(classifier(columns, **options), columns)
    assert [(one.name, one.kind) for one in graph.inputs if one.kind == "text"] == [
        (name, "text") for name in columns if name in COLUMNS
    ]
    assert len(products(graph)) == len({*columns} & {*COLUMNS})


def test_hashed_n_grams_have_the_ids_of_the_model():
    model = NeuralClassifier(**SHORT, free_text=COLUMNS)
    model.partial_fit(TEXTS, SIGN, classes=[0, 1])
    assert not model.encoder_.plan.texts[0].ngrams
    check(model)


def test_three_classes_and_numbers():
    check(classifier(y=THIRD, members=2))
    model = NeuralRegressor(**SHORT, free_text=COLUMNS).fit(TEXTS, X[:, 0])
    found = evaluate(model_graph(model), graph_inputs(model.encoder_, TEXTS))["value"]
    np.testing.assert_allclose(found, model.predict(TEXTS), rtol=1e-5, atol=1e-5)


def test_an_empty_text_is_a_missing_one():
    table = TEXTS.with_columns(title=pl.when(pl.int_range(len(TEXTS)) % 7 == 2).then(pl.lit("")).otherwise("title"))
    assert {None, ""} <= {*table["title"]}
    model = NeuralClassifier(**SHORT, free_text=COLUMNS).fit(table, SIGN)
    found = evaluate(model_graph(model), graph_inputs(model.encoder_, table))["probabilities"]
    np.testing.assert_allclose(found, model.predict_proba(table), rtol=1e-5, atol=1e-5)


def test_weights_that_members_share_are_in_the_graph_once():
    model = classifier(["review", "age"], members=3)
    (product,) = products(check(model, ["review", "age"]))
    assert product.inputs[1].shape == (model.encoder_.ngrams, model.network_.layout.widths[-1])


def test_weights_of_members_that_differ_as_in_older_files_stand_beside_each_other():
    model = classifier(["review", "age"], members=3)
    for number, network in enumerate(model.networks_, 1):
        network[f"{len(network.layers)}.W"][...] *= number
    (product,) = products(check(model, ["review", "age"]))
    assert product.inputs[1].shape == (model.encoder_.ngrams, 3 * model.network_.layout.widths[-1])
