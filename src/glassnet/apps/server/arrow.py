"""Arrow's stream format, from strangers.

It is read by pyarrow, which checks what it reads; polars would take the whole process down over a changed byte. What
pyarrow does not check is looked up before: a stream that is cut off between two messages, buffers that are
compressed, of which a small one can unfold to more than any memory, dictionaries that grow with every message, and
columns of more buffers than there are. Cells that are shared, by dictionaries and views, are counted one by one.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Collection, Iterator
from typing import Any, Final

from glassnet.apps.server.formats import PIECE
from glassnet.apps.server.limits import Limits, RefusalError
from glassnet.tables.columns.dates import check_frame
from glassnet.tables.reading.delimited import all_named
from glassnet.tables.reading.memory_limits import unfolded_size
from glassnet.tables.reading.sources import no_rows, pl

END: Final = b"\xff\xff\xff\xff\x00\x00\x00\x00"
"""The last bytes of a stream: a message of no length."""
DICTIONARY, ROWS = 2, 3
"""Messages with numbers in them, by the kind of their header."""
MESSAGES: Final = 20_000
"""So many a stream may have: each takes some hundred bytes of it, and some kilobytes of memory."""


class Stream:
    """A body as an Arrow stream, of which the `columns` that it has are read.

    Raises
    ------
    RefusalError
        If it is no stream, has too many rows or none, or a column of nested values.
    """

    def __init__(self, body: bytes, columns: Collection[str], limits: Limits) -> None:
        try:
            import pyarrow as pa
        except ImportError:
            words = "Arrow is not read here: the server has no pyarrow. Send JSON or CSV, or install glassnet[serve]."
            raise RefusalError(415, words) from None
        self._limits = limits
        self._damage = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError, struct.error)
        with self._refused():
            if not body.endswith(END):
                raise ValueError("it ends too early")
            limits.check_rows(_look_through(body))
            with pa.ipc.open_stream(body) as reader:
                table = reader.read_all()
            table = table.rename_columns(all_named(table.column_names))
            known = [name for name in table.column_names if name in columns]
            if not known:
                raise ValueError(f"none of the columns {', '.join(columns)}"[:200])
            table = table.select(known)
            for field in table.schema:
                _check_single(field.name, field.type)
            self._table = _in_known_zones(table)
            self._table.validate(full=True)
        if self._table.num_rows == 0:
            raise RefusalError(422, str(no_rows("the body")))

    def frames(self) -> Iterator[pl.DataFrame]:
        """Its rows, some at a time; refused when their cells take too much, each counted for itself."""
        size = 0
        for start in range(0, self._table.num_rows, PIECE):
            with self._refused():
                frame = _to_polars(self._table.slice(start, PIECE))
                check_frame(frame)
            size += unfolded_size(frame)
            self._limits.check_unfolded(size)
            yield frame

    @contextlib.contextmanager
    def _refused(self) -> Iterator[None]:
        try:
            yield
        except self._damage as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            words = f"The body must be a complete Arrow IPC stream. Received: {reason}."
            raise RefusalError(422, words) from None


def _check_single(name: str, kind: Any) -> None:
    """Refuse a column whose cells are none of a table: some take up no bytes, and are billions all the same."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        if not _is_known_zone(getattr(kind, "tz", None)):
            raise ValueError(f"column {name!r} of type {kind}; write its times in UTC")
    if pa.types.is_nested(kind) or pa.types.is_run_end_encoded(kind) or pa.types.is_dictionary(kind):
        raise ValueError(f"column {name!r} of type {kind}; write one value into each cell")
    if pa.types.is_decimal256(kind) or pa.types.is_interval(kind):
        raise ValueError(f"column {name!r} of type {kind}, which is not known here")


def _in_known_zones(table: Any) -> Any:
    """A table whose times are in UTC where polars, which would panic, knows their zone not, such as +05:45."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if not _is_known_zone(getattr(field.type, "tz", None)):
            table = table.set_column(place, field.name, table[place].cast(pa.timestamp(field.type.unit, "UTC")))
    return table


def _is_known_zone(zone: str | None) -> bool:
    try:
        pl.Series([0]).cast(pl.Datetime("us", zone))  # of no values some versions ask nothing
    except pl.exceptions.PolarsError:
        return False
    return True


def _to_polars(table: Any) -> pl.DataFrame:
    try:
        return pl.DataFrame(pl.from_arrow(table))
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error)) from None
    except BaseException as error:  # types that polars has not make it panic, which is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError("a type of column that is not known here") from None


def _look_through(body: bytes) -> int:
    """How many rows it says that it has; an error if a part is compressed."""
    import pyarrow as pa

    rows = 0
    for number, message in enumerate(pa.ipc.MessageReader.open_stream(body)):  # which verifies the metadata
        if number == MESSAGES:
            raise ValueError(f"more than {MESSAGES:,} messages; write more rows into each")
        metadata = message.metadata.to_pybytes()
        root = _offset(metadata, 0)
        kind = _field(metadata, root, 1)
        if kind is None or metadata[kind] not in (DICTIONARY, ROWS):
            continue
        header = _table(metadata, root, 2)
        grows = _field(metadata, header, 2) if metadata[kind] == DICTIONARY else None
        if grows is not None and metadata[grows]:  # each message would have its own copy of all before
            raise ValueError("a dictionary that grows; write each whole")
        batch = header if metadata[kind] == ROWS else _table(metadata, header, 1)
        if _field(metadata, batch, 3) is not None:
            raise ValueError("compressed buffers; write it without compression")
        counts, buffers = _numbers(metadata, batch, 4), _length(metadata, batch, 2)
        if any(not 0 <= count <= buffers for count in counts):  # for which older versions of pyarrow ask for memory
            raise ValueError("a column of more buffers than there are")
        length = _field(metadata, batch, 0)
        if metadata[kind] == ROWS and length is not None:
            rows += max(0, struct.unpack_from("<q", metadata, length)[0])
    return rows


def _field(metadata: bytes, table: int, number: int) -> int | None:
    """Where a field of a table of Google's FlatBuffers is; None if it is not there."""
    places = table - struct.unpack_from("<i", metadata, table)[0]
    at = 4 + 2 * number
    if at >= struct.unpack_from("<H", metadata, places)[0]:
        return None
    place: int = struct.unpack_from("<H", metadata, places + at)[0]
    return table + place if place else None


def _length(metadata: bytes, table: int, number: int) -> int:
    """How many entries a list has that a field leads to."""
    field = _field(metadata, table, number)
    return 0 if field is None else int(struct.unpack_from("<I", metadata, _offset(metadata, field))[0])


def _numbers(metadata: bytes, table: int, number: int) -> tuple[int, ...]:
    """A list of integers that a field leads to."""
    count = _length(metadata, table, number)
    if count == 0:
        return ()
    if count > len(metadata):
        raise ValueError("a list that is longer than its message")
    return struct.unpack_from(f"<{count}q", metadata, _table(metadata, table, number) + 4)


def _table(metadata: bytes, table: int, number: int) -> int:
    """Where a table is that a field leads to."""
    field = _field(metadata, table, number)
    if field is None:
        raise ValueError("a message without content")
    return _offset(metadata, field)


def _offset(metadata: bytes, place: int) -> int:
    return place + int(struct.unpack_from("<I", metadata, place)[0])
