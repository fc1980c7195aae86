"""Which of two classes is the positive one, which precision, recall and curves speak of; its decision threshold."""

from __future__ import annotations

from typing import Any, Final, NoReturn

import numpy as np

from glassnet.errors import InputError, InputTypeError, listed, shown
from glassnet.layers.base import Array
from glassnet.support.options import Number

HALF: Final = 0.5
"""The threshold from which on the positive class is the more probable one."""
THRESHOLD: Final = Number("[0, 1]", "0.5 predicts the more probable class")
RARER: Final = 2
"""A class is clearly rarer if the other one has at least so many times as many rows."""
YES: Final = frozenset(
    [
        *("1", "yes", "y", "true", "t", "positive", "pos", "+"),
        *("ja", "wahr", "positiv"),  # German, Dutch, the Nordic languages
        *("oui", "vrai", "positif"),
        *("si", "sí", "sì", "sim", "verdadero", "verdadeiro", "vero", "positivo"),  # Spanish, Italian, Portuguese
        *("tak", "ano", "da", "да", "evet", "igen", "kyllä", "ναι", "ya"),
        *("是", "有", "真", "对", "阳性", "陽性", "はい", "예", "네", "نعم", "כן"),
    ]
)
"""Texts that mean yes, case-folded."""


class OneClass:
    """As a rule of an option: the name of a class, whatever type classes have; which there are, is known later."""

    def taken(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return str.__str__(value)
        plain = value.item() if isinstance(value, np.generic) else value
        if type(plain) not in (bool, int, float):
            raise InputTypeError(f"{name} must be a class of the target", shown(value), 'For example "yes" or 1')
        return plain


def positive_place(classes: Array, counts: Array | None = None, given: Any = None) -> int | None:
    """The place of the positive class, 0 or 1; None where there are not two.

    It is the one that is given; else the clearly rarer one, of which the other has at least twice as many rows; else
    the one whose text means yes, if the other's does not; else the second.

    Parameters
    ----------
    classes : array of shape (classes,)
        In ascending order.
    counts : array of shape (classes,), optional
        How many training rows each has, or the sum of their weights.
    given : str, int, float or bool, optional

    Raises
    ------
    InputError
        If the class that is given is none of two classes.

    Examples
    --------
    >>> positive_place(np.array(["fraud", "ok"]), np.array([5, 95])), positive_place(np.array(["ja", "nein"]))
    (0, 0)
    >>> positive_place(np.array([0, 1])), positive_place(np.array(["cat", "dog"]), np.array([50, 60]))
    (1, 1)
    """
    names = classes.tolist()
    if given is not None:
        return _place_of(given, names)
    if len(names) != 2:
        return None
    if counts is not None:
        rarer = int(np.argmin(counts))
        if 0 < RARER * counts[rarer] <= counts[1 - rarer]:
            return rarer
    yes = [_means_yes(name, other) for name, other in (names, names[::-1])]
    return 0 if yes == [True, False] else 1


def refuse_threshold(received: str) -> NoReturn:
    """Raise the error for a threshold that does not apply."""
    rule = "A decision threshold is on the probability of one of two classes"
    raise InputError(rule, received, "Keep 0.5, which predicts the most probable class")


def _place_of(given: Any, names: list[Any]) -> int:
    if len(names) != 2:
        raise InputError("`positive` chooses one of two classes", f"{len(names)} classes", "Omit it")
    alike = [
        place for place, name in enumerate(names) if name == given and isinstance(name, str) == isinstance(given, str)
    ]
    if not alike:
        raise InputError("`positive` must be a class of the target", shown(given), f"The classes are: {listed(names)}")
    return alike[0]


def _means_yes(name: Any, other: Any) -> bool:
    """A one means yes beside zero or minus one, and not beside a two; a text as it stands in the table of words."""
    texts = [str(each).strip().casefold().removesuffix(".0") for each in (name, other)]
    return texts[0] in YES and (texts[0] != "1" or texts[1] in ("0", "-1"))
