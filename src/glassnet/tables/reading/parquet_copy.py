"""Temporary Parquet copies of text files and of LazyFrames.

Thus types are inferred once (those of all files together), a LazyFrame is computed once, and any block can be read.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from glassnet.errors import InputError, shown
from glassnet.support.atomic_write import claim, clear_left
from glassnet.support.language import Text
from glassnet.support.lazy_import import require
from glassnet.support.messages import warn
from glassnet.tables.reading.cell_types import CellTypes, clean_cells
from glassnet.tables.reading.delimited import TextLayout, text_frames
from glassnet.tables.reading.notation import UNDECIDED, Notation, decide
from glassnet.tables.reading.parquet import (
    ALIKE,
    MAKE_ALIKE,
    MOST,
    ParquetBlocks,
    check_schema,
    label_of,
    look,
    read_rows,
)
from glassnet.tables.reading.readers import CellStore, infer_types, is_text, whole_table
from glassnet.tables.reading.sources import COMPRESSIONS, ReadOptions, no_rows, pl, polars_errors

Piece = tuple[Path, "pl.DataFrame"]
"""Some rows, and their file."""
SPOOLED: Final = "glassnet-blocks-"
"""Prefix of the folders of temporary copies."""


CODES_OR_GAPS: Final = Text(
    "If {column} contains codes, use --text (text=). If {cell} means a missing value, use --missing (missing=). "
    "Otherwise make them the same, or pass a polars LazyFrame that does"
)


class ReadableCells(CellStore, Protocol):
    """Cells of one file that can be read back, once."""

    def __iter__(self) -> Iterator[pl.DataFrame]: ...


def scan_files(
    paths: Sequence[Path],
    rows: int,
    options: ReadOptions,
    text: Container[str],
    target: str | None,
    keep: Callable[[int], ReadableCells],
) -> tuple[Iterator[Piece], Notation, Mapping[str, Counter[str]]]:
    """Read several files of one table, none of them Parquet, with the types of all files together.

    Gives the pieces, of so many rows at most and each with its file, their notation, and the texts that stood for a
    missing value, by column. `keep` makes a place for the cells of each file, by its number, where they wait until all
    types are known.

    Raises
    ------
    InputError, OSError, MissingExtraError
        As :func:`glassnet.tables.reading.readers.read_file`, all before the first piece; or if the columns of the
        files differ.
    """
    require("polars", "Reading tables from files", "cli")
    if not all(is_text(path, options) for path in paths):
        return _typed(paths, rows, options, text, target)
    types, total = CellTypes(text, options.notation), 0
    layouts: list[TextLayout] = []
    known: list[tuple[Path, CellTypes]] = []
    kept: list[ReadableCells] = []
    for path in paths:
        kept.append(keep(len(kept)))
        own, layout, count = infer_types(path, options, text, target, keep=kept[-1])
        total += count
        _check_names(paths[0], (layouts or [layout])[0].names, path, layout.names)
        layouts.append(layout)
        known.append((path, own))
        if (name := types.contradicted(own)) is not None:
            raise _contradictory_types(name, known, layouts, options)
        types.merge(own)
    if total == 0:
        raise no_rows(*paths)
    _warn_of_truncation(paths)
    notation = decide(types.observed(), paths[0], layouts[0].delimiter, options.notation, UNDECIDED)

    def pieces() -> Iterator[Piece]:
        for path, cells in zip(paths, kept, strict=True):
            for piece in cells:
                converted = types.convert(piece, notation).select(layouts[0].names)
                yield from ((path, part) for part in converted.iter_slices(rows))

    return pieces(), notation, types.taken


def _warn_of_truncation(paths: Sequence[Path]) -> None:
    """Warn of a file that does not end with a line break while others do: it may be truncated."""
    ends = {path: _last(path) for path in paths if path.suffix.lower() not in COMPRESSIONS}
    cut = [path for path, end in ends.items() if end not in (b"\n", b"\r")]
    if 0 < len(cut) < len(ends):
        message = Text(
            "{file} does not end with a line break, unlike other files of the folder: it may be truncated", file=cut[0]
        )
        warn(message)


def _last(path: Path) -> bytes:
    """Return the last byte of a text, in any encoding."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 2))
        return file.read().strip(b"\0")[-1:]


def _typed(
    paths: Sequence[Path], rows: int, options: ReadOptions, text: Container[str], target: str | None
) -> tuple[Iterator[Piece], Notation, Mapping[str, Counter[str]]]:
    """Read files with types of their own, which are read whole; integers are compatible with fractions."""
    read = [(path, whole_table(path, options, UNDECIDED, text, target)) for path in paths]
    tables = [(path, table.frame, table.notation) for path, table in read]
    filled = [(path, table, notation) for path, table, notation in tables if len(table)]  # a column of nothing is text
    if not filled:
        raise no_rows(*paths)
    first, schema = filled[0], dict(filled[0][1].schema)
    for path, table, _ in tables:
        _check_names(first[0], list(schema), path, table.columns)
    for path, table, _ in filled:
        for name, dtype in table.schema.items():
            both = {schema[name], dtype}
            if len(both) == 1 or dtype == pl.Null:
                continue
            if schema[name] == pl.Null or all(each.is_numeric() for each in both):
                schema[name] = dtype if schema[name] == pl.Null else pl.Float64()
            else:
                check_schema(first[0], schema, path, schema | {name: dtype})
    alike = ((path, table.select(list(schema)).cast(pl.Schema(schema))) for path, table, _ in filled)
    taken: dict[str, Counter[str]] = {}
    for _, table_read in read:
        for name, words in table_read.gaps.items():
            taken.setdefault(name, Counter()).update(words)
    return ((path, piece) for path, table in alike for piece in table.iter_slices(rows)), first[2], taken


def _check_names(first: Path, expected: Sequence[str], path: Path, names: Sequence[str]) -> None:
    """Refuse a file of other columns; their order does not matter."""
    if differing := sorted(set(names) ^ set(expected)):
        received = f"{', '.join(differing[:5])} in one of {first} and {path}"
        raise InputError("All files of a folder must have the same columns", received, "Make them the same")


def _contradictory_types(
    name: str, known: Sequence[tuple[Path, CellTypes]], layouts: Sequence[TextLayout], options: ReadOptions
) -> InputError:
    """Return the error of the last of some files, or of an earlier one that it contradicts."""
    path, own = known[-1]
    place = next((at for at, (_, types) in enumerate(known) if types.contradicted(own) == name), 0)
    first, other = known[place]
    received = Text("{name!r}: {before} in {first}, {held} in {file}").filled(
        name=name, before=other.held(name), first=first, held=own.held(name), file=path
    )
    remedy = MAKE_ALIKE
    later = other.held(name) != "text"  # the later file is the one that others do not suit
    read, text, layout = (other, path, layouts[-1]) if later else (own, first, layouts[place])
    start = 1
    for frame in text_frames(text, layout, options.max_unpacked):
        cells = clean_cells(frame, options.missing or ())[name]
        if (found := read.unreadable(name, cells)) is not None:
            row, cell = found
            received = Text("{found}, for {cell} in row {row:,}", found=received, cell=shown(cell), row=start + row)
            if "text" in (own.held(name), other.held(name)):
                remedy = CODES_OR_GAPS.filled(column=repr(name), cell=shown(cell))
            break
        start += len(frame)
    return InputError(ALIKE, received, remedy)


def _remove(folder: Path, descriptor: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if descriptor is not None:
        os.close(descriptor)


class _Spool:
    """A temporary folder for blocks, removed with the last reference to it."""

    def __init__(self) -> None:
        for left in Path(tempfile.gettempdir()).glob(f"{SPOOLED}*"):  # by a process that was killed
            clear_left(left)
        self.folder = Path(tempfile.mkdtemp(prefix=SPOOLED))
        descriptor = None
        with suppress(OSError):  # Windows opens no folder
            descriptor = os.open(self.folder, os.O_RDONLY)
            claim(descriptor)
        self._end = weakref.finalize(self, _remove, self.folder, descriptor)

    @contextmanager
    def filling(self) -> Iterator[Path]:
        """Remove the folder at once if anything fails.

        Raises
        ------
        InputError
            If the disk is full.
        """
        try:
            yield self.folder
        except BaseException as error:
            self._end()
            full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
            if not full:  # polars has no class of its own for it
                raise
            raise self._no_room() from error

    def check_room(self, share: float) -> None:
        """Refuse to continue if the disk has no space for the rest, after this share of the rows."""
        written = sum(file.stat().st_size for file in self.folder.iterdir())
        needed = written / share - written
        if needed > shutil.disk_usage(self.folder).free:
            raise self._no_room(f"{needed / 1e9:.3g} GB, with ")

    def _no_room(self, needed: str = "") -> InputError:
        rule = Text("The disk must have space for a temporary Parquet copy of the table")
        free = shutil.disk_usage(self.folder.parent).free
        received = f"{needed}{free / 1e9:.3g} GB free in {self.folder.parent}"
        return InputError(rule, received, "Free some space, or choose another folder: TMPDIR=/path/on/a/disk")


class SpooledBlocks(ParquetBlocks):
    """Blocks in a temporary folder; `origins` has, for each file in it, the source file and its first row.

    `gaps` are the texts that stood for a missing value, by column.
    """

    def __init__(
        self,
        spool: _Spool,
        notation: Notation,
        origins: Sequence[tuple[str, int]],
        gaps: Mapping[str, Counter[str]] = MappingProxyType({}),
    ) -> None:
        self.gaps = gaps
        super().__init__(sorted(spool.folder.iterdir()), notation)
        self._spool, self._origins = spool, dict(zip(self.files, origins, strict=True))

    @property
    def labels(self) -> tuple[str, ...]:
        places = [(*self._origins[part.file], part) for part in self._parts]
        return tuple(label_of(name, first + part.start, part.rows) for name, first, part in places)


class _CellsOnDisk:
    """The cells of one file, by its number, as Parquet; each chunk is deleted once it has been read.

    `text` is how many bytes of text there are in all files.
    """

    def __init__(self, spool: _Spool, text: int, place: int) -> None:
        self._spool, self._text, self._place, self._count = spool, text, place, 0

    def _file(self, number: int) -> Path:
        return self._spool.folder / f"{self._place:08}-{number:08}.cells"

    def append(self, piece: pl.DataFrame, /) -> None:
        first = not any(self._spool.folder.iterdir())
        piece.write_parquet(self._file(self._count), compression="lz4")
        self._count += 1
        if first:
            cells = piece.select(pl.all().str.len_bytes().sum()).sum_horizontal().item()
            self._spool.check_room(min(1.0, (cells + piece.height * piece.width) / self._text))

    def clear(self) -> None:
        for number in range(self._count):
            self._file(number).unlink()
        self._count = 0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for number in range(self._count):
            piece = read_rows(self._file(number))
            self._file(number).unlink()
            yield piece


def converted(files: Sequence[Path], options: ReadOptions, text: Container[str], target: str | None) -> SpooledBlocks:
    """Convert text files to Parquet, with the types of all of them together; each is read once."""
    spool, size = _Spool(), sum(file.stat().st_size for file in files)
    origins: list[tuple[str, int]] = []
    with spool.filling() as folder:
        pieces, notation, gaps = scan_files(files, MOST, options, text, target, partial(_CellsOnDisk, spool, size))
        last, first = None, 0
        for number, (path, piece) in enumerate(pieces):
            last, first = path, first if path == last else 0
            origins.append((path.name, first))
            first += len(piece)
            piece.write_parquet(folder / f"{number:08}.parquet", compression="lz4")
    return SpooledBlocks(spool, notation, origins, gaps)


def computed(lazy: Any) -> SpooledBlocks:
    """Compute a LazyFrame into Parquet."""
    spool = _Spool()
    possible = Text("{file} must be one that polars can carry out")
    with polars_errors("A LazyFrame", possible, "Try .head().collect()"), spool.filling() as folder:
        lazy.sink_parquet(folder / "0.parquet", compression="lz4", row_group_size=MOST, maintain_order=True)
    if not look(spool.folder / "0.parquet")[1]:
        raise InputError(
            "A LazyFrame must have rows", Text("none", context="received"), "A filter may have removed all rows"
        )
    return SpooledBlocks(spool, UNDECIDED, [("the LazyFrame", 0)])
