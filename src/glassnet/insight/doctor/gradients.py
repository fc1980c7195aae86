"""Gradients on their way back through the layers: whether they fade away, or grow beyond measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.insight.doctor.finding import Case, Finding, graded
from glassnet.insight.doctor.patient import NotMeasurable, Part, Patient
from glassnet.insight.doctor.units import where

__all__ = ["gradient_sizes", "gradients", "steep_among"]

VANISHED = {"warning": 1e4, "serious": 1e8}
"""How many times smaller a layer's gradient may be than the last one's. What remains of 1 after seven layers of
sigmoids, whose slope is at most 1/4, is 6e-5 (Hochreiter 1991). In float32, 1e-8 is below the last digit."""
EXPLODED = {"warning": 1e3, "serious": 1e6}
"""How many times larger: a rate that suits the last layer then throws the first one about."""
TINIEST = float(np.finfo(float).tiny)

VANISHING, EXPLODING = Case.named("vanishing_gradients"), Case.named("exploding_gradients")


def gradient_sizes(parts: Sequence[Part]) -> list[tuple[str, float]]:
    """For each layer of neurons its number and the size of a row's gradient at its sums z: the root of the mean square.

    The Euclidean length over all units, so that layers of different widths compare.
    """
    of_neurons = [part for part in parts if "d_z" in part.record]
    with np.errstate(over="ignore"):
        squares = [np.square(part.record["d_z"], dtype=np.float64).sum(axis=1).mean() for part in of_neurons]
    return [(part.path, float(np.sqrt(square))) for part, square in zip(of_neurons, squares, strict=True)]


def gradients(patient: Patient) -> Iterator[Finding]:
    """Gradients that vanish or explode between the last layer and the first."""
    sizes = [gradient_sizes(parts) for parts in patient.parts]
    values = [size for layers in sizes for _, size in layers]
    if not np.isfinite(values).all():
        raise NotMeasurable("infinite")
    if not values:
        raise NotMeasurable("no_neurons")
    if all(layers[-1][1] == 0 for layers in sizes if layers):
        raise NotMeasurable("no_gradient")
    yield from steep_among(sizes)


def steep_among(sizes: Sequence[Sequence[tuple[str, float]]]) -> Iterator[Finding]:
    """The findings for the layers of all networks whose gradient is smallest, and largest, against the last layer's."""
    ratios = {
        (network, layer): size / layers[-1][1]
        for network, layers in enumerate(sizes)
        for layer, (_, size) in enumerate(layers[:-1])
        if layers[-1][1] > 0
    }
    for case, limits, end in ((VANISHING, VANISHED, min), (EXPLODING, EXPLODED, max)) if ratios else ():
        network, layer = end(ratios, key=lambda place: ratios[place])
        ratio, path = ratios[network, layer], sizes[network][layer][0]
        severity = graded(ratio if case is EXPLODING else 1 / max(ratio, TINIEST), **limits)
        if severity is not None:
            yield case.found(
                severity,
                where=where(path, network, len(sizes)),
                ratio=ratio,
                network=network + 1,
                layer=path,
                sizes=dict(sizes[network]),
            )
