"""From a graph to a Python file."""

from __future__ import annotations

import ast
import base64
import inspect
import io
import json
import keyword
import math
import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from glassnet.errors import InputError
from glassnet.estimators.conformal import COVERAGE
from glassnet.exchange.graph import ROWS, Graph, model_graph
from glassnet.exchange.graph.dataflow import ANSWERS, Array
from glassnet.exchange.python import runtime
from glassnet.exchange.python.part_functions import WIDTH, PartWriter, shown
from glassnet.exchange.python.template import BESIDE, FRAME, INSIDE, KINDS
from glassnet.formulas import elementary
from glassnet.support.atomic_write import atomic_write, checked_suffix
from glassnet.support.escape_controls import escape_controls
from glassnet.support.language import Text
from glassnet.support.options import File, checked
from glassnet.tables.columns import ngrams
from glassnet.tables.reading import notation as notations
from glassnet.tables.reading.notation import UNDECIDED, Notation

__all__ = ["to_python", "weights_beside"]

LARGEST_INSIDE: Final = 500_000
"""Bytes of weights that are written into the file itself; more go into a file beside it."""
BLOCK_NUMBERS: Final = 200_000
"""Numbers of the widest array in between for a block of rows: so many stay in a cache of the processor."""
LARGEST_PRODUCT: Final = 2**16
"""Weights of a layer whose products `product` leaves whole."""
SAMPLES: Final = {
    "category": '"a"',
    "date": '"2024-02-29"',
    "datetime": '"2024-02-29 12:30"',
    "time": '"12:30"',
    "matrix": "[1.5, ...]",
}
"""A cell of each kind, for the example."""
IMPORTS: Final = "# imports"
"""Stands where they will be, until it is known what the text uses."""
MODULES: Final = ("argparse", "base64", "csv", "datetime", "importlib", "io", "os", "re", "sys", "unicodedata")
NAMES: Final = {
    "collections.abc": (("Callable", "Collection", "Iterable", "Mapping", "Sequence"), ("Iterator", "Set")),
    "concurrent.futures": (("ThreadPoolExecutor",), ()),
    "functools": (("cache",), ("lru_cache",)),
    "pathlib": (("Path",), ()),
    "typing": (("Any", "Final"), ("NamedTuple",)),
}
"""What is imported from modules: always, and if the text uses it."""
MATRIX: Final = '{"X": np.stack([read_numbers(column, name) for name, column in cells.items()], axis=1)}'
"""The cells of a file as a matrix."""
WIDTH_CHECK: Final = """\
        if len(cells) != {width}:
            raise ValueError(f"The table must have {width} columns. Received: {{len(cells)}}. Leave out the others.")
"""
"""The checks of an input file."""


@checked(path=File('For example "model.py"'), coverage=COVERAGE)
def to_python(model: Any, path: str | os.PathLike[str], *, coverage: float = 0.9) -> Path:
    """Write a model as one readable Python file that needs only NumPy.

    Its function ``predict`` takes the cells of each column, text and dates and gaps as they are; from the terminal it
    makes predictions of a CSV file. Weights are inside as text, or in a file beside it (the same name, ending in
    ".npz") where they are large.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Estimators must be fitted.
    path : str or path
        Ends in ".py"; the name must be one that Python can import. A file that is there already is replaced.
    coverage : float in (0, 1)
        What intervals and sets promise, where the model was conformalized.

    Returns
    -------
    Path

    Raises
    ------
    InputError, InputTypeError
        If the model does what a graph cannot say; the message names it. Or the name is none for a module.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import importlib.util, pathlib, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from glassnet import NeuralClassifier
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = NeuralClassifier(hidden_layers=8, epochs=5).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = to_python(model, pathlib.Path(folder) / "iris.py")
    ...     spec = importlib.util.spec_from_file_location("iris", file)
    ...     iris = importlib.util.module_from_spec(spec)
    ...     spec.loader.exec_module(iris)
    >>> bool((iris.predict(X)["label"] == model.predict(X)).all())
    True
    """
    path = module_file(path)
    graph = model_graph(model, coverage=coverage)
    text, arrays = source(graph, path.stem, getattr(model, "notation_", UNDECIDED))
    if arrays is not None:
        with atomic_write(path.with_suffix(".npz")) as file:
            file.write(arrays)
    with atomic_write(path) as file:
        file.write(text.encode())
    return path


def module_file(path: str | os.PathLike[str]) -> Path:
    """A file that Python can import.

    Raises
    ------
    InputError
        If its name is none for a module.
    """
    rule, remedy = Text("A Python file must have a name that can be imported"), Text("For example model.py")
    file = checked_suffix(path, [".py"], rule, remedy)
    if not file.stem.isidentifier() or keyword.iskeyword(file.stem):
        raise InputError(rule, file.name, remedy)
    return file


def weights_beside(path: Path) -> bool:
    """Whether the weights of a file that :func:`to_python` wrote stand in another one beside it, ending in ".npz"."""
    return BESIDE in path.read_text("utf-8")


def source(graph: Graph, module: str, notation: Notation = UNDECIDED) -> tuple[str, bytes | None]:
    """The text of a Python file, and the contents of the one beside it, where there is one.

    The notation is that of the files which the model learned from.
    """
    parts = PartWriter(graph)
    encode, x = parts.encode()
    columns_functions = parts.functions()
    outputs, runs = parts.networks(x)
    layers_functions = parts.functions()
    parts.answer(outputs)
    answer = parts.functions().rstrip()
    written = "\n".join([columns_functions, layers_functions, answer])
    arrays = _npz(parts.weights)
    inside = len(arrays) <= LARGEST_INSIDE
    learned = sum(array.size for array in parts.weights.values() if array.dtype.kind != "u")  # n-grams are no numbers
    classes = json.loads(graph.about["classes"]) if "classes" in graph.about else None
    matrix = graph.inputs[0].kind == "matrix"
    large = any(array.ndim == 2 and array.size > LARGEST_PRODUCT for array in parts.weights.values())
    tables = list(parts.tables)
    order = "the targets" if classes is None else "CLASSES"
    if classes is not None:
        tables.insert(0, f"CLASSES = np.array({shown(classes)})")
    called = ("product", "round_to_bfloat16", "sparse_product")
    parts.readers |= {name for name in called if re.search(rf"\b{name}\(", written)}
    errors = {name for name in ("erf", "erfc") if f"{name}(" in written}
    if errors:
        tables.append(_erf_table(written))
        parts.readers |= {*errors, "polynomial"}
    text = FRAME.format(
        title=f"Predictions of a {graph.about['model']}, {learned:,} numbers learned.",
        module=module,
        example=", ".join(
            f"{shown(source.name)}: [{SAMPLES.get(source.kind, '1.5')}, ...]" for source in graph.inputs[:3]
        )
        + (", ..." if len(graph.inputs) > 3 else ""),
        version=graph.about["version"],
        columns=_listed({source.name: KINDS[source.kind] for source in graph.inputs}),
        answers=_listed({name: ANSWERS[name].format(classes=order) for name in graph.outputs}),
        imports=IMPORTS,
        notation=shown({"decimal": notation.decimal, "date-format": notation.dates}),
        missing=shown(sorted(notation.gaps_in_text)),
        gaps=f"{{*{shown(sorted(notation.gaps))}}}",
        names=shown([source.name for source in graph.inputs]),
        block=_block(graph),
        threads=1 if large else "os.cpu_count()",
        why="; products of large matrices have threads of their own" if large else "",
        globals="".join(f"{table}\n" for table in tables),
        gives=", ".join(f'"{name}"' for name in graph.outputs),
        respond=_respond(runs),
        reading=MATRIX if matrix else "cells",
        check=WIDTH_CHECK.format(width=graph.inputs[0].node.shape[1]) if matrix else "",
        parts="CLASSES.tolist()" if classes is not None else "range(1, values.shape[1] + 1)",
        encode=textwrap.indent("\n".join(encode), "    "),
        columns_functions=columns_functions,
        layers_functions=layers_functions,
        answer=answer,
        helpers=_helpers(parts.readers),
        learned=INSIDE.format(text="\n".join(textwrap.wrap(base64.b64encode(arrays).decode(), WIDTH)))
        if inside
        else BESIDE,
    )
    text = escape_controls(
        text.replace(IMPORTS, _imports(text), 1)
    )  # in a literal such an escape means what it stands for
    ast.parse(text)
    return text, None if inside else arrays


OF_A_MODEL: Final = ("Array", "GAPS", "NOTATION")
"""What a file has its own of."""


def _respond(runs: Sequence[str]) -> str:
    """The answer of all networks, by the functions that carry them out."""
    if len(runs) == 1:
        return "answer(run_network(x, 1))"
    if len({*runs}) == 1:
        return f"answer([run_network(x, network) for network in range(1, {len(runs)} + 1)])"
    each = "".join(f"        {run}(x, {network}),\n" for network, run in enumerate(runs, 1))
    return f"answer([\n{each}    ])"


def _block(graph: Graph) -> int:
    """Rows that go through the networks at a time: a power of two."""
    widest = max(math.prod(node.shape) // ROWS for node in graph.nodes)
    return int(2 ** np.clip(np.round(np.log2(BLOCK_NUMBERS / max(1, widest))), 7, 12))


def _npz(weights: Mapping[str, Array]) -> bytes:
    stream = io.BytesIO()
    plain: dict[str, Any] = {name: np.ascontiguousarray(array) for name, array in weights.items()}
    np.savez_compressed(stream, **plain)
    return stream.getvalue()


def _listed(meanings: Mapping[str, str]) -> str:
    lines = (f"    {name}: {meaning}" for name, meaning in meanings.items())
    return "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''")


def _helpers(readers: set[str]) -> str:
    """The functions of `runtime.py` that a file needs, and what these use, as their modules have them."""
    defined: dict[str, tuple[str, set[str]]] = {}
    for module in (runtime, notations, ngrams, elementary):
        lines = inspect.getsource(module).split("\n")
        for statement in ast.parse("\n".join(lines)).body:
            match statement:
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    names, start = [name], min([statement.lineno, *(one.lineno for one in statement.decorator_list)])
                case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                    names, start = [name], statement.lineno
                case ast.Assign(targets=[ast.Tuple(elts=targets)]):
                    names, start = [one.id for one in targets if isinstance(one, ast.Name)], statement.lineno
                case _:
                    continue
            used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)} - {*names, *OF_A_MODEL}
            text = _without_examples(lines[start - 1 : statement.end_lineno])
            defined |= {name: (text, used) for name in names if name not in defined}
    pending, needed = ["read_table", "read_numbers", "write_table", *readers], set[str]()
    while pending:
        name = pending.pop()
        if name in defined and name not in needed:
            needed.add(name)
            pending += defined[name][1]
    texts = dict.fromkeys(text for name, (text, _) in defined.items() if name in needed)
    constants = [text for text in texts if not text.startswith(("def", "@", "class"))]
    return "\n\n\n".join(["\n".join(constants), *(text for text in texts if text not in constants)])


def _without_examples(lines: list[str]) -> str:
    """A function without the example in its docstring."""
    starts = (">>>", "Examples", "Raises")
    start = next((at for at, line in enumerate(lines) if line.lstrip().startswith(starts)), None)
    if start is not None:
        end = next(at for at, line in enumerate(lines) if at > start and line.strip() == '"""')
        lines[start - 1 : end + 1] = []
        if lines[start - 2].lstrip().startswith(('"""', 'r"""')):
            lines[start - 2] += '"""'
        else:
            lines[start - 1 : start - 1] = ['    """']
    return "\n".join(lines)


def _imports(text: str) -> str:
    """The imports of a file of this text."""
    modules = [module for module in MODULES if re.search(rf"\b{module}\.\w", text)]
    names = {
        module: sorted([*always, *(name for name in perhaps if re.search(rf"\b{name}\b", text))])
        for module, (always, perhaps) in NAMES.items()
    }
    return "\n".join(
        [
            *(f"import {module}" for module in modules),
            *(f"from {module} import {', '.join(imported)}" for module, imported in names.items()),
        ]
    )


def _erf_table(written: str) -> str:
    """The coefficients of the error function, which NumPy has not, as the compiled engine has them."""
    from glassnet.engines.compiled.approximations import ERF_FAR, ERF_NEAR

    rows = [
        f'    "{kind.__name__}": ({shown(ERF_NEAR[kind])}, {shown(ERF_FAR[kind][0])}, {shown(ERF_FAR[kind][1])}),'
        for kind in (np.float32, np.float64)
        if f'ERF["{kind.__name__}"]' in written
    ]
    return "\n".join(["ERF: dict[str, tuple[Sequence[float], ...]] = {", *rows, "}"])
