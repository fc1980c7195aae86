"""Whole tables: CSV, which is read from a file and answered piece by piece, and tables of answers in every form.

What a cell of CSV is depends on its column, so the whole table is looked through before the first row is answered. To
hold a large one in memory would be to let whoever sends it decide how much memory that is; so it goes to the disk.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from glassnet.apps.labelled import check_columns
from glassnet.apps.saved import learned_columns
from glassnet.apps.server.answers import ERROR
from glassnet.apps.server.limits import Limits, RefusalError
from glassnet.apps.server.model import Served
from glassnet.errors import InputError, InputTypeError
from glassnet.tables.readers import scan_table
from glassnet.tables.reading import ReadOptions
from glassnet.tables.sources import pl

PIECE = 10_000
"""Rows that are in memory at a time."""
NAME = "table.csv"
"""What messages call the table."""
OPTION = re.compile(r"(?<=\. )[A-Z][^.]* --[a-z].*\Z", re.DOTALL)
"""The remedy of a message, where it is an option of the command line."""
INSTEAD = "A request has no options: write the table as the model's own, in UTF-8, or send rows as JSON."
COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


class Spooled:
    """A body on the disk, in a folder of its own that goes away with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="glassnet-")
        self.path = Path(self._folder.name) / NAME
        self.file: BinaryIO = self.path.open("wb")
        self.closed = False

    def done(self) -> None:
        """All of it is there. Compressed it is refused: a small file can unfold to one without end."""
        self.file.close()
        with self.path.open("rb") as file:
            if file.read(4).startswith(COMPRESSED):
                raise RefusalError(415, "A body must not be compressed. Received: gzip or zstandard. Send it as it is.")

    def close(self) -> None:
        """Forget it, also where a thread is still reading it."""
        self.closed = True
        self.file.close()
        self._folder.cleanup()

    @contextmanager
    def errors_of_body(self) -> Iterator[None]:
        """Within it errors speak of the body, and not of where it lies."""
        try:
            yield
        except (InputError, InputTypeError) as error:
            message = str(error).replace(str(self.path), "the body").replace(NAME, "the body")
            raise RefusalError(422, OPTION.sub(INSTEAD, message)) from None


def csv_pieces(served: Served, body: Spooled, limits: Limits, piece: int = PIECE) -> Iterator[pl.DataFrame]:
    """Predictions for a table in CSV, some rows at a time; with a column of errors if any row has one.

    All that can be wrong is found before the first piece. It ends when the body is closed.
    """
    with body.errors_of_body():
        rows, errors, first = 0, False, None
        for frame in _scan(served, body.path, piece):
            if rows == 0:
                check_columns(learned_columns(served.model), frame.columns, body.path)
                first = frame
            rows += len(frame)
            limits.check_rows(rows)
            errors = errors or bool(served.check(frame))
            if body.closed:
                return
        if first is not None and rows == len(first):  # there is no more of it
            yield served.table(first, errors=errors)
            return
        first = None
        for frame in _scan(served, body.path, piece):
            if body.closed:
                return
            yield served.table(frame, errors=errors)


def _scan(served: Served, path: Path, piece: int) -> Iterator[pl.DataFrame]:
    return scan_table(path, piece, ReadOptions(tuple(served.gaps)), learned=served.notation, text=served.text)


def write_arrow(frame: pl.DataFrame) -> bytes:
    """A table in Arrow's stream format, as every reader of it understands it."""
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def write_csv(frame: pl.DataFrame, *, header: bool) -> bytes:
    """Rows as ``glassnet predict`` writes them."""
    return frame.write_csv(include_header=header).encode()


def json_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table for JSON, with the digits of CSV; a row with an error has nothing else that it has not."""
    rows = json.loads(frame.write_json())
    if ERROR not in frame.columns:
        return list(rows)
    return [
        {name: value for name, value in row.items() if value is not None or (row[ERROR] is None and name != ERROR)}
        for row in rows
    ]


def frame_of_rows(rows: list[dict[str, Any]], empty: pl.DataFrame) -> pl.DataFrame:
    """The same table from rows as JSON has them; `empty` has the types of the answers."""
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in empty.columns]
    errors = [ERROR] if ERROR in names else []
    names = [name for name in names if name != ERROR]
    columns = {name: pl.Series(name, [_text(row.get(name)) for row in rows], pl.String) for name in names}
    columns |= {
        name: pl.Series(name, [row.get(name) for row in rows], strict=False).cast(kind)
        for name, kind in empty.schema.items()
    }
    columns |= {name: pl.Series(name, [row.get(name) for row in rows], pl.String) for name in errors}
    return pl.DataFrame(columns)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
