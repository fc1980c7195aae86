"""What an encoder has learned, as those ask for it who read it: names, counts, and a description of the columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.support.language import Lines
from glassnet.support.option_names import methods_suggest_options
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.description import ColumnDescription, describe_columns, print_columns


@methods_suggest_options
class Learned:
    """Of a fitted encoder, whose `plan` says what is done to each column."""

    plan: Any

    @property
    def feature_names_in(self) -> list[str]:
        """Names of the input columns; "x0", "x1", ... if the training table had none."""
        return list(self.plan.names)

    @property
    def n_features_in(self) -> int:
        """Number of input columns."""
        return len(self.plan.names)

    @property
    def feature_names_out(self) -> list[str]:
        """Names of the output columns."""
        return [name for _, name in self.plan.outputs]

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the output columns, as an array."""
        return np.array(self.feature_names_out, dtype=object)

    @property
    def sources(self) -> npt.NDArray[np.intp]:
        """For each output column the position of the input column it comes from."""
        return np.array([source for source, _ in self.plan.outputs], dtype=np.intp)

    @property
    def n_outputs(self) -> int:
        """Number of output columns."""
        return self.plan.width

    @property
    def numbers(self) -> int:
        """Number of output columns that are numbers: the first ones."""
        return self.plan.numbers.values

    @property
    def coded_levels(self) -> list[int]:
        """For each output column of codes, the last ones, how many codes it has beside 0."""
        return [c.codes_in_use for c in self.plan.others if isinstance(c, CategoryColumn) and c.coded]

    @property
    def codes_of_others(self) -> list[int]:
        """For each of them the code that levels without one of their own share; 0 where each level has its own."""
        coded = (c for c in self.plan.others if isinstance(c, CategoryColumn) and c.coded)
        return [len(column.levels) + 1 if column.other else 0 for column in coded]

    @property
    def columns(self) -> list[ColumnDescription]:
        """How each input column is encoded."""
        return describe_columns(self.plan)

    def describe(self) -> str:
        """Return a readable table of how each input column is encoded.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> print(TableEncoder().fit([[1, "a"], [3, "b"]]).describe())
        column  kind      outputs  encoding
        x0      number    1        minus 2, divided by 1
        x1      category  1        -1 for 'a', +1 for 'b'
        """
        return Lines(print_columns(self.columns))
