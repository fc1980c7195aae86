"""Rows of Parquet files, in blocks that can be read again and again, each by its number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from glassnet.tables.cells import as_text, without_gaps
from glassnet.tables.notation import UNDECIDED, Notation
from glassnet.tables.parquet import look, read_rows
from glassnet.tables.several_files import check_schema
from glassnet.tables.sources import no_rows, pl, require
from glassnet.tables.unchanged import Unchanged

CELLS: Final = 1 << 21
"""So many cells of a table are in memory at a time: 16 megabytes of numbers."""
FEWEST, MOST = 1024, 65_536
"""Rows of a block, at least and at most."""


def rows_of_a_block(columns: int) -> int:
    """As many as keep what is in memory bounded, however wide the table is.

    >>> rows_of_a_block(8), rows_of_a_block(1000)
    (65536, 2097)
    """
    return max(FEWEST, min(MOST, CELLS // max(1, columns)))


@dataclass(frozen=True)
class _Part:
    """A block: rows of a file, and what that was like."""

    file: Path
    seen: Unchanged
    start: int
    rows: int


class ParquetBlocks:
    """Rows of Parquet files, in the order of their names.

    Parameters
    ----------
    files : sequence of Path
    notation : Notation
        How the text was written that they were made of; its texts for a missing value are null.
    text : sequence of str
        Columns of codes that are to be text.

    Raises
    ------
    InputError
        If one is damaged, they differ in their columns, or there are no rows.
    OSError
        If one cannot be read.

    Examples
    --------
    >>> import polars as pl
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "part.parquet"
    ...     pl.DataFrame({"a": range(100_000)}).write_parquet(file)
    ...     blocks = ParquetBlocks([file])
    ...     blocks.names, blocks.rows, next(blocks.pieces(1))["a"][0]
    (('a',), (65536, 34464), 65536)
    """

    def __init__(self, files: Sequence[Path], notation: Notation = UNDECIDED, text: Sequence[str] = ()) -> None:
        require("polars", "Reading tables from files", "cli")
        self.files, self.notation, self._text = tuple(files), notation, tuple(text)
        self.schema: dict[str, Any] = {}
        self._parts: list[_Part] = []
        codes: dict[str, tuple[Path, Any]] = {}
        for file in self.files:
            seen = Unchanged.now(file)
            stored, total = look(file)
            schema = dict(as_text(pl.DataFrame(schema=stored), self._text).schema)
            _check_codes(codes, file, {name: stored[name] for name in self._text})
            if file is self.files[0]:
                self.schema = schema
            check_schema(self.files[0], self.schema, file, schema)
            each = rows_of_a_block(len(schema))
            self._parts += [_Part(file, seen, start, min(each, total - start)) for start in range(0, total, each)]
        if not self._parts:
            raise no_rows(*self.files)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.schema)

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(part.rows for part in self._parts)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label_of(part.file.name, part.start, part.rows) for part in self._parts)

    def pieces(self, number: int, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        part = self._parts[number]
        wanted = self.names if columns is None else columns  # files may have them in other orders
        with part.seen.while_read(part.file):  # a worker that does not see it is told so by the system
            frame = read_rows(part.file, part.start, part.rows, wanted)
        table = as_text(frame, [name for name in self._text if name in frame.columns])
        yield without_gaps(table, self.notation.missing or ())


def label_of(name: str, first: int, rows: int) -> str:
    return f"{name}, rows {first:,} to {first + rows - 1:,}"


def _check_codes(known: dict[str, tuple[Path, Any]], file: Path, schema: Mapping[str, Any]) -> None:
    """Refuse codes that are whole numbers in one file and fractions in another: as text 17 and 17.0 are two codes."""
    for name, dtype in schema.items():
        if dtype.is_numeric():
            first, before = known.setdefault(name, (file, dtype))
            if before.is_float() != dtype.is_float():
                check_schema(first, {name: before}, file, {name: dtype})
