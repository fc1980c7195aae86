"""The help in the reader's language, sentence by sentence, and the messages of the command line's parser.

The English of the help stands in docstrings and declarations; what the parser (cyclopts) says comes as finished
sentences, whose templates stand here. Both have their Chinese in the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from cyclopts.help import DefaultFormatter, HelpPanel
from rich.console import Console, ConsoleOptions

from glassnet.support.language import Text, get_language, translated

CONTEXT: Final = "help"
"""Of the sentences of the help in the catalogue."""
LAYOUT: Final = (
    Text("Usage: {usage}", context="help"),
    Text("[choices: {names}]", context="help"),
    Text("[required]", context="help"),
    Text("One of: {names}.", context="help"),
    Text("A number in {bounds}.", context="help"),
)
"""What the parser and the declarations of estimators put into the help."""
NO_FILE: Final = Text("Unknown option: {flag}. If it is a file name, put ./ in front of it.")
REFUSALS: Final = (
    Text('Unknown command "{command}". Available commands: {others}'),
    Text('Unknown command "{command}". Did you mean "{other}"? Available commands: {others}'),
    Text("{command} needs {name}."),
    Text('Parameter "{name}" requires an argument.'),
    Text('Invalid value for {name}: unable to convert "{value}" into one of {choices}.'),
    Text('Invalid value for {name}: unable to convert "{value}" into {type}.'),
    Text('Invalid value "{value}" for {name}. Choose from: {choices}.'),
    Text('Invalid value "{value}" for {name}. Choose from: {choices}. Did you mean "{other}"?'),
    Text('Invalid value "{value}" for {place}. {reason}'),
    Text("Unused Tokens: {words}."),
)
"""The parser's messages on arguments that it refuses."""
TYPES: Final = (Text("int"), Text("float"), Text("bool"), Text("Path"))
_END = re.compile(r"(?<=[.?!。]) ")
_NAME = re.compile(r"\{\w+\}")
_BROKEN = re.compile(r"(?<=\S)\n(?=\S)")


class TranslatedFormatter(DefaultFormatter):
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


def as_text(sentence: str, templates: Iterable[Text]) -> Text | None:
    """A finished sentence as the text that it was made of; None if it is of none of the templates.

    Examples
    --------
    >>> as_text("Unused Tokens: a b.", REFUSALS).say("zh")
    '多余的词：a b。'
    """
    for text, pattern in _patterns(tuple(templates)):
        if found := pattern.match(sentence):
            return text.filled(**{name: _value(name, value) for name, value in found.groupdict().items()})
    return None


def _value(name: str, value: str) -> str:
    return as_text(value, {"reason": (NO_FILE,), "type": TYPES}.get(name, ())) or value


@cache
def _patterns(templates: tuple[Text, ...]) -> list[tuple[Text, re.Pattern[str]]]:
    """Return templates with placeholders as regular expressions, the most specific first."""
    ordered = sorted(templates, key=lambda text: -len(_NAME.sub("", text)))
    filled = [re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*?)", re.escape(text)) for text in ordered]
    return [(text, re.compile(rf"{pattern}\Z", re.DOTALL)) for text, pattern in zip(ordered, filled, strict=True)]


def sentences(paragraph: str) -> list[str]:
    """Return the entries of the catalogue in a paragraph: the lines of examples, else the sentences."""
    return paragraph.split("\n") if "\n  " in paragraph else _END.split(" ".join(paragraph.split()))


def _paragraph(text: str) -> str:
    """One paragraph, whose lines end where the console ends them, and not where a docstring does."""
    english = sentences(text)
    chinese = english if get_language() == "en" else list(map(_sentence, english))
    if chinese == english:
        return _BROKEN.sub(" ", text)
    rest = text[len(text.rstrip("\n")) :]
    return ("\n" if "\n  " in text else "").join(chinese) + rest


def _sentence(english: str) -> str:
    if chinese := translated(english, CONTEXT):
        return chinese
    text = as_text(english, LAYOUT)
    return english if text is None else text.say()
