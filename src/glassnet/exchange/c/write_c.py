"""From a model to its two files."""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Mapping, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.estimators.conformal import COVERAGE
from glassnet.exchange.c.compilation import CompilerError, CSource, Deviation, compile_model, compiler_here
from glassnet.exchange.c.literals import identifier
from glassnet.exchange.c.operands import size_of
from glassnet.exchange.c.source import header_text, source_text
from glassnet.exchange.c.tables import dequantized, weights_of
from glassnet.exchange.c.translation_unit import write_program
from glassnet.exchange.graph import Graph, Node, evaluate, graph_inputs, model_graph
from glassnet.network import NeuralNetwork
from glassnet.support.atomic_write import atomic_write, checked_suffix
from glassnet.support.coercion import offers
from glassnet.support.language import Text
from glassnet.support.options import File, Flag, checked

QUICK = ("-O1",)
"""How code is compiled that is to answer some rows once."""
WHOLE = frozenset(("cos_turn", "sin_turn"))
"""Operations that C has by themselves."""
ANSWERS = ("probabilities", "scores", "value", "quantiles", "answer")


@checked(path=File('For example "model.c"'), quantize=Flag("True makes weights of one byte"), coverage=COVERAGE)
def to_c(
    model: Any,
    path: str | os.PathLike[str],
    X: Any = None,
    y: npt.ArrayLike | None = None,
    *,
    quantize: bool = False,
    coverage: float = 0.9,
) -> CSource:
    """Export a model as plain C: a source file and a header.

    The code needs nothing but the mathematical library, takes no memory but the stack, and computes in single
    precision. The encoder is part of it, so that a row is given as it stands in the table.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Estimators must be fitted.
    path : str or path
        Ends in ".c"; the header has the same name with ".h". Public names begin with that name, too. Files that are
        there already are replaced.
    X, y : table and array-like, optional
        Rows, and perhaps the true answers, to measure how far the code is from the model: it is compiled, if there is a
        compiler (that of the environment variable CC, else cc), and answers them. See :class:`Deviation`.
    quantize : bool
        Whether the large tables of weights are whole numbers of one byte, with a scale for each output.
    coverage : float in (0, 1)
        What intervals and sets promise, of an estimator that was given rows by ``conformalize``.

    Returns
    -------
    CSource

    Raises
    ------
    InputError, InputTypeError
        If the file has another ending, the model is none that can be exported, or the rows do not suit it.
    NotFittedError
        If it is not fitted.
    OSError
        If a file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from glassnet import NeuralClassifier
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = NeuralClassifier(hidden_layers=(4,), epochs=5, preset="mlp").fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = to_c(model, pathlib.Path(folder) / "iris.c", X, y)
    ...     print(written.source.read_text().splitlines()[-1], written.prefix, written.deviation.changed)
    } iris 0.0
    """
    path = checked_suffix(
        path, [".c"], "A file of C code must end in .c", Text("Write to {file}", file=Path(path).with_suffix(".c").name)
    )
    graph = model_graph(_in_single_precision(model), coverage=coverage, whole=WHOLE)
    quantized = weights_of(graph) if quantize else set()
    cells = None if X is None else _cells(model, graph, X, y)  # what does not suit is refused before a file is there
    written = write_files(graph, path, quantized)
    if cells is None:
        return written
    answers, estimated = _answers(model, written, dequantized(graph, quantized), cells)
    return replace(written, deviation=replace(_deviation(model, answers, X, y), estimated=estimated))


def write_files(graph: Graph, path: Path, quantized: Set[Node] = frozenset()) -> CSource:
    """Write both files of a graph."""
    header = path.with_suffix(".h")
    program = write_program(graph, identifier(path.stem, "model"), quantized)
    for file, text in ((path, source_text(program, header.name)), (header, header_text(program, header.name))):
        with atomic_write(file) as written:
            written.write(text.encode("utf-8", "surrogateescape"))  # the name of the header may have any bytes
    return CSource(
        source=path,
        header=header,
        prefix=program.prefix,
        constants=program.tables.bytes,
        stack=program.stack,
        quantized=bool(quantized),
        fields=tuple((program.fields[one.node], one.name, one.kind) for one in program.graph.inputs),
        answers=tuple((program.fields[node], size_of(node)) for node in program.graph.outputs.values()),
    )


def _in_single_precision(model: Any) -> Any:
    """Return the same model with float32 in the place of float64; anything else as it is."""
    if isinstance(model, NeuralNetwork):
        return _single_network(model)
    if not offers(model, "networks_"):
        return model
    single = copy.copy(model)
    single.encoder_ = copy.copy(model.encoder_)
    single.encoder_.dtype = np.dtype(np.float32)
    single.networks_ = [_single_network(network) for network in model.networks_]
    return single


def _single_network(network: NeuralNetwork) -> NeuralNetwork:
    numbers = {name: getattr(network, name).astype(np.float32) for name in ("parameters", "statistics")}
    return network.remade(**numbers, monotone=None)


def _cells(model: Any, graph: Graph, X: Any, y: Any) -> dict[str, npt.NDArray[Any]]:
    """Return rows as the code takes them."""
    if isinstance(model, NeuralNetwork):
        cells = {graph.inputs[0].name: model.check_inputs(X).astype(np.float32)}
    else:
        cells = graph_inputs(model.encoder_, X)
    rows = len(next(iter(cells.values())))
    if y is not None and len(y) != rows:
        raise InputError(
            "X and y must have the same number of rows",
            Text("{rows} and {other}", rows=rows, other=len(y)),
            "Match them",
        )
    return cells


def _answers(
    model: Any, written: CSource, graph: Graph, cells: Mapping[str, npt.NDArray[Any]]
) -> tuple[Mapping[str, npt.NDArray[Any]], str | None]:
    """Return the answers of the code for some cells; or those of the graph with its weights, and why."""
    compiler = compiler_here()
    if compiler is None:
        return evaluate(graph, cells), "there is no C compiler `cc`"
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = compile_model(written, compiler, QUICK, folder=Path(folder)).answer(cells)
        except CompilerError as error:
            return evaluate(graph, cells), str(error)
    answers = dict(found.answers)
    classes = getattr(model, "classes_", None)
    if "label" in answers and not isinstance(classes, list):
        answers["label"] = np.asarray(classes)[answers["label"]]
    return answers, None


def _deviation(model: Any, answers: Mapping[str, npt.NDArray[Any]], X: Any, y: Any) -> Deviation:
    """Return the deviation of predictions from the model's."""
    if isinstance(model, NeuralNetwork):
        return Deviation(len(answers["answer"]), _largest(answers["answer"], model.predict(X)))
    name = next(name for name in ANSWERS if name in answers)
    method = {"probabilities": "predict_proba", "scores": "decision_function"}.get(name, "predict")
    found = Deviation(len(answers[name]), _largest(answers[name], getattr(model, method)(X)))
    if "label" not in answers:
        scores = (None, None) if y is None else (_r2(answers[name], y), _r2(model.predict(X), y))
        return replace(found, score=scores[0], score_before=scores[1])
    # classes by their text: those of the graph may be of another type
    here, there = (np.asarray(labels).astype(str) for labels in (answers["label"], model.predict(X)))
    here, there = here.reshape(len(here), -1), there.reshape(len(there), -1)
    found = replace(found, changed=float((here != there).any(axis=1).mean()))
    if y is None:
        return found
    true = np.asarray(y).astype(str).reshape(len(here), -1)
    right, right_before = (float((predicted == true).all(axis=1).mean()) for predicted in (here, there))
    return replace(found, score=right, score_before=right_before)


def _largest(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a).reshape(-1) - np.asarray(b).reshape(-1)).max())


def _r2(values: Any, y: Any) -> float | None:
    from sklearn.metrics import r2_score

    values, true = np.asarray(values), np.asarray(y)
    return float(r2_score(true, values)) if values.size == true.size else None
