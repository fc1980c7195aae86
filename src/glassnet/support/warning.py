"""Warnings in the set language, which name the user's line that led to them."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from glassnet.errors import TrainingWarning
from glassnet.support.language import said

_OURS: Final = str(Path(__file__).parents[1]) + os.sep
_PYTHONS: Final = (str(Path(os.__file__).parent) + os.sep, "<frozen ")
_INSTALLED: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


def warn(message: str, category: type[Warning] = TrainingWarning) -> None:
    """Warn, and name as the place the user's line that led here: not one of ours, nor of a library in between.

    Parameters
    ----------
    message : str
        What happened, and the remedy; it is said in the language that is set (:func:`glassnet.set_language`).
    category : type of Warning
        The kind of warning.

    Examples
    --------
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     warn("The line is this one")
    >>> told[0].filename == __file__, told[0].category.__name__
    (False, 'TrainingWarning')
    """
    frame = _users_frame()
    place = frame.f_globals
    registry = place.setdefault("__warningregistry__", {})
    filename, module = frame.f_code.co_filename, str(place.get("__name__") or "<unknown>")
    warnings.warn_explicit(said(message), category, filename, frame.f_lineno, module, registry)


def _users_frame() -> FrameType:
    """The innermost frame of the user's; for a thread of ours, which has none, that of the main thread, if it waits."""
    here = list(_outwards(sys._getframe(1)))
    users = _users_among(here)
    if users is None and threading.current_thread() is not threading.main_thread():
        main = sys._current_frames().get(threading.main_thread().ident or 0)
        users = _users_among(list(_outwards(main)))
    return users or next((frame for frame in here if not _is_in(frame, _OURS)), here[-1])


def _users_among(frames: Sequence[FrameType]) -> FrameType | None:
    if not any(_is_in(frame, _OURS) for frame in frames):
        return None
    return next((frame for frame in frames if not _is_in(frame, _OURS, *_PYTHONS) and not _is_installed(frame)), None)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_in(frame: FrameType, *folders: str) -> bool:
    return frame.f_code.co_filename.startswith(folders)


def _is_installed(frame: FrameType) -> bool:
    return any(folder in frame.f_code.co_filename for folder in _INSTALLED)
