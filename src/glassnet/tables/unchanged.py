"""A Parquet file that is read piece by piece, and must be the same one all the while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet.errors import InputError


@dataclass(frozen=True)
class Unchanged:
    """What a Parquet file was like when it was first looked at.

    Attributes
    ----------
    size : int
        Its bytes.
    written : int or None
        When it was written, in nanoseconds. A copy of the file on another machine has another time, so it is not sent
        to workers.

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
    written: int | None

    @classmethod
    def now(cls, file: Path) -> Unchanged:
        """As it is at this moment."""
        found = file.stat()
        return cls(found.st_size, found.st_mtime_ns)

    def __reduce__(self) -> tuple[Callable[..., Unchanged], tuple[Any, ...]]:
        return Unchanged, (self.size, None)

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
        if now.size == self.size and self.written in (None, now.written):
            return
        before = f" where there were {self.size:,}" if now.size != self.size else ", written anew"
        rule = f"{file} must not change while it is read"
        raise InputError(rule, f"{now.size:,} bytes{before}", "Start again")
