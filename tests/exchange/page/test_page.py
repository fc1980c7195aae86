"""A model as a page answers what the model predicts, from the same cells, and gives reasons that add up."""

from __future__ import annotations

import itertools
import json
import math
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor, to_html
from glassnet.errors import InputError, InputTypeError
from glassnet.exchange.graph import GAP, graph_inputs
from glassnet.exchange.graph.legalize import graph_of
from glassnet.exchange.page.graph_data import plain_graph
from glassnet.support.language import speaking
from glassnet.support.scripts import WEB
from tests.exchange.graph.test_legalize import FUNCTIONS, TABLE
from tests.exchange.models import COVERAGE, FRAME, MODELS, X, answers, fitted, tables
from tests.node import run_node


def node(what, questions):
    """What the page's scripts answer to each question."""
    given = [{"what": what, "question": question} for question in questions]
    return run_node(Path(__file__).with_name("ask.mjs"), WEB, given=given)


def about(model, folder, **options):
    """What a page knows of a model."""
    text = to_html(model, folder / "app.html", **options).read_text("utf-8")
    return json.loads(re.search(r'<script id="model" type="application/json">(.*?)</script>', text)[1])


def rows_of(model, table):
    """The cells of a table as the page has them: None for a gap."""
    cells = np.concatenate([each.astype(object) for each in graph_inputs(model.encoder_, table).values()], axis=1)
    return [[None if cell in ("", GAP) or cell != cell else cell for cell in row] for row in cells.tolist()]


def array(value, dtype=float):
    return np.array([float(one) if dtype is float else one for one in value["data"]]).reshape(value["shape"])


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """For every model what its page answers to each of its tables."""
    folder, questions = tmp_path_factory.mktemp("pages"), []
    for name, (_, table, _) in MODELS.items():
        model = fitted(name)
        if not isinstance(model, NeuralNetwork):
            page = about(model, folder, coverage=COVERAGE)
            questions += [(name, {"about": page, "rows": rows_of(model, rows)}) for rows in tables(table)]
    found = node("outputs", [question for _, question in questions])
    return {name: [one for (asked, _), one in zip(questions, found, strict=True) if asked == name] for name in MODELS}


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_it_answers_as_the_estimator_does(name, asked):
    model, (_, table, _) = fitted(name), MODELS[name]
    # of numbers that differ in the last digit, bfloat16 may round one up and the other down
    near = 1e-3 if name.startswith("rounded") else 1e-5
    for rows, found in zip(tables(table), asked[name], strict=True):
        expected = answers(model, rows)
        assert list(found) == list(expected)
        for output, values in expected.items():
            if values.dtype.kind == "f" and output != "label":
                scale = 1 if output == "probabilities" else np.abs(values).max()
                np.testing.assert_allclose(array(found[output]), values, rtol=near, atol=near * scale)
            elif values.dtype.kind in "iuf":
                assert array(found[output]).tolist() == values.tolist()
            elif values.dtype.kind == "b":
                assert array(found[output]).astype(bool).tolist() == values.tolist()
            else:
                assert found[output]["data"] == [str(one) for one in values]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["two classes", "classes of booleans", "costs of errors", *(n for n in MODELS if n.startswith("a thresh"))]
)
def test_its_headline_is_the_class_that_is_predicted(name, tmp_path):
    model, (_, table, _) = fitted(name), MODELS[name]
    rows = next(iter(tables(table)))
    (found,) = node("places", [{"about": about(model, tmp_path), "rows": rows_of(model, rows)}])
    assert found == [str(one) for one in model.predict(rows).tolist()]


@pytest.fixture(scope="module")
def functions():
    """What the page's script makes of each function of the graph's, in both precisions."""
    cases = list(itertools.product(FUNCTIONS, ["float64", "float32"]))
    questions = []
    for name, dtype in cases:
        graph = graph_of(FUNCTIONS[name], 4, dtype)
        cells = [TABLE.astype(dtype).ravel().tolist()]
        questions.append({"graph": plain_graph(graph), "cells": cells, "rows": len(TABLE)})
    return dict(zip(cases, node("evaluate", questions), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_operation_of_a_graph_is_carried_out(name, dtype, functions):
    with np.errstate(all="ignore"):
        expected = np.asarray(FUNCTIONS[name](TABLE.astype(dtype)))
    found = array(functions[name, dtype]["answer"])
    assert found.shape == expected.shape
    tolerance = 1e-12 if dtype == "float64" else 2e-4
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.fixture(scope="module")
def regressor():
    y = X @ [1.0, 2.0, 3.0] + X[:, 0] * X[:, 1]
    return NeuralRegressor(preset="mlp", hidden_layers=(8,), epochs=20, random_state=0, clamp=False).fit(X, y)


def test_reasons_are_shapley_values(regressor, tmp_path):
    row, reference = X[0].tolist(), X[1].tolist()
    question = {"about": about(regressor, tmp_path), "row": row, "reference": reference, "output": 0}
    (found,) = node("reasons", [question])

    def value(chosen):
        return regressor.predict([[row[at] if at in chosen else reference[at] for at in range(3)]])[0]

    expected = [
        sum(
            math.factorial(len(some)) * math.factorial(2 - len(some)) / 6 * (value({*some, at}) - value(some))
            for size in range(3)
            for some in itertools.combinations({0, 1, 2} - {at}, size)
        )
        for at in range(3)
    ]
    np.testing.assert_allclose(found["values"], expected, rtol=1e-4, atol=1e-4)
    assert found["base"] == pytest.approx(value(()), rel=1e-5)


def test_reasons_of_many_columns_sum_to_the_difference(tmp_path):
    model = fitted("a table")
    page, rows = about(model, tmp_path), rows_of(model, FRAME)
    (found,) = node("reasons", [{"about": page, "row": rows[0], "reference": rows[3], "output": 1}])
    before, after = model.predict_proba(FRAME)[[3, 0], 1]
    assert found["base"] == pytest.approx(before, abs=1e-6)
    assert sum(found["values"]) == pytest.approx(after - before, abs=1e-6)


def test_a_curve_is_the_answer_for_each_value_of_a_column(tmp_path):
    model = fitted("a table")
    page, rows = about(model, tmp_path), rows_of(model, FRAME)
    ages = [20.0, 30.0, None]
    place = [field["name"] for field in page["fields"]].index("age")
    cells = [ages if at == place else [] for at in range(len(page["fields"]))]
    (found,) = node("curves", [{"about": page, "row": rows[0], "cells": cells, "output": 1}])
    changed = pl.concat([FRAME[:1]] * 3).with_columns(pl.Series("age", ages))
    np.testing.assert_allclose(found[place], model.predict_proba(changed)[:, 1], atol=1e-6)


def test_cells_are_read_as_they_are_written():
    cells = [["number", 0.25], ["date", -3000], ["datetime", 1.6e15 + 7e6], ["time", 47103], ["duration", 90.5]]
    assert [back for _, back in node("typed", [cells])[0]] == [cell for _, cell in cells]


def test_changes_have_the_decimals_that_count_in_the_largest():
    numbers = {"kind": "number", "changes": [38.341, -9.8323, 0.0006771]}
    shares = {"kind": "probability", "changes": [0.173, -0.0004]}
    assert node("changes", [numbers, shares]) == [["+38.3", "−9.8", "0.0"], ["+17.3", "0.0"]]


def test_changes_have_their_thousands_set_apart_where_cells_have():
    assert node("changes", [{"kind": "number", "changes": [101_141.4, -1959.2]}]) == [["+101,141", "−1959"]]


def test_fields_know_kind_range_and_levels(tmp_path):
    fields = {field["name"]: field for field in about(fitted("a table"), tmp_path)["fields"]}
    assert "none" not in fields
    age = {"name": "age", "kind": "number", "gaps": True, "ends": [20.1, 40.7], "usual": 33.3, "whole": False}
    assert fields["age"] == age
    assert fields["grade"]["levels"] == ["1", "2", "3"]
    assert fields["born"]["whole"]
    assert fields["flag"]["usual"] == 1.0


def test_the_median_of_an_even_number_of_rows_has_few_digits(tmp_path):
    income = np.array([7350.25, 33_619.16, 33_739.85, 162_046.5] * 5)
    model = NeuralRegressor(hidden_layers=4, epochs=2, early_stopping=False).fit(
        pl.DataFrame({"income": income}), income
    )
    assert about(model, tmp_path)["fields"][0]["usual"] == 33_700.0


def test_no_row_of_the_training_table_is_in_the_page(tmp_path):
    secret = 123.456789
    y = np.arange(50) % 2
    numbers = np.random.default_rng(0).normal(size=50) * 1000
    numbers[7] = secret
    table = pl.DataFrame({"a": numbers, "b": ["x", "y"] * 25})
    model = NeuralClassifier(preset="mlp", hidden_layers=4, epochs=2, random_state=0).fit(table, y)
    assert str(secret) not in to_html(model, tmp_path / "app.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "set_to", "opening"),
    [
        ({}, None, "<html lang"),
        ({"language": "zh"}, "en", '<html data-language="zh"'),
        ({}, "zh", '<html data-language="zh"'),
    ],
)
def test_a_page_opens_in_the_language_that_was_asked_for(options, set_to, opening, tmp_path):
    with speaking(set_to):
        text = to_html(fitted("a table"), tmp_path / "app.html", **options).read_text("utf-8")
    assert opening in text


def test_markup_in_names_ends_nothing(tmp_path):
    table = pl.DataFrame({"</script><b>": X[:, 0], "c": ["<!--", "</script>"] * 30})
    model = NeuralClassifier(preset="mlp", hidden_layers=4, epochs=2, random_state=0).fit(table, X[:, 0] > 0)
    text = to_html(model, tmp_path / "app.html", target="<i>").read_text("utf-8")
    assert text.count("</script>") == 2
    assert "<i>" not in text


def test_nothing_is_loaded_and_only_its_own_script_may_run(tmp_path):
    text = to_html(fitted("a table"), tmp_path / "app.html").read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r'(src|href)="(?!#|data:,)', text)


def test_the_joined_scripts_declare_each_name_once(tmp_path):
    text = to_html(fitted("a table"), tmp_path / "app.html").read_text("utf-8")
    (tmp_path / "page.js").write_text(text.rpartition("<script>")[2].partition("</script>")[0])
    run_node("--check", tmp_path / "page.js")


@pytest.mark.slow
def test_a_page_that_would_be_too_large_has_coarser_weights(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    table = rng.normal(size=(300, 4))
    model = NeuralClassifier(members=2, refits=0, epochs=4, random_state=0).fit(table, table[:, 0] * table[:, 1] > 0)
    whole = to_html(model, tmp_path / "whole.html").stat().st_size
    monkeypatch.setattr("glassnet.exchange.page.write_html.LARGEST", round(0.9 * whole))
    page = about(model, tmp_path)
    assert 0.8 * whole < (tmp_path / "app.html").stat().st_size < 0.9 * whole
    (found,) = node("outputs", [{"about": page, "rows": rows_of(model, table)}])
    np.testing.assert_allclose(array(found["probabilities"]), model.predict_proba(table), atol=1e-4)


WIDE = NeuralRegressor(preset="mlp", hidden_layers=(), epochs=1, random_state=0)


@pytest.mark.parametrize(
    ("model", "path", "kind", "message"),
    [
        (lambda: fitted("a table"), "app.txt", InputError, "a name that ends in .html. Received: app.txt"),
        (lambda: NeuralNetwork(2, [1]), "app.html", InputTypeError, "must be a NeuralClassifier or a NeuralRegressor"),
        (lambda: WIDE.fit(np.eye(201), np.arange(201)), "app.html", InputError, "at most 200 columns. Received: 201"),
    ],
)
def test_what_no_page_can_be_made_of_is_refused(model, path, kind, message, tmp_path):
    with pytest.raises(kind, match=message):
        to_html(model(), tmp_path / path)
    assert not (tmp_path / path).exists()


def test_a_page_that_stays_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.exchange.page.write_html.LARGEST", 1000)
    with pytest.raises(InputError, match=r"must stay below \d+ MB. Received: \d+\.\d MB"):
        to_html(fitted("a table"), tmp_path / "app.html")
    assert not (tmp_path / "app.html").exists()


def test_a_curve_reaches_from_end_to_end_of_float64():
    (cells,) = node("tried", [{"kind": "number", "ends": [-1.7e308, 1.7e308], "whole": False}])
    np.testing.assert_array_equal(cells, 4 * np.linspace(-1.7e308 / 4, 1.7e308 / 4, len(cells)))
