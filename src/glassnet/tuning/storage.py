"""Where a search is kept: in memory, or in a file, from which the same search can go on.

The file is a journal of Optuna's, one line of JSON for each event. It is written by one process at a time, which holds
a lock on it, so Optuna's own locks, which a killed process would leave behind, are not needed.
"""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from glassnet.errors import InputError
from glassnet.support.atomic_write import destination
from glassnet.support.lazy_import import require
from glassnet.support.warning import warn

if TYPE_CHECKING:
    from optuna.study import Study

    from glassnet.tuning.journal import Journal

NAME = "glassnet search"
"""The name of the study, by which a file of ours is known."""
IDENTITY = "search"
"""Under which name a study keeps what must stay the same."""
LONGEST_LINE = 1000
"""Bytes of the first line of a file of ours, at most."""


def require_optuna() -> None:
    """Refuse to go on without Optuna."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in a notebook it misses a bar of progress that nobody asks it for
        require("optuna", "A search for options", "search")


@contextlib.contextmanager
def open_study(storage: Path | None, maximize: bool) -> Iterator[Study]:
    """A study of Optuna, new or with all trials that are in the file; Optuna itself keeps quiet meanwhile.

    Raises
    ------
    InputError
        If the file is something else, damaged, or in use.
    OSError
        If it cannot be read or written.
    """
    import optuna

    direction: Literal["maximize", "minimize"] = "maximize" if maximize else "minimize"
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        if storage is None:
            yield optuna.create_study(direction=direction)
            return
        with _held(storage):
            study, journal = _study_in(storage, direction)
            yield study
        if journal.problem is not None:
            warn(
                f"{storage} could not be written to the end ({journal.problem.strerror}): a search that goes on from "
                "it will not know of the last trials"
            )
    finally:
        optuna.logging.set_verbosity(verbosity)


def _study_in(file: Path, direction: Literal["maximize", "minimize"]) -> tuple[Study, Journal]:
    import optuna
    from optuna.storages import JournalStorage

    from glassnet.tuning.journal import Journal

    journal = Journal(str(file), _NoLock())
    try:
        storage = JournalStorage(journal)
    except Exception as error:  # whatever a line that is no event of a search may lead to
        raise InputError(RULE, f"{file}, damaged ({error})", REMEDY) from error
    if NAME in optuna.get_all_study_names(storage):  # `load_if_exists` would first write that it does not
        return optuna.load_study(study_name=NAME, storage=storage), journal
    return optuna.create_study(study_name=NAME, storage=storage, direction=direction), journal


RULE = "The file of a search must be new, or that of an earlier search"
REMEDY = "Choose another file"


class _NoLock:
    """In the place of Optuna's lock: the whole file is ours."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None: ...


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Within it the file is nobody else's; it is there, and ends with a whole line."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError("The file of a search must be in an existing folder", str(path), REMEDY)
    with destination(path).open("a+b") as file:
        _lock(file, path)
        _check_ours(file, path)
        _drop_unfinished_line(file)
        yield


def _lock(file: IO[bytes], path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # not on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(
            "A file must be used by one search at a time",
            str(path),
            "Wait for the other search, or choose another file",
        ) from None


def _check_ours(file: IO[bytes], path: Path) -> None:
    """Refuse a file that is something else, before anything is added to it."""
    file.seek(0)
    line = file.readline(LONGEST_LINE)
    if not line:
        return
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        first = None
    if not (isinstance(first, dict) and first.get("study_name") == NAME):
        raise InputError(RULE, f"{path}, which is something else", REMEDY)


def _drop_unfinished_line(file: IO[bytes]) -> None:
    """A process that was killed, or a full disk, may have left half a line, to which the next would be glued."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - LONGEST_EVENT))
    tail = file.read()
    if tail and not tail.endswith(b"\n"):
        file.truncate(end - len(tail) + tail.rfind(b"\n") + 1)


LONGEST_EVENT = 100_000
"""Bytes of an event, at most: that of a trial's outcome has some hundred."""


def check_same(study: Study, identity: Mapping[str, str]) -> None:
    """Refuse to go on with a search of something else; a new study remembers what it is of.

    `identity` is what must stay the same, by the name of the argument.
    """
    known = study.user_attrs.get(IDENTITY)
    if known is None:
        study.set_user_attr(IDENTITY, dict(identity))
        return
    for name, value in identity.items():
        if known.get(name, "none") != value:
            raise InputError(
                "A resumed search must be the same as before, so that its trials are comparable",
                f"another `{name}`",
                "Use the same settings as before, or choose another file",
            )
