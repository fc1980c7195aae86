"""The C code answers as the model does: for every kind of model, column, answer, activation, layer and loss.

It is compiled strictly, and once more with everything watched that C leaves undefined.
"""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor
from glassnet.exchange.c import to_c
from glassnet.exchange.c.write_c import write_files
from glassnet.exchange.graph import graph_inputs
from glassnet.exchange.graph.legalize import graph_of
from tests.exchange.compiling import compiled
from tests.exchange.graph.test_legalize import FUNCTIONS, TABLE
from tests.exchange.models import COVERAGE, MODELS, answers, fitted, tables

pytestmark = pytest.mark.slow  # one after the other they trace, write and run hundreds of models

COMPILERS = [
    pytest.param(
        name,
        marks=[pytest.mark.skipif(not shutil.which(name), reason=f"there is no {name}"), *more],
    )
    for name, more in (("gcc", []), ("clang", [pytest.mark.slow]))  # all of it once more
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


def check(model, program, table):
    found = program.answer(graph_inputs(model.encoder_, table))
    expected = answers(model, table)
    assert not found.wrong.any()
    assert list(found.answers) == list(expected)
    for name, values in expected.items():
        classes = model.classes_ if name == "label" and not isinstance(model.classes_, list) else None
        near(found.answers[name], values, classes)


@pytest.mark.sample(8)
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", MODELS)
def test_it_predicts_as_the_estimator_does(name, compiler, tmp_path):
    model, (_, table, _) = fitted(name), MODELS[name]
    program = compiled(to_c(model, tmp_path / "m.c", coverage=COVERAGE), compiler, WATCHED)
    for rows in tables(table):
        check(model, program, rows)


@pytest.mark.once
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("quantize", [False, True])
def test_layers_of_any_width(quantize, compiler, tmp_path):
    """Blocks of 128, 64, 32, 8 and single sums, and whatever is left over; without a word at the highest level."""
    network = NeuralNetwork(5, ["relu:7", "tanh:33", "relu:65", "relu:239", "silu:9", "relu:1", "relu:136", 3], seed=1)
    rows = np.random.default_rng(0).normal(size=(200, 5))
    written = to_c(network, tmp_path / "m.c", rows, quantize=quantize)
    found = compiled(written, compiler, ("-O3", "-march=native")).answer({"X": rows.astype(np.float32)})
    distance = np.abs(found.answers["answer"] - network.predict(rows)).max()
    assert distance < 1e-5 if not quantize else distance == pytest.approx(written.deviation.largest, rel=1e-3)


ABOUT = {"library": "glassnet", "version": "1", "model": "test", "loss": "none", "columns": '[{"name": "X"}]'}


@pytest.mark.sample(8)
@pytest.mark.parametrize("compiler", COMPILERS[:1])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_layer_of_ones_own_may_do_is_written(name, dtype, compiler, tmp_path):
    graph = graph_of(FUNCTIONS[name], 4, dtype, **ABOUT)
    program = compiled(write_files(graph, tmp_path / "m.c"), compiler, WATCHED)
    table = TABLE.astype(dtype)
    with np.errstate(all="ignore"):
        expected = np.asarray(FUNCTIONS[name](table))
    found = program.answer({"X": table}).answers["answer"]
    np.testing.assert_allclose(found, expected.reshape(len(table), -1), rtol=2e-4, atol=2e-4)


@pytest.mark.once
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("options", [("-O0",), ("-O3", "-march=native"), ("-Os",)], ids=" ".join)
def test_thousands_of_rows(options, compiler, large, tmp_path):
    model, table = large
    check(model, compiled(to_c(model, tmp_path / "m.c"), compiler, options), table)


@pytest.fixture(scope="module")
def large():
    """A model of the default kind, and 5,000 rows of numbers, text, dates and gaps; some are new to it."""
    rng, rows = np.random.default_rng(0), 5000
    kinds = np.array(["a", "b", "c c", "ü", "3"], dtype=object)
    table = pd.DataFrame(
        {
            "x": np.where(rng.random(rows) < 0.1, np.nan, rng.standard_cauchy(rows) * 1e3),
            "y": rng.normal(size=rows),
            "kind": kinds[rng.integers(5, size=rows)],
            "code": [f"level {code}" for code in rng.integers(40, size=rows)],
            "yes": rng.random(rows) < 0.5,
            "day": pd.Timestamp("1950-01-01") + pd.to_timedelta(rng.integers(40_000, size=rows), "D"),
        }
    )
    table.loc[::7, "kind"] = None
    table.loc[::11, "day"] = pd.NaT
    target = (table["y"] + (table["kind"] == "a") + rng.normal(size=rows) > 0).to_numpy()
    model = NeuralClassifier(random_state=0, epochs=2).fit(table[:500], target[:500])
    table.loc[1000::5, "code"] = "never seen"
    return model, table


def test_a_model_of_one_column_is_measured_by_its_code(tmp_path):
    rows = np.linspace(-1, 1, 5)[:, None]
    assert to_c(NeuralNetwork(1, ["tanh:3", 1]), tmp_path / "m.c", rows).deviation.estimated is None


# ------------------------------------------------- the page of the documentation
# The C program on the page about C compiles as it says there, and gives what the model predicts.


DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_program_on_the_page_runs(language, tmp_path):
    page = (DOCS / language / "c.md").read_text()
    (program,) = re.findall(r"^```c\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (command,) = re.findall(r"^cc .*$", page, re.MULTILINE)
    flats = pd.read_csv(DOCS / "data/flats.csv", parse_dates=["available"])
    X = flats.drop(columns=["flat", "rent", "gone_in_a_week"])
    model = NeuralRegressor(hidden_layers=(32, 16), preset="mlp", epochs=2, random_state=0).fit(X, flats["rent"])
    model.to_c(tmp_path / "rent.c")
    (tmp_path / "main.c").write_text(program)
    subprocess.run([*command.split(), "-Wall", "-Werror"], cwd=tmp_path, check=True)
    said = float(subprocess.run([tmp_path / "rent"], stdout=-1, check=True).stdout)
    row = {"area": 67, "rooms": 3, "built": math.nan, "district": "north", "balcony": "no", "heating": None}
    row["available"] = pd.Timestamp(date.fromordinal(date(1970, 1, 1).toordinal() + 19744))
    assert said == pytest.approx(model.predict(pd.DataFrame([row])[X.columns])[0], abs=0.01)
