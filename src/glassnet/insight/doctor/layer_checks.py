"""Checks of layers: non-finite numbers, vanishing or exploding gradients, dead and saturated units.

Dead units give the same for every row, saturated ones sit at their activation's limit. Both are detected by the slope
f'(z): where it is 0 or nearly so, no gradient passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from glassnet.formulas.activations import Activation
from glassnet.insight.doctor.diagnostics import Diagnostics, NotMeasurable, RecordedLayer
from glassnet.insight.doctor.finding import Case, Finding, graded
from glassnet.insight.doctor.texts import TEXTS
from glassnet.layers import Activate, Dense, MemberDense
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork
from glassnet.support.language import Text
from glassnet.training import History

DEAD = 1e-3
"""A slope below this share of the steepest passes no gradient that matters; of relu and its kind it is 0."""
SATURATED = 0.05
"""Of the steepest slope: tanh beyond ±0.975, the sigmoid outside 0.013 to 0.987."""
NEARLY_ALL = 0.95
"""A unit that is at its limit for so many of the rows tells hardly any two of them apart."""
SHARES = {"note": 0.1, "warning": 0.4, "serious": 0.9}
"""Of the units of a layer. Some are idle in nearly every network of relu; from 40 % on the rate was too high as a rule
(Karpathy, *CS231n*, "Commonly used activation functions"); a layer almost without units lets nothing through."""

PROBES = np.linspace(-8.0, 8.0, 321)
FAR = 50.0

CASES = {how: Case.named(f"{how}_units") for how in ("dead", "saturated")}


@dataclass(frozen=True)
class UnitActivity:
    """The state of the units of a layer."""

    path: str
    activation: Activation
    rows: int  # that they were looked at with
    dead: Array  # of each unit, whether it is
    saturated: Array


def of_parts(parts: Sequence[RecordedLayer]) -> Iterator[UnitActivity]:
    """The state of the units of each layer with an activation, except the last, whose outputs may be extreme."""
    for part in parts[:-1]:
        if isinstance(part.layer, (Activate, Dense, MemberDense)) and part.layer.f.elementwise:
            yield idle_units(part, part.layer.f)


def idle_units(part: RecordedLayer, f: Activation) -> UnitActivity:
    """The state of the units of one layer."""
    z = part.record["x" if isinstance(part.layer, Activate) else "z"]
    slope, most = np.abs(f.backward(z, part.record["a"], np.ones_like(z))), steepest(f)
    none = np.zeros(z.shape[1], bool)
    if most == 0:
        return UnitActivity(part.path, f, len(z), none, none)
    if levels_off(f):
        return UnitActivity(part.path, f, len(z), none, (slope < SATURATED * most).mean(axis=0) >= NEARLY_ALL)
    return UnitActivity(part.path, f, len(z), (slope <= DEAD * most).all(axis=0), none)


def steepest(f: Activation) -> float:
    """The largest slope of an activation, up or down."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.max(np.abs(f.backward(PROBES, f(PROBES), np.ones_like(PROBES)))))


def levels_off(f: Activation) -> bool:
    """Whether it has a limit on both sides, as tanh and the sigmoid have."""
    with np.errstate(over="ignore", invalid="ignore"):
        near, far = f(np.array([-FAR, FAR])), f(np.array([-2 * FAR, 2 * FAR]))
    return bool(np.allclose(near, far, rtol=0.1, atol=1e-3))


def dead_units(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Units that answer to no row."""
    return idle_among("dead", [list(of_parts(parts)) for parts in diagnostics.parts])


def saturated_units(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Units at a limit of their activation."""
    return idle_among("saturated", [list(of_parts(parts)) for parts in diagnostics.parts])


def idle_among(how: Literal["dead", "saturated"], measured: Sequence[Sequence[UnitActivity]]) -> Iterator[Finding]:
    """The finding for the layer of all networks with the largest share of units that are idle in this way."""
    layers = [(network, idle, getattr(idle, how)) for network, each in enumerate(measured) for idle in each]
    for network, idle, units in sorted(layers, key=lambda layer: -layer[2].mean())[:1]:
        severity = graded(float(units.mean()), **SHARES)
        if severity is not None:
            yield CASES[how].found(
                severity,
                where=where(idle.path, network, len(measured)),
                count=int(units.sum()),
                units=len(units),
                rows=idle.rows,
                activation=str(idle.activation),
                network=network + 1,
                layer=idle.path,
                which=np.flatnonzero(units).tolist(),
            )


def where(path: str, network: int, networks: int) -> Text:
    """A place in words; the network is named where there are several."""
    kind = "layer" if networks == 1 else "network_layer"
    return TEXTS[f"place.{kind}"].filled(network=network + 1, layer=path)


# ------------------------------------------------------------------- gradients

VANISHED = {"warning": 1e4, "serious": 1e8}
"""How many times smaller a layer's gradient may be than the last one's. What remains of 1 after seven layers of
sigmoids, whose slope is at most 1/4, is 6e-5 (Hochreiter 1991). In float32, 1e-8 is below the last digit."""
EXPLODED = {"warning": 1e3, "serious": 1e6}
"""How many times larger: a rate that suits the last layer then throws the first one about."""
TINIEST = float(np.finfo(float).tiny)

VANISHING, EXPLODING = Case.named("vanishing_gradients"), Case.named("exploding_gradients")


def gradient_sizes(parts: Sequence[RecordedLayer]) -> list[tuple[str, float]]:
    """For each layer of neurons its number and the size of a row's gradient at its sums z: the root of the mean square.

    The Euclidean length over all units, so that layers of different widths compare.
    """
    of_neurons = [part for part in parts if "d_z" in part.record]
    with np.errstate(over="ignore"):
        squares = [np.square(part.record["d_z"], dtype=np.float64).sum(axis=1).mean() for part in of_neurons]
    return [(part.path, float(np.sqrt(square))) for part, square in zip(of_neurons, squares, strict=True)]


def gradients(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Gradients that vanish or explode between the last layer and the first."""
    sizes = [gradient_sizes(parts) for parts in diagnostics.parts]
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


# ------------------------------------------------------------------- numbers that are none

NOT_FINITE, DIVERGED = Case.named("not_finite"), Case.named("diverged")


def not_finite(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Parameters or running statistics that are not finite."""
    for number, network in enumerate(diagnostics.networks):
        slots = [(slot, slot.view(network.parameters)) for slot in network.layout.parameters]
        slots += [(slot, slot.view(network.statistics)) for slot in network.layout.statistics]
        broken = [(slot, int((~np.isfinite(values)).sum())) for slot, values in slots]
        broken = [(slot, count) for slot, count in broken if count]
        if broken:
            first = broken[0][0]
            yield NOT_FINITE.found(
                "serious",
                where=where(str(first.layer), number, len(diagnostics.networks)),
                count=sum(count for _, count in broken),
                name=first.name,
                network=number + 1,
                layer=str(first.layer),
            )
            return


def diverged(diagnostics: Diagnostics) -> Iterator[Finding]:
    """Trainings that the loss ended by leaving the finite numbers."""
    for number, history in enumerate(diagnostics.histories):
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


def place_of_overflow(network: NeuralNetwork, parts: Sequence[RecordedLayer]) -> tuple[Text, str]:
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
