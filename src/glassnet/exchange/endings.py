"""The endings of files that are written for other programs."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from glassnet.errors import InputError


def ending_in(path: str | os.PathLike[str], endings: Collection[str], rule: str, remedy: str) -> Path:
    """A path that ends in one of these, however it was typed, with the ending in lower case.

    A compiler takes ".C" for C++, and Python imports what ends in ".py".

    Raises
    ------
    InputError
        If it ends otherwise.

    Examples
    --------
    >>> ending_in("Model.C", [".c"], "A file of C code must end in .c", "For example model.c").name
    'Model.c'
    """
    path = Path(path)
    if path.suffix.lower() not in endings:
        raise InputError(rule, path.name, remedy)
    return path.with_suffix(path.suffix.lower())
