"""How much memory a text may take before anything is made of it, so that no file takes what it does not bring.

Two bytes, "[]", become an object of 72. So before a description is read, the signs that objects begin with are counted,
and a text whose objects could be many times as large as the file is refused. The counts are upper bounds: signs inside
of words count, too.
"""

from __future__ import annotations

from typing import Final

from glassnet.errors import InputError

TIMES: Final = 4
"""What is made of a description may take so many times as much as the whole file,"""
ALLOWANCE: Final = 24 * 2**20
"""and so much beyond that: more than the description of any usual model takes."""

LIST, DICT, NUMBER, HALF_A_WORD = 112, 208, 42, 32
"""Bytes that CPython takes at most for an object of each kind, its place in a list included."""


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
    glassnet.errors.InputError: The description in a model file must need at most 145 MB. Received: 1,570 MB. Leave \
long lists out of the notes; or is the file damaged?
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
            f"The description in a model file must need at most {allowed // 10**6:,} MB",
            f"{needed // 10**6:,} MB",
            "Leave long lists out of the notes; or is the file damaged?",
        )
