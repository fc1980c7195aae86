"""What comes in: which form it has, in which form to answer, and JSON as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, NoReturn

from glassnet.apps.server.limits import RefusalError
from glassnet.tables.sources import no_rows

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
        raise RefusalError(415, f"A body must not be compressed. Received: {encoding[:40]}. Send it as it is.")
    kind = headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if kind not in FORMS:
        raise RefusalError(
            415, f"Content-Type must be {KNOWN}. Received: {kind[:80] or 'nothing'}. Say what the body is."
        )
    return FORMS[kind]


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
    raise RefusalError(406, f"Answers come as {KNOWN}. Accept one of them, or leave the header out.")


def parse_json(body: bytes) -> Any:
    """JSON as plain data; NaN, half a character and the like are refused."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise RefusalError(422, "The body must be JSON of a few levels. It is nested too deep.") from None
    except UnicodeEncodeError:
        raise RefusalError(
            422, "The body must be JSON of whole characters. It has half of one, such as \\ud800."
        ) from None
    except UnicodeDecodeError as error:
        raise RefusalError(
            422, f"The body must be JSON in UTF-8. Received: {error.reason} at byte {error.start}."
        ) from None
    except ValueError as error:
        raise RefusalError(422, f"The body must be JSON. Received: {str(error)[:200]}.") from None
    return value


def parse_rows(body: bytes) -> list[Any]:
    """The rows of a request: ``{"rows": [{"column": value, ...}, ...]}``, each of them not yet looked at."""
    value = parse_json(body)
    rows = value.get("rows") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        raise RefusalError(422, 'The body must have the form {"rows": [{"column": value, ...}, ...]}.')
    if not rows:
        raise RefusalError(422, str(no_rows("the body")))
    return rows


def parse_row(body: bytes) -> tuple[dict[str, Any], str]:
    """The row to explain, and in which language: ``{"row": {"column": value, ...}, "language": "en"}``."""
    value = parse_json(body)
    row = value.get("row") if isinstance(value, dict) else None
    language = value.get("language", "en") if isinstance(value, dict) else "en"
    if not isinstance(row, dict):
        raise RefusalError(
            422, 'The body must have the form {"row": {"column": value, ...}}, and perhaps "language": "zh".'
        )
    if not isinstance(language, str):
        raise RefusalError(422, '`language` must be "en" or "zh".')
    return row, language


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}, which is no number of JSON; a missing value is null")
