"""The house, drawn from the source: which room imports which, and how large each is."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from drawing import COLORS, INK, QUIET
from IPython.display import Markdown

import glassnet

SOURCE = Path(glassnet.__file__).parent
PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def floors() -> list[list[str]]:
    """The rooms of each floor, from the roof down, as import-linter is told; those that exist."""
    contracts = tomllib.loads(PROJECT.read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    named = [[room.strip(" ()") for room in re.split(r"[|:]", layer)] for layer in layers]
    there = [[room for room in floor if files(room)] for floor in named]
    return [floor for floor in there if floor]


def files(room: str) -> list[Path]:
    """The files of a room: a module, or all of a package."""
    module = SOURCE / f"{room}.py"
    return [module] if module.is_file() else sorted((SOURCE / room).rglob("*.py"))


def lines(room: str) -> int:
    """How many lines of code, docstrings and comments a room has."""
    return sum(bool(line.strip()) for file in files(room) for line in file.read_text().splitlines())


def imports() -> Counter[tuple[str, str]]:
    """How many modules of one room import another one's, at any place in the file that is run."""
    rooms, found = [room for floor in floors() for room in floor], Counter[tuple[str, str]]()
    for room in rooms:
        for file in files(room):
            modules = (module.split(".")[1] for module in imported(ast.parse(file.read_text())) if "." in module)
            found.update((room, other) for other in {*modules} if other in rooms and other != room)
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module of glassnet that a syntax tree imports from when it is run."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("glassnet."):
            yield str(node.module)
        elif not (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"):
            yield from imported(node)


def draw(axis_from: str, axis_to: str) -> None:
    """A dot for each pair of rooms of which one imports the other: all of them stand below the diagonal.

    Parameters
    ----------
    axis_from, axis_to : str
        What the rows and the columns are, in the page's language.
    """
    rooms = [room for floor in floors() for room in floor]
    place = {room: number for number, room in enumerate(rooms)}
    _, ax = plt.subplots(figsize=(8, 7))
    for (who, whom), count in imports().items():
        down = place[whom] > place[who]
        ax.plot(place[whom], place[who], "o", markersize=3 + 3 * np.log2(1 + count), color=COLORS[0 if down else 1])
    ax.plot([-0.5, len(rooms) - 0.5], [-0.5, len(rooms) - 0.5], color=QUIET, linewidth=0.8)
    below = -0.5
    for floor in floors():
        below += len(floor)
        ax.axhline(below, color=QUIET, linewidth=0.3)
        ax.axvline(below, color=QUIET, linewidth=0.3)
    ax.set_xticks(range(len(rooms)), rooms, rotation=90)
    ax.set_yticks(range(len(rooms)), [f"{room}   {lines(room):,}" for room in rooms])
    ax.set(xlim=(-0.5, len(rooms) - 0.5), ylim=(len(rooms) - 0.5, -0.5), xlabel=axis_to, ylabel=axis_from)
    ax.tick_params(length=0, colors=INK)
    ax.spines[:].set_visible(True)
    plt.show()


def rooms(head: tuple[str, str, str], words: Mapping[str, str] | None = None) -> Markdown:
    """A table of all rooms, from the roof down.

    Parameters
    ----------
    head : (str, str, str)
        The headings: room, lines, what is in it.
    words : mapping from room to str, optional
        What is in each, in the page's language; else the first sentence of its docstring.

    Raises
    ------
    ValueError
        If `words` lack a room.
    """
    table = [f"| {head[0]} | {head[1]} | {head[2]} |", "|---|--:|---|"]
    for room in (room for floor in floors() for room in floor):
        if words is not None and room not in words:
            raise ValueError(f"the page must say what is in {room}")
        said = (inspect.getdoc(import_module(f"glassnet.{room}")) or "").split("\n\n")[0].replace("\n", " ")
        table.append(f"| `{room}` | {lines(room):,} | {said if words is None else words[room]} |")
    return Markdown("\n".join(table))
