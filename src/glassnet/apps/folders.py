"""Files for people, written into a folder that has nothing else in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from glassnet.errors import InputError

__all__ = ["fill"]


def fill(folder: Path, files: Mapping[str, bytes], rule: str) -> Iterator[Path]:
    """Write files into a new or empty folder, and give each as it is written.

    Parameters
    ----------
    folder : Path
    files : mapping from str to bytes
        By their places in the folder.
    rule : str
        What is said where the folder is not empty.

    Raises
    ------
    InputError
        If the folder has anything in it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(rule, f"{folder}, which is not", "Name a new folder, or empty this one")
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        yield target
