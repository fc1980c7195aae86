"""Members that are boosted trees: read as they were grown, judged on the rows of their round, and kept as a layer."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor, diagnose, load, save
from glassnet.apps.server.model import LoadedModel
from glassnet.engines import CompiledEngine
from glassnet.errors import InputError
from glassnet.estimators import boosting
from glassnet.estimators.architecture import grows_trees
from glassnet.estimators.ensemble import kinds_of_members
from glassnet.formulas.losses import LOSSES
from glassnet.insight.doctor.preparation import trained_with
from glassnet.layers import Trees
from glassnet.training import Rows

TREES = {"learner": "boosted_trees"}
BRIEF = {"preset": "mixed", "epochs": 2, "hidden_layers": (8,), "numeric_embedding": "none", "random_state": 0}
ALONE = {"kinds": (TREES,), "members": 2, "epochs": 2, "random_state": 0}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr("glassnet.estimators.boosting.STAGES", (4, 8, 16))


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=240), "b": rng.normal(size=240), "c": rng.choice(list("abcdefghijkl"), 240)})
    X.loc[::9, "a"] = np.nan
    return X, X["a"].fillna(2) + 2 * X["c"].isin(list("acegk")) + rng.normal(size=240) / 5


@pytest.mark.parametrize("kind", [HistGradientBoostingRegressor, HistGradientBoostingClassifier])
def test_trees_are_read_as_they_were_grown(kind):
    rng = np.random.default_rng(1)
    codes, x = rng.choice([0, 1, 3, 4, 5, 7], 400), rng.normal(size=400)
    y = np.sin(codes**2) + (x > 0)
    y = y if kind is HistGradientBoostingRegressor else np.digitize(y, [0, 1])
    booster = kind(max_iter=6, categorical_features=[0], min_samples_leaf=5).fit(np.stack([codes, x], 1), y)
    rows = np.array([[x, code] for x in (-2, -0.1, 0.1, 2) for code in range(9)])  # with codes that are new to it
    ask = booster.predict if kind is HistGradientBoostingRegressor else booster.decision_function
    expected = ask(rows[:, ::-1])
    base, turns = boosting.read_boosted(booster)
    seen = np.array([0, 1, 3, 4, 5, 7])
    trees = [boosting.read_tree(one, np.array([1, 0]), [seen], [8]) for turn in turns for one in turn]
    forest = boosting.pack_trees(trees, base, np.float64)
    layer = Trees(len(base), forest.trees, forest.nodes, forest.depth)
    network = NeuralNetwork.with_numbers(2, [layer], "mse", np.zeros(0), forest.statistics)
    np.testing.assert_allclose(network.forward(rows), expected.reshape(len(rows), -1), rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_each_round_has_networks_and_trees_which_are_weighed(table):
    model = NeuralRegressor(**BRIEF).fit(*table)
    kinds = [grows_trees(kind) for kind in kinds_of_members(model.settings_)]
    assert kinds[:4] == [False, True] * 2
    assert [isinstance(network.layers[0], Trees) for network in model.networks_] == kinds
    assert model.weights_ is not None
    assert model.weights_[kinds].min() > 1 > model.weights_[~np.array(kinds)].max()  # two epochs teach a network little


def test_the_same_bits_with_one_thread_and_with_several(table):
    first = NeuralRegressor(**ALONE).fit(*table)
    with threadpool_limits(3):
        again = NeuralRegressor(**ALONE).fit(*table)
    for one, other in zip(first.networks_, again.networks_, strict=True):
        np.testing.assert_array_equal(one.statistics, other.statistics)


@pytest.mark.slow
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_a_file_brings_back_the_same_answers(classes: int, table, tmp_path):
    X, y = table
    model = NeuralRegressor(**BRIEF) if not classes else NeuralClassifier(**BRIEF)
    model.fit(X, pd.qcut(y, classes, labels=list("xyz")[:classes]).astype(str) if classes else y)
    save(model, tmp_path / "model.glassnet")
    answers = [
        one.predict_proba(X) if classes else one.predict(X) for one in (model, load(tmp_path / "model.glassnet"))
    ]
    np.testing.assert_array_equal(*answers)


def test_several_targets_and_several_answers(table):
    X, y = table
    both = np.stack([y, -3 * y], 1)
    numbers = NeuralRegressor(**ALONE).fit(X, both)
    np.testing.assert_allclose(numbers.predict(X)[:, 1], -3 * numbers.predict(X)[:, 0], atol=1.0)
    yes = np.stack([y > 1, np.zeros(len(y), bool)], 1).astype(int)  # of the second there is nothing to learn
    answers = NeuralClassifier(**ALONE).fit(X, yes).predict_proba(X)
    assert answers[:, 1].max() < 0.01
    assert ((answers[:, 0] > 0.5) == yes[:, 0]).mean() > 0.9


def test_a_class_that_a_fold_does_not_have_is_unlikely_and_not_lost(table):
    X, y = table
    labels = np.where(y > 1, "high", "low")
    labels[:2] = "rare"
    folds = [(np.arange(40, 240), np.arange(40)), (np.arange(200), np.arange(200, 240))]
    model = NeuralClassifier(kinds=(TREES,), cv=folds, members=2, random_state=0).fit(X, labels)
    assert model.networks_[0].outputs == 3
    assert model.networks_[0].predict(model.encoder_.transform(X))[:, 2].max() < 0.01


def test_categories_of_very_many_levels_are_split_by_their_codes(table, monkeypatch):
    monkeypatch.setattr(boosting, "MOST_LEVELS", 5)
    model = NeuralRegressor(**ALONE).fit(*table)
    assert model.score(*table) > 0.3


def test_rows_of_weight_zero_are_not_learned(table):
    X, y = table
    wrong = y.copy()
    wrong[:40] = 100
    weight = np.ones(len(y))
    weight[:40] = 0
    with_them = NeuralRegressor(**ALONE).fit(X, wrong, sample_weight=weight)
    without = NeuralRegressor(**ALONE).fit(X[40:], y[40:])
    np.testing.assert_array_equal(with_them.predict(X), without.predict(X))


@pytest.mark.parametrize("unit", [2.0**-20, 2.0**20])  # the first as of weights that sum to one
def test_weights_in_another_unit_are_the_same_weights(table, unit):
    weight = np.arange(1.0, 241.0)
    model = NeuralRegressor(**ALONE).fit(*table, sample_weight=weight)
    again = NeuralRegressor(**ALONE).fit(*table, sample_weight=weight * unit)
    np.testing.assert_array_equal(again.predict(table[0]), model.predict(table[0]))


@pytest.mark.slow
def test_no_group_is_on_both_sides(table):
    groups = np.arange(240) // 40
    model = NeuralRegressor(**BRIEF).fit(*table, groups=groups)
    assert model.weights_ is not None


def test_an_engine_of_ones_own_stays_so(table):
    engine = CompiledEngine(workers=1)
    model = NeuralRegressor(**ALONE, engine=engine).fit(*table)
    assert all(network.engine is engine for network in model.networks_)


def test_the_time_that_is_left_ends_it(table):
    model = NeuralRegressor(kinds=(TREES,), members=1, random_state=0).fit(*table, time_limit=1e-3)
    assert len(model.histories_[0]) == 4
    assert model.histories_[0].ended == "time limit reached"


def test_what_they_cannot_do_is_said(table):
    X, y = table
    with pytest.raises(InputError, match="Boosted trees support only log loss and squared error"):
        NeuralRegressor(preset="mixed", loss="huber").fit(X, y)
    with pytest.raises(InputError, match="need a dense table"):
        NeuralRegressor(**ALONE).fit(scipy.sparse.csr_array(X[["b"]].to_numpy()), y)
    with pytest.raises(InputError, match="do not support incremental training"):
        NeuralRegressor(preset="mixed").partial_fit(X, y)
    with pytest.raises(InputError, match="must be their only setting"):
        NeuralRegressor(kinds=({}, TREES | {"epochs": 3})).fit(X, y)
    model = NeuralRegressor(**ALONE).fit(X, y)
    with pytest.raises(InputError, match="boosted trees are not"):
        model.explain(X[:2])


@pytest.mark.slow
def test_a_report_names_them_and_explains_no_rows(table, tmp_path):
    model = NeuralRegressor(**BRIEF).fit(*table)
    assert "boosted_trees" in model.report(tmp_path / "report.html", *table).read_text()


def test_another_form_of_scikit_learns_trees_is_said(table, monkeypatch):
    monkeypatch.setattr(boosting, "READ", (*boosting.READ, "of_tomorrow"))
    with pytest.raises(InputError, match="must have the format of scikit-learn"):
        NeuralRegressor(**ALONE).fit(*table)


def test_trees_read_wrongly_are_not_kept(table, monkeypatch):
    monkeypatch.setattr(boosting, "rounded_down", lambda thresholds, dtype: thresholds - 1)
    with pytest.raises(InputError, match="was read as"):
        NeuralRegressor(**ALONE).fit(*table)


def test_an_interrupt_leaves_what_was_grown_before(table, monkeypatch):
    grow = boosting.Boosters.grow

    def until_eight(self, count):
        grow(self, min(count, 6))
        if count == 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(boosting.Boosters, "grow", until_eight)
    model = NeuralRegressor(kinds=(TREES,), members=1, random_state=0).fit(*table)
    assert len(model.history_) == 4
    assert model.history_.ended == "interrupted"
    assert model.network_.layers[0].trees == model.history_.best_epoch


def test_a_server_counts_their_nodes(table, tmp_path):
    model = NeuralRegressor(**ALONE).fit(*table)
    save(model, tmp_path / "model.glassnet")
    with ThreadPoolExecutor(1) as pool:
        served = LoadedModel(tmp_path / "model.glassnet", pool)
    assert served.multiplications > sum(network.layers[0].nodes for network in model.networks_)


def test_the_doctor_looks_at_the_rates_of_the_networks_beside_them(table):
    options = {"preset": "mlp", "kinds": (TREES, {}), "members": 2, "hidden_layers": (8,), "epochs": 6}
    model = NeuralRegressor(**options, learning_rate=1e-9, batch_size=64, random_state=0).fit(*table)
    assert diagnose(model, *table).findings_of("learning_rate_low")


def test_the_doctor_says_that_trees_alone_have_no_gradients(table):
    skipped = dict(diagnose(NeuralRegressor(**ALONE).fit(*table), *table).skipped)
    assert "the network has no dense layers" in skipped.values()


@pytest.mark.slow
def test_the_rows_of_a_training_are_found_again_though_only_networks_smooth_labels(table):
    X, y = table
    model = NeuralClassifier(**BRIEF, label_smoothing=0.2).fit(X, (y > 1).astype(str))
    assert trained_with(model, X, (y > 1).astype(str))


@pytest.mark.parametrize("judged", [True, False])
def test_equal_trees_are_grown_once_and_count_as_their_kind(table, judged):
    options = BRIEF | {"kinds": ({}, TREES), "members": 6, "early_stopping": judged}
    model = NeuralRegressor(**options).fit(*table, **({"validation_data": table} if judged else {}))
    trees = np.array([isinstance(network.layers[0], Trees) for network in model.networks_])
    assert trees.tolist() == [False, True, False, False]
    assert judged or model.weights_[trees].sum() == pytest.approx(model.weights_[~trees].sum())
    assert model.weights_[~trees].std() == 0


def grown_for(classes: int) -> boosting.Boosters:
    rng, loss = np.random.default_rng(0), "cross_entropy" if classes > 2 else "binary_cross_entropy"
    rows = Rows(rng.normal(size=(10 * classes, 4)).astype(np.float32), np.arange(10 * classes) % classes, None)
    return boosting.Boosters(LOSSES.get(loss), (), rows, classes if classes > 2 else 1, 0)


def test_of_many_classes_each_has_fewer_trees_which_learn_faster():
    two, ten, many, very_many = (grown_for(classes) for classes in (2, 10, 26, 300))
    assert two.most > 512 > ten.most > many.most > very_many.most == boosting.FEWEST
    rates = [one.tasks[0][0].learning_rate for one in (two, ten, many, very_many)]
    assert rates == sorted(rates)
    assert (rates[0], rates[-1]) == (boosting.SLOWEST, boosting.FASTEST)


def test_trees_end_with_the_most_that_there_may_be(table, monkeypatch):
    X, y = table
    monkeypatch.setattr(boosting, "FEWEST", 6)
    monkeypatch.setattr(boosting, "MOST_WORK", 0)
    model = NeuralClassifier(**ALONE).fit(X, pd.qcut(y, 4, labels=[*"abcd"]).astype(str))
    assert [len(history) for history in model.histories_] == [6, 6]


def test_trees_that_were_judged_before_are_not_judged_again():
    X = np.random.default_rng(0).normal(size=(60, 2))
    rows = Rows(X, X[:, :1], None)
    growing = boosting.Boosters(LOSSES.get("mse"), (), rows, outputs=1, seed=0)
    growing.grow(3)
    first = growing.losses(rows)
    growing.grow(5)
    assert growing.losses(rows, first) == growing.losses(rows)
    assert growing.losses(rows, ["known"] * 3)[:3] == ["known"] * 3
