"""The search for a learning rate: one run in which it grows until the loss explodes."""

from glassnet.insight.learning_rate.find import find_learning_rate
from glassnet.insight.learning_rate.result import LearningRateCurve

__all__ = ["LearningRateCurve", "find_learning_rate"]
