"""Files for people, written into a folder that has nothing else in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from glassnet.apps.endings import UsageError
from glassnet.support.atomic_write import atomic_write, destination


def fill(folder: Path, files: Mapping[str, bytes], rule: str, *, force: bool = False) -> Iterator[Path]:
    """Write files, by their places in it, into a new or empty folder, and give each as it is written.

    `rule` is what is said where the folder is not empty; with `force` files of these names are replaced.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(rule, f"{folder}, a file", "Choose a new folder")
    if folder.exists() and any(folder.iterdir()) and not force:
        remedy = "Choose a new folder, or overwrite the files in this one with --force"
        raise UsageError(rule, f"{folder}, which is not empty", remedy, again=("--force",))
    for name, content in files.items():
        target = folder / name
        destination(target.parent).mkdir(parents=True, exist_ok=True)
        with atomic_write(target, "the file") as file:
            file.write(content)
        yield target
