"""The command line that was typed, and the same with the options that it lacked."""

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
def command_line(words: Sequence[str]) -> Iterator[None]:
    """The words behind ``glassnet`` until the block ends."""
    token = _TYPED.set(tuple(words))
    try:
        yield
    finally:
        _TYPED.reset(token)


def repeated_command(*more: str) -> str:
    """The complete command that was typed, with options that it lacked.

    Examples
    --------
    >>> with command_line(["train", "our flats.csv", "--target", "rent", "--resume"]):
    ...     repeated_command("--resume", "--force")
    "glassnet train 'our flats.csv' --target rent --resume --force"
    >>> with command_line(["predict", "--out", "new.csv", "--", "-model", "-table"]):
    ...     repeated_command("--force")
    'glassnet predict --out new.csv --force -- -model -table'
    """
    words = _TYPED.get()
    options = words.index("--") if "--" in words else len(words)
    return shell_command(
        ["glassnet", *words[:options], *(word for word in more if word not in words), *words[options:]]
    )


def shell_command(words: Sequence[str]) -> str:
    """Words quoted for the shell.

    Examples
    --------
    >>> shell_command(["glassnet", "inspect", "my model.safetensors"])
    "glassnet inspect 'my model.safetensors'"
    """
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
