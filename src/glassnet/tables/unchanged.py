"""A Parquet file that is read piece by piece, and must be the same one all the while."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from glassnet.errors import InputError

TAIL: Final = 8
"""Bytes at the end of a Parquet file: how long its footer is, and four letters."""


@dataclass(frozen=True)
class Unchanged:
    """What a Parquet file was like when it was first looked at.

    Attributes
    ----------
    size : int
        Its bytes.
    footer : bytes
        A digest of what the file says of itself: its columns, where their pages lie, their least and greatest values.
    written : tuple or None
        When it was written, to the nanosecond, and its inode. A copy of the file on another machine has others, so
        they are not sent to workers.

    Examples
    --------
    >>> import polars as pl
    >>> file = getfixture("tmp_path") / "t.parquet"
    >>> pl.DataFrame({"a": [1, 2]}).write_parquet(file)
    >>> seen = Unchanged.now(file)
    >>> with seen.while_read(file):
    ...     frame = pl.read_parquet(file)
    """

    size: int
    footer: bytes
    written: tuple[int, int] | None

    @classmethod
    def now(cls, file: Path) -> Unchanged:
        """As it is at this moment; whoever may not read it is told so by the system, with its name."""
        with file.open("rb") as opened:
            found = os.fstat(opened.fileno())
            opened.seek(max(0, found.st_size - TAIL))
            tail = opened.read(TAIL)
            length = TAIL + (int.from_bytes(tail[:4], "little") if tail.endswith(b"PAR1") else 0)
            opened.seek(max(0, found.st_size - length))
            footer = hashlib.blake2b(opened.read(length), digest_size=16).digest()
        return cls(found.st_size, footer, (found.st_mtime_ns, found.st_ino))

    def __reduce__(self) -> tuple[Callable[..., Unchanged], tuple[Any, ...]]:
        return Unchanged, (self.size, self.footer, None)

    @contextmanager
    def while_read(self, file: Path) -> Iterator[None]:
        """Around each reading: before it, and behind it, the file must be as it was.

        Raises
        ------
        InputError
            If it is another one, or was written to.
        """
        self._check(file)
        yield
        self._check(file)

    def _check(self, file: Path) -> None:
        now = Unchanged.now(file)
        known = now if self.written is not None else replace(now, written=None)
        if known == self:
            return
        before = f" where there were {self.size:,}" if now.size != self.size else ", written anew"
        rule = f"{file} must not change while it is read"
        raise InputError(rule, f"{now.size:,} bytes{before}", "Start again")
