"""Square brackets behind a symbol: slices, new axes, places."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.graph.array import SymbolicArray, UntraceableError

__all__ = ["indexed"]


def indexed(x: SymbolicArray, key: Any) -> Any:
    """``x[key]``, of whole numbers, slices, None, ..., and one array of places."""
    keys = list(key) if isinstance(key, tuple) else [key]
    real = [one for one in keys if one is not None and one is not Ellipsis]
    arrays = [one for one in real if isinstance(one, (SymbolicArray, np.ndarray, list))]
    if len(arrays) > 1 or (arrays and any(isinstance(one, (int, np.integer)) for one in real)):
        raise UntraceableError("an index of several arrays")
    rest = [slice(None)] * (x.ndim - len(real))
    at = next((place for place, one in enumerate(keys) if one is Ellipsis), None)
    keys = [*keys, *rest] if at is None else [*keys[:at], *rest, *keys[at + 1 :]]
    axes: list[int | None] = []
    axis = 0
    for one in keys:
        if one is None:
            axes.append(None)
            continue
        if isinstance(one, (int, np.integer)):
            x = x.sliced(axis, slice(int(one), int(one) + 1 or None))
        elif isinstance(one, slice) and one == slice(None):
            axes.append(axis)
        else:
            before = x.ndim
            x = x.sliced(axis, one) if isinstance(one, slice) else x.take(one, axis)
            axes += range(axis, axis + 1 + x.ndim - before)
            axis += x.ndim - before
        axis += 1
    return x if axes == [*range(x.ndim)] else x.with_axes(axes)
