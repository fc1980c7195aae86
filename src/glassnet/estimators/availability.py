"""Methods that an estimator has with some options only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from sklearn.utils import metaestimators

Method = TypeVar("Method", bound=Callable[..., Any])


def available_if(check: Callable[[Any], bool]) -> Callable[[Method], Method]:
    """Return scikit-learn's decorator of a method that is there only if `check` holds for the estimator.

    Its own has no types: type checkers would see neither arguments nor result of the method.
    """
    return cast("Callable[[Method], Method]", metaestimators.available_if(check))
