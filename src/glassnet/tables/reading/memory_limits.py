"""Files are read in a process with limited memory and time before they are read here.

Libraries in C and Rust believe what a file says of itself: that a page has two billion values, that a sheet reaches to
its last cell. They ask for the memory, and where there is none they end their process; nothing can be caught. So
another process than this one tries whether the file can be read. What is written in Rust may also panic, and write
that to the terminal of its process, before anything can be caught.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from glassnet.errors import InputError
from glassnet.tables.reading.sources import pl

BASE: Final = 1_500_000_000
"""Bytes of memory that a process reserves before it opens a file."""
SECONDS: Final = 10
"""Of computing, and one more for each megabyte."""
PANICKED: Final = 3
LIMITED: Final = f"""
import json, os, sys
sys.excepthook = lambda kind, *_: os._exit({PANICKED} if kind.__name__ == "PanicException" else 1)
most, seconds, sys.path = json.loads(sys.argv[1])
words = sys.argv[2:]
try:
    import resource
    for limit, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, most), (resource.RLIMIT_CPU, seconds)):
        resource.setrlimit(limit, (value, value))
except (ImportError, ValueError, OSError):
    pass
"""


def check_readable(paths: Sequence[Path], most: int, program: str, *more: str) -> None:
    """Refuse files for which a program ends otherwise than Python does; its `words` are `more` and the paths.

    Raises
    ------
    InputError
        If one takes more memory or time than allowed. What else is wrong with it is said when it is read here.
    """
    if not sys.executable or not paths:
        return
    seconds = SECONDS + sum(path.stat().st_size for path in paths) // 1_000_000
    words = [json.dumps([most + BASE, seconds, sys.path]), *more, *map(str, paths)]
    run = subprocess.run(
        [sys.executable, "-c", LIMITED + program, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env=os.environ | {"POLARS_MAX_THREADS": "2"},  # each more reserves memory
    )
    if run.returncode in (0, 1):  # 1: an error of Python's
        return
    if len(paths) > 1:  # which of them it is
        for path in paths:
            check_readable([path], most, program, *more)
    if run.returncode == PANICKED:
        remedy = "Save it again; times with a zone such as +05:45 in UTC"
        raise InputError(f"{paths[0]} must be readable", "what its reader gives up over", remedy)
    if run.returncode in (-getattr(signal, "SIGXCPU", 0), -getattr(signal, "SIGKILL", 0)):
        rule = f"{paths[0]} must be readable within {seconds} seconds of CPU time"
        raise InputError(
            rule,
            "more",
            "Check that it is a table: many thousands of column names, or deeply nested values, take too long",
        )
    raise too_large(paths[0], most, "more")


def too_large(path: Path, most: int, received: str) -> InputError:
    """The error of a file that takes more memory than allowed."""
    rule = f"{path}, unpacked, must be at most {most / 1e9:.3g} GB"
    return InputError(rule, received, "Raise the limit: --max-unpacked (max_unpacked=)")


def unfolded_size(frame: pl.DataFrame) -> int:
    """Bytes of all cells, each for itself.

    Examples
    --------
    >>> import polars as pl
    >>> unfolded_size(pl.DataFrame({"a": ["x" * 1000] * 50, "b": [1.0] * 50}))
    50400
    """
    long = frame.select(
        pl.col(pl.String).str.len_bytes().cast(pl.UInt64).sum(), pl.col(pl.Binary).bin.size().cast(pl.UInt64).sum()
    )
    levels = frame.select(pl.col(pl.Categorical, pl.Enum))
    rest = frame.select(pl.exclude(pl.String, pl.Categorical, pl.Enum, pl.Binary))
    texts = sum(count or 0 for count in (long.row(0) if long.width else ()))
    return texts + sum(map(_size_of_levels, levels.iter_columns())) + int(rest.estimated_size())


def _size_of_levels(column: pl.Series) -> int:
    """Of a column whose cells are places in a list of texts: how often each comes, times its length."""
    counts = column.alias("level").drop_nulls().value_counts(name="rows")
    return int((counts["level"].cast(pl.String).str.len_bytes().cast(pl.UInt64) * counts["rows"]).sum())


def sized_slices(frame: pl.DataFrame, rows: int, size: int) -> Iterator[pl.DataFrame]:
    """A frame in slices of so many rows and bytes at most; a row that is longer has its own.

    Examples
    --------
    >>> import polars as pl
    >>> [len(piece) for piece in sized_slices(pl.DataFrame({"a": ["x" * 1000] * 5}), 4, 3000)]
    [3, 1, 1]
    """
    for part in frame.iter_slices(rows):
        whole = unfolded_size(part)
        yield from part.iter_slices(max(1, min(len(part), len(part) * size // max(1, whole))))
