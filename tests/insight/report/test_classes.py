"""A report speaks of the positive class, and has all that belongs to one class for each."""

from __future__ import annotations

import copy
import functools
import html
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet import NeuralClassifier
from glassnet.insight.report.texts import TEXTS
from tests.insight.report.reading import Page

QUICK = {"preset": "mlp", "hidden_layers": (8,), "epochs": 80, "learning_rate": 0.02, "random_state": 0}
NAMES = {"payments": ("fraud", "ok"), "answers": ("ja", "nein")}
SECTIONS = ("probability of “{}” is lowest", "ROC curve of “{}”", "is predicted as “{}” if")
"""What the sections that have parts for each class say of it: partial dependence, curves, thresholds."""


def rows(seed):
    """One in ten is rare: large amounts by night, small ones by day, which no line tells apart."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"amount": rng.uniform(0, 100, 800), "night": rng.random(800) < 0.5})
    return X, np.where(X["night"], X["amount"], 100 - X["amount"]) + rng.normal(0, 4, 800) > 90


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The report of a table of two classes, of which the first is rare, written once, with a copy of its model."""

    @functools.cache
    def make(table, language="en", threshold=0.5, **options):
        (X, rare), (judged, truth) = rows(1), rows(2)
        first, second = NAMES[table]
        model = NeuralClassifier(**QUICK, **options).fit(X, np.where(rare, first, second))
        model.decision_threshold_ = threshold
        file = tmp_path_factory.mktemp("report") / "r.html"
        y = np.where(truth, first, second)
        glassnet.report(model, judged, y, file, training_data=(X, np.where(rare, first, second)), language=language)
        return file.read_text("utf-8"), model, judged, y

    return lambda *table, **options: copy.deepcopy(make(*table, **options))


def verdict(name, language):
    """What an excellent model of a class is said to be good for."""
    return TEXTS["verdict.rank_excellent"].say(language, positive=name)


def parts(text):
    """By the place of a class, whether each of its parts is shown, and the part."""
    found = re.findall(
        r'<div class="of-class" data-class="(\d+)"( hidden)?>(.*?)(?=<div class="of-class"|</section>)', text, re.S
    )
    return [(int(place), not hidden, part) for place, hidden, part in found]


@pytest.mark.slow
@pytest.mark.parametrize("table", NAMES)
def test_it_praises_the_finding_of_the_rare_class(table, made):
    text, model, _, _ = made(table)
    first, second = NAMES[table]
    said = Page(text).text
    assert model.positive_ == first
    assert verdict(first, "en") in said
    assert verdict(second, "en") not in said
    assert f"probability of “{first}”" in said


@pytest.mark.slow
@pytest.mark.parametrize("table", NAMES)
def test_the_positive_class_is_shown_and_the_other_can_be(table, made):
    text, _, _, _ = made(table)
    found = parts(text)
    assert [(place, shown) for place, shown, _ in found] == [(0, True), (1, False)] * len(SECTIONS)
    for at, (place, _, part) in enumerate(found):
        assert SECTIONS[at // 2].format(NAMES[table][place]) in part
    assert re.findall(r'<option value="(\d)"( selected)?>', text) == [("0", " selected"), ("1", "")] * len(SECTIONS)


@pytest.mark.slow
def test_the_option_chooses_what_is_shown(made):
    text, _, _, _ = made("payments", positive="ok")
    assert [place for place, shown, _ in parts(text) if shown] == [1] * len(SECTIONS)
    assert verdict("ok", "en") in Page(text).text


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 1])
def test_for_each_class_the_tool_counts_what_a_prediction_would_be(place, made):
    text, model, judged, y = made("payments")
    points = json.loads(html.unescape(re.search(rf'id="chooser-{place}" data-points="([^"]*)"', text)[1]))
    name = NAMES["payments"][place]
    model.positive_ = name
    for threshold in (0.0, 0.013, 0.3, 0.5, 0.951, 1.0):
        model.decision_threshold_ = threshold
        said = model.predict(judged) == name
        assert points[round(1000 * threshold)] == [np.sum(said & (y != name)), np.sum(said & (y == name))]


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 1])
def test_the_page_says_how_a_threshold_is_applied(place, made):
    text, _, _, _ = made("payments")
    (tool,) = [part for at, _, part in parts(text) if at == place and "chooser" in part]
    (code,) = (html.unescape(one) for one in re.findall(r'<code>(.*?)<span data-role="typed">', tool, re.S))
    model = made("payments")[1]
    exec(f"{code}0.25", {"model": model})
    assert (model.positive_, model.decision_threshold_) == (NAMES["payments"][place], 0.25)


@pytest.mark.slow
def test_every_confusion_matrix_has_the_classes_in_the_order_of_the_model(made):
    text, model, _, _ = made("payments")
    classes = [str(name) for name in model.classes_]
    (whole,) = [table for table in Page(text).tables if table and table[0][:1] == ["actual ↓ predicted →"]]
    assert whole[0][1:] == classes
    of_tools = re.findall(r'data-role="(tp|fp|fn|tn)"', text)
    assert of_tools == ["tp", "fn", "fp", "tn", "tn", "fp", "fn", "tp"]
    heads = re.findall(r'<th scope="row" class="words">actual (\w+)</th>', text)
    assert heads == classes * 2


@pytest.mark.slow
def test_the_tool_begins_with_the_threshold_of_the_model(made):
    text, model, judged, y = made("payments", threshold=0.2)
    assert re.findall(r'data-now="([\d.]+)"', text) == ["20", "80"]
    (row,) = [row for row in Page(text).tables if row and row[0][:1] == ["actual ↓ predicted →"]][:1]
    assert int(row[1][1]) == np.sum((model.predict_proba(judged)[:, 0] >= 0.2) & (y == "fraud"))


@pytest.mark.slow
def test_in_chinese_too(made):
    text, _, _, _ = made("answers", "zh")
    assert "显示的类别" in text
    assert "“ja”的 ROC 曲线" in text
    assert verdict("ja", "zh") in Page(text).text


def test_classes_that_the_selector_lacks_are_counted(tmp_path):
    X = np.random.default_rng(0).normal(size=(300, 2))
    model = NeuralClassifier(**QUICK).fit(X, np.arange(300) % 15)
    text = glassnet.report(model, X, np.arange(300) % 15, tmp_path / "r.html").read_text("utf-8")
    below = text[text.index('id="curves"') :]
    assert "3 more classes are not shown." in below[: below.index("<section", 9)]


def test_each_of_several_classes_has_curves_against_the_rest(tmp_path):
    (X, _), (judged, _) = rows(1), rows(2)
    kinds = [np.where(one["amount"] > 85, "gold", np.where(one["night"], "silver", "bronze")) for one in (X, judged)]
    model = NeuralClassifier(**QUICK).fit(X, kinds[0])
    text = glassnet.report(model, judged, kinds[1], tmp_path / "r.html").read_text("utf-8")
    found = parts(text)
    # partial dependence and curves; the rarest class is shown
    assert [(place, shown) for place, shown, _ in found] == [(0, False), (1, True), (2, False)] * 2
    assert "chooser" not in re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.S)


@pytest.mark.slow
def test_the_tool_begins_with_the_costs_of_the_model_and_rows_say_what_decides(tmp_path):
    (X, rare), (judged, truth) = rows(1), rows(2)
    model = NeuralClassifier(**QUICK, costs={("fraud", "normal"): 4}).fit(X, np.where(rare, "fraud", "normal"))
    y = np.where(truth, "fraud", "normal")
    text = glassnet.report(model, judged, y, tmp_path / "r.html", language="en").read_text("utf-8")
    found = re.findall(r'data-role="cost-(false|missed)"[^>]* value="([^"]*)"', text)
    assert found == [("false", "1"), ("missed", "4"), ("false", "4"), ("missed", "1")]  # of either class
    assert f"“{model.positive_}” is predicted from a probability of" in Page(text).text


@pytest.mark.slow
def test_it_says_for_which_costs_or_score_classes_are_predicted(made, tmp_path):
    _, model, judged, y = made("payments")
    for chosen_for, words in (("f1", "chosen for the best f1"), ("costs", "the lowest expected cost")):
        model.targets_ = replace(model.targets_, chosen_for=chosen_for)
        glassnet.report(model, judged, y, tmp_path / "r.html", language="en")
        assert words in (tmp_path / "r.html").read_text("utf-8")
