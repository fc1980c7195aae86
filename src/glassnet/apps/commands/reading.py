"""The options of every command that reads a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from glassnet.apps.commands.table import Data, Names
from glassnet.apps.endings import UsageError, as_usage
from glassnet.support.limits import bytes_of

if TYPE_CHECKING:
    from glassnet.tables.reading import ReadOptions


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class Reading:
    r"""What a file does not say of itself, or not clearly.

    Parameters
    ----------
    missing : tuple of str
        Strings to read as missing values in all columns, besides the empty cell (default: NA, n/a, NULL, -
        and the like among numbers, dates and booleans). For several: NA,?
    decimal : str
        The decimal mark, "." or "," (default: detected from all columns).
    date_format : str
        dmy, mdy or ymd: the order of day, month and year, as in 03/04/2025 or 24/01/20 (default: detected; years of
        two digits are read only if it is given).
    delimiter : str
        The delimiter between cells; \t for a tab, a space for any number of spaces (default: detected).
    encoding : str
        Encoding of text files (default: detected). Examples: cp1252, big5, shift_jis.
    sheet : str
        Sheet to read (default: the only non-empty one).
    format : str
        The file format, if the file name does not show it, as with - (the standard input).
    max_unpacked : str
        Maximum size of a compressed file after decompression, or of piped input (default: 4GB).
    text : tuple of str
        Columns to read as text even if every cell looks like a number, such as ZIP codes. For several: a,b.
    """

    missing: Names | None = None
    decimal: Annotated[Literal[".", ","] | None, Data] = None
    date_format: Annotated[Literal["dmy", "mdy", "ymd"] | None, Data] = None
    delimiter: Annotated[str | None, Data] = None
    encoding: Annotated[str | None, Data] = None
    sheet: Annotated[str | None, Data] = None
    format: Annotated[Literal["csv", "jsonl", "xlsx", "parquet"] | None, Data] = None
    max_unpacked: Annotated[str, Data] = "4GB"
    text: Names = ()

    @property
    def options(self) -> ReadOptions:
        """The same as the readers take it.

        Raises
        ------
        UsageError
            If an option has a value that means nothing.
        """
        from glassnet.tables.reading import ReadOptions

        delimiter = "\t" if self.delimiter == "\\t" else self.delimiter
        given: dict[str, Any] = vars(self) | {"max_unpacked": _bytes(self.max_unpacked), "delimiter": delimiter}
        with as_usage():
            return ReadOptions(**given)


def _bytes(text: str) -> int:
    size = bytes_of(text)
    if size is None or not 1 <= size < 10**18:
        raise UsageError("--max-unpacked must be a size", text, "For example 20GB")
    return size


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ReadingAgain(Reading):
    """The same of a file for a model, which remembers how the file that it was trained on was written.

    Parameters
    ----------
    missing : tuple of str
        Strings to read as missing values in all columns, besides the empty cell (default: as in training). For several:
        NA,?
    decimal : str
        The decimal mark, "." or "," (default: as in training).
    date_format : str
        dmy, mdy or ymd: the order of day, month and year, as in 03/04/2025 or 24/01/20 (default: as in training).
    """
