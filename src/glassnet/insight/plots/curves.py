"""The curves of a training: its losses and scores, and where weights, activations and gradients lie, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, Unpack

import numpy as np

from glassnet.display.chart import Axis, Band, Chart, Line, Mark, ReferenceLine, color
from glassnet.display.theme import Axes, Look, picture
from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.base import NeuralEstimator
from glassnet.insight.plots.canvas import draw
from glassnet.insight.recorder import KINDS, Recorder
from glassnet.layers.base import Array
from glassnet.support.coercion import listed
from glassnet.support.language import Language, Text
from glassnet.support.options import Choice, Optional, String
from glassnet.training import History
from glassnet.training.history import LOSSES
from glassnet.training.history_display import EPOCH, training_chart


@picture()
def training_curves(model: Any, columns: Sequence[str] | str | None = None, **look: Unpack[Look]) -> Axes:
    """The losses of a training, epoch by epoch, with the epoch marked whose weights were kept.

    Of several members each is a thin line, and their mean a thick one, as far as all of them go.

    Parameters
    ----------
    model : fitted estimator, History, or list of History
    columns : str or list of str, optional
        Columns of the history, such as "validation_roc_auc"; None: the losses.
    **look

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
    return draw(lambda spoken: training_chart(histories, names, spoken), **look)


def _histories(model: Any) -> list[History]:
    if isinstance(model, NeuralEstimator):
        _ = model.history_  # its error, where it is not fitted
        histories = model.histories_
    elif isinstance(model, Iterable) and not isinstance(model, (History, str, dict)):
        histories = listed("`model`", model, HISTORIES, once=True)
    else:
        histories = [model]
    if not histories or not all(isinstance(history, History) for history in histories):
        rule = Text("Training curves need a fitted estimator of glassnet, a History, or a list of them")
        raise InputTypeError(rule, type(model).__name__, HISTORIES)
    if not all(len(history) for history in histories):
        raise InputError("Training curves need at least one epoch", "an empty history", "Train first")
    return histories


HISTORIES = Text("For example model.history_, or what Trainer.fit gave")


def _columns(histories: list[History], columns: Sequence[str] | str | None) -> list[str]:
    known = [name for name in histories[0].columns if all(name in history.columns for history in histories)]
    if columns is None:
        return [name for name in LOSSES if name in known]
    choices = [name for name in known if name != "epoch"]
    remedy = Text("Available: {some}", some=", ".join(choices))
    names = [columns] if isinstance(columns, str) else listed("`columns`", columns, remedy)
    names = [String(remedy).taken("`columns`", name) for name in names]
    for name in names:
        if name not in choices:
            raise InputError("`columns` must be of the history", shown(name), remedy)
    if not names:
        raise InputError(
            "`columns` must name at least one column", Text("none", context="received"), "Omit it to plot the losses"
        )
    return names


# ------------------------------------------------------------------- what changed inside

TITLES = {
    "weights": Text("Weights over time"),
    "activations": Text("Activations over time"),
    "gradients": Text("Gradients over time"),
}
SIZES = {
    "weights": Text("weight"),
    "activations": Text("activation"),
    "gradients": Text("gradient magnitude"),
}
LAYER = Text("layer {name}")
MEDIAN = Text("layer {name}, median")
SHARE = Text("{share:.0%} of them")


@picture(kind=Choice(*KINDS), layer=Optional(String('For example "1.W"')))
def over_time(recorder: Recorder, kind: str = "weights", layer: str | None = None, **look: Unpack[Look]) -> Axes:
    """Plot the distribution of weights, activations or gradients by epoch.

    The line is the median; the bands hold the shares that the recorder's quantiles mark. Of several layers each has
    its median and its innermost band. Gradients are drawn by size, on a logarithmic axis: where they vanish from layer
    to layer, the bands lie far apart.

    Parameters
    ----------
    recorder : Recorder
        It has seen a training.
    kind : {"weights", "activations", "gradients"}
    layer : str, optional
        "1.W" for weights and gradients, "1.a" for activations; None: all layers.
    **look

    Raises
    ------
    InputError, InputTypeError
        If nothing of the kind was recorded.
    """
    if not isinstance(recorder, Recorder):
        rule = Text("A plot over time needs a Recorder")
        raise InputTypeError(rule, type(recorder).__name__, "Train with callbacks=[recorder], then give the recorder")
    names = [layer] if layer is not None else recorder.layers[kind] or [""]
    bands = {name: recorder.summary(kind, name) for name in names}
    if kind == "gradients":
        bands = _above_zero(bands)

    def chart(spoken: Language) -> Chart:
        marks: list[Mark] = []
        for number, (name, quantiles) in enumerate(bands.items()):
            marks += _band(recorder, quantiles, name.rpartition(".")[0], number, spoken, alone=len(bands) == 1)
        marks += [] if kind == "gradients" else [ReferenceLine("", 0.0, level=True)]
        scale: Literal["log", "linear"] = "log" if kind == "gradients" else "linear"
        x, y = Axis(EPOCH.say(spoken), whole=True), Axis(SIZES[kind].say(spoken), scale)
        return Chart(TITLES[kind].say(spoken), x, y, marks)

    return draw(chart, **look)


def _band(
    recorder: Recorder, quantiles: Array, name: str, number: int, language: Language, *, alone: bool
) -> Iterator[Mark]:
    """The median of one layer, and around it all bands or the innermost."""
    levels, middle, look = recorder.quantiles, len(recorder.quantiles) // 2, color(number)
    for depth in range(0 if alone else middle - 1, middle):
        share = levels[-1 - depth] - levels[depth]
        label = SHARE.say(language, share=share) if alone else ""
        yield Band(label, quantiles[:, depth], quantiles[:, -1 - depth], look, recorder.epochs)
    label = (MEDIAN if alone else LAYER).say(language, name=name)
    yield Line(label, recorder.epochs, quantiles[:, middle], look)


def _above_zero(bands: dict[str, Array]) -> dict[str, Array]:
    """On a logarithmic axis zeros lie at its lower end, a tenth of the smallest that is none."""
    sizes = np.concatenate([quantiles.ravel() for quantiles in bands.values()])
    floor = sizes[sizes > 0].min() / 10 if (sizes > 0).any() else 1.0
    return {name: np.maximum(quantiles, floor) for name, quantiles in bands.items()}
