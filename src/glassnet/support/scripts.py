"""The modules of `web/` joined into one script, for pages that cannot load modules.

Browsers load modules from servers only. The joined script works everywhere: each module becomes a function that is
called once and returns the module's exports; dependencies come first.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from functools import cache
from importlib import resources
from posixpath import dirname, join, normpath
from typing import Final

WEB: Final = resources.files("glassnet") / "web"
PARTS: Final = "parts/index.js"
CHINESE: Final = "chinese.js"
"""The translations of all pages, a line for each text."""
_IMPORT: Final = re.compile(r'^import (?:(?P<what>[^"]*?) from )?"(?P<source>[^"]+)"(?: with [^;]*)?;\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:const|function|class|async function) (?P<name>\w+))", re.MULTILINE)
_SEVERAL: Final = re.compile(r"^export const [^=]+= [^({[\n]*,.*$", re.MULTILINE)
"""Several constants in one line, of which only the first would be exported."""
_ENTRY: Final = re.compile(r'^  "(?:\w+\\u0004)?(?P<english>(?:[^"\\]|\\.)*)": .*\n', re.MULTILINE)
SHEET: Final = "const sheet = (text) => { const made = new CSSStyleSheet(); made.replaceSync(text); return made; };\n"
PLACE: Final = """\
const { currentScript, baseURI } = globalThis.document ?? {};
const SCRIPT = new URL("parts/", currentScript?.src || baseURI || "file:///").href;
"""
"""The address of the modules, beside the script: their ``import.meta.url``."""


@cache
def joined(entry: str, page: str = "") -> str:
    """Return a module and all its imports as one JavaScript expression, whose value is the module's exports.

    Of the translations it has those of texts that stand in these modules, or in the page.

    Parameters
    ----------
    entry : str
        Its place in ``web/``.
    page : str
        HTML that it speaks for.

    Raises
    ------
    ValueError
        If modules import each other in a circle, or export in a way that is not known here.

    Examples
    --------
    >>> text = joined("playground/view/formula.js")  # which imports from playground/view/element.js
    >>> "const { element, math, shown } = module0;" in text, text.endswith("})()")
    (True, True)
    """
    found = modules(entry)
    if CHINESE in found:
        sources = "".join([page, *(text for module, text in found.items() if module != CHINESE)])
        found[CHINESE] = _ENTRY.sub(lambda entry: entry[0] if entry["english"] in sources else "", found[CHINESE])
    names = {module: f"module{place}" for place, module in enumerate(found)}
    text = "".join(_wrapped(module, found, names) for module in found)
    head = (PLACE if "SCRIPT" in text else "") + (SHEET if any(module.endswith(".css") for module in found) else "")
    return f"(() => {{\n{head}{text}return {names[entry]};\n}})()"


def modules(entry: str) -> dict[str, str]:
    """Return the sources of a module and of all its imports by their paths in ``web/``, dependencies first.

    Examples
    --------
    >>> list(modules("playground/view/formula.js"))
    ['playground/view/element.js', 'playground/view/formula.js']
    """
    found: dict[str, str] = {}
    _gather(entry, found, ())
    return found


def parts() -> str:
    """Return the script that defines the custom elements of ``web/parts/``."""
    return f"{joined(PARTS)};\n"


def engine() -> str:
    """Return the compiled engine as a script, compressed, with its recipes, for pages that may not fetch it."""
    packed = base64.b64encode(zlib.compress((WEB / "engine.wasm").read_bytes(), 9)).decode()
    recipes = web_text("recipes.json").strip()
    return f'globalThis.glassnetEngine = {{ packed: "{packed}", recipes: {recipes} }};\n'


def _gather(module: str, found: dict[str, str], above: tuple[str, ...]) -> None:
    """Collect the sources of a module and of its imports, dependencies first."""
    if module in above:
        raise ValueError(f"Modules import each other in a circle: {' -> '.join([*above, module])}")
    if module in found:
        return
    text = web_text(module)
    if module.endswith(".js"):
        for match in _IMPORT.finditer(text):
            _gather(_place(module, match["source"]), found, (*above, module))
    found[module] = text


def _place(module: str, source: str) -> str:
    return normpath(join(dirname(module), source))


def _wrapped(module: str, found: dict[str, str], names: dict[str, str]) -> str:
    text = found[module]
    if module.endswith(".css"):
        return f"const {names[module]} = sheet({json.dumps(text)});\n"

    def imported(match: re.Match[str]) -> str:
        what, source = match["what"], names[_place(module, match["source"])]
        if what is None:
            return ""
        return f"const {what.replace(' as ', ': ')} = {source};\n"

    exported = [match["name"] for match in _EXPORT.finditer(text)]
    body = _EXPORT.sub("", _IMPORT.sub(imported, text)).replace("import.meta.url", "SCRIPT")
    unknown = re.search(r"^(?:export\b.*|import .*;)$", body, re.MULTILINE) or _SEVERAL.search(text)
    if unknown:  # the text of a program may have imports, too; they end without a semicolon
        raise ValueError(f"{module} has what cannot be joined: {unknown[0]}")
    return f"const {names[module]} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


def web_text(module: str) -> str:
    """Return a file of the folder ``web``."""
    return (WEB / module).read_text(encoding="utf-8")
