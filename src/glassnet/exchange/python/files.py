"""Text files as tables of cells: copied into every exported file as it stands here, like `cells.py`."""

from __future__ import annotations

import csv
import importlib
import io
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["opened", "read_table", "split", "write_table"]


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
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
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
