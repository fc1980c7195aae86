"""Members of several kinds: what each is, what it is judged by, and how much it counts."""

import numpy as np
import pytest

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor, explain
from glassnet.estimators import presets
from glassnet.estimators.ensemble import chosen_weights, kinds_in_words, normalized
from glassnet.estimators.folds import held_back
from glassnet.estimators.members import TimeBudget
from glassnet.estimators.presets import TableSize
from glassnet.estimators.settings import choose_settings
from glassnet.exchange.model_card import card
from glassnet.formulas.averages import averaged

KINDS = ({"spread": 0.1}, {"spread": 2.0, "hidden_layers": (6,), "epochs": 2})
FEW = {"hidden_layers": (8,), "epochs": 4, "random_state": 0, "preset": "realmlp"}


@pytest.fixture(scope="module")
def fitted(classes):
    return NeuralClassifier(**FEW, members=4, kinds=KINDS).fit(*classes)


def test_members_take_the_kinds_in_turn(fitted):
    seen = [(network.layers[0].spread, network.layers[2].units) for network in fitted.networks_]
    assert seen == [(0.1, 8), (2.0, 6), (0.1, 8), (2.0, 6)]
    assert [len(history) for history in fitted.histories_] == [4, 2, 4, 2]


def test_members_of_a_kind_share_their_layers(classes):
    model = NeuralClassifier(**FEW, members=4, kinds=KINDS).fit(*classes)
    first, second, third, fourth = (network.layers[0] for network in model.networks_)
    assert first is third
    assert second is fourth


def test_members_of_one_round_are_judged_by_the_same_rows(fitted, classes):
    X, y = classes
    parts = held_back(len(y), 2, 0.2, 0, y)
    encoded = fitted.encoder_.transform(X)
    for member, network in enumerate(fitted.networks_):
        _, held = parts[member // 2]
        history = fitted.histories_[member]
        written = history["validation_loss"][history.best_epoch - 1]
        loss = network.loss.value(network.scores(encoded[held]), network.loss.prepare(y[held], 3, np.float32)).mean()
        assert loss == pytest.approx(written, rel=1e-4)


def test_weights_make_the_answer_best_to_rows_that_no_member_has_learned_from(fitted, classes):
    """None of the weights that were tried is better on the folds, each answered by the kinds that have not seen it."""
    X, y = classes
    encoded, loss = fitted.encoder_.transform(X), fitted.network_.loss
    held = [rows for _, rows in held_back(len(y), 2, 0.2, 0, y)]
    of_kinds = [
        np.concatenate([fitted.networks_[2 * fold + kind].scores(encoded[rows]) for fold, rows in enumerate(held)])
        for kind in (0, 1)
    ]
    targets = y[np.concatenate(held)]

    def mean_loss(weights):
        mean = averaged(of_kinds, loss, weights=weights).astype(float)
        return loss.value(mean, loss.prepare(targets, 3)).mean()

    np.testing.assert_allclose(fitted.weights_, np.tile(chosen_weights(2, mean_loss, len(targets)), 2), rtol=1e-6)


def test_probabilities_are_weighed(fitted, classes):
    X, _ = classes
    encoded = fitted.encoder_.transform(X)
    scores = [network.forward(encoded).astype(float) / fitted.temperature_ for network in fitted.networks_]
    each = [np.exp(s) / np.exp(s).sum(axis=1, keepdims=True) for s in scores]
    assert fitted.weights_.std() > 0.1
    np.testing.assert_allclose(fitted.predict_proba(X), np.average(each, axis=0, weights=fitted.weights_), atol=1e-6)


def test_numbers_are_weighed(numbers):
    X, y = numbers
    model = NeuralRegressor(**FEW, members=4, kinds=KINDS, clamp=False).fit(X, y)
    each = [network.forward(model.encoder_.transform(X))[:, 0] for network in model.networks_]
    expected = np.average(each, axis=0, weights=model.weights_) * model.targets_.scale + model.targets_.center
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-4)


def test_the_engines_weigh_alike(fitted, classes):
    X, y = classes
    slow = NeuralClassifier(**FEW, members=4, kinds=KINDS, engine="reference").fit(X, y)
    np.testing.assert_allclose(slow.weights_, fitted.weights_, atol=0.2)  # rounding may turn a vote
    encoded = fitted.encoder_.transform(X)
    found = slow.network_.engine.scores(fitted.networks_, encoded, fitted.temperature_, fitted.weights_)
    np.testing.assert_allclose(found, fitted.raw_outputs(encoded), atol=1e-5)


def test_a_kind_without_a_partner_in_its_round_counts_as_its_kind_does(classes):
    model = NeuralClassifier(**FEW, members=3, kinds=KINDS).fit(*classes)
    assert model.weights_[0] == model.weights_[2] != model.weights_[1]
    assert model.weights_.mean() == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize(
    "options", [{"members": 1}, {"early_stopping": False}, {"kinds": ()}, {"kinds": ({"spread": 2.0},)}], ids=str
)
def test_where_nothing_tells_kinds_apart_all_count_alike(options, classes):
    model = NeuralClassifier(**FEW | {"members": 2, "kinds": KINDS} | options).fit(*classes)
    assert model.weights_ is None


def test_every_fold_has_all_kinds(classes):
    model = NeuralClassifier(**FEW, kinds=KINDS, cv=3).fit(*classes)
    assert [network.layers[0].spread for network in model.networks_] == [0.1, 2.0] * 3
    parts = held_back(400, 3, 1 / 3, 0, classes[1])
    encoded = model.encoder_.transform(classes[0])
    for member, network in enumerate(model.networks_):
        _, held = parts[member // 2]
        history, targets = model.histories_[member], network.loss.prepare(classes[1][held], 3, np.float32)
        loss = network.loss.value(network.scores(encoded[held]), targets).mean()
        assert loss == pytest.approx(history["validation_loss"][history.best_epoch - 1], rel=1e-4)


def test_given_rows_judge_all_kinds(classes):
    X, y = classes
    model = NeuralClassifier(**FEW, members=2, kinds=KINDS).fit(X[:300], y[:300], validation_data=(X[300:], y[300:]))
    assert model.weights_ is not None
    assert model.weights_.mean() == pytest.approx(1, rel=1e-6)


def test_whoever_is_better_alone_and_together_gets_the_votes():
    answers, target = np.array([1.0, 5.0, 3.0]), 1.0
    weights = chosen_weights(3, lambda weights: (np.mean(weights * answers) - target) ** 2, 5000)
    assert weights.argmax() == 0
    assert weights.min() > 0
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize(("rows", "share"), [(99, 1 / 3), (250, 3 / 5), (10**6, 17 / 19)])
def test_the_fewer_rows_judge_the_less_they_decide(rows, share):
    weights = chosen_weights(3, lambda weights: -weights[0], rows)
    assert weights[0] / 3 == pytest.approx(share)


def test_weights_are_the_same_numbers_in_single_precision():
    weights = normalized([1.0, 3.0, 7.0])
    np.testing.assert_array_equal(weights, weights.astype(np.float32))


# --------------------------------------------------------------- life after fit


def test_a_saved_model_weighs_as_before(fitted, classes, tmp_path):
    glassnet.save(fitted, tmp_path / "model")
    loaded = glassnet.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.weights_, fitted.weights_)
    np.testing.assert_array_equal(loaded.predict_proba(classes[0]), fitted.predict_proba(classes[0]))
    assert loaded.kinds == KINDS


def test_explanations_are_of_the_weighed_answer(fitted, classes):
    X, _ = classes
    explanation = explain(fitted, X[:5])
    np.testing.assert_allclose(explanation.value, fitted.predict_proba(X[:5]).max(axis=1), atol=1e-5)
    np.testing.assert_allclose(explanation.gap, 0, atol=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_report_and_card_say_what_each_kind_counts(language, fitted, classes, tmp_path):
    share = f"{fitted.weights_[0] / 2:.1%}"
    written = (
        glassnet.report(fitted, *classes, tmp_path / "r.html", language=language),
        card(fitted, tmp_path / "card.md", language=language),
    )
    for file in written:
        assert share in (text := file.read_text("utf-8"))
        assert "spread 2.0, hidden" in text


def test_pruning_keeps_the_weights_of_those_that_stay(classes):
    X, y = classes
    model = NeuralClassifier(**FEW, members=4, kinds=KINDS).fit(X[:300], y[:300])
    before = {network.seed: weight for network, weight in zip(model.networks_, model.weights_, strict=True)}
    model.prune(3, X[300:], y[300:])
    kept = np.array([before[network.seed] for network in model.networks_])
    np.testing.assert_allclose(model.weights_, kept / kept.mean(), rtol=1e-6)
    assert [kind["spread"] for kind in model.settings_["kinds"]] == [n.layers[0].spread for n in model.networks_]


def test_a_warm_start_goes_on_with_each_kind(classes):
    model = NeuralClassifier(**FEW, members=4, kinds=KINDS, warm_start=True).fit(*classes).fit(*classes)
    assert [len(history) for history in model.histories_] == [8, 4, 8, 4]


def test_parts_of_a_table_teach_each_kind(classes):
    model = NeuralClassifier(**FEW, members=2, kinds=KINDS).partial_fit(*classes)
    assert [network.layers[0].spread for network in model.networks_] == [0.1, 2.0]
    assert model.weights_ is None


# ------------------------------------------------------------------------ options


@pytest.fixture
def kinds_with(monkeypatch):
    """The kinds that follow from some options and a preset of two kinds."""
    of_kinds = dict(presets.BAGGED) | {"kinds": ({"spread": 0.1}, {"spread": 2.0, "epochs": 8})}
    monkeypatch.setattr(presets, "PRESETS", {"bagged": of_kinds})

    def chosen(**options):
        given = dict.fromkeys(NeuralClassifier().setting_names) | options
        return choose_settings(given, "bagged", TableSize(5000, 5), "cross_entropy")["kinds"]

    return chosen


def test_a_preset_may_have_kinds(kinds_with):
    assert kinds_with() == ({"spread": 0.1}, {"spread": 2.0, "epochs": 8})


def test_what_is_given_is_so_in_all_members(kinds_with):
    assert kinds_with(spread=0.5) == ({}, {"epochs": 8})
    assert kinds_with(spread=0.5, epochs=3) == ()
    assert kinds_with(kinds=()) == ()


def test_what_has_no_meaning_tells_no_kinds_apart(kinds_with):
    assert kinds_with(numeric_embedding="none", epochs=3) == ()
    assert kinds_with(optimizer="lbfgs", epochs=3) == ({"spread": 0.1}, {"spread": 2.0})


def test_kinds_of_other_embeddings_have_as_many_waves_as_those(kinds_with):
    kinds = ({"numeric_embedding": "periodic_relu"}, {"numeric_embedding": "periodic_relu", "frequencies": 7})
    assert [kind["frequencies"] for kind in kinds_with(kinds=kinds)] == [48, 7]


def test_where_a_member_is_lost_kinds_are_still_weighed_by_rows_that_neither_has_learned(classes, monkeypatch):
    turns = iter([True, False, True, True])
    next_turn = TimeBudget.next_turn
    monkeypatch.setattr(TimeBudget, "next_turn", lambda self: next_turn(self) if next(turns) else None)
    monkeypatch.setattr("glassnet.estimators.members.cores", lambda: 1)
    X, y = classes
    model = NeuralClassifier(**FEW, members=4, kinds=KINDS).fit(X, y, time_limit=600)
    encoded, loss = model.encoder_.transform(X), model.network_.loss
    _, held = held_back(len(y), 2, 0.2, 0, y)[1]
    answers = [model.networks_[member].scores(encoded[held]) for member in (1, 2)]  # members 2 and 3 of the four

    def mean_loss(weights):
        mean = averaged(answers, loss, weights=weights).astype(float)
        return loss.value(mean, loss.prepare(y[held], 3)).mean()

    one, other = chosen_weights(2, mean_loss, len(held))
    np.testing.assert_allclose(model.weights_, normalized([one / 2, one / 2, other]), rtol=1e-6)


def test_a_kind_is_told_without_what_its_embedding_has_of_itself():
    own = {"numeric_embedding": "piecewise_linear_tree", "spread": None, "frequencies": None, "numeric_size": 8}
    (told,) = kinds_in_words({"members": 1, "kinds": ({**own, "batch_size": 128},)}, None)
    assert told.settings == "numeric_embedding piecewise_linear_tree, batch_size 128"
