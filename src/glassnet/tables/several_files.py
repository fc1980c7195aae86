"""Several files of one table, none of them Parquet: read once, for the types that all of them have together."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from glassnet.errors import InputError, shown
from glassnet.support.warning import warn
from glassnet.tables.cells import CellTypes, clean_cells
from glassnet.tables.delimited import text_frames
from glassnet.tables.layout import Layout
from glassnet.tables.notation import UNDECIDED, Notation, decide
from glassnet.tables.readers import Cells, is_text, survey, whole_table
from glassnet.tables.reading import COMPRESSIONS, ReadOptions
from glassnet.tables.sources import no_rows, pl, require

Piece = tuple[Path, "pl.DataFrame"]
"""Some rows, and the file that they are of."""

ALIKE = "All files of a folder must have the same columns, of the same types"
MAKE_ALIKE = "Make them the same, or pass a polars LazyFrame that does"


class KeptCells(Cells, Protocol):
    """Cells of one file that can be had again, once."""

    def __iter__(self) -> Iterator[pl.DataFrame]: ...


def scan_files(
    paths: Sequence[Path],
    rows: int,
    options: ReadOptions,
    text: Container[str],
    target: str | None,
    keep: Callable[[int], KeptCells],
) -> tuple[Iterator[Piece], Notation, Mapping[str, Counter[str]]]:
    """Read several files of one table, none of them Parquet; the types are those of all files together.

    Gives the pieces, of so many rows at most and each with its file, their notation, and the texts that stood for a
    missing value, by column. `keep` makes a place for the cells of each file, by its number, where they wait until all
    types are known.

    Raises
    ------
    InputError, OSError, MissingExtraError
        As :func:`glassnet.tables.readers.read_file`, all before the first piece; or if the files differ in their
        columns.
    """
    require("polars", "Reading tables from files", "cli")
    if not all(is_text(path, options) for path in paths):
        return _typed(paths, rows, options, text, target)
    types, total = CellTypes(text, options.notation), 0
    layouts: list[Layout] = []
    known: list[tuple[Path, CellTypes]] = []
    kept: list[KeptCells] = []
    for path in paths:
        kept.append(keep(len(kept)))
        own, layout, count = survey(path, options, text, target, keep=kept[-1])
        total += count
        _check_names(paths[0], (layouts or [layout])[0].names, path, layout.names)
        layouts.append(layout)
        known.append((path, own))
        if (name := types.contradicted(own)) is not None:
            raise _of_two_types(name, known, layouts, options)
        types.merge(own)
    if total == 0:
        raise no_rows(*paths)
    _warn_of_cut(paths)
    notation = decide(types.observed(), paths[0], layouts[0].delimiter, options.notation, UNDECIDED)

    def pieces() -> Iterator[Piece]:
        for path, cells in zip(paths, kept, strict=True):
            for piece in cells:
                converted = types.convert(piece, notation).select(layouts[0].names)
                yield from ((path, part) for part in converted.iter_slices(rows))

    return pieces(), notation, types.taken


def _warn_of_cut(paths: Sequence[Path]) -> None:
    """Warn of a file that ends within a line where others end with one: it may have been cut while it was copied."""
    ends = {path: _last(path) for path in paths if path.suffix.lower() not in COMPRESSIONS}
    cut = [path for path, end in ends.items() if end not in (b"\n", b"\r")]
    if 0 < len(cut) < len(ends):
        said = f"{cut[0]} does not end with a line break, unlike other files of the folder: it may be truncated"
        warn(said)


def _last(path: Path) -> bytes:
    """The last byte of a text, of whatever encoding."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 2))
        return file.read().strip(b"\0")[-1:]


def _typed(
    paths: Sequence[Path], rows: int, options: ReadOptions, text: Container[str], target: str | None
) -> tuple[Iterator[Piece], Notation, Mapping[str, Counter[str]]]:
    """The same of files that have types of their own, and are read whole: whole numbers may stand beside others."""
    read = [(path, whole_table(path, options, UNDECIDED, text, target)) for path in paths]
    tables = [(path, table.frame, table.notation) for path, table in read]
    filled = [(path, table, notation) for path, table, notation in tables if len(table)]  # a column of nothing is text
    if not filled:
        raise no_rows(*paths)
    first, wanted = filled[0], dict(filled[0][1].schema)
    for path, table, _ in tables:
        _check_names(first[0], list(wanted), path, table.columns)
    for path, table, _ in filled:
        for name, dtype in table.schema.items():
            both = {wanted[name], dtype}
            if len(both) == 1 or dtype == pl.Null:
                continue
            if wanted[name] == pl.Null or all(each.is_numeric() for each in both):
                wanted[name] = dtype if wanted[name] == pl.Null else pl.Float64()
            else:
                check_schema(first[0], wanted, path, wanted | {name: dtype})
    alike = ((path, table.select(list(wanted)).cast(pl.Schema(wanted))) for path, table, _ in filled)
    taken: dict[str, Counter[str]] = {}
    for _, table_read in read:
        for name, words in table_read.gaps.items():
            taken.setdefault(name, Counter()).update(words)
    return ((path, piece) for path, table in alike for piece in table.iter_slices(rows)), first[2], taken


def _check_names(first: Path, wanted: Sequence[str], path: Path, names: Sequence[str]) -> None:
    """Refuse a file of other columns; their order does not matter."""
    if differing := sorted(set(names) ^ set(wanted)):
        received = f"{', '.join(differing[:5])} in one of {first} and {path}"
        raise InputError("All files of a folder must have the same columns", received, "Make them the same")


def check_schema(first: Path, wanted: Mapping[str, Any], path: Path, schema: Mapping[str, Any]) -> None:
    """Refuse a file whose columns, or their types, are not those of the first; their order does not matter.

    Raises
    ------
    InputError
        Naming both files, and a column.
    """
    for name in {**wanted, **schema}:
        if wanted.get(name) != schema.get(name):
            received = f"{name!r}: {wanted.get(name, 'not')} in {first}, {schema.get(name, 'not')} in {path}"
            raise InputError(ALIKE, received, MAKE_ALIKE)


def _of_two_types(
    name: str, known: Sequence[tuple[Path, CellTypes]], layouts: Sequence[Layout], options: ReadOptions
) -> InputError:
    """What is wrong with the last of some files, or with the one before that it contradicts."""
    path, own = known[-1]
    place = next((at for at, (_, types) in enumerate(known) if types.contradicted(own) == name), 0)
    first, other = known[place]
    received = f"{name!r}: {other.held(name)} in {first}, {own.held(name)} in {path}"
    remedy = MAKE_ALIKE
    later = other.held(name) != "text"  # the later file is the one that others do not suit
    read, text, layout = (other, path, layouts[-1]) if later else (own, first, layouts[place])
    start = 1
    for frame in text_frames(text, layout, options.max_unpacked):
        cells = clean_cells(frame, options.missing or ())[name]
        if (found := read.unreadable(name, cells)) is not None:
            row, cell = found
            received += f", for {shown(cell)} in row {start + row:,}"
            if "text" in (own.held(name), other.held(name)):
                gap = f"If {shown(cell)} means a missing value, use --missing (missing=)"
                code = f"If {name!r} contains codes, use --text (text=)"
                remedy = f"{code}. {gap}. Otherwise {remedy[0].lower()}{remedy[1:]}"
            break
        start += len(frame)
    return InputError(ALIKE, received, remedy)
