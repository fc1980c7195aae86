"""The numbers of one step, column by column of its graph, and how many of them there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.trace import Trace

__all__ = ["Detail", "Stage", "stages_of"]

MOST_UNITS, MOST_LAYERS = 4, 4
"""So large may a network be whose numbers have all room."""


@dataclass(frozen=True)
class Detail:
    """What there is room for: the smaller the axes, the fewer numbers, and none lies on another.

    Parameters
    ----------
    parameters : bool
        Weights and biases with their gradients; without them, width and colour of the lines tell.
    above : bool
        What stands above a circle: the name of an input, or z.
    losses : bool
        The gradients between the outputs and the loss.
    words : bool
        What the numbers below a circle are called; without, their colour tells.
    """

    parameters: bool
    above: bool
    losses: bool
    words: bool

    @classmethod
    def of(cls, column: float, row: float) -> Detail:
        """By inches from one column to the next and from one unit to the next."""
        return cls(
            parameters=column >= 1.0 and row >= 0.7,
            above=row >= 0.5,
            losses=column >= 0.9 and row >= 0.5,
            words=column >= 0.5,
        )

    def short(self, number: Any) -> str:
        """A number, with three digits that count, or with two."""
        return f"{float(number) + 0.0:.{3 if self.words else 2}g}"


@dataclass(frozen=True)
class Stage:
    """The numbers of one column: inputs, or what a layer gives.

    Parameters
    ----------
    a, d : array of shape (units,)
        What came forward, and its gradient (of a dense layer that of z).
    z : array of shape (units,) or None
    W, d_W : array of shape (units before, units) or None
    b, d_b : array of shape (units,) or None
    """

    a: Array
    d: Array
    z: Array | None = None
    W: Array | None = None
    d_W: Array | None = None
    b: Array | None = None
    d_b: Array | None = None


def stages_of(trace: Trace, row: int) -> list[Stage]:
    """From the inputs to the output, the numbers of one row."""
    entries = {entry.name: entry.value for entry in trace}
    layers = sorted({int(name.split(".")[0]) for name in entries if name.endswith(".a") and name[0].isdigit()})
    too_large = "A graph of a step needs a small network of dense layers"
    remedy = f"At most {MOST_LAYERS} layers of {MOST_UNITS} units; print the trace for others"
    if len(layers) > MOST_LAYERS:
        raise InputError(too_large, f"{len(layers)} layers", remedy)
    stages = [Stage(entries["x"][row], entries["d_1.x"][row])]
    for layer in layers:
        a, W, before = entries[f"{layer}.a"], entries.get(f"{layer}.W"), len(stages[-1].a)
        if W is not None and W.shape == (before, a.shape[1]) and f"{layer}.z" in entries:
            stage = Stage(
                a[row],
                entries[f"d_{layer}.z"][row],
                *(entries[f"{layer}.z"][row], W, entries[f"d_{layer}.W"]),
                *(entries.get(f"{layer}.b"), entries.get(f"d_{layer}.b")),
            )
        elif W is None and a.shape[1] == before and f"{layer}.inside" not in entries:
            stage = Stage(a[row], entries[f"d_{layer}.a"][row])
        else:
            raise InputError(too_large, f"layer {layer} of another kind", remedy)
        stages.append(stage)
    widest = max(len(stage.a) for stage in stages)
    if widest > MOST_UNITS:
        raise InputError(too_large, f"{widest} units beside each other", remedy)
    return stages
