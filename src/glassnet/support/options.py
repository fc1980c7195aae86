"""Rules of options: declared once, beside the function or class; validation and errors follow from them.

A rule looks at a value that may be anything at all, and gives back its plain form (an ``int`` for NumPy's integer of
one) or raises the error that names the option. Nothing a value does when it is touched comes out of it (coercion.py).

>>> @checked(points=Integer("Common values are 5 to 20"))
... def curve(points=10):
...     return points
>>> curve(points=0)
Traceback (most recent call last):
    ...
glassnet.errors.InputError: `points` of curve must be a positive integer. Received: 0. Common values are 5 to 20.
"""

from __future__ import annotations

import functools
import inspect
import os
import pathlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ParamSpec, Protocol, TypeVar

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.support.coercion import coercing, listed, plain_integer, plain_number
from glassnet.support.language import Text
from glassnet.support.option_names import bound_arguments

P = ParamSpec("P")
R = TypeVar("R")

MOST = 2**31 - 1
"""The largest count; more is a mistake."""


class Rule(Protocol):
    """A rule of an option; registries of formulas are rules, too."""

    def taken(self, name: str, value: Any) -> Any:
        """Validate a value, and return its plain form.

        Parameters
        ----------
        name : str
            As the error says it: "`units` of Dense".
        value : object

        Raises
        ------
        InputError, InputTypeError
            If the value is out of range, or of another type.
        """


def checked(**rules: Rule) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Validate these options before the function is called."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature, path = inspect.signature(function), function.__qualname__.rpartition("<locals>.")[2]
        owner = ".".join(part for part in path.split(".") if not part.startswith("_"))
        assert rules.keys() <= signature.parameters.keys(), owner

        @functools.wraps(function)
        def door(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError:
                bound = bound_arguments(function, args, kwargs)  # raises an error that names the intended option
            for name, rule in rules.items():
                if name in bound.arguments:
                    bound.arguments[name] = rule.taken(option_of(owner, name), bound.arguments[name])
            return function(*bound.args, **bound.kwargs)

        return door

    return decorate


def validate(record: object, **rules: Rule) -> None:
    """Validate fields of a dataclass in its constructor, and store their plain form."""
    for name, rule in rules.items():
        object.__setattr__(record, name, rule.taken(option_of(type(record).__name__, name), getattr(record, name)))


@functools.lru_cache(1024)
def option_of(owner: str, name: str) -> Text:
    """Return an option as an error says it."""
    return Text("`{name}` of {owner}", name=name, owner=owner)


@dataclass(frozen=True)
class RandomState:
    """A seed, a RandomState of NumPy, or None for a new one each time."""

    high: int = 2**32 - 1

    def taken(self, name: str, value: Any) -> int | np.random.RandomState | None:
        if value is None or isinstance(value, np.random.RandomState):
            return value
        return Integer("A RandomState or None works, too", low=0, high=self.high).taken(name, value)


COUNTS = {0: Text("{option} must be an integer of 0 or more"), 1: Text("{option} must be a positive integer")}
"""Common ranges of integers in words."""


@dataclass(frozen=True)
class Integer:
    """An integer from ``low`` to ``high``."""

    remedy: str
    low: int = 1
    high: int = MOST
    """Or a power of two less one, as seeds have it."""

    def taken(self, name: str, value: Any) -> int:
        whole = plain_integer(value)
        if whole is None:
            raise InputTypeError(self._rule(name), shown(value), self.remedy)
        if whole > self.high == MOST:
            raise InputError(
                Text("{option} must be an integer up to {high}", option=name, high=MOST), shown(whole), self.remedy
            )
        if not self.low <= whole <= self.high:
            raise InputError(self._rule(name), shown(whole), self.remedy)
        return whole

    def _rule(self, name: str) -> Text:
        if self.high != MOST:
            high = f"2^{self.high.bit_length()} - 1"
            return Text("{option} must be an integer from {low} to {high}", option=name, low=self.low, high=high)
        common = COUNTS.get(self.low, Text("{option} must be an integer of at least {low}"))
        return common.filled(option=name, low=self.low)


SEED = Integer("Any integer works, such as 0", low=0, high=2**64 - 1)
"""Every generator takes these."""


INTERVALS = {
    "(0, inf)": Text("{option} must be positive"),
    "[0, inf)": Text("{option} must be 0 or more"),
    "(0, 1)": Text("{option} must be between 0 and 1"),
    "(-inf, inf)": Text("{option} must be finite"),
}
"""Common intervals in words."""


@dataclass(frozen=True)
class Number:
    """A finite number in an interval such as "(0, 1]"."""

    interval: str
    remedy: str

    def taken(self, name: str, value: Any) -> float:
        result = plain_number(value)
        if result is None:
            raise InputTypeError(self._rule(name), shown(value), self.remedy)
        if not (np.isfinite(result) and lies_in(result, self.interval)):
            raise InputError(self._rule(name), shown(value), self.remedy)
        return result

    def _rule(self, name: str) -> Text:
        common = INTERVALS.get(self.interval, Text("{option} must be in {interval}"))
        return common.filled(option=name, interval=self.interval)


class Direction:
    """A monotone constraint: 1 rising, -1 falling, 0 none."""

    def taken(self, name: str, value: Any) -> int:
        number = plain_number(value)
        if number not in (-1, 0, 1):
            rule = Text("{option} must be 1, -1 or 0", option=name)
            raise InputError(rule, shown(value), "1 means non-decreasing, -1 non-increasing")
        return int(number)


DIRECTION = Direction()


LEARNING_RATE = Number("(0, inf)", "Common values are 1e-4 to 1e-1")
WEIGHT_DECAY = Number("[0, inf)", "Common values are 0 to 0.1")
LABEL_SMOOTHING = Number("[0, 1)", "Common values are 0 to 0.1")
RATE = Number("(0, inf)", "1 means the network's learning rate")
"""A factor of the learning rate."""


def lies_in(number: float, interval: str) -> bool:
    """Return whether a number lies in an interval such as "[0, 1)": square brackets include the end, round ones do not.

    "{1, 2, ...}" are the whole numbers from 1.
    """
    if interval.endswith(", ...}"):
        return number >= float(interval[1:].partition(",")[0]) and float(number).is_integer()
    low, high = (float(bound) for bound in interval[1:-1].split(","))
    above = number >= low if interval[0] == "[" else number > low
    return above and (number <= high if interval[-1] == "]" else number < high)


@dataclass(frozen=True)
class Flag:
    """True or False."""

    remedy: str = "Choose one"

    def taken(self, name: str, value: Any) -> bool:
        if not isinstance(value, (bool, np.bool_)):
            raise InputTypeError(Text("{option} must be True or False", option=name), shown(value), self.remedy)
        return bool(value)


class Verbosity:
    """Whether to show progress: True, False, or a number as in other libraries."""

    def taken(self, name: str, value: Any) -> bool | int:
        if isinstance(value, (bool, np.bool_)):
            return bool(value)
        return Integer("True shows a progress bar", low=0).taken(name, value)


VERBOSE = Verbosity()


class Jobs:
    """A number of processors, from 1; -1 for all, as in scikit-learn."""

    def taken(self, name: str, value: Any) -> int:
        return -1 if plain_integer(value) == -1 else Integer("-1 or None uses all").taken(name, value)


@dataclass(frozen=True)
class String:
    """A string without lone surrogates."""

    remedy: str = "Write it in quotation marks"

    def taken(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise InputTypeError(Text("{option} must be text", option=name), shown(value), self.remedy)
        text = str.__str__(value)  # of NumPy's strings and other heirs the string alone
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise InputError(
                Text("{option} must be text that can be encoded in UTF-8", option=name), shown(text), self.remedy
            )
        return text


class Choice:
    """One of some words; the remedy is of rules that take more than words: then none is like another word."""

    def __init__(self, *words: str, remedy: Text | None = None) -> None:
        self.words, self.remedy = words, remedy

    def taken(self, name: str, value: Any) -> str:
        rule = Text("{option} must be one of: {choices}", option=name, choices=", ".join(self.words))
        if not isinstance(value, str):
            raise InputTypeError(rule, shown(value), self.remedy or "Use one of these names")
        word = str.__str__(value)
        if word not in self.words:
            near = [] if self.remedy else get_close_matches(word.lower(), self.words, n=1)
            remedy = Text("Did you mean {name!r}?", name=near[0]) if near else "Use one of these names"
            raise InputError(rule, shown(word), self.remedy or remedy)
        return word


class Precision:
    """float32 or float64, or `also` another one, as a dtype or a name; stored as a name."""

    def __init__(self, *also: str) -> None:
        self.names = ("float32", "float64", *also)

    def taken(self, name: str, value: Any) -> str:
        found = value if isinstance(value, str) else ""
        if found not in self.names and value is not None:
            with suppress(Exception):  # NumPy asks an object many things before it says that it knows no such type
                found = np.dtype(value).name
        if found not in self.names:
            rule, remedy = Text("{option} must be float32 or float64"), Text("Use one of the two")
            if MIXED in self.names:  # NumPy knows bfloat16 only where a package has told it of it
                rule, remedy = Text("{option} must be float32, float64 or bfloat16"), Text("Use one of the three")
            raise InputError(rule.filled(option=name), shown(value), remedy)
        return str(found)


MIXED = "bfloat16"
"""Mixed precision: a network of float32, some products of which have operands of bfloat16."""
PRECISION = Precision()
NETWORK_PRECISION = Precision(MIXED)


def stored(precision: str) -> str:
    """Return the type of the numbers of a network of some precision."""
    return "float32" if precision == MIXED else precision


@dataclass(frozen=True)
class File:
    """The path of a file (or folder): text, or what ``pathlib`` makes of it."""

    remedy: str = 'For example "model.safetensors"'
    what: str = "file"

    def taken(self, name: str, value: Any) -> str:
        folder, file = Text("{option} must be the path of a folder"), Text("{option} must be the path of a file")
        rule = (file if self.what == "file" else folder).filled(option=name)
        with coercing(rule, value, self.remedy):
            path = os.fspath(value)
        if not isinstance(path, str):
            raise InputTypeError(rule, shown(path), self.remedy)
        path = str.__str__(path)
        try:
            named = self.what != "file" or pathlib.PurePath(path).name != ""
            writable = named and b"\0" not in os.fsencode(path)
        except UnicodeEncodeError:
            writable = False
        if not path or not writable:
            raise InputError(rule, shown(path), self.remedy)
        return path


FILE = File()


@dataclass(frozen=True)
class Function:
    """A callable."""

    remedy: str

    def taken(self, name: str, value: Any) -> Any:
        if not callable(value):
            raise InputTypeError(Text("{option} must be a function", option=name), shown(value), self.remedy)
        return value


@dataclass(frozen=True)
class Instance:
    """An object of some kind."""

    kind: type | tuple[type, ...]
    what: str
    remedy: str

    def taken(self, name: str, value: Any) -> Any:
        if not isinstance(value, self.kind):
            raise InputTypeError(
                Text("{option} must be {form}", option=name, form=self.what), shown(value), self.remedy
            )
        return value


@dataclass(frozen=True)
class Optional:
    """None, or a value of another rule."""

    rule: Rule

    def taken(self, name: str, value: Any) -> Any:
        return None if value is None else self.rule.taken(name, value)


@dataclass(frozen=True)
class Each:
    """A list or tuple, of entries that all keep one rule; it becomes a tuple.

    ``once``: an iterator will do, too, since it is read once.
    """

    rule: Rule
    remedy: str
    once: bool = False

    def taken(self, name: str, value: Any) -> tuple[Any, ...]:
        entries = listed(name, value, self.remedy, self.once)
        each = Text("Each of {option}", option=name)
        return tuple(self.rule.taken(each, entry) for entry in entries)
