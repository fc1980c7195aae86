"""The estimators' parameters as their source states them: names, annotations, and the words of the docstring.

Read as text, because importing the estimators means importing scikit-learn, which takes longer than anyone wants to
wait for ``glassnet train --help``.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Parameter", "read_parameters"]

_FILES = ("options.py", "fitted.py", "learning.py", "base.py", "classifier.py", "regressor.py")


@dataclass(frozen=True)
class Parameter:
    """One parameter of an estimator.

    Attributes
    ----------
    annotation : tuple of str
        The alternatives of its annotation.
    described : str
        Its type in the docstring.
    text : str
        What the docstring says of it, in one line.
    """

    annotation: tuple[str, ...]
    described: str
    text: str


def read_parameters(estimator: str) -> dict[str, Parameter]:
    """The parameters of an estimator by name, in the order of its signature.

    Examples
    --------
    >>> read_parameters("NeuralRegressor")["epochs"].annotation
    ('int', 'None')
    """
    source = _classes()[estimator]
    described = dict(_numpydoc(ast.get_docstring(source) or ""))
    signature = _constructor(source).args
    parameters = {}
    for argument in signature.kwonlyargs:
        annotation = ast.unparse(argument.annotation) if argument.annotation else ""
        kind, text = described.get(argument.arg, ("", ""))
        parameters[argument.arg] = Parameter(tuple(re.split(r" \| (?![^[]*\])", annotation)), kind, text)
    return parameters


@cache
def _classes() -> dict[str, ast.ClassDef]:
    folder = files("glassnet") / "estimators"  # not files("glassnet.estimators"), which would import it
    trees = [ast.parse((folder / name).read_text(encoding="utf-8")) for name in _FILES]
    return {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}


def _constructor(source: ast.ClassDef) -> ast.FunctionDef:
    """The class's own ``__init__``, or the one it inherits."""
    for node in source.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return node
    bases = [_classes()[base.id] for base in source.bases if isinstance(base, ast.Name) and base.id in _classes()]
    return _constructor(bases[0])


def _numpydoc(docstring: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each entry of the section "Parameters": its name, its type and its text."""
    section = re.search(
        r"^Parameters\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", inspect.cleandoc(docstring), re.DOTALL | re.MULTILINE
    )
    for entry in re.split(r"^(?=\S)", section[1] if section else "", flags=re.MULTILINE):
        head, _, text = entry.partition("\n")
        names, _, kind = head.partition(" : ")
        for name in names.split(","):
            yield name.strip(), (kind.strip(), " ".join(text.split()))
