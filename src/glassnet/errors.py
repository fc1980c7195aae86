"""Errors: the rule, the received value, the remedy.

Every error of input is an :class:`InputError` (a ``ValueError``) or an :class:`InputTypeError` (a ``TypeError``),
so that code written for scikit-learn catches it as it catches scikit-learn's own.
"""

from __future__ import annotations

import csv
import io
import math
import shlex
from collections.abc import Iterable
from typing import NamedTuple

_FEW = 10


def shown(value: object) -> str:
    """Return a value as an error shows it: on one line, and by its type alone where it cannot say more itself.

    Of an array, a column or a table of more than ten entries it is the shape that tells, not the entries.

    >>> shown("a"), shown(10**400)[:3], shown(memoryview(bytes(20)))
    ("'a'", '100', 'memoryview of shape (20,)')
    """
    try:
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and math.prod(shape) > _FEW and not isinstance(value, type):
            return f"{type(value).__name__} of shape {shape}"
        text = repr(value)
        return " ".join(text.split()).encode("utf-8", "backslashreplace").decode()
    except Exception:  # nested too deep, too many digits, or a repr that raises
        return f"a value of type {type(value).__name__}"


class ErrorParts(NamedTuple):
    """The parts of an error message: the rule, the received value as text, and the remedy.

    A rule or a remedy may be a text that knows its translation; one of both alone is the whole message.
    """

    rule: str
    received: str | None = None
    remedy: str = ""

    @classmethod
    def of(cls, rule: str, received: object, remedy: str) -> ErrorParts:
        if received is not None and not isinstance(received, str):
            received = shown(received)
        return cls(rule, received, remedy)

    def __str__(self) -> str:
        if not self.remedy:
            return str(self.rule)
        received = [] if self.received is None else [f"Received: {shorten(str.__str__(self.received))}"]
        parts = [self.rule, *received, self.remedy]
        return " ".join(part if part.endswith((".", "?")) else part + "." for part in parts)


def shorten(text: str, limit: int = 300) -> str:
    """Return a text, or its beginning and how long it is."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def join_names(names: Iterable[str]) -> str:
    """Several names in one word of the command line: separated by commas, those with a comma in quotes.

    Examples
    --------
    >>> print(join_names(["age", "income, net"]))
    age,"income, net"
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().removesuffix("\n")


def typed(names: Iterable[str]) -> str:
    """Return the same as a shell takes it.

    >>> print(typed(["Unnamed: 0", "flat"]))
    'Unnamed: 0,flat'
    """
    return shlex.quote(join_names(names))


class _StatedError(Exception):
    """Base of errors that say a rule, what was received, and a remedy."""

    def __init__(self, rule: str, received: object = None, remedy: str = "") -> None:
        self.parts = ErrorParts.of(rule, received, remedy)
        super().__init__(str(self.parts))


class InputError(_StatedError, ValueError):
    """A value that breaks a rule.

    Parameters
    ----------
    rule : str
        The condition that must hold, naming the argument: "`units` must be a positive integer".
    received : object
        The received value; a string is shown as it is, anything else by ``repr``; None: not shown.
    remedy : str
        The remedy: "Give the number of neurons of the layer".

    Examples
    --------
    >>> raise InputError("`units` must be a positive integer", 0, "Give the number of neurons")
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: `units` must be a positive integer. Received: 0. Give the number of neurons.
    """


class InputTypeError(_StatedError, TypeError):
    """A value of the wrong type; the same three parts as :class:`InputError`."""


class ClusterError(_StatedError, ConnectionError):
    """A Dask scheduler that does not answer; the same three parts as :class:`InputError`."""


class DivergenceError(ArithmeticError):
    """Training left the finite numbers. The network keeps the last parameters that were finite.

    Parameters
    ----------
    what : str
        The event.
    remedy : str
        The remedy.
    step : int or None
        The step of training in which it happened, if any.
    """

    def __init__(self, what: str, remedy: str = "", step: int | None = None) -> None:
        self.parts = ErrorParts(what, remedy=remedy)
        super().__init__(f"{what}. {remedy}" if remedy else what)
        self.what, self.step = what, step


class TrainingWarning(UserWarning):
    """Training ended unusually; the trained weights are kept."""


class TableWarning(UserWarning):
    """A column of the table is of no use as it stands; training goes on with the others."""


class MissingExtraError(ImportError):
    """An optional dependency is not installed; the message names the extra that brings it.

    Examples
    --------
    >>> raise MissingExtraError("Reading Parquet files", "polars", "cli")
    Traceback (most recent call last):
        ...
    glassnet.errors.MissingExtraError: Reading Parquet files needs polars. Install it with: pip install "glassnet[cli]"
    """

    def __init__(self, what: str, package: str, extra: str) -> None:
        self.what, self.package, self.command = what, package, f'pip install "glassnet[{extra}]"'
        super().__init__(f"{what} needs {package}. Install it with: {self.command}", name=package)
