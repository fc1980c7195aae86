"""The options of the estimators as their declaration states them: names, annotations, and words.

Read as text, because importing the estimators means importing scikit-learn, which takes longer than anyone wants to
wait for ``glassnet train --help``.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Parameter:
    """One option of an estimator: the alternatives of its annotation, its type in words, and what it does.

    The last is empty where each of the estimators has words of its own.
    """

    annotation: tuple[str, ...]
    described: str = ""
    text: str = ""


@cache
def read_parameters() -> dict[str, dict[str, Parameter]]:
    """The options by name, in their order, of each class that declares some.

    Examples
    --------
    >>> read_parameters()["Declared"]["epochs"].annotation
    ('int', 'None')
    >>> list(read_parameters()["RegressorOptions"])
    ['loss', 'clamp', 'bounds']
    """
    source = files("glassnet") / "estimators" / "declaration.py"  # not files("glassnet.estimators"): that imports it
    classes = [node for node in ast.parse(source.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]
    return {
        declaring.name: {
            node.target.id: _parameter(node)
            for node in declaring.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        for declaring in classes
    }


def _parameter(field: ast.AnnAssign) -> Parameter:
    annotation = tuple(re.split(r" \| (?![^[]*\])", ast.unparse(field.annotation)))
    if not isinstance(field.value, ast.Call):
        return Parameter(annotation)
    described, _, text = field.value.args
    return Parameter(annotation, ast.literal_eval(described), ast.literal_eval(text))
