"""What the pages list of the registries, so that no name is typed by hand and none is forgotten."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

from IPython.display import Markdown


def first_sentence(function: Any) -> str:
    """The beginning of a docstring, its mathematics in dollars."""
    text = (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
    text = re.sub(r":math:`([^`]*)`", r"$\1$", text)
    return re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", text)


def row(code: str, what: str) -> str:
    """A row of a table; a bar in a text, as of |z|, does not end its cell."""
    return f"| `{code}` | {what.replace('|', chr(92) + '|')} |"


def builtin(registry: Any) -> list[str]:
    """The names that come with the library, without those that the page itself has registered."""
    return [name for name in registry if function_of(registry.get(name)).__module__.startswith("glassnet.")]


def function_of(record: Any) -> Any:
    """The plain function of a formula."""
    return getattr(record, "function", None) or record.rule


def formulas(registry: Any, head: tuple[str, str], words: Mapping[str, str] | None = None) -> Markdown:
    """A table of all formulas of one kind: how each is spelled with its defaults, and what it is.

    Parameters
    ----------
    registry : Registry
    head : (str, str)
        The headings of the two columns.
    words : mapping from name to str, optional
        What each is, in the page's language; else the first sentence of its docstring.

    Raises
    ------
    ValueError
        If `words` lack a name, or have one that the registry does not.
    """
    names = builtin(registry)
    if words is not None and set(words) != set(names):
        raise ValueError(f"the page must describe exactly {names}; differing: {set(words) ^ set(names)}")
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    for name in names:
        what = first_sentence(function_of(registry.get(name))) if words is None else words[name]
        lines.append(row(str(registry.get(name)), what))
    return Markdown("\n".join(lines))


def functions(listed: Sequence[Any], head: tuple[str, str], words: Mapping[str, str] | None = None) -> Markdown:
    """A table of plain functions: how each is called, and what it is.

    Parameters
    ----------
    listed : sequence of functions
    head : (str, str)
        The headings of the two columns.
    words : mapping from name to str, optional
        What each is, in the page's language; else the first sentence of its docstring.

    Raises
    ------
    ValueError
        If `words` lack a function, or have one that is not listed.
    """
    names = [function.__name__ for function in listed]
    if words is not None and set(words) != set(names):
        raise ValueError(f"the page must describe exactly {names}; differing: {set(words) ^ set(names)}")
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    for function in listed:
        call = f"{function.__name__}({', '.join(inspect.signature(function).parameters)})"
        what = first_sentence(function) if words is None else words[function.__name__]
        lines.append(row(call, what))
    return Markdown("\n".join(lines))
