"""What comes in: which form it has, in which form to answer, and the row to explain."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from typing import Any, Final, Literal

from glassnet.apps.server.json_rows import parse_json
from glassnet.apps.server.limits import RefusalError

Form = Literal["json", "csv", "arrow"]
JSON: Final = "application/json"
CSV: Final = "text/csv"
ARROW: Final = "application/vnd.apache.arrow.stream"
FORMS: Final[Mapping[str, Form]] = {JSON: "json", CSV: "csv", ARROW: "arrow"}
KNOWN: Final = f"{JSON}, {CSV} or {ARROW}"


def body_form(headers: Mapping[str, str]) -> Form:
    """The form of a body; JSON if nothing is said. Others, and compressed ones, are refused.

    Examples
    --------
    >>> body_form({"content-type": "text/csv; charset=utf-8"})
    'csv'
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise RefusalError(415, f"The body must not be compressed. Received: {encoding[:40]}. Decompress it.")
    kind = headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if kind not in FORMS:
        raise RefusalError(
            415, f"Content-Type must be {KNOWN}. Received: {kind[:80] or 'nothing'}. Set it to the format of the body."
        )
    return FORMS[kind]


def charset(headers: Mapping[str, str]) -> str | None:
    """The encoding that is declared for a body; None where none is, or UTF-8, which is tried first in any case.

    Examples
    --------
    >>> charset({"content-type": 'text/csv; charset="ISO-8859-1"'})
    'iso-8859-1'
    >>> charset({"content-type": "text/csv; charset=utf-8"})
    """
    message = Message()
    message["content-type"] = headers.get("content-type", CSV)
    found = message.get_content_charset()
    return None if found in ("utf-8", "utf8") else found


def answer_form(headers: Mapping[str, str], asked: Form) -> Form:
    """The form of the answer: the first that Accept names, else that of the body. Whoever accepts others is refused.

    Examples
    --------
    >>> answer_form({"accept": "text/html, application/json;q=0.9"}, "csv"), answer_form({"accept": "*/*"}, "csv")
    ('json', 'csv')
    """
    accepted = [part.partition(";")[0].strip().lower() for part in headers.get("accept", "*/*").split(",")]
    for kind in accepted:
        if kind in FORMS:
            return FORMS[kind]
        if kind in ("*/*", ""):
            return asked
        if kind.endswith("/*"):
            fitting = [form for name, form in FORMS.items() if name.startswith(kind[:-1])]
            if fitting:
                return asked if asked in fitting else fitting[0]
    raise RefusalError(406, f"Accept must allow one of {KNOWN}. Set the header to one of them, or omit it.")


def parse_row(body: bytes) -> tuple[dict[str, Any], str]:
    """The row to explain, and in which language: ``{"row": {"column": value, ...}, "language": "en"}``."""
    value = parse_json(body)
    row = value.get("row") if isinstance(value, dict) else None
    language = value.get("language", "en") if isinstance(value, dict) else "en"
    if not isinstance(row, dict):
        raise RefusalError(
            422, 'The body must have the form {"row": {"column": value, ...}}, optionally with "language": "zh".'
        )
    if not isinstance(language, str):
        raise RefusalError(422, '`language` must be "en" or "zh".')
    return row, language
