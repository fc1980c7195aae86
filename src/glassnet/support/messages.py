"""Messages of errors and warnings in the reader's language; a warning names the user's line that led to it."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from glassnet.errors import ErrorParts, MissingExtraError, TrainingWarning, shorten, shown
from glassnet.support.language import LANGUAGES, Composed, Language, Text, get_language, said, translated, verbatim

FEW: Final = 10
"""Of more values an error lists the first."""
_OURS: Final = str(Path(__file__).parents[1]) + os.sep
_PYTHONS: Final = (str(Path(os.__file__).parent) + os.sep, "<frozen ")
_INSTALLED: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


def error_in_words(error: Exception, language: Language | None = None) -> str:
    """Return the message of an error in the reader's language: rule, received value and remedy, each translated.

    A message with a part that has no translation stays English as a whole.

    Examples
    --------
    >>> from glassnet.errors import InputError
    >>> error_in_words(InputError("Column names must be unique", "a, a", "Rename or drop the duplicates"), "zh")
    '列名不能重复。收到：a, a。请改名或删除重复的列。'
    """
    if (language or get_language()) == "en":
        return str(error)
    if several := getattr(error, "errors", ()):
        return "".join(error_in_words(one, "zh") for one in several)
    if isinstance(error, MissingExtraError):
        needs = Text("{work} needs {package}. Install it with: {command}", work=Text(error.what))
        return needs.say("zh", package=error.package, command=error.command)
    parts = getattr(error, "parts", None) or ErrorParts(str(error))
    rule, remedy = _chinese(parts.rule), _chinese(parts.remedy)
    if rule is None or remedy is None:
        return str(error)
    if not remedy:
        return rule
    received = parts.received
    if received is not None:
        value = (
            received.say("zh") if isinstance(received, Text) else (" " in received and translated(received)) or received
        )
        received = f"收到：{shorten(value)}。"
    return f"{_closed(rule)}{received or ''}{_closed(remedy)}"


def error_text(error: Exception, other_names: Mapping[str, str] | None = None) -> Text:
    """Return the message of an error as a text in all languages, with some names in it replaced."""
    messages = {language: error_in_words(error, language) for language in LANGUAGES}
    for old, new in (other_names or {}).items():
        messages = {language: message.replace(old, new) for language, message in messages.items()}
    return Composed(messages)


def _chinese(part: str) -> str | None:
    """Return a rule or a remedy as the catalogue has it."""
    if not isinstance(part, Text):
        return translated(part)
    known = isinstance(part, Composed) or translated(part.template, part.context)
    return part.say("zh") if known else None


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith(("。", "？")) else f"{sentence}。"


def listed(values: Iterable[object]) -> Text:
    """Return a list of values for an error: the first ten, and the number of further ones.

    >>> listed(["no", "yes"])
    "'no', 'yes'"
    >>> listed(range(598))
    '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 588 more'
    """
    return some([shown(value) for value in values], FEW)


def some(names: Sequence[str], at_most: int = 5) -> Text:
    """Return the first of many names, and the number of further ones.

    >>> some(["age", "city", "paid"], 2), some(["age", "city", "paid"], 2).say("zh")
    ('age, city and 1 more', 'age, city，另有 1 个')
    """
    first, more = ", ".join(names[:at_most]), len(names) - at_most
    return Text("{first} and {count} more", first=first, count=more) if more > 0 else verbatim(first)


def warn(message: str, category: type[Warning] = TrainingWarning) -> None:
    """Warn, located at the user's line that led here, not at one of glassnet's or of a library in between.

    Parameters
    ----------
    message : str
        The event and the remedy; shown in the current language (:func:`glassnet.set_language`).
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
    """Return the innermost frame of user code; in a thread of ours, that of the main thread, if it waits."""
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


def of_shape(shape: Sequence[int]) -> Text:
    """Return the shape of an array as an error shows it.

    >>> of_shape((3, 2)).say("zh")
    '形状 (3, 2)'
    """
    return Text("shape {shape}", shape=tuple(shape))
