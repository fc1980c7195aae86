r"""Embeddings of numbers, with which a first layer can represent bends, jumps and periods.

Each function treats one number of one column.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.formulas.elementary import cos_turn, indicator, sin_turn

__all__ = ["level", "level_derivative", "wave", "wave_derivative"]


def wave(x: Any, frequency: Any, phase: Any) -> Any:
    r""":math:`\cos 2\pi (f x + \phi)`, frequency f and phase φ (in turns) learned.

    Variant: the source counts the phase in radians, b = 2πφ.

    Source: Holzmüller, Grinsztajn, Steinwart (2024), *Better by Default*, section 3, "PBLD"; Gorishniy, Rubachev,
    Babenko (2022), *On Embeddings for Numerical Features in Tabular Deep Learning*, equation 6.

    >>> float(wave(0.5, 1.0, 0.0))
    -1.0
    """
    return cos_turn(frequency * x + phase)


def wave_derivative(x: Any, frequency: Any, phase: Any) -> Any:
    r"""With respect to the phase, :math:`-2\pi \sin 2\pi (f x + \phi)`; that by the frequency is x times it, by x f.

    >>> float(wave_derivative(0.25, 1.0, 0.0)) / np.pi
    -2.0
    """
    return -2 * np.pi * sin_turn(frequency * x + phase)


def level(x: Any, low: Any, high: Any) -> Any:
    r"""How much of a bin a number fills: :math:`\min(1, \max(0, (x - l) / (h - l)))`.

    Source: Gorishniy, Rubachev, Babenko (2022), equation 1, "piecewise linear encoding"; there the first and the last
    bin have no end.

    >>> [float(level(x, 1.0, 3.0)) for x in (0.0, 2.0, 5.0)]
    [0.0, 0.5, 1.0]
    """
    return np.minimum(1.0, np.maximum(0.0, (x - low) / (high - low)))


def level_derivative(x: Any, low: Any, high: Any) -> Any:
    r"""With respect to x: :math:`1 / (h - l)` within the bin, 0 outside; an edge belongs to the bin above it.

    >>> [float(level_derivative(x, 1.0, 3.0)) for x in (0.0, 1.0, 2.0, 3.0)]
    [0.0, 0.5, 0.5, 0.0]
    """
    return indicator((x >= low) & (x < high), x) / (high - low)
