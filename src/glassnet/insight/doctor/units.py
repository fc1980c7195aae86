"""Units that no longer answer: dead ones give the same for every row, saturated ones sit at their activation's limit.

Both are told by the slope f'(z): where it is 0 or nearly so, no gradient passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from glassnet.formulas.activations import Activation
from glassnet.insight.doctor.finding import TEXTS, Case, Finding, graded
from glassnet.insight.doctor.patient import Part, Patient
from glassnet.language import Text
from glassnet.layers import Activate, Dense, MemberDense
from glassnet.layers.base import Array

__all__ = ["Idle", "dead_units", "idle_among", "of_parts", "saturated_units", "where"]

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
class Idle:
    """How a layer's units are."""

    path: str
    activation: Activation
    rows: int  # that they were looked at with
    dead: Array  # of each unit, whether it is
    saturated: Array


def of_parts(parts: Sequence[Part]) -> Iterator[Idle]:
    """How the units of each layer are, where it has an activation; the last layer's are answers, and may be extreme."""
    for part in parts[:-1]:
        if isinstance(part.layer, (Activate, Dense, MemberDense)) and part.layer.f.elementwise:
            yield idle_units(part, part.layer.f)


def idle_units(part: Part, f: Activation) -> Idle:
    """How the units of one layer are."""
    z = part.record["x" if isinstance(part.layer, Activate) else "z"]
    slope = np.abs(f.backward(z, part.record["a"], np.ones_like(z)))
    with np.errstate(over="ignore", invalid="ignore"):
        steepest = float(np.max(np.abs(f.backward(PROBES, f(PROBES), np.ones_like(PROBES)))))
    none = np.zeros(z.shape[1], bool)
    if steepest == 0:
        return Idle(part.path, f, len(z), none, none)
    if _levels_off(f):
        return Idle(part.path, f, len(z), none, (slope < SATURATED * steepest).mean(axis=0) >= NEARLY_ALL)
    return Idle(part.path, f, len(z), (slope <= DEAD * steepest).all(axis=0), none)


def _levels_off(f: Activation) -> bool:
    """Whether it has a limit on both sides, as tanh and the sigmoid have."""
    with np.errstate(over="ignore", invalid="ignore"):
        near, far = f(np.array([-FAR, FAR])), f(np.array([-2 * FAR, 2 * FAR]))
    return bool(np.allclose(near, far, rtol=0.1, atol=1e-3))


def dead_units(patient: Patient) -> Iterator[Finding]:
    """Units that answer to no row."""
    return idle_among("dead", [list(of_parts(parts)) for parts in patient.parts])


def saturated_units(patient: Patient) -> Iterator[Finding]:
    """Units at a limit of their activation."""
    return idle_among("saturated", [list(of_parts(parts)) for parts in patient.parts])


def idle_among(how: Literal["dead", "saturated"], measured: Sequence[Sequence[Idle]]) -> Iterator[Finding]:
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
