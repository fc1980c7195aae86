"""Tables of any size, some rows at a time: checked, predicted, written.

What is wrong with a row is found before the first piece is answered, for all pieces have the same columns. So a table
is gone through twice, and only one piece of it is there at a time.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from glassnet.apps.server.answers import ERROR, json_bytes
from glassnet.apps.server.limits import Work
from glassnet.apps.server.model import LoadedModel
from glassnet.tables.reading.memory_limits import sized_slices
from glassnet.tables.reading.sources import pl

PIECE = 10_000
"""Rows that are in memory at a time."""
BYTES = 8_000_000
"""Bytes of cells that are, as far as the rows are not longer."""
TIME = "%H:%M:%S%.f"
"""A time of day in JSON, which older versions of polars end in a panic over."""


def predicted_pieces(
    served: LoadedModel, frames: Callable[[], Iterator[pl.DataFrame]], work: Work
) -> Iterator[pl.DataFrame]:
    """Predictions for a table, whose rows `frames` gives from the first on; with a column of errors if any row has one.

    Raises
    ------
    RefusalError
        If the work is not wanted any more, or there are too many rows or bad ones: before the first piece.
    InputError, InputTypeError
        If the table is none for the model, also before it.
    """
    rows, wrong, first = 0, [], None
    for frame in _slices(frames):
        work.check()
        rows += len(frame)
        work.limits.check_rows(rows)
        wrong.append(served.check(frame, work))
        first = frame if len(wrong) == 1 else None
    errors = any(wrong)
    again = _slices(frames) if first is None else iter([first])
    for frame, each in zip(again, wrong, strict=True):
        work.check()
        yield served.table(frame, each if errors else None)


def _slices(frames: Callable[[], Iterator[pl.DataFrame]]) -> Iterator[pl.DataFrame]:
    for frame in frames():
        yield from sized_slices(frame, PIECE, BYTES)


def csv_texts(frames: Iterator[pl.DataFrame]) -> Iterator[bytes]:
    """A table as CSV, piece by piece."""
    header = True
    for frame in frames:
        yield write_csv(frame, header=header)
        header = False


def json_texts(pieces: Iterable[bytes], model: str) -> Iterator[bytes]:
    """Pieces of rows as one answer in JSON, with the digest of the model that answered."""
    start = b'{"rows":['
    for piece in pieces:
        yield start + piece
        start = b","
    yield b'],"model":"' + model.encode() + b'"}'


def json_piece(rows: Iterable[dict[str, Any]]) -> bytes:
    """Some rows as JSON, for :func:`json_texts`."""
    return b",".join(map(json_bytes, rows))


def arrow_text(frames: Iterator[pl.DataFrame]) -> bytes:
    """A table in Arrow's stream format, as every reader of it understands it; in one piece."""
    buffer = io.BytesIO()
    pl.concat(list(frames)).write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def write_csv(frame: pl.DataFrame, *, header: bool) -> bytes:
    """Rows as ``glassnet predict`` writes them."""
    return frame.write_csv(include_header=header).encode()


def json_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table for JSON, with the digits of CSV; a row with an error has nothing else that it has not."""
    rows = json.loads(frame.with_columns(pl.col(pl.Time).dt.to_string(TIME)).write_json())
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
