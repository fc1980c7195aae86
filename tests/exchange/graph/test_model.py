"""The graph of a model: its inputs, the shapes and types of its nodes, what it knows of the model, what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from glassnet import Activation, Dense, NeuralClassifier, NeuralNetwork, __version__
from glassnet.errors import InputError, InputTypeError
from glassnet.exchange.graph import ROWS, evaluate, graph_inputs, model_graph, rows_in
from tests.exchange.models import FRAME, SIGN, X, classifier, fitted

pytestmark = pytest.mark.slow  # one after the other they trace, write and run hundreds of models


def test_inputs_stand_as_the_columns_in_the_table():
    """Whatever the encoder does first: forms, headers and signatures of exports follow them."""
    model = fitted("a table")
    names = [source.name for source in model_graph(model).inputs]
    assert names == [name for name in FRAME.columns if name in names] != sorted(names)
    assert list(graph_inputs(model.encoder_, FRAME)) == names


@pytest.mark.parametrize("name", ["a table", "ensemble", "promised intervals", "shared members"])
def test_every_node_has_its_shape_and_type(name):
    model = fitted(name)
    graph = model_graph(model)
    from glassnet.exchange.graph.dataflow import compute

    known, inputs = {}, graph_inputs(model.encoder_, FRAME)
    for node in graph.nodes:
        if node.operation == "input":
            known[node] = inputs[node.attributes["name"]]
        else:
            known[node] = compute(node, [known[source] for source in node.inputs], len(FRAME))
        assert known[node].shape == tuple(rows_in(size) * len(FRAME) or size for size in node.shape)
        assert node.dtype.kind == "U" or known[node].dtype == node.dtype, node


def test_outputs_lie_along_the_rows():
    graph = model_graph(fitted("promised classes"))
    assert {name: rows_in(node.shape[0]) for name, node in graph.outputs.items()} == dict.fromkeys(graph.outputs, 1)
    assert graph.outputs["probabilities"].shape == (ROWS, 3)


def test_it_knows_its_model():
    about = model_graph(fitted("classes of text")).about
    assert about["version"] == __version__
    assert json.loads(about["classes"]) == ["no", "yes, it is", "ø"]
    assert json.loads(model_graph(fitted("a table")).about["columns"])[0] == {"name": "age", "kind": "number"}


def test_columns_that_never_vary_are_not_asked_for():
    assert "none" not in [source.name for source in model_graph(fitted("a table")).inputs]


def test_other_models_are_refused():
    with pytest.raises(InputTypeError, match="must be a NeuralClassifier.*Received: int"):
        model_graph(3)
    with pytest.raises(NotFittedError):
        model_graph(NeuralClassifier())


def test_a_coverage_out_of_range_is_refused():
    with pytest.raises(InputError, match="`coverage`"):
        model_graph(fitted("promised intervals"), coverage=2)


def test_classes_beyond_int64_are_refused():
    model = classifier().fit(X, SIGN.astype(np.uint64) + 2**63)
    with pytest.raises(InputError, match="range of int64"):
        model_graph(model)


def test_a_graph_has_nothing_twice():
    graph = model_graph(NeuralNetwork(2, ["softmax:3", "softmax:3"]))
    operations = [node.operation for node in graph.nodes]
    assert operations.count("exp") == 2


def test_members_that_share_weights_are_told_apart_in_one_movement():
    operations = [node.operation for node in model_graph(fitted("shared members")).nodes]
    assert "concat" not in operations[operations.index("matmul") :]
    assert "slice" not in operations[operations.index("matmul") :]


def test_an_empty_text_beside_gaps_is_refused():
    """The cells of an export are texts, of which the empty one is the gap."""
    import pandas as pd

    for column, fits in ((["", "a", "b"], True), ([None, "a", "b"], True), (["", "a", None], False)):
        model = classifier().fit(pd.DataFrame({"c": column * 10, "x": range(30)}), [0, 1, 1] * 10)
        if fits:
            model_graph(model)
        else:
            with pytest.raises(InputError, match="empty text means a missing value.*Received: column 'c'"):
                model_graph(model)


@pytest.mark.parametrize("place", ["column", "level", "class"])
def test_half_a_pair_of_surrogates_is_refused(place):
    """No file can hold it, in whatever language."""
    import pandas as pd

    names = {each: f"half \ud800 {each}" if each == place else each for each in ("column", "level", "class")}
    table = pd.DataFrame({"c": pd.Series([names["level"], "other"] * 20, dtype=object)})
    table.columns = pd.Index([names["column"]], dtype=object)
    model = classifier().fit(table, np.array([names["class"], "rest"] * 20, dtype=object))
    with pytest.raises(InputError, match="must be Unicode. Received: .*half .ud800"):
        model_graph(model)


def asks(z):
    if -1 < z < 2:
        return max(z, 0.1 * z)
    return 0.5 if z > 0 else z / 4


def test_an_activation_that_asks_what_a_number_is_goes_both_ways():
    network = NeuralNetwork(3, [Dense(16, Activation("asks", asks, lambda z, a: 1.0)), 1])
    X = 3 * np.random.default_rng(0).normal(size=(40, 3))
    np.testing.assert_allclose(evaluate(model_graph(network), {"X": X})["answer"], network.predict(X), rtol=1e-9)
