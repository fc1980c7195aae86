"""How a training went: its losses or scores, epoch by epoch, and which epoch was kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.insight.charts.chart import Axis, Chart, Dots, Ink, Line, Mark, Rule, color
from glassnet.insight.epochs import EPOCH, LOSS, column_name
from glassnet.layers.base import Array
from glassnet.support.language import Language, Text
from glassnet.training import History
from glassnet.training.history import LOSSES

TITLE = Text("Training", "训练过程")
MEAN = Text("{name}, mean of {count}", "{name}，{count} 个成员的平均")
BEST = Text("best epoch: {epoch}", "最佳轮次：{epoch}")
BESTS = Text("best epoch of each", "各成员的最佳轮次")
VALUE = Text("value", "数值")


def training(histories: Sequence[History], names: Sequence[str], language: Language) -> Chart:
    """Some columns of histories: of several members each is a thin line, and their mean a thick one."""
    marks: list[Mark] = []
    for number, name in enumerate(names):
        lines = [(np.array(history["epoch"]), np.array(history[name])) for history in histories]
        marks += _curves(lines, column_name(name, language), color(number), language)
        if name == names[-1]:  # it decided which epoch was best
            marks += _best(histories, lines, color(number), language)
    losses, alone = all(name in LOSSES for name in names), len(names) == 1
    label = LOSS.say(language) if losses else column_name(names[0], language) if alone else VALUE.say(language)
    return Chart(TITLE.say(language), Axis(EPOCH.say(language), whole=True), Axis(label, "either"), marks)


def _curves(lines: Sequence[tuple[Array, Array]], name: str, look: Ink, language: Language) -> list[Mark]:
    if len(lines) == 1:
        return [Line(name, *lines[0], look)]
    together = min(len(values) for _, values in lines)
    mean = np.mean([values[:together] for _, values in lines], axis=0)
    named = MEAN.say(language, name=name, count=len(lines))
    each = [Line("", *line, look, weight="thin") for line in lines]
    return [*each, Line(named, lines[0][0][:together], mean, look, weight="thick")]


def _best(
    histories: Sequence[History], lines: Sequence[tuple[Array, Array]], look: Ink, language: Language
) -> list[Mark]:
    best = [
        (float(history.best_epoch), float(values[epochs == history.best_epoch][0]))
        for history, (epochs, values) in zip(histories, lines, strict=True)
        if history.best_epoch is not None and history.best_epoch in epochs
    ]
    if not best:
        return []
    epochs, values = zip(*best, strict=True)
    if len(histories) > 1:
        return [Dots(BESTS.say(language), epochs, values, look, large=True)]
    name = BEST.say(language, epoch=histories[0].best_epoch)
    return [Rule("", epochs[0]), Dots(name, epochs, values, look, large=True)]
