"""scikit-learn's own callbacks hear of every epoch, and may end a training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet import NeuralClassifier

callback = pytest.importorskip("sklearn.callback")
X = np.random.default_rng(0).normal(size=(40, 2))
Y = X[:, 0] > 0


class Counting:
    """Notes the tasks that end; ends the fit after so many."""

    def __init__(self, most: int) -> None:
        self.most, self.heard = most, list[str]()

    def setup(self, estimator: Any, context: Any) -> None:
        self.heard.append("setup")

    def teardown(self, estimator: Any, context: Any) -> None:
        self.heard.append("teardown")

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Nothing is noted."""

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        self.heard.append(context.task_name)
        return len(self.heard) > self.most


def _model() -> Any:
    options: dict[str, Any] = {"preset": "mlp", "hidden_layers": 2, "epochs": 3, "random_state": 0, "members": 2}
    return NeuralClassifier(**options)


def test_they_hear_of_every_epoch_of_the_first_member() -> None:
    counting = Counting(99)
    _model().set_callbacks(counting).fit(X, Y)
    assert counting.heard == ["setup", "epoch", "epoch", "epoch", "fit", "teardown"]


def test_one_may_end_the_training() -> None:
    model = _model().set_callbacks(Counting(1)).fit(X, Y)
    assert len(model.histories_[0]) == 1
    assert "scikit-learn" in model.history_.ended


def test_they_change_nothing_that_is_learned() -> None:
    watched, alone = _model().set_callbacks(Counting(99)).fit(X, Y), _model().fit(X, Y)
    np.testing.assert_array_equal(watched.predict_proba(X), alone.predict_proba(X))


def test_they_are_taken_down_after_a_fit_that_failed() -> None:
    class Failing(Counting):
        def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
            raise RuntimeError("no more")

    failing = Failing(0)
    with pytest.raises(RuntimeError, match="no more"):
        _model().set_callbacks(failing).fit(X, Y)
    assert failing.heard == ["setup", "teardown"]


@pytest.mark.parametrize("weight", [None, 1.0 + np.arange(40)])
@pytest.mark.parametrize("words", [False, True])
def test_they_may_judge_every_epoch(weight: Any, words: bool) -> None:
    y = np.array(["no", "yes"])[Y.astype(int)] if words else Y
    monitor = callback.ScoringMonitor(scoring=["neg_log_loss", "accuracy"])
    model = _model().set_params(members=1).set_callbacks(monitor).fit(X, y, sample_weight=weight)
    log = monitor.get_logs().data
    assert sorted(row["task_name"] for row in log) == ["epoch", "epoch", "epoch", "fit"]
    *earlier, last = [row["neg_log_loss"] for row in log if row["task_name"] == "epoch"]
    assert last > earlier[0]
    whole = next(row for row in log if row["task_name"] == "fit")
    assert whole["neg_log_loss"] == last == pytest.approx(-model.evaluate(X, y, weight))
    assert whole["accuracy"] == pytest.approx(model.score(X, y, sample_weight=weight))


def test_members_of_a_kind_may_have_epochs_of_their_own() -> None:
    counting = Counting(99)
    kinds = ({"epochs": 4}, {"epochs": 1})
    _model().set_params(kinds=kinds).set_callbacks(counting).fit(X, Y)
    assert counting.heard.count("epoch") == 4
