"""Weights, activations and gradients from epoch to epoch: where most of them lie, as bands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from glassnet.errors import InputTypeError
from glassnet.insight.charts import Axis, Band, Chart, Line, Rule
from glassnet.insight.charts.chart import Mark, ink
from glassnet.insight.epochs import EPOCH
from glassnet.insight.plots.draw import draw
from glassnet.insight.recorder import KINDS, Recorder
from glassnet.language import Language, Text
from glassnet.layers.base import Array
from glassnet.options import Choice, Maybe, String, checked

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["over_time"]

TITLES = {
    "weights": Text("Weights over time", "权重随训练的变化"),
    "activations": Text("Activations over time", "激活值随训练的变化"),
    "gradients": Text("Gradients over time", "梯度随训练的变化"),
}
SIZES = {
    "weights": Text("weight", "权重"),
    "activations": Text("activation", "激活值"),
    "gradients": Text("size of the gradient", "梯度的大小"),
}
LAYER = Text("layer {name}", "第 {name} 层")
MEDIAN = Text("layer {name}, median", "第 {name} 层，中位数")
SHARE = Text("{share:.0%} of them", "其中 {share:.0%}")


@checked(kind=Choice(*KINDS), layer=Maybe(String('For example "1.W"')))
def over_time(
    recorder: Recorder,
    kind: str = "weights",
    layer: str | None = None,
    *,
    ax: Axes | None = None,
    language: str | None = None,
    theme: str = "light",
) -> Axes:
    """Where most of the weights, activations or gradients lie, epoch by epoch.

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
    ax : matplotlib Axes, optional
    language : {"en", "zh"}, optional
    theme : {"light", "dark"}

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError, InputTypeError
        If nothing of the kind was recorded.
    """
    if not isinstance(recorder, Recorder):
        rule = "A picture over time needs a Recorder"
        raise InputTypeError(rule, type(recorder).__name__, "Train with callbacks=[recorder], then give the recorder")
    names = [layer] if layer is not None else recorder.layers[kind] or [""]
    bands = {name: recorder.summary(kind, name) for name in names}
    if kind == "gradients":
        bands = _above_zero(bands)

    def chart(spoken: Language) -> Chart:
        marks: list[Mark] = []
        for number, (name, quantiles) in enumerate(bands.items()):
            marks += _band(recorder, quantiles, name.rpartition(".")[0], number, spoken, alone=len(bands) == 1)
        marks += [] if kind == "gradients" else [Rule("", 0.0, level=True)]
        scale: Literal["log", "linear"] = "log" if kind == "gradients" else "linear"
        x, y = Axis(EPOCH.say(spoken), whole=True), Axis(SIZES[kind].say(spoken), scale)
        return Chart(TITLES[kind].say(spoken), x, y, marks)

    return draw(chart, ax, language, theme)


def _band(
    recorder: Recorder, quantiles: Array, name: str, number: int, language: Language, *, alone: bool
) -> Iterator[Mark]:
    """The median of one layer, and around it all bands or the innermost."""
    levels, middle, look = recorder.quantiles, len(recorder.quantiles) // 2, ink(number)
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
