"""Every public callable with arguments that it takes, so that one after the other can be replaced by what it does not.

The callables and their options are found by introspection; what is written here is what introspection cannot know:
valid values for the arguments that must be given, objects to call methods of, and which callables are no doors.
"""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

import glassnet
from glassnet import plots

__all__ = ["Door", "doors"]

ROWS = 40

MADE_BY_GLASSNET = (
    *("CSource", "Diagnosis", "Explanation", "Finding", "GradientCheck", "Importances", "LearningRateCurve"),
    *("PartialDependence", "SearchResult"),
)
"""Classes that nobody constructs: they are what calls give back."""
TAKES_ANOTHER_LIBRARY = ("from_keras", "from_torch", "to_keras", "to_torch", "MLflow")
"""What they are handed comes of a library that the tests of every day do not have."""
NO_OPTIONS = ("Callback",)
"""A base to inherit from."""
OF_ENGINES = (
    *("forward", "backward", "outputs", "parameters", "statistics", "update_statistics", "adapt", "inside", "share"),
    *("split", "rows", "pieces", "pieces_backward", "treated", "inputs_each", "raw_outputs", "evaluate"),
    *(
        "with_numbers",
        "remade",
        "from_state",
        "to_state",
        "hear",
        "updater",
        "check_data",
        "check_inputs",
        "check_answers",
        *("end", "put_back", "fit_rows", "adapt_to"),
    ),
)
"""What one part of glassnet asks another, with arguments that were looked at before."""


@cache
def _made() -> SimpleNamespace:
    """What the doors are opened with; made once."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, 2)).astype("float32")
    classes, y = (X[:, 0] > 0).astype(int), X[:, 0]
    plain = {"epochs": 1, "preset": "mlp", "hidden_layers": 2, "engine": "reference", "early_stopping": False}
    recorder = glassnet.Recorder(path=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        classifier = glassnet.NeuralClassifier(**plain, callbacks=[recorder], random_state=0).fit(X, classes)
        regressor = glassnet.NeuralRegressor(**plain, random_state=0).fit(X, y)
        bands = glassnet.NeuralRegressor(**plain, loss="quantile((0.1, 0.5, 0.9))", random_state=0).fit(X, y)
    classifier.conformalize(X, classes)
    regressor.conformalize(X, y)
    network = glassnet.NeuralNetwork(2, ["tanh:2", 1], engine="reference")
    scores = glassnet.NeuralNetwork(2, ["tanh:2", 2], loss="cross_entropy", engine="reference")
    history = glassnet.Trainer(epochs=2).fit(network, X, y)
    return SimpleNamespace(
        X=X, y=y, classes=classes, plain=plain, recorder=recorder, classifier=classifier, regressor=regressor,
        bands=bands, network=network, scores=scores, neuron=glassnet.Neuron(2),
        history=history, encoder=glassnet.TableEncoder().fit(X),
    )  # fmt: skip


@dataclass(frozen=True)
class Door:
    """A public callable, and the names of its options."""

    name: str
    function: Callable[..., Any]
    needed: Callable[[], Mapping[str, Any]]

    @property
    def options(self) -> list[str]:
        several = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        parameters = inspect.signature(self.function).parameters.values()
        return [one.name for one in parameters if one.kind not in several and one.name != "self"]

    @property
    def takes_more(self) -> bool:
        """Whether it hands options on, as ``**options``."""
        kinds = [one.kind for one in inspect.signature(self.function).parameters.values()]
        return inspect.Parameter.VAR_KEYWORD in kinds

    def __call__(self, option: str, value: Any) -> object:
        """Call it with what it needs, and this for one option."""
        needed = {name: needed for name, needed in self.needed().items() if name in self.options or self.takes_more}
        return self.function(**{**needed, option: value})


def _needed(name: str) -> dict[str, Any]:
    """Valid values for the arguments that must be given."""
    made, last = _made(), name.rpartition(".")[2]
    scored = {"X": made.X, "y": made.classes, "model": made.classifier}
    own: dict[str, dict[str, Any]] = {
        "Activation": {"name": "own", "function": np.tanh, "derivative": lambda z, a: 1 - a * a},
        "Loss": {"name": "own", "function": lambda o, t: o - t, "derivative": lambda o, t: o * 0 + 1},
        "Optimizer": {"name": "own", "rule": lambda theta, g, alpha: (theta - alpha * g,)},
        "Schedule": {"name": "own", "function": lambda progress: 1.0},
        "Neuron": {"inputs": 2},
        "NeuralNetwork": {"inputs": 2, "layers": ["tanh:2", 1], "engine": "reference"},
        "NeuralClassifier": made.plain,
        "NeuralRegressor": made.plain,
        "TensorBoard": {"folder": "events"},
        "Checkpoint": {"folder": "run"},
        "Activate": {"activation": "relu"},
        "Blend": {"activation": "relu"},
        "Copies": {"members": 2},
        "Dense": {"units": 2},
        "MemberDense": {"units": 2},
        "Dropout": {"rate": 0.5},
        "Embedding": {"levels": (3,)},
        "Residual": {"layers": [glassnet.Dense(2)]},
        "load": {"path": "model.safetensors"},
        "from_onnx": {"path": "model.onnx"},
        "from_sklearn": {"mlp": made.classifier},
        "save": {"model": made.network, "path": "saved"},
        "to_python": {"model": made.network, "path": "saved.py"},
        "to_onnx": {"model": made.network, "path": "saved.onnx"},
        "to_c": {"model": made.network, "path": "saved.c"},
        "to_html": {"model": made.classifier, "path": "saved.html"},
        "to_javascript": {"model": made.classifier, "path": "saved.mjs"},
        "card": {"model": made.classifier, "path": "card.md", "force": True},
        "report": {"model": made.regressor, "X": made.X, "y": made.y, "path": "report.html"},
        "search": {"X": made.X, "y": made.y, "trials": 1, "budget": 2, **made.plain},
        "check_gradients": {"subject": made.network, "X": made.X, "y": made.y},
        "find_learning_rate": {"model": made.network, "X": made.X, "y": made.y, "steps": 20},
        "diagnose": {"model": made.regressor},
        "explain": {"model": made.classifier, "X": made.X[:3]},
        "input_gradients": {"model": made.classifier, "X": made.X[:3]},
        "importances": {**scored, "repeats": 1},
        "partial_dependence": {"model": made.classifier, "X": made.X, "column": 0, "points": 3},
        "strongest_words": {"model": made.classifier, "X": made.X},
        "plots.svg": {"ax": plots.training_curves(made.history)} if name == "plots.svg" else {},
        "plots.neuron_line": {"neuron": made.neuron, "X": made.X},
        "plots.over_time": {"recorder": made.recorder},
        "plots.quantile_bands": {"model": made.bands, "X": made.X[:, :1] @ np.ones((1, 2), "f4"), "y": made.y},
        "plots.residuals": {"model": made.regressor, "X": made.X, "y": made.y},
        "plots.decision_boundary": {"model": made.classifier, "X": made.X},
        "plots.loss_surface": {**scored, "recorder": made.recorder, "points": 5},
        "plots.training_curves": {"model": made.classifier},
        "plots.summary": {"model": made.network},
    }
    if name in own:
        return own[name]
    if name.startswith("plots."):
        return scored
    subject, _, _ = name.partition(".")
    y = made.classes if subject == "classifier" else made.y
    by_method: dict[str, dict[str, Any]] = {
        "card": {"path": "card.md", "force": True},
        "importances": {"X": made.X, "y": y, "repeats": 1},
        "partial_dependence": {"X": made.X, "column": 0, "points": 3},
        "strongest_words": {"X": made.X},
        "report": {"path": "report.html", "X": made.X, "y": y},
        "prune": {"members": 1, "X": made.X, "y": y},
        "to_python": {"path": "saved.py"},
        "to_onnx": {"path": "saved.onnx"},
        "to_c": {"path": "saved.c"},
        "to_html": {"path": "saved.html"},
        "to_javascript": {"path": "saved.mjs"},
        "from_network": {"network": made.scores if subject == "classifier" else made.network},
        "diagnose": {},
        "train": {"X": made.X, "y": y, "epochs": 1},
        "update": {"X": made.X, "y": y},
        "summary": {"kind": "weights", "layer": "1"} if subject == "recorder" else {},
        "plot": {},
        "words": {},
        "inverse_transform": {"matrix": made.encoder.transform(made.X)},
        "fit": {"network": made.network, "X": made.X, "y": made.y} if subject == "trainer" else {"X": made.X, "y": y},
        "from_dict": {"data": made.history.to_dict()},
    }
    taken = {"X": made.X, "y": y}
    if last in by_method:
        return by_method[last]
    return taken


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in glassnet.__all__:
        public = getattr(glassnet, name)
        if name in (*MADE_BY_GLASSNET, *TAKES_ANOTHER_LIBRARY, *NO_OPTIONS) or not callable(public):
            continue
        if name in ("NeuralClassifier", "NeuralRegressor"):
            yield name, _fitted(public)
        elif name == "Trainer":
            yield name, _trained
        else:
            yield name, public
    for name in plots.__all__:
        yield f"plots.{name}", getattr(plots, name)
    made = _made()
    subjects = {
        "classifier": made.classifier,
        "regressor": made.regressor,
        "network": made.network,
        "neuron": made.neuron,
        "trainer": glassnet.Trainer(epochs=1),
        "recorder": made.recorder,
        "history": made.history,
        "encoder": glassnet.TableEncoder().fit(made.X),
        "explanation": glassnet.explain(made.classifier, made.X[:3]),
        "importances": glassnet.importances(made.classifier, made.X, made.classes, repeats=1),
        "dependence": glassnet.partial_dependence(made.classifier, made.X, 0, points=3),
        "diagnosis": glassnet.diagnose(made.classifier),
        "gradients": glassnet.check_gradients(made.network, made.X, made.y),
        "rates": glassnet.find_learning_rate(made.network, made.X, made.y, steps=20),
    }
    for subject, thing in subjects.items():
        for method in dir(type(thing)):
            hidden = method.startswith(("_", "on_")) or method.endswith("_request")
            function = getattr(thing, method, None)
            if hidden or not callable(function) or method in OF_ENGINES:
                continue
            if not str(getattr(function, "__module__", "")).startswith("sklearn."):
                yield f"{subject}.{method}", _method(thing, method)


def _method(thing: Any, name: str) -> Callable[..., Any]:
    """A method of a copy: what one call learns, no other sees."""

    def call(**options: Any) -> Any:
        return getattr(copy.copy(thing), name)(**options)

    call.__signature__ = inspect.signature(getattr(thing, name))  # type: ignore[attr-defined]
    return call


def _fitted(kind: type[Any]) -> Callable[..., Any]:
    """An estimator looks at its options in ``fit``."""

    def fit(**options: Any) -> Any:
        made = _made()
        return kind(**options).fit(made.X, made.classes if kind is glassnet.NeuralClassifier else made.y)

    fit.__signature__ = inspect.signature(kind)  # type: ignore[attr-defined]
    return fit


def _trained(**options: Any) -> Any:
    """So does a trainer."""
    made = _made()
    return glassnet.Trainer(**{"epochs": 1, **options}).fit(made.network.copy(), made.X, made.y)


_trained.__signature__ = inspect.signature(glassnet.Trainer)  # type: ignore[attr-defined]


@cache
def doors() -> dict[str, Door]:
    """Every public callable by name."""
    return {name: Door(name, function, lambda name=name: _needed(name)) for name, function in _functions()}
