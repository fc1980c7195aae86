"""Limits of the memory that parsing a text may take, checked before it is parsed.

Two bytes, "[]", become an object of 72. So before a description is read, the signs that objects begin with are counted,
and a text whose objects could be many times as large as the file is refused. The counts are upper bounds: signs inside
of words count, too. And how sizes are written.
"""

from __future__ import annotations

import re
from typing import Final

from glassnet.errors import InputError
from glassnet.support.language import Text

TIMES: Final = 4
"""What is made of a description may take so many times as much as the whole file,"""
ALLOWANCE: Final = 24 * 2**20
"""and so much beyond that: more than the description of any usual model takes."""

LIST, DICT, NUMBER, HALF_A_WORD = 112, 208, 42, 32
"""Bytes that CPython takes at most for an object of each kind, its place in a list included."""

_SIZE: Final = re.compile(r"([0-9]{1,18}(?:\.[0-9]*)?(?:e[0-9]{1,2})?)\s*(?:([kmgt])(i?))?b?")


def bytes_of(text: str) -> int | None:
    """A size as people write it, in bytes; None if it is none.

    The prefixes k, M, G, T are powers of 1000, and Ki, Mi, Gi, Ti powers of 1024 (IEC 80000-13).

    Examples
    --------
    >>> bytes_of("4GB"), bytes_of("4 GiB"), bytes_of("500 mb"), bytes_of("1.5k"), bytes_of("1e9"), bytes_of("much")
    (4000000000, 4294967296, 500000000, 1500, 1000000000, None)
    """
    found = _SIZE.fullmatch(text.strip().lower())
    if found is None:
        return None
    number, prefix, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** (" kmgt".index(prefix or " ")))


def check_room(text: str, size: int) -> None:
    """Refuse a JSON text whose objects would take too much memory.

    Parameters
    ----------
    text : str
    size : int
        Bytes of the whole file that it is in.

    Raises
    ------
    InputError
        If they would.

    Examples
    --------
    >>> check_room('{"units": [64, 32]}', size=1000)
    >>> check_room("[]," * 10**7, size=3 * 10**7)
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: The description in a model file must take at most 145 MB. Received: 1,570 MB. Omit \
long lists from the notes; if there are none, the file may be damaged.
    """
    widest = 4 if "\\u" in text else 1  # one rare letter makes all letters of its word as wide
    needed = (
        LIST * text.count("[")
        + DICT * text.count("{")
        + NUMBER * text.count(",")
        + HALF_A_WORD * text.count('"')
        + widest * len(text)
    )
    allowed = TIMES * size + ALLOWANCE
    if needed > allowed:
        raise InputError(
            Text("The description in a model file must take at most {size:,} MB", size=allowed // 10**6),
            f"{needed // 10**6:,} MB",
            "Omit long lists from the notes; if there are none, the file may be damaged",
        )
