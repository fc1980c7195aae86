"""Tables written into a temporary folder as Parquet: files of text with their types, and what a plan computes.

So types are found once, a plan is carried out once, and any block can be had.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from glassnet.errors import InputError
from glassnet.support.atomic_write import claim, clear_left
from glassnet.tables.notation import UNDECIDED, Notation
from glassnet.tables.parquet import look, read_rows
from glassnet.tables.parquet_blocks import MOST, ParquetBlocks, label_of
from glassnet.tables.reading import ReadOptions
from glassnet.tables.several_files import scan_files
from glassnet.tables.sources import pl, polars_errors

SPOOLED: Final = "glassnet-blocks-"
"""How folders are called that hold what was converted."""


def _remove(folder: Path, descriptor: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if descriptor is not None:
        os.close(descriptor)


class _Spool:
    """A temporary folder for blocks, which goes away with the last who knows it."""

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
        """Whatever goes wrong takes the folder away at once.

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
        """Refuse to go on where the rest has no room, after this share of the rows."""
        written = sum(file.stat().st_size for file in self.folder.iterdir())
        needed = written / share - written
        if needed > shutil.disk_usage(self.folder).free:
            raise self._no_room(f"{needed / 1e9:.3g} GB, with ")

    def _no_room(self, needed: str = "") -> InputError:
        rule = "The disk must have space for a temporary Parquet copy of the table"
        free = shutil.disk_usage(self.folder.parent).free
        received = f"{needed}{free / 1e9:.3g} GB free in {self.folder.parent}"
        return InputError(rule, received, "Free some space, or choose another folder: TMPDIR=/path/on/a/disk")


class SpooledBlocks(ParquetBlocks):
    """Blocks in a temporary folder; of each file in it `origins` say what its rows are of, and the first's number.

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
    """The cells of one file, by its place among all, as Parquet: each piece is gone when it has been read.

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
    """Files of text as Parquet, with the types that all of them together have; each is read once."""
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
    """What a LazyFrame computes."""
    spool = _Spool()
    possible = "one that polars can carry out"
    with polars_errors("A LazyFrame", possible, "Try .head().collect()"), spool.filling() as folder:
        lazy.sink_parquet(folder / "0.parquet", compression="lz4", row_group_size=MOST, maintain_order=True)
    if not look(spool.folder / "0.parquet")[1]:
        raise InputError("A LazyFrame must have rows", "none", "A filter may have removed all rows")
    return SpooledBlocks(spool, UNDECIDED, [("the LazyFrame", 0)])
