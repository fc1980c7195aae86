"""The verdict in codes: what decides it, and what it warns of."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

from glassnet.insight.baselines import LOGISTIC, MEAN, MOST_FREQUENT, RIDGE
from glassnet.insight.doctor.finding import Case
from glassnet.insight.doctor.target_checks import LEAKED
from glassnet.insight.doctor.training_checks import NOTHING_LEARNED, OVERFITTING
from glassnet.insight.predictions import Predictions
from glassnet.insight.report.judgement import judge
from glassnet.insight.report.subject import Origin, Subject
from glassnet.insight.report.verdict_section import next_step, result

ROWS = 400
CLASSES = np.array(["no", "yes"])


def subject(network, simple, y, **more):
    """A subject whose models say what they are told to."""
    settings = {"calibration": more.pop("calibration", "none")}
    encoder = SimpleNamespace(feature_names_in=[f"c{place}" for place in range(2000)])  # too many to be shuffled
    model = SimpleNamespace(settings_=settings, encoder_=encoder, targets_=SimpleNamespace(positive=1))
    known = {"findings": [], "language": "en"} | more
    made = Subject(
        model, None, y, None, [], network, simple, False, None, Origin(target="came"), known["language"],
        known["findings"],
    )  # fmt: skip
    vars(made).update(columns=None, near_duplicates=[], noticed=[])
    return made


def numbers(ours, theirs, **more):
    """Numbers with errors of two sizes, beside ridge regression and the mean."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=ROWS)
    network, simple = (Predictions(y + size * rng.normal(size=ROWS)) for size in (ours, theirs))
    return subject(network, {RIDGE: simple, MEAN: Predictions(np.full(ROWS, y.mean()))}, y, **more)


def classes(strength, share=0.5, shift=0.0, **more):
    """Two classes, told apart as strongly as wanted, with probabilities that are honest where there is no shift."""
    rng = np.random.default_rng(0)
    score = strength * rng.normal(size=ROWS) + np.log(share / (1 - share))
    y = CLASSES[(rng.random(ROWS) < 1 / (1 + np.exp(-score))).astype(int)]
    yes = 1 / (1 + np.exp(-score - shift))
    network = Predictions(CLASSES[(yes > 0.5).astype(int)], np.stack([1 - yes, yes], axis=1), CLASSES)
    common = np.tile([np.mean(y == "no"), np.mean(y == "yes")], (ROWS, 1))
    constant = Predictions(np.full(ROWS, CLASSES[common[0].argmax()]), common, CLASSES)
    return subject(network, {LOGISTIC: more.pop("simple", constant), MOST_FREQUENT: constant}, y, **more)


@pytest.mark.parametrize(
    ("error", "code"), [(0.1, "excellent"), (0.4, "good"), (0.65, "fair"), (0.8, "weak"), (3.0, "useless")]
)
def test_numbers_are_graded_by_the_variance_explained(error, code):
    found = judge(numbers(error, 5.0))
    assert (found.use, found.code) == ("estimate", code)


@pytest.mark.parametrize(("strength", "code"), [(6.0, "excellent"), (2.2, "good"), (1.3, "fair"), (0.8, "weak")])
def test_two_classes_are_graded_by_their_ranking(strength, code):
    found = judge(classes(strength))
    assert (found.use, found.code, found.metric.key) == ("rank", code, "roc_auc")


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "It does as well as ridge regression: RMSE 0"), ("zh", "与岭回归不相上下：均方根误差同为 0。")],
)
def test_the_same_score_is_no_difference_that_may_be_chance(language, said):
    text = str(result(numbers(0.0, 0.0, language=language)))
    assert said in text
    assert "+0" not in text


@pytest.mark.parametrize(
    ("ours", "theirs", "code", "step"),
    [(0.3, 0.6, "better", "again"), (0.3, 0.3, "equal", "simple_as_good"), (0.6, 0.3, "worse", "simple_better")],
)
def test_beside_a_simple_model_the_interval_of_the_difference_decides(ours, theirs, code, step):
    found = judge(numbers(ours, theirs))
    assert found.beats[0].code == code
    assert found.steps[0].code == step
    assert (found.code == "worse") == (code == "worse")


def test_a_simple_model_with_worse_probabilities_is_not_as_good():
    """It ranks the rows alike, and its probabilities say much less."""
    network = classes(3.0).predicted
    flat = Predictions(network.values, 0.5 + 0.1 * (network.probabilities - 0.5), CLASSES)
    worse, alike = (judge(classes(3.0, simple=simple)) for simple in (flat, network))
    assert worse.beats[0].code == alike.beats[0].code == "equal"
    assert "simple_as_good" in [step.code for step in alike.steps]
    assert "simple_as_good" not in [step.code for step in worse.steps]


def test_a_page_that_doubts_a_network_does_not_say_that_it_beats_the_constant():
    """The bootstrap interval of these rows excludes 0, twice the standard error does not."""
    rng = np.random.default_rng(93)
    y = rng.standard_t(2, size=25)
    network, constant = Predictions(0.3 * y + 0.2 * rng.normal(size=25)), Predictions(np.full(25, y.mean()))
    made = subject(network, {MEAN: constant}, y)
    found = judge(made)
    assert (found.code, found.beats[0].code) == ("doubtful", "equal")
    assert "It is not significantly better than the mean as a constant prediction: RMSE" in str(result(made))


def test_a_leak_comes_before_every_grade():
    leak = LEAKED.found("serious", **dict.fromkeys(re.findall(r"{(\w+)", "".join(LEAKED.what + LEAKED.remedy)), 1))
    found = judge(numbers(0.1, 1.0, findings=[leak]))
    assert (found.code, found.finding, found.steps[0].code) == ("check", leak, "remedy")


def test_a_rare_class_that_is_missed_is_named():
    found = judge(classes(1.5, share=0.1))
    (missed,) = [limit for limit in found.limits if limit.code == "missed"]
    assert missed.values["name"] == "yes"
    assert missed.values["recall"] < 0.5


@pytest.mark.parametrize(("calibration", "step"), [("none", "calibrate"), ("temperature", "ranks_only")])
def test_probabilities_that_are_off_are_not_to_be_trusted(calibration, step):
    found = judge(classes(3.0, shift=2.5, calibration=calibration))
    assert "off" in [limit.code for limit in found.limits]
    assert step in [each.code for each in found.steps]
    assert "off" not in [limit.code for limit in judge(classes(3.0)).limits]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("made", [lambda **m: numbers(0.6, 0.3, **m), lambda **m: classes(1.5, share=0.1, **m)])
def test_every_verdict_has_words(made, language):
    verdict = result(made(language=language))[0].data
    said = [
        verdict["says"],
        verdict["limits"],
        *verdict["next"],
        *(text for _, texts in verdict["answers"] for text in texts),
    ]
    assert "{" not in "".join(said)
    assert verdict["says"]


def test_a_difference_has_the_sign_that_readers_expect():
    found = numbers(0.5, 1.0)
    ours, theirs = (found.scores[name]["rmse"] for name in ("network", RIDGE))
    (compared, _) = result(found)[0].data["answers"][0][1]
    assert f"The difference of −{theirs - ours:.4g} is significant" in compared


def test_of_a_serious_fault_of_the_table_and_its_consequence_the_fault_comes_first():
    """Nothing is learned since all that could be is free text: no learning rate cures that."""
    told = [Case.named("free_text").found("serious"), NOTHING_LEARNED.found("warning")]
    (step,) = (step for step in judge(numbers(3.0, 5.0, findings=told)).steps if step.code == "finding")
    assert step.values["finding"].kind == "free_text"


def test_without_a_finding_the_next_step_says_what_the_scores_are_worth():
    known = numbers(0.1, 1.0)
    assert next_step(known) == "Evaluate it on rows newer than these 400 from time to time (glassnet evaluate)."
    vars(known)["learned"] = True
    assert (
        next_step(known)
        .say("zh")
        .startswith("可以投入使用（glassnet predict、glassnet export）：评分来自未参与训练的 400 个样本")
    )


def test_the_doctors_remedy_is_the_next_step_and_a_simple_model_comes_after_it():
    steps = judge(numbers(0.3, 0.3, findings=[Case.named("still_learning").found("warning")])).steps
    assert [step.code for step in steps] == ["finding", "simple_as_good", "again"]


def test_a_gap_between_training_and_test_rows_asks_for_more_rows():
    """The doctor calls it a note: nothing is wrong, but more rows would help, by these figures."""
    gap = OVERFITTING.found("note", gone_of_learned="98% lower", gone="61% lower", where="400 validation rows")
    said = next_step(numbers(0.1, 1.0, findings=[gap]))
    assert "98% lower on the training rows, and 61% lower on 400 validation rows. More rows help most" in said


def test_errors_of_a_threshold_are_counted_by_kind():
    made = classes(2.2)
    step = judge(made).steps[0]
    missed = int(((made.y == "yes") & (made.predicted.values == "no")).sum())
    assert (step.code, step.values["missed"], step.values["positives"]) == (
        "threshold",
        missed,
        (made.y == "yes").sum(),
    )


def of_three(a_for_b, others):
    """Three classes, of which so many rows of "a" are taken for "b", and so many of each other kind of error occur."""
    y = np.repeat(["a", "b", "c"], ROWS)
    said = y.copy()
    said[:a_for_b] = "b"
    said[ROWS : ROWS + others], said[2 * ROWS : 2 * ROWS + others] = "c", "a"
    constant = Predictions(np.full(len(y), "a"), None, np.array(["a", "b", "c"]))
    return subject(Predictions(said, None, constant.classes), {MOST_FREQUENT: constant}, y)


def test_two_classes_that_are_confused_are_named_with_the_share_of_the_errors():
    assert next_step(of_three(30, 5)) == (
        "Check the labels of “a” and “b”, or add a column that distinguishes them: 30 of the 40 errors confuse these "
        "two classes."
    )


@pytest.mark.parametrize(("a_for_b", "others"), [(10, 10), (4, 0), (0, 0)])
def test_errors_that_are_even_or_few_are_no_confusion_of_two_classes(a_for_b, others):
    assert "confused" not in [step.code for step in judge(of_three(a_for_b, others)).steps]
