"""The search: what it tries, what it chooses, when it ends, and what it refuses."""

from __future__ import annotations

import itertools
import sys
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.metrics import roc_auc_score

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.errors import DivergenceError, MissingExtraError
from glassnet.estimators import fit
from glassnet.estimators.presets import PRESETS
from glassnet.tuning import SPACES, loop, space
from glassnet.tuning import search as search_function
from glassnet.tuning.plan import make_plan

module = sys.modules["glassnet.tuning.loop"]


# ------------------------------------------------------------- what it finds


@pytest.mark.parametrize("scoring", [None, "accuracy", "roc_auc"])
def test_the_result_is_never_worse_than_the_defaults(search, scoring):
    found = search(trials=6, scoring=scoring)
    scores = [row[found.metric] for row in found.trials if row["state"] == "complete"]
    assert found.best_score == (min(scores) if scoring is None else max(scores))
    assert found.default_score == found.trials[0][found.metric]
    assert found.trials[0]["default"]
    assert found.ended == "all 6 trials are done"


def test_the_first_trial_is_the_preset_itself(search, table):
    X, y = table
    found = search(trials=1, hidden_layers=None, epochs=None, validation=(X[80:], y[80:]))
    settings = NeuralClassifier(preset="mlp").fit(X, y).settings_
    for name in ("learning_rate", "weight_decay", "dropout", "hidden_layers", "batch_size"):
        assert found.trials[0][name] == settings[name], name
    assert found.best_options == {"preset": "mlp", "activation": "relu", "numeric_embedding": "none"}
    alone = NeuralClassifier(preset="mlp", activation="relu", random_state=0).fit(X, y)
    assert found.best_score == alone.evaluate(X[80:], y[80:])
    np.testing.assert_array_equal(found.best_estimator.predict_proba(X), alone.predict_proba(X))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("loss", [None, "mae"])
def test_trials_begin_with_the_settings_of_the_estimator(preset, loss, table):
    X, y = table[0], table[0][:, 0]
    given = {"preset": preset, "loss": loss, "epochs": 1, "members": 1}
    settings = NeuralRegressor(**given).fit(X, y).settings_
    planned = make_plan(X, y, None, "regression", None, given).settings
    assert {**planned, "loss": settings["loss"]} == settings


def test_the_best_estimator_is_the_one_with_the_best_options(search, table):
    found = search(trials=5)
    again = NeuralClassifier(**found.best_options, random_state=0).fit(*table)
    np.testing.assert_array_equal(found.best_estimator.predict_proba(table[0]), again.predict_proba(table[0]))
    row = min(found.trials, key=lambda row: row["validation_loss"])
    assert not row["default"]
    for name in ("learning_rate", "weight_decay", "dropout", "batch_size"):
        assert found.best_options[name] == found.best_estimator.settings_[name] == row[name]


def test_scoring_does_not_bring_early_stopping_to_a_small_table(search):
    found = search(scoring="accuracy", trials=2)
    assert found.best_estimator.settings_["early_stopping"] is False
    assert len(found.best_estimator.history_) == 8


def test_given_options_stay(search):
    found = search(dropout=0.123, class_weight="balanced", members=2, trials=2)
    assert "dropout" not in found.trials[0]
    assert found.best_estimator.settings_["dropout"] == 0.123
    assert found.best_estimator.class_weight == "balanced"
    assert len(found.best_estimator.networks_) == 2


@pytest.mark.slow
def test_what_all_members_answer_together_is_judged(search, table):
    X, y = table
    own = (X[80:], y[80:])
    found = search(X[:80], y[:80], preset="bagged", members=3, trials=2, validation=own, scoring="roc_auc")
    model = NeuralClassifier(
        preset="bagged", members=3, scoring="roc_auc", epochs=8, hidden_layers=8, activation="relu", random_state=0,
        numeric_embedding="none",
    ).fit(X[:80], y[:80], validation_data=own)  # fmt: skip
    assert found.default_score == model.evaluate(*own) == roc_auc_score(own[1], model.predict_proba(own[0])[:, 1])


def test_a_limit_of_predictions_is_measured_once_for_all_trials(search, monkeypatch):
    measured = []

    def members_within(text, untrained, X):
        measured.append(len(untrained.networks_))
        return {"members": 2, "of": len(untrained.networks_), "measured": "9us"}

    monkeypatch.setattr(fit, "members_within", members_within)
    found = search(preset="bagged", members=3, epochs=2, validation=2, predict_limit="10us")
    assert measured == [3, 3]  # before the trials, and for the model in the end
    assert found.best_options["predict_limit"] == "10us"
    assert len(found.best_estimator.networks_) == 2


def test_width_and_depth_are_hidden_layers(search):
    found = search(hidden_layers=None, trials=3, epochs=2)
    assert all(isinstance(row["hidden_layers"], tuple) for row in found.trials)
    assert "hidden_layers" in str(found).splitlines()[0]


def test_every_preset_has_a_space_of_its_own_options():
    assert set(SPACES) == set(PRESETS)
    options = set(NeuralClassifier().get_params()) | set(space.OF_HIDDEN_LAYERS)
    for ranges in SPACES.values():
        assert set(ranges) <= options


def test_label_smoothing_is_for_labels():
    settings = dict(SPACES["mlp"], optimizer="adamw", hidden_layers=8)
    for classes, scoring, there in ((True, "accuracy", True), (True, "roc_auc", False), (False, None, False)):
        found = space.search_space("mlp", settings, {}, classes=classes, scoring=scoring)
        assert ("label_smoothing" in found) is there


@pytest.mark.parametrize("embedding", ["none", "piecewise_linear", "periodic"])
def test_waves_are_searched_for_only_where_there_can_be_some(embedding):
    settings = {"optimizer": "adamw", "hidden_layers": 8, "numeric_embedding": embedding}
    fixed = {"numeric_embedding": embedding}
    found = space.search_space("mlp", settings, fixed, classes=True, scoring=None)
    assert ({"spread", "frequencies"} <= set(found)) is (embedding == "periodic")


def test_what_a_step_of_lbfgs_does_not_use_is_not_searched_for(search):
    found = search(optimizer="lbfgs", activation=None, trials=2, epochs=3)
    assert set(found.trials[0]) & {"learning_rate", "weight_decay", "batch_size", "dropout", "activation"} == {
        "activation"
    }


def test_the_table_of_trials_is_printed_best_first(search):
    lines = str(search(trials=12, epochs=1)).splitlines()
    scores = [float(line.split()[1]) for line in lines[1:11]]
    assert scores == sorted(scores)
    assert lines[-3] == "... and 2 more"
    assert lines[-2] == "12 trials (12 complete) by 30 % of the rows; all 12 trials are done"


# ------------------------------------------------------------- tables, tasks


def test_a_table_as_people_have_it(search):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"age": rng.normal(size=90), "city": rng.choice(["Bern", "Ulm", None], 90)})
    frame.loc[::5, "age"] = np.nan
    y = pd.Series(np.where(frame["age"].fillna(0) > 0, "up", "down"))
    y[0] = "once"  # in one fold it would be judged, and never learned
    found = search(frame, y, validation=3, trials=2, scoring="accuracy")
    assert found.best_estimator.classes_.tolist() == ["down", "once", "up"]
    assert found.validation == "3 folds"
    assert found.trials[0]["epochs"] == 24


def test_numbers_are_guessed_or_named(search, table):
    X, _ = table
    found = search(X, 3 * X[:, 0] + 0.5, trials=2)
    assert isinstance(found.best_estimator, NeuralRegressor)
    found = search(X, X[:, :2], task="regression", trials=2, scoring="r2")
    assert found.best_estimator.predict(X).shape == (120, 2)
    found = search(X, np.arange(120) % 4, task="regression", trials=1)
    assert isinstance(found.best_estimator, NeuralRegressor)


def test_sparse_tables_weights_and_rows_of_their_own(search, table):
    X, y = table
    weight = np.where(np.arange(120) % 3 == 0, 0.0, 1.0)
    own = (sparse.csr_array(X[:40]), y[:40], np.ones(40))
    found = search(sparse.csr_array(X), y, sample_weight=weight, validation=own, trials=2)
    assert found.validation == "40 separate rows"
    assert "validation_loss" not in found.best_estimator.history_.columns  # trained to its last epoch, as its trials
    found = search(sparse.csr_array(X), y, validation=own, trials=1, early_stopping=True)
    assert "validation_loss" in found.best_estimator.history_.columns


def test_a_scoring_of_ones_own(search):
    def share_of_yes(estimator, X, y):
        return float((estimator.predict(X) == "yes").mean())

    found = search(scoring=share_of_yes, trials=2)
    assert found.metric == "validation_score"
    assert found.best_score >= found.default_score


# -------------------------------------------------------- chance, threads, end


def test_the_same_random_state_gives_the_same_trials(search, tried):
    first, second, other = search(trials=5), search(trials=5), search(trials=5, random_state=1)
    assert tried(first) == tried(second) != tried(other)
    assert tried(search(trials=2)) == tried(first)[:2]


def test_trials_beside_each_other(search):
    found = search(trials=4, jobs=3, epochs=1)
    assert [row["trial"] for row in found.trials] == list(range(4))
    assert {row["state"] for row in found.trials} == {"complete"}
    assert len({row["learning_rate"] for row in found.trials}) == 4


@pytest.mark.slow
def test_trials_beside_each_other_do_not_depend_on_which_is_done_first(search, tried, monkeypatch):
    def waiting(*choices):
        """Trials that wait for no reason, others each time."""
        rng, run = np.random.default_rng(choices), loop.run_trial

        def wait_and_run(*arguments):
            time.sleep(rng.random() / 20)
            return run(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(loop, "run_trial", wait_and_run)
            return tried(search(trials=12, jobs=3, epochs=4, early_stopping=True))

    first, second = waiting(1), waiting(2)
    assert first == second
    assert first != tried(search(trials=12, jobs=1, epochs=4, early_stopping=True))


def test_the_budget_is_kept_to_within_an_epoch(search, monkeypatch):
    looks = itertools.count()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: float(next(looks))))  # a look takes a second
    found = search(budget="30s")
    assert found.ended == "the budget is used up"
    assert sum(row["epochs"] for row in found.trials) <= 30
    *earlier, last = found.trials
    assert {row["state"] for row in earlier} <= {"complete", "pruned"}
    assert last["state"] == "unfinished"
    assert last["epochs"] < 8


def test_a_budget_for_less_than_the_defaults_gives_the_defaults(search, monkeypatch):
    looks = itertools.count()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: float(next(looks))))
    found = search(budget=5, early_stopping=True)
    assert [row["state"] for row in found.trials] == ["unfinished"]
    assert np.isfinite(found.best_score)
    assert found.best_score == found.default_score
    assert np.isnan(found.trials[0]["validation_loss"])
    assert len(found.best_estimator.history_) == 8


class Planned:
    """A range that gives trial after trial what was planned."""

    def __init__(self, *values):
        self.values = values

    def suggest(self, trial, name):
        return trial.suggest_float(name, *[self.values[trial.number - 1]] * 2)

    def __contains__(self, value):
        return False


def test_a_hopeless_trial_is_ended_early(search, monkeypatch):
    rates = Planned(0.010, 0.011, 0.012, 0.013, 0.014, 1e-9, 0.015)
    monkeypatch.setattr(space, "SPACES", {"mlp": {"learning_rate": rates}})
    found = search(trials=8, early_stopping=True)
    states = [row["state"] for row in found.trials]
    assert states[6] == "pruned"
    assert states.count("complete") >= 4
    assert found.trials[6]["epochs"] == 4  # half of them: where a cosine may be judged at first
    assert found.trials[6]["learning_rate"] == 1e-9


def test_folds_are_given_up_one_by_one(search, monkeypatch):
    rates = Planned(0.010, 0.011, 0.012, 0.013, 0.014, 1e-9)
    monkeypatch.setattr(space, "SPACES", {"mlp": {"learning_rate": rates}})
    monkeypatch.setattr("glassnet.tuning.trial.LATE", ())
    found = search(trials=7, validation=3, early_stopping=True)
    assert [row["epochs"] for row in found.trials][::6] == [24, 8]
    assert found.trials[6]["state"] == "pruned"


def test_a_trial_that_diverges_is_one_of_many(search, monkeypatch):
    monkeypatch.setattr(space, "SPACES", {"mlp": {"learning_rate": Planned(1e300, 0.01)}})
    found = search(trials=3, optimizer="sgd")
    assert [row["state"] for row in found.trials] == ["complete", "diverged", "complete"]
    assert "-" in str(found).split()


def test_nothing_but_divergence_is_an_error(search):
    with pytest.raises(DivergenceError):
        search(trials=2, optimizer="sgd", learning_rate=1e300)


def test_it_ends_when_everything_was_tried(search):
    decided = {"learning_rate": 0.01, "weight_decay": 0.0, "dropout": 0.0}
    found = search(budget="10m", **decided)
    assert found.ended == "every combination was tried"
    assert sorted(row["batch_size"] for row in found.trials) == [64, 128, 256]


def test_ctrl_c_keeps_the_best_and_trains_it(search, table):
    rows = []

    def interrupt(row):
        rows.append(row)
        if len(rows) == 2:
            raise KeyboardInterrupt

    found = search(trials=50, callbacks=[interrupt])
    assert found.interrupted
    assert rows == found.trials[:2]
    assert found.best_estimator.predict(table[0][:1]).shape == (1,)


def test_ctrl_c_before_there_is_anything_to_keep(search, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        search(trials=5, epochs=10**6)


def test_an_error_of_a_callback_ends_the_search(search):
    def fail(row):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        search(trials=5, callbacks=[fail])


# ----------------------------------------------------------------- refusals


def test_without_optuna_it_says_what_to_install(search, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r'needs optuna. Install it with: pip install "glassnet\[search\]"'):
        search()


def test_it_is_reached_from_the_library_itself():
    assert glassnet.search is search_function
