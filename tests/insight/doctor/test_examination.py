"""The examination as a whole: what it needs, what it says, and that healthy networks get no false alarm."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GroupKFold

from glassnet import Diagnosis, NeuralClassifier, NeuralNetwork, NeuralRegressor, Trainer, diagnose
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.doctor.examination import CHECKS
from glassnet.insight.doctor.finding import Case, graded
from glassnet.insight.doctor.preparation import prepare, trained_with
from glassnet.insight.doctor.table_checks import LOOKS
from glassnet.support.language import Text

QUICK = {"preset": "mlp", "hidden_layers": (8,), "epochs": 8, "random_state": 0}


@pytest.fixture
def dead(network, rows):
    """A network with one trouble at least: all units of its first layer are dead."""
    made = network(3, ["relu:4", 1])
    made["1.b"][...] = -1000
    return made


# ---------------------------------------------------------------------- needs


def test_what_cannot_be_looked_at_is_said_with_the_reason(network, rows):
    alone = diagnose(network(3, [1]))
    assert (alone.checked, len(alone.skipped)) == (1, len(CHECKS) - 1)
    reasons = dict(alone.skipped)
    assert reasons["dead units"] == "needs rows: give X"
    assert reasons["divergence"] == "needs the training history"
    with_rows = diagnose(network(3, [1]), rows)
    assert with_rows.checked == 4
    assert {why for name, why in with_rows.skipped if name == "gradients"} == {"needs rows with targets: give X and y"}


def test_with_everything_everything_is_looked_at(rows):
    y = (rows[:, 0] > 0).astype(int)
    held = np.random.default_rng(7).normal(size=(100, 3))
    network = NeuralNetwork(3, ["tanh:8", 1], "binary_cross_entropy", engine="reference")
    history = Trainer(epochs=8, learning_rate=0.02).fit(network, rows, y)
    diagnosis = diagnose(network, rows, y, validation_data=(held, (held[:, 0] > 0).astype(int)), history=history)
    skipped = [*(name for name, _ in LOOKS), "learning rate too low"]  # there is no table; with which optimizer?
    assert [name for name, _ in diagnosis.skipped] == skipped
    assert diagnosis.checked == len(CHECKS) - len(skipped)


def test_the_rows_of_the_training_are_recognised(rows):
    y = (rows[:, 0] > 0).astype(int)
    for options in ({}, {"members": 3}, {"class_weight": {1: 3.0}}, {"scoring": "roc_auc"}):
        model = NeuralClassifier(**QUICK, early_stopping=True, **options).fit(rows, y)
        assert trained_with(model, rows, y), options
        assert not trained_with(model, rows[::-1], y[::-1]), options
        assert not trained_with(model, rows[:-1], y[:-1]), options
        assert not trained_with(model, rows[:1], y[:1]), options
    groups = {"groups": np.arange(300) % 30}
    for cv in (None, 3, GroupKFold(4)):
        grouped = NeuralClassifier(**QUICK, early_stopping=True, cv=cv).fit(rows, y, **groups)
        assert trained_with(grouped, rows, y, **groups), cv
        assert not trained_with(grouped, rows, y), cv
    weighted = NeuralClassifier(**QUICK, early_stopping=True).fit(rows, y, sample_weight=np.linspace(1, 9, 300))
    assert not trained_with(weighted, rows, y)
    assert trained_with(weighted, rows, y, np.linspace(1, 9, 300))
    texts = pd.DataFrame(
        {"x": rows[:, 0], "text": [f"row {row} is {'small' if row < 0 else 'large'}" for row in rows[:, 1]]}
    )
    for members in (1, 3):
        reader = NeuralClassifier(**QUICK, early_stopping=True, members=members).fit(texts, y)
        assert reader.encoder_.texts == ["text"]
        assert trained_with(reader, texts, y), members
        assert not trained_with(reader, texts[:-1], y[:-1]), members
        assert not trained_with(reader, texts.assign(text=texts["text"].str.replace("small", "large")), y), members
    whole = NeuralClassifier(**QUICK, early_stopping=False).fit(rows, y)
    assert trained_with(whole, rows, y)
    assert not trained_with(whole, rows[:-1], y[:-1])
    assert not trained_with(whole, rows + 1e-6, y)
    assert not trained_with(whole, rows, 1 - y)


def test_members_are_judged_by_rows_that_they_have_not_seen(rows):
    y = rows[:, 0]
    options = QUICK | {"epochs": 30, "learning_rate": 0.02, "batch_size": 32}
    model = NeuralRegressor(**options, early_stopping=True, validation_fraction=0.25, members=4).fit(rows, y)
    diagnosis = diagnose(model, rows, y)
    assert "overfitting" in set(diagnosis.fine)


@pytest.mark.parametrize("bare", [True, False])
def test_rows_count_by_their_weights_and_keep_their_numbers(rows, bare):
    """Rows of weight 0 are not there, rows of weight 2 twice; yet a suspect row has the number it came with."""
    y = rows[:, 0].copy()
    y[17] = 1000.0
    weight = np.where(np.arange(300) < 10, 0.0, 1.0 + (np.arange(300) % 2))
    if bare:
        model = NeuralNetwork(3, [1], "mse", engine="reference")
        model.train(rows, rows[:, 0], epochs=30, learning_rate=0.05)
    else:
        model = NeuralRegressor(preset="mlp", hidden_layers=(), epochs=30, loss="mae", early_stopping=False)
        model.fit(rows, rows[:, 0], weight)
    twice = np.repeat(np.arange(300), weight.astype(int))
    weighted = prepare(model, rows, y, weight, (rows, rows[:, 0], weight), None).skill
    repeated = prepare(model, rows[twice], y[twice], None, (rows[twice], rows[twice, 0]), None).skill
    assert weighted.learned == pytest.approx(repeated.learned)
    assert weighted.of_learned == pytest.approx(repeated.of_learned)
    assert weighted.of_unseen == pytest.approx(repeated.of_unseen)
    found = diagnose(model, rows, y, sample_weight=weight)
    assert found.findings_of("suspect_labels")[0].evidence["rows"] == [17]


# --------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("arguments", "options", "error", "says"),
    [
        (["model"], {}, InputTypeError, "`model` must be a model of glassnet. Received: str"),
        ([None, None, [1.0]], {}, InputError, "need the training rows"),
        ([None, np.zeros((0, 3))], {}, InputError, "There must be at least one row"),
        ([None, np.zeros((2, 4))], {}, InputError, r"must have shape \(rows, 3\)"),
        ([None, np.full((2, 3), np.nan)], {}, InputError, "must be finite"),
        ([None, np.zeros((2, 3)), [1.0]], {}, InputError, "same number of rows"),
        ([None, np.zeros((2, 3))], {"validation_data": (1, 2)}, InputError, "no y"),
        ([None, np.zeros((2, 3))], {"sample_weight": [1, 2]}, InputError, "no y"),
        ([None, np.zeros((2, 3)), [1.0, 2.0]], {"sample_weight": [1]}, InputError, "one number per row"),
        ([None, np.zeros((2, 3)), [1.0, 2.0]], {"validation_data": 5}, InputTypeError, r"must be \(X, y\)"),
        ([None], {"history": 5}, InputError, "`history` must be the result of training"),
        ([None], {"language": "fr"}, InputError, "`language` must be one of: en, zh"),
    ],
)
def test_what_is_not_usable_is_refused(network, arguments, options, error, says):
    model = network(3, [1]) if arguments[0] is None else arguments[0]
    with pytest.raises(error, match=says):
        diagnose(model, *arguments[1:], **options)


def test_an_estimator_must_be_fitted_and_has_its_own_history(rows):
    with pytest.raises(NotFittedError):
        diagnose(NeuralRegressor())
    model = NeuralRegressor(**QUICK).fit(rows, rows[:, 0])
    with pytest.raises(InputError, match="An estimator has its own history"):
        diagnose(model, history=[1.0])
    with pytest.raises(ValueError, match="columns"):
        diagnose(model, rows[:, :2], rows[:, 0])


# ----------------------------------------------------------------- the result


def test_a_diagnosis_prints_counts_and_is_plain_data(dead, rows):
    diagnosis = diagnose(dead, rows, rows[:, 0])
    lines = str(diagnosis).splitlines()
    assert lines[0] == f"checks: {diagnosis.checked}; problems found: {len(diagnosis)}"
    assert lines[1].startswith("serious: layer 1: 4 of 4 units are dead")
    assert lines[2].startswith("  why: ")
    assert lines[3].startswith("  do: ")
    assert any(line.startswith("passed: finite numbers") for line in lines)
    assert not diagnosis.healthy
    assert [f.severity for f in diagnosis] == sorted(
        (f.severity for f in diagnosis), key=["serious", "warning", "note"].index
    )
    data = json.loads(json.dumps(diagnosis.to_dict(), allow_nan=False))
    assert data["findings"][0]["kind"] in {"dead_units", "vanishing_gradients"}
    assert data["checked"] == diagnosis.checked
    assert len(data["not checked"]) == len(diagnosis.skipped)


def test_both_languages_say_the_same_numbers(dead, rows):
    english, chinese = (diagnose(dead, rows, rows[:, 0], language=language) for language in ("en", "zh"))
    assert [finding.kind for finding in english] == [finding.kind for finding in chinese]
    assert chinese.findings_of("dead_units")[0].what == "第 1 层：4 个单元中有 4 个已经失活，对 300 个样本都没有响应"
    assert "严重：" in str(chinese)
    assert english.findings_of("nonsense") == []


def test_notes_leave_a_network_healthy():
    case = Case("kind", Text("a"), Text("b"), Text("c"))
    assert Diagnosis([case.found("note")], [], [], 1).healthy
    assert not Diagnosis([case.found("warning")], [], [], 1).healthy
    assert [f.severity for f in Diagnosis([case.found("note"), case.found("serious")], [], [], 1)] == [
        "serious",
        "note",
    ]


def test_severities_follow_from_limits():
    assert [graded(value, warning=1.0, serious=10.0) for value in (0.5, 1.0, 99.0)] == [None, "warning", "serious"]


def test_the_door_leads_to_the_doctor(rows):
    model = NeuralRegressor(**QUICK).fit(rows, rows[:, 0])
    assert (
        model.diagnose(rows, rows[:, 0], language="zh").to_dict()
        == diagnose(model, rows, rows[:, 0], language="zh").to_dict()
    )


# --------------------------------------------------------------- every model


@pytest.mark.slow
def test_every_kind_of_target_is_looked_over(rows):
    third = np.digitize(rows[:, 0], [-0.5, 0.5])
    answers = (rows > 0).astype(int)
    for model, y in (
        (NeuralClassifier(**QUICK), third),
        (NeuralClassifier(**QUICK), answers),
        (NeuralClassifier(**QUICK, loss="hinge"), np.array(["no", "yes"])[answers[:, 0]]),
        (NeuralRegressor(**QUICK), rows[:, :2]),
        (NeuralRegressor(**QUICK, loss="gaussian_nll"), rows[:, 0]),
        (NeuralRegressor(**QUICK, loss="quantile(levels=(0.1, 0.9))"), rows[:, 0]),
        (NeuralRegressor(**QUICK, optimizer="lbfgs"), rows[:, 0]),
        (NeuralRegressor(**QUICK, shared_members=3), rows[:, 0]),
    ):
        diagnosis = model.fit(rows, y).diagnose(rows, y)
        assert diagnosis.checked >= 6


# ------------------------------------------------------------ no false alarms


@pytest.mark.slow
@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_diabetes, load_digits])
def test_healthy_models_get_no_warning(load):
    X, y = load(return_X_y=True)
    kind = NeuralRegressor if load is load_diabetes else NeuralClassifier
    model = kind(random_state=0, preset="mlp").fit(X, y)
    assert model.diagnose(X, y).healthy, str(model.diagnose(X, y))


@pytest.mark.once
def test_the_default_gets_no_warning():
    X, y = load_breast_cancer(return_X_y=True)
    diagnosis = NeuralClassifier(random_state=0).fit(X, y).diagnose(X, y)
    assert diagnosis.healthy, str(diagnosis)


def test_a_small_network_on_iris_gets_no_warning():
    X, y = load_iris(return_X_y=True)
    network = NeuralNetwork(4, ["tanh:16", 3], loss="cross_entropy", engine="reference")
    losses = network.train(X, y, optimizer="adam", learning_rate=0.01, epochs=50)
    diagnosis = diagnose(network, X, y, history=losses)
    assert diagnosis.healthy, str(diagnosis)
