"""scikit-learn's splitters as plain data, and back: the name of one in a closed list, and its numbers.

Row numbers have no form in a file: they are of rows that are gone after the training.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

import sklearn.model_selection

from glassnet.errors import InputError

__all__ = ["splitter_from_plain", "splitter_to_plain"]

SPLITTERS: Final[Mapping[str, type]] = {
    name: getattr(sklearn.model_selection, name)
    for name in (
        *("KFold", "StratifiedKFold", "GroupKFold", "StratifiedGroupKFold", "TimeSeriesSplit"),
        *("LeaveOneOut", "LeaveOneGroupOut", "LeavePGroupsOut"),
        *("ShuffleSplit", "StratifiedShuffleSplit", "GroupShuffleSplit"),
    )
}


def splitter_to_plain(splitter: Any) -> dict[str, Any] | None:
    """A splitter as its name and its parameters; None where it has no such form.

    Examples
    --------
    >>> splitter_to_plain(sklearn.model_selection.TimeSeriesSplit(3, gap=2))
    {'name': 'TimeSeriesSplit', 'parameters': {'n_splits': 3, 'max_train_size': None, 'test_size': None, 'gap': 2}}
    """
    kind = type(splitter)
    if SPLITTERS.get(kind.__name__) is not kind:
        return None
    parameters = {name: getattr(splitter, name, splitter) for name in inspect.signature(kind).parameters}
    plain = all(value is None or type(value) in (bool, int, float) for value in parameters.values())
    return {"name": kind.__name__, "parameters": parameters} if plain else None


def splitter_from_plain(plain: Any) -> Any:
    """What :func:`splitter_to_plain` wrote.

    Raises
    ------
    InputError
        If there is no such splitter.
    """
    known = isinstance(plain, dict) and list(plain) == ["name", "parameters"] and isinstance(plain["name"], str)
    parameters = plain["parameters"] if known and plain["name"] in SPLITTERS else None
    if isinstance(parameters, dict) and all(isinstance(value, int | float | None) for value in parameters.values()):
        try:
            return SPLITTERS[plain["name"]](**parameters)
        except (TypeError, ValueError):  # names or numbers that the splitter does not take
            pass
    raise InputError("`cv` in a file must be a splitter of scikit-learn", repr(plain), "Is it damaged?")
