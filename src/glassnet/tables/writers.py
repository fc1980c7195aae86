"""Writers of tables to files, in chunks, atomically.

Predictions of a large table are written while they are made. The chunks go into a temporary file, which replaces the
final one at the end, so that it is always complete.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from glassnet.errors import InputError, InputTypeError
from glassnet.support.atomic_write import aside, claim, destination
from glassnet.support.escape_controls import escape_controls
from glassnet.support.language import Text
from glassnet.support.lazy_import import require
from glassnet.tables.columns.dates import check_frame
from glassnet.tables.containers import as_frame
from glassnet.tables.reading.sources import file_format, pl


def check_text_columns(frame: pl.DataFrame) -> None:
    """Refuse columns that a text file cannot hold, for which polars would panic, or raise errors of its own.

    Raises
    ------
    InputTypeError
        If a column holds lists, bytes or durations.
    InputError
        If it has a date before year 1 or after year 9999.
    """
    for column in frame.iter_columns():
        kind = column.dtype
        if kind.is_nested() or kind in (pl.Binary, pl.Object, pl.Duration):
            rule = Text(
                "Column {name!r} must contain numbers, text, booleans, dates or times to be written as text",
                name=column.name,
            )
            raise InputTypeError(rule, str(kind), "Omit it, or convert it")
    check_frame(frame)


class TableWriter:
    """Writes a table to a file, to be used in a ``with`` statement.

    Parameters
    ----------
    path : str or path
        A file that ends in .csv, .tsv, .tab or .txt (comma separated, .tsv and .tab by tabs; with .gz compressed), or
        in .parquet or .pq; "-" for CSV on the standard output. An existing file is replaced when the ``with`` block
        ends without an error, and otherwise left as it was.

    Raises
    ------
    InputError
        If the name ends in nothing known, or pieces differ in their columns.
    OSError
        If the folder does not exist, or the disk is full.
    MissingExtraError
        If polars is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import polars as pl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "predictions.csv"
    ...     with TableWriter(file) as writer:
    ...         for start in (0, 2):
    ...             writer.write(pl.DataFrame({"id": [start, start + 1], "class": ["a", "b"]}))
    ...     print(file.read_text(), end="")
    id,class
    0,a
    1,b
    2,a
    3,b
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        require("polars", "Writing tables to files", "cli")
        self._standard = str(path) == "-"
        self.path = destination(Path(path).expanduser())  # a link is kept, and its target is replaced
        kind = "csv" if self._standard or _is_device(self.path) else file_format(self.path)
        if kind not in ("csv", "parquet") or self.path.suffix.lower() in (".zst", ".bz2", ".xz"):
            rule = Text("A table can be written as text, optionally with gzip, or as Parquet")
            raise InputError(rule, self.path.name, "Use a name that ends in .csv, .csv.gz or .parquet")
        self._parquet = kind == "parquet"
        self._delimiter = "\t" if {".tsv", ".tab"} & {suffix.lower() for suffix in self.path.suffixes} else ","
        self._schema: dict[str, Any] | None = None
        self._file: IO[bytes] | None = None
        self._closing = contextlib.ExitStack()
        self._pieces: list[Path] = []  # of a Parquet file
        self._temporary: Path | None = None

    @property
    def text(self) -> bool:
        """Whether it writes a text file."""
        return not self._parquet

    def __enter__(self) -> TableWriter:
        if self._standard:
            self._file = sys.stdout.buffer
        elif _is_device(self.path):
            self._file = self._closing.enter_context(self.path.open("wb"))
        else:
            if self.path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "A table must be a file, and this is a folder", str(self.path))
            if not self.path.parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, "There is no such folder to write into", str(self.path.parent))
            # A folder of its own beside the final file: on the same disk, so that moving out of it is one step.
            self._temporary = aside(self.path)
            self._temporary.mkdir(mode=0o700)
            self._claim(self._temporary)
            if not self._parquet:
                self._file = self._open(self._temporary / "table")
        return self

    def write(self, frame: Any) -> None:
        """Append rows.

        Parameters
        ----------
        frame : DataFrame
            polars, pandas, pyarrow or another frame known to narwhals; all pieces with the same columns, and for
            Parquet of the same types.

        Raises
        ------
        InputError, InputTypeError
            If the columns differ from those of the first piece, text cannot hold them, or the writer is not open.
        OSError
            If the disk is full.
        """
        piece: pl.DataFrame = as_frame(frame).to_polars()
        if self._file is None and self._temporary is None:
            raise InputError("A writer must be open", None, "Use it as: with TableWriter(path) as writer")
        first = self._schema is None
        self._check_schema(dict(piece.schema) if self._parquet else dict.fromkeys(piece.columns))
        with self._full_disk_reported():
            if self._file is None:
                self._write_parquet(piece)
            else:
                check_text_columns(piece)
                text = piece.write_csv(separator=self._delimiter, include_header=first)
                self._file.write((escape_controls(text) if self._file.isatty() else text).encode())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._standard:
                if error is None:
                    sys.stdout.buffer.flush()
                return
            with self._full_disk_reported() if error is None else contextlib.suppress(OSError):
                self._closing.close()
                if error is None and self._temporary is not None:
                    self._move_into_place(self._temporary)
        finally:
            self._file = None
            if self._temporary is not None:
                shutil.rmtree(self._temporary, ignore_errors=True)
                self._temporary = None

    def _claim(self, folder: Path) -> None:
        """Lock the folder for as long as it is in use."""
        with contextlib.suppress(OSError):  # Windows opens no folders
            descriptor = os.open(folder, os.O_RDONLY)
            self._closing.callback(os.close, descriptor)
            claim(descriptor)

    def _open(self, path: Path) -> IO[bytes]:
        file = self._closing.enter_context(path.open("wb"))
        if self.path.suffix.lower() != ".gz":
            return file
        # No name and no time in the header: the same table makes the same bytes.
        compressed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0)
        return cast("IO[bytes]", self._closing.enter_context(compressed))

    def _check_schema(self, schema: dict[str, Any]) -> None:
        if self._schema is None:
            self._schema = schema
        elif list(schema.items()) != list(self._schema.items()):
            described, expected = (
                ", ".join(f"{name} ({kind})" if kind else name for name, kind in columns.items())
                for columns in (schema, self._schema)
            )
            raise InputError(
                "All parts of a table must have the same columns",
                described,
                Text("The first had {names}", names=expected),
            )

    def _write_parquet(self, piece: pl.DataFrame) -> None:
        buffer = io.BytesIO()
        piece.write_parquet(buffer)
        path = cast("Path", self._temporary) / f"piece {len(self._pieces)}"
        path.write_bytes(buffer.getvalue())  # not a view: an error would keep it, and the buffer could not be freed
        self._pieces.append(path)

    def _move_into_place(self, folder: Path) -> None:
        finished = folder / "table"
        if self._parquet:
            self._join_parquet(finished)
        with finished.open("rb") as file:
            os.fsync(file.fileno())
        finished.replace(self.path)

    def _join_parquet(self, finished: Path) -> None:
        try:
            if self._pieces:
                pl.scan_parquet(self._pieces, glob=False).sink_parquet(finished)
            else:
                pl.DataFrame().write_parquet(finished)
        except pl.exceptions.PolarsError as error:
            raise OSError(errno.EIO, f"The pieces of the table could not be joined ({error})", str(self.path)) from None

    @contextlib.contextmanager
    def _full_disk_reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                place = [] if self._standard else [str(self.path)]
                raise OSError(error.errno, "The disk is full, and the table was not written", *place) from None
            raise


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()
