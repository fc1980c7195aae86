"""Tables from files: CSV and its relatives, compressed or not, and Parquet.

Delimiter, encoding and types are found out; what cannot be found out without guessing is an error that says where.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glassnet.errors import InputError, MissingExtraError
from glassnet.tables.cells import CellTypes, clean_cells
from glassnet.tables.delimited import IrregularTextError, Layout, first_look, other_encoding, text_frames

if TYPE_CHECKING:
    import polars as pl

__all__ = ["PARQUET_ENDINGS", "TEXT_ENDINGS", "file_format", "read_table", "require_polars", "scan_table"]

TEXT_ENDINGS: Final = (".csv", ".tsv", ".tab", ".txt")
PARQUET_ENDINGS: Final = (".parquet", ".pq")
_COMPRESSIONS: Final = (".gz", ".zst")


def read_table(path: str | os.PathLike[str], missing: Sequence[str] = ()) -> pl.DataFrame:
    r"""Read a table from a file.

    Text files may be delimited by comma, semicolon, tab or bar, encoded in UTF-8, UTF-16, GB 18030 or Windows-1252,
    compressed by gzip or zstandard; the first row holds the names of the columns. A column is a number, a boolean
    (true, false), a date or a time (in ISO form) only if all cells of the file are; numbers with leading zeros are
    codes, and stay text. With another delimiter than the comma, "1,5" is a number. Spaces around cells do not count.
    An empty cell is a missing value.

    Parameters
    ----------
    path : str or path
        A file that ends in .csv, .tsv, .tab, .txt (and .gz or .zst) or in .parquet, .pq.
    missing : sequence of str, default ()
        Other texts that stand for a missing value, such as "NA" or "?". None by default, since "None" or "null" may
        be a category.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    InputError
        If the file is empty, has no rows, has rows of different length (with the line number), is damaged, or is not
        what its name says.
    OSError
        If it does not exist (FileNotFoundError), is a folder (IsADirectoryError) or cannot be read.
    MissingExtraError
        If polars is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "people.csv"
    ...     _ = file.write_text("age;born;city\n1,5;2023-05-01;Ulm\n40;1984-12-24;\n")
    ...     read_table(file).rows()
    [(1.5, datetime.date(2023, 5, 1), 'Ulm'), (40.0, datetime.date(1984, 12, 24), None)]
    """
    polars = require_polars("Reading tables from files")
    path = _existing(path)
    table: pl.DataFrame
    if file_format(path) == "parquet":
        table = _parquet(path, lambda file: polars.read_parquet(file, glob=False))
    else:
        pieces: list[pl.DataFrame] = []
        types, _ = _survey(path, missing, (), keep=pieces)
        for place, piece in enumerate(pieces):
            pieces[place] = types.convert(piece)  # each piece of text is let go as soon as it is converted
        table = polars.concat(pieces)
    if len(table) == 0:
        raise _no_rows(path)
    return table


def scan_table(
    path: str | os.PathLike[str], rows: int = 50_000, missing: Sequence[str] = (), text: Collection[str] = ()
) -> Iterator[pl.DataFrame]:
    r"""Read a table piece by piece, in bounded memory.

    A text file is read twice, the first time for the types of its columns, so that all pieces have the same types.

    Parameters
    ----------
    path : str or path
        As for :func:`read_table`.
    rows : int, default 50,000
        At most so many rows in a piece.
    missing : sequence of str, default ()
        As for :func:`read_table`.
    text : collection of str, default ()
        Columns of a text file that stay text, whatever is in them. Elsewhere what a cell becomes depends on all others:
        "1.50" is a number beside numbers, and text beside "1.5a".

    Returns
    -------
    iterator of polars.DataFrame

    Raises
    ------
    InputError, OSError, MissingExtraError
        As :func:`read_table`; all before the first piece, except for damaged Parquet files.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "numbers.csv"
    ...     _ = file.write_text("n\n1\n2\n3\n")
    ...     [piece["n"].to_list() for piece in scan_table(file, rows=2)]
    [[1, 2], [3]]
    """
    polars = require_polars("Reading tables from files")
    if rows < 1:
        raise InputError("`rows` must be a positive integer", rows, "Give the number of rows of a piece")
    path = _existing(path)
    if file_format(path) == "parquet":
        lazy = _parquet(path, lambda file: polars.scan_parquet(file, glob=False))
        total = _parquet(path, lambda _: lazy.select(polars.len()).collect().item())
        if total == 0:
            raise _no_rows(path)
        return (_parquet(path, lambda _, at=start: lazy.slice(at, rows).collect()) for start in range(0, total, rows))
    types, layout = _survey(path, missing, text)
    return _pieces(path, layout, types, rows, missing)


def _pieces(path: Path, layout: Layout, types: CellTypes, rows: int, missing: Sequence[str]) -> Iterator[pl.DataFrame]:
    for frame in text_frames(path, layout):
        table = types.convert(clean_cells(frame, missing))
        yield from table.iter_slices(rows)


def _survey(
    path: Path, missing: Sequence[str], text: Collection[str], keep: list[Any] | None = None
) -> tuple[CellTypes, Layout]:
    """Read a whole text file for its types and its true layout; `keep` gets the cells, if given."""
    layout = first_look(path)
    while True:
        open_columns = [name for name in layout.names if name not in text]
        types = CellTypes(open_columns, decimal_comma=layout.delimiter != ",")
        total = 0
        if keep is not None:
            keep.clear()
        try:
            for frame in text_frames(path, layout):
                cells = clean_cells(frame, missing)
                types.update(cells)
                total += len(cells)
                if keep is not None:
                    keep.append(cells)
        except UnicodeDecodeError as error:
            if layout.encoding != "utf-8":
                raise InputError(
                    f"{path} must be text in one encoding", f"{layout.encoding}, then {error}", "Save it as UTF-8"
                ) from None
            layout = first_look(path, other_encoding(error.object))
        except IrregularTextError:
            layout = replace(layout, careful=True)
        else:
            if total == 0:
                raise _no_rows(path)
            return types, layout


def file_format(path: Path) -> str:
    """Tell by its name whether a file is "text" or "parquet".

    Raises
    ------
    InputError
        If the name ends in nothing known.

    Examples
    --------
    >>> file_format(Path("a.csv.gz")), file_format(Path("b.parquet"))
    ('text', 'parquet')
    """
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] in PARQUET_ENDINGS:
        return "parquet"
    if endings and endings[-1] in _COMPRESSIONS:
        endings.pop()
    if endings and endings[-1] in TEXT_ENDINGS:
        return "text"
    known = ", ".join(TEXT_ENDINGS + PARQUET_ENDINGS)
    raise InputError(
        "A table file must end in a known way", path.name, f"Known are {known}, the text ones also with .gz"
    )


def require_polars(what: str) -> Any:
    """Return polars.

    Raises
    ------
    MissingExtraError
        If it is not installed; `what` begins the message.
    """
    try:
        import polars
    except ImportError:
        raise MissingExtraError(what, "polars", "cli") from None
    return polars


def _existing(path: str | os.PathLike[str]) -> Path:
    found = Path(path).expanduser()
    if found.is_dir():
        raise IsADirectoryError(errno.EISDIR, "A table must be a file, and this is a folder", str(found))
    if not found.exists():
        raise FileNotFoundError(errno.ENOENT, "There is no such file", str(found))
    return found


def _no_rows(path: Path) -> InputError:
    return InputError(f"{path} must hold rows below its header", "no rows", "Give a file with at least one row")


def _parquet(path: Path, read: Any) -> Any:
    import polars as pl

    try:
        return read(path)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} must be a Parquet file, as its name says", reason, "Get a fresh copy of it") from None
