"""The command line and its outcome: exit codes, usage errors, names, and files that may be written."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shlex
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from glassnet.errors import InputError, InputTypeError
from glassnet.support.atomic_write import atomic_write, destination
from glassnet.support.language import Text

DONE = 0
PROBLEM = 1
"""Something is wrong with the data, the model or the machine."""
WRONG_USAGE = 2
"""The command line is wrong."""
INTERRUPTED = 130
"""As shells count a process that Ctrl-C ended: 128 + SIGINT."""
BROKEN_PIPE = 141
"""The reader of the output has gone: 128 + SIGPIPE."""
_TYPED: Final[ContextVar[tuple[str, ...]]] = ContextVar("typed", default=())


class UsageError(InputError):
    """A command line that is wrong for any data; with the options in `again` added, it is valid."""

    def __init__(self, rule: str, received: object = None, remedy: str = "", *, again: tuple[str, ...] = ()) -> None:
        super().__init__(rule, received, remedy)
        self.again = again


@contextlib.contextmanager
def as_usage() -> Iterator[None]:
    """Turn input errors within it into usage errors."""
    try:
        yield
    except (InputError, InputTypeError) as error:
        raise UsageError(*error.parts) from error


def check_output(
    path: Path, inputs: Iterable[Path | None], *, force: bool, option: str = "--out", printed: bool = False
) -> None:
    """Refuse an output file that could not or should not be written, before any work is done.

    "-" is the standard output, for what may be `printed`; files that are read are never overwritten, even with `force`.

    Examples
    --------
    >>> check_output(Path("no such folder/model.safetensors"), [], force=False)
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: The folder of an output file must exist. Received: no such folder. Create it, or \
choose another with --out.
    """
    if str(path) == "-":
        if printed:
            return
        rule = Text("{flag} must be a file: other results go to the standard output", flag=option)
        raise UsageError(rule, str(path), "Give a file name")
    if str(path).startswith("-"):
        raise UsageError(
            Text("{flag} must be followed by a file", flag=option),
            str(path),
            "If it is a file name, put ./ in front of it",
        )
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        path.stat()  # a name that is too long, or links in a circle, are an error now and not after the work
    destination(path)
    if path.is_dir():
        raise UsageError(
            Text("{flag} must be a file", flag=option), Text("{path}, a folder", path=path), "Specify a file in it"
        )
    if path.exists():
        if any(file is not None and file.exists() and path.samefile(file) for file in inputs):
            raise UsageError(Text("{flag} must not be an input file", flag=option), str(path), "Choose another file")
        if path.is_file() and not force:
            from glassnet.tables.reading.sources import check_exists

            for file in inputs:
                if file is not None:
                    check_exists(file)  # or the advice would be of no use
            remedy = Text("Choose another file with {flag}, or overwrite it with --force", flag=option)
            raise UsageError(Text("{file} already exists", file=path), None, remedy, again=("--force",))
    folder = Path(os.path.realpath(path)).parent if path.is_symlink() else path.parent
    if not folder.is_dir():
        raise InputError(
            "The folder of an output file must exist",
            str(folder),
            Text("Create it, or choose another with {flag}", flag=option),
        )
    if not os.access(path if path.exists() and not path.is_file() else folder, os.W_OK):
        raise InputError(
            "The folder of an output file must be writable",
            str(folder),
            Text("Choose another with {flag}", flag=option),
        )


@contextlib.contextmanager
def command_line(words: Sequence[str]) -> Iterator[None]:
    """The words behind ``glassnet`` until the block ends."""
    token = _TYPED.set(tuple(words))
    try:
        yield
    finally:
        _TYPED.reset(token)


def repeated_command(*more: str) -> str:
    """The complete command that was typed, with options that it lacked.

    Examples
    --------
    >>> with command_line(["train", "our flats.csv", "--target", "rent", "--resume"]):
    ...     repeated_command("--resume", "--force")
    "glassnet train 'our flats.csv' --target rent --resume --force"
    >>> with command_line(["predict", "--out", "new.csv", "--", "-model", "-table"]):
    ...     repeated_command("--force")
    'glassnet predict --out new.csv --force -- -model -table'
    """
    words = _TYPED.get()
    options = words.index("--") if "--" in words else len(words)
    return shell_command(
        ["glassnet", *words[:options], *(word for word in more if word not in words), *words[options:]]
    )


def shell_command(words: Sequence[str]) -> str:
    """Words quoted for the shell.

    Examples
    --------
    >>> shell_command(["glassnet", "inspect", "my model.safetensors"])
    "glassnet inspect 'my model.safetensors'"
    """
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def split_names(text: str) -> tuple[str, ...]:
    """The names in a text; one with a comma is in quotes, and a quote in one of these is doubled.

    Raises
    ------
    UsageError
        If a quote is not closed.

    Examples
    --------
    >>> split_names('age, "income, net",5" disk')
    ('age', 'income, net', '5" disk')
    """
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True))
    except csv.Error:
        raise UsageError(
            "Names must be separated by commas, those with a comma in quotes", text, """For example '"a, b",c'"""
        ) from None
    return tuple(name.strip() for line in lines for name in line if name.strip())


def named_columns(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Groups of columns, each with a name.

    Raises
    ------
    UsageError
        If a text is none.

    Examples
    --------
    >>> named_columns(["place=lat,lon", "size=area"])
    {'place': ('lat', 'lon'), 'size': ('area',)}
    """
    pairs = [(text, *text.partition("=")) for text in texts]
    for text, name, _, columns in pairs:
        if not name.strip() or not split_names(columns):
            raise UsageError("A group of columns must have a name and columns", text, "For example place=lat,lon")
    return {name.strip(): split_names(columns) for _, name, _, columns in pairs}


def fill(folder: Path, files: Mapping[str, bytes], rule: str, *, force: bool = False) -> Iterator[Path]:
    """Write files, by their places in it, into a new or empty folder, and give each as it is written.

    `rule` is the message where the folder is not empty; with `force` files of these names are replaced.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(rule, Text("{folder}, a file", folder=folder), "Choose a new folder")
    if folder.exists() and any(folder.iterdir()) and not force:
        remedy = Text("Choose a new folder, or overwrite the files in this one with --force")
        raise UsageError(rule, Text("{folder}, which is not empty", folder=folder), remedy, again=("--force",))
    for name, content in files.items():
        target = folder / name
        destination(target.parent).mkdir(parents=True, exist_ok=True)
        with atomic_write(target, "the file") as file:
            file.write(content)
        yield target
