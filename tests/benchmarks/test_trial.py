import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from benchmarks.accuracy.models import get_model
from benchmarks.accuracy.models.bagged import FOLDS, Bagged
from benchmarks.accuracy.models.prepared import Prepared
from benchmarks.accuracy.tables import Table
from benchmarks.accuracy.trial import Order, Trials, toy_rows
from benchmarks.accuracy.worker import Worker


class Listener:
    """A model that keeps what it is given."""

    def fit(self, X, y):
        self.seen = X

    def predict(self, X):
        return X


@pytest.fixture
def frame():
    return pd.DataFrame(
        {"size [m]": [1.0, np.nan, 3.0], "kind": ["a", None, "b"], "old": [True, False, True]}, index=[7, 8, 9]
    )


def prepared(frame, **options):
    listener = Listener()
    model = Prepared(lambda categories: listener, **options).fit(frame, np.zeros(3))
    return model, listener.seen


def test_strings_become_categories_and_numbers_floats(frame):
    _, seen = prepared(frame)
    assert list(seen) == ["f0", "f1", "f2"]
    assert seen["f1"].cat.categories.tolist() == ["a", "b"]
    assert seen["f1"].isna().tolist() == [False, True, False]
    assert seen["f2"].tolist() == [1.0, 0.0, 1.0]


def test_gaps_are_filled_on_demand(frame):
    assert prepared(frame)[1]["f0"].isna().sum() == 1
    assert prepared(frame, fill_gaps=True)[1]["f0"].tolist() == [1.0, 2.0, 3.0]
    assert prepared(frame, as_text=True)[1]["f1"].tolist() == ["a", "(missing)", "b"]


def test_a_category_that_no_training_row_had_is_missing(frame):
    model, _ = prepared(frame)
    assert model._prepare(frame.assign(kind=["c", "a", "b"]))["f1"].isna().tolist() == [True, False, False]


class Nearest:
    """Answers with what it has learned about the row's own number; keeps what it was judged by."""

    def fit(self, X, y, eval_set):
        self.known, self.classes_ = dict(zip(X["row"], y, strict=True)), np.array([0, 1])
        self.judged = set(eval_set[0]["row"])
        return self

    def predict_proba(self, X):
        sure = np.array([self.known.get(row, 0.5) for row in X["row"]], float)
        return np.column_stack([1 - sure, sure])


def test_each_bagged_model_is_judged_by_the_rows_it_has_not_learned_from():
    X, y = pd.DataFrame({"row": np.arange(20)}), np.arange(20) % 2
    model = Bagged(Nearest, numbers=False, seed=0).fit(X, y)
    assert len(model.models) == FOLDS
    assert [sorted(own.judged | set(own.known)) for own in model.models] == [list(range(20))] * FOLDS
    assert not any(own.judged & set(own.known) for own in model.models)
    assert set.union(*(own.judged for own in model.models)) == set(range(20))
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 0.1 + 0.8 * y)
    assert model.predict(X).tolist() == y.tolist()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("kind", ["linear", "sklearn-mlp", "hist-gradient-boosting"])
def test_scikit_learn_s_models_learn_from_tables_with_gaps_and_strings(kind, task):
    X, y = toy_rows(task)
    X.loc[::7, "number"] = np.nan
    X.loc[::5, "category"] = None
    numbers = task == "regression"
    with threadpool_limits(1):  # the boosted trees' threads wait for each other in vain where others keep the cores
        model = get_model(kind, numbers, seed=0).fit(X, y)
    assert model.predict(X).shape == y.shape
    if not numbers:
        assert model.predict_proba(X).shape == (len(y), 2)


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=200), "kind": rng.choice(["a", "b", "c"], 200)})
    frame["y"] = np.where(frame["x"] > 0, "high", "low")
    frame.to_csv(tmp_path / "small.csv", index=False)
    return Table("small", tmp_path / "small.csv", "y", "binary", 200, "a")


@pytest.mark.filterwarnings("ignore")  # of the libraries
def test_a_trial_has_figures_times_and_sizes(table):
    pytest.importorskip("psutil")
    found = Trials().run(Order("linear", table, 0, 160))
    assert found["accuracy"] > 0.8
    assert (found["train_rows"], found["test_rows"], found["columns"]) == (120, 40, 2)
    assert (found["text_columns"], found["most_levels"]) == (1, 3)
    assert found["fit_seconds"] > 0


@pytest.mark.slow
def test_a_worker_survives_a_trial_that_fails(table):
    pytest.importorskip("psutil")
    worker = Worker()
    try:
        wrong = worker.ask(Order("linear", table, 0, 160, {"nonsense": 1}), patience=60)
        right = worker.ask(Order("linear", table, 0, 160), patience=60)
    finally:
        worker.close()
    assert wrong["status"] == "failed"
    assert "nonsense" in wrong["error"]
    assert right["status"] == "ok"


@pytest.mark.slow
def test_a_worker_that_is_too_slow_is_ended_and_starts_again(table):
    pytest.importorskip("psutil")
    worker = Worker()
    try:
        assert worker.ask(Order("linear", table, 0, 160), patience=0)["status"] == "too slow"
        assert worker.ask(Order("linear", table, 0, 160), patience=60)["status"] == "ok"
    finally:
        worker.close()
