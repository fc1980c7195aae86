"""The language of results, plots, reports and the command line.

A text is English in the code, which is the key of its translation in ``locale/zh/LC_MESSAGES/glassnet.po``; the
standard library's gettext reads what `make locale` compiles of it.
"""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from gettext import NullTranslations, translation
from numbers import Real
from pathlib import Path
from string import Formatter
from typing import Any, Final, Literal, Self, cast, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
HTML_LANGUAGE: Final[dict[Language, str]] = {"en": "en", "zh": "zh-Hans"}
"""Language codes of pages."""
VARIABLE = "GLASSNET_LANGUAGE"
LOCALE: Final = Path(__file__).parents[1] / "locale"

_BETWEEN_CHINESE = re.compile("(?<=[“”‘’\u3000-\u9fff\uff00-\uffef])\0(?=[“”‘’\u3000-\u9fff\uff00-\uffef])")

chosen: list[Language] = []
"""The language that was set, if any: one for the whole process, for all threads."""


def asked_language() -> Language | None:
    """Return the language that was set; None where only environment or locale have one.

    These describe the user who runs this; the language of a page's reader is known by the browser.
    """
    return chosen[0] if chosen else None


def get_language() -> Language:
    """Return the language in use if a call names none; an unknown one in the environment is an error."""
    if chosen:
        return chosen[0]
    if language := os.environ.get(VARIABLE):
        return check_language(language, f"`{VARIABLE}`")
    locales = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    place = next((name for name in locales if name), None) or locale.getlocale()[0] or ""
    return "zh" if place.lower().startswith(("zh", "chinese")) else "en"


def opened_in(page: str, language: Language | None) -> str:
    """Return a page of both languages that opens in one of them; None: in the one that its reader's browser prefers.

    Examples
    --------
    >>> opened_in('<html lang="en">', "zh"), opened_in('<html lang="en">', None)
    ('<html data-language="zh" lang="en">', '<html lang="en">')
    """
    return page if language is None else page.replace("<html ", f'<html data-language="{language}" ', 1)


@contextmanager
def speaking(language: Language | None) -> Iterator[None]:
    """Set the language for a while; None changes nothing.

    Examples
    --------
    >>> with speaking("zh"):
    ...     Text("missing").say()
    '缺失'
    """
    before = list(chosen)
    try:
        if language is not None:
            chosen[:] = [check_language(language)]
        yield
    finally:
        chosen[:] = before


class Text(str):
    """A text in its reader's language: English is the key of its translation; names in braces are filled in.

    The translations stand in ``locale/``; a text that has none there is English in every language. As a string it is
    English, so that an error or a log reads the same everywhere.

    Parameters
    ----------
    template : str
        In English; literal braces are doubled if values are given.
    context : str
        Where it occurs, if the same English is something else in another place.
    **values
        The values of the placeholders; a value may be a text itself.

    Examples
    --------
    >>> rows = Text("{count:,} rows")
    >>> rows.say("en", count=1200), rows.say("zh", count=1200)
    ('1,200 rows', '1,200 行')
    """

    __slots__ = ("context", "template", "values")

    template: str
    context: str | None
    values: dict[str, Any]

    def __new__(cls, template: str, /, *, context: str | None = None, **values: Any) -> Self:
        text = super().__new__(cls, _NUMBERS.vformat(template, (), values) if values else template)
        text.template, text.context, text.values = template, context, values
        return text

    def __getnewargs_ex__(self) -> tuple[tuple[Any], dict[str, Any]]:
        return (self.template,), {"context": self.context, **self.values}

    def say(self, language: Language | None = None, /, **values: Any) -> str:
        """Return the text in one language (None: the one that is set), filled in; a value may be such a text itself."""
        spoken = check_language(language)
        text, values = self._in(spoken), self.values | values
        if not values:
            return text
        filled = {name: each.say(spoken) if isinstance(each, Text) else each for name, each in values.items()}
        return close_up(text, filled) if spoken == "zh" else _NUMBERS.vformat(text, (), filled)

    def filled(self, /, **values: Any) -> Text:
        """Return the same with its names filled in.

        Examples
        --------
        >>> Text("{count} rows").filled(count=3).say("zh")
        '3 行'
        """
        return Text(self.template, context=self.context, **self.values | values)

    def _in(self, language: Language) -> str:
        return self.template if language == "en" else translated(self.template, self.context) or self.template


class Composed(Text):
    """A text that is put together in each language by itself.

    Examples
    --------
    >>> names = Composed({"en": "age, city", "zh": "age、city"})
    >>> names, names.say("zh")
    ('age, city', 'age、city')
    """

    __slots__ = ("texts",)

    texts: Mapping[Language, str]

    def __new__(cls, texts: Mapping[Language, str], /) -> Self:
        text = super().__new__(cls, texts["en"])
        text.texts = texts
        return text

    def __getnewargs_ex__(self) -> tuple[tuple[Any], dict[str, Any]]:
        return (self.texts,), {}

    def filled(self, /, **values: Any) -> Text:
        """Return the same with its names filled in."""
        return Composed({language: self.say(language, **values) for language in LANGUAGES})

    def _in(self, language: Language) -> str:
        return self.texts[language]


def joined(parts: Iterable[str], comma: Text | None = None) -> Text:
    """Join texts, with the comma of each language between them, or another text.

    Examples
    --------
    >>> joined([Text("{count} rows", count=3), "age"]).say("zh")
    '3 行、age'
    """
    each, comma = [part if isinstance(part, Text) else verbatim(part) for part in parts], comma or Text(", ")
    return Composed({language: comma.say(language).join(one.say(language) for one in each) for language in LANGUAGES})


def verbatim(text: str) -> Text:
    """Return a text that is the same in every language, even if the catalogue has it.

    Examples
    --------
    >>> verbatim("text").say("zh"), Text("text").say("zh")
    ('text', '文本')
    """
    return Composed(dict.fromkeys(LANGUAGES, text))


class _Missing(NullTranslations):
    """The fallback for messages without a translation."""

    def gettext(self, message: str) -> str:
        return ""

    def pgettext(self, context: str, message: str) -> str:
        return ""


@cache
def _catalogue() -> NullTranslations:
    found = translation("glassnet", LOCALE, ["zh"])
    found.add_fallback(_Missing())
    return found


def said(message: str) -> str:
    """Return a message in the language that is set; one that is no :class:`Text` is looked up as it is."""
    return (message if isinstance(message, Text) else Text(message)).say()


def translated(english: str, context: str | None = None) -> str | None:
    """Return the Chinese of a text, as the catalogue has it; None if it has none.

    Examples
    --------
    >>> translated("{count:,} rows"), translated("What has no translation")
    ('{count:,} 行', None)
    """
    if not english:  # whose translation is the head of the catalogue
        return english
    found = _catalogue().pgettext(context, english) if context else _catalogue().gettext(english)
    return found or None


def minus(number: str) -> str:
    """Return a number that is a result, as people read it: with a minus sign, in the exponent, too.

    What can be typed again (code, JSON, CSV, the rates of a training, the arrays of a trace) has the hyphen that
    programs read.

    Examples
    --------
    >>> minus("-1.5e-07")
    '−1.5e−07'
    """
    return number.replace("-", "\N{MINUS SIGN}")


class _ForPeople(Formatter):
    """Fills in numbers as results; those written ``{rate:g}`` can be typed again."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = format(value, format_spec)
        return minus(text) if format_spec not in ("", "g") and isinstance(value, Real) else text


_NUMBERS: Final = _ForPeople()


def close_up(text: str, values: Mapping[str, Any]) -> str:
    """Fill in a Chinese text, without spaces around values that are Chinese, too.

    Examples
    --------
    >>> close_up("列 {name} 是 2", {"name": "面积"}), close_up("列 {name} 是 2", {"name": "area"})
    ('列面积是 2', '列 area 是 2')
    """
    marked = text.replace(" {", "\0{").replace("} ", "}\0")  # other spaces are the values' own
    return _BETWEEN_CHINESE.sub("", _NUMBERS.vformat(marked, (), values)).replace("\0", " ")


def sentences(parts: Iterable[str], language: Language) -> str:
    """Join sentences; in Chinese without spaces between them."""
    return ("" if language == "zh" else " ").join(parts)


def check_language(language: str | None, name: str = "`language`") -> Language:
    """Return the language, if there are texts in it; None: the one that is set.

    Examples
    --------
    >>> check_language("zh")
    'zh'
    """
    if language is None:
        return get_language()
    from glassnet.support.options import Choice  # whose rules are texts themselves

    return cast("Language", Choice(*LANGUAGES).taken(name, language))


def padded(text: str, width: int) -> str:
    """Return a text with spaces behind it, or before it where the width is below 0, as wide as a terminal shows it.

    Examples
    --------
    >>> padded("in", -6), padded("输入", -6), padded("输入", 6)
    ('    in', '  输入', '输入  ')
    """
    from rich.cells import cell_len

    space = " " * (abs(width) - cell_len(text))
    return space + text if width < 0 else text + space


def shortened(text: str, longest: int) -> str:
    """Return a text, or its beginning.

    Examples
    --------
    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class Lines(str):
    r"""Text of several lines, which a notebook and Python's prompt show as it reads.

    >>> Lines("a\nb")
    a
    b
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def aligned(lines: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return a table as text: so many columns begin at the left, the others end at the right.

    Examples
    --------
    >>> print(aligned([["列", "n"], ["age", "12"]]))
    列    n
    age  12
    """
    from rich.cells import cell_len

    wide = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    signed = [*wide[:left], *(-width for width in wide[left:])]
    return "\n".join("  ".join(map(padded, line, signed)) for line in lines)
