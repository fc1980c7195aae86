"""Keep the translations of what glassnet says: `make locale` writes them, `make lint` checks them.

English in the code is the key: ``Text("...")`` anywhere in ``src/``. Each has its Chinese in
``src/glassnet/locale/zh/LC_MESSAGES/glassnet.po``, which is edited by hand; this script adds what is new (still empty),
removes what nothing says any more, and compiles the file for the standard library's gettext.
"""

from __future__ import annotations

import ast
import gettext
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCES = Path(__file__).parents[1] / "src/glassnet"
PO = SOURCES / "locale/zh/LC_MESSAGES/glassnet.po"
MO = PO.with_suffix(".mo")
HEAD = """# Chinese translations of glassnet. Write the lines that begin with msgstr, then `make locale`.
msgid ""
msgstr ""
"Language: zh\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""A date that does not change the compiled file."""
WHOLE = {"whole", "total"}
"""Counts that the Chinese has in the place of how many more there are."""
Message = tuple[str | None, str]
"""A context, or None, and the English."""


def main() -> None:
    """Update the files, or only check them."""
    wanted = set(extracted())
    if "--check" in sys.argv:
        found = [*problems(wanted, translations())]
        sys.exit("\n".join([*found, "Run `make locale`, and translate what is empty."]) if found else None)
    known = translations()
    write({message: known.get(message, "") for message in wanted})
    print(f"{len(wanted)} messages, {len(wanted - known.keys())} new, {len(known.keys() - wanted)} removed")


def extracted() -> Iterator[Message]:
    """Every message of the sources."""
    for file in sorted(SOURCES.rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        if "Text(" in source:
            yield from _texts(ast.parse(source))


def _texts(tree: ast.AST) -> Iterator[Message]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text" and node.args:
            contexts = [word.value for word in node.keywords if word.arg == "context"]
            (english,) = _constants(node.args[0]) or ("",)
            (context,) = (contexts and _constants(contexts[0])) or (None,)
            if english:
                yield context, english


def _constants(node: ast.AST) -> list[str]:
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def translations() -> dict[Message, str]:
    """What the edited file has."""
    with PO.open("rb") as file:
        catalog = read_po(file)
    fuzzy = [message.id for message in catalog if message.id and message.fuzzy]
    assert not fuzzy, f"translate, and remove the mark: {fuzzy}"
    return {(message.context, str(message.id)): str(message.string) for message in catalog if message.id}


def problems(wanted: set[Message], known: dict[Message, str]) -> Iterator[str]:
    """What is missing or obsolete, and whose names in braces differ."""
    for message in sorted(wanted, key=str):
        if not known.get(message) and message[1].strip():
            yield f"not translated: {message}"
    for message, chinese in known.items():
        if message not in wanted:
            yield f"not in the sources: {message}"
        if fields(chinese) - fields(message[1]) - WHOLE:
            yield f"other names in braces: {message}: {chinese}"
    if known and compiled() != known:
        yield f"{MO.name} is older than {PO.name}"


def fields(text: str) -> set[str]:
    """The names that are filled in.

    Examples
    --------
    >>> sorted(fields("{count:,} of {name!r}"))
    ['count', 'name']
    """
    return set(re.findall(r"(?<!\{)\{(\w+)[!:}]", text.replace("{{", "")))


def compiled() -> dict[Message, str]:
    """What the compiled file has."""
    with MO.open("rb") as file:
        found = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    parts = ((*key.split("\4", 1), chinese) for key, chinese in found.items() if key)
    return {(part[0] if len(part) == 3 else None, part[-2]): part[-1] for part in parts}


def write(texts: dict[Message, str]) -> None:
    """Write both files, in the order of the English, so that what moves in the sources changes nothing here."""
    catalog = Catalog(locale="zh", creation_date=MADE, revision_date=MADE)
    for (context, english), chinese in sorted(texts.items(), key=lambda each: (each[0][1], each[0][0] or "")):
        catalog.add(english, chinese, context=context)
    body = io.BytesIO()
    write_po(body, catalog, width=None, omit_header=True, sort_output=True)
    PO.write_text(HEAD + body.getvalue().decode().lstrip(), encoding="utf-8")
    if compiled() != {message: chinese for message, chinese in texts.items() if chinese}:
        with MO.open("wb") as file:
            write_mo(file, catalog)


if __name__ == "__main__":
    main()
