"""A fitted encoder: the matrix of a table, and back; what it has learned, in words and figures."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from glassnet.display.result import Result
from glassnet.errors import InputError
from glassnet.layers.text_rows import matrix_of
from glassnet.support.coercion import by_rows, coercing
from glassnet.support.language import Language, Lines, Text
from glassnet.support.messages import of_shape
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Flag
from glassnet.tables.coded_numbers import coded_numbers
from glassnet.tables.column_description import ColumnDescription, column_cells, print_columns
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.conversion import as_levels
from glassnet.tables.columns.number_levels import NumberLevels
from glassnet.tables.columns.number_scaling import encode_sparse
from glassnet.tables.containers import is_sparse
from glassnet.tables.encoder_plan import EncoderPlan, are_codes
from glassnet.tables.matched_columns import check_width, open_matched
from glassnet.tables.reading.notation import Notation

if TYPE_CHECKING:
    from glassnet.display.blocks import Block


@methods_suggest_options
class FittedEncoder(Result):
    """What an encoder does once it is fitted; see :class:`glassnet.TableEncoder`.

    Attributes
    ----------
    dtype : NumPy dtype
        Of the matrix.
    max_levels : int
        The most levels of a category that are distinguished.
    """

    dtype: np.dtype[Any]
    max_levels: int
    _plan: EncoderPlan | None

    @property
    def plan(self) -> EncoderPlan:
        """The learned encoding, column by column, for exporters.

        Raises
        ------
        InputError
            If the encoder is not fitted.
        """
        if self._plan is None:
            raise InputError("The encoder must be fitted first", None, "Call fit(X) with the training rows")
        return self._plan

    def transform(self, X: Any) -> Any:
        """Encode rows as a matrix.

        Parameters
        ----------
        X : DataFrame, array-like or sparse array of shape (rows, columns)
            A frame is matched by column names (in any order, more columns are ignored) if the encoder was fitted on
            a frame; anything else by position.

        Returns
        -------
        ndarray of shape (rows, n_outputs), C-contiguous, or CSR array with sorted indices, or TextRows
            Sparse if `X` is sparse and the encoder was fitted on a sparse table; with the n-grams of its texts if the
            training table had columns of text.

        Raises
        ------
        InputError
            If a column is missing, the number of columns differs, or a value does not suit its column.
        InputTypeError
            If `X` is no table, or a column holds lists, structs or the like.
        """
        plan = self.plan
        if is_sparse(X):
            X = by_rows(X)
            if not plan.centred:
                check_width(X.shape[1], plan)
                return encode_sparse(plan.numbers, plan.number_names, X, self.dtype)
            X = X.toarray()
        return plan.encode(*open_matched(X, plan), self.dtype)

    def later_levels(self, X: Any) -> dict[str, Counter[str]]:
        """Return, for each category, how often each level occurs that the training rows did not have.

        Parameters
        ----------
        X : DataFrame, array-like or sparse array of shape (rows, columns)
            As for :meth:`transform`.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> encoder = TableEncoder().fit([["a"], ["b"]])
        >>> encoder.later_levels([["c"], ["b"], ["c"]])
        {'x0': Counter({'c': 2})}
        """
        categories = self.plan.categories
        if not categories:
            return {}
        table, positions = open_matched(X, self.plan)
        cells = (as_levels(table.column(int(positions[column.source])), self.notation) for column in categories)
        found = {column.name: column.later(values) for column, values in zip(categories, cells, strict=True)}
        return {name: levels for name, levels in found.items() if levels}

    def with_levels(self, levels: Mapping[str, Mapping[str, int]]) -> Self:
        """Return the encoder with a further output, or a code, for each level that it does not distinguish yet.

        Of a column with more than `max_levels` of them the most frequent ones.

        Parameters
        ----------
        levels : dict from str to Counter
            As :meth:`later_levels` returns them.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> encoder = TableEncoder().fit([["a"], ["b"]])
        >>> encoder.with_levels(encoder.later_levels([["c"], ["b"]])).transform([["a"], ["c"]]).tolist()
        [[-1.0, 0.0], [0.0, 1.0]]
        """
        return self._with(self.plan.with_levels(levels, self.max_levels))

    def with_number_levels(self, X: Any, targets: npt.NDArray[np.float64], names: Sequence[str] | None = None) -> Self:
        """Return the encoder with codes, too, for the values of number columns that are names.

        Parameters
        ----------
        X : DataFrame or array-like of shape (rows, columns)
            The rows it was fitted on.
        targets : array of shape (rows, outputs)
            For classes, a column for each.
        names : sequence of str or None
            The columns; None: those in which rows of one value are more alike than those of the values next to it.

        Raises
        ------
        InputError
            If the targets are not of that shape, or a column that is named holds no numbers, or never varies.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> rng = np.random.default_rng(0)
        >>> day = rng.integers(100, size=1000)
        >>> encoder = TableEncoder().fit(day[:, None])
        >>> encoder.with_number_levels(day[:, None], rng.normal(size=(100, 1))[day]).feature_names_out
        ['x0', 'x0 (code)']
        """
        return self._with(self.plan.with_number_levels(coded_numbers(self.plan, X, targets, names)))

    def _with(self, plan: EncoderPlan) -> Self:
        other = copy.copy(self)
        other._plan = plan
        return other

    def inverse_transform(self, matrix: Any) -> dict[str, npt.NDArray[Any]]:
        """Decode a matrix into readable columns.

        Parameters
        ----------
        matrix : array-like, sparse array or TextRows of shape (rows, n_outputs)
            As :meth:`transform` returns it.

        Returns
        -------
        dict from str to ndarray of shape (rows,)
            Numbers in their units, levels by name, dates as dates, gaps as NaN, None or NaT where they were marked.
            Columns that never vary, and those of text, are not there.

        Raises
        ------
        InputError
            If `matrix` has another shape or holds NaN or infinity.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> encoder = TableEncoder(dtype="float64").fit([[1, "a"], [3, "b"], [5, None]])
        >>> encoder.inverse_transform(encoder.transform([[3, "b"], [2, None]]))
        {'x0': array([3., 2.]), 'x1': array(['b', None], dtype=object)}
        """
        with coercing("The matrix must be an array of numbers", matrix, "Pass the result of transform"):
            dense = np.asarray(matrix.toarray() if is_sparse(matrix) else matrix_of(matrix), dtype=np.float64)
        if dense.ndim != 2 or dense.shape[1] != self.n_outputs:
            rule = Text("The matrix must have {count} columns, as transform returns it", count=self.n_outputs)
            raise InputError(rule, of_shape(dense.shape), "Pass the result of transform")
        if not np.isfinite(dense).all():
            raise InputError("The matrix must contain neither NaN nor infinity", None, "Pass the result of transform")
        return self.plan.decode(dense)

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
        """Return the names of the output columns, as an array."""
        return np.array(self.feature_names_out, dtype=object)

    @property
    def sources(self) -> npt.NDArray[np.intp]:
        """The position of the input column of each output column."""
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
    def texts(self) -> list[str]:
        """Names of the columns of text."""
        return [column.name for column in self.plan.texts]

    @property
    def ngrams(self) -> int:
        """Number of n-grams of all columns of text together; 0 if there are no such columns."""
        return sum(column.size for column in self.plan.texts)

    @property
    def coded_levels(self) -> list[int]:
        """The number of codes, besides 0, of each output column of codes (the last columns)."""
        return [
            c.codes_in_use for c in self.plan.others if isinstance(c, CategoryColumn | NumberLevels) and are_codes(c)
        ]

    @property
    def codes_of_others(self) -> list[int]:
        """The shared code of rare levels in each of these columns; 0 if each level has its own."""
        coded = filter(are_codes, self.plan.others)
        return [len(c.levels) + 1 if isinstance(c, CategoryColumn) and c.other else 0 for c in coded]

    @property
    def columns(self) -> list[ColumnDescription]:
        """The encoding of each input column."""
        return self.plan.describe()

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

    @property
    def notation(self) -> Notation:
        """The notation of text in columns of numbers and dates, if the training table was read from a file.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> from glassnet.tables.reading.notation import Notation
        >>> encoder = TableEncoder(dtype="float64").fit([[0], [2]])
        >>> encoder.notation = Notation(",")
        >>> encoder.transform([["2,5"], ["1.001"]])
        array([[   1.5],
               [1000. ]])
        """
        return self.plan.notation

    @notation.setter
    def notation(self, notation: Notation) -> None:
        self._plan = replace(self.plan, notation=notation)

    @property
    def absent_as_missing(self) -> bool:
        """Whether columns that a table lacks count as missing values; False at first.

        A name that is misspelt is then an absent column, too. A table that has none of the columns is refused always.

        Examples
        --------
        >>> from glassnet import TableEncoder
        >>> import pandas as pd
        >>> encoder = TableEncoder().fit(pd.DataFrame({"age": [20, 40], "city": ["Bern", "Ulm"]}))
        >>> encoder.absent_as_missing = True
        >>> encoder.transform(pd.DataFrame({"age": [40]}))
        array([[1., 0.]], dtype=float32)
        """
        return self.plan.absent_as_missing

    @absent_as_missing.setter
    def absent_as_missing(self, value: bool) -> None:
        self._plan = replace(self.plan, absent_as_missing=Flag().taken("`absent_as_missing`", value))

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language: of a fitted encoder the table of :meth:`describe`."""
        return repr(self) if self._plan is None else print_columns(self.columns, language)

    def _blocks(self, language: Language) -> list[Block]:
        from glassnet.display.blocks import Paragraph, TableBlock

        if self._plan is None:
            return [Paragraph(repr(self))]
        head, *rows = column_cells(self.columns, language)
        return [TableBlock("", head, rows, words=(0, 1, 3))]
