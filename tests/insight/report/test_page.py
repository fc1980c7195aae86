"""A report: whole, true, readable by programs, in two languages, and nothing from elsewhere."""

from __future__ import annotations

import copy
import functools
import html
import json
import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor, TableEncoder
from glassnet.display.templating import STYLE, fingerprint
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.calibration import expected_calibration_error
from glassnet.insight.bootstrap import RESAMPLES
from glassnet.insight.doctor.finding import Case
from glassnet.support.language import Text, minus
from glassnet.training import History
from glassnet.training.history import ENDINGS, Ending
from glassnet.training.history_display import ending as ending_in_words
from tests.insight.report.conftest import QUICK, answers, people
from tests.insight.report.reading import Page

KINDS = ("binary", "multiclass", "hinge", "regression", "quantiles", "deviation")
SECTIONS = {
    "binary": {"curves", "thresholds", "calibration", "confusions"},
    "multiclass": {"curves", "calibration", "confusions"},
    "hinge": {"confusions"},
    "regression": {"residuals"},
    "quantiles": {"residuals"},
    "deviation": {"residuals"},
}
SEEN = {"result", "compared", "dependence", "explained", "distributions", "findings"}
FOLDED = {"scores", "importances", "columns", "rows", "asked", "split", "training", "network", "reproduce"}


@pytest.fixture(scope="module")
def make(models, judged, answers_of, learned, tmp_path_factory):
    """Writes the report of a model of some kind, and gives its text."""

    def make(kind, language="en", weight=True, training=True):
        X, _, weights = judged
        given = (learned[0], answers(learned[1], {"hinge": "binary"}.get(kind, kind)), learned[2]) if training else None
        file = glassnet.report(
            models[kind], X, answers_of(kind), tmp_path_factory.mktemp("report") / "r.html",
            sample_weight=weights if weight else None, training_data=given, target="back?", language=language,
        )  # fmt: skip
        return file.read_text(encoding="utf-8")

    return make


@pytest.fixture(scope="module")
def made(make):
    """The same for those who only read it: each report is written once."""
    return functools.cache(make)


# ------------------------------------------------------------------- its form


@pytest.mark.slow
@pytest.mark.sample(6)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_well_formed_small_and_alone(made, kind, language):
    text = made(kind, language)
    page = Page(text)
    assert len(text.encode()) < 300_000
    assert text.startswith("<!DOCTYPE html>\n<html lang=" + ('"en"' if language == "en" else '"zh-Hans"'))
    assert not re.search(r"https?://|<script .|<link|@import|url\(", text)
    assert text.count("<script") == 1
    for attribute in ("href", "src"):
        assert all(value.startswith("#") for value in page.all(attribute))
    identifiers = page.all("id")
    assert len(identifiers) == len(set(identifiers))
    assert {value[1:] for value in page.all("href")} <= set(identifiers)
    assert {name for value in page.all("aria-labelledby") for name in value.split()} <= set(identifiers)
    sections = {found["id"] for tag, found in page.elements if tag == "section"}
    assert sections == SEEN | FOLDED | SECTIONS[kind]
    folded = re.findall(r'<section id="(\w+)"[^>]*>\s*<details>', text)
    assert set(folded) == FOLDED
    assert "nan" not in page.text.lower().replace("finance", "")
    assert not re.search(r"\{[a-z_]+[:}]", page.text)  # nothing was left to be filled in


@pytest.mark.slow
def test_a_page_has_landmarks_headings_and_labels(made):
    page = Page(made("binary"))
    tags = [tag for tag, _ in page.elements]
    assert [tags.count(tag) for tag in ("h1", "main", "header", "nav", "footer")] == [1] * 5
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    first_link = next(found for tag, found in page.elements if tag == "a")
    assert first_link == {"href": "#main", "class": "skip"}
    assert tags.count("table") == tags.count("caption") == len(page.tables)
    assert all(found.get("scope") in ("col", "row") for tag, found in page.elements if tag == "th")
    pictures = [found for tag, found in page.elements if tag == "svg" and found.get("role") == "img"]
    assert len(pictures) == tags.count("figure") >= 4
    assert all(found["aria-label"] for found in pictures)
    assert [found for tag, found in page.elements if tag == "details" and "open" in found] == []
    assert {found["name"] for tag, found in page.elements if tag == "meta" and "name" in found} >= {"viewport"}


@pytest.mark.slow
def test_chinese_has_no_english_sentences(made, sample):
    for kind in sample(KINDS, 3):
        page = Page(made(kind, "zh"))
        words = page.text.split("复现")[-2]
        assert not re.search(r"\b(the|of|rows|is|with|are|and)\b", words), kind


@pytest.mark.slow
def test_chinese_has_no_space_behind_a_unit(made):
    words = Page(made("multiclass", "zh")).text
    assert "个百分点至" in words
    assert "个百分点 至" not in words


def test_what_comes_from_the_table_is_escaped(tmp_path):
    bad = '<script>alert("&")</script>'
    rng = np.random.default_rng(0)
    X = pd.DataFrame({bad: rng.normal(size=120), "b": rng.choice([bad, "x'\"<i>"], 120)})
    y = np.where(X[bad] + rng.normal(size=120) > 0, bad, "</title><b>no\u202e")
    model = NeuralClassifier(**QUICK).fit(X, y)
    file = glassnet.report(model, X, y, tmp_path / "r.html", target=bad)
    text = file.read_text()
    assert text.count("<script") == 1
    assert "<script>alert" not in text
    assert "<b>no" not in text
    page = Page(text)
    assert f"Report: predicting {bad}" in page.text
    assert bad in page.table("Columns of")[1]
    assert "\u202e" not in text
    assert r"no\u202e" in text


# ---------------------------------------------------------------- its numbers


@pytest.mark.slow
def test_scores_and_baselines_are_those_of_scikit_learn(made, models, judged, answers_of, learned):
    page = Page(made("binary"))
    X, _, weight = judged
    y, model = answers_of("binary"), models["binary"]
    encoder = TableEncoder().fit(learned[0], sample_weight=learned[2])
    simple = LogisticRegression(max_iter=300)
    simple.fit(encoder.transform(learned[0]), answers(learned[1], "binary"), learned[2])
    common = DummyClassifier().fit(learned[0], answers(learned[1], "binary"), learned[2])
    rows = page.table("Scores on 200 rows")
    assert [row[0] for row in rows] == ["Model", "the network", "logistic regression", "the most frequent class"]
    for row, fitted, table in zip(rows[1:], (model, simple, common), (X, encoder.transform(X), X), strict=True):
        proba = fitted.predict_proba(table)
        assert (
            row[1].split("|")[0]
            == f"{100 * metrics.accuracy_score(y, fitted.predict(table), sample_weight=weight):.2f}%"
        )
        assert row[3].split("|")[0] == f"{metrics.roc_auc_score(y, proba[:, 1], sample_weight=weight):.4f}"
        assert row[4].split("|")[0] == f"{metrics.log_loss(y, proba, sample_weight=weight):.4f}"


@pytest.mark.slow
def test_a_regression_has_its_own(made, models, judged, answers_of, learned):
    page = Page(made("regression"))
    X, _, weight = judged
    y = answers_of("regression")
    encoder = TableEncoder().fit(learned[0], sample_weight=learned[2])
    ridge = Ridge().fit(encoder.transform(learned[0]), answers(learned[1], "regression"), learned[2])
    rows = page.table("Scores on")
    for row, said in zip(
        rows[1:], (models["regression"].predict(X), ridge.predict(encoder.transform(X))), strict=False
    ):
        assert row[1].split("|")[0] == f"{metrics.root_mean_squared_error(y, said, sample_weight=weight):.4g}"
        assert row[3].split("|")[0] == minus(f"{metrics.r2_score(y, said, sample_weight=weight):.4f}")
    error = np.abs(models["regression"].predict(X) - y)
    assert f"Half of the errors are at most {np.quantile(error, 0.5):.4g}, nine in ten at most" in page.text
    worst = page.table("The 10 rows with the largest loss")
    assert [int(row[0]) - 1 for row in worst[1:]] == np.argsort(-error)[:10].tolist()


@pytest.mark.slow
def test_an_interval_is_that_of_draws_with_the_seed(made, models, judged, answers_of):
    X, _, weight = judged
    right = models["binary"].predict(X) == answers_of("binary")
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(right), len(right)) for _ in range(RESAMPLES)]
    low, high = np.percentile([np.average(right[draw], weights=weight[draw]) for draw in draws], [2.5, 97.5])
    cell = Page(made("binary")).table("Scores on")[1][1]
    assert cell.split("|")[1] == f"{100 * low:.2f}% – {100 * high:.2f}%"


@pytest.mark.slow
def test_calibration_errors_are_before_and_after_the_temperature(made, models, judged, answers_of):
    model, y = models["binary"], (answers_of("binary") == "yes").astype(int)
    text = Page(made("binary")).text
    after = expected_calibration_error(model.predict_proba(judged[0]), y, weight=judged[2])
    yes = 1 / (
        1
        + np.exp(
            -model.temperature_ * np.log(model.predict_proba(judged[0])[:, 1] / model.predict_proba(judged[0])[:, 0])
        )
    )
    before = expected_calibration_error(np.stack([1 - yes, yes], axis=1), y, weight=judged[2])
    assert f"divided the logits by {model.temperature_:.3f}" in text
    assert f"calibrated, mean error {after:.3f}" in text
    assert f"before calibration, mean error {before:.3f}" in text


@pytest.mark.slow
def test_confusions_and_classes_are_counted(made, models, judged, answers_of):
    page = Page(made("multiclass"))
    y, said = answers_of("multiclass"), models["multiclass"].predict(judged[0])
    table = page.table("Sums of sample weights")
    shown = [[float(cell.strip("|")) for cell in row[1:]] for row in table[1:]]
    np.testing.assert_allclose(shown, metrics.confusion_matrix(y, said, sample_weight=judged[2]), rtol=1e-3)
    recall = metrics.recall_score(y, said, average=None, sample_weight=judged[2])
    assert [float(row[2].removesuffix("%")) for row in page.table("Metrics by class")[1:]] == pytest.approx(
        100 * recall, abs=0.051
    )


@pytest.mark.slow
def test_promises_are_checked(made, models, judged, answers_of):
    rows = Page(made("quantiles", weight=False)).table("Coverage requested")
    y, said = answers_of("quantiles"), models["quantiles"].predict(judged[0])
    assert [float(row[1].removesuffix("%")) for row in rows[1:]] == pytest.approx(
        [100 * np.mean(y <= said[:, at]) for at in range(3)], abs=0.051
    )
    assert rows[1][0] == "10% of the rows lie below the quantile 0.1"
    assert "68.3% of the rows lie within 1 standard deviations" in Page(made("deviation")).text


@pytest.mark.slow
def test_columns_are_described_and_oddities_named(made, learned):
    page = Page(made("binary"))
    rows = {row[0]: row[1:] for row in page.table("Columns of the 400 training rows")}
    age = learned[0]["age"]
    assert rows["age"] == [
        "number", f"{100 * age.isna().mean():.1f}%".replace(".0%", "%"), f"{age.nunique()}",
        f"{age.min():.0f} · {age.median():.4g} · {age.max():.0f}",
    ]  # fmt: skip
    top = learned[0]["city"].value_counts(normalize=True)
    assert rows["city"][3].startswith(f"{top.index[0]} {100 * top.iloc[0]:.0f}%, ")
    assert rows["since"][0] == "datetime"
    assert rows["member"][0] == "boolean"
    assert "always is the same in every row" in page.text


@pytest.mark.slow
def test_new_levels_and_gaps_are_named(models, learned, judged, answers_of, tmp_path):
    X = judged[0].copy()
    X.loc[3, "city"], X.loc[4, "city"] = "Linz", "Linz"
    X["member"] = X["member"].astype(object)
    X.loc[5, "member"] = None
    training = (learned[0], answers(learned[1], "binary"))
    file = glassnet.report(models["binary"], X, answers_of("binary"), tmp_path / "r.html", training_data=training)
    text = Page(file.read_text()).text
    assert "In 2 test rows, city has values not seen in training, such as 'Linz'" in text
    assert "member has no missing values in the training rows, but 1 in the test rows" in text


def test_a_target_that_the_model_remembers_is_named(tmp_path):
    X = pd.DataFrame({"a": np.arange(30.0)})
    model = NeuralRegressor(**QUICK).fit(X, X["a"])
    model.notes_["target"] = "rent"
    page = Page(glassnet.report(model, X, X["a"], tmp_path / "r.html", language="zh").read_text())
    assert "报告：预测 rent" in page.text
    assert "预测的 rent 的平均值在" in page.text


@pytest.mark.parametrize("note", [{"members": 1, "of": 3, "measured": "<b>41us</b>"}, {}, 7], ids=str)
def test_what_a_limit_of_predictions_allowed_is_told_as_far_as_notes_say(note, tmp_path):
    X = pd.DataFrame({"a": np.arange(30.0)})
    model = NeuralRegressor(**QUICK, predict_limit="1s").fit(X, X["a"])
    model.notes_["predict_limit"] = note
    text = Page(glassnet.report(model, X, X["a"], tmp_path / "r.html").read_text()).text
    assert ("`predict_limit` 1s allows 1 of 3 networks: <b>41us</b>, measured" in text) == (note not in ({}, 7))
    assert ("`predict_limit` 1s allows" in text) == (note not in ({}, 7))


def test_a_column_that_decides_is_the_most_important(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 40)), columns=[f"c{number}" for number in range(40)])
    y = 3 * X["c37"] + rng.normal(size=300) / 10
    model = NeuralRegressor(**QUICK).fit(X, y)
    page = Page(glassnet.report(model, X, y, tmp_path / "r.html").read_text())
    rows = page.table("Increase in RMSE")
    assert len(rows) == 31  # of 40 columns only 30 are shown
    assert ", of 40 columns." in page.text
    assert rows[1][0] == "c37"
    assert float(rows[1][1]) > 3 * float(rows[2][1])


@pytest.mark.slow
def test_the_training_is_told(made, models):
    page, history = Page(made("binary")), models["binary"].history_
    assert f"best epoch: {history.best_epoch}" in page.text
    row = page.table("Training of each member")[1]
    assert row[:3] == ["1", str(len(history)), str(history.best_epoch)]
    settings = dict(page.table("All settings")[1:])
    assert settings["hidden_layers"] == "(8,)"
    assert settings["epochs"] == "15"
    layers = page.table("Layers, from")
    assert sum(int(row[-1].replace(",", "")) for row in layers[1:]) == models["binary"].network_.layout.size


def test_without_training_rows_simple_models_learn_in_folds(made):
    page = Page(made("binary", training=False))
    assert "by 3-fold cross-validation" in page.text
    rows = page.table("Scores on")
    assert [row[0] for row in rows[2:]] == ["logistic regression", "the most frequent class"]
    assert float(rows[2][1].split("%")[0]) > float(rows[3][1].split("%")[0])


def test_the_door_writes_the_same(made, models, judged, answers_of, tmp_path):
    X, _, weight = judged
    file = models["binary"].report(
        tmp_path / "door.html", X, answers_of("binary"), sample_weight=weight, target="back?"
    )
    assert file == tmp_path / "door.html"
    scores = Page(file.read_text()).table("Scores on")
    assert scores == Page(made("binary", training=False)).table("Scores on")


# ----------------------------------------------------------------- odd tables


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [1, 2, 25])
def test_few_rows_are_no_problem(models, judged, answers_of, tmp_path, kind, rows):
    file = glassnet.report(models[kind], judged[0].head(rows), answers_of(kind)[:rows], tmp_path / "r.html")
    page = Page(file.read_text())
    assert f"Tested on {rows} rows" in page.text
    assert ("The scores are unreliable with so few rows" in page.text) == (rows < 20)
    assert "nan" not in page.text.lower()


@pytest.mark.slow
def test_arrays_sparse_tables_and_weights_of_zero(tmp_path):
    from scipy import sparse

    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 5)) * (rng.random((200, 5)) < 0.4)
    y = (X[:, 0] + rng.normal(size=200) / 4 > 0).astype(int)
    weight = np.r_[np.zeros(50), np.ones(150)]
    dense = NeuralClassifier(**QUICK).fit(X, y)
    page = Page(glassnet.report(dense, X, y, tmp_path / "r.html", sample_weight=weight).read_text())
    assert "Tested on 150 rows" in page.text
    assert min(int(row[0]) for row in page.table("The 10 rows")[1:]) > 50
    thin = sparse.csr_array(X)
    fitted = NeuralClassifier(**QUICK).fit(thin, y)
    page = Page(glassnet.report(fitted, thin, y, tmp_path / "r.html").read_text())
    assert "The table is sparse, with 5 columns" in page.text
    assert page.table("Increase in")[1][0] == "x0"


@pytest.mark.slow
def test_many_classes_have_no_matrix(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 3))
    y = (np.clip(X[:, 0], -1.99, 1.99) * 5 + 10).astype(int)
    model = NeuralClassifier(**QUICK).fit(X, y)
    page = Page(glassnet.report(model, X, y, tmp_path / "r.html").read_text())
    pairs = page.table("The most frequent confusions")
    counts = metrics.confusion_matrix(y, model.predict(X))
    np.fill_diagonal(counts, 0)
    assert int(pairs[1][2]) == counts.max()


@pytest.mark.slow
def test_findings_of_the_doctor_are_shown(make, models, learned, judged, monkeypatch):
    asked = []

    def diagnose(model, X=None, y=None, *, sample_weight=None, validation_data=None, language, verbose):
        asked.append((model, X, validation_data and len(validation_data[1]), language))
        case = Case("width", Text("Too <wide>."), Text("64 units"), Text("Take 8"))
        return iter([case.found("serious")])

    monkeypatch.setattr("glassnet.insight.report.page.diagnose", diagnose)
    text = make("binary")
    assert asked == [(models["binary"], learned[0], 200, "en")]
    assert '<span class="severity">serious</span> Too &lt;wide&gt;.' in text
    assert "64 units" in text
    assert "Take 8" in text
    assert "严重" in make("binary", "zh", training=False)
    assert asked[1] == (models["binary"], None, None, "zh")
    monkeypatch.setattr("glassnet.insight.report.page.diagnose", lambda *_, **__: [])
    assert "The diagnosis found no problems" in make("binary")


def test_what_is_serious_stands_out_more_than_a_warning():
    filled = {selector for selector, rule in re.findall(r"([^{}]+?)\s*\{([^{}]*)\}", STYLE) if "background" in rule}
    of_findings = {
        name for selector in filled for name in selector.split() if re.match(r"\.(finding|warning|serious)", name)
    }
    assert of_findings == {".finding.serious"}


# ------------------------------------------------------------------- refusals


def test_what_no_report_can_be_made_of(models, judged, answers_of, tmp_path):
    X, _, _ = judged
    y, model, file = answers_of("binary"), models["binary"], tmp_path / "r.html"
    with pytest.raises(InputTypeError, match="A report needs a NeuralClassifier or NeuralRegressor. Received: Ridge"):
        glassnet.report(Ridge(), X, y, file)
    with pytest.raises(ValueError, match="not fitted"):
        glassnet.report(NeuralClassifier(), X, y, file)
    two = NeuralRegressor(**QUICK).fit(X[["always", "member"]], np.c_[judged[1], judged[1]])
    with pytest.raises(InputError, match="one target per row"):
        glassnet.report(two, X, y, file)
    with pytest.raises(InputError, match="same number of rows"):
        glassnet.report(model, X, y[:-1], file)
    with pytest.raises(InputError, match="must be among the classes"):
        glassnet.report(model, X, np.where(y == "yes", "perhaps", y), file)
    with pytest.raises(InputError, match="minimum of 1 is required"):
        glassnet.report(model, X.head(0), y[:0], file)
    with pytest.raises(InputError, match="`language` must be one of"):
        glassnet.report(model, X, y, file, language="fr")
    with pytest.raises(InputTypeError, match="`training_data` must be"):
        glassnet.report(model, X, y, file, training_data=X)
    with pytest.raises(InputError, match=r"The folder of a report must exist. Received: .*none"):
        glassnet.report(model, X, y, tmp_path / "none" / "r.html")
    with pytest.raises(InputError, match="must be a file"):
        glassnet.report(model, X, y, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_finished_leaves_the_old_one(models, judged, answers_of, tmp_path, monkeypatch):
    from glassnet.insight.report import page

    file = tmp_path / "r.html"
    file.write_text("old")
    monkeypatch.setattr(page, "page", lambda subject: "\ud800")  # no text that a file can hold
    with pytest.raises(UnicodeEncodeError):
        glassnet.report(models["binary"], judged[0], answers_of("binary"), file)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.slow
def test_more_rows_only_thin_the_points(tmp_path):
    X, score, _ = people(6000, seed=3)
    y = answers(score, "regression")
    model = NeuralRegressor(**(QUICK | {"epochs": 2})).fit(X, y)
    text = glassnet.report(model, X, y, tmp_path / "r.html").read_text()
    (points,) = re.findall(r'class="points a" d="([^"]*)"', text)
    assert points.count("h0") == 1000
    assert "1,000 of the 6,000 rows are shown" in text


def test_why_training_ended_is_said_in_the_language_of_the_report():
    history = History()
    history.end("time", count=5, whole=32)
    history.endings += (Ending("left_out", numbers={"count": 2, "whole": 5}),)
    assert ending_in_words(history, language="zh") == "达到时间限制，停在第 5 轮（共 32 轮）；5 个成员中有 2 个没有训练"
    history.end("callback", "good enough")
    assert ending_in_words(history, language="zh") == "good enough"


@pytest.mark.parametrize("code", ENDINGS)
def test_programs_and_people_are_told_the_same_text_of_an_ending(code):
    assert str(Ending(code, numbers={"count": 3, "whole": 4})) == ENDINGS[code].say("en", count=3, whole=4)


# ------------------------------------------------------------ what it is for


def test_the_first_thing_said_is_a_verdict(made):
    text = made("binary")
    within = text.split("<main")[1]
    first = re.search(r'<section id="(\w+)"[^>]*>\s*<h2[^>]*>[^<]*</h2>\s*<div class="verdict (\w+)">', within)
    assert first is not None
    assert first[1] == "result"
    assert first[2] in ("good", "middling", "bad")


@pytest.mark.slow
def test_the_same_model_and_rows_give_the_same_page(make, made):
    assert make("multiclass") == made("multiclass")


@pytest.mark.slow
def test_thresholds_count_what_a_prediction_would_be(made, models, judged, answers_of):
    text = made("binary", weight=False)
    points = json.loads(html.unescape(re.search(r'id="chooser-1" data-points="([^"]*)"', text)[1]))
    positive, probability = answers_of("binary") == "yes", models["binary"].predict_proba(judged[0])[:, 1]
    said = models["binary"].predict(judged[0]) == "yes"
    assert points[500] == [np.sum(said & ~positive), np.sum(said & positive)]
    assert points[0] == [np.sum(~positive), np.sum(positive)]
    above = probability >= 0.3
    assert points[300] == [np.sum(above & ~positive), np.sum(above & positive)]
    row = next(row for row in Page(text).table("Some thresholds for “yes”") if row[0] == "30%")
    assert [int(cell) for cell in row[1:4]] == [points[300][1], points[300][0], np.sum(positive) - points[300][1]]


@pytest.mark.slow
def test_the_top_of_the_list_holds_as_many_as_the_report_says(made, models, judged, answers_of):
    text = made("binary", weight=False)
    positive, probability = answers_of("binary") == "yes", models["binary"].predict_proba(judged[0])[:, 1]
    found = np.cumsum(positive[np.argsort(-probability, kind="stable")]) / positive.sum()
    taken = np.arange(len(found) + 1) / len(found)
    tenth, fifth = np.interp([0.1, 0.2], taken, [0, *found])
    assert f"contain {tenth:.0%} of all “yes” rows, the top 20% contain {fifth:.0%}" in text


def test_only_the_script_of_the_page_may_run(made):
    text = made("binary")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    assert f"script-src 'sha256-{fingerprint(script)}'" in html.unescape(policy)
    assert html.unescape(policy).startswith("default-src 'none'; ")
    assert not re.search(r"fetch|XMLHttpRequest|import|eval|innerHTML|https?:", script)


def test_calibration_without_rows_to_fit_it_on_is_said_to_have_had_none(models, judged, answers_of, tmp_path):
    model = copy.copy(models["binary"])
    model.temperature_, model.histories_ = 1.0, models["multiclass"].histories_
    text = Page(glassnet.report(model, judged[0], answers_of("binary"), tmp_path / "r.html").read_text()).text
    assert "no rows were held out to fit a temperature on" in text
    assert "needed no correction" not in text


def test_rows_are_explained_right_wrong_and_unsure(made, models, judged, answers_of):
    text = made("binary")
    said, y = models["binary"].predict(judged[0]), answers_of("binary")
    sure = models["binary"].predict_proba(judged[0]).max(axis=1)
    section = text.split('<section id="explained"')[1].split("</section>")[0]
    groups = dict(part.split('"', 1) for part in re.split(r'<div class="(?=right|wrong|unsure)', section)[1:])
    rows = {name: [int(row) - 1 for row in re.findall(r"<b>Row (\d+):", found)] for name, found in groups.items()}
    assert all(said[row] == y[row] for row in rows["right"])
    assert {said[row] for row in rows["right"]} == {"yes", "no"}
    assert all(said[row] != y[row] for row in rows["wrong"])
    assert max(sure[rows["unsure"]]) <= np.sort(sure)[5]
    assert all("mostly because" in found or "although" in found for found in groups.values())


def test_columns_that_say_the_same_are_named(learned, judged, tmp_path):
    X, score, _ = learned
    twice = X.assign(town=X["city"])
    model = NeuralClassifier(**QUICK).fit(twice, answers(score, "binary"))
    y = answers(judged[1], "binary")
    page = Page(glassnet.report(model, judged[0].assign(town=judged[0]["city"]), y, tmp_path / "r.html").read_text())
    assert "city and town are nearly redundant" in page.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("temperature", "says"),
    [(1.0, "temperature fitted on held-out rows is 1"), (2.0, "overconfident"), (0.5, "underconfident")],
)
def test_what_calibration_did_is_said_as_it_is(models, judged, answers_of, tmp_path, temperature, says):
    model = copy.copy(models["binary"])
    model.temperature_ = temperature
    text = Page(glassnet.report(model, judged[0], answers_of("binary"), tmp_path / "r.html").read_text()).text
    assert says in text
    assert "no rows were held out" not in text
    plain = copy.copy(models["multiclass"])
    text = Page(glassnet.report(plain, judged[0], answers_of("multiclass"), tmp_path / "r.html").read_text()).text
    assert "The probabilities are not calibrated" in text
