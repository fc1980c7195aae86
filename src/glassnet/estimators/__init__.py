"""The core of the estimators for scikit-learn: a table in, predictions out; see :mod:`glassnet.api`."""

from glassnet.estimators.classifier import Classifier
from glassnet.estimators.presets import PRESETS
from glassnet.estimators.regressor import Regressor

__all__ = ["PRESETS", "Classifier", "Regressor"]
