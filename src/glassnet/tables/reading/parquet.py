"""Parquet files: read whole, within a limit, or in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.support.lazy_import import require
from glassnet.tables.reading.cell_types import as_text, without_gaps
from glassnet.tables.reading.delimited import all_named, check_names
from glassnet.tables.reading.memory_limits import check_readable, sized_slices, too_large, unfolded_size
from glassnet.tables.reading.notation import UNDECIDED, Notation
from glassnet.tables.reading.sources import no_rows, pl, polars_errors

TRIED: Final = 200_000_000
"""The largest file, in bytes, that is first read in another process."""
READ_PROGRAM: Final = """
import polars as pl
from glassnet.tables.reading.memory_limits import unfolded_size
for path in words[1:]:
    lazy, start, size = pl.scan_parquet(path, glob=False), 0, 0
    while len(frame := lazy.slice(start, 500_000).collect()):
        start, size = start + len(frame), size + unfolded_size(frame)
        if size > int(words[0]):
            sys.exit(2)
"""
"""Reads a file, and adds the sizes of its cells."""
PIECE: Final = 64_000_000
"""Bytes of cells in a chunk, unless a row is longer."""
SAMPLE, TEXT = 1024, 16
"""Rows by which the size of a row is estimated; the fewest bytes of a text."""
ALIKE = Text("All files of a folder must have the same columns, of the same types")
MAKE_ALIKE = Text("Make them the same, or pass a polars LazyFrame that does")
CELLS: Final = 1 << 21
"""Cells of a table that are in memory at a time: 16 megabytes of numbers."""
FEWEST, MOST = 1024, 65_536
"""Rows of a block, at least and at most."""


def with_names(frame: Any, names: Sequence[str], path: Path) -> Any:
    """Rename columns without a name as those of a text file are.

    Raises
    ------
    InputError
        If a column is called so already, or by a pattern.
    """
    renamed = {name: own for name, own in zip(names, all_named(names), strict=True) if name != own}
    check_names(all_named(names), path)
    return frame.rename(renamed) if renamed else frame


def _scan(path: Path) -> Any:
    lazy = pl.scan_parquet(path, glob=False)
    schema = lazy.collect_schema()
    # Older versions of polars read an extension type as its storage type.
    own = [name for name, kind in schema.items() if type(kind).__name__ == "Extension"]
    return with_names(lazy.with_columns(pl.col(own).ext.storage()) if own else lazy, schema.names(), path)


def look(path: Path) -> tuple[dict[str, Any], int]:
    """Return columns and number of rows of a file."""
    with polars_errors(path):
        lazy = _scan(path)
        schema, rows = dict(lazy.collect_schema()), int(lazy.select(pl.len()).collect().item())
    return schema, rows


def read_rows(
    path: Path, start: int = 0, rows: int | None = None, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    """Read rows of a file; None: all from `start` on."""
    with polars_errors(path):
        lazy = _scan(path)
        frame: pl.DataFrame = (lazy if columns is None else lazy.select(columns)).slice(start, rows).collect()
    return frame


def check_unpacked(paths: Sequence[Path], most: int) -> None:
    """Refuse a small file that unpacks to more memory than allowed; large files are usually as large in memory."""
    check_readable([path for path in paths if path.stat().st_size <= TRIED], most, READ_PROGRAM, str(most))


def read_parquet(path: Path, most: int) -> pl.DataFrame:
    """Read a whole file, if its metadata lets it fit: a million equal cells take a few bytes."""
    check_unpacked([path], most)
    schema, rows = look(path)
    with polars_errors(path):
        texts = sum(dtype in (pl.String, pl.Binary) for dtype in schema.values())
        row = pl.DataFrame(schema=schema).clear(SAMPLE).estimated_size() / SAMPLE + TEXT * texts
    if rows * row > most:
        raise too_large(path, most, Text("{rows:,} rows of {row:.0f} bytes", rows=rows, row=row))
    frame = read_rows(path)
    _check_unfolded(path, unfolded_size(frame), most)
    return frame


def parquet_pieces(path: Path, rows: int, most: int) -> Iterator[pl.DataFrame]:
    """Read a file in chunks of at most so many rows; fewer if they are long."""
    seen = FileVersion.now(path)
    check_unpacked([path], most)
    _, total = look(path)
    if total == 0:
        raise no_rows(path)
    return _pieces(path, rows, total, seen, most)


def _check_unfolded(path: Path, size: int, most: int) -> None:
    if size > most:
        raise too_large(
            path, most, Text("{count:.3g} GB, many cells of which are one in the file", count=size / 1000000000.0)
        )


def _pieces(path: Path, rows: int, total: int, seen: FileVersion, most: int) -> Iterator[pl.DataFrame]:
    size = 0
    for start in range(0, total, rows):
        with seen.while_read(path):
            piece = read_rows(path, start, rows)
        if len(piece) < min(rows, total - start):
            rule = Text("{file} must have as many rows as its metadata says", file=path)
            raise InputError(
                rule, Text("{count:,} of {total:,}", count=start + len(piece), total=total), "Get a fresh copy of it"
            )
        size += unfolded_size(piece)
        _check_unfolded(path, size, most)
        yield from sized_slices(piece, rows, PIECE)


def rows_of_a_block(columns: int) -> int:
    """Return the number of rows that bounds memory, however wide the table is.

    >>> rows_of_a_block(8), rows_of_a_block(1000)
    (65536, 2097)
    """
    return max(FEWEST, min(MOST, CELLS // max(1, columns)))


@dataclass(frozen=True)
class _RowRange:
    """A block: rows of a file, and the file's version."""

    file: Path
    seen: FileVersion
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
        self._parts: list[_RowRange] = []
        codes: dict[str, tuple[Path, Any]] = {}
        for file in self.files:
            seen = FileVersion.now(file)
            stored, total = look(file)
            schema = dict(as_text(pl.DataFrame(schema=stored), self._text).schema)
            _check_codes(codes, file, {name: stored[name] for name in self._text})
            if file is self.files[0]:
                self.schema = schema
            check_schema(self.files[0], self.schema, file, schema)
            each = rows_of_a_block(len(schema))
            self._parts += [_RowRange(file, seen, start, min(each, total - start)) for start in range(0, total, each)]
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
        selected = self.names if columns is None else columns  # files may have them in other orders
        with part.seen.while_read(part.file):  # on a worker that cannot access the file, the system raises an error
            frame = read_rows(part.file, part.start, part.rows, selected)
        table = as_text(frame, [name for name in self._text if name in frame.columns])
        yield without_gaps(table, self.notation.missing or ())


def label_of(name: str, first: int, rows: int) -> str:
    return f"{name}, rows {first:,} to {first + rows - 1:,}"


def _check_codes(known: dict[str, tuple[Path, Any]], file: Path, schema: Mapping[str, Any]) -> None:
    """Refuse codes that are integers in one file and fractions in another: as text, 17 and 17.0 differ."""
    for name, dtype in schema.items():
        if dtype.is_numeric():
            first, before = known.setdefault(name, (file, dtype))
            if before.is_float() != dtype.is_float():
                check_schema(first, {name: before}, file, {name: dtype})


@dataclass(frozen=True)
class FileVersion:
    """The version of a Parquet file when it was first read.

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
    >>> seen = FileVersion.now(file)
    >>> with seen.while_read(file):
    ...     frame = pl.read_parquet(file)
    """

    size: int
    written: int | None

    @classmethod
    def now(cls, file: Path) -> FileVersion:
        """Return the present version."""
        found = file.stat()
        return cls(found.st_size, found.st_mtime_ns)

    def __reduce__(self) -> tuple[Callable[..., FileVersion], tuple[Any, ...]]:
        return FileVersion, (self.size, None)

    @contextmanager
    def while_read(self, file: Path) -> Iterator[None]:
        """Check before and after each reading that the file has not changed.

        Raises
        ------
        InputError
            If it is another one, or was written to.
        """
        self._check(file)
        yield
        self._check(file)

    def _check(self, file: Path) -> None:
        now = FileVersion.now(file)
        if now.size == self.size and self.written in (None, now.written):
            return
        before = Text(" where there were {size:,}", size=self.size) if now.size != self.size else Text(", written anew")
        rule = Text("{path} must not change while it is read", path=file)
        raise InputError(rule, Text("{size:,} bytes{before}", size=now.size, before=before), "Start again")


def check_schema(first: Path, expected: Mapping[str, Any], path: Path, schema: Mapping[str, Any]) -> None:
    """Refuse a file whose columns, or their types, are not those of the first; their order does not matter.

    Raises
    ------
    InputError
        Naming both files, and a column.
    """
    for name in {**expected, **schema}:
        if expected.get(name) != schema.get(name):
            received = f"{name!r}: {expected.get(name, 'not')} in {first}, {schema.get(name, 'not')} in {path}"
            raise InputError(ALIKE, received, MAKE_ALIKE)
