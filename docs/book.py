"""What the book adds to Sphinx: parts that move, exercises with folded answers, a notebook of each chapter.

A part is a custom element of `src/glassnet/web/parts/`. Where no script runs (a reader's choice, EPUB, PDF) its still
picture and its caption say what it shows; `stills.py` photographs it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.sphinx_ext import add_global_html_resources
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx_design.dropdown import DropdownDirective
from workouts import in_words

import glassnet
from glassnet.apps.commands.book import ANSWER, EXERCISE, notebook
from glassnet.apps.playground_server import write
from glassnet.support.language import Language

PARTS = Path(glassnet.__file__).parent / "web" / "parts"
ATTRIBUTES = {
    name
    for file in PARTS.glob("*.js")
    for names in re.findall(r"static attributes = \[(.*)\]", file.read_text(encoding="utf-8"))
    for name in re.findall(r"\w+", names)
}
"""What the parts may be told, as their scripts say it."""

SYMBOLS = {
    f"glassnet-{file.stem}": re.findall(r"\w+", names)
    for file in PARTS.glob("*.js")
    for names in re.findall(r"static symbols = \[(.+)\]", file.read_text(encoding="utf-8"))
}
"""What of a part a text may link to, by the part's tag."""

NOTEBOOK = {"en": "This chapter as a notebook", "zh": "下载本章的 Notebook"}
ANSWERS = {"en": "Answers: ", "zh": "答案："}
CONTENTS = {"en": "Contents", "zh": "目录"}


def language_of(page: str) -> Language:
    """That of a page: "zh" below zh/, else "en"."""
    return "zh" if page.startswith("zh/") else "en"


# ---------------------------------------------------------------------- parts


class part(nodes.General, nodes.Element):  # noqa: N801, as docutils names its nodes
    """A custom element around its still picture."""


def still(tag: str, attributes: Mapping[str, str], language: str) -> str:
    """The file of a part's still picture below docs/: another state of the part is another picture."""
    told = " ".join([tag, *(f"{name}={value}" for name, value in sorted(attributes.items()))])
    digest = hashlib.sha256(told.encode()).hexdigest()[:8]
    return f"images/parts/{tag.removeprefix('glassnet-')}-{digest}.{language}.png"


class Part(SphinxDirective):
    """``{part} glassnet-neuron`` with its attributes as options and one paragraph of words, its caption.

    A text links to what shows a symbol with ``[$w$](#neuron-w)``: to the picture, in which the symbol lights up where
    there are scripts. The second neuron of a page is ``#neuron-2-w``.
    """

    required_arguments = 1
    has_content = True
    option_spec = dict.fromkeys(ATTRIBUTES, directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        tag, language = self.arguments[0], language_of(self.env.docname)
        picture = still(tag, self.options, language)
        prefix = self._prefix(tag)
        element = part(tag=tag, attributes=dict(self.options), still=picture, prefix=prefix)
        self.env.note_dependency(picture)
        if Path(self.env.srcdir, picture).exists():
            element += nodes.image(uri=f"/{picture}", alt="", width="100%")
        if tag == "glassnet-workout":
            told = f"{ANSWERS[language]}{in_words(self.options)}"
            element += nodes.paragraph("", told, classes=["answers"])
        words = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, words)
        if len(words) != 1 or not isinstance(words[0], nodes.paragraph):
            raise self.error(f"{tag} needs one paragraph that says what one sees and can do")
        names = [f"{prefix}-{symbol}" for symbol in SYMBOLS.get(tag, ())]
        targets = [nodes.inline("", "", ids=[name], names=[name]) for name in names]
        for target in targets:
            self.state.document.note_explicit_target(target)
        caption = nodes.caption("", "", *words[0].children)
        figure = nodes.figure("", *targets, element, caption, classes=["part"])
        self.set_source_info(figure)
        return [figure]

    def _prefix(self, tag: str) -> str:
        """What the names of the part's symbols begin with."""
        name = tag.removeprefix("glassnet-")
        counted = self.env.temp_data.setdefault("parts", {})
        counted[name] = counted.get(name, 0) + 1
        return name if counted[name] == 1 else f"{name}-{counted[name]}"


def visit_part(self: Any, node: part) -> None:
    """Open the element, where there are scripts; its child, the still picture, is what others see."""
    if self.builder.name != "epub":
        told = {"data-still": node["still"].rpartition("/")[2], "data-symbols": node["prefix"]}
        attributes = {**node["attributes"], **told}
        self.body.append(self.starttag(node, node["tag"], "", **attributes))


def depart_part(self: Any, node: part) -> None:
    if self.builder.name != "epub":
        self.body.append(f"</{node['tag']}>")


def pass_by(self: Any, node: nodes.Node) -> None:
    """On paper there is the picture alone."""


def load_parts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """The parts' script on pages that have parts; the link to the notebook on those that have one."""
    if doctree is None or app.builder.name == "epub":
        return
    if any(doctree.findall(part)):
        app.add_js_file("glassnet/parts.js", loading_method="defer")
    if is_chapter(page):
        context["notebook"] = f"{page.rpartition('/')[2]}.ipynb", NOTEBOOK[language_of(page)]


def copy_parts(app: Sphinx, error: Exception | None) -> None:
    """The parts, the engine and the playground to where the pages look for them."""
    if error is None and app.builder.format == "html" and app.builder.name != "epub":
        folder = Path(app.outdir, "_static", "glassnet")
        shutil.rmtree(folder, ignore_errors=True)
        list(write(folder))


def name_contents(app: Sphinx) -> None:
    """The contents of an e-book are called so in its language; Sphinx has one name for all."""
    builder: Any = app.builder
    if builder.name == "epub":
        builder.guide_titles = builder.guide_titles | {"toc": CONTENTS[language_of(app.config.root_doc)]}


def copy_style(app: Sphinx, env: Any) -> None:
    """Copy the style of cells before an e-book is packed; MyST-NB does so afterwards."""
    if app.builder.name == "epub":
        Path(app.outdir, "_static").mkdir(parents=True, exist_ok=True)
        add_global_html_resources(app, None)


# ------------------------------------------------------------------ exercises


class Exercise(SphinxDirective):
    """A question, with its number on the page."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        number = self.env.temp_data["exercise"] = self.env.temp_data.get("exercise", 0) + 1
        title = EXERCISE.say(language_of(self.env.docname), number=number)
        name = f"exercise-{number}"
        box = nodes.admonition("", nodes.title("", title), classes=["exercise"], ids=[name], names=[name])
        self.state.document.note_explicit_target(box)
        self.set_source_info(box)
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


class Answer(DropdownDirective):
    """The answer to the exercise above, folded. Cells behind it that are tagged "answer" go into it."""

    optional_arguments = 0
    option_spec: dict[str, Any] = {}  # noqa: RUF012

    def run_with_defaults(self) -> list[nodes.Node]:
        self.arguments, self.options = [ANSWER.say(language_of(self.env.docname))], {"class-container": ["answer"]}
        return super().run_with_defaults()


class Unfold(SphinxPostTransform):
    """In a book that cannot be clicked, answers stand open."""

    default_priority = 198  # before sphinx_design makes its elements
    builders = ("epub",)

    def run(self, **kwargs: Any) -> None:
        for box in self.document.findall(nodes.container):
            if box.get("design_component") == "dropdown":
                box["opened"] = True


def fold_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Move cells of answers into the answers; myst_nb reads cells only where they stand by themselves."""
    for cell in list(doctree.findall(nodes.container)):
        if "tag_answer" in cell.get("classes", ()):
            before = cell.parent[cell.parent.index(cell) - 1]
            if not isinstance(before, nodes.container) or before.get("design_component") != "dropdown":
                raise ValueError(f"{app.env.docname}: a cell tagged `answer` must stand right behind an answer")
            cell.parent.remove(cell)
            before += cell


# ------------------------------------------------------------------ notebooks


def is_chapter(page: str) -> bool:
    """Whether a page is one with cells."""
    return re.fullmatch(r"(en|zh)/book/(?!index)\w+", page) is not None


def write_notebooks(app: Sphinx, error: Exception | None) -> None:
    """A notebook beside each chapter."""
    if error is not None or app.builder.format != "html" or app.builder.name == "epub":
        return
    for page in filter(is_chapter, app.env.all_docs):
        target = Path(app.outdir, f"{page}.ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        cells = notebook(Path(app.env.doc2path(page)).read_text(encoding="utf-8"), language_of(page))
        target.write_text(json.dumps(cells, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_node(part, html=(visit_part, depart_part), **dict.fromkeys(("latex", "text"), (pass_by, pass_by)))
    app.add_directive("part", Part)
    app.add_directive("exercise", Exercise)
    app.add_directive("answer", Answer)
    app.add_post_transform(Unfold)
    app.connect("builder-inited", name_contents)
    app.connect("env-updated", copy_style)
    app.connect("doctree-read", fold_cells)
    app.connect("html-page-context", load_parts)
    app.connect("build-finished", copy_parts)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
