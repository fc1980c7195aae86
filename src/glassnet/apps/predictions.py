"""Predictions as columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glassnet.errors import InputError
from glassnet.insight.predicted import Predicted

if TYPE_CHECKING:
    import polars as pl

__all__ = ["prediction_table"]


def prediction_table(predicted: Predicted, ids: pl.DataFrame) -> pl.DataFrame:
    """The names of the rows, the prediction, and the probability of each class or what else there is, as a table.

    Raises
    ------
    InputError
        If a name of rows is called like one of the other columns.
    """
    import polars as pl

    columns = {"prediction": pl.Series(predicted.values)}
    if predicted.probabilities is not None and predicted.classes is not None:
        for place, name in enumerate(predicted.classes):
            columns[f"probability_{name}"] = pl.Series(predicted.probabilities[:, place])
    columns |= {name: pl.Series(values) for name, values in predicted.more.items()}
    for name in ids.columns:
        if name in columns:
            raise InputError("A column that names rows must not be called like a prediction", repr(name), "Rename it")
    return pl.DataFrame({name: ids[name] for name in ids.columns} | columns)
