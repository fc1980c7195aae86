"""What was typed, and how to type it once more with what was missing."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Final

_TYPED: Final[ContextVar[tuple[str, ...]]] = ContextVar("typed", default=())


@contextlib.contextmanager
def typed(words: Sequence[str]) -> Iterator[None]:
    """Within it this is what follows ``glassnet``."""
    token = _TYPED.set(tuple(words))
    try:
        yield
    finally:
        _TYPED.reset(token)


def again(*more: str) -> str:
    """The complete command that was typed, with options that it lacked.

    Examples
    --------
    >>> with typed(["train", "our flats.csv", "--target", "rent", "--resume"]):
    ...     again("--resume", "--force")
    "glassnet train 'our flats.csv' --target rent --resume --force"
    >>> with typed(["predict", "--out", "new.csv", "--", "-model", "-table"]):
    ...     again("--force")
    'glassnet predict --out new.csv --force -- -model -table'
    """
    words = _TYPED.get()
    options = words.index("--") if "--" in words else len(words)
    return to_type(["glassnet", *words[:options], *(word for word in more if word not in words), *words[options:]])


def to_type(words: Sequence[str]) -> str:
    """Words as a shell takes them.

    Examples
    --------
    >>> to_type(["glassnet", "inspect", "my model.safetensors"])
    "glassnet inspect 'my model.safetensors'"
    """
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
