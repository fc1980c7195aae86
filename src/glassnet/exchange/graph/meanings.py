"""What the inputs and outputs of a graph mean, for people who read an exported file."""

from __future__ import annotations

from typing import Final

KINDS: Final = {
    "number": "number",
    "boolean": "1 (true) or 0 (false)",
    "duration": "seconds",
    "time": "seconds since midnight",
    "date": "days since 1970-01-01",
    "datetime": "microseconds since 1970-01-01 00:00 UTC",
    "category": "text",
    "matrix": "numbers, in the order of the columns",
}
"""What a graph takes, by what the column holds."""
ANSWERS: Final = {
    "label": "the class",
    "probabilities": "the probability of each class, in the order of {classes}",
    "scores": "a score of each class, or of the second of two",
    "set": "whether each class is in the set that holds the true one as often as promised",
    "value": "the predicted number",
    "quantiles": "the predicted quantiles, in the order of the levels of the loss",
    "deviation": "the standard deviation of the prediction",
    "lower": "the lower end of the interval that holds the number as often as promised",
    "upper": "the upper end of that interval",
    "answer": "what the outputs of the network mean: probabilities, rates or values",
}
"""What it answers."""
