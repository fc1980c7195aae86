"""A network that is no better than one answer for all rows is told so, with the likely reason."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.baselines import MOST_FREQUENT, baselines, verdict, z_scores
from glassnet.insight.doctor.training_checks import HIGH, LOW, OVERFITTING, UNDERFITTING
from glassnet.insight.predictions import Predictions
from glassnet.insight.scores import STANDARD_ERRORS
from glassnet.tables.encoder import TableEncoder

CONSTANT = {"accuracy": 0.6, "balanced_accuracy": 0.5, "roc_auc": 0.5, "log_loss": 0.67}
METRICS = ("accuracy", "balanced_accuracy", "log_loss")
GOOD = {"accuracy": 0.8, "balanced_accuracy": 0.8, "roc_auc": 0.9, "log_loss": 0.4}


def judged(network, simple=GOOD, findings=(), *, constant=CONSTANT, errors=0.02, rows=400, **options):
    """The verdict where every score has the same standard error."""
    scores = {"network": GOOD | network, "logistic regression": simple, "most frequent class": constant}
    z_scores = {
        name: {key: (-1) ** (key == "log_loss") * (scores[name][key] - constant[key]) / errors for key in METRICS}
        for name in ("network", "logistic regression")
    }
    return verdict(scores, z_scores, rows, lambda: findings, **options)


@pytest.mark.parametrize(
    ("network", "options", "says"),
    [
        ({"accuracy": 0.6, "log_loss": 0.67}, {}, "no better than the majority-class baseline"),
        ({"accuracy": 0.55, "log_loss": 0.7}, {}, "accuracy 55.00% against 60.00%, log loss 0.7000 against 0.6700"),
        ({"accuracy": 0.6}, {}, "no more accurate than"),
        ({"log_loss": 0.9}, {}, "worse than the class frequencies"),
        ({"balanced_accuracy": 0.5}, {"weighted": True}, "balanced accuracy 50.00% against 50.00%"),
    ],
)
def test_what_is_no_better_is_said_in_both_languages(network, options, says):
    said = judged(network, **options)
    assert says in said.words.say("en")
    assert "{" not in said.words + said.words.say("zh")


@pytest.mark.parametrize(("network", "options"), [({}, {}), ({"accuracy": 0.5, "log_loss": 0.9}, {"weighted": True})])
def test_what_is_better_is_not_accused(network, options):
    assert judged(network, findings=None, **options) is None  # and nobody is asked why


def test_who_was_compared_with_nothing_is_not_accused():
    assert verdict({"network": CONSTANT}, None, 400, lambda: 1 / 0) is None
    assert verdict({}, None, 0, lambda: 1 / 0) is None


@pytest.mark.parametrize("options", [{}, {"weighted": True}])
def test_a_lead_that_may_be_chance_is_no_proof(options):
    said = judged({"accuracy": 0.65, "balanced_accuracy": 0.55, "log_loss": 0.66}, errors=0.1, rows=60, **options)
    assert said.words.startswith("60 rows are too few to tell")
    assert ("balanced accuracy 55.00% against 50.00%" in said.words) == bool(options)
    assert ("log loss 0.6600 against 0.6700" in said.words) != bool(options)
    assert "仅凭这 60 个样本，看不出" in said.words.say("zh")


def test_of_very_few_rows_nothing_is_believed():
    for rows in (2, 19):
        assert "The scores are unreliable with so few rows" in judged({}, findings=None, rows=rows).words
    assert verdict({"network": CONSTANT}, None, 2, lambda: 1 / 0).words.startswith(
        "The scores are unreliable with so few rows"
    )
    worse = judged(CONSTANT, rows=2)
    assert "no better than" in worse.words
    assert "so few rows" in worse.more


def test_noise_is_told_from_a_signal_by_the_differences_row_by_row():
    rng = np.random.default_rng(0)
    truth, shares = rng.choice(["no", "yes"], 60), np.full((60, 2), 0.5)
    classes, sure = np.array(["no", "yes"]), np.where((truth == "no")[:, None], [0.9, 0.1], [0.1, 0.9])
    guessed = rng.choice(classes, 60)
    constant = Predictions(np.full(60, "no"), shares, classes)
    models = {"knows": Predictions(truth, sure, classes), "guesses": Predictions(guessed, shares, classes)}
    found = z_scores(truth, models | {MOST_FREQUENT: constant})
    gain = (guessed == truth).astype(float) - (truth == "no")
    assert found["guesses"]["accuracy"] == pytest.approx(gain.mean() / (gain.std(ddof=1) / np.sqrt(60)))
    assert found["guesses"]["log_loss"] == 0
    assert min(found["knows"].values()) > 5
    assert z_scores(truth, models) is None


def test_of_pure_noise_about_one_table_in_forty_is_taken_for_a_signal():
    """As the documentation says: that is what twice a standard error promises."""
    rng, classes, proven = np.random.default_rng(0), np.array(["no", "yes"]), 0
    for _ in range(400):
        yes = 1 / (1 + np.exp(-0.5 * rng.normal(size=60)))
        answers = Predictions(classes[(yes > 0.5).astype(int)], np.stack([1 - yes, yes], axis=1), classes)
        constant = Predictions(np.full(60, "no"), np.full((60, 2), 0.5), classes)
        found = z_scores(rng.choice(classes, 60), {"network": answers, MOST_FREQUENT: constant})
        proven += max(found["network"][key] for key in ("accuracy", "log_loss")) >= STANDARD_ERRORS
    assert 4 <= proven <= 20


def test_where_nobody_finds_anything_a_high_learning_rate_is_no_reason():
    high = HIGH.found("warning", jumps=4, epochs=20, largest=0.1)
    for simple in (CONSTANT, CONSTANT | {"log_loss": 0.668}):  # better by chance
        assert (
            "regression is not significantly better than the constant prediction"
            in judged(CONSTANT, simple=simple, findings=[high]).more
        )
    assert "the learning rate is too high" in judged(CONSTANT, simple=GOOD, findings=[high]).more


def test_where_a_forest_finds_more_the_network_is_to_blame():
    behind = UNDERFITTING.found("serious", learned=0.0, gone="nothing", forest=0.4)
    assert "underfitting" in judged(CONSTANT, simple=CONSTANT, findings=[behind]).more


def test_the_likeliest_cause_is_named_first():
    many = OVERFITTING.found("serious", gone_of_learned="much", gone="nothing", rows=9)
    slow = LOW.found("warning", ratio=1e-7, steps=80, change=1e-5)
    reason = judged(CONSTANT, findings=[many, slow]).more
    assert reason.startswith("Likely reason: the learning rate is too low")
    assert "Multiply the learning rate by 10" in reason
    assert "学习率过低" in reason.say("zh")


def test_without_a_cause_the_simple_models_are_asked():
    likely = judged(CONSTANT, simple=CONSTANT).more
    assert "regression is not significantly better than the constant prediction" in likely
    assert judged(CONSTANT, simple=GOOD).more is None


def test_of_a_network_that_found_something_it_is_not_said_that_nobody_did():
    """Its probabilities are bad, or its lead may be chance: of the columns that says nothing."""
    assert judged({"log_loss": 0.9}, simple=CONSTANT).more is None
    doubtful = judged({"accuracy": 0.65, "log_loss": 0.66}, simple=CONSTANT, errors=0.1, rows=60).more
    assert doubtful == "The same is true of logistic regression. Evaluate on more rows to tell."
    assert doubtful.say("zh").startswith("逻辑回归也是如此")


def test_models_that_nobody_asked_found_neither_nothing_nor_anything():
    alone = {"network": CONSTANT, "most frequent class": CONSTANT}
    assert verdict(alone, {"network": dict.fromkeys(METRICS, 0.0)}, 400, list).more is None


def test_a_rare_class_is_no_failure_and_only_a_rare_one_is_called_so():
    said = judged({"accuracy": 0.9}, constant=CONSTANT | {"accuracy": 0.9}, findings=None)
    assert "balanced" in said.more
    assert judged({"accuracy": 0.6}, findings=None).more is None


def test_simple_models_learn_targets_that_float32_does_not_hold():
    X = np.arange(20.0, dtype=np.float32)[:, None]
    small, large = (dict(baselines(X, unit * X[:, 0].astype(float), None, X, classes=False)) for unit in (1, 2.0**200))
    for name, predicted in small.items():
        np.testing.assert_allclose(large[name].values, predicted.values.astype(float) * 2.0**200, rtol=1e-5)


@pytest.mark.parametrize(("classes", "simple"), [(True, "logistic regression"), (False, "ridge regression")])
def test_simple_models_learn_from_the_words_that_the_network_learns_from(classes, simple):
    texts = [[f"{('dull', 'fine')[i % 2]} story {i}"] for i in range(80)]
    encoder = TableEncoder(free_text="auto").fit(texts)
    assert encoder.ngrams
    X, y = encoder.transform(texts), np.arange(80) % 2
    predicted = dict(baselines(X[:60], y[:60], None, X[60:], classes=classes))[simple]
    assert np.allclose(predicted.values, y[60:], atol=0.2)
