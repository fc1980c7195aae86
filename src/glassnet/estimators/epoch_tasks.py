"""scikit-learn's own callbacks, where its version has them (from 1.9): each epoch is a task of the fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from glassnet.estimators.partitions import Encoded
from glassnet.training import Rows, Run

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # an older version

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """There is nothing to support."""

    def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
        """The method as it is."""
        return method


if TYPE_CHECKING:
    from glassnet.estimators.base import NeuralEstimator

__all__ = ["OF_CALLBACKS", "WATCHING", "CallbackSupportMixin", "EpochTasks", "epoch_tasks", "with_callbacks"]

OF_CALLBACKS = ("_callback_fit_ctx", "_skl_callbacks_to_teardown")
"""What scikit-learn keeps at an estimator during a fit, and needs after one that failed."""
SET = ("_skl_callbacks", "_parent_callback_ctx")
WATCHING = (*SET, *OF_CALLBACKS)
"""Where it keeps who looks on."""


class EpochTasks:
    """A callback: tells those of scikit-learn of each epoch of the first member, and ends where one of them says so.

    Who wants to judge an epoch is given the rows as they are encoded, and an estimator that takes them so.
    """

    rows: Rows | None = None

    def __init__(self, estimator: NeuralEstimator, context: Any) -> None:
        self.estimator, self.context = estimator, context

    def on_epoch_end(self, run: Run) -> None:
        def learned() -> dict[str, Any]:
            of_first = {"networks_": [run.network.copy()], "histories_": [run.history]}
            return of_first | {"weights_": None, "temperature_": 1.0}

        self.rows = run.data
        task = self.context.subcontext(task_name="epoch")
        task.call_on_fit_task_begin(estimator=self.estimator)
        if task.call_on_fit_task_end(estimator=self.estimator, **self._known(learned)):
            run.stop, run.reason = True, "a callback of scikit-learn ended it"

    def end(self) -> None:
        """The fit is over."""
        self.context.call_on_fit_task_end(estimator=self.estimator, **self._known(dict))

    def _known(self, learned: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The data available to a callback, computed on first access."""
        rows = self.rows
        if rows is None:
            return {}
        return {
            "X": rows.X,
            "y": lambda: self.estimator.targets_.decode_targets(rows.y),
            "metadata": {} if rows.weight is None else {"sample_weight": rows.weight},
            "reconstruction_attributes": lambda: learned() | {"encoder_": Encoded()},
        }


def epoch_tasks(estimator: Any, epochs: int) -> list[EpochTasks]:
    """The adapter to scikit-learn's callbacks of a fit; None if neither it nor a meta-estimator has any."""
    if not any(hasattr(estimator, name) for name in SET):
        return []
    context = estimator._init_callback_context(max_subtasks=epochs)
    context.call_on_fit_task_begin(estimator=estimator)
    return [EpochTasks(estimator, context)]
