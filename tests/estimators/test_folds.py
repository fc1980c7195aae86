"""Folds of one's own, groups and time order: what judges an epoch, a member or a temperature was not learned from."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    ShuffleSplit,
    TimeSeriesSplit,
)

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.errors import InputError, TrainingWarning
from glassnet.estimators.folds import FitRows, folds_of, held_back
from glassnet.training import Ties

FEW = {"preset": "realmlp", "hidden_layers": (16,), "epochs": 2, "random_state": 0}
SETTINGS = {"cv": None, "members": 1, "validation_fraction": 0.2}


class Rows:
    """Whoever sees a member at its beginning sees the rows that it learns from."""

    every_member = True

    def __init__(self):
        self.learned = {}

    def on_train_begin(self, run):
        self.learned[run.network.seed] = run.rows


class Families:
    """Thirty groups of ten rows that are nearly alike; the class is drawn by lot for each group, and so its alone."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.groups = np.repeat(np.arange(40), 10)
        self.X = rng.normal(size=(40, 6))[self.groups] + 0.01 * rng.normal(size=(400, 6))
        self.y = rng.integers(0, 2, 40)[self.groups]


@pytest.fixture(scope="module")
def families():
    return Families()


def folds(rows, *, ties=None, strata=None, all_folds=True, **settings):
    given = FitRows(np.zeros((rows, 1)), np.zeros(rows), strata, ties or Ties(), np.arange(rows))
    return folds_of(SETTINGS | settings, 0, given, all_folds=all_folds)


# ------------------------------------------------------------------------ folds


def test_a_number_of_folds_has_a_member_for_each(table, classifier):
    model = classifier(cv=3, epochs=2).fit(table.X, table.words)
    assert len(model.networks_) == model.settings_["members"] == 3
    assert model.settings_["early_stopping"]


@pytest.mark.parametrize(("members", "cv", "expected"), [(5, 3, 6), (5, 5, 5), (1, 4, 4), (20, 10, 20)])
def test_members_of_the_preset_are_rounded_up_to_whole_rounds(members, cv, expected):
    assert len(folds(40, members=members, cv=cv)) == expected


def test_members_that_are_given_take_the_folds_in_turn():
    pairs = [([0, 1], [2]), ([1, 2], [3])]
    found = folds(4, members=3, cv=pairs, all_folds=False)
    assert [held.tolist() for _, held in found] == [[2], [3], [2]]


def test_classes_keep_their_shares_in_a_number_of_folds():
    strata = np.repeat([0, 1], [80, 20])
    for _, held in folds(100, strata=strata, cv=4):
        assert np.bincount(strata[held]).tolist() == [20, 5]


def test_a_splitter_says_who_is_judged_by_what(table, regressor):
    seen = Rows()
    model = regressor(cv=ShuffleSplit(2, test_size=0.4, random_state=0), epochs=1, callbacks=[seen])
    model.fit(table.X, table.number)
    assert sorted(seen.learned.values()) == [90, 90]


def test_pairs_and_the_splitter_that_they_are_from_give_the_same_bits(table, classifier):
    fits = [classifier(cv=cv, epochs=2).fit(table.X, table.words) for cv in (KFold(3), [*KFold(3).split(table.X)])]
    probabilities = {model.predict_proba(table.X).tobytes() for model in fits}
    assert len(probabilities) == 1


def test_folds_that_a_column_names():
    fold = np.array([0, 1, 2, -1] * 5)  # minus one is always learned from
    for number, (learned, held) in enumerate(folds(20, cv=PredefinedSplit(fold))):
        assert set(fold[held]) == {number}
        assert len(learned) + len(held) == 20


def test_pairs_are_numbers_of_the_rows_as_given(table, classifier):
    weight = np.ones(150)
    weight[::3] = 0
    pairs = [(np.arange(100), np.arange(100, 150))]
    given = classifier(cv=pairs).fit(table.X, table.words, sample_weight=weight)
    kept = np.flatnonzero(weight)
    held = table.X[kept[kept >= 100]], table.words[kept[kept >= 100]]
    learned = table.X[kept[kept < 100]], table.words[kept[kept < 100]]
    by_hand = classifier().fit(*learned, validation_data=held)
    np.testing.assert_array_equal(given.network_.parameters, by_hand.network_.parameters)


def test_the_encoder_knows_no_row_that_judges_all():
    X = np.r_[np.arange(10.0), 1000.0][:, None]
    model = NeuralRegressor(**FEW, cv=[(np.arange(10), [10])], members=2).fit(X, X[:, 0])
    assert model.encoder_.transform([[4.5]]) == pytest.approx(0)


def test_members_judged_by_the_same_rows_are_calibrated_together(table):
    """As with rows of their own, for none of them has learned from these."""
    learned, held = np.arange(100), np.arange(100, 150)
    options = FEW | {"members": 2}
    given = NeuralClassifier(**options, cv=[(learned, held)]).fit(table.X, table.words)
    apart = NeuralClassifier(**options).fit(
        table.X[learned], table.words[learned], validation_data=(table.X[held], table.words[held])
    )
    assert given.temperature_ == apart.temperature_ != 1


def test_folds_go_through_clones_and_searches(table, classifier):
    assert clone(classifier(cv=GroupKFold(3))).cv.n_splits == 3
    search = GridSearchCV(classifier(epochs=2), {"cv": [None, 2]}, cv=2, error_score="raise")
    search.fit(table.X, table.words)
    assert len(search.cv_results_["params"]) == 2


def test_a_file_has_folds_but_no_row_numbers(table, classifier, tmp_path):
    for cv, kept in ((3, 3), (KFold(3), KFold(3)), ([(np.arange(100), np.arange(100, 150))], None)):
        model = classifier(cv=cv, epochs=1).fit(table.X, table.words)
        glassnet.save(model, tmp_path / "model")
        again = glassnet.load(tmp_path / "model")
        assert repr(again.cv) == repr(again.settings_["cv"]) == repr(kept)
        np.testing.assert_array_equal(again.predict_proba(table.X), model.predict_proba(table.X))


# ----------------------------------------------------------------------- groups


@pytest.mark.parametrize("members", [1, 3, 7])
def test_no_group_is_on_both_sides_of_any_member(families, members):
    parts = held_back(400, members, 0.2, 0, families.y, Ties(groups=families.groups))
    assert len(parts) == members
    for learned, held in parts:
        assert not np.intersect1d(families.groups[learned], families.groups[held]).size
        assert len(learned) + len(held) == 400
        assert len(held) == pytest.approx(80, abs=10)


def test_stopping_sees_through_a_class_that_is_a_matter_of_the_group(families):
    """By rows of the same groups the network looks perfect, by other groups no better than a coin."""
    options = {**FEW, "epochs": 60, "scoring": "accuracy", "preset": "mlp", "learning_rate": 0.02, "dropout": 0.0}
    leaky = NeuralClassifier(**options).fit(families.X, families.y)
    honest = NeuralClassifier(**options).fit(families.X, families.y, groups=families.groups)
    assert leaky.validation_curve_[-1] == 1
    assert honest.validation_curve_[-1] < 0.8


@pytest.mark.parametrize("members", [1, 3])
def test_calibration_sees_through_it_too(families, members):
    options = FEW | {"members": members, "epochs": 60}
    leaky = NeuralClassifier(**options).fit(families.X, families.y)
    honest = NeuralClassifier(**options).fit(families.X, families.y, groups=families.groups)
    assert leaky.temperature_ < 0.8  # it may be surer still
    assert honest.temperature_ > 0.85


def test_a_splitter_gets_the_groups(families):
    model = NeuralClassifier(**FEW, cv=LeaveOneGroupOut()).fit(families.X, families.y, groups=families.groups // 10)
    assert len(model.networks_) == 4


def test_few_groups_have_few_folds():
    parts = folds(30, ties=Ties(groups=np.repeat([0, 1, 2], 10)), members=5)
    assert [len(held) for _, held in parts] == [10] * 5


@pytest.mark.filterwarnings("ignore:The groups parameter is ignored by KFold")
@pytest.mark.parametrize("cv", [KFold(5, shuffle=True, random_state=0), [(np.arange(1, 30), [0])]])
def test_folds_that_part_a_group_are_refused(families, cv):
    with pytest.raises(InputError, match="No group may be on both sides"):
        NeuralClassifier(**FEW, cv=cv).fit(families.X, families.y, groups=families.groups)


# ------------------------------------------------------------------------ times


def test_all_members_are_judged_by_the_latest_rows():
    times = np.random.default_rng(0).permutation(50)
    parts = folds(50, ties=Ties(times=times), members=3)
    for learned, held in parts:
        assert times[held].min() == 40 > times[learned].max()


def test_a_number_of_folds_goes_forward_in_time(table, classifier):
    seen = Rows()
    classifier(cv=4, epochs=1, callbacks=[seen]).fit(table.X, table.words, times=np.arange(150)[::-1])
    assert sorted(seen.learned.values()) == [30, 60, 90, 120]


def test_a_splitter_goes_forward_in_time_if_the_rows_do(table, classifier):
    model = classifier(cv=TimeSeriesSplit(3), epochs=1)
    assert len(model.fit(table.X, table.words, times=np.arange(150)).networks_) == 3
    with pytest.raises(InputError, match="Validation rows must be later"):
        model.fit(table.X, table.words, times=np.arange(150)[::-1])


def test_stopping_sees_a_change_that_time_brings(table, regressor):
    """The target turns round at the end: only rows of that time can tell."""
    times = np.arange(150)
    y = np.where(times < 120, 1.0, -1.0) * table.X[:, 0]
    blind = regressor(epochs=100, early_stopping=True).fit(table.X[:120], y[:120])
    seeing = regressor(epochs=100, validation_fraction=0.2).fit(table.X, y, times=times)
    assert seeing.history_.best_epoch < blind.history_.best_epoch


# ------------------------------------------------------------------ what is none


def test_a_score_judges_rows_that_lack_a_class_and_the_loss_where_it_has_no_value_for_them(table, classifier):
    y = np.array(table.letters, object)
    y[:2] = "rare"
    whole = np.arange(150)
    folds = [(whole[75:], whole[:75]), (whole[:75], whole[75:])]
    model = classifier(scoring="neg_log_loss", cv=folds, epochs=2).fit(table.X, y)
    assert all("validation_neg_log_loss" in history.columns for history in model.histories_)
    model = classifier(scoring="roc_auc_ovo", cv=folds, epochs=2)
    with pytest.warns(TrainingWarning, match="do not include every class, so 'roc_auc_ovo' is undefined"):
        model.fit(table.X, y)
    assert ["validation_roc_auc_ovo" in history.columns for history in model.histories_] == [True, False]
    assert all(history.best_epoch for history in model.histories_)
    with pytest.raises(InputError, match="must be measured on rows of every class"):
        model.evaluate(table.X[2:], y[2:])


@pytest.mark.parametrize("rows", [2, 3, 5])
def test_there_are_no_more_folds_than_rows(rows):
    """A fold without rows would judge nothing, and training asked for rows that were there."""
    assert all(len(learned) and len(judging) for learned, judging in held_back(rows, 10, 0.1, 0, None))
    X = np.arange(float(rows))[:, None]
    model = NeuralRegressor(preset="fast", epochs=1, random_state=0).fit(X, X[:, 0])
    assert np.isfinite(model.predict(X)).all()
