"""The C code answers as the model does: for every kind of model, column, answer, activation, layer and loss.

It is compiled strictly, and once more with everything watched that C leaves undefined.
"""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from benchmarks.c_driver import compile_model
from glassnet.exchange.c import to_c
from glassnet.exchange.graph import graph_inputs
from tests.combinations import ACTIVATION_NAMES, LAYERS, LOSS_SPELLINGS, Combination
from tests.exchange.models import COVERAGE, MODELS, answers, fitted, tables

COMPILERS = [
    pytest.param(name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"there is no {name}"))
    for name in ("gcc", "clang")
]
QUICK = ("-O1",)
WATCHED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
CLOSE = 1e-5
"""How near to the model the code must be, which computes in single precision."""


def near(found, expected, classes=None):
    expected = np.asarray(expected)
    expected = expected.reshape(len(expected), -1)
    assert found.shape == expected.shape
    if classes is not None:
        assert classes[found].tolist() == expected.tolist()
    elif expected.dtype.kind == "f":
        scale = np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=CLOSE, atol=CLOSE * max(scale, 1))
    else:
        assert found.tolist() == expected.tolist()


def check(model, compiled, table):
    found = compiled.answer(graph_inputs(model.encoder_, table))
    expected = answers(model, table)
    assert not found.wrong.any()
    assert list(found.answers) == list(expected)
    for name, values in expected.items():
        classes = model.classes_ if name == "label" and not isinstance(model.classes_, list) else None
        near(found.answers[name], values, classes)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", MODELS)
def test_it_predicts_as_the_estimator_does(name, compiler, tmp_path):
    model, (_, table, _) = fitted(name), MODELS[name]
    compiled = compile_model(to_c(model, tmp_path / "m.c", coverage=COVERAGE), compiler, WATCHED)
    for rows in tables(table):
        check(model, compiled, rows)


@pytest.mark.parametrize("compiler", COMPILERS[:1])
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_every_activation(activation, compiler, tmp_path):
    check_network(Combination(activation, "mse", "dense"), compiler, tmp_path)


@pytest.mark.parametrize("compiler", COMPILERS[:1])
@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer(layer, compiler, tmp_path):
    check_network(Combination("silu", "mse", layer), compiler, tmp_path)


@pytest.mark.parametrize("compiler", COMPILERS[:1])
@pytest.mark.parametrize("loss", LOSS_SPELLINGS)
def test_every_loss(loss, compiler, tmp_path):
    check_network(Combination("tanh", loss, "members"), compiler, tmp_path)


def check_network(combination, compiler, folder):
    network, (rows, _) = combination.network(engine="reference", dtype="float32"), combination.data()
    compiled = compile_model(to_c(network, folder / "m.c"), compiler, QUICK)
    found = compiled.answer({"X": rows.astype(np.float32)})
    near(found.answers["answer"], network.predict(rows))
