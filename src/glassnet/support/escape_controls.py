r"""Escapes for control characters in foreign text, such as names of columns, classes and files.

A terminal obeys control characters; a page of HTML may not contain them; and both obey the marks that set the direction
of writing, with which a name can be made to read as another one. And no text can hold the bytes of a file's name that
is not in UTF-8, which Python stands half pairs of surrogates for. All of them are spelled out instead.
"""

from __future__ import annotations

import html
import re

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line feed; all that Unicode calls Bidi_Control (Unicode Standard Annex #9); halves of
pairs of surrogates."""


def escape_controls(text: str) -> str:
    r"""Text in which control characters are escapes.

    Examples
    --------
    >>> print(escape_controls("\x1b[31mage\x07 \u202e年龄"))
    \x1b[31mage\x07 \u202e年龄
    """
    return _OBEYED.sub(lambda found: _spelled(found[0]), text)


def escape_controls_in_json(text: str) -> str:
    r"""Return the same for JSON, with escapes of four digits, which read back unchanged.

    Examples
    --------
    >>> print(escape_controls_in_json('"\x9bage"'))
    "\u009bage"
    """
    return _OBEYED.sub(lambda found: rf"\u{ord(found[0]):04x}", text)


def escape_controls_in_html(text: str) -> str:
    r"""Return the same for HTML, with markup escaped.

    Examples
    --------
    >>> print(escape_controls_in_html("<b>\u202eage"))
    &lt;b&gt;\u202eage
    """
    return html.escape(escape_controls(text))


def _spelled(letter: str) -> str:
    return rf"\x{ord(letter):02x}" if ord(letter) < 0x100 else rf"\u{ord(letter):04x}"
