"""From a graph to an ONNX file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.estimators.conformal import COVERAGE
from glassnet.exchange.graph import ROWS, Graph, Node, graph_inputs, model_graph
from glassnet.exchange.graph.dataflow import ANSWERS, KINDS
from glassnet.exchange.graph.simplify import folded, simplify
from glassnet.exchange.onnx.operators import FUNCTIONS, SAME, SPELLED
from glassnet.exchange.onnx.rewrites import FORMULAS, as_series
from glassnet.ir.printing import free_name
from glassnet.support.atomic_write import atomic_write
from glassnet.support.language import Text
from glassnet.support.lazy_import import LazyModule, require
from glassnet.support.options import Choice, File, checked
from glassnet.tables import TableEncoder

onnx = LazyModule("onnx")

OPSET: Final = 17
"""The version of ONNX's operators that files are written in, of 2022; tested with ONNX Runtime from 1.19 on."""
ML_OPSET: Final = 3
IR_VERSION: Final = 8
"""That of the same release as the operators."""
SINGLE_ONLY: Final = ("Erf", "Atan")
"""Operators that ONNX Runtime has for float32 alone."""
GAPS: Final = {"category": "empty", "text": "empty", "date": "the smallest int64", "datetime": "the smallest int64"}
"""What stands for a gap, where it is not NaN."""


NGRAM_NOTES: Final = (
    "Ids of the n-grams of each text, as the encoder of the model numbers them; behind the last one 0.",
    "Values of these n-grams; behind the last one 0.",
)


@checked(path=File('For example "model.onnx"'), coverage=COVERAGE, texts=Choice("ngrams", "text"))
def to_onnx(
    model: Any, path: str | os.PathLike[str], *, coverage: float = 0.9, texts: Literal["ngrams", "text"] = "ngrams"
) -> Path:
    """Write a model to an ONNX file that takes the columns of a table as they are.

    The encoder is inside: text, dates and gaps go in, answers come out. The inputs are named after the columns, each of
    shape (rows, 1): numbers, booleans, durations and times of day as float64, dates and moments as int64, categories as
    text. A table of numbers without names is one input "X" of shape (rows, columns). Columns that never varied in
    training are no inputs.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Estimators must be fitted.
    path : str or path
        By custom it ends in ".onnx". A file that is there already is replaced.
    coverage : float in (0, 1)
        What intervals and sets promise, where the model was conformalized.
    texts : {"ngrams", "text"}
        The inputs for columns of text. "ngrams": for a column "title" the inputs "title ids", int64, and "title
        values", float32, of shape (rows, most n-grams of a row); any runtime knows the operators. "text": the texts;
        the file has the operator Tokenizer, which ONNX Runtime alone knows, and takes memory for rows times n-grams of
        the vocabulary, and for rows times characters of the longest text, so rows should come some hundred at a time,
        and longer texts than a page one by one, or as "ngrams".

    Returns
    -------
    Path

    Raises
    ------
    MissingExtraError
        If onnx is not installed: ``pip install "glassnet[onnx]"``.
    InputError, InputTypeError
        If the model does what ONNX cannot say; the message names it.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from glassnet import NeuralClassifier
    >>> model = NeuralClassifier(hidden_layers=8, epochs=5).fit(*load_iris(return_X_y=True))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     to_onnx(model, pathlib.Path(folder) / "iris.onnx").name
    'iris.onnx'
    """
    graph = model_graph(model, coverage=coverage, formulas=FORMULAS)
    contents = onnx_model(graph, whole_texts=texts == "text").SerializeToString()
    with atomic_write(Path(path)) as file:
        file.write(contents)
    return Path(path)


def onnx_model(graph: Graph, *, whole_texts: bool = False) -> Any:
    """The ``onnx.ModelProto`` of a graph, checked by ONNX's own checker."""
    helper = require("onnx", "Writing ONNX files", "onnx").helper
    if any(not source.name for source in graph.inputs):
        raise InputError("A column to export must have a name", "an empty one", "Name it, and train again")
    graph = folded(as_series(simplify(graph, across=True)))
    inputs = [*_inputs(graph, whole_texts)]
    for name, count in Counter(one.name for one in inputs).items():
        if count > 1:  # a column "title ids" beside a text "title"
            rule = Text("The inputs of an ONNX file must have different names")
            raise InputError(rule, Text("two of the name {name!r}", name=name), "Rename the column, and train again")
    writer = Writer(graph, whole_texts)
    outputs = [writer.output(name, node) for name, node in graph.outputs.items()]
    body = helper.make_graph(
        writer.nodes,
        "glassnet",
        inputs,
        outputs,
        initializer=writer.tensors,
        value_info=writer.described,
        doc_string=f"A {graph.about['model']} of glassnet {graph.about['version']}, with its encoder.",
    )
    model = helper.make_model(
        body,
        producer_name="glassnet",
        producer_version=graph.about["version"],
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid(*one) for one in writer.domains.items()],
        doc_string=_documentation(graph, whole_texts),
    )
    helper.set_model_props(model, dict(graph.about))
    onnx.checker.check_model(model, full_check=True)
    return model


def _inputs(graph: Graph, whole_texts: bool) -> Iterator[Any]:
    """Yield what the file takes: of a column of text its n-grams, and the text where it tells whether it is missing."""
    read = {node.inputs[0] for node in graph.nodes if node.operation == "lookup"}
    for source in graph.inputs:
        if whole_texts or source.kind != "text" or source.node in read:
            yield _value(source.name, source.node, _input_note(source.kind))
        if source.kind == "text" and not whole_texts:
            for name, kind, note in zip(ngram_inputs(source.name), (np.int64, np.float32), NGRAM_NOTES, strict=True):
                shape = ["rows", f"{source.name} n-grams"]
                yield onnx.helper.make_tensor_value_info(name, _type(np.dtype(kind)), shape, note)


def ngram_inputs(column: str) -> tuple[str, str]:
    """The names of the inputs for the n-grams of a column of text: their ids, and their values."""
    return f"{column} ids", f"{column} values"


def ngram_cells(encoder: TableEncoder, X: Any) -> dict[str, npt.NDArray[Any]]:
    """The n-grams of the columns of text of a table, as an ONNX file takes them.

    Each row has as many places as the row with the most n-grams; those behind its own have id 0 and value 0.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"word": ["haha", "", "aha"] * 7})
    >>> cells = ngram_cells(TableEncoder(free_text=["word"]).fit(frame), frame[:2])
    >>> {name: (array.dtype.name, array.shape) for name, array in cells.items()}
    {'word ids': ('int64', (2, 11)), 'word values': ('float32', (2, 11))}
    """
    found: dict[str, npt.NDArray[Any]] = {}
    texts = graph_inputs(encoder, X)
    for column in encoder.plan.texts:
        cells = texts[column.name].ravel().tolist()
        rows, ids, values = column.encode(cells)
        counts = np.bincount(rows, minlength=len(cells))
        places = rows, np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        for name, numbers, dtype in zip(ngram_inputs(column.name), (ids, values), (np.int64, np.float32), strict=True):
            found[name] = padded = np.zeros((len(cells), counts.max(initial=0)), dtype)
            padded[places] = numbers
    return found


def _documentation(graph: Graph, whole_texts: bool) -> str:
    kinds = {source.name: f"{source.kind}. " for source in graph.inputs}
    inputs = [f"  {one.name}: {kinds.get(one.name, '')}{one.doc_string}" for one in _inputs(graph, whole_texts)]
    answered = [f"  {name}: {_answered(name)}" for name in graph.outputs]
    return "\n".join(["Inputs, one row of the table each:", *inputs, "Outputs:", *answered])


def _input_note(kind: str) -> str:
    meaning = KINDS[kind]
    return f"{meaning[0].upper()}{meaning[1:]}; {GAPS.get(kind, 'NaN')}: missing."


def _answered(name: str) -> str:
    meaning = ANSWERS[name].format(classes="`classes` in the metadata")
    return f"{meaning[0].upper()}{meaning[1:]}."


def _type(dtype: np.dtype[Any]) -> int:
    return onnx.TensorProto.STRING if dtype.kind == "U" else onnx.helper.np_dtype_to_tensor_dtype(dtype)


def _value(name: str, node: Node, meaning: str) -> Any:
    shape = ["rows" if size == ROWS else size for size in node.shape]
    return onnx.helper.make_tensor_value_info(name, _type(node.dtype), shape, meaning)


class Writer:
    """Notes down operators."""

    def __init__(self, graph: Graph, whole_texts: bool) -> None:
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []
        self.described: list[Any] = []
        self.domains = {"": OPSET, "ai.onnx.ml": ML_OPSET}
        self.taken = {source.name for source in graph.inputs}
        self.known: dict[Any, str] = {}
        self.names: dict[Node, str] = {source.node: source.name for source in graph.inputs}
        self.ngrams = {
            node: ngram_inputs(source.name)
            for source in graph.inputs
            for node in graph.nodes
            if node.operation == "ngrams" and node.inputs[0] is source.node and not whole_texts
        }
        self.names |= dict.fromkeys(self.ngrams, "")
        self.part = ""
        for node in graph.nodes:
            if node not in self.names:
                self.part = "/".join(filter(None, (node.scope.part, node.scope.name)))
                self.names[node] = self._written(node)

    def output(self, name: str, node: Node) -> Any:
        """An output under its own name, or the next free one where a column is called so."""
        free = self._free(name)
        self.nodes.append(onnx.helper.make_node("Identity", [self.names[node]], [free], name=free))
        return _value(free, node, _answered(name))

    def emit(self, operator: str, *inputs: str, gives: int = 0, domain: str = "", **attributes: Any) -> str:
        """One operator more; the name of what it gives, of several outputs the one in place `gives`."""
        result = self._free(f"{self.part}/{operator}")
        outputs = [*(self._free(f"{result}/{place}") for place in range(gives)), result]
        self.domains.setdefault(domain, 1)
        node = onnx.helper.make_node(operator, list(inputs), outputs, name=result, domain=domain, **attributes)
        self.nodes.append(node)
        return result

    def describe(self, name: str, dtype: np.dtype[Any], shape: Sequence[str]) -> None:
        """Say what an operator gives that ONNX does not know."""
        self.described.append(onnx.helper.make_tensor_value_info(name, _type(dtype), shape))

    def cast(self, name: str, dtype: npt.DTypeLike) -> str:
        """The same numbers in another type."""
        return self.emit("Cast", name, to=_type(np.dtype(dtype)))

    def tensor(self, value: Any, dtype: Any = np.int64, name: str = "") -> str:
        """The name of a constant; equal ones are kept once."""
        array = np.array(value, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.known:
            self.known[key] = free = self._free(f"{self.part}/{name or 'constant'}")
            if array.dtype.kind == "U":
                texts = [text.encode() for text in array.ravel().tolist()]
                self.tensors.append(onnx.helper.make_tensor(free, _type(array.dtype), array.shape, texts))
            else:
                self.tensors.append(onnx.numpy_helper.from_array(array, free))
        return self.known[key]

    def _written(self, node: Node) -> str:
        inputs = [self.names[source] for source in node.inputs]
        if node.value is not None:
            return self.tensor(node.value, node.value.dtype, node.name)
        if node.operation == "cast":
            return self.cast(inputs[0], node.dtype)
        if node.operation in FUNCTIONS:
            return FUNCTIONS[node.operation][1](self, node, inputs)
        if node.operation in SPELLED:
            return SPELLED[node.operation](self, node, inputs)
        return self.same(node, inputs, SAME[node.operation])

    def same(self, node: Node, inputs: list[str], operator: str) -> str:
        """An operator of ONNX on what a node takes, in single precision where there is no other implementation."""
        if operator in SINGLE_ONLY and node.dtype == np.float64:
            single = [self.cast(name, np.float32) for name in inputs]
            return self.cast(self.emit(operator, *single), node.dtype)
        return self.emit(operator, *inputs)

    def _free(self, name: str) -> str:
        free = free_name(name, self.taken)
        self.taken.add(free)
        return free
