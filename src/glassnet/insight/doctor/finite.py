"""Numbers that are no numbers: parameters or answers that are not finite, and trainings that ended in that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.insight.doctor.finding import Case, Finding, filled
from glassnet.insight.doctor.patient import Part, Patient
from glassnet.insight.doctor.units import where
from glassnet.language import Text
from glassnet.network import NeuralNetwork
from glassnet.training import History

__all__ = ["DIVERGED", "diverged", "ended_in_divergence", "not_finite", "place_of_overflow"]

NOT_FINITE = Case(
    "not_finite",
    Text(
        "{where}: {count:,} values are inf or NaN, the first in {name}",
        "{where}：有 {count:,} 个值为 inf 或 NaN，最先出现在 {name} 中",
    ),
    Text(
        "An inf or NaN spreads to everything computed from it, so the network cannot predict anything.",
        "inf 或 NaN 会传到由它算出的一切结果，网络因此无法预测。",
    ),
    Text(
        "Train again with a smaller learning rate or clip_norm=1, on scaled inputs and targets.",
        "用更小的学习率或 clip_norm=1 重新训练，并对输入和目标做缩放。",
    ),
)
DIVERGED = Case(
    "diverged",
    Text("the training diverged in epoch {epoch}: {ended}", "训练在第 {epoch} 轮发散：“{ended}”"),
    Text(
        "The updates were so large that each made the loss grow. {began}",
        "每一步更新都过大，损失反而越来越大。{began}",
    ),
    Text(
        "Divide the learning rate by 10, clip the gradient (clip_norm=1), and scale inputs and targets.",
        "把学习率除以 10，裁剪梯度（clip_norm=1），并对输入和目标做缩放。",
    ),
)
BEGAN = Text(
    "It began in layer {layer}, whose {name} was the first to become inf or NaN.",
    "它始于第 {layer} 层，其 {name} 最先变为 inf 或 NaN。",
)
GREW = Text(
    "The values of layer {layer} are the largest: {name} reaches {largest:.1e}.",
    "第 {layer} 层的数值最大：{name} 达到 {largest:.1e}。",
)
UNKNOWN = Text(
    "Where it began can only be seen during training: callbacks=[glassnet.Doctor()].",
    "从哪里开始发散，只有在训练过程中才看得到：callbacks=[glassnet.Doctor()]。",
)


def not_finite(patient: Patient) -> Iterator[Finding]:
    """Parameters or running statistics that are not finite."""
    for number, network in enumerate(patient.networks):
        slots = [(slot, slot.view(network.parameters)) for slot in network.layout.parameters]
        slots += [(slot, slot.view(network.statistics)) for slot in network.layout.statistics]
        broken = [(slot, int((~np.isfinite(values)).sum())) for slot, values in slots]
        broken = [(slot, count) for slot, count in broken if count]
        if broken:
            first = broken[0][0]
            yield NOT_FINITE.found(
                "serious",
                where=where(str(first.layer), number, len(patient.networks)),
                count=sum(count for _, count in broken),
                name=first.name,
                network=number + 1,
                layer=str(first.layer),
            )
            return


def diverged(patient: Patient) -> Iterator[Finding]:
    """Trainings that the loss ended by leaving the finite numbers."""
    for number, history in enumerate(patient.histories):
        epoch = ended_in_divergence(history)
        if epoch is not None:
            ended = history.ended or f"loss {history['loss'][epoch - 1]}"
            yield DIVERGED.found("serious", epoch=epoch, ended=ended, began=UNKNOWN, network=number + 1)
            return


def ended_in_divergence(history: History) -> int | None:
    """The epoch in which a training left the finite numbers, or None."""
    broken = [epoch for epoch, loss in enumerate(history["loss"], 1) if not np.isfinite(loss)]
    if broken:
        return broken[0]
    return len(history) + 1 if history.ending == "diverged" else None


def place_of_overflow(network: NeuralNetwork, parts: Sequence[Part]) -> tuple[Text, str]:
    """Where numbers left the finite ones first, forward and then back, and the number of that layer; else the largest.

    Parameters
    ----------
    network : NeuralNetwork
        As the step that failed left it.
    parts : sequence of Part
        Its layers on a sample of rows, gradients included.
    """
    largest = ("1", "z", 0.0)
    ways = [(parts, ("z", "a")), (parts[::-1], ("d_z", "d_x"))]
    for slot in network.layout.parameters:
        if not np.isfinite(slot.view(network.parameters)).all():
            return filled(BEGAN, layer=slot.layer, name=slot.parameter.name), str(slot.layer)
    for way, names in ways:
        for part in way:
            for name in names:
                values = part.record.get(name)
                if values is None:
                    continue
                size = float(np.abs(values).max())
                if not np.isfinite(size):
                    return filled(BEGAN, layer=part.path, name=name), part.path
                if size > largest[2]:
                    largest = (part.path, name, size)
    return filled(GREW, layer=largest[0], name=largest[1], largest=largest[2]), largest[0]
