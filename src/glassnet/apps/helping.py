"""The help in the reader's language: a catalogue of what docstrings and declarations say in English, by sentences.

The same file has what the parser of the command line says, of which there is only the finished sentence: its phrases
are patterns, in which names in braces stand for anything.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cyclopts.help import DefaultFormatter, HelpPanel
from rich.console import Console, ConsoleOptions

from glassnet.support.language import close_up, get_language

FILE = Path(__file__).with_name("help.toml")
_END = re.compile(r"(?<=[.?!。]) ")
_NAME = re.compile(r"\{\w+\}")
_BROKEN = re.compile(r"(?<=\S)\n(?=\S)")


class Phrase(NamedTuple):
    """A sentence with names to be filled in, as a pattern; the longest part that is always there; the Chinese."""

    pattern: re.Pattern[str]
    part: str
    chinese: str

    @classmethod
    def of(cls, english: str, chinese: str) -> Phrase:
        filled = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*?)", re.escape(english))
        return cls(re.compile(filled + r"\Z", re.DOTALL), max(_NAME.split(english), key=len), chinese)


class Titled(DefaultFormatter):
    """Help as cyclopts lays it out, with the titles of its panels in the reader's language."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Print one panel."""
        super().__call__(console, options, panel.copy(title=help_in_words(str(panel.title))))


def help_in_words(text: str) -> str:
    r"""A text of the help in the reader's language; sentences that the catalogue does not have stay as they are.

    Lines end where they are full, and not where those of a docstring do.

    Examples
    --------
    >>> from glassnet.support.language import speaking
    >>> with speaking("zh"):
    ...     help_in_words("Examples:\n  glassnet warm"), help_in_words("The column to predict. [required]")
    ('示例：\n  glassnet warm', '要预测的列。[必填]')
    >>> help_in_words("A column of\nweights.")
    'A column of weights.'
    """
    return "\n\n".join(map(_paragraph, text.split("\n\n")))


@cache
def patterns() -> dict[str, list[Phrase]]:
    """By section of the catalogue its phrases, what is most particular first."""
    sections = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        section: [
            Phrase.of(english, chinese)
            for english, chinese in sorted(phrases.items(), key=lambda each: -len(_NAME.sub("", each[0])))
        ]
        for section, phrases in sections.items()
    }


def in_words(sentence: str, section: str) -> str:
    """A sentence in the reader's language, if the catalogue has it.

    Examples
    --------
    >>> from glassnet.support.language import speaking
    >>> with speaking("zh"):
    ...     in_words("Unused Tokens: a b.", "usage")
    '多余的词：a b。'
    """
    for phrase in [] if get_language() == "en" else patterns()[section]:
        if phrase.part in sentence and (found := phrase.pattern.match(sentence)):
            words = found.groupdict()
            if "type" in words:
                words["type"] = in_words(words["type"], "type")
            return close_up(phrase.chinese, words)
    return sentence


def sentences(paragraph: str) -> list[str]:
    """What the catalogue is asked for: the lines of examples, the sentences of everything else."""
    return paragraph.split("\n") if "\n  " in paragraph else _END.split(" ".join(paragraph.split()))


def _paragraph(text: str) -> str:
    """One paragraph, whose lines end where the console ends them, and not where a docstring does."""
    asked = sentences(text)
    said = [in_words(sentence, "help") for sentence in asked]
    if said == asked:
        return _BROKEN.sub(" ", text)
    rest = text[len(text.rstrip("\n")) :]
    return ("\n" if "\n  " in text else "").join(said) + rest
