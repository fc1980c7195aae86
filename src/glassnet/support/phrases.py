"""Translation of messages of lower rooms, by patterns in a catalogue.

Rooms that compute speak English, as their docstrings do: what an encoder does to a column, what an error says. Where
such a sentence is shown to a reader of another language, it is looked up here; one that is not known stays as it is,
as a whole.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from glassnet.errors import MissingExtraError, Parts, shorten
from glassnet.support.language import LANGUAGES, Composed, Language, Text, close_up, get_language, translated

FILE = Path(__file__).with_name("phrases.toml")
_RECEIVED = re.compile(r"^(?P<rule>.*?)\. Received: (?P<rest>.*)$", re.DOTALL)
_END = re.compile(r"(?<=[.?]) ")
_NAME = re.compile(r"\{\w+\}")
MOST_SENTENCES: Final = 12
"""Of more sentences no remedy is."""


class Phrase(NamedTuple):
    """A sentence with names to be filled in, as a pattern; the longest part that is always there; the Chinese."""

    pattern: re.Pattern[str]
    part: str
    chinese: str

    @classmethod
    def of(cls, english: str, chinese: str) -> Phrase:
        filled = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*?)", re.escape(english))
        return cls(re.compile(filled + r"\Z", re.DOTALL), max(_NAME.split(english), key=len), chinese)


@cache
def patterns(file: Path = FILE) -> dict[str, list[Phrase]]:
    """By section of a catalogue its phrases, what is most particular first."""
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        section: [
            Phrase.of(english, chinese)
            for english, chinese in sorted(phrases.items(), key=lambda each: -len(_NAME.sub("", each[0])))
        ]
        for section, phrases in sections.items()
    }


def in_words(sentence: str, section: str, file: Path = FILE) -> str:
    """A sentence in the reader's language, if the catalogue has it.

    Examples
    --------
    >>> from glassnet.support.language import speaking
    >>> with speaking("zh"):
    ...     in_words("3 folds", "validation")
    '3 折交叉验证'
    """
    return sentence if get_language() == "en" else _found(sentence, section, file) or sentence


def error_in_words(error: Exception, language: Language | None = None) -> str:
    """The message of an error in the reader's language: the rule, the received value, the remedy, each by itself.

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
    parts = getattr(error, "parts", None) or Parts(str(error))
    rule, remedy = _part(parts.rule, "error"), _part(parts.remedy, "remedy")
    if rule is None or remedy is None:
        return message_in_words(str(error), "zh")
    if not remedy:
        return rule
    received = parts.received
    if received is not None:
        shown = received.say("zh") if isinstance(received, Text) else _found(received, "received") or received
        received = f"收到：{shorten(shown)}。"
    return f"{_closed(rule)}{received or ''}{_closed(remedy)}"


def error_text(error: Exception) -> Text:
    """The message of an error as a text, to be said in a language later."""
    return Composed({language: error_in_words(error, language) for language in LANGUAGES})


def _part(text: str, section: str) -> str | None:
    """A rule or a remedy in Chinese, as the catalogue has it, or else by the patterns."""
    if not isinstance(text, Text):
        return translated(text) or (text and _found(text, section))
    known = isinstance(text, Composed) or translated(text.template, text.context)
    return text.say("zh") if known else _found(text, section)


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith(("。", "？")) else f"{sentence}。"


def message_in_words(message: str, language: Language | None = None) -> str:
    """The same of a message of which there is nothing but the text.

    Examples
    --------
    >>> from glassnet.support.language import speaking
    >>> with speaking("zh"):
    ...     message_in_words("--test must be a file, or a share in [0, 1). Received: 3. For example 0.2.")
    '--test 必须是文件，或 [0, 1) 中的比例。收到：3。例如 0.2。'
    """
    if (language or get_language()) == "en":
        return message
    found = _RECEIVED.match(message)
    pieces = _END.split(found["rest"] if found else message)
    # The value may have full stops of its own: the remedy is what is known, in the last few sentences.
    for count in range(max(1, len(pieces) - MOST_SENTENCES), len(pieces)):
        before, remedy = " ".join(pieces[:count]), _sentence(" ".join(pieces[count:]), "remedy")
        rule = _sentence(found["rule"] if found else before, "error")
        if rule and remedy:
            received = before.removesuffix(".")
            said = f"收到：{_found(received, 'received') or received}。" if found else ""
            return f"{rule}{said}{remedy}"
    whole = None if len(pieces) > 1 or found else _found(message, "error")
    return whole or message


def _sentence(text: str, section: str) -> str | None:
    said = _found(text.removesuffix("."), section)
    return None if said is None else _closed(said)


def _found(sentence: str, section: str, file: Path = FILE) -> str | None:
    for pattern, part, chinese in patterns(file)[section]:
        found = pattern.match(sentence) if part in sentence else None
        words = {name: _word(name, value, file) for name, value in found.groupdict().items()} if found else {"": None}
        if None not in words.values():
            return close_up(chinese, words)
    return None


def _word(name: str, value: str, file: Path) -> str | None:
    """What is filled in: as it is, or, if its name is a section of the catalogue, as that has it."""
    return _found(value, name, file) if name in patterns(file) else value
