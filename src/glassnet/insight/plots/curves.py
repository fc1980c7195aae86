"""The curves of a training, given whatever has a history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.base import NeuralEstimator
from glassnet.insight.charts.training import training
from glassnet.insight.plots.draw import draw
from glassnet.options import String
from glassnet.touching import listed
from glassnet.training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["training_curves"]


def training_curves(
    model: Any,
    columns: Sequence[str] | str | None = None,
    *,
    ax: Axes | None = None,
    language: str | None = None,
    theme: str = "light",
) -> Axes:
    """The losses of a training, epoch by epoch, with the epoch marked whose weights were kept.

    Of several members each is a thin line, and their mean a thick one, as far as all of them go.

    Parameters
    ----------
    model : fitted estimator, History, or list of History
    columns : str or list of str, optional
        Columns of the history, such as "validation_roc_auc"; None: the losses.
    ax : matplotlib Axes, optional
        None: a figure of its own.
    language : {"en", "zh"}, optional
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If there is no history, it has no epochs, or no such column.

    Examples
    --------
    >>> from glassnet import History, plots
    >>> history = History([{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.5}])
    >>> plots.training_curves(history).lines[0].get_ydata().tolist()
    [0.7, 0.5]
    """
    histories = _histories(model)
    names = _columns(histories, columns)
    return draw(lambda spoken: training(histories, names, spoken), ax, language, theme)


def _histories(model: Any) -> list[History]:
    if isinstance(model, NeuralEstimator):
        _ = model.history_  # its error, where it is not fitted
        histories = model.histories_
    elif isinstance(model, History):
        histories = [model]
    elif isinstance(model, Iterable) and not isinstance(model, (str, dict)):
        histories = listed("`model`", model, HISTORIES, once=True)
    else:
        histories = [model]
    if not histories or not all(isinstance(history, History) for history in histories):
        raise InputTypeError(
            "Training curves need a fitted estimator of glassnet, a History, or a list of them",
            type(model).__name__,
            HISTORIES,
        )
    if not all(len(history) for history in histories):
        raise InputError("Training curves need at least one epoch", "an empty history", "Train first")
    return histories


HISTORIES = "For example model.history_, or what Trainer.fit gave"


def _columns(histories: list[History], columns: Sequence[str] | str | None) -> list[str]:
    known = [name for name in histories[0].columns if all(name in history.columns for history in histories)]
    if columns is None:
        return [name for name in ("loss", "validation_loss") if name in known]
    choices = [name for name in known if name != "epoch"]
    remedy = f"It has: {', '.join(choices)}"
    names = [columns] if isinstance(columns, str) else listed("`columns`", columns, remedy)
    names = [String(remedy).taken("`columns`", name) for name in names]
    for name in names:
        if name not in choices:
            raise InputError("`columns` must be of the history", shown(name), remedy)
    if not names:
        raise InputError("`columns` must name at least one column", "none", "Leave it out for the losses")
    return names
