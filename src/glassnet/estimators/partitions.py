"""Answers to a DataFrame of Dask: lazily, partition by partition."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.support.coercion import offers
from glassnet.support.language import Text

P = ParamSpec("P")
R = TypeVar("R")


def in_partitions(X: Any) -> bool:
    """Whether it is a DataFrame of Dask, which need not be installed for that.

    Examples
    --------
    >>> in_partitions([[1, 2]])
    False
    """
    return type(X).__module__.partition(".")[0] in ("dask", "dask_expr") and hasattr(X, "map_partitions")


def by_partition(method: Callable[P, R]) -> Callable[P, R]:
    """Let a prediction method accept a Dask DataFrame, and return a Dask collection of the same length."""
    call: Callable[..., Any] = method

    @functools.wraps(method)
    def answer(self: Any, X: Any, *args: Any, **options: Any) -> Any:  # X may be named
        if not in_partitions(X):
            return call(self, X, *args, **options)
        self._check_fitted()
        predict_block = functools.partial(answers, model=self, method=method.__name__, args=args, options=options)
        return X.map_partitions(predict_block, meta=predict_block(X._meta))

    return cast("Callable[P, R]", answer)


def answers(frame: Any, *, model: Any, method: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """The predictions for the rows of one partition, as a pandas Series or DataFrame with their index."""
    import pandas as pd

    if len(frame):
        values: Any = getattr(model, method)(frame, *args, **options)
    else:  # what would be said of a row, without the row
        encoded_model = copy.copy(model)
        encoded_model.encoder_ = IdentityEncoder()
        width, dtype = model.encoder_.n_outputs, model.networks_[0].dtype
        values = getattr(encoded_model, method)(np.zeros((1, width), dtype), *args, **options)
    if isinstance(values, tuple):
        rule = Text("Request one output of a Dask DataFrame at a time")
        raise InputError(
            rule,
            Text("{method} with {other}", method=method, other=len(values)),
            "Compute each partition separately: X.partitions[0].compute()",
        )
    values = values[: len(frame)]
    if values.ndim == 1:
        return pd.Series(values, index=frame.index, name=method)
    classes = getattr(model, "classes_", None)
    names = None
    if isinstance(classes, np.ndarray) and len(classes) == values.shape[1]:
        names = [str(one) for one in classes]
    return pd.DataFrame(values, index=frame.index, columns=names)


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
        raise InputError("`client` must be connected, and not asynchronous", shown(client), remedy)
