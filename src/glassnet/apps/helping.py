"""The help in the reader's language: a catalogue of what docstrings and declarations say in English, by sentences."""

from __future__ import annotations

import re
from pathlib import Path

from cyclopts.help import DefaultFormatter, HelpPanel
from rich.console import Console, ConsoleOptions

from glassnet.support.phrases import in_words

FILE = Path(__file__).with_name("help.toml")
_END = re.compile(r"(?<=[.?!。]) ")
_BROKEN = re.compile(r"(?<=\S)\n(?=\S)")


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


def sentences(paragraph: str) -> list[str]:
    """What the catalogue is asked for: the lines of examples, the sentences of everything else."""
    return paragraph.split("\n") if "\n  " in paragraph else _END.split(" ".join(paragraph.split()))


def _paragraph(text: str) -> str:
    """One paragraph, whose lines end where the console ends them, and not where a docstring does."""
    asked = sentences(text)
    said = [in_words(sentence, "help", FILE) for sentence in asked]
    if said == asked:
        return _BROKEN.sub(" ", text)
    rest = text[len(text.rstrip("\n")) :]
    return ("\n" if "\n  " in text else "").join(said) + rest
