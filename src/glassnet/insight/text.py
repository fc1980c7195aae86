"""What is said to a reader, in the reader's language: each text stands once in each, side by side."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, cast, get_args

from glassnet.options import Choice

__all__ = ["LANGUAGES", "Language", "Text", "check_language"]

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


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

    def say(self, language: Language = "en", /, **values: Any) -> str:
        """The text in one language, filled in."""
        text: str = getattr(self, language)
        return text.format(**values) if values else text


def check_language(language: str) -> Language:
    """The language, if there are texts in it.

    Raises
    ------
    InputError, InputTypeError
        If there are none.

    Examples
    --------
    >>> check_language("zh")
    'zh'
    """
    return cast("Language", Choice(*LANGUAGES).taken("`language`", language))
