"""Numbers that are no numbers: parameters or answers that are not finite, and trainings that ended in that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.insight.doctor.finding import TEXTS, Case, Finding
from glassnet.insight.doctor.patient import Part, Patient
from glassnet.insight.doctor.units import where
from glassnet.language import Text
from glassnet.network import NeuralNetwork
from glassnet.training import History

__all__ = ["DIVERGED", "diverged", "ended_in_divergence", "not_finite", "place_of_overflow"]

NOT_FINITE, DIVERGED = Case.named("not_finite"), Case.named("diverged")


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
            yield DIVERGED.found(
                "serious", epoch=epoch, ended=ended, began=TEXTS["diverged.unknown"], network=number + 1
            )
            return


def ended_in_divergence(history: History) -> int | None:
    """The epoch in which a training left the finite numbers, or None."""
    broken = [epoch for epoch, loss in enumerate(history["loss"], 1) if not np.isfinite(loss)]
    if broken:
        return broken[0]
    return len(history) + 1 if history.ending == "diverged" else None


def place_of_overflow(network: NeuralNetwork, parts: Sequence[Part]) -> tuple[Text, str]:
    """Where numbers left the finite ones first, forward and then back, and that layer's number; else the largest."""
    for slot in network.layout.parameters:
        if not np.isfinite(slot.view(network.parameters)).all():
            return TEXTS["diverged.began"].filled(layer=slot.layer, name=slot.parameter.name), str(slot.layer)
    sizes = [
        (float(np.abs(part.record[name]).max()), part.path, name)
        for way, names in ((parts, ("z", "a")), (parts[::-1], ("d_z", "d_x")))
        for part in way
        for name in names
        if part.record.get(name) is not None
    ]
    for size, layer, name in sizes:
        if not np.isfinite(size):
            return TEXTS["diverged.began"].filled(layer=layer, name=name), layer
    size, layer, name = max(sizes, key=lambda each: each[0], default=(0.0, "1", "z"))
    return TEXTS["diverged.grew"].filled(layer=layer, name=name, largest=size), layer
