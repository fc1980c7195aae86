"""Sources of tables: files and pipes, plain or compressed, their formats, and the options for reading them.

A small file can unpack to more than any memory holds, and a pipe need not end: unpacked and piped data have a limit,
which the user can raise.
"""

from __future__ import annotations

import bz2
import contextlib
import errno
import gzip
import io
import lzma
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from glassnet.errors import InputError
from glassnet.support.lazy_import import LazyModule, require

if TYPE_CHECKING:
    import polars

    pl = polars
else:
    pl = LazyModule("polars")


from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from glassnet.errors import shown
from glassnet.support.language import Text
from glassnet.support.messages import error_text
from glassnet.tables.reading.encodings import checked_encoding
from glassnet.tables.reading.notation import Mark, Notation, Order

MOST_UNPACKED: Final = 4_000_000_000
"""Default limit of the bytes of a compressed file or a pipe."""
PIPED: Final = "glassnet-pipe-"
"""Prefix of the folders with copies of pipes."""
_STANDARD: Final = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
Format = Literal["csv", "jsonl", "xlsx", "parquet"]
SHEET_ENDINGS: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_ENDINGS: Final[dict[Format, tuple[str, ...]]] = {
    "csv": (".csv", ".tsv", ".tab", ".txt"),
    "jsonl": (".jsonl", ".ndjson"),
    "xlsx": SHEET_ENDINGS,
    "parquet": (".parquet", ".pq"),
}
COMPRESSIONS: Final = (".gz", ".bz2", ".xz", ".zst")
_COMPRESSIBLE: Final = ("csv", "jsonl")


@contextlib.contextmanager
def seekable(path: str | os.PathLike[str], most: int = MOST_UNPACKED) -> Iterator[Path]:
    """Yield a file that can be read repeatedly: the file itself, or a temporary copy of a pipe.

    "-" is the standard input.

    Raises
    ------
    OSError
        If there is no such file, it is a folder, or the disk is full.
    InputError
        If a pipe gives more than so many bytes.
    """
    standard = str(path) in _STANDARD
    found = Path(path).expanduser()
    if not standard:
        if found.is_dir():
            raise IsADirectoryError(errno.EISDIR, "A table must be a file, and this is a folder", str(found))
        check_exists(found)
        if found.is_file():
            yield found
            return
    with tempfile.TemporaryDirectory(prefix=PIPED) as folder:
        name = "standard input" if standard else found.name
        copy = Path(folder) / name
        with contextlib.ExitStack() as opened:
            source = sys.stdin.buffer if standard else opened.enter_context(found.open("rb"))
            limited = cast("IO[bytes]", _Limited(source, most, f"What comes through {name}"))
            shutil.copyfileobj(limited, opened.enter_context(copy.open("wb")), 1 << 20)
        try:
            yield copy
        except InputError as error:  # the user does not know the copy
            raise InputError(error_text(error, {str(copy): name})) from None


def check_exists(path: Path) -> None:
    """Refuse a path that does not exist; "-" is the standard input.

    Raises
    ------
    FileNotFoundError
    """
    if str(path) not in _STANDARD and not path.expanduser().exists():
        raise FileNotFoundError(errno.ENOENT, "There is no such file", str(path))


def open_bytes(path: Path, most: int = MOST_UNPACKED) -> IO[bytes]:
    """Open a file, decompressed if its first bytes show that it is compressed.

    Raises
    ------
    InputError
        While it is read, after more than this many bytes.
    MissingExtraError
        If it is compressed by zstandard, and the package for that is not installed.
    """
    with path.open("rb") as file:
        start = file.read(6)
    unpack = _unpacking(start)
    if unpack is None:
        return path.open("rb")
    return cast("IO[bytes]", io.BufferedReader(_Limited(unpack(path), most, f"{path}, unpacked,"), 1 << 18))


def is_compressed(start: bytes) -> bool:
    """Return whether a file that begins with these bytes is decompressed.

    Examples
    --------
    >>> is_compressed(bz2.compress(b"age")), is_compressed(b"age")
    (True, False)
    """
    return _unpacking(start) is not None


def _unpacking(start: bytes) -> Callable[[Path], Any] | None:
    return next((kind for magic, kind in _COMPRESSIONS.items() if start.startswith(magic)), None)


def _zstandard(path: Path) -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:  # the same module, for older versions
        zstd = require("backports.zstd", "Reading .zst files", "cli")
    return zstd.open(path, "rb")


_COMPRESSIONS: Final[dict[bytes, Callable[[Path], Any]]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
    b"\x28\xb5\x2f\xfd": _zstandard,
}
"""Decompressors, by the first bytes of a file."""


class _Limited(io.RawIOBase):
    """The bytes of another file, up to a limit."""

    def __init__(self, source: Any, most: int, what: str) -> None:
        self._source, self._most, self._what, self._read_bytes = source, most, what, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._source.read(min(len(buffer), 1 << 20))
        self._read_bytes += len(piece)
        if self._read_bytes > self._most:
            raise InputError(
                Text("{file} must be at most {size:.3g} GB", file=self._what, size=self._most / 1e9),
                Text("more", context="received"),
                "If it is supposed to be this large, raise the limit: --max-unpacked 20GB",
            )
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._source.close()
        super().close()


@contextlib.contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Convert the errors of a damaged compressed file to an error of input.

    Raises
    ------
    InputError
        If it breaks off, or its checksum is wrong.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # libraries of compression have no class in common
        broken = isinstance(error, (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError))
        # bz2 has no class of its own for it, and that of zstandard is known only where it was needed
        if not (broken or type(error).__name__ == "ZstdError" or (type(error) is OSError and error.errno is None)):
            raise
        raise InputError(
            Text("{file} must be a complete compressed file", file=path), str(error), "Get a fresh copy of it"
        ) from None


PARQUET: Final = Text("{file} must be a Parquet file, as its extension says")


@contextlib.contextmanager
def polars_errors(what: object, rule: Text = PARQUET, remedy: str = "Get a fresh copy of it") -> Iterator[None]:
    """Convert the errors of polars, panics of its Rust included, to an error of input."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, RuntimeError) as error:  # polars 1 has all three
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(rule.filled(file=what), reason, remedy) from None


def empty_file(path: Path) -> InputError:
    """Return the error of a file without even a header."""
    return InputError(
        Text("{file} must contain a table", file=path), "an empty file", "Give a file with a header and rows"
    )


def no_rows(table: object, *more: object) -> InputError:
    """Return the error of a table without rows; of several files, one error."""
    named = f"{table} and {len(more)} more" if more else table
    return InputError(
        Text("{file} must contain rows", file=named),
        Text("none", context="received"),
        "Give a file with at least one row",
    )


@dataclass(frozen=True)
class ReadOptions:
    """The options for reading a file that are not detected from its contents.

    Parameters
    ----------
    missing : sequence of str or None
        Texts that stand for a missing value in every column, beside the empty cell. None: those of
        :data:`~glassnet.tables.reading.notation.USUAL_GAPS`, such as "NA" and "-", in columns whose other cells are
        numbers, dates or booleans, and none in others.
    decimal : {".", ","} or None
        The decimal mark of its numbers; None: detected.
    date_format : {"dmy", "mdy", "ymd"} or None
        The order of the parts of dates, whose year may have two digits then; None: detected, with years of four digits.
    delimiter : str or None
        The character between the cells of text; " ": any number of blanks. None: detected.
    encoding : str or None
        Of text; None: detected.
    sheet : str or None
        Of a spreadsheet; None: the only one that has cells.
    format : {"csv", "jsonl", "xlsx", "parquet"} or None
        None: by the extension; through a pipe, by the first bytes.
    max_unpacked : int
        Bytes that a compressed file, a spreadsheet or a Parquet file may unpack to, or a pipe may give.
    text : sequence of str
        Columns of codes, such as postcodes and identifiers: they stay text, though all of their cells could be numbers.

    Raises
    ------
    InputError
        If an option has none of these values.
    """

    missing: Sequence[str] | None = None
    decimal: Mark | None = None
    date_format: Order | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    format: Format | None = None
    max_unpacked: int = MOST_UNPACKED
    text: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, kind in (("decimal", Mark), ("date_format", Order), ("format", Format)):
            choices = get_args(kind)
            if getattr(self, name) not in (None, *choices):
                listed = ", ".join(map(repr, choices))
                raise InputError(
                    Text("`{name}` must be one of {choices}", name=name, choices=listed),
                    getattr(self, name),
                    "Omit it to detect it automatically",
                )
        for name, what, example in (
            ("missing", Text("texts"), '["NA"]'),
            ("text", Text("names of columns"), '["postcode"]'),
        ):
            value = getattr(self, name)
            if name == "missing" and value is None:
                continue
            if (
                isinstance(value, str)
                or not isinstance(value, Collection)
                or not all(isinstance(one, str) for one in value)
            ):
                raise InputError(
                    Text("`{name}` must be a list of {role}", name=name, role=what),
                    shown(value),
                    Text("For example {example}", example=example),
                )
        mark = self.delimiter
        if mark is not None and (not isinstance(mark, str) or len(mark) != 1 or mark in '"\r\n\0'):
            rule = Text("`delimiter` must be one character, and neither a quotation mark nor a line break")
            raise InputError(rule, shown(mark), "Omit it to detect it automatically")
        if self.encoding is not None:
            checked_encoding(self.encoding)
        if type(self.max_unpacked) is not int or self.max_unpacked < 1:
            raise InputError("`max_unpacked` must be a positive number of bytes", self.max_unpacked, "10**9 is 1 GB")

    @property
    def notation(self) -> Notation:
        """The given part of the notation."""
        return Notation(self.decimal, self.date_format, None if self.missing is None else tuple(self.missing))

    def over(self, learned: Notation) -> Notation:
        """Return the given notation, completed by a learned one."""
        notation = self.notation
        missing = learned.missing if notation.missing is None else notation.missing
        return Notation(notation.decimal or learned.decimal, notation.dates or learned.dates, missing)


DETECT_ALL: Final = ReadOptions()
"""Detect everything automatically."""


def format_of(path: Path, options: ReadOptions) -> Format:
    """Return the format of a file: as given, by its name, or, for a pipe, by its first bytes."""
    if options.format is not None:
        return options.format
    if path.parent.name.startswith(PIPED):
        with open_bytes(path) as file:
            start = file.read(64).lstrip()
        magic: dict[bytes, Format] = {b"PAR1": "parquet", b"PK\x03\x04": "xlsx", b"{": "jsonl"}
        return next((kind for mark, kind in magic.items() if start.startswith(mark)), "csv")
    return file_format(path)


def file_format(path: Path) -> Format:
    """Return the format of a file by its name.

    Raises
    ------
    InputError
        If the name ends in nothing known.

    Examples
    --------
    >>> file_format(Path("a.csv.gz")), file_format(Path("b.parquet"))
    ('csv', 'parquet')
    """
    endings = [ending.lower() for ending in path.suffixes[-2:]]
    compressed = bool(endings) and endings[-1] in COMPRESSIONS
    if compressed:
        endings.pop()
    for kind, known in _ENDINGS.items():
        if endings and endings[-1] in known and (kind in _COMPRESSIBLE or not compressed):
            return kind
    listed = ", ".join(ending for known in _ENDINGS.values() for ending in known)
    remedy = Text("Supported: {names}; text formats also with {others}", names=listed, others=", ".join(COMPRESSIONS))
    raise InputError("A table file must have a supported extension", path.name, remedy)
