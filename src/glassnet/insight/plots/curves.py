"""How a training went: its losses or scores, epoch by epoch, and which epoch was kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.base import NeuralEstimator
from glassnet.insight.epochs import EPOCH, LOSS, column_name
from glassnet.insight.plots.style import Canvas, canvas, plain
from glassnet.language import Text
from glassnet.layers.base import Array
from glassnet.options import String
from glassnet.touching import listed
from glassnet.training import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["training_curves"]

TITLE = Text("Training", "训练过程")
MEAN = Text("{name}, mean of {count}", "{name}，{count} 个成员的平均")
BEST = Text("best epoch: {epoch}", "最好的一轮：{epoch}")
BESTS = Text("best epoch of each", "各成员最好的一轮")
VALUE = Text("value", "数值")


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
    with canvas(ax, language, theme) as drawing:
        for number, name in enumerate(names):
            _curves(drawing, histories, name, drawing.theme.color(number), judging=name == names[-1])
        losses = all(name.endswith("loss") for name in names)
        drawing.label(
            TITLE,
            EPOCH,
            LOSS if losses else VALUE if len(names) > 1 else column_name(names[0], drawing.language),
        )
        drawing.whole_numbers()
        drawing.legend()
        return drawing.ax


def _curves(drawing: Canvas, histories: list[History], name: str, color: str, judging: bool) -> None:
    """One column of all histories; the one that `judging` is true of has the mark of the best epoch."""
    ax, label = drawing.ax, plain(column_name(name, drawing.language))
    lines = [(np.array(history["epoch"]), np.array(history[name])) for history in histories]
    if len(lines) == 1:
        ax.plot(*lines[0], color=color, label=label)
    else:
        for epochs, values in lines:
            ax.plot(epochs, values, color=color, linewidth=0.7, alpha=0.45)
        together = min(len(values) for _, values in lines)
        mean = np.mean([values[:together] for _, values in lines], axis=0)
        label = drawing.say(MEAN, name=label, count=len(lines))
        ax.plot(lines[0][0][:together], mean, color=color, linewidth=2.4, label=label)
    if judging:
        _mark_best(drawing, histories, lines, color)


def _mark_best(drawing: Canvas, histories: list[History], lines: list[tuple[Array, Array]], color: str) -> None:
    best = [
        (float(history.best_epoch), float(values[epochs == history.best_epoch][0]))
        for history, (epochs, values) in zip(histories, lines, strict=True)
        if history.best_epoch is not None and history.best_epoch in epochs
    ]
    if not best:
        return
    alone, theme = len(histories) == 1, drawing.theme
    label = drawing.say(BEST, epoch=histories[0].best_epoch) if alone else drawing.say(BESTS)
    if alone:
        drawing.ax.axvline(best[0][0], color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 3)))
    look = {"markersize": 7 if alone else 4, "markeredgecolor": theme.ink, "markeredgewidth": 0.8}
    drawing.ax.plot(*np.transpose(best), "o", color=color, label=label, **look)


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
