"""The functions that every exported file has: text files as tables, cells as arrays, and what NumPy lacks.

They are copied as they stand here, so they may use NumPy, the standard library and each other alone.
"""

from __future__ import annotations

import csv
import datetime
import importlib
import io
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.tables.columns.ngrams import SLOTS, Alphabet, count_value, counted, known_ids
from glassnet.tables.reading.notation import BLANKS, moment_in, number_in

__all__ = [
    *("GAPS", "NOTATION", "each", "encode_texts", "erf", "erfc", "is_missing", "look_up", "opened", "polynomial"),
    *("product", "read_days", "read_moments", "read_numbers", "read_seconds", "read_table", "spelled", "split"),
    *("sparse_product", "write_table"),
]

Array = npt.NDArray[Any]
NOTATION: dict[str, str | None] = {"decimal": None, "date-format": None}
"""How text writes numbers and dates; an exported file has that of its model in the place of it."""
GAPS: set[str] = set()
"""Texts that stand for a gap among numbers and dates; an exported file has those of its model."""


def read_table(
    file: str, names: Collection[str], delimiter: str | None, encoding: str | None, gaps: Collection[str]
) -> tuple[dict[str, list[str | None]], str]:
    r"""The cells of a text file by the names of its columns, without the spaces around them, and what is between them.

    An empty cell, a blank one and one of `gaps` is None. Which delimiter it is, these names in the header tell.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "t.csv").write_text("a; b\n1,5; x\n ;NA\n")
    ...     read_table(f"{folder}/t.csv", ["a", "b"], None, None, ["NA"])
    ({'a': ['1,5', None], 'b': ['x', None]}, ';')
    """
    if delimiter is not None and len(delimiter) != 1:
        raise ValueError(f"A delimiter must be one character. Received: {delimiter!r}. For example ';'.")
    lines = [*io.StringIO(opened(file, encoding), newline=None)]
    told = bool(lines) and lines[0].startswith("sep=") and len(lines[0].strip()) == 5
    marks = [delimiter] if delimiter else [lines[0][4]] if told else [",", ";", "\t", "|", ":", " "]

    def fitness(mark: str) -> tuple[int, float, int]:
        (_, head), *rows = split(lines[told:100], mark) or [(1, [])]
        return len({*head} & {*names}), sum(len(row) == len(head) for _, row in rows) / max(1, len(rows)), len(head)

    mark = max(marks, key=fitness)
    end = "\0"  # a row of its own, unless a quotation mark is still open
    rows = split([*lines[told:], end], mark)
    line, row = rows.pop()
    if row != [end]:
        remedy = "Look for an unclosed one above that line, and close it"
        raise ValueError(f"Every quotation mark in {file} must be closed. Received: one open in line {line}. {remedy}.")
    if not rows:
        raise ValueError(f"{file} must contain a table. Received: an empty file. Give a file with a header and rows.")
    if len(rows) == 1:
        raise ValueError(f"{file} must contain rows. Received: none. Give a file with at least one row.")
    head = [name or f"unnamed {place}" for place, name in enumerate(rows[0][1], 1)]
    if doubles := {name for name in head if head.count(name) > 1}:
        raise ValueError(f"The column names of {file} must be unique. Received: {', '.join(doubles)}. Rename them.")
    for line, row in rows[1:]:
        if len(row) != len(head):
            received = f"{len(row)} in line {line}, taken apart at {mark!r}"
            remedy = "Put cells that contain the delimiter in quotation marks, or specify another one with --delimiter"
            raise ValueError(f"Every row of {file} must have {len(head)} cells. Received: {received}. {remedy}.")
    gaps = {"", *gaps}
    columns = ([row[place] for _, row in rows[1:]] for place in range(len(head)))
    cells = ([None if cell in gaps else cell for cell in column] for column in columns)
    return dict(zip(head, cells, strict=True)), mark


def write_table(table: Mapping[str, Sequence[Any]]) -> None:
    """A table of columns as CSV on the standard output; where nobody reads on, as behind head, the program ends.

    >>> write_table({"a": [1, 2], "b": ["x", "y"]})
    a,b
    1,x
    2,y
    """
    writer = csv.writer(sys.stdout, lineterminator="\n")
    try:
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes the rest once more at its end
        sys.exit(141 if isinstance(error, BrokenPipeError) else f"The predictions were not written: {error.strerror}.")


def split(lines: list[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows of cells, each behind the number of its last line; empty lines are none.

    >>> split(["a,b", "", "1, 2"], ",")
    [(1, ['a', 'b']), (3, ['1', '2'])]
    """
    longest = csv.field_size_limit(2**31 - 1)
    try:
        blanks = delimiter == " "  # any number of them
        reader = csv.reader(map(str.rstrip, lines) if blanks else lines, delimiter=delimiter, skipinitialspace=blanks)
        rows = [(reader.line_num, [cell.strip(BLANKS) for cell in row]) for row in reader]
    finally:
        csv.field_size_limit(longest)  # it belongs to the whole process
    return [(line, row) for line, row in rows if any(row) or len(row) > 1 or (row and len(rows[0][1]) == 1)]


def opened(file: str, encoding: str | None) -> str:
    """The text of a file, which may be packed; "-" is the standard input."""
    modules = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}
    module = modules.get(Path(file).suffix.lower())
    try:
        if module:
            contents = importlib.import_module(module).open(file, "rb").read()
        else:
            contents = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except Exception as error:  # whatever a damaged archive ends with
        reason = getattr(error, "strerror", None) or str(error)
        raise ValueError(f"{file} must be a file that can be read. Received: {reason}. Check its path.") from None
    utf16 = contents[:2] in (b"\xff\xfe", b"\xfe\xff")
    if contents[:4] in (b"PK\3\4", b"PAR1", b"\x28\xb5\x2f\xfd") or (b"\0" in contents and not utf16 and not encoding):
        remedy = "Save the table as CSV (other formats need more than NumPy); for text, specify --encoding"
        raise ValueError(f"{file} must be a delimited text file. Received: a binary file. {remedy}.")
    try:
        return contents.decode(encoding or ("utf-16" if utf16 else "utf-8")).removeprefix("\ufeff")
    except (UnicodeError, LookupError) as error:
        remedy = "Specify its encoding, such as --encoding cp1252 or gb18030"
        raise ValueError(f"{file} must be text in UTF-8 or --encoding. Received: {error}. {remedy}.") from None


def is_missing(cell: Any) -> bool:
    """Whether a cell is missing: None, NaN, and what pandas has for them.

    >>> is_missing(None), is_missing(float("nan")), is_missing("")
    (True, True, False)
    """
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or bool(cell != cell)


def each(cells: Iterable[Any], read: Callable[[str], Any], column: str, what: str, option: str = "") -> list[Any]:
    """What text stands for, cell by cell; other cells as they are, gaps and blanks as None.

    >>> each(["1", " ", 2], float, "a", "numbers")
    [1.0, None, 2]
    """
    found = []
    for row, cell in enumerate(cells, 1):
        try:
            text = isinstance(cell, str)
            gap = is_missing(cell) or (text and cell.strip() in ("", *GAPS))
            found.append(None if gap else read(cell.strip()) if text else cell)
        except (ValueError, OverflowError):
            notation = {"decimal": "decimal mark", "date-format": "order of day and month"}.get(option)
            how = f", with the {notation} {NOTATION[option]!r}" if notation and NOTATION[option] else ""
            remedy = "Correct it or leave it empty" + (f", or say the {notation} with --{option}" if notation else "")
            raise ValueError(
                f"Column {column!r} must contain {what}{how}. Received: {cell!r} in row {row}. {remedy}."
            ) from None
    return found


def read_numbers(cells: Any, column: str = "") -> Array:
    """Numbers and truth values; None, NaN and blank text are gaps. Text is read as the model's files write numbers.

    >>> read_numbers([1, " 2.5 %", None, "", True, "false"])
    array([1. , 2.5, nan, nan, 1. , 0. ])
    """

    def number(text: str) -> float:
        if text.lower() in ("true", "false"):
            return float(text.lower() == "true")
        mark = NOTATION["decimal"]
        value = number_in(text, None if mark == "ask" else mark)
        two = mark == "ask" and re.fullmatch(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}", text)
        if two or value is None or abs(value) == np.inf:
            raise ValueError
        return value

    array = np.asarray(cells)
    if array.dtype.kind not in "biuf":
        array = np.asarray(cells, object)
        array = np.array(each(array.ravel().tolist(), number, column, "numbers", "decimal"), np.float64).reshape(
            array.shape
        )
    return array.astype(np.float64)


def read_days(cells: Any, column: str = "") -> Array:
    """Days since 1970 of dates, or of text such as "2024-02-29"; the smallest whole number for a gap.

    >>> read_days(["1970-01-03", None])
    array([                   2, -9223372036854775808])
    """
    return read_moments(cells, column).view("datetime64[us]").astype("datetime64[D]").astype(np.int64)


def read_moments(cells: Any, column: str = "") -> Array:
    """Microseconds since 1970 of moments in UTC, or of text such as "2024-02-29 12:30"; a gap as in `read_days`.

    >>> read_moments(["1970-01-01 00:00:01", "1970-01-01T01:00:00+01:00"])
    array([1000000,       0])
    """

    def moment(text: str) -> datetime.datetime:
        found = moment_in(text, NOTATION["date-format"]) or datetime.datetime.fromisoformat(text)
        return found.astimezone(datetime.UTC).replace(tzinfo=None) if found.tzinfo else found

    if not (isinstance(cells, np.ndarray) and cells.dtype.kind == "M"):
        cells = np.array(each(cells, moment, column, "dates", "date-format"), "datetime64[us]")
    return cells.astype("datetime64[us]").astype(np.int64)


def read_seconds(cells: Any, column: str = "") -> Array:
    """Seconds of durations, since midnight of times of day; of numbers themselves.

    >>> read_seconds([datetime.time(0, 1), "00:02:00", datetime.timedelta(seconds=3), None, 4])
    array([ 60., 120.,   3.,  nan,   4.])
    >>> read_seconds([np.timedelta64(3, "m"), "1 day, 0:00:05", "-1 days +23:59:59", "100:00:00"])
    array([ 1.8000e+02,  8.6405e+04, -1.0000e+00,  3.6000e+05])
    """

    def seconds(text: str) -> float:
        if "day" not in text and ":" not in text:
            return float(number_in(text, NOTATION["decimal"]) or text)
        days, day, clock = text.rpartition("day")
        clock = clock.removeprefix("s").strip(" ,+")
        hour, minute, second = (float(part or 0) for part in (*clock.lstrip("-").split(":"), "0", "0")[:3])
        if max(minute, second) >= 60:
            raise ValueError
        sign = -1 if clock.startswith("-") else 1
        return float(days if day else 0) * 86400 + sign * (hour * 3600 + minute * 60 + second)

    def plain(cell: Any) -> Any:
        if isinstance(cell, datetime.time):
            return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
        if isinstance(cell, np.timedelta64):
            return cell / np.timedelta64(1, "s")
        return cell.total_seconds() if isinstance(cell, datetime.timedelta) else cell

    if isinstance(cells, np.ndarray) and cells.dtype.kind == "m":
        return np.where(np.isnat(cells), np.nan, cells / np.timedelta64(1, "s"))
    return np.array([plain(cell) for cell in each(cells, seconds, column, "times")], np.float64)


def look_up(cells: Sequence[Any], levels: Mapping[str, int], other: int) -> Array:
    """The number of each level by its text, `other` for one that is not known; 3, 3.0 and "3" are the same level.

    >>> look_up(["b", None, 3.0, "?", float("nan")], {"": 2, "b": 0, "3": 1}, 4)
    array([0, 2, 1, 4, 2])
    >>> look_up([datetime.datetime(2024, 1, 2), True, 1], {"2024-01-02T00:00:00": 0, "1": 1, "True": 2}, 3)
    array([0, 2, 1])
    """

    class Known(dict[Any, int]):
        """What was met already; only text is kept, as 1 and True are one to a dict."""

        def __missing__(self, cell: Any) -> int:
            number = levels.get(spelled(cell), other)
            if isinstance(cell, str):
                self[cell] = number
            return number

    plain = cells.tolist() if hasattr(cells, "tolist") else cells
    return np.fromiter(map(Known(levels).__getitem__, plain), np.int64)


def spelled(cell: Any) -> str:
    """The text of a cell: 3, 3.0 and "3" have the same, a gap has none.

    >>> [spelled(cell) for cell in (3.0, "3", None, b"a")]
    ['3', '3', '', 'a']
    """
    if is_missing(cell):
        return ""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace")
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole else getattr(cell, "isoformat", cell.__str__)()


def encode_texts(cells: Sequence[Any], alphabet: Array | None = None, keys: Array | None = None) -> tuple[Array, ...]:
    """The n-grams of texts: where those of each text begin, their ids, and their values.

    Their characters and keys are known; without them, ids are hashes.

    >>> encode_texts(["Haha", None], np.array([ord("a"), ord("h")]), np.array([3 << 48 | 2 << 32], np.uint64))
    (array([0, 1, 1]), array([0]), array([1.], dtype=float32))
    """
    plain = cells.tolist() if hasattr(cells, "tolist") else cells
    texts = [spelled(cell) for cell in plain]
    known = Alphabet(grows=True) if alphabet is None else Alphabet("".join(map(chr, alphabet.tolist())))
    size = SLOTS if keys is None else len(keys)
    pairs, counts = counted(known_ids(texts, known, keys), len(texts), size)
    rows, ids = np.divmod(pairs, size)
    values = count_value(counts.astype(np.float64))
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(texts)))])
    return starts, ids, (values / np.sqrt(np.bincount(rows, values * values))[rows]).astype(np.float32)


def product(x: Array, w: Array) -> Array:
    """x w, a few rows at a time: of so little the BLAS behind NumPy makes no threads, which others would wait for.

    >>> product(np.ones((2, 3)), np.ones((3, 2)))
    array([[3., 3.],
           [3., 3.]])
    """
    rows = 2 ** int(np.log2(max(1, 2**18 // w.size)))
    if rows < 4 or not len(x) or len(x) % rows:
        return x @ w
    return (x.reshape(-1, rows, len(w)) @ w).reshape(len(x), -1)


def sparse_product(ngrams: tuple[Array, Array, Array], w: Array) -> Array:
    """The sum of value · w[id] over the n-grams of each row, whose ids and values stand from one end to the next.

    >>> ngrams = np.array([0, 2, 2]), np.array([0, 1]), np.array([0.5, 0.25])
    >>> sparse_product(ngrams, np.array([[2.0], [4.0]]))
    array([[2.],
           [0.]])
    """
    ends, ids, values = ngrams
    total = np.zeros((len(ends) - 1, w.shape[1]), w.dtype)
    np.add.at(total, np.repeat(np.arange(len(total)), np.diff(ends)), values[:, None].astype(w.dtype) * w[ids])
    return total


def erf(x: Array, near: Sequence[float], over: Sequence[float], under: Sequence[float]) -> Array:
    """The error function: x + x P(x²) up to 1, from there 1 - e^(-x²) Q(x) / R(x).

    >>> erf(np.array([0.0, 1.0]), [0.128379], [1.0], [1.0, 2.0]).round(2)
    array([0.  , 0.88])
    """
    a = np.minimum(np.abs(x), 6)
    tail = 1 - np.exp(-a * a) * (polynomial(over, a) / polynomial(under, a))
    return np.copysign(np.where(a < 1, a + a * polynomial(near, a * a), tail), x)


def erfc(x: Array, near: Sequence[float], over: Sequence[float], under: Sequence[float]) -> Array:
    """1 - erf(x): so up to 1/2, from there e^(-x²) Q(x) / R(x), and 2 minus that below zero.

    >>> erfc(np.array([0.0]), [0.128379], [1.0], [1.0, 2.0])
    array([1.])
    """
    a = np.minimum(np.abs(x), 28)
    tail = np.exp(-a * a) * (polynomial(over, a) / polynomial(under, a))
    return np.where(a < 0.5, 1 - (x + x * polynomial(near, a * a)), np.where(x > 0, tail, 2 - tail))


def polynomial(coefficients: Sequence[float], z: Array) -> Array:
    """The polynomial with these coefficients, lowest first.

    >>> polynomial([1.0, 2.0], np.array([3.0]))
    array([7.])
    """
    value = np.full_like(z, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value = value * z + coefficient
    return value
