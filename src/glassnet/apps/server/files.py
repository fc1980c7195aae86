"""Whole tables in CSV, which are read from a file.

What a cell of CSV is depends on its column, so the whole table is looked through before the first row is answered. To
hold a large one in memory would be to let whoever sends it decide how much memory that is; so it goes to the disk.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from glassnet.apps.console import size
from glassnet.apps.labelled import Complement, check_columns
from glassnet.apps.saved_model import learned_columns
from glassnet.apps.server.limits import RefusalError, Work
from glassnet.apps.server.model import LoadedModel
from glassnet.apps.server.streaming import PIECE
from glassnet.errors import InputError, InputTypeError
from glassnet.tables.reading.delimited import find_layout
from glassnet.tables.reading.readers import scan_table
from glassnet.tables.reading.sources import MOST_UNPACKED, ReadOptions, is_compressed, pl

NAME = "table.csv"
"""What messages call the table."""
OPTION = re.compile(r"(?<=\. )[A-Z][^.]* --[a-z].*\Z", re.DOTALL)
"""The remedy of a message, where it is an option of the command line."""
INSTEAD = "A request has no options: write the table as the model's own, in UTF-8, or send rows as JSON."
HEADER = 4_000_000
"""Bytes of the first row: others wait while it is taken apart."""
BREAK = re.compile(rb"[\r\n]")
OTHERS = 5_000
"""Columns that the model does not know: what each costs grows with their number."""


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
    """What a table is looked through with before its first row is answered: as long as that is wanted."""

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
