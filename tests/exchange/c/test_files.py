"""What is in the two files, what they need, and what is refused."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor
from glassnet.errors import InputError
from glassnet.estimators.presets import PRESETS
from glassnet.exchange.c import to_c
from glassnet.exchange.c.compilation import CompilerError
from glassnet.exchange.graph import graph_inputs
from tests.exchange.compiling import STRICT, compiled
from tests.exchange.models import FRAME, SIGN, X, classifier, fitted

pytestmark = pytest.mark.slow  # it starts processes, or compiles

ROOT = Path(__file__).parents[3]
needs_gcc = pytest.mark.skipif(not shutil.which("gcc"), reason="there is no gcc")


def test_the_header_says_what_there_is(tmp_path):
    written = to_c(fitted("a table"), tmp_path / "my-model.c")
    header = written.header.read_text()
    assert written.prefix == "my_model"
    for line in (
        "double age;",
        "double grosse_Zahl;",
        "const char *city;",
        "int64_t born;",
        "int label;",
        "float probabilities[2];",
        "int my_model_predict(const my_model_input *in, my_model_output *out);",
        "#define MY_MODEL_NO_DATE INT64_MIN",
        f"{written.constants:,} bytes of tables, {written.stack:,} bytes on the stack",
    ):
        assert line in header
    assert "/* große Zahl: number */" in header
    assert '"gro\\303\\237e Zahl"' in written.source.read_text()


@needs_gcc
def test_names_are_in_the_order_of_the_columns(tmp_path):
    written = to_c(fitted("classes of text"), tmp_path / "m.c")
    (tmp_path / "main.c").write_text(
        '#include "m.h"\n#include <stdio.h>\nint main(void) { for (int i = 0; i < M_CLASSES; ++i) puts(m_classes[i]); '
        "for (int i = 0; i < M_COLUMNS; ++i) puts(m_columns[i]); return 0; }\n"
    )
    subprocess.run(["gcc", "-std=c99", "main.c", "m.c", "-lm", "-o", "main"], cwd=tmp_path, check=True)
    said = subprocess.run([tmp_path / "main"], stdout=-1, check=True).stdout.decode().splitlines()
    assert said == ["no", "yes, it is", "ø", "X"]
    assert written.fields == (("X", "X", "matrix"),)


@pytest.mark.skipif(not shutil.which("g++"), reason="there is no g++")
def test_the_header_can_be_included_in_cpp(tmp_path):
    to_c(fitted("a table"), tmp_path / "m.c")
    (tmp_path / "main.cpp").write_text(
        '#include "m.h"\nint main() { m_input in = {}; m_output out; return m_predict(&in, &out); }\n'
    )
    subprocess.run(["gcc", "-std=c99", "-c", "m.c"], cwd=tmp_path, check=True)
    subprocess.run(["g++", "-Wall", "-Werror", "main.cpp", "m.o", "-lm", "-o", "main"], cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "main"]).returncode == 0


def test_the_same_model_gives_the_same_files(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        to_c(fitted("ensemble"), tmp_path / name / "m.c")
    for file in ("m.c", "m.h"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@needs_gcc
def test_a_header_whose_name_is_not_in_utf_8_is_found(tmp_path):
    to_c(fitted("a table"), tmp_path / "m\udcff.c")
    subprocess.run(["gcc", "-std=c99", "-fsyntax-only", "m\udcff.c"], cwd=tmp_path, check=True)


@needs_gcc
@pytest.mark.parametrize(("column", "place"), [("age", 1), ("wait", 11)])
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_number_is_refused_by_the_place_of_its_column(column, place, value, tmp_path):
    model = fitted("a table")
    written = to_c(model, tmp_path / "m.c")
    cells = {name: cell.copy() for name, cell in graph_inputs(model.encoder_, FRAME).items()}
    cells[column][3] = value
    found = compiled(written, "gcc", ("-O0",)).answer(cells)
    assert found.wrong.tolist() == [0, 0, 0, place] + [0] * 56
    assert [name for name, _, _ in written.fields].index(column) == place - 1


@needs_gcc
def test_no_more_memory_is_used_than_said(tmp_path):
    """The stack of the deepest calls, as the compiler counts it, and the tables, as they stand in the object."""
    written = to_c(fitted("preset auto"), tmp_path / "m.c")
    command = ["gcc", *STRICT, "-O1", "-fno-inline", "-fno-inline-functions-called-once", "-fstack-usage", "-c", "m.c"]
    subprocess.run(command, cwd=tmp_path, check=True)
    usage = {
        line.split("\t")[0].rpartition(":")[2]: int(line.split("\t")[1])
        for line in (tmp_path / "m.su").read_text().splitlines()
    }
    layers = max(size for name, size in usage.items() if name.startswith("layer"))
    network = sum(size for name, size in usage.items() if name.startswith("network"))
    assert usage["m_predict"] + network + layers <= written.stack + 800  # what calls and sums need
    text = subprocess.run(["size", "-A", "m.o"], cwd=tmp_path, stdout=-1, check=True).stdout.decode()
    tables = sum(int(size) for size in re.findall(r"^\.(?:data\.rel\.ro\S*|rodata\S*)\s+(\d+)", text, re.MULTILINE))
    assert written.constants <= tables <= 1.2 * written.constants + 4000


def test_weights_of_one_byte_are_a_quarter(tmp_path):
    model = NeuralClassifier(hidden_layers=(256, 256), preset="mlp", epochs=1, random_state=0).fit(X, SIGN)
    whole, bytes_ = (to_c(model, tmp_path / "m.c", quantize=quantize) for quantize in (False, True))
    assert (whole.quantized, bytes_.quantized) == (False, True)
    assert bytes_.constants < 0.3 * whole.constants


@needs_gcc
@pytest.mark.parametrize("name", ["classes", "numbers"])
@pytest.mark.parametrize("ran", [True, False])
def test_what_weights_of_one_byte_cost_is_said(name, ran, tmp_path, monkeypatch):
    """What the code itself answers; without a compiler it is estimated on the graph, which says nearly the same."""
    monkeypatch.setenv("CC", "gcc" if ran else "no-such-compiler")
    rng = np.random.default_rng(0)
    table = rng.normal(size=(2000, 6))
    y = np.digitize(table[:, 0] + table[:, 1] ** 2, [0, 1]) if name == "classes" else table[:, 0] * table[:, 1]
    kind = NeuralClassifier if name == "classes" else NeuralRegressor
    model = kind(hidden_layers=(64, 64), preset="mlp", epochs=5, random_state=0).fit(table, y)
    written = to_c(model, tmp_path / "m.c", table, y, quantize=True)
    deviation = written.deviation
    found = compiled(written, "gcc").answer(graph_inputs(model.encoder_, table)).answers
    assert deviation.rows == 2000
    assert deviation.estimated == (None if ran else "there is no C compiler `cc`")
    if name == "classes":
        distance = np.abs(found["probabilities"] - model.predict_proba(table)).max()
        labels = found["label"][:, 0]
        assert deviation.changed == pytest.approx((labels != model.predict(table)).mean(), abs=1e-3)
        assert deviation.score == pytest.approx((labels == y).mean(), abs=1e-3)
        assert deviation.score_before == model.score(table, y)
    else:
        distance = np.abs(found["value"][:, 0] - model.predict(table)).max()
        assert deviation.changed is None
        assert deviation.score_before == pytest.approx(model.score(table, y))
        assert abs(deviation.score - deviation.score_before) < 0.05
    assert deviation.largest == pytest.approx(distance, rel=1e-3 if ran else 0.01)
    assert 1e-5 < deviation.largest < 0.5


def test_code_that_does_not_compile_is_estimated_and_says_so(tmp_path, monkeypatch):
    """A compiler without its headers, and the like."""
    monkeypatch.setenv("CC", "false -v")
    deviation = to_c(fitted("a table"), tmp_path / "m.c", FRAME, SIGN).deviation
    assert deviation.estimated.startswith("false -v -std=c99 -O1 ")
    assert "ended with 1" in deviation.estimated
    assert deviation.score == deviation.score_before


@needs_gcc
@pytest.mark.parametrize("option", ["-ffast-math", "-Ofast", "-ffinite-math-only"])
def test_a_compiler_that_was_told_to_be_careless_is_refused(option, tmp_path):
    """With it a missing number would not be noticed."""
    written = to_c(fitted("a table"), tmp_path / "m.c")
    with pytest.raises(CompilerError, match="#error .compile without -ffast-math"):
        compiled(written, "gcc", ("-O1", option))


def test_without_rows_nothing_is_measured(tmp_path):
    assert to_c(fitted("a table"), tmp_path / "m.c").deviation is None


def test_rows_without_answers_have_no_score(tmp_path):
    deviation = to_c(fitted("a table"), tmp_path / "m.c", FRAME).deviation
    assert deviation.score is None
    assert deviation.changed == 0
    assert deviation.largest < 1e-5


@needs_gcc
@pytest.mark.slow
@pytest.mark.once
def test_what_is_compiled_is_read_in_the_encoding_it_was_written_in(tmp_path):
    """And not in that of the machine: the header has names of columns."""
    program = "from tests.exchange.models import FRAME, fitted; from glassnet import to_c; "
    program += "print(to_c(fitted('a table'), 'm.c', FRAME).deviation.estimated)"
    environment = os.environ | {"PYTHONPATH": f"{ROOT}/src:{ROOT}", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-X", "utf8=0", "-c", program]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert ran.stdout == "None\n"


def test_a_network_is_measured_too(tmp_path):
    network = NeuralNetwork(3, ["tanh:4", 2])
    assert to_c(network, tmp_path / "m.c", X).deviation.largest < 1e-5
    with pytest.raises(InputError, match=r"must have shape \(rows, 3\)"):
        to_c(network, tmp_path / "m.c", X[:, :2])


@pytest.mark.parametrize("name", ["m.py", "m", "m.h", "m.txt"])
def test_the_ending_must_be_c(name, tmp_path):
    with pytest.raises(InputError, match=r"must end in \.c.*Write to m\.c"):
        to_c(fitted("a table"), tmp_path / name)
    assert not [*tmp_path.iterdir()]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(OSError, match="not saved"):
        to_c(fitted("a table"), tmp_path / "no folder" / "m.c")
    with pytest.raises(InputError, match="age"):
        to_c(fitted("a table"), tmp_path / "m.c", FRAME.drop("age"))
    with pytest.raises(InputError, match="the same number of rows. Received: 60 and 3"):
        to_c(fitted("a table"), tmp_path / "m.c", FRAME, SIGN[:3])
    assert not [*tmp_path.iterdir()]


NAMES = (
    *("int", "i", "in", "row", "x", "y", "out", "exp_f", "m_predict", "label", "*/", '"', "年龄", "__x", "W", "levels"),
    *("hypot", "fabs", "a", "a_levels", "a_known", "look_up", "levels_2", "known"),
)


@needs_gcc
def test_columns_may_be_called_like_anything_in_c(tmp_path):
    rng = np.random.default_rng(0)
    texts = np.array(["a", "b", "c", None], dtype=object)
    columns = {
        name: rng.normal(size=60) if at < 18 else rng.permutation(np.tile(texts, 15)) for at, name in enumerate(NAMES)
    }
    table = pd.DataFrame(columns)
    model = classifier(scaling="robust").fit(table, SIGN)
    program = compiled(to_c(model, tmp_path / "m.c"), "gcc", ("-O1",))
    found = program.answer(graph_inputs(model.encoder_, table)).answers["probabilities"]
    np.testing.assert_allclose(found, model.predict_proba(table), atol=1e-6)


@pytest.mark.sample(3)
@needs_gcc
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_written(preset, tmp_path):
    members = {"members": 2} if PRESETS[preset]["members"] != 1 else {}
    model = NeuralClassifier(preset=preset, epochs=1, random_state=0, **members).fit(FRAME, SIGN)
    program = compiled(to_c(model, tmp_path / "m.c"), "gcc", ("-O1",))
    found = program.answer(graph_inputs(model.encoder_, FRAME)).answers["probabilities"]
    np.testing.assert_allclose(found, model.predict_proba(FRAME), atol=1e-5)


@needs_gcc
@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("column", [["a", "b"] * 30, [1.0, None, 3.0] * 20, [True, False, None] * 20])
def test_a_table_of_one_column(column, members, tmp_path):
    table = pd.DataFrame({"one": column})
    model = classifier(members=members).fit(table, SIGN)
    program = compiled(to_c(model, tmp_path / "m.c"), "gcc", ("-O1",))
    found = program.answer(graph_inputs(model.encoder_, table)).answers["probabilities"]
    np.testing.assert_allclose(found, model.predict_proba(table), atol=1e-6)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.skipif(not shutil.which("nm"), reason="there is no nm")
def test_large_tables_begin_where_a_line_of_the_cache_does(compiler, tmp_path):
    if not shutil.which(compiler):
        pytest.skip(f"there is no {compiler}")
    written = to_c(NeuralNetwork(5, ["relu:71", "relu:37", "relu:41", 3], seed=1), tmp_path / "m.c")
    subprocess.run([compiler, "-c", written.source, "-o", "m.o"], cwd=tmp_path, check=True)
    listed = subprocess.run(["nm", "m.o"], cwd=tmp_path, stdout=-1, text=True, check=True).stdout
    large = [int(line.split()[0], 16) for line in listed.splitlines() if re.search(r"layer_[23]_W$", line)]
    assert len(large) == 2
    assert not any(place % 64 for place in large)


@needs_gcc
def test_loops_are_of_vectors_without_an_option_for_the_processor(tmp_path):
    written = to_c(NeuralNetwork(16, ["selu:64", 1], dtype="float32"), tmp_path / "m.c")
    command = ["gcc", *STRICT, "-O3", "-fopt-info-vec-optimized", "-c", "m.c", "-o", "m.o"]
    told = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stderr
    vectors = {int(line.split(":")[1]) for line in told.splitlines() if "loop vectorized" in line}
    loops = [
        at for at, line in enumerate(written.source.read_text().splitlines(), 1) if "expm1_f(" in line and "[i]" in line
    ]
    assert loops
    assert all({at, at - 1, at - 2} & vectors for at in loops)


@needs_gcc
def test_on_x86_there_is_a_version_for_each_level_of_the_processor(tmp_path):
    to_c(NeuralNetwork(16, ["selu:64", 1], dtype="float32"), tmp_path / "m.c")
    asked = subprocess.run(
        ["gcc", "-dM", "-E", "-include", "features.h", "-"], input="", capture_output=True, text=True
    )
    macros = dict(line.split(" ", 2)[1:] for line in asked.stdout.splitlines() if line.count(" ") > 1)
    if "__x86_64__" not in macros or "__GLIBC__" not in macros or int(macros["__GNUC__"]) < 12:
        pytest.skip("there is one version elsewhere")
    for options, versions in (((), True), (("-mavx2",), False)):
        subprocess.run(["gcc", *STRICT, "-O2", *options, "-c", "m.c", "-o", "m.o"], cwd=tmp_path, check=True)
        assert (b"x86_64_v4" in (tmp_path / "m.o").read_bytes()) == versions
