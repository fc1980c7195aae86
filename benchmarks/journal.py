"""A journal: one record a line of JSON, written as soon as it is there, so that nothing measured gets lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["append", "read"]


def append(path: Path, record: dict[str, Any]) -> None:
    """Add a record to the end of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        # what was killed in the middle of a line must not spoil the next one
        if file.tell():
            file.seek(-1, 2)
            if file.read() != b"\n":
                file.write(b"\n")
        file.write(json.dumps(record).encode() + b"\n")


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a file; a line that is not complete is left out, and so measured again."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found
