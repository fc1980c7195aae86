"""A network that is no better than one answer for all rows is told so, with the likely reason."""

from __future__ import annotations

import pytest

from glassnet.insight.doctor.fitting import OVERFITTING
from glassnet.insight.doctor.learning import LOW
from glassnet.insight.verdict import verdict

CONSTANT = {"accuracy": 0.6, "balanced_accuracy": 0.5, "roc_auc": 0.5, "log_loss": 0.67}
GOOD = {"accuracy": 0.8, "balanced_accuracy": 0.8, "roc_auc": 0.9, "log_loss": 0.4}


def judged(network, simple=GOOD, findings=(), **options):
    scores = {"network": GOOD | network, "logistic regression": simple, "most frequent class": CONSTANT}
    return verdict(scores, lambda: findings, **options)


@pytest.mark.parametrize(
    ("network", "options", "says"),
    [
        ({"accuracy": 0.6, "log_loss": 0.67}, {}, "no better than answering every row with the most frequent class"),
        ({"accuracy": 0.55, "log_loss": 0.7}, {}, "accuracy 55.00 % against 60.00 %, log loss 0.7000 against 0.6700"),
        ({"accuracy": 0.6}, {}, "answers no more rows right"),
        ({"log_loss": 0.9}, {}, "worth less than the shares of the classes"),
        ({"balanced_accuracy": 0.5}, {"weighted": True}, "balanced accuracy 50.00 % against 50.00 %"),
    ],
)
def test_what_is_no_better_is_said_in_both_languages(network, options, says):
    said = judged(network, **options)
    assert says in said.words.say("en")
    assert "{" not in said.words.en + said.words.zh


@pytest.mark.parametrize(("network", "options"), [({}, {}), ({"accuracy": 0.5, "log_loss": 0.9}, {"weighted": True})])
def test_what_is_better_is_not_accused(network, options):
    assert judged(network, findings=None, **options) is None  # and nobody is asked why


def test_who_was_compared_with_nothing_is_not_accused():
    assert verdict({"network": CONSTANT}, lambda: 1 / 0) is None
    assert verdict({}, lambda: 1 / 0) is None


def test_the_likeliest_cause_is_named_first():
    many = OVERFITTING.found("serious", gone_of_learned="much", gone="nothing", rows=9)
    slow = LOW.found("warning", ratio=1e-7, steps=80, change=1e-5)
    reason = judged(CONSTANT, findings=[many, slow]).reason
    assert reason.en.startswith("Likely reason: the learning rate is too low")
    assert "Multiply the learning rate by 10" in reason.en
    assert "学习率过低" in reason.zh


def test_without_a_cause_the_simple_models_are_asked():
    assert "simple models find nothing either" in judged(CONSTANT, simple=CONSTANT).reason.en
    assert judged(CONSTANT, simple=GOOD).reason is None


def test_a_rare_class_is_no_failure():
    said = judged({"accuracy": 0.6}, findings=None)
    assert said.reason is None
    assert "balanced" in said.words.en
