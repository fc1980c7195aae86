"""Whatever columns are called, every export answers as the model does: names that its language has for itself, too."""

from __future__ import annotations

import builtins
import importlib.util
import itertools
import keyword
import re

import numpy as np
import onnxruntime
import polars as pl
import pytest

from glassnet import NeuralClassifier, to_c, to_html, to_onnx, to_python
from glassnet.exchange.c.compilation import compiler_here
from glassnet.exchange.c.literals import C_WORDS, CPP_WORDS, MACROS
from glassnet.exchange.graph import graph_inputs
from glassnet.exchange.python import runtime, template
from glassnet.exchange.python.expressions import RESERVED
from tests.exchange.page.test_page import about, node, rows_of

pytestmark = pytest.mark.slow
needs_cc = pytest.mark.skipif(compiler_here() is None, reason="there is no C compiler")

JAVASCRIPT = """
arguments await constructor debugger delete eval export extends finally function hasOwnProperty implements import in
instanceof interface let new null package prototype __proto__ static super this toString typeof undefined valueOf var
void with yield
"""
OF_THE_TEXT = re.findall(r"\b[a-z]\w+\b", f"{template.FRAME} {' '.join(vars(runtime))}")
OUTPUTS = ["label", "probabilities", "value", "row", "in", "out", "wrong", "learned", "outputs", "X", "columns", "name"]
FAMILIES = {
    "keywords of Python": [*keyword.kwlist, *keyword.softkwlist],
    "functions of Python": [name for name in dir(builtins) if name.islower()],
    "functions of every file": [
        *dict.fromkeys([*RESERVED, "w", "np", "x", "encode_x", "x_CODES", "numbers", "NUMBERS"])
    ],
    "words of every file": [*dict.fromkeys(OF_THE_TEXT)],
    "words of C": [*C_WORDS.split(), *CPP_WORDS.split(), *MACROS.split()],
    "functions of C": [
        "exp",
        "log",
        "expf",
        "memcpy",
        "strcmp",
        "int32_t",
        "size_t",
        "printf",
        "main",
        "weighted_sums",
    ],
    "words of JavaScript": JAVASCRIPT.split(),
    "outputs and what they are made of": OUTPUTS,
    "nothing to spell": [
        " ",
        "-",
        "_",
        "__",
        "a b",
        "a-b",
        "a_b",
        "a_b_2",
        "A_B",
        "年龄",
        "1",
        "1e5",
        "\t",
        '"',
        "\\n",
    ],
}
LARGEST = 60
PARTS = {
    f"{family} {start // LARGEST + 1}": names[start : start + LARGEST]
    for family, names in FAMILIES.items()
    for start in range(0, len(names), LARGEST)
}


@pytest.fixture(scope="module", params=itertools.product(["text", "numbers"], PARTS), ids=" ".join)
def fitted(request):
    """A model of columns with these names, and some rows."""
    kind, part = request.param
    rng = np.random.default_rng(0)
    columns = [rng.choice(["yes", "no"], 40) if kind == "text" else rng.normal(size=40) for _ in PARTS[part]]
    table = pl.DataFrame(dict(zip(PARTS[part], columns, strict=True)))
    y = np.where(rng.random(40) > 0.5, "up", "down")
    model = NeuralClassifier(hidden_layers=(4,), preset="mlp", epochs=2, random_state=0).fit(table, y)
    return model, table.head(7)


def near(found, expected):
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_python_does(fitted, tmp_path):
    model, table = fitted
    spec = importlib.util.spec_from_file_location("model", to_python(model, tmp_path / "model.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    near(module.predict(table)["probabilities"], model.predict_proba(table))


@needs_cc
def test_c_does(fitted, tmp_path):
    model, table = fitted
    written = to_c(model, tmp_path / "model.c", table)
    assert written.deviation.estimated is None  # it was compiled, and ran
    assert written.deviation.largest < 1e-4


def test_onnx_does(fitted, tmp_path):
    model, table = fitted
    session = onnxruntime.InferenceSession(to_onnx(model, tmp_path / "model.onnx"))
    given = graph_inputs(model.encoder_, table)
    given = {name: cells.astype(np.float32) if cells.dtype == np.float64 else cells for name, cells in given.items()}
    types = {one.name: one.type for one in session.get_inputs()}
    given = {
        name: cells.astype(np.float64) if types[name] == "tensor(double)" else cells for name, cells in given.items()
    }
    _, probabilities = session.run(None, given)  # by place: one that a column has the name of has another
    near(probabilities, model.predict_proba(table))


def test_the_page_does(fitted, tmp_path):
    model, table = fitted
    (found,) = node("outputs", [{"about": about(model, tmp_path), "rows": rows_of(model, table)}])
    near(np.reshape(found["probabilities"]["data"], (7, -1)), model.predict_proba(table))
    assert to_html(model, tmp_path / "app.html").is_file()
