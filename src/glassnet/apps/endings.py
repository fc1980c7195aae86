"""How a command ends: the exit codes, and the errors that stand for them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from glassnet.errors import InputError, InputTypeError
from glassnet.support.atomic_write import destination

DONE = 0
PROBLEM = 1
"""Something is wrong with the data, the model or the machine."""
WRONG_USAGE = 2
"""Something is wrong with what was typed."""
INTERRUPTED = 130
"""As shells count a process that Ctrl-C ended: 128 + SIGINT."""
BROKEN_PIPE = 141
"""Whoever read the output has gone: 128 + SIGPIPE."""


class UsageError(InputError):
    """What was typed cannot be done, whatever the data are; with the options in `again` added, it can."""

    def __init__(self, rule: str, received: object = None, remedy: str = "", *, again: tuple[str, ...] = ()) -> None:
        super().__init__(rule, received, remedy)
        self.again = again


@contextlib.contextmanager
def as_usage() -> Iterator[None]:
    """What is refused within it is wrong in what was typed."""
    try:
        yield
    except (InputError, InputTypeError) as error:
        raise UsageError(str(error)) from error


def check_output(path: Path, inputs: Iterable[Path | None], *, force: bool, option: str = "--out") -> None:
    """Refuse an output file that could not or should not be written, before any work is done.

    "-" is the standard output, and always fine; files that are read are never overwritten, even with `force`.

    Examples
    --------
    >>> check_output(Path("no such folder/model.safetensors"), [], force=False)
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: The folder of an output file must exist. Received: no such folder. Create it, or \
choose another with --out.
    """
    if str(path) == "-":
        return
    if str(path).startswith("-"):
        raise UsageError(
            f"{option} must be followed by a file", str(path), "If it is a file name, put ./ in front of it"
        )
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        path.stat()  # a name that is too long, or links in a circle, are an error now and not after the work
    destination(path)
    if path.is_dir():
        raise UsageError(f"{option} must be a file", f"{path}, a folder", "Specify a file in it")
    if path.exists():
        if any(file is not None and file.exists() and path.samefile(file) for file in inputs):
            raise UsageError(f"{option} must not be an input file", str(path), "Choose another file")
        if path.is_file() and not force:
            from glassnet.tables.sources import check_exists

            for file in inputs:
                if file is not None:
                    check_exists(file)  # or the advice would be of no use
            remedy = f"Choose another file with {option}, or overwrite it with --force"
            raise UsageError(f"{path} already exists", None, remedy, again=("--force",))
    folder = Path(os.path.realpath(path)).parent if path.is_symlink() else path.parent
    if not folder.is_dir():
        raise InputError(
            "The folder of an output file must exist", str(folder), f"Create it, or choose another with {option}"
        )
    if not os.access(path if path.exists() and not path.is_file() else folder, os.W_OK):
        raise InputError("The folder of an output file must be writable", str(folder), f"Choose another with {option}")
