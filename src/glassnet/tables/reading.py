"""What a table file is, and what it does not say of itself: its format, and the options of whoever reads it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from glassnet.errors import InputError, shown
from glassnet.tables.encodings import checked_encoding
from glassnet.tables.notation import Mark, Notation, Order
from glassnet.tables.sources import MOST_UNPACKED, PIPED, open_bytes
from glassnet.tables.spreadsheet import SHEET_ENDINGS

Format = Literal["csv", "jsonl", "xlsx", "parquet"]

_ENDINGS: Final[dict[Format, tuple[str, ...]]] = {
    "csv": (".csv", ".tsv", ".tab", ".txt"),
    "jsonl": (".jsonl", ".ndjson"),
    "xlsx": SHEET_ENDINGS,
    "parquet": (".parquet", ".pq"),
}
COMPRESSIONS: Final = (".gz", ".bz2", ".xz", ".zst")
_COMPRESSIBLE: Final = ("csv", "jsonl")


@dataclass(frozen=True)
class ReadOptions:
    """What a file does not say of itself, or not clearly.

    Parameters
    ----------
    missing : sequence of str or None
        Texts that stand for a missing value in every column, beside the empty cell. None: those of
        :data:`~glassnet.tables.notation.USUAL_GAPS`, such as "NA" and "-", in columns whose other cells are numbers,
        dates or booleans, and none in others.
    decimal : {".", ","} or None
        The decimal mark of its numbers; None: found out.
    date_format : {"dmy", "mdy", "ymd"} or None
        The order of the parts of dates, whose year may have two digits then; None: found out, of four digits.
    delimiter : str or None
        The character between the cells of text; " ": any number of blanks. None: found out.
    encoding : str or None
        Of text; None: found out.
    sheet : str or None
        Of a spreadsheet; None: the only one that has cells.
    format : {"csv", "jsonl", "xlsx", "parquet"} or None
        None: as the name ends; of what comes through a pipe, as it begins.
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
                    f"`{name}` must be one of {listed}", getattr(self, name), "Omit it to detect it automatically"
                )
        for name, what, example in (("missing", "texts", '["NA"]'), ("text", "names of columns", '["postcode"]')):
            given = getattr(self, name)
            if name == "missing" and given is None:
                continue
            if (
                isinstance(given, str)
                or not isinstance(given, Collection)
                or not all(isinstance(one, str) for one in given)
            ):
                raise InputError(f"`{name}` must be a list of {what}", shown(given), f"For example {example}")
        mark = self.delimiter
        if mark is not None and (not isinstance(mark, str) or len(mark) != 1 or mark in '"\r\n\0'):
            rule = "`delimiter` must be one character, and neither a quotation mark nor a line break"
            raise InputError(rule, shown(mark), "Omit it to detect it automatically")
        if self.encoding is not None:
            checked_encoding(self.encoding)
        if type(self.max_unpacked) is not int or self.max_unpacked < 1:
            raise InputError("`max_unpacked` must be a positive number of bytes", self.max_unpacked, "10**9 is 1 GB")

    @property
    def notation(self) -> Notation:
        """What is said of the notation."""
        return Notation(self.decimal, self.date_format, None if self.missing is None else tuple(self.missing))

    def over(self, learned: Notation) -> Notation:
        """What is said of the notation, or what was learned where nothing is."""
        said = self.notation
        missing = learned.missing if said.missing is None else said.missing
        return Notation(said.decimal or learned.decimal, said.dates or learned.dates, missing)


FOUND_OUT: Final = ReadOptions()
"""Nothing is said, everything is found out."""


def format_of(path: Path, options: ReadOptions) -> Format:
    """What a file is: as it is said, as its name ends, or, for what comes through a pipe, as it begins."""
    if options.format is not None:
        return options.format
    if path.parent.name.startswith(PIPED):
        with open_bytes(path) as file:
            start = file.read(64).lstrip()
        magic: dict[bytes, Format] = {b"PAR1": "parquet", b"PK\x03\x04": "xlsx", b"{": "jsonl"}
        return next((kind for mark, kind in magic.items() if start.startswith(mark)), "csv")
    return file_format(path)


def file_format(path: Path) -> Format:
    """Tell by its name what a file is.

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
    remedy = f"Supported: {listed}; text formats also with {', '.join(COMPRESSIONS)}"
    raise InputError("A table file must have a supported extension", path.name, remedy)
