"""A Python file gives what the model predicts, from columns as people have them, with NumPy alone."""

from __future__ import annotations

import contextlib
import csv
import datetime
import gzip
import importlib.util
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from glassnet import Dense, NeuralNetwork
from glassnet.errors import InputError
from glassnet.exchange.graph import Scope
from glassnet.exchange.graph.dataflow import within
from glassnet.exchange.graph.legalize import graph_of
from glassnet.exchange.python import to_python
from glassnet.exchange.python.runtime import split
from glassnet.exchange.python.write_python import LARGEST_INSIDE, source
from glassnet.tables.reading.notation import Notation
from tests.exchange.graph.test_legalize import FUNCTIONS, TABLE
from tests.exchange.models import (
    COVERAGE,
    FRAME,
    MODELS,
    SIGN,
    answers,
    classifier,
    fitted,
    near,
    regressor,
)

pytestmark = pytest.mark.slow  # one after the other they trace, write and run hundreds of models


def loaded(file):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.sample(22)
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_a_layer_of_ones_own_may_do_is_written(name, dtype, tmp_path):
    with within(Scope("layer", "1.1", "Own()")):
        graph = graph_of(FUNCTIONS[name], 4, dtype, model="test", version="1")
    (tmp_path / "model.py").write_text(source(graph, "model")[0])
    table = TABLE.astype(dtype)
    found = loaded(tmp_path / "model.py").predict({"X": table})["answer"]
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[name](table)
    assert found.dtype == (expected.dtype if expected.dtype.kind != "i" else np.int64)
    assert found.shape == expected.shape
    tolerance = 1e-12 if dtype == "float64" else 2e-4
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


CONTAINERS = {
    "pandas": lambda frame: frame.to_pandas(),
    "polars": lambda frame: frame,
    "arrays": lambda frame: {name: frame[name].to_numpy() for name in frame.columns},
    "lists of NumPy's": lambda frame: {name: list(frame[name].to_numpy()) for name in frame.columns},
    "text": lambda frame: {
        name: ["" if cell is None else str(cell) for cell in frame[name].to_list()] for name in frame.columns
    },
    "text of pandas": lambda frame: frame.to_pandas().assign(  # older ones would write a gap as text, too
        wait=lambda table: table["wait"].astype(str).where(table["wait"].notna())
    ),
    "seconds": lambda frame: frame.with_columns(pl.col("wait").dt.total_seconds()),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_columns_come_as_people_have_them(name, tmp_path):
    model = fitted("a table")
    found = loaded(to_python(model, tmp_path / "model.py")).predict(CONTAINERS[name](FRAME))
    near(found["probabilities"], model.predict_proba(FRAME), 1e-9)


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", ["a table", "ensemble", "promised intervals", "quantiles of two"])
def test_it_runs_alone_from_one_csv_file_to_another(name, tmp_path):
    model, (_, table, _) = fitted(name), MODELS[name]
    to_python(model, tmp_path / "model.py", coverage=COVERAGE)
    if table is FRAME:
        seconds = pl.col("wait").dt.total_seconds()
        FRAME.with_columns(seconds).write_csv(tmp_path / "table.csv", datetime_format="%Y-%m-%d %H:%M:%S%.6f")
    else:
        pl.DataFrame(table).write_csv(tmp_path / "table.csv")
    # -I: neither the folder nor the environment tells Python where glassnet is
    line = (
        "import runpy, sys; sys.modules['glassnet'] = sys.modules['scipy'] = None; sys.argv = ['model.py', 'table.csv']"
    )
    line += "; runpy.run_path('model.py', run_name='__main__')"
    run = subprocess.run([sys.executable, "-I", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    head, *rows = csv.reader(io.StringIO(run.stdout))
    expected = answers(model, table)
    wide = [values.reshape(len(values), -1) for values in expected.values()]
    assert len(head) == sum(values.shape[1] for values in wide)
    if "probabilities" in expected:
        assert head[1] == f"probabilities {model.classes_[0]}"
    for found, row in zip(rows, np.hstack([values.astype(object) for values in wide]), strict=True):
        assert [float(cell) for cell in found] == pytest.approx([float(cell) for cell in row], abs=1e-9)


def test_without_a_table_it_says_how_it_is_used(tmp_path):
    file = to_python(fitted("a number"), tmp_path / "model.py")
    run = subprocess.run([sys.executable, "-I", file], capture_output=True, text=True, timeout=300)
    assert run.returncode == 2
    assert run.stderr.startswith("usage: model.py ")


@pytest.mark.parametrize("rows", [0, 1, 5000])
def test_any_number_of_rows_will_do(rows, tmp_path):
    model = fitted("shared members")
    module = loaded(to_python(model, tmp_path / "model.py"))
    table = FRAME[np.arange(rows) % len(FRAME)]
    found = module.predict(table)
    assert found["label"].shape == (rows,)
    if rows:
        near(found["probabilities"], model.predict_proba(table), 1e-9)


def test_a_missing_column_is_named(tmp_path):
    module = loaded(to_python(fitted("a table"), tmp_path / "model.py"))
    with pytest.raises(ValueError, match="These columns are missing: 'age', 'große Zahl'"):
        module.predict(FRAME.drop("age", "große Zahl"))


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """A model that learned from a file with decimal commas, German dates and "k.A." for gaps, and its Python file."""
    table = pl.DataFrame({"p": [1.5, 1500.0, None] * 20, "c": ["x", "y", None] * 20, "d": FRAME["born"].to_list()})
    model = classifier().fit(table, SIGN)
    model.notation_ = Notation(",", "dmy", ("k.A.",))
    return model, to_python(model, tmp_path_factory.mktemp("german") / "model.py")


def answered(file, table, *options):
    """What the program of a file ends with, writes and says, in this process: a start of Python takes far longer."""
    out, typed = io.StringIO(), sys.argv
    sys.argv = [str(file), str(table), *options]
    try:
        with contextlib.redirect_stdout(out):
            loaded(file).main()
    except SystemExit as error:
        return 1, out.getvalue(), error.code
    finally:
        sys.argv = typed
    return 0, out.getvalue(), ""


def test_a_file_is_read_as_the_files_that_were_learned_from(german, tmp_path):
    model, file = german
    rows = '"1.234", x ,31.12.1999\n"2,5 %",  ,2000-01-02\nk.A.,k.A.,3.4.2001\n'
    (tmp_path / "new.csv").write_text(f"p,c , d\n{rows}")
    dates = [datetime.date(1999, 12, 31), datetime.date(2000, 1, 2), datetime.date(2001, 4, 3)]
    expected = model.predict_proba(pl.DataFrame({"p": [1234.0, 2.5, None], "c": ["x", None, None], "d": dates}))
    code, out, message = answered(file, tmp_path / "new.csv")
    assert (code, message) == (0, "")
    near(np.array([row[1:] for row in list(csv.reader(io.StringIO(out)))[1:]], float), expected, 1e-9)


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "options"),
    [
        ("t.csv", "utf-16", ";", []),
        ("t.tsv", "utf-8-sig", "\t", []),
        ("t.tsv", "utf-8-sig", "\t", ["--encoding", "utf-8"]),
        ("t.csv", "cp1252", "|", ["--encoding", "cp1252"]),
        ("t.csv.gz", "utf-8", ";", []),
        ("t.txt", "utf-8", "!", ["--delimiter", "!"]),
        ("t.txt", "utf-8", ":", []),
        ("t.txt", "utf-8", "   ", []),
    ],
)
def test_delimiter_and_encoding_are_found_out_or_said(german, tmp_path, name, encoding, delimiter, options):
    text = "ä;p;c;d\nü;1,5;x;31.12.1999\n".replace(";", delimiter).encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    code, out, message = answered(german[1], tmp_path / name, *options)
    assert (code, message, len(out.splitlines())) == (0, "", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"p,c,d\n1.5,x,\n", "Column 'p' must contain numbers, with the decimal mark ','. Received: '1.5' in row 1. "),
        (b"p;c;d\n1;x;12/31/1999\n", "order of day and month 'dmy'. Received: '12/31/1999' in row 1. "),
        (b"p,c,d\n1,x\n", "must have 3 cells. Received: 2 in line 2"),
        (b'p,c,d\n1,"x,\n2,y,\n', "Every quotation mark in "),
        (b"p,c\n1,x\n", "These columns are missing: 'd'"),
        (b"p,c,d\n1,\xe4,\n", "must be text in UTF-8 or --encoding. Received: "),
        (b"PK\3\4", "must be a delimited text file. Received: a binary file. "),
        (b"", "must contain a table. Received: an empty file. "),
        (b"p,c,d\n", "must contain rows. Received: none. Give a file with at least one row."),
    ],
)
def test_what_it_cannot_read_is_named(german, tmp_path, text, said):
    (tmp_path / "new.csv").write_bytes(text)
    code, out, message = answered(german[1], tmp_path / "new.csv")
    assert (code, out) == (1, "")
    assert said in message
    assert "Traceback" not in message


FULL = Path("/dev/full")


def nobody():
    read, write = os.pipe()
    os.close(read)
    return os.fdopen(write, "w")


@pytest.mark.parametrize(
    ("taker", "code", "said"),
    [
        (nobody, 141, ""),
        pytest.param(
            *(lambda: FULL.open("w"), 1, "The predictions were not written: No space left on device.\n"),
            marks=pytest.mark.skipif(not FULL.exists(), reason="no device that is always full"),
        ),
    ],
    ids=["nobody", "full disk"],
)
def test_rows_that_nobody_takes_end_it_without_a_traceback(taker, code, said, german, tmp_path):
    (tmp_path / "new.csv").write_text("p;c;d\n1,5;x;31.12.1999\n")
    command = [sys.executable, "-I", german[1], tmp_path / "new.csv"]
    with taker() as stdout:
        run = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=300)
    assert (run.returncode, run.stderr) == (code, said)


def test_the_longest_cell_that_the_process_reads_stays_as_it_was():
    longest = csv.field_size_limit()
    assert split(["x" * (longest + 1)], ",") == [(1, ["x" * (longest + 1)])]
    assert csv.field_size_limit() == longest


def test_a_mark_that_nobody_told_is_asked_for(tmp_path):
    model = regressor().fit(pl.DataFrame({"p": np.arange(60.0)}), np.arange(60.0))
    file = to_python(model, tmp_path / "model.py")
    (tmp_path / "new.csv").write_text("p;more\n1.234;\n")
    code, _, message = answered(file, tmp_path / "new.csv")
    assert (code, "--decimal" in message) == (1, True)
    outs = {mark: answered(file, tmp_path / "new.csv", "--decimal", mark)[1] for mark in ".,"}
    assert outs["."] != outs[","]


def test_a_table_of_another_width_is_refused(tmp_path):
    (tmp_path / "new.csv").write_text("a,b\n1,2\n")
    code, _, message = answered(to_python(fitted("a number"), tmp_path / "model.py"), tmp_path / "new.csv")
    assert (code, message.startswith("The table must have 3 columns. Received: 2. ")) == (1, True)


def test_any_name_of_a_column_will_do(tmp_path):
    names = [
        '"""',
        "a\nb",
        "class",
        "w",
        "é è",
        "e-e",
        "e e",
        "{x}",
        "np",
        "1",
        "\\",
        "predict",
        "'",
        "%s",
        "\x1b[1m\u202e",
    ]
    texts = {name: ["x", "y", None, f"{number}"] * 15 for number, name in enumerate(names)}
    table = pl.DataFrame(texts)
    model = classifier().fit(table, SIGN)
    module = loaded(to_python(model, tmp_path / "model.py"))
    near(module.predict(texts)["probabilities"], model.predict_proba(table), 1e-9)
    assert not {"\x1b", "\u202e"} & {*(tmp_path / "model.py").read_text()}  # which an editor would obey
    numbers = pl.DataFrame({name: FRAME["age"] * number for number, name in enumerate(names, 1)})
    model = regressor().fit(numbers, SIGN)
    module = loaded(to_python(model, tmp_path / "model.py"))
    near(module.predict(numbers)["value"], model.predict(numbers), 1e-9)


def test_equal_layers_are_written_once(tmp_path):
    text = to_python(fitted("ensemble"), tmp_path / "model.py").read_text()
    assert text.count("def dense_1(") == 1
    assert text.count("def run_network(") == 1
    assert "for network in range(1, 3 + 1)" in text


def test_it_reads_as_the_model_does(tmp_path):
    text = to_python(NeuralNetwork(2, ["softmax:3", "gelu:2"], seed=1), tmp_path / "model.py").read_text()
    for line in (
        'z = product(x, w["W"]) + w["b"]',
        "e = np.exp(z - np.max(z, axis=1, keepdims=True))",
        "Layer 1: Dense(3, 'softmax').",
    ):
        assert line in text


@pytest.mark.sample(8)
@pytest.mark.parametrize("name", MODELS)
def test_no_line_is_too_long(name, tmp_path):
    text = to_python(fitted(name), tmp_path / "model.py").read_text()
    assert [line for line in text.split("\n") if len(line) > 120] == []


def test_large_weights_stand_beside_it(tmp_path):
    network = NeuralNetwork(300, [Dense(400), 1])
    file = to_python(network, tmp_path / "model.py")
    assert file.with_suffix(".npz").stat().st_size > LARGEST_INSIDE
    assert file.stat().st_size < 20_000
    X = np.random.default_rng(0).normal(size=(3, 300))
    near(loaded(file).predict({"X": X})["answer"], network.predict(X), 1e-9)


@pytest.mark.parametrize("name", ["model.txt", "my model.py", "2.py", "class.py"])
def test_a_name_that_cannot_be_imported_is_refused(name, tmp_path):
    with pytest.raises(InputError, match="can be imported"):
        to_python(NeuralNetwork(2, [1]), tmp_path / name)


def test_no_rows_have_no_answers(tmp_path):
    exported = loaded(to_python(NeuralNetwork(3, ["tanh:4", 2]), tmp_path / "none.py"))
    assert exported.predict({"X": np.zeros((0, 3))})["answer"].shape == (0, 2)


def test_a_cell_of_control_characters_is_no_gap():
    assert split(["a,b", "\x1c\x1f, \u2003"], ",")[1] == (2, ["\x1c\x1f", ""])
