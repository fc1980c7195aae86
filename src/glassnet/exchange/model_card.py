"""The facts of a model as plain data, for its card and for other programs."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.utils.validation import check_is_fitted

import glassnet
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.ensemble import kinds_in_words
from glassnet.exchange.card_text import page
from glassnet.exchange.files.estimator_state import options_to_plain
from glassnet.exchange.files.model_file import KINDS, is_public
from glassnet.insight.bootstrap import resample
from glassnet.insight.predictions import predict_rows
from glassnet.insight.scores import CLASSIFICATION, REGRESSION, score
from glassnet.insight.strongest_words import strongest_words
from glassnet.layers import NgramLinear
from glassnet.support.atomic_write import atomic_write
from glassnet.support.coercion import rows_of
from glassnet.support.language import LANGUAGES, Text, check_language
from glassnet.support.messages import of_shape
from glassnet.support.options import File, Flag, String, checked

METRICS = tuple(metric.key for metric in (*CLASSIFICATION, *REGRESSION))
NETWORK = "network"


def facts(model: Any, test_data: tuple[Any, ...] | None = None) -> dict[str, Any]:
    """Everything that is known of a fitted model, as strict JSON.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Fitted. What ``glassnet train`` noted in ``notes_`` is used: the target's name, scores, intervals
        and the next step.
    test_data : (X, y) or (X, y, sample_weight), optional
        Rows that it has not learned from: it is scored on them, with intervals.

    Returns
    -------
    dict
        ``kind``, ``task``, ``target``, ``classes``, ``costs`` (of each prediction for each true class), ``columns``
        (the encoding of each), ``network``, ``kinds`` (of members), ``settings``, ``training``,
        ``data`` (the rows that were learned from, in figures), ``evaluation``
        (with ``rows``, ``scores`` by model and metric, ``intervals`` of the network's, and ``next_step`` by language),
        ``words`` (of columns of text the strongest words for each class in `test_data`), ``temperature``,
        ``conformal_rows``, ``versions``; None where nothing is known.

    Raises
    ------
    InputError, InputTypeError
        If it is no such model, or the rows do not fit it.
    NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = glassnet.NeuralClassifier(hidden_layers=8, epochs=5, random_state=0).fit(X[::2], y[::2])
    >>> known = facts(model, (X[1::2], y[1::2]))
    >>> known["task"], known["data"]["rows"], known["evaluation"]["rows"], known["classes"]
    ('classification', 75, 75, [0, 1, 2])
    """
    kind = type(model).__name__
    if not is_public(model):
        raise InputTypeError(
            Text("A model with a card must be one of: {choices}", choices=", ".join(KINDS)),
            kind,
            "Pass the model inside it",
        )
    if kind == "NeuralNetwork":
        if test_data is not None:
            raise InputError("Scores in a model card need a classifier or a regressor", kind, "Omit `test_data`")
        return _blank() | {"kind": kind, "network": _network(model, 1)}
    check_is_fitted(model)
    notes, network = model.notes_, model.network_
    target = notes.get("target")
    return _blank() | {
        "kind": kind,
        "task": "classification" if hasattr(model, "classes_") else "regression",
        "target": target if isinstance(target, str) else None,
        "classes": _classes(model),
        "positive": getattr(model, "positive_", None),
        "threshold": getattr(model, "decision_threshold_", None),
        "chosen_for": getattr(model.targets_, "chosen_for", None),
        "costs": None if (costs := getattr(model.targets_, "costs", None)) is None else costs.tolist(),
        "columns": [
            {"name": column.name, "kind": column.kind, "inputs": column.inputs, "action": column.action}
            for column in model.encoder_.columns
        ],
        "network": _network(network, len(model.networks_)),
        "kinds": [
            {
                "settings": kind.settings,
                "networks": kind.members,
                "weight": kind.share,
                "parameters": sum(model.networks_[kind.first].sizes),
            }
            for kind in kinds_in_words(model.settings_, model.weights_)
        ],
        "settings": options_to_plain(model.settings_),
        "training": [
            {"epochs": len(history), "best_epoch": history.best_epoch, "ended": history.ended}
            for history in model.histories_
        ],
        "data": None if model.data_ is None else model.data_.to_plain(),
        "evaluation": _noted(notes) if test_data is None else _measured(model, test_data),
        "words": None if test_data is None or not model.encoder_.texts else _words(model, test_data),
        "temperature": model.temperature_ if network.loss.response in ("sigmoid", "softmax") else None,
        "conformal_rows": None if model.conformal_ is None else len(model.conformal_),
    }


def _blank() -> dict[str, Any]:
    """Every fact, unknown, but for the versions."""
    names = (
        *("kind", "task", "target", "classes", "positive", "threshold", "chosen_for", "costs", "columns"),
        *("network", "kinds", "settings"),
    )
    versions = {
        "glassnet": glassnet.__version__,
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "python": platform.python_version(),
    }
    more = ("training", "data", "evaluation", "words", "temperature", "conformal_rows")
    return dict.fromkeys((*names, *more)) | {"versions": versions}


def _network(network: Any, networks: int) -> dict[str, Any]:
    return {
        "inputs": network.inputs,
        "outputs": network.outputs,
        "layers": [repr(layer) for layer in network.layers if not isinstance(layer, NgramLinear)],
        "ngrams": network.layout.ngrams,
        "loss": str(network.loss),
        "parameters": sum(network.sizes),
        "networks": networks,
        "members": network.members,
        "dtype": network.dtype.name,
    }


def _classes(model: Any) -> list[Any] | None:
    classes = getattr(model, "classes_", None)
    if classes is None:
        return None
    return [each.tolist() for each in classes] if isinstance(classes, list) else list(classes.tolist())


def _noted(notes: Mapping[str, Any]) -> dict[str, Any] | None:
    """The scores that training left in the notes, which anyone may have written."""
    scores = {name: _numbers(found) for name, found in _mapping(notes.get("scores")).items()}
    if not any(scores.values()):
        return None
    rows, ends = notes.get("test_rows"), _mapping(notes.get("intervals"))
    intervals = {
        metric: [float(end) for end in pair]
        for metric, pair in ends.items()
        if metric in METRICS and isinstance(pair, list) and len(pair) == 2 and all(map(_is_number, pair))
    }
    told = _mapping(notes.get("next_step"))
    step = {language: str(told[language]) for language in LANGUAGES if language in told} or None
    return {"rows": rows if type(rows) is int else None, "scores": scores, "intervals": intervals, "next_step": step}


def _measured(model: Any, test_data: Any) -> dict[str, Any]:
    """Scores on rows that were not learned from, and how sure they are."""
    X, y, weight = model._check_rows(*rows_of("`test_data`", test_data))
    model.targets_.encode(y)
    if y.ndim != 1:
        raise InputError("Scores in a model card need one target per row", of_shape(y.shape), "Omit `test_data`")
    predicted = predict_rows(model, X)
    drawn = resample(y, {NETWORK: predicted}, weight)
    scores, intervals = score(y, predicted, weight, getattr(model, "positive_", None)), {}
    for metric in scores:
        if (interval := drawn.interval(NETWORK, metric)) is not None:
            intervals[metric] = [interval.low, interval.high]
    return {"rows": len(y), "scores": {NETWORK: scores}, "intervals": intervals, "next_step": None}


def _words(model: Any, test_data: Any) -> list[dict[str, Any]]:
    """The strongest words of each column of text and class in rows that were not learned from."""
    X, *_ = model._check_rows(*rows_of("`test_data`", test_data))
    return [
        {"column": group.column, "of": np.asarray(group.of).item(), "words": [word._asdict() for word in group.words]}
        for group in strongest_words(model, X).groups
    ]


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _numbers(found: Any) -> dict[str, float]:
    return {name: float(value) for name, value in _mapping(found).items() if name in METRICS and _is_number(value)}


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


@checked(
    path=File('For example "README.md"'),
    name=String(),
    model_file=String(),
    force=Flag("True overwrites an existing file"),
)
def card(
    model: Any,
    path: str | os.PathLike[str],
    *,
    test_data: tuple[Any, ...] | None = None,
    name: str = "",
    model_file: str = "model.safetensors",
    language: str | None = None,
    force: bool = False,
) -> Path:
    """Write a model card in the format of Hugging Face: what the model is, what it was trained on, how good it is.

    It is filled in from the model. Facts that only a person can know (its intended and its excluded uses) are
    marked, to be filled in by one.

    Parameters
    ----------
    model : NeuralClassifier, NeuralRegressor or NeuralNetwork
        Fitted.
    path : str or path
        The file, by custom a README.md or one that ends in ".md".
    test_data : (X, y) or (X, y, sample_weight), optional
        Rows that it has not learned from, to score it on. Without, the scores that ``glassnet train`` noted are shown.
    name : str
        What the model is called; the file's name if left out.
    model_file : str
        The file that the card's instructions load.
    language : {"en", "zh"}, optional
    force : bool
        Whether a file that is there may be replaced, with all that was filled in.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError, InputTypeError
        If the model is none, the rows do not fit it, or the file is there already.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = glassnet.NeuralClassifier(hidden_layers=8, epochs=5, random_state=0).fit(X[::2], y[::2])
    >>> written = card(model, getfixture("tmp_path") / "iris.md", test_data=(X[1::2], y[1::2]))
    >>> written.read_text().splitlines()[:2]
    ['---', 'library_name: glassnet']
    """
    spoken, file = check_language(language), Path(path)
    if file.exists() and not force:
        remedy = Text("Choose another; force=True overwrites it, including what was filled in")
        raise InputError("The file of a model card must be new", f"{file}", remedy)
    known = facts(model, test_data)
    text = page(json.loads(json.dumps(known, default=str)), name or file.stem, spoken, model_file)
    with atomic_write(file, "the card") as stream:
        stream.write(text.encode())
    return file
