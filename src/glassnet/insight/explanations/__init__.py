"""Explanations: what each column of a row adds to its answer, in numbers, words and a picture."""

from glassnet.insight.explanations.answer import has_slopes
from glassnet.insight.explanations.explain import explain, input_gradients
from glassnet.insight.explanations.explanation import Explanation

__all__ = ["Explanation", "explain", "has_slopes", "input_gradients"]
