"""Answers as they go out: the same columns and the same digits in every form."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.errors import InputError, InputTypeError
from glassnet.insight.predicted import Predicted
from glassnet.layers.base import Array
from glassnet.support.language import Language
from glassnet.support.phrases import error_in_words
from glassnet.tables.records import RowError

ERROR = "error"
"""What is wrong with a row, in the place of its answer."""


def answer_rows(predicted: Predicted) -> list[dict[str, Any]]:
    """Each row's answer under the names that it has in a table.

    Examples
    --------
    >>> answer_rows(Predicted(np.array(["no"]), np.array([[0.9, 0.1]], np.float32), np.array(["no", "yes"])))
    [{'prediction': 'no', 'probability_no': 0.9, 'probability_yes': 0.1}]
    """
    columns = {name: _plain(values) for name, values in predicted.columns().items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def error_words(error: InputError | InputTypeError, language: Language) -> str:
    """What is wrong with a row, in the reader's language: all of its faults, one after another."""
    faults = error.faults if isinstance(error, RowError) else (str(error),)
    said = [error_in_words(fault, language) for fault in faults]
    return " ".join(said).replace("。 ", "。")


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Strict JSON in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a character, as "\\ud800" is one
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def _plain(values: Array) -> list[Any]:
    """Python's values; a number of single precision with the fewest digits that tell it, as in a CSV file."""
    if values.dtype.kind != "f":
        plain: list[Any] = values.tolist()
        return plain
    numbers = map(float, map(str, values)) if values.dtype == np.float32 else values.tolist()
    return [number if math.isfinite(number) else None for number in numbers]
