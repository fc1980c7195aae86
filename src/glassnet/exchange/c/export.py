"""From a model to its two files."""

from __future__ import annotations

import copy
import os
from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.exchange.c.assemble import write_program
from glassnet.exchange.c.header import header_text
from glassnet.exchange.c.names import identifier
from glassnet.exchange.c.parts import size_of
from glassnet.exchange.c.quantize import dequantized, weights_of
from glassnet.exchange.c.recognize import recognized
from glassnet.exchange.c.source import source_text
from glassnet.exchange.graph import Graph, Node, evaluate, graph_inputs, model_graph
from glassnet.network import NeuralNetwork
from glassnet.replacing import replacing

__all__ = ["CSource", "Deviation", "to_c", "write_files"]

ANSWERS = ("probabilities", "scores", "value", "quantiles", "answer")


@dataclass(frozen=True)
class Deviation:
    """How far the answers of the C code are from the model's, on some rows.

    Attributes
    ----------
    rows : int
    largest : float
        The largest difference of a probability, or of a predicted value in its units.
    changed : float or None
        The share of rows that get another class; None where there are no classes.
    score, score_before : float or None
        Accuracy, or R² of values, of the code and of the model; None if the true answers were not given.
    """

    rows: int
    largest: float
    changed: float | None = None
    score: float | None = None
    score_before: float | None = None


@dataclass(frozen=True)
class CSource:
    """What was written.

    Attributes
    ----------
    source, header : Path
    prefix : str
        What public names begin with.
    constants : int
        Bytes of all tables.
    stack : int
        Bytes of arrays that a prediction lays on the stack.
    quantized : bool
        Whether weights are of one byte.
    fields : tuple of (str, str, str)
        Of each field of the input its name, the column, and what it holds.
    answers : tuple of (str, int)
        Of each field of the output its name and how many numbers it has.
    deviation : Deviation or None
        None if no rows were given.
    """

    source: Path
    header: Path
    prefix: str
    constants: int
    stack: int
    quantized: bool
    fields: tuple[tuple[str, str, str], ...]
    answers: tuple[tuple[str, int], ...]
    deviation: Deviation | None = None


def to_c(
    model: Any,
    path: str | os.PathLike[str],
    X: Any = None,
    y: npt.ArrayLike | None = None,
    *,
    quantize: bool = False,
    coverage: float = 0.9,
) -> CSource:
    """Write a model as plain C: a source file, and the header beside it.

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
        Rows, and perhaps the true answers, to measure how far the code is from the model: see :class:`Deviation`.
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
    path = Path(path)
    if path.suffix != ".c":
        raise InputError("A file of C code must end in .c", str(path), f"Write to {path.with_suffix('.c').name}")
    graph = model_graph(_in_single_precision(model), coverage=coverage)
    quantized = weights_of(graph) if quantize else set()
    deviation = None if X is None else _deviation(model, dequantized(graph, quantized), X, y)
    return replace(write_files(graph, path, quantized), deviation=deviation)


def write_files(graph: Graph, path: Path, quantized: Set[Node] = frozenset()) -> CSource:
    """Both files of a graph.

    Parameters
    ----------
    graph : Graph
    path : Path
        Of the source file.
    quantized : set of Node
        Constants that are weights of one byte.
    """
    header = path.with_suffix(".h")
    program = write_program(recognized(graph), identifier(path.stem, "model"), quantized)
    for file, text in ((path, source_text(program, header.name)), (header, header_text(program, header.name))):
        with replacing(file) as written:
            written.write(text.encode())
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
    """The same model with float32 in the place of float64; anything else as it is."""
    if isinstance(model, NeuralNetwork):
        return _single_network(model)
    if not hasattr(model, "networks_"):
        return model
    single = copy.copy(model)
    single.encoder_ = copy.copy(model.encoder_)
    single.encoder_.dtype = np.dtype(np.float32)
    single.networks_ = [_single_network(network) for network in model.networks_]
    return single


def _single_network(network: NeuralNetwork) -> NeuralNetwork:
    return NeuralNetwork.with_numbers(
        *(network.inputs, network.layers, network.loss),
        *(network.parameters.astype(np.float32), network.statistics.astype(np.float32)),
        members=network.members,
        seed=network.seed,
        engine=network.engine,
    )


def _deviation(model: Any, graph: Graph, X: Any, y: Any) -> Deviation:
    """What the graph, with its weights as the code has them, answers beside the model."""
    if isinstance(model, NeuralNetwork):
        answers = evaluate(graph, {graph.inputs[0].name: model.check_inputs(X).astype(np.float32)})
        return Deviation(len(answers["answer"]), _largest(answers["answer"], model.predict(X)))
    answers = evaluate(graph, graph_inputs(model.encoder_, X))
    name = next(name for name in ANSWERS if name in answers)
    ask = {"probabilities": "predict_proba", "scores": "decision_function"}.get(name, "predict")
    largest = _largest(answers[name], getattr(model, ask)(X))
    if "label" not in answers:
        scores = (None, None) if y is None else (_r2(answers[name], y), _r2(model.predict(X), y))
        return Deviation(len(answers[name]), largest, None, *scores)
    # classes by their text: those of the graph may be of another type
    here, there = (np.asarray(labels).astype(str) for labels in (answers["label"], model.predict(X)))
    here, there = here.reshape(len(here), -1), there.reshape(len(there), -1)
    changed = float((here != there).any(axis=1).mean())
    if y is None:
        return Deviation(len(here), largest, changed)
    true = np.asarray(y).astype(str).reshape(len(here), -1)
    return Deviation(
        len(here), largest, changed, float((here == true).all(axis=1).mean()), float((there == true).all(axis=1).mean())
    )


def _largest(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a).reshape(-1) - np.asarray(b).reshape(-1)).max())


def _r2(values: Any, y: Any) -> float | None:
    from sklearn.metrics import r2_score

    values, true = np.asarray(values), np.asarray(y)
    return float(r2_score(true, values)) if values.size == true.size else None
