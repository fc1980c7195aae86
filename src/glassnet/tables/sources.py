"""Where the bytes of a table come from: a file, a pipe, plain or compressed; and how many of them there may be.

A small file can unpack to more than any memory holds, and a pipe need not end. So what is unpacked or piped has a
limit, which is the user's to raise.
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
    import polars as pl
else:
    pl = LazyModule("polars")

__all__ = [
    "MOST_UNPACKED",
    "PIPED",
    "damage_reported",
    "empty_file",
    "is_compressed",
    "no_rows",
    "open_bytes",
    "pl",
    "polars_errors",
    "require",
    "seekable",
]

MOST_UNPACKED: Final = 4_000_000_000
"""Bytes that a compressed file or a pipe may give, unless it is said otherwise."""
PIPED: Final = "glassnet-pipe-"
"""What the folders are called that hold the copies of pipes."""
_STANDARD: Final = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")


@contextlib.contextmanager
def seekable(path: str | os.PathLike[str], most: int = MOST_UNPACKED) -> Iterator[Path]:
    """A file that can be read more than once: the file itself, or a copy of what a pipe gives, which goes away again.

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
        except InputError as error:  # nobody knows the copy
            raise InputError(str(error).replace(str(copy), name)) from None


def check_exists(path: Path) -> None:
    """Refuse a name behind which there is nothing; "-" is the standard input.

    Raises
    ------
    FileNotFoundError
    """
    if str(path) not in _STANDARD and not path.expanduser().exists():
        raise FileNotFoundError(errno.ENOENT, "There is no such file", str(path))


def open_bytes(path: Path, most: int = MOST_UNPACKED) -> IO[bytes]:
    """Open a file, decompressed if its first bytes say that it is compressed.

    Raises
    ------
    InputError
        While it is read, once it has given more than so many bytes.
    MissingExtraError
        If it is compressed by zstandard, and what unpacks that is not installed.
    """
    with path.open("rb") as file:
        start = file.read(6)
    unpack = _unpacking(start)
    if unpack is None:
        return path.open("rb")
    return cast("IO[bytes]", io.BufferedReader(_Limited(unpack(path), most, f"{path}, unpacked,"), 1 << 18))


def is_compressed(start: bytes) -> bool:
    """Whether a file that begins so is unpacked when it is read.

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
"""What unpacks a file, by how it begins."""


class _Limited(io.RawIOBase):
    """Bytes of another file, up to a number of them."""

    def __init__(self, source: Any, most: int, what: str) -> None:
        self._source, self._most, self._what, self._given = source, most, what, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._source.read(min(len(buffer), 1 << 20))
        self._given += len(piece)
        if self._given > self._most:
            raise InputError(
                f"{self._what} must be at most {self._most / 1e9:.3g} GB",
                "more",
                "If it is supposed to be this large, raise the limit: --max-unpacked 20GB",
            )
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._source.close()
        super().close()


@contextlib.contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Within it a damaged compressed file is an error of input.

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
        raise InputError(f"{path} must be a complete compressed file", str(error), "Get a fresh copy of it") from None


@contextlib.contextmanager
def polars_errors(
    what: object, must: str = "a Parquet file, as its extension says", remedy: str = "Get a fresh copy of it"
) -> Iterator[None]:
    """Within it whatever polars ends with is an error of input, a panic of its Rust too."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, RuntimeError) as error:  # polars 1 has all three
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{what} must be {must}", reason, remedy) from None


def empty_file(path: Path) -> InputError:
    """The error of a file without even a header."""
    return InputError(f"{path} must contain a table", "an empty file", "Give a file with a header and rows")


def no_rows(table: object, *more: object) -> InputError:
    """The error of a table without rows, whatever its format and whoever reads it; of several files that are one."""
    named = f"{table} and {len(more)} more" if more else table
    return InputError(f"{named} must contain rows", "none", "Give a file with at least one row")
