"""The formats of requests and answers: which one a request has and wants, CSV on the disk, answers in pieces."""

from __future__ import annotations

import io
import json
import math
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

import numpy as np

from glassnet.apps.console import size
from glassnet.apps.labelled import Complement, check_columns
from glassnet.apps.saved_model import learned_columns
from glassnet.apps.server.json_rows import parse_json
from glassnet.apps.server.limits import RefusalError, Work
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.predictions import Predictions
from glassnet.layers.base import Array
from glassnet.tables.reading.delimited import find_layout
from glassnet.tables.reading.memory_limits import sized_slices
from glassnet.tables.reading.readers import scan_table
from glassnet.tables.reading.sources import MOST_UNPACKED, ReadOptions, is_compressed, pl

if TYPE_CHECKING:
    from glassnet.apps.server.model import LoadedModel

Form = Literal["json", "csv", "arrow"]
JSON: Final = "application/json"
CSV: Final = "text/csv"
ARROW: Final = "application/vnd.apache.arrow.stream"
FORMS: Final[Mapping[str, Form]] = {JSON: "json", CSV: "csv", ARROW: "arrow"}
KNOWN: Final = f"{JSON}, {CSV} or {ARROW}"
ERROR = "error"
"""The field of a row's error, in place of its predictions."""
NAME = "table.csv"
"""The name of the table in messages."""
OPTION = re.compile(r"(?<=\. )[A-Z][^.]* --[a-z].*\Z", re.DOTALL)
"""The remedy of a message, where it is an option of the command line."""
INSTEAD = "A request has no options: write the table as the model's own, in UTF-8, or send rows as JSON."
HEADER = 4_000_000
"""Bytes of the first row: others wait while it is taken apart."""
BREAK = re.compile(rb"[\r\n]")
OTHERS = 5_000
"""Columns that the model does not know: what each costs grows with their number."""
MANY = 16
"""Numbers of which polars finds the digits sooner than NumPy does, which takes them one by one."""
PIECE = 10_000
"""Rows that are in memory at a time."""
BYTES = 8_000_000
"""Bytes of cells that are, as far as the rows are not longer."""
TIME = "%H:%M:%S%.f"
"""A time of day in JSON, which older versions of polars end in a panic over."""


def body_form(headers: Mapping[str, str]) -> Form:
    """Return the format of a body, by default JSON. Others, and compressed ones, are refused.

    Examples
    --------
    >>> body_form({"content-type": "text/csv; charset=utf-8"})
    'csv'
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise RefusalError(415, f"The body must not be compressed. Received: {encoding[:40]}. Decompress it.")
    kind = headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if kind not in FORMS:
        raise RefusalError(
            415, f"Content-Type must be {KNOWN}. Received: {kind[:80] or 'nothing'}. Set it to the format of the body."
        )
    return FORMS[kind]


def charset(headers: Mapping[str, str]) -> str | None:
    """The encoding that is declared for a body; None where none is, or UTF-8, which is tried first in any case.

    Examples
    --------
    >>> charset({"content-type": 'text/csv; charset="ISO-8859-1"'})
    'iso-8859-1'
    >>> charset({"content-type": "text/csv; charset=utf-8"})
    """
    message = Message()
    message["content-type"] = headers.get("content-type", CSV)
    found = message.get_content_charset()
    return None if found in ("utf-8", "utf8") else found


def answer_form(headers: Mapping[str, str], default: Form) -> Form:
    """The form of the answer: the first that Accept names, else that of the body. Others are refused.

    Examples
    --------
    >>> answer_form({"accept": "text/html, application/json;q=0.9"}, "csv"), answer_form({"accept": "*/*"}, "csv")
    ('json', 'csv')
    """
    accepted = [part.partition(";")[0].strip().lower() for part in headers.get("accept", "*/*").split(",")]
    for kind in accepted:
        if kind in FORMS:
            return FORMS[kind]
        if kind in ("*/*", ""):
            return default
        if kind.endswith("/*"):
            fitting = [form for name, form in FORMS.items() if name.startswith(kind[:-1])]
            if fitting:
                return default if default in fitting else fitting[0]
    raise RefusalError(406, f"Accept must allow one of {KNOWN}. Set the header to one of them, or omit it.")


def parse_row(body: bytes) -> tuple[dict[str, Any], str]:
    """The row to explain, and in which language: ``{"row": {"column": value, ...}, "language": "en"}``."""
    value = parse_json(body)
    row = value.get("row") if isinstance(value, dict) else None
    language = value.get("language", "en") if isinstance(value, dict) else "en"
    if not isinstance(row, dict):
        raise RefusalError(
            422, 'The body must have the form {"row": {"column": value, ...}}, optionally with "language": "zh".'
        )
    if not isinstance(language, str):
        raise RefusalError(422, '`language` must be "en" or "zh".')
    return row, language


def answer_rows(predicted: Predictions) -> list[dict[str, Any]]:
    """Each row's answer under the names that it has in a table.

    Examples
    --------
    >>> answer_rows(Predictions(np.array(["no"]), np.array([[0.9, 0.1]], np.float32), np.array(["no", "yes"])))
    [{'prediction': 'no', 'probability_no': 0.9, 'probability_yes': 0.1}]
    """
    columns = {name: _plain(values) for name, values in predicted.columns().items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Strict JSON in UTF-8."""
    try:
        return _strict_json(value).encode()
    except UnicodeEncodeError:  # half a character, as "\\ud800" is one
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


_strict_json: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _plain(values: Array) -> list[Any]:
    """Python's values; a number of single precision with the fewest digits that tell it, as in a CSV file."""
    if values.dtype.kind != "f":
        plain: list[Any] = values.tolist()
        return plain
    if values.dtype != np.float32:
        numbers = values.tolist()
    elif len(values) < MANY:
        numbers = map(float, map(str, values))
    else:
        numbers = pl.Series(values).cast(pl.String).cast(pl.Float64).to_list()
    return [number if math.isfinite(number) else None for number in numbers]


class Spooled:
    """A body on the disk, in a folder of its own that goes away with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="glassnet-")
        self.path = Path(self._folder.name) / NAME
        self.file: BinaryIO = self.path.open("wb")

    def done(self) -> None:
        """All of it is there. Compressed it is refused: a small file can unfold to one without end."""
        self.file.close()
        with self.path.open("rb") as file:
            start = file.read(HEADER + 1)
        if is_compressed(start):
            raise RefusalError(415, "The body must not be compressed. Received: a compressed file. Decompress it.")
        if len(start) > HEADER and not BREAK.search(start):
            raise RefusalError(413, f"The first row of a table may have {size(HEADER)}. Received: more. Is it a table?")

    def close(self) -> None:
        """Forget it, also where a thread is still reading it."""
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


class _Seen:
    """The checks of a table before its first answer, while the request is active."""

    def __init__(self, work: Work) -> None:
        self._work, self._rows = work, 0

    def append(self, piece: pl.DataFrame) -> None:
        self._work.check()
        self._rows += len(piece)
        self._work.limits.check_rows(self._rows)

    def clear(self) -> None:
        self._rows = 0


def csv_frames(served: LoadedModel, body: Spooled, work: Work, encoding: str | None = None) -> Iterator[pl.DataFrame]:
    """The rows of a table in CSV, some at a time; that it has the columns is seen before the first."""
    options = ReadOptions(encoding=encoding)
    names = find_layout(body.path, options.encoding, MOST_UNPACKED).names
    most = len(served.columns) + len(served.ids) + OTHERS
    if len(names) > most:
        raise RefusalError(413, f"A table may have {most:,} columns. Received: {len(names):,}. Leave others out.")
    check_columns(learned_columns(served.model), names, body.path)
    yield from scan_table(
        body.path, PIECE, options, learned=served.notation, text=Complement(()), kinds=served.kinds, seen=_Seen(work)
    )


def predicted_pieces(
    served: LoadedModel, frames: Callable[[], Iterator[pl.DataFrame]], work: Work
) -> Iterator[pl.DataFrame]:
    """Predictions for a table, whose rows `frames` gives from the first on; with a column of errors if any row has one.

    Raises
    ------
    RefusalError
        If the request has been cancelled, or there are too many rows or bad ones: before the first piece.
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
    rows = list(rows)
    try:
        return _strict_json(rows).encode()[1:-1]
    except UnicodeEncodeError:
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
