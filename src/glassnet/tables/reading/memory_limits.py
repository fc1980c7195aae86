"""Limits of memory and time for files: a first reading in another process, and the size of a frame once unfolded.

Libraries in C and Rust trust a file's metadata: that a page has two billion values, that a sheet reaches to its last
cell. They allocate the memory, and abort the process if there is none, which cannot be caught; Rust may also panic and
write to the terminal. Therefore another process with limits first tries whether a file can be read.

Files and messages write a frequent cell once, and then only refer to it: as a dictionary, as views into one text. So
does polars in memory. A text of sixty thousand letters in a hundred thousand rows is three megabytes then, and six
gigabytes when it is written or converted to Python objects. Therefore cells are counted first.
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
from glassnet.support.language import Text
from glassnet.tables.reading.sources import pl

BASE: Final = 1_500_000_000
"""Bytes of memory that a process reserves before it opens a file."""
SECONDS: Final = 10
"""Seconds of CPU time, and one more for each megabyte."""
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
    """Refuse files for which a program ends abnormally; its `words` are `more` and the paths.

    Raises
    ------
    InputError
        If one takes more memory or time than allowed. Other errors are raised when it is read in this process.
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
        remedy = Text("Save it again; times with a zone such as +05:45 in UTC")
        raise InputError(Text("{file} must be readable", file=paths[0]), "what its reader gives up over", remedy)
    if run.returncode in (-getattr(signal, "SIGXCPU", 0), -getattr(signal, "SIGKILL", 0)):
        rule = Text("{file} must be readable within {seconds} seconds of CPU time", file=paths[0], seconds=seconds)
        raise InputError(
            rule,
            Text("more", context="received"),
            "Check that it is a table: many thousands of column names, or deeply nested values, take too long",
        )
    raise too_large(paths[0], most, "more")


def too_large(path: Path, most: int, received: str) -> InputError:
    """Return the error of a file that takes more memory than allowed."""
    rule = Text("{path}, unpacked, must be at most {size:.3g} GB", path=path, size=most / 1e9)
    return InputError(rule, received, "Raise the limit: --max-unpacked (max_unpacked=)")


def unfolded_size(frame: pl.DataFrame) -> int:
    """Return the bytes of all cells, each counted by itself.

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
    """Return the size of a dictionary-encoded column: the length of each text times its count."""
    counts = column.alias("level").drop_nulls().value_counts(name="rows")
    return int((counts["level"].cast(pl.String).str.len_bytes().cast(pl.UInt64) * counts["rows"]).sum())


def sized_slices(frame: pl.DataFrame, rows: int, size: int) -> Iterator[pl.DataFrame]:
    """Yield a frame in slices of at most so many rows and bytes; a longer row has its own.

    Examples
    --------
    >>> import polars as pl
    >>> [len(piece) for piece in sized_slices(pl.DataFrame({"a": ["x" * 1000] * 5}), 4, 3000)]
    [3, 1, 1]
    """
    for part in frame.iter_slices(rows):
        whole = unfolded_size(part)
        yield from part.iter_slices(max(1, min(len(part), len(part) * size // max(1, whole))))
