"""Files for ONNX Runtime: how operations, functions and layers of one's own are written, what a file says of itself."""

from __future__ import annotations

import json
import sys

import numpy as np
import onnx
import onnxruntime
import polars as pl
import pytest

from glassnet import Activate, Activation, Dense, NeuralNetwork, Scale, __version__
from glassnet.errors import InputError, MissingExtraError
from glassnet.exchange.graph import OPERATIONS, graph_inputs
from glassnet.exchange.graph.legalize import graph_of
from glassnet.exchange.onnx import OPSET, operators, to_onnx
from glassnet.exchange.onnx.operators import SAME, SPELLED
from glassnet.exchange.onnx.write_onnx import ngram_cells, onnx_model
from tests.exchange.graph.test_legalize import FUNCTIONS, TABLE
from tests.exchange.models import COVERAGE, FRAME, SIGN, TEXTS, classifier, fitted, near

pytestmark = pytest.mark.slow  # one after the other they trace, write and run hundreds of models


HARD = [
    *("", " ", "x", "好看", "  GOOD \t bad\u00a0film ", "never seen: Ω! \x01 \x02 😀😀"),
    *("Naïve nai\u0308ve STRASSE", "good" * 500, "a ﬁne ﬁlm… ½ ㎏, good…", "…"),
]
"""Texts for the model to read: none, unknown characters, blanks, capitals, combining marks, a long one, characters that
count as several."""


def run(file, inputs):
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    taken = {one.name: inputs[one.name] for one in session.get_inputs()}
    return dict(zip(names, session.run(names, taken), strict=True))


def test_every_operation_is_written():
    assert {*SAME, *SPELLED, "input", "constant", "cast"} == {*OPERATIONS}


@pytest.mark.parametrize("preset", ["mlp", "auto"])
def test_whole_texts_go_in_to_operators_of_onnx_runtime(preset, tmp_path):
    model = classifier(preset=preset, free_text=["review", "title"]).fit(TEXTS, SIGN)
    table = TEXTS.with_columns(review=pl.Series([*HARD, *TEXTS["review"][len(HARD) :]]))
    file = to_onnx(model, tmp_path / "m.onnx", texts="text")
    assert [one.name for one in onnx.load(file).graph.input] == TEXTS.columns
    cells = graph_inputs(model.encoder_, table)
    for rows in (slice(None), slice(0, 1), slice(2, 3)):
        found = run(file, {name: of_column[rows] for name, of_column in cells.items()})
        near(found["probabilities"], model.predict_proba(table)[rows])


def test_texts_whose_n_grams_have_hashes_cannot_go_in_whole(tmp_path):
    model = classifier(free_text=["review"]).partial_fit(TEXTS.select("review"), SIGN, classes=[0, 1])
    with pytest.raises(InputError, match="must have a vocabulary. Received: column 'review'.*Use texts=\"ngrams\""):
        to_onnx(model, tmp_path / "m.onnx", texts="text")


@pytest.mark.parametrize("preset", ["mlp", "auto"])
def test_n_grams_of_texts_go_in_by_their_ids_and_values(preset, tmp_path):
    model = classifier(preset=preset, free_text=["review", "title"]).fit(TEXTS, SIGN)
    file = to_onnx(model, tmp_path / "m.onnx")
    cells = graph_inputs(model.encoder_, TEXTS) | ngram_cells(model.encoder_, TEXTS)
    names = ["review ids", "review values", "age", "title", "title ids", "title values", "city"]
    assert [one.name for one in onnx.load(file).graph.input] == names  # the title tells whether it is missing
    for rows in (slice(None), slice(3, 4)):
        found = run(file, {name: of_column[rows] for name, of_column in cells.items()})
        near(found["probabilities"], model.predict_proba(TEXTS)[rows])


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_a_layer_of_ones_own_may_do_is_written(name, dtype, tmp_path):
    graph = graph_of(FUNCTIONS[name], 4, dtype, model="test", version="1")
    (tmp_path / "m.onnx").write_bytes(onnx_model(graph).SerializeToString())
    table = TABLE.astype(dtype)
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[name](table)
    found = run(tmp_path / "m.onnx", {"X": table})["answer"]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_sign_is_copied_of_any_number_and_of_both_zeros(dtype, tmp_path):
    graph = graph_of(lambda x: np.copysign(2.0, x), 1, dtype, model="test", version="1")
    (tmp_path / "m.onnx").write_bytes(onnx_model(graph).SerializeToString())
    tiny = np.finfo(dtype).smallest_subnormal
    table = np.array([0.0, -0.0, tiny, -tiny, 3.0, -3.0, np.inf, -np.inf], dtype)[:, None]
    np.testing.assert_array_equal(run(tmp_path / "m.onnx", {"X": table})["answer"], np.copysign(2.0, table))


@pytest.mark.parametrize("name", operators.FUNCTIONS)
def test_functions_with_a_choice_are_written_without(name, tmp_path):
    function, _ = operators.FUNCTIONS[name]
    values = [1.3] * (function.__code__.co_argcount - 1)
    within = Activation("own", lambda x: function(x, *values), lambda x, a: a)
    network = NeuralNetwork(1, [Activate(within)], dtype="float32")
    to_onnx(network, tmp_path / "m.onnx")
    assert "Where" not in {node.op_type for node in onnx.load(tmp_path / "m.onnx").graph.node}
    table = np.concatenate([np.linspace(-100, 100, 4001), [-1e30, 1e30]]).astype(np.float32)[:, None]
    with np.errstate(all="ignore"):
        expected = function(table.astype(np.float64), *values)
    np.testing.assert_allclose(run(tmp_path / "m.onnx", {"X": table})["answer"], expected, rtol=1e-6, atol=1e-6)


def test_other_constants_make_another_function_of_the_same_kind(tmp_path):
    layers = ["selu:4", "elu(alpha=0.5):4", "elu(alpha=2.0):4", "leaky_relu(slope=0.3):4", 1]
    network = NeuralNetwork(3, layers, dtype="float32")
    rows = np.random.default_rng(0).normal(0, 3, (50, 3)).astype(np.float32)
    file = to_onnx(network, tmp_path / "m.onnx")
    near(run(file, {"X": rows})["answer"], network.predict(rows))
    found = [node.op_type for node in onnx.load(file).graph.node]
    assert [found.count(name) for name in ("Selu", "Elu", "LeakyRelu", "Where")] == [1, 2, 1, 0]


def test_known_factors_are_in_the_weights(tmp_path):
    network = NeuralNetwork(3, [Scale(), Dense(4, "tanh", parametrization="ntk"), 1], dtype="float32")
    network["1.gain"][...] = [0.5, 2.0, -3.0]
    rows = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    file = to_onnx(network, tmp_path / "m.onnx")
    near(run(file, {"X": rows})["answer"], network.predict(rows))
    assert "Mul" not in {node.op_type for node in onnx.load(file).graph.node}


@pytest.mark.parametrize("rows", [1, 0])
def test_any_number_of_rows_will_do(rows, tmp_path):
    model = fitted("ensemble")
    found = run(to_onnx(model, tmp_path / "m.onnx"), graph_inputs(model.encoder_, FRAME[:rows]))
    assert found["label"].shape == (rows,)
    assert found["probabilities"].shape == (rows, 3)


def test_it_says_what_it_is_and_wants(tmp_path):
    model = onnx.load(to_onnx(fitted("promised classes"), tmp_path / "m.onnx", coverage=COVERAGE))
    assert {opset.domain: opset.version for opset in model.opset_import} == {"": OPSET, "ai.onnx.ml": 3}
    assert (model.producer_name, model.producer_version) == ("glassnet", __version__)
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(about["classes"]) == [0, 1, 2]
    assert about["coverage"] == str(COVERAGE)
    assert about["library"] == "glassnet"
    wanted = {value.name: value for value in model.graph.input}
    assert list(wanted) == [column["name"] for column in json.loads(about["columns"])]
    assert wanted["city"].type.tensor_type.elem_type == onnx.TensorProto.STRING
    assert wanted["age"].type.tensor_type.elem_type == onnx.TensorProto.DOUBLE
    assert wanted["born"].type.tensor_type.elem_type == onnx.TensorProto.INT64
    assert wanted["born"].doc_string == "Days since 1970-01-01; the smallest int64: missing."
    assert [size.dim_param or size.dim_value for size in wanted["age"].type.tensor_type.shape.dim] == ["rows", 1]
    assert "große Zahl: number" in model.doc_string


def test_columns_may_be_called_as_the_outputs_are(tmp_path):
    table = pl.DataFrame({"label": FRAME["age"], "probabilities": FRAME["sex"]})
    model = classifier().fit(table, SIGN)
    found = run(to_onnx(model, tmp_path / "m.onnx"), graph_inputs(model.encoder_, table))
    assert list(found) == ["label_2", "probabilities_2"]
    near(found["probabilities_2"], model.predict_proba(table))


def test_a_column_called_like_the_n_grams_of_another_is_refused(tmp_path):
    table = TEXTS.select("review", pl.col("age").alias("review ids"))
    model = classifier(free_text=["review"]).fit(table, SIGN)
    with pytest.raises(InputError, match="must have different names. Received: two of the name 'review ids'. Rename"):
        to_onnx(model, tmp_path / "m.onnx")


def test_a_column_without_a_name_is_refused(tmp_path):
    model = classifier().fit(FRAME.select(pl.col("age").alias(""), "sex"), SIGN)
    with pytest.raises(InputError, match="must have a name"):
        to_onnx(model, tmp_path / "m.onnx")
    assert not [*tmp_path.iterdir()]


def test_without_onnx_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r'pip install "glassnet\[onnx\]"'):
        to_onnx(NeuralNetwork(2, [1]), tmp_path / "m.onnx")


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(OSError, match="not saved"):
        to_onnx(NeuralNetwork(2, [1]), tmp_path / "no folder" / "m.onnx")


def test_weights_are_named_as_in_the_model(tmp_path):
    model = onnx.load(to_onnx(NeuralNetwork(2, ["tanh:3", 1]), tmp_path / "m.onnx"))
    assert {tensor.name for tensor in model.graph.initializer} >= {"layer/1.1/W", "layer/1.1/b", "layer/1.2/W"}
