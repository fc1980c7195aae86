"""The journal of trials: what is known of each so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.accuracy.contenders import OURS
from benchmarks.journal import append, read

__all__ = ["Journal", "Key", "Record", "key_of"]

Record = dict[str, Any]
Key = tuple[str, str, int, int]
"""Model, table, seed and the most rows that were taken of the table."""


def key_of(record: Record) -> Key:
    """What a record is about."""
    return record["model"], record["table"], record["seed"], record["max_rows"]


class Journal:
    """What is known so far; of several records with one key the last counts.

    Parameters
    ----------
    path : Path
        Where records are read from and appended to.
    reuse : sequence of Path
        Earlier journals, whose records of the other libraries are taken over. Not those of glassnet: it is another
        version now.
    """

    def __init__(self, path: Path, reuse: Sequence[Path] = ()) -> None:
        self.path = path
        self.records: dict[Key, Record] = {}
        for earlier in reuse:
            self._learn(record for record in read(earlier) if not record["model"].startswith(OURS))
        if path.exists():
            self._learn(read(path))

    def add(self, record: Record) -> None:
        """Append a record."""
        append(self.path, record)
        self._learn([record])

    def get(self, key: Key) -> Record | None:
        """The record, whether of a success or of a failure."""
        return self.records.get(key)

    @property
    def successes(self) -> list[Record]:
        """The records that hold figures."""
        return [record for record in self.records.values() if record["status"] == "ok"]

    @property
    def failures(self) -> list[Record]:
        """The records that hold an error instead."""
        return [record for record in self.records.values() if record["status"] != "ok"]

    def _learn(self, records: Iterable[Record]) -> None:
        for record in records:
            self.records[key_of(record)] = record
