"""``glassnet book``: write the book's chapters as notebooks: pages of the documentation, cut into cells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import glassnet
from glassnet.apps.commands import app
from glassnet.apps.shared_options import (
    OutputOptions,
    Result,
)
from glassnet.apps.usage import fill
from glassnet.support.language import Language, Text

PACKAGE = Path(glassnet.__file__).parent
EXERCISE, ANSWER = Text("Exercise {number}"), Text("Answer")
NEEDS = Text(
    "This notebook needs matplotlib and pandas. To install them, run this in the glassnet folder: "
    '`pip install ".[plot]" pandas`.',
)
MOVING = Text("The book has an animated picture here.")
CELL = re.compile(r"^```\{code-cell\}.*\n((?:---\n(?:.*\n)*?---\n|(?::.*\n)+)?)((?:.*\n)*?)```$", re.MULTILINE)
DIRECTIVE = re.compile(r"^:::\{(\w+)\} ?(.*)\n((?::[\w-]+:.*\n)*)\n?((?:.*\n)*?):::$", re.MULTILINE)
HEAD = re.compile(r"\A---\n(?:.*\n)*?---\n")


@app.command(
    sort_key=7,
    help_epilogue="""\
Examples:
  glassnet book
  glassnet book chapters --language zh""",
)
def book(
    folder: Path = Path("glassnet-book"),
    /,
    *,
    force: Annotated[bool, Result] = False,
    printing: OutputOptions = OutputOptions(),
) -> None:
    """Write the chapters of the book as notebooks to run and change: how a network learns, starting from one neuron.

    The notebooks need matplotlib, and Jupyter to open them.

    Parameters
    ----------
    folder : Path
        The new folder to write them to (default: glassnet-book).
    force : bool
        Write to a folder that is not empty, too, and overwrite files of the same names.
    """
    from glassnet.apps.texts import say
    from glassnet.support.language import get_language

    written = list(write(folder, get_language(), force=force))
    printing.output.say("written", say("book.written", count=len(written), folder=folder))


def write(folder: Path, language: Language, *, force: bool = False) -> Iterator[Path]:
    """Write all chapters into a new or empty folder; with `force`, into any folder."""
    notebooks = {}
    for page in chapters(language):
        cells = notebook(page.read_text(encoding="utf-8"), language)
        notebooks[f"{page.stem}.ipynb"] = f"{json.dumps(cells, ensure_ascii=False, indent=1)}\n".encode()
    return fill(folder, notebooks, "The book must be written to an empty folder", force=force)


def chapters(language: Language) -> list[Path]:
    """The pages in their order: those of an installed package, or of the project that it is run from."""
    installed, project = PACKAGE / "chapters" / language, PACKAGE.parents[1] / "docs" / language / "book"
    folder = installed if installed.is_dir() else project
    order = re.findall(r"^(\w+)$", (folder / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [folder / f"{name}.md" for name in order if (folder / f"{name}.md").is_file()]


def notebook(page: str, language: Language) -> dict[str, Any]:
    """A page as a notebook of format 4.5 that runs as it is, without outputs and without what only the page needs.

    Examples
    --------
    >>> page = "# Sums" + chr(10) * 2 + "```{code-cell} ipython3" + chr(10) + "1 + 1" + chr(10) + "```" + chr(10)
    >>> [cell["source"] for cell in notebook(page, "en")["cells"]][1:]
    ['# Sums', '1 + 1']
    """
    found = [("markdown", NEEDS.say(language))]
    if language == "zh":
        found.append(("code", 'import glassnet\n\nglassnet.set_language("zh")'))
    place, exercises, text = 0, 0, HEAD.sub("", page)
    for match in [*CELL.finditer(text), None]:
        words, exercises = plain(text[place : match.start() if match else None], language, exercises)
        found.append(("markdown", words.strip()))
        if match and "page" not in re.findall(r"\w+", match[1].partition("tags:")[2]):
            found.append(("code", match[2].strip()))
        place = match.end() if match else 0
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [_cell(kind, source, number) for number, (kind, source) in enumerate(found) if source]
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, source: str, number: int) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source}
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell


def plain(text: str, language: Language, exercises: int) -> tuple[str, int]:
    """The documentation's directives in words of Markdown and HTML, and the number of exercises so far.

    Raises
    ------
    ValueError
        If there is a directive that a notebook has no form for.
    """

    def replacement(match: re.Match[str]) -> str:
        nonlocal exercises
        name, argument, _, body = match.groups()
        body = body.strip()
        if name == "exercise":
            exercises += 1
            return f"**{EXERCISE.say(language, number=exercises)}.** {body}"
        if name == "answer":
            return f"<details><summary>{ANSWER.say(language)}</summary>\n\n{body}\n\n</details>"
        if name in ("part", "note", "tip", "admonition"):
            titles = {"admonition": f"**{argument}**", "part": f"*{MOVING.say(language)}*"}
            title = [titles[name], ""] if name in titles else []
            return "\n".join(f"> {line}" for line in [*title, *body.split("\n")])
        raise ValueError(f"A notebook has no form for {{{name}}}")

    text = DIRECTIVE.sub(replacement, text)
    text = re.sub(r"^\([\w-]+\)=\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\]\((\w+)\.md(#[\w-]+)?\)", r"](\1.ipynb)", text)
    return re.sub(r"\[([^\]]*)\]\((?!https?:|\w+\.ipynb)[^)]*\)", r"\1", text), exercises
