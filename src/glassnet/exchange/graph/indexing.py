"""Square brackets behind a symbol: slices, new axes, places."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.exchange.graph.node import Node, constant, rows_in
from glassnet.exchange.graph.symbol import Symbol, UntraceableError, along, symbolic

__all__ = ["gather", "indexed", "sliced"]


def indexed(x: Symbol, key: Any) -> Symbol:
    """``x[key]``, of whole numbers, slices, None, ..., and one array of places."""
    keys = list(key) if isinstance(key, tuple) else [key]
    real = [one for one in keys if one is not None and one is not Ellipsis]
    if Ellipsis in [one for one in keys if not isinstance(one, (Symbol, np.ndarray))]:
        at = next(i for i, one in enumerate(keys) if one is Ellipsis)
        keys[at : at + 1] = [slice(None)] * (x.ndim - len(real))
    else:
        keys += [slice(None)] * (x.ndim - len(real))
    arrays = [one for one in real if isinstance(one, (Symbol, np.ndarray, list))]
    if len(arrays) > 1 or (arrays and any(isinstance(one, (int, np.integer)) for one in real)):
        raise UntraceableError("an index of several arrays")
    shape: list[int] = []
    axis = 0
    for one in keys:
        if one is None:
            shape.append(1)
            continue
        if isinstance(one, slice):
            x = sliced(x, axis, one)
            shape.append(x.shape[axis])
        elif isinstance(one, (int, np.integer)):
            place = int(one) % x.shape[axis]
            x = sliced(x, along(x, axis), slice(place, place + 1))
        else:
            places = symbolic(one)
            x = gather(x, places, axis)
            shape += x.shape[axis : axis + len(places.shape)]
            axis += len(places.shape) - 1
        axis += 1
    return x.reshape(shape)


def sliced(x: Symbol, axis: int, places: slice) -> Symbol:
    """A slice of one axis; all of the rows, or none of their business."""
    size = x.shape[axis]
    whole = places.step in (None, 1) and (places.start or 0) == 0 and (places.stop is None or places.stop == size)
    if whole:
        return x
    if rows_in(size):
        raise UntraceableError("a selection of rows: a prediction must depend on its own row alone")
    chosen = range(size)[places]
    if len(chosen) == size and chosen.step == 1:
        return x
    shape = (*x.shape[:axis], len(chosen), *x.shape[axis + 1 :])
    about = {"axis": axis, "start": chosen.start, "stop": chosen.stop, "step": chosen.step}
    return Symbol(Node("slice", (x.node,), shape, x.dtype, about))


def gather(x: Symbol, places: Node, axis: int) -> Symbol:
    """The places of an axis, in the order in which they are asked for."""
    if places.dtype.kind not in "iu":
        raise UntraceableError(f"an index of type {places.dtype}")
    axis = along(x, axis)
    if places.value is not None:
        places = constant(places.value % x.shape[axis], np.int64, places.name)
    shape = (*x.shape[:axis], *places.shape, *x.shape[axis + 1 :])
    return Symbol(Node("gather", (x.node, places), shape, x.dtype, {"axis": axis}))
