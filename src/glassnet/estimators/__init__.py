"""Estimators for scikit-learn: a table in, predictions out."""

from glassnet.estimators.classifier import NeuralClassifier
from glassnet.estimators.presets import PRESETS
from glassnet.estimators.regressor import NeuralRegressor

__all__ = ["PRESETS", "NeuralClassifier", "NeuralRegressor"]
