"""Files for people, written into a folder that has nothing else in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from glassnet.errors import InputError


def fill(folder: Path, files: Mapping[str, bytes], rule: str) -> Iterator[Path]:
    """Write files, by their places in it, into a new or empty folder, and give each as it is written.

    `rule` is what is said where the folder is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(rule, f"{folder}, which is not", "Name a new folder, or empty this one")
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        yield target
