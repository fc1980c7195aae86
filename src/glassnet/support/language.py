"""The language of results, plots, reports and the command line.

Each text stands once in each language, side by side.
"""

from __future__ import annotations

import locale
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from numbers import Real
from pathlib import Path
from string import Formatter
from typing import Any, Final, Literal, NamedTuple, cast, get_args

from glassnet.support.option_names import suggests_options
from glassnet.support.options import Choice

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
HTML_LANGUAGE: Final[dict[Language, str]] = {"en": "en", "zh": "zh-Hans"}
"""Language codes of pages."""
VARIABLE = "GLASSNET_LANGUAGE"

_BETWEEN_CHINESE = re.compile("(?<=[\u3000-\u9fff\uff00-\uffef])\0(?=[\u3000-\u9fff\uff00-\uffef])")

_chosen: list[Language] = []
"""The language that was set, if any: one for the whole process, for all threads."""


@suggests_options
def set_language(language: Language | None) -> None:
    """Set the language of everything that is shown: results, plots, reports, progress.

    Wherever a function has a parameter `language`, that one comes first. Where nothing is set, the environment variable
    ``GLASSNET_LANGUAGE`` decides, else the locale: Chinese where it is Chinese, English elsewhere.

    Parameters
    ----------
    language : {"en", "zh"} or None
        None: as the environment has it.

    Raises
    ------
    InputError, InputTypeError
        If there are no texts in that language.

    Examples
    --------
    >>> import glassnet
    >>> glassnet.set_language("zh")
    >>> print(glassnet.Diagnosis([], [], [], checked=3))
    检查了 3 项，发现 0 个问题
    >>> glassnet.set_language(None)
    """
    _chosen[:] = [] if language is None else [check_language(language)]


def asked_language() -> Language | None:
    """The language that was set; None where only environment or locale have one.

    Those are about whoever runs this; who will read a page that is written, its browser knows.
    """
    return _chosen[0] if _chosen else None


def get_language() -> Language:
    """The language that is spoken where a call says nothing else; an error if the environment has an unknown one."""
    if _chosen:
        return _chosen[0]
    if wanted := os.environ.get(VARIABLE):
        return cast("Language", Choice(*LANGUAGES).taken(f"`{VARIABLE}`", wanted))
    said = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    place = next((name for name in said if name), None) or locale.getlocale()[0] or ""
    return "zh" if place.lower().startswith(("zh", "chinese")) else "en"


def opened_in(page: str, language: Language | None) -> str:
    """A page of both languages that opens in one of them; None: in the one that its reader's browser prefers.

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
    ...     Text("done", "完成").say()
    '完成'
    """
    before = list(_chosen)
    try:
        if language is not None:
            set_language(language)
        yield
    finally:
        _chosen[:] = before


class Text(NamedTuple):
    """The same in English and in Chinese; names in braces are filled in.

    Examples
    --------
    >>> rows = Text("{count:,} rows", "{count:,} 行")
    >>> rows.say("en", count=1200), rows.say("zh", count=1200)
    ('1,200 rows', '1,200 行')
    """

    en: str
    zh: str

    def say(self, language: Language | None = None, /, **values: Any) -> str:
        """The text in one language (None: the one that is set), filled in; a value may be such a text itself."""
        spoken = check_language(language)
        text: str = getattr(self, spoken)
        said = {name: each.say(spoken) if isinstance(each, Text) else each for name, each in values.items()}
        if not said:
            return text
        return close_up(text, said) if spoken == "zh" else _NUMBERS.vformat(text, (), said)

    def filled(self, /, **values: Any) -> Text:
        """The same with its names filled in, in both languages.

        Examples
        --------
        >>> Text("{count} rows", "{count} 行").filled(count=3)
        Text(en='3 rows', zh='3 行')
        """
        return Text(*(self.say(language, **values) for language in LANGUAGES))


def minus(number: str) -> str:
    """A number that is a result, as people read it: with a minus sign, in the exponent, too.

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
    """Chinese filled in, without the spaces around what is filled in where that is Chinese, too.

    Examples
    --------
    >>> close_up("列 {name} 是 2", {"name": "面积"}), close_up("列 {name} 是 2", {"name": "area"})
    ('列面积是 2', '列 area 是 2')
    """
    marked = text.replace(" {", "\0{").replace("} ", "}\0")  # other spaces are the values' own
    return _BETWEEN_CHINESE.sub("", _NUMBERS.vformat(marked, (), values)).replace("\0", " ")


def sentences(parts: Iterable[str], language: Language) -> str:
    """Sentences one after the other; in Chinese no space parts them."""
    return ("" if language == "zh" else " ").join(parts)


@cache
def catalogue(file: Path) -> dict[str, Text]:
    """Every text of a file by its name, the heading it stands under and its own: "scores.title"."""
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return {f"{section}.{name}": Text(*pair) for section, texts in sections.items() for name, pair in texts.items()}


def check_language(language: str | None) -> Language:
    """The language, if there are texts in it; None: the one that is set.

    Examples
    --------
    >>> check_language("zh")
    'zh'
    """
    if language is None:
        return get_language()
    return cast("Language", Choice(*LANGUAGES).taken("`language`", language))


def padded(text: str, width: int) -> str:
    """A text with spaces behind it, or before it where the width is below 0, as wide as a terminal shows it.

    Examples
    --------
    >>> padded("in", -6), padded("输入", -6), padded("输入", 6)
    ('    in', '  输入', '输入  ')
    """
    from rich.cells import cell_len

    space = " " * (abs(width) - cell_len(text))
    return space + text if width < 0 else text + space


def shortened(text: str, longest: int) -> str:
    """A text, or its beginning.

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
    """A table as text: so many columns begin at the left, the others end at the right.

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
