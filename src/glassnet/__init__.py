"""Neural networks that you can see through, as fast as the machine allows.

Everything public is reachable from here; each name loads its room at first use, so that ``import glassnet`` is quick.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

TYPE_CHECKING = False  # as in `typing`, whose import takes longer than all the rest of this
if TYPE_CHECKING:
    from typing import Any

    from glassnet.api.estimators import NeuralClassifier as NeuralClassifier
    from glassnet.api.estimators import NeuralRegressor as NeuralRegressor
    from glassnet.api.models import from_sklearn as from_sklearn
    from glassnet.api.models import load as load
    from glassnet.distributed.rounds import Rounds as Rounds
    from glassnet.exchange import from_keras as from_keras
    from glassnet.exchange import from_onnx as from_onnx
    from glassnet.exchange import from_torch as from_torch
    from glassnet.exchange import save as save
    from glassnet.exchange import to_keras as to_keras
    from glassnet.exchange import to_torch as to_torch
    from glassnet.exchange.c import CSource as CSource
    from glassnet.exchange.c import to_c as to_c
    from glassnet.exchange.model_card import card as card
    from glassnet.exchange.onnx import to_onnx as to_onnx
    from glassnet.exchange.page import to_html as to_html
    from glassnet.exchange.page import to_javascript as to_javascript
    from glassnet.exchange.python import to_python as to_python
    from glassnet.formulas.activations import Activation as Activation
    from glassnet.formulas.loss import Loss as Loss
    from glassnet.formulas.optimizer import Optimizer as Optimizer
    from glassnet.formulas.schedules import Schedule as Schedule
    from glassnet.insight import plots as plots
    from glassnet.insight.doctor import Diagnosis as Diagnosis
    from glassnet.insight.doctor import Doctor as Doctor
    from glassnet.insight.doctor import Finding as Finding
    from glassnet.insight.doctor import diagnose as diagnose
    from glassnet.insight.explanation import Explanation as Explanation
    from glassnet.insight.gradient_check import GradientCheck as GradientCheck
    from glassnet.insight.gradient_check import check_gradients as check_gradients
    from glassnet.insight.importances import Importances as Importances
    from glassnet.insight.importances import importances as importances
    from glassnet.insight.integrated_gradients import explain as explain
    from glassnet.insight.integrated_gradients import input_gradients as input_gradients
    from glassnet.insight.learning_rate import LearningRateCurve as LearningRateCurve
    from glassnet.insight.learning_rate import find_learning_rate as find_learning_rate
    from glassnet.insight.partial_dependence import PartialDependence as PartialDependence
    from glassnet.insight.partial_dependence import partial_dependence as partial_dependence
    from glassnet.insight.recorder import Recorder as Recorder
    from glassnet.insight.report import report as report
    from glassnet.insight.strongest_words import StrongestWords as StrongestWords
    from glassnet.insight.strongest_words import strongest_words as strongest_words
    from glassnet.insight.tracking import MLflow as MLflow
    from glassnet.insight.tracking import TensorBoard as TensorBoard
    from glassnet.layers import Activate as Activate
    from glassnet.layers import BatchNorm as BatchNorm
    from glassnet.layers import Blend as Blend
    from glassnet.layers import Copies as Copies
    from glassnet.layers import Dense as Dense
    from glassnet.layers import Dropout as Dropout
    from glassnet.layers import Embedding as Embedding
    from glassnet.layers import LayerNorm as LayerNorm
    from glassnet.layers import MemberDense as MemberDense
    from glassnet.layers import PeriodicEmbedding as PeriodicEmbedding
    from glassnet.layers import PiecewiseLinearEmbedding as PiecewiseLinearEmbedding
    from glassnet.layers import Residual as Residual
    from glassnet.layers import RMSNorm as RMSNorm
    from glassnet.layers import Scale as Scale
    from glassnet.network import NeuralNetwork as NeuralNetwork
    from glassnet.network.neuron import Neuron as Neuron
    from glassnet.support.set_language import set_language as set_language
    from glassnet.tables import TableEncoder as TableEncoder
    from glassnet.training import Callback as Callback
    from glassnet.training import Checkpoint as Checkpoint
    from glassnet.training import History as History
    from glassnet.training import Trainer as Trainer
    from glassnet.training.progress_display import LiveView as LiveView
    from glassnet.tuning import SearchResult as SearchResult
    from glassnet.tuning.search import search as search

_ROOMS = {
    "glassnet.api.estimators": ("NeuralClassifier", "NeuralRegressor"),
    "glassnet.api.models": ("from_sklearn", "load"),
    "glassnet.exchange": (*("from_keras", "from_onnx", "from_torch", "save", "to_keras", "to_torch"),),
    "glassnet.exchange.model_card": ("card",),
    "glassnet.exchange.c": ("CSource", "to_c"),
    "glassnet.exchange.onnx": ("to_onnx",),
    "glassnet.exchange.page": ("to_html", "to_javascript"),
    "glassnet.exchange.python": ("to_python",),
    "glassnet.formulas.activations": ("Activation",),
    "glassnet.formulas.loss": ("Loss",),
    "glassnet.formulas.optimizer": ("Optimizer",),
    "glassnet.formulas.schedules": ("Schedule",),
    "glassnet.insight": ("plots",),
    "glassnet.insight.recorder": ("Recorder",),
    "glassnet.insight.explanation": ("Explanation",),
    "glassnet.insight.integrated_gradients": ("explain", "input_gradients"),
    "glassnet.insight.importances": ("Importances", "importances"),
    "glassnet.insight.partial_dependence": ("PartialDependence", "partial_dependence"),
    "glassnet.insight.strongest_words": ("StrongestWords", "strongest_words"),
    "glassnet.insight.gradient_check": ("GradientCheck", "check_gradients"),
    "glassnet.insight.learning_rate": ("LearningRateCurve", "find_learning_rate"),
    "glassnet.training.progress_display": ("LiveView",),
    "glassnet.insight.tracking": ("MLflow", "TensorBoard"),
    "glassnet.insight.report": ("report",),
    "glassnet.insight.doctor": ("Diagnosis", "Doctor", "Finding", "diagnose"),
    "glassnet.support.set_language": ("set_language",),
    "glassnet.layers": (
        *("Activate", "BatchNorm", "Blend", "Copies", "Dense", "Dropout", "Embedding", "LayerNorm"),
        *("MemberDense", "PeriodicEmbedding", "PiecewiseLinearEmbedding", "Residual", "RMSNorm", "Scale"),
    ),
    "glassnet.network": ("NeuralNetwork",),
    "glassnet.network.neuron": ("Neuron",),
    "glassnet.tables": ("TableEncoder",),
    "glassnet.distributed.rounds": ("Rounds",),
    "glassnet.training": ("Callback", "Checkpoint", "History", "Trainer"),
    "glassnet.tuning": ("SearchResult", "search"),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'glassnet' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
