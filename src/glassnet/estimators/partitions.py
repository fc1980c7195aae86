"""Answers to a DataFrame or an array of Dask: lazily, a block of rows at a time."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

from glassnet.errors import ClusterError, InputError, InputTypeError, shown
from glassnet.support.coercion import offers
from glassnet.support.language import Text
from glassnet.tables.containers import in_partitions

P = ParamSpec("P")
R = TypeVar("R")


def by_partition(method: Callable[P, R]) -> Callable[P, R]:
    """Let a prediction method accept a Dask DataFrame or array, and return a Dask collection of the same length."""
    call: Callable[..., Any] = method

    @functools.wraps(method)
    def answer(self: Any, X: Any, *args: Any, **options: Any) -> Any:  # X may be named
        if not in_partitions(X):
            return call(self, X, *args, **options)
        self._check_fitted()
        predict_block = functools.partial(answers, model=self, method=method.__name__, args=args, options=options)
        if hasattr(X, "map_partitions"):
            return X.map_partitions(predict_block, meta=predict_block(X._meta))
        none = predict_block(np.empty((0, X.shape[-1]), X.dtype))
        rows = X.rechunk(dict.fromkeys(range(1, X.ndim), -1))
        chunks = rows.chunks[0], *((length,) for length in none.shape[1:])
        axes = {"drop_axis": [*range(1, X.ndim)], "new_axis": [*range(1, none.ndim)]}
        return rows.map_blocks(predict_block, chunks=chunks, meta=none, **axes)

    return cast("Callable[P, R]", answer)


def answers(block: Any, *, model: Any, method: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """The predictions for the rows of a block: of an array as an array, else with their index, as of pandas."""
    if len(block):
        values: Any = getattr(model, method)(block, *args, **options)
    else:  # what would be said of a row, without the row
        encoded_model = copy.copy(model)
        encoded_model.encoder_ = IdentityEncoder()
        width, dtype = model.encoder_.n_outputs, model.networks_[0].dtype
        values = getattr(encoded_model, method)(np.zeros((1, width), dtype), *args, **options)
    if isinstance(values, tuple):
        rule = Text("Request one output of a Dask collection at a time")
        raise InputError(
            rule,
            Text("{method} with {other}", method=method, other=len(values)),
            "Compute each block of rows separately: X.partitions[0].compute()",
        )
    values = values[: len(block)]
    if isinstance(block, np.ndarray):
        return values
    import pandas as pd

    if values.ndim == 1:
        return pd.Series(values, index=block.index, name=method)
    classes = getattr(model, "classes_", None)
    names = None
    if isinstance(classes, np.ndarray) and len(classes) == values.shape[1]:
        names = [str(one) for one in classes]
    return pd.DataFrame(values, index=block.index, columns=names)


class IdentityEncoder:
    """A stand-in for the encoder of rows that are encoded already."""

    def transform(self, X: Any) -> Any:
        return X


def check_client(client: Any) -> None:
    """Refuse a `client` that is not a Dask client, such as an address, or that is closed or asynchronous."""
    remedy = Text('For example distributed.Client("tcp://scheduler:8786")')
    if not offers(client, "register_plugin", "scheduler_info", "status"):
        raise InputTypeError("`client` must be a Client of dask.distributed", shown(client), remedy)
    if client.status != "running" or client.asynchronous:
        kind = InputError if client.asynchronous else ClusterError
        raise kind(Text("`client` must be connected, and not asynchronous"), shown(client), remedy)
