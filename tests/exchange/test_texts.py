"""The encoders of texts that exports have, in Python, C and JavaScript, find the n-grams that the model's own finds."""

from __future__ import annotations

import functools
import importlib.util
import io
import itertools
import json
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from glassnet import NeuralClassifier, NeuralRegressor, to_c
from glassnet.exchange.c.ngram_source import column_source, texts_source
from glassnet.exchange.graph import graph_inputs
from glassnet.exchange.page.graph_data import text_table
from glassnet.exchange.python.runtime import encode_texts
from glassnet.insight.text_words import TextWords
from glassnet.support.scripts import WEB
from glassnet.tables.columns.ngrams import folded_characters, normalized, whole_character
from glassnet.tables.columns.texts import TextColumn, vocabulary
from tests.exchange.compiling import STRICT, compiled
from tests.exchange.page.test_page import about, array, node, rows_of
from tests.node import run_node, run_program

SPOKEN = [
    "The printer is on fire again, and nobody knows why.",
    "Der Drucker brennt – schon wieder; ÄRGER im ﬁnalen Büro ½",
    "我的打印机又坏了，今天第二次。",
    "naïve 🤖👍🏽 cafe\u0301 İstanbul Ⅷ ﷺ ΟΔΟΣ",
    "\ud800 half \udfff\ud83d",
    " \t\n  \u3000 ",
    "",
    "a",
    "aaaa aaaa aaaa",
    "ab" * 5_000,
    "\x01\u0300\U000e0001\ufffd\uffff\U0010ffff",
]
COLUMNS = {
    "vocabulary": TextColumn("text", 0, vocabulary(dict.fromkeys(SPOKEN, 2)), gaps=False),
    "hashes": TextColumn("text", 0, (), gaps=False),
}
PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
"""Halves of a pair beside each other, which are one character in JavaScript."""
Encoded = list[tuple[list[int], list[float]]]
DRIVER = """
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
{texts}
{column}
#include <stdio.h>
#include <stdlib.h>
int main(void)
{{
    static float values[{size}];
    int32_t length;
    while (fread(&length, sizeof length, 1, stdin) == 1) {{
        char *text = calloc((size_t)length + 1, 1);
        if (fread(text, 1, (size_t)length, stdin) != (size_t)length)
            return 1;
        ngram_values(length > 0 ? text : NULL, column, values);
        fwrite(values, sizeof *values, {size}, stdout);
        free(text);
    }}
    return 0;
}}
"""


def by_python(column: TextColumn, texts: Sequence[str], folder: Path) -> Encoded:
    known = []
    if column.ngrams:
        alphabet, keys = column.known
        known = [np.array([*map(ord, alphabet.characters[1:])]), keys]
    starts, ids, values = encode_texts(texts, *known)
    return [(ids[a:b].tolist(), values[a:b].tolist()) for a, b in itertools.pairwise(starts.tolist())]


def by_c(column: TextColumn, texts: Sequence[str], folder: Path) -> Encoded:
    compiler = next(filter(None, map(shutil.which, ("gcc", "clang"))), None)
    if compiler is None:
        pytest.skip("there is no C compiler")
    kinds = texts_source(vocabulary=bool(column.ngrams), hashed=not column.ngrams)
    source = DRIVER.format(texts=kinds, column=column_source("column", column), size=column.size)
    (folder / "texts.c").write_text(source)
    subprocess.run([compiler, *STRICT, "-O1", "texts.c", "-o", "texts", "-lm"], cwd=folder, check=True)
    given = [text.encode("utf-8", "surrogatepass") for text in texts]
    lengths_and_texts = b"".join(struct.pack("<i", len(text)) + text for text in given)
    found = subprocess.run([folder / "texts"], input=lengths_and_texts, capture_output=True, check=True).stdout
    rows = np.frombuffer(found, np.float32).reshape(len(texts), column.size)
    return [(np.flatnonzero(row).tolist(), row[row > 0].tolist()) for row in rows]


def by_javascript(column: TextColumn, texts: Sequence[str], folder: Path) -> Encoded:
    (folder / "encode.mjs").write_text(f"""
        import fs from "fs";
        import {{ TextColumn }} from "{WEB}/model/texts.js";
        const {{ about, texts }} = JSON.parse(fs.readFileSync(0, "utf8"));
        const column = new TextColumn(about);
        const rows = texts.map((text) => column.encode(text)).map(({{ ids, values }}) => [[...ids], [...values]]);
        console.log(JSON.stringify(rows));
    """)
    found = run_node(folder / "encode.mjs", given={"about": text_table(column), "texts": texts})
    return [(ids, values) for ids, values in found]


ENCODERS: dict[str, Callable[[TextColumn, Sequence[str], Path], Encoded]] = {
    "python": by_python,
    "c": by_c,
    "javascript": by_javascript,
}


def module_of(file: Path) -> Any:
    """A Python file, imported."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def random_texts(count: int) -> list[str]:
    """Texts of code points of all planes, of characters that count as others, and of those of real texts."""
    rng = np.random.default_rng(0)
    spoken, folded = sorted(set("".join(SPOKEN))), sorted({*folded_characters()} - {"\0"})  # which ends a text in C
    sources: list[Any] = [spoken, [*map(chr, range(1, 0x110000))], folded, [*" \t\u00a0\u2028"]]
    texts = []
    for _ in range(count):
        kinds = rng.choice(len(sources), rng.integers(1, 60), p=[0.6, 0.15, 0.15, 0.1])
        texts.append("".join(sources[kind][rng.integers(len(sources[kind]))] for kind in kinds.tolist()))
    return [PAIR.sub("", text) for text in texts]


@pytest.mark.slow
@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("language", ENCODERS)
def test_an_exported_encoder_finds_the_n_grams_of_the_model(language, kind, tmp_path):
    column, texts = COLUMNS[kind], [*SPOKEN, *random_texts(300)]
    expected = column.encode(texts)
    for row, (ids, values) in enumerate(ENCODERS[language](column, texts, tmp_path)):
        own = expected.rows == row
        assert ids == expected.ids[own].tolist(), texts[row]
        np.testing.assert_allclose(values, expected.values[own], rtol=2.5e-7, err_msg=texts[row])


@pytest.mark.slow
def test_the_table_of_characters_is_how_each_is_normalized():
    folded = folded_characters()
    for code in range(0x110000):
        whole = chr(int(whole_character(code))) if 0xD800 <= code < 0xE000 else chr(code)
        assert folded.get(whole, whole) == normalized(chr(code))


def test_the_table_of_an_alphabet_has_what_bears_on_it_alone():
    assert {"A", "Ⅷ"} <= folded_characters({"a", "v"}).keys()
    assert "B" not in folded_characters({"a", "v"})


REVIEWS = [
    *("The movie was wonderful", "a terrible waste of time", "Der Film war großartig", "furchtbar – nie wieder"),
    *("这部电影太好看了", "不好看，浪费时间", "cafe\u0301 naïve 🤖👍🏽", "bad half", "", None),
]
WORDS = ["great", "awful", "Straße", "电影", "fine", "bad", "ok", "不错"]


def reviews(rows: int) -> pd.DataFrame:
    """Two columns of text, of which one has gaps, beside a number, categories and a date."""
    rng = np.random.default_rng(1)
    cells = [REVIEWS[row % len(REVIEWS)] for row in range(rows)]
    return pd.DataFrame(
        {
            "review": [None if one is None else f"{one} {rng.choice(WORDS)}" if one else "" for one in cells],
            "age": rng.normal(size=rows),
            "ngrams": [" ".join(rng.choice(WORDS, 4)) for _ in range(rows)],
            "city": rng.choice(["Ulm", "北京"], rows),
            "day": np.datetime64("2024-01-01") + rng.integers(0, 99, rows),
        }
    )


@functools.cache
def trained(kind: str) -> Any:
    """A model of each kind that reads texts."""
    table, y = reviews(120), np.arange(120) % 10 % 3
    options: dict[str, Any] = {"preset": "mlp", "hidden_layers": (4,), "epochs": 4, "random_state": 0}
    options["free_text"] = ["review", "ngrams"]
    match kind:
        case "classes":
            return NeuralClassifier(**options | {"members": 3}).fit(table, y)
        case "numbers":
            return NeuralRegressor(**options).fit(table, y * 2.5)
        case "text alone":
            return NeuralClassifier(**options | {"free_text": ["ngrams"]}).fit(table[["ngrams"]], y > 1)
    model = NeuralClassifier(**options)  # hashed
    for start in range(0, 120, 40):
        model.partial_fit(table[start : start + 40], y[start : start + 40], classes=[0, 1, 2])
    return model


def asked(model: Any) -> pd.DataFrame:
    """Rows that the model has not seen: long ones, empty ones, gaps, characters of all planes."""
    table = reviews(60)
    texts = ["word " * 2_000, *SPOKEN, *random_texts(30)]
    table["review"] = pd.Series([*texts, *table["review"][len(texts) :]], dtype=object)
    table["ngrams"] = pd.Series([*table["ngrams"][: 60 - len(texts)], *texts], dtype=object)
    return table[[*model.feature_names_in_]]


def answer_of(model: Any, table: Any) -> Any:
    return model.predict_proba(table) if hasattr(model, "classes_") else model.predict(table)


KINDS = ["classes", "numbers", "text alone", "hashed"]
ANSWER = {True: "probabilities", False: "value"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_python_file_answers_texts_as_the_model_does(kind, tmp_path):
    model = trained(kind)
    table = asked(model)
    expected = answer_of(model, table)
    file = model.to_python(tmp_path / "texts.py")
    found = module_of(file).predict(table)[ANSWER[hasattr(model, "classes_")]]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_a_python_file_reads_texts_from_a_file(tmp_path):
    model, table = trained("classes"), reviews(20)
    table.to_csv(tmp_path / "table.csv", index=False)
    file = model.to_python(tmp_path / "texts.py")
    command = [sys.executable, file, tmp_path / "table.csv"]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    found = pd.read_csv(io.StringIO(done.stdout)).filter(like="probabilities").to_numpy()
    np.testing.assert_allclose(found, model.predict_proba(table), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_c_answers_texts_as_the_model_does_without_a_warning(kind, tmp_path):
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    model = trained(kind)
    table = asked(model)
    written = to_c(model, tmp_path / "texts.c")
    found = compiled(written, options=("-O1",)).answer(graph_inputs(model.encoder_, table))
    answers = found.answers[ANSWER[hasattr(model, "classes_")]]
    expected = answer_of(model, table)
    np.testing.assert_allclose(answers.reshape(expected.shape), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_answers_texts_as_the_model_does(kind, tmp_path):
    model = trained(kind)
    table = asked(model)
    (found,) = node("outputs", [{"about": about(model, tmp_path), "rows": rows_of(model, table)}])
    answers = array(found[ANSWER[hasattr(model, "classes_")]])
    expected = answer_of(model, table)
    np.testing.assert_allclose(answers.reshape(expected.shape), expected, rtol=1e-4, atol=1e-4)


def run_module(file: Path, rows: Sequence[Any]) -> Any:
    """What a JavaScript module answers, in node."""
    program = f"""
        import fs from "fs";
        import {{ answers, columns, predict }} from "{file}";
        const rows = JSON.parse(fs.readFileSync(0, "utf8"));
        const cells = columns.map((name) => rows[0][name]);
        const first = [predict(rows)[0], predict(rows[0]), predict(cells), predict([cells])[0]];
        console.log(JSON.stringify([answers(rows), first]));
    """
    return run_program(program, rows)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_javascript_module_answers_texts_as_the_model_does(kind, tmp_path):
    model = trained(kind)
    table = asked(model)
    rows = json.loads(
        json.dumps(
            table.astype(object).where(table.notna(), None).to_dict("records"),
            default=lambda day: day.date().isoformat(),
        )
    )
    found, first = run_module(model.to_javascript(tmp_path / "texts.mjs"), rows)
    answer = ANSWER[hasattr(model, "classes_")]
    expected = answer_of(model, table)
    answers = np.array([row[answer] for row in found]).reshape(expected.shape)
    np.testing.assert_allclose(answers, expected, rtol=1e-4, atol=1e-4)
    assert first == [found[0].get("label", found[0].get("value"))] * 4


@pytest.mark.slow
def test_words_of_a_page_add_what_those_of_explanations_add(tmp_path):
    column, texts = COLUMNS["vocabulary"], [*SPOKEN, *random_texts(20)]
    weights = np.random.default_rng(0).normal(size=column.size)
    program = f"""
        import fs from "fs";
        import {{ TextColumn }} from "{WEB}/model/texts.js";
        const {{ about, texts, weights }} = JSON.parse(fs.readFileSync(0, "utf8"));
        const column = new TextColumn(about);
        console.log(JSON.stringify(texts.map((text) => column.words(text, (id) => weights[id]))));
    """
    found = run_program(program, {"about": text_table(column), "texts": texts, "weights": weights.tolist()})
    for text, pieces in zip(texts, found, strict=True):
        own = TextWords(column).scores(text, weights[:, None])
        scores = [piece["score"] for piece in pieces if piece["piece"].strip()]
        np.testing.assert_allclose(sum(scores), sum(float(one.score[0]) for one in own), atol=1e-6)
        if text.isprintable():  # languages differ in what is a space among the others
            assert [piece["piece"] for piece in pieces if piece["piece"].strip()] == [one.word for one in own]
            np.testing.assert_allclose(scores, [float(one.score[0]) for one in own], atol=1e-6)


@pytest.mark.slow
def test_a_javascript_module_names_absent_columns(tmp_path):
    file = trained("classes").to_javascript(tmp_path / "texts.mjs")
    with pytest.raises(AssertionError, match='A row must have all columns. Missing: "age"'):
        run_module(file, [{"review": "a", "ngrams": "b", "city": "Ulm", "day": "2024-01-05"}])
