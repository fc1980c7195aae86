"""What these docs add to Sphinx: mathematics without JavaScript, a terminal that is really run, two languages."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from cells import everything, state
from docutils import nodes
from docutils.utils.math.latex2mathml import MathError, tex2mathml
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

SPELLINGS = {"·": r"\cdot ", "α": r"\alpha ", "β": r"\beta ", "θ": r"\theta ", "λ": r"\lambda ", "μ": r"\mu "}
"""Letters that docstrings may use in formulas, and docutils does not know."""

CHINESE_MARKS = "，。；：、！？）”》"
CHINESE_SIGNS = f"\u4e00-\u9fff（“《{CHINESE_MARKS}"

FUNCTION = r"\\(?:ln|log|exp|cosh|sinh|tanh|cos|sin|max|min)(?![a-z])"
"""Before and after such a name TeX has a thin space where a letter stands beside it, and docutils has none."""

SHORT = 18
"""Code of so many letters in a table stays on one line."""

OVERLINED = r'<mrow class="overlined">\1</mrow>'
"""Fonts have a bar for one letter; what is longer gets a border."""

CHINESE = {
    "Back to top": "回到顶部",
    "Home": "首页",
    "Next": "下一页",
    "On this page": "本页内容",
    "Previous": "上一页",
    "Search": "搜索",
    "Skip to content": "跳到正文",
    "View this page": "查看源文件",
}


class Terminal(SphinxDirective):
    """Commands, run when the page is built, with what they print. All of a page share one folder.

    A command that fails fails the build, except where the options say which exit code is meant. What a page prints is
    kept beside the cells' results, for the same page in the other language and for the next build.
    """

    has_content = True
    option_spec = {"exit": int, "lines": int}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        lines: list[str] = []
        for command in re.split(r"(?<!\\)\n", "\n".join(self.content)):
            code, output = self._session().run(command, wanted := self.options.get("exit", 0))
            if code != wanted or (code == 0 and re.search(r"^glassnet: (?!note)", output, re.MULTILINE)):
                raise self.error(f"exit code {code} of: {command}\n{output}")
            printed = as_seen(output)
            most = self.options.get("lines", len(printed))
            lines += [f"$ {command}", *printed[:most], *(["..."] if len(printed) > most else [])]
        text = "\n".join(lines)
        block = nodes.literal_block(text, text, language="text")
        self.set_source_info(block)
        return [block]

    def _session(self) -> Session:
        if "terminal" not in self.env.temp_data:  # which is emptied at the beginning of each page
            known = everything()
            cache = Path(self.config.nb_execution_cache_path, "terminal", state(known))
            for file in known:
                self.env.note_dependency(file)
            self.env.temp_data["terminal"] = Session(Path(self.env.srcdir, "data"), cache)
        return self.env.temp_data["terminal"]


class Session:
    """The commands of one page, one after another in a folder of their own; those known from before are not run."""

    def __init__(self, data: Path, cache: Path) -> None:
        self.data, self.cache = data, cache
        self.commands: list[str] = []
        self.done = 0
        self.folder: tempfile.TemporaryDirectory[str] | None = None

    def run(self, command: str, wanted: int) -> tuple[int, str]:
        """The exit code and the output, which is kept if the code is the wanted one."""
        self.commands.append(command)
        known = self.cache / hashlib.sha256("\n".join(self.commands).encode()).hexdigest()[:16]
        if known.exists():
            code, output = json.loads(known.read_text())
            return code, output
        for command in self.commands[self.done :]:
            code, output = run_in_terminal(command, self._prepared())
        self.done = len(self.commands)
        if code == wanted:
            self.cache.mkdir(parents=True, exist_ok=True)
            known.write_text(json.dumps([code, output]))
        return code, output

    def _prepared(self) -> Path:
        """A folder with the data of these docs, and one with the program."""
        if self.folder is None:
            self.folder = tempfile.TemporaryDirectory()
            root = Path(self.folder.name)
            shutil.copytree(self.data, root / "work")
            (root / "bin").mkdir()
            program = root / "bin" / "glassnet"
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m glassnet "$@"\n')
            program.chmod(0o755)
        return Path(self.folder.name)


def as_seen(output: str) -> list[str]:
    r"""The lines that a terminal shows in the end: behind a carriage return a line is written over.

    Examples
    --------
    >>> as_seen("50%\r     \rdone\n\r   \r\n\nsaved\n")
    ['done', '', 'saved']
    """
    lines: list[str] = []
    for line in output.replace("\r\n", "\n").split("\n"):
        seen = ""
        for part in line.split("\r"):
            seen = part + seen[len(part) :]
        if seen.strip() or (lines and lines[-1]):
            lines.append(seen.rstrip())
    return lines if not lines or lines[-1] else lines[:-1]


def run_in_terminal(command: str, folder: Path) -> tuple[int, str]:
    """The exit code and what a terminal of 88 columns without colours would show."""
    reader, writer = pty.openpty()
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    process = subprocess.Popen(
        command,
        shell=True,
        cwd=folder / "work",
        env=os.environ | {"PATH": path, "COLUMNS": "88", "TERM": "dumb", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=writer,
    )
    os.close(writer)
    output = b""
    with contextlib.suppress(OSError):  # how a pseudo-terminal says that nobody writes to it any more
        while part := os.read(reader, 65536):
            output += part
    os.close(reader)
    return process.wait(), output.decode()


def mathml(latex: str, block: bool) -> str:
    """LaTeX as MathML, which browsers draw by themselves.

    Raises
    ------
    MathError
        If it has a command that docutils does not know.
    """
    for letter, spelling in SPELLINGS.items():
        latex = latex.replace(letter, spelling)
    latex = re.sub(r"\\([td]?frac)(\d)(\d)", r"\\\1{\2}{\3}", latex)
    latex = re.sub(r"(?<=[a-zA-Z])'", r"^{\\,\\prime}", latex)
    latex = re.sub(rf"(?<=[\w)}}])\s*({FUNCTION})", r"\\,\1", latex)
    latex = re.sub(rf"({FUNCTION})(?=\s*\w|\s*\\[a-z])(?!\s*\\[lr])", r"\1\\,", latex)
    if block and (r"\\" in latex or "&" in latex) and r"\begin" not in latex:
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    # bars of absolute values are no operators: these would have spaces around them, or grow
    text = re.sub(r"<mo[^>]*>\|</mo>", '<mi mathvariant="normal">|</mi>', tex2mathml(latex, as_block=block))
    text = re.sub(r'<mover accent="false">(.*?)<mo accent="true">_</mo>\s*</mover>', OVERLINED, text, flags=re.DOTALL)
    return text.replace("&ApplyFunction;", "\u2061")  # which XML does not know by name


def _write_math(self: Any, node: nodes.Node, block: bool) -> None:
    try:
        text = mathml(node.astext(), block)
    except MathError as error:
        raise SphinxError(f"{error}: {node.astext()}") from error
    self.body.append(f'<div class="math">{text}</div>\n' if block else text)
    raise nodes.SkipNode


def keep_bars(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """In docstrings |e| is an absolute value; reStructuredText would look for a substitution of that name."""
    parts = re.split(r"(`[^`]*`|\.\. math::(?:.|\n)*?(?=\n\S|\Z))", "\n".join(lines))
    parts[::2] = [re.sub(r"\|(\w+)\|", r"\\|\1\\|", text) for text in parts[::2]]
    lines[:] = "".join(parts).split("\n")


def keep_colon(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """In the docstring of a property napoleon takes what stands before a colon for a type; it is a sentence here."""
    if what in ("attribute", "property") and lines:
        lines[0] = lines[0].replace(": ", " – ")


def unlink_words(app: Sphinx, doctree: nodes.document) -> None:
    """In "array of shape (rows, columns)" a word is a word, and no link to whatever attribute has that name."""
    for link in list(doctree.findall(addnodes.pending_xref)):
        if link.get("refdomain") == "py" and link.get("reftype") == "class" and link["reftarget"].islower():
            link.replace_self(link.children)


def join_chinese(app: Sphinx, doctree: nodes.document) -> None:
    """A line break in the source is a space in English, and nothing between Chinese characters."""
    if not app.env.docname.startswith("zh/"):
        return
    for node in list(doctree.findall(nodes.Text)):
        siblings = node.parent.children
        place = siblings.index(node)
        before = siblings[place - 1].astext()[-1:] if place else ""
        after = siblings[place + 1].astext()[:1].strip() if place + 1 < len(siblings) else ""
        text = f"{before}{node}{after}"
        joined = re.sub(rf"(?<=[{CHINESE_MARKS}])\n|(?<=[{CHINESE_SIGNS}])\n(?=[{CHINESE_SIGNS}])", "", text)
        if joined != text and not isinstance(node.parent, (nodes.literal, nodes.FixedTextElement)):
            node.parent.replace(node, nodes.Text(joined[len(before) : len(joined) - len(after)]))


def keep_marks(app: Sphinx, doctree: nodes.document) -> None:
    """To browsers a formula is a picture, which any line may end behind: a mark that follows it must not begin one."""
    for formula in list(doctree.findall(nodes.math)):
        row, place = formula.parent, formula.parent.index(formula)
        after = row[place + 1] if place + 1 < len(row) else None
        marks = re.match(rf"[{CHINESE_MARKS},.;:!?)]+", after) if isinstance(after, nodes.Text) else None
        if marks:
            together = nodes.inline("", "", formula.deepcopy(), nodes.Text(marks[0]), classes=["together"])
            row[place : place + 2] = [together, nodes.Text(after[marks.end() :])]


def keep_errors(app: Sphinx, doctree: nodes.document) -> None:
    """A number and its standard error stand in one line."""
    for text in list(doctree.findall(nodes.Text)):
        if " ± " in text and not isinstance(text.parent, (nodes.literal, nodes.FixedTextElement)):
            text.parent.replace(text, nodes.Text(re.sub(r"(?<=\d) ± (?=\d)", "\u00a0±\u00a0", text)))


def break_in_tables(app: Sphinx, doctree: nodes.document) -> None:
    """In tables long code may be broken behind a bracket or a sign, and a long name of a column before a capital."""
    for cell in doctree.findall(nodes.entry):
        for code in [code for code in cell.findall(nodes.literal) if len(code.astext()) > SHORT]:
            code[:] = _with_breaks(code.astext(), r"(?<=[(=,])(?=\S)")
        if isinstance(cell.parent.parent, nodes.thead):
            for text in [text for text in cell.findall(nodes.Text) if not isinstance(text.parent, nodes.literal)]:
                text.parent.replace(text, _with_breaks(text, r"(?<=[a-z])(?=[A-Z][a-z])"))


def _with_breaks(text: str, where: str) -> list[nodes.Node]:
    """A text, with a place for a line to end wherever a pattern matches; it stays the same where it is copied."""
    first, *others = (nodes.Text(part) for part in re.split(where, text))
    return [first, *(part for other in others for part in (nodes.raw("", "<wbr>", format="html"), other))]


def mark_foreign(app: Sphinx, doctree: nodes.document) -> None:
    """Chinese is emphasized by dots below; titles in other letters, which stand among it, are in italics."""
    for words in doctree.findall(nodes.emphasis):
        if not re.search(r"[\u3400-\u9fff]", words.astext()):
            words["classes"].append("foreign")


class PlainQuotes(SphinxTransform):
    """What is to be typed keeps its straight quotation marks, and Chinese, which has no spaces before them, its own."""

    default_priority = 1  # before Sphinx makes them curly

    def apply(self) -> None:
        self.document.settings.smart_quotes = not self.env.docname.startswith(("zh/", "en/commands", "en/benchmarks/"))


def twin(app: Sphinx, page: str) -> str | None:
    """The same page in the other language, or the nearest that there is; None for pages of no language."""
    language, _, name = page.partition("/")
    other = {"en": "zh", "zh": "en"}.get(language)
    if other is None:
        return None
    nearest = "api" if name.startswith("reference/api-") else "formulas" if name.startswith("reference/") else "index"
    return next((found for found in (f"{other}/{name}", f"{other}/{nearest}") if found in app.env.all_docs), None)


def speak_language(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Each page in its language, with a link to the same page in the other one."""
    language, other = page.partition("/")[0], twin(app, page)
    if other is not None:
        code, name = ("en", "English") if language == "zh" else ("zh-CN", "中文")
        context["other_language"] = {"page": other, "code": code, "name": name}
    if language == "zh":
        context["language"] = "zh-CN"  # which also tells the browser the Chinese shapes of the characters
        context["_"] = context["gettext"] = lambda text: CHINESE.get(text, text)
    if "body" in context:  # what unfolds code says so itself, in the page's language
        context["body"] = context["body"].replace(' aria-label="Toggle hidden content"', "")


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_directive("terminal", Terminal)
    inline, block = (partial(_write_math, block=block) for block in (False, True))
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("autodoc-process-docstring", keep_bars)
    app.connect("autodoc-process-docstring", keep_colon, priority=400)
    app.connect("doctree-read", unlink_words)
    app.connect("doctree-read", join_chinese)
    app.connect("doctree-read", keep_marks)
    app.connect("doctree-read", mark_foreign)
    app.connect("doctree-read", keep_errors)
    app.connect("doctree-read", break_in_tables)
    app.add_transform(PlainQuotes)
    app.connect("html-page-context", speak_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
