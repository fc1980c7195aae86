"""A page for whoever writes a program that asks: the addresses, with commands that can be copied."""

from __future__ import annotations

import json
import shlex
from functools import partial
from typing import Any

from glassnet.apps.server.bodies import ARROW, CSV, JSON
from glassnet.apps.server.card import columns
from glassnet.apps.server.model import LoadedModel
from glassnet.apps.server.pages.frame import page, say
from glassnet.apps.server.pages.openapi import example_row
from glassnet.display.blocks import Table
from glassnet.display.numbers import number_text
from glassnet.support.language import Language

SHOWN = 100
"""Columns that are listed."""
SHORT = 40
"""Columns of a row in the examples; /openapi.json has it whole."""
FORMS = (
    (JSON, '{"rows": [{"column": value, ...}, ...]}'),
    (CSV, "column,column,...\\nvalue,value,...\\n"),
    (ARROW, "pyarrow.ipc.new_stream(...)"),
)


def docs_page(served: LoadedModel, guarded: bool, base: str, language: Language) -> str:
    """The page of a server at `base`, such as "http://localhost:8000/"; `guarded`: requests need a key."""
    said = partial(say, language)
    row = dict(list(example_row(served).items())[:SHORT])
    cut = len(served.columns) > SHORT
    return page(
        "docs",
        said("page.docs"),
        said("docs.lead"),
        language,
        base=base,
        key=' -H "Authorization: Bearer $GLASSNET_API_KEY"' if guarded else "",
        json=JSON,
        csv=CSV,
        rows=_quoted({"rows": [row]}, cut),
        row=_quoted({"row": row, "language": language}, cut),
        forms=Table(said("docs.forms"), ["Content-Type", said("docs.looks")], FORMS, words=(0, 1)),
        columns=_columns(served, language),
    )


def _quoted(value: Any, cut: bool) -> str:
    """JSON as a shell takes it."""
    text = json.dumps(value, ensure_ascii=False)
    return shlex.quote(text.replace("}", ", ...}", 1) if cut else text)


def _columns(served: LoadedModel, language: Language) -> Table:
    described = columns(served)
    rows = [
        [
            column["name"],
            say(language, f"kind.{column['kind']}"),
            ", ".join(column.get("levels", ())[:5]) or (number_text(column["usual"]) if "usual" in column else ""),
        ]
        for column in described[:SHOWN]
    ]
    if len(described) > SHOWN:
        rows.append([say(language, "docs.more", count=len(described) - SHOWN), "", ""])
    caption, *head = (say(language, f"docs.{name}") for name in ("columns", "column", "holds", "levels"))
    return Table(caption, head, rows, words=(0, 1, 2))
