"""Predictions as columns of a table."""

from __future__ import annotations

import re

from glassnet.errors import InputError
from glassnet.insight.predicted import Predicted
from glassnet.tables.sources import pl

FORMULA = r"^[=+\-@\t\r\n]"
"""How text begins that a spreadsheet takes for a formula. Source: OWASP, *CSV Injection*."""


def prediction_table(predicted: Predicted, ids: pl.DataFrame) -> pl.DataFrame:
    """The names of the rows, the prediction, and the probability of each class or what else there is, as a table.

    Raises
    ------
    InputError
        If a name of rows is called like one of the other columns.
    """
    columns = {name: pl.Series(values) for name, values in predicted.columns().items()}
    for name in ids.columns:
        if name in columns:
            raise InputError(
                "An identifier column must not have the name of a prediction column", repr(name), "Rename it"
            )
    return pl.DataFrame({name: ids[name] for name in ids.columns} | columns)


def without_formulas(table: pl.DataFrame) -> pl.DataFrame:
    """The same with an apostrophe before text, and before names of columns, that a spreadsheet would compute.

    Examples
    --------
    >>> import polars as pl
    >>> without_formulas(pl.DataFrame({"name": ["=1+1", "Ann", "-1"], "debt": [-1, 2, 3]})).rows()
    [("'=1+1", -1), ('Ann', 2), ('-1', 3)]
    """

    def guarded(text: pl.Series) -> pl.Series:
        computed = text.str.contains(FORMULA) & text.cast(pl.Float64, strict=False).is_null()  # -1 is a number
        return text.zip_with(~computed.fill_null(False), "'" + text)

    texts = [guarded(column) for column in table if column.dtype == pl.String]
    return table.with_columns(texts).rename(lambda name: f"'{name}" if re.match(FORMULA, name) else name)
