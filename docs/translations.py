"""Keep the translations of what glassnet says: `make locale` writes them, `make lint` checks them.

English in the code is the key: ``Text("...")`` anywhere in ``src/``, and texts that are given as the `rule`, the
`received` or the `remedy` of an error, or to `warn`; of pages ``say("...")`` and ``phrase("...")`` in JavaScript, and
in HTML what an element with `data-say`, `data-label` or `data-hint` is written with; the sentences of the help of the
command line. Each has its Chinese in ``src/glassnet/locale/zh/LC_MESSAGES/glassnet.po``, which is edited by hand; this
script adds what is new (still empty), removes what nothing says any more, and compiles the file: for the standard
library's gettext, and for pages as ``src/glassnet/web/chinese.js``.
"""

from __future__ import annotations

import ast
import gettext
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from cyclopts.help.help import docstring_parse

from glassnet.apps.commands import app
from glassnet.apps.helping import CONTEXT, LAYOUT, as_text, sentences

SOURCES = Path(__file__).parents[1] / "src/glassnet"
PO = SOURCES / "locale/zh/LC_MESSAGES/glassnet.po"
MO = PO.with_suffix(".mo")
WEB = SOURCES / "web"
PAGES = WEB / "chinese.js"
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
PARTS = {"rule", "remedy", "received"}
"""The names of parameters whose texts are messages."""
_QUOTED = r'("(?:[^"\\]|\\.)*")'
SAID = re.compile(rf"(?<![.\w])(?:say|phrase)\(\s*{_QUOTED}(?:, {_QUOTED}(?=\)))?")
"""A text in JavaScript, perhaps with its context: Babel finds none in a call within another call, or in a template."""
OF_PARSER = ("Commands", "Parameters", "Arguments", "Display this message and exit.", "Display application version.")
"""What the parser of the command line puts into the help by itself."""
SENTENCE = re.compile(r"(?:^|[ ,])[a-z]{2,}(?:$|[ ,])")
"""Words, and not names alone."""
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
    yield from of_pages()
    yield from of_help()
    trees = _trees()
    known = _known(trees)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Call):
            yield from _messages(node, known)
        elif isinstance(node, ast.FunctionDef):
            named = zip(
                reversed([*node.args.args, *node.args.kwonlyargs]),
                reversed([*node.args.defaults, *node.args.kw_defaults]),
                strict=False,
            )
            yield from (
                (None, text) for name, value in named if name.arg in PARTS and value for text in _constants(value)
            )
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") in PARTS and node.value is not None:
            yield from ((None, text) for text in _constants(node.value))


def of_pages() -> Iterator[Message]:
    """Every message of the pages: of their JavaScript, and of their HTML."""
    for file in sorted(WEB.rglob("*.js")):
        for english, context in SAID.findall(file.read_text(encoding="utf-8")):
            yield json.loads(context or "null"), json.loads(english)
    for file in sorted(WEB.rglob("*.html")):
        page = _Page()
        page.feed(file.read_text(encoding="utf-8"))
        yield from ((None, text) for text in page.said)


def of_help() -> Iterator[Message]:
    """Every sentence of the help of the command line, as its parser reads docstrings and declarations."""
    texts = {app.help, app.help_epilogue, *OF_PARSER}
    for name in app:
        one = app[name]
        described = docstring_parse(one.help, "plaintext")
        examples = re.sub("^  glassnet .*$", "", one.help_epilogue or "", flags=re.MULTILINE)
        texts |= {described.short_description, described.long_description, examples}
        for argument in () if name.startswith("-") else one.assemble_argument_collection(parse_docstring=True):
            if not argument.children:
                texts |= {
                    argument.parameter.help,
                    *(text for group in argument.parameter.group for text in (group.name, group.help)),
                }
    found = {said for text in texts if text for part in text.split("\n\n") for said in sentences(part) if said.strip()}
    yield from ((CONTEXT, said) for said in found if as_text(said, LAYOUT) is None)


class _Page(HTMLParser):
    """The texts that a page is written with."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.open = "data-say" in given
        self.said += [
            given[text] or "" for mark, text in (("data-label", "aria-label"), ("data-hint", "title")) if mark in given
        ]

    def handle_data(self, data: str) -> None:
        if self.open:
            self.said.append(data)
        self.open = False


def unmarked() -> Iterator[str]:
    """Messages that are put together where no translation finds them: what is filled in must be given to a Text."""
    trees = _trees()
    known = _known(trees)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [*enumerate(node.args), *((word.arg, word.value) for word in node.keywords)]
            values = [value for place, value in given if place in known.get(name, ())]
            parts = [part for value in values for part in _alternatives(value)]
            yield from (
                ast.unparse(part)
                for part in parts
                if isinstance(part, ast.JoinedStr) and SENTENCE.search(_literal(part))
            )


def _literal(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))


def _alternatives(node: ast.AST) -> list[ast.AST]:
    return _alternatives(node.body) + _alternatives(node.orelse) if isinstance(node, ast.IfExp) else [node]


def _known(trees: list[ast.Module]) -> dict[str, set[int | str]]:
    """By the name of a function or a class which of its arguments are messages."""
    known: dict[str, set[int | str]] = {"require": {1}}
    known |= {name: {0} for name in ("warn", "DivergenceError", "MissingExtraError", "UntraceableError")}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bases = [known.get(getattr(base, "id", ""), set()) for base in getattr(node, "bases", ())]
            if places := _places(node).union(*bases):
                known[node.name] = known.get(node.name, set()) | places
    known.pop("__init__")  # stands under the name of its class
    return known


def _trees() -> list[ast.Module]:
    return [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(SOURCES.rglob("*.py"))]


def _places(node: ast.FunctionDef | ast.ClassDef) -> set[int | str]:
    """Which arguments of a function or a class are rules and remedies, by place and by name."""
    names = [
        part.target.id for part in node.body if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    ]
    maker = node if isinstance(node, ast.FunctionDef) else None
    for part in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            maker = part
    if maker is not None:
        names = [argument.arg for argument in [*maker.args.args, *maker.args.kwonlyargs] if argument.arg != "self"]
    return {place for place, name in enumerate(names) if name in PARTS} | (PARTS & {*names})


def _messages(call: ast.Call, known: Mapping[str, set[Any]]) -> Iterator[Message]:
    """The messages among the arguments of a call."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "Text" and call.args:
        contexts = [text for word in call.keywords if word.arg == "context" for text in _constants(word.value)]
        yield from ((contexts[0] if contexts else None, english) for english in _constants(call.args[0]))
    for place, argument in [*enumerate(call.args), *((word.arg, word.value) for word in call.keywords)]:
        if place in known.get(name, ()):
            yield from ((None, text) for text in _constants(argument) if " " in text)


def _constants(node: ast.AST) -> list[str]:
    """The texts that an expression may be."""
    parts = _alternatives(node)
    return [
        part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value
    ]


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
    if known and PAGES.read_text(encoding="utf-8") != script(known):
        yield f"{PAGES.name} is older than {PO.name}"


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


def script(texts: Mapping[Message, str]) -> str:
    """The Chinese of the pages as a module that says nothing else; a line for each text."""
    wanted = sorted({*of_pages()}, key=lambda message: (message[1], message[0] or ""))
    lines = {
        english if context is None else f"{context}\4{english}": texts.get((context, english), "")
        for context, english in wanted
    }
    body = json.dumps(lines, ensure_ascii=False, indent=2)
    return f"// Generated by `make locale`: do not edit.\n\nexport const CHINESE = {body};\n"


def write(texts: dict[Message, str]) -> None:
    """Write all files, in the order of the English, so that what moves in the sources changes nothing here."""
    catalog = Catalog(locale="zh", creation_date=MADE, revision_date=MADE)
    for (context, english), chinese in sorted(texts.items(), key=lambda each: (each[0][1], each[0][0] or "")):
        catalog.add(english, chinese, context=context)
    body = io.BytesIO()
    write_po(body, catalog, width=None, omit_header=True, sort_output=True)
    PO.write_text(HEAD + body.getvalue().decode().lstrip(), encoding="utf-8")
    PAGES.write_text(script(texts), encoding="utf-8")
    if compiled() != {message: chinese for message, chinese in texts.items() if chinese}:
        with MO.open("wb") as file:
            write_mo(file, catalog)


if __name__ == "__main__":
    main()
