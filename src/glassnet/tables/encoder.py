"""The table encoder: from a table to the matrix that a network takes, and back.

The encoding of each column is learned from the training rows, so that new rows are treated alike: numbers are centred
and scaled, categories become one column per level, dates become parts, missing values are filled and marked.
"""

from __future__ import annotations

import copy
import inspect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import numpy.typing as npt

from glassnet.display.result import Result
from glassnet.engines.data import in_one_unit
from glassnet.errors import InputError
from glassnet.layers.text_rows import TextRows, matrix_of
from glassnet.support.coercion import by_rows, coercing, real_array
from glassnet.support.language import Language, Lines, Text
from glassnet.support.messages import of_shape
from glassnet.support.option_names import methods_suggest_options, unknown_option
from glassnet.support.options import PRECISION, Choice, Each, Flag, Instance, Integer, Optional, String, checked
from glassnet.tables.columns.categories import CategoryColumn, in_order
from glassnet.tables.columns.conversion import as_levels, as_numbers, as_timestamps
from glassnet.tables.columns.number_levels import JUDGED, NumberLevels, are_names, values_with_codes
from glassnet.tables.columns.number_scaling import encode_sparse
from glassnet.tables.columns.texts import TextColumn, store_of
from glassnet.tables.containers import is_sparse
from glassnet.tables.encoder_plan import (
    ColumnDescription,
    EncoderPlan,
    are_codes,
    check_width,
    column_cells,
    number_source,
    open_matched,
    plan_sparse,
    print_columns,
)
from glassnet.tables.encoder_state import plan_from_state, plan_to_state
from glassnet.tables.fit_statistics import FitStatistics, texts_among
from glassnet.tables.opened_table import open_table, take
from glassnet.tables.reading.notation import Notation
from glassnet.tables.text_dates import with_dates
from glassnet.training.split import sample_rows

if TYPE_CHECKING:
    from glassnet.display.blocks import Block

SCALING = Choice("standard", "robust", "none")
MAX_ONE_HOT = Integer("8 suits embeddings", low=2)


class ChosenColumns:
    """Some columns, as a rule: "auto", "none", or their names."""

    def taken(self, name: str, value: Any) -> str | tuple[str, ...]:
        """Return the word, or the names.

        Examples
        --------
        >>> FREE_TEXT.taken("`free_text`", "auto"), FREE_TEXT.taken("`free_text`", ["title"])
        ('auto', ('title',))
        """
        remedy = Text('Give "auto", "none" or the names of columns: ["title"]')
        if isinstance(value, str):
            return Choice("auto", "none", remedy=remedy).taken(name, value)
        return Each(String(), remedy).taken(name, value)


FREE_TEXT = NUMBER_LEVELS = ChosenColumns()


@methods_suggest_options
class TableEncoder(Result):
    """Encodes tables as matrices.

    Numbers, booleans and durations (in seconds) are centred on their mean and divided by their standard deviation.
    Categories (text, categorical types, and columns of mixed objects by their text) get one column per level, 0 or 1;
    two levels share one column, -1 for the first and +1 for the second. Levels that have an order (ordered categoricals
    of pandas, Enum of polars, ordered dictionaries of pyarrow) get a column for each step, +1 from that level on and -1
    below. Dates and times of day become parts: time elapsed, year, and sine and cosine of month, day of month, day of
    week and time of day (UTC for moments with a time zone), as far as they vary. A missing value becomes the mean of a
    number and zeros elsewhere; a column that had gaps in training also gets an indicator column. A level that was not
    seen in training counts as one of the "other levels" where the column has such, else it is all zeros. Columns that
    never vary have no output.

    Parameters
    ----------
    scaling : {"standard", "robust", "none"}, default "standard"
        The scaling of numbers. "robust": the median is subtracted, the distance of the quartiles divides, and a smooth
        clip keeps the result within ±3, so that outliers neither decide the scale nor drown the rest. Sparse tables are
        divided by the deviation but never centred, to stay sparse.
    max_levels : int, default 64
        The most levels of a category that are distinguished, by weight; the rest count as one.
    max_one_hot : int or None, default None
        A category of more levels becomes one column of codes, for :class:`glassnet.Embedding`; None: none does.
    dtype : {"float32", "float64"}, default "float32"
        Type of the matrix; everything is computed in float64.
    free_text : {"auto", "none"} or sequence of str, default "none"
        The columns that are text, whose n-grams stand beside the matrix; "auto": those whose cells hardly repeat and
        have several words.
    hashed : bool, default False
        Whether n-grams have hashes, so that those of later rows count as well; else those of the training rows.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"age": [20, None, 40], "sex": ["f", "m", "m"]})
    >>> encoder = TableEncoder().fit(frame)
    >>> encoder.feature_names_out
    ['age', 'age is missing', 'sex=m']
    >>> encoder.transform(frame)
    array([[-1.,  0., -1.],
           [ 0.,  1.,  1.],
           [ 1.,  0.,  1.]], dtype=float32)
    """

    @checked(
        scaling=SCALING,
        max_levels=Integer("64 suits most tables", low=2),
        max_one_hot=Optional(MAX_ONE_HOT),
        free_text=FREE_TEXT,
        hashed=Flag(),
    )
    def __init__(
        self,
        scaling: Literal["standard", "robust", "none"] = "standard",
        max_levels: int = 64,
        max_one_hot: int | None = None,
        dtype: npt.DTypeLike = "float32",
        free_text: str | Sequence[str] = "none",
        hashed: bool = False,
    ) -> None:
        self.scaling = scaling
        self.max_levels = max_levels
        self.max_one_hot = max_one_hot
        self.dtype = np.dtype(PRECISION.taken("`dtype`", dtype))
        self.free_text = free_text
        self.hashed = hashed
        self._plan: EncoderPlan | None = None

    def fit(self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None) -> TableEncoder:
        """Learn the encoding of each column from training rows.

        Parameters
        ----------
        X : DataFrame, array-like or sparse array of shape (rows, columns)
            The training rows.
        y : object
            Not looked at; pipelines give it.
        sample_weight : array-like of shape (rows,), optional
            Weights, not negative. A row of weight 2 counts as two rows, one of weight 0 as none.

        Returns
        -------
        TableEncoder
            Itself.

        Raises
        ------
        InputError
            If there are no rows or no columns, a number is infinite, names are not unique, weights do not fit, or a
            column that is to be text is not there or holds none.
        InputTypeError
            If `X` is no table, or a column holds lists, structs or the like.
        """
        table = None if is_sparse(X) else open_table(X)
        X = by_rows(X) if table is None else X
        rows, columns = X.shape if table is None else (table.rows, len(table.names))
        if columns < 1 or rows < 1:
            what = "feature" if columns < 1 else "sample"
            raise InputError(
                Text(
                    "Found array with 0 {what}(s) (shape=({rows}, {columns})) while a minimum of 1 is required",
                    what=what,
                    rows=rows,
                    columns=columns,
                ),
                None,
                "Provide at least one row and one column",
            )
        weights = np.ones(rows) if sample_weight is None else _checked_weights(sample_weight, rows)
        kept = np.flatnonzero(weights)
        if len(kept) < rows:
            weights = weights[kept]
        if table is None:
            texts_among({}, self.free_text)  # none is there to be named
            self._plan = plan_sparse(X if len(kept) == rows else X[kept], weights, scale=self.scaling != "none")
        else:
            table = table if len(kept) == rows else take(table, kept)
            table = with_dates(table, self.free_text)
            self.fit_survey(FitStatistics.of(table, weights))
            self.notation = Notation(dates=table.dates.order)
        return self

    @checked(survey=Instance(FitStatistics, Text("a FitStatistics"), "Add rows to one first"))
    def fit_survey(self, survey: FitStatistics) -> TableEncoder:
        """Learn the encoding of each column from statistics of training rows, gathered in chunks.

        Parameters
        ----------
        survey : FitStatistics
            Of at least one row; with quantiles, if scaling is robust.

        Returns
        -------
        TableEncoder
            Itself.

        Raises
        ------
        InputError
            If a number is infinite.

        Examples
        --------
        >>> survey = FitStatistics(quantiles=False)
        >>> for piece in ([[1.0], [3.0]], [[5.0]]):
        ...     survey.add(piece, np.ones(len(piece)))
        >>> TableEncoder().fit_survey(survey) == TableEncoder().fit([[1.0], [3.0], [5.0]])
        True
        """
        self._plan = survey.plan(self.scaling, self.max_levels, self.max_one_hot, self.free_text, hashed=self.hashed)
        return self

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
        table, positions = open_matched(X, plan)
        out = plan.empty(table.rows, self.dtype)
        plan.numbers.write(number_source(table, positions, plan), out[:, : plan.numbers.width])
        for column, start, end in plan.parts:
            values = table.column(int(positions[column.source]))
            if isinstance(column, CategoryColumn | TextColumn):
                column.write(as_levels(values, plan.notation), out[:, start:end])
            elif isinstance(column, NumberLevels):
                out[:, start] = column.codes(as_numbers(values, column.kind, column.name, plan.notation))
            else:
                column.write(as_timestamps(values, column.kind, column.name, plan.notation), out[:, start:end])
        if not plan.texts:
            return out
        texts = [as_levels(table.column(int(positions[column.source])), plan.notation) for column in plan.texts]
        return TextRows(out, np.arange(table.rows), store_of(plan.texts, texts))

    def fit_transform(self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None) -> Any:
        """Call :meth:`fit` and then :meth:`transform` on the same rows."""
        return self.fit(X, sample_weight=sample_weight).transform(X)

    def later_levels(self, X: Any) -> dict[str, Counter[str]]:
        """Return, for each category, how often each level occurs that the training rows did not have.

        Parameters
        ----------
        X : DataFrame, array-like or sparse array of shape (rows, columns)
            As for :meth:`transform`.

        Examples
        --------
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

    def with_levels(self, levels: Mapping[str, Mapping[str, int]]) -> TableEncoder:
        """Return the encoder with a further output, or a code, for each level that it does not distinguish yet.

        Of a column with more than `max_levels` of them the most frequent ones.

        Parameters
        ----------
        levels : dict from str to Counter
            As :meth:`later_levels` returns them.

        Examples
        --------
        >>> encoder = TableEncoder().fit([["a"], ["b"]])
        >>> encoder.with_levels(encoder.later_levels([["c"], ["b"]])).transform([["a"], ["c"]]).tolist()
        [[-1.0, 0.0], [0.0, 1.0]]
        """
        chosen = {}
        for column in self.plan.categories:
            counts = levels.get(column.name, {})
            known = set(column.levels)
            fresh = [level for level in in_order(counts) if level not in known]
            most = sorted(fresh, key=lambda level: -counts[level])[: max(0, self.max_levels - len(known))]
            chosen[column.name] = [level for level in fresh if level in set(most)]
        grown = copy.copy(self)
        grown._plan = self.plan.with_levels(chosen)
        return grown

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

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> day = rng.integers(100, size=1000)
        >>> encoder = TableEncoder().fit(day[:, None])
        >>> encoder.with_number_levels(day[:, None], rng.normal(size=(100, 1))[day]).feature_names_out
        ['x0', 'x0 (code)']
        """
        plan, found = self.plan, []
        table, positions = open_matched(X, plan)
        varying = plan.numbers.sources[: plan.numbers.values].tolist()
        there = [plan.names[source] for source in varying]
        for name in names or ():
            if name not in there:
                rule = Text("`number_levels` must name columns of the table that hold numbers, which vary")
                received = next((each.in_words for each in self.columns if each.name == name), repr(name))
                raise InputError(rule, received, Text("These do: {some}", some=", ".join(there[:20]) or "none"))
        judged = sample_rows(table.rows, JUDGED)
        remedy = "Encode them first, or use NeuralClassifier"
        known = real_array("The targets", targets, remedy)
        if known.ndim != 2 or len(known) != table.rows:
            raise InputError(
                Text("The targets must be an array of shape (rows, outputs)"), of_shape(known.shape), Text(remedy)
            )
        known = known[judged]
        for source in varying:
            name, kind = plan.names[source], plan.kinds[source]
            if names is None or name in names:
                numbers = as_numbers(table.column(int(positions[source])), kind, name, plan.notation)
                if (names or are_names(numbers[judged], known)) and (values := values_with_codes(numbers)):
                    found.append(NumberLevels(name, source, kind, values))
        grown = copy.copy(self)
        grown._plan = plan.with_number_levels(found)
        return grown

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

    @property
    def notation(self) -> Notation:
        """The notation of text in columns of numbers and dates, if the training table was read from a file.

        Examples
        --------
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

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the options by name."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **options: Any) -> Self:
        """Set options by name; the encoder must then be fitted again.

        Raises
        ------
        InputError
            If there is no such option, or it has no such value.
        """
        known = self.get_params()
        for name, value in options.items():
            if name not in known:
                raise InputError(*unknown_option(type(self).__name__, name, value, known))
        if options:
            type(self).__init__(self, **known | options)
        return self

    def __sklearn_clone__(self) -> Self:
        return type(self)(**self.get_params())

    def __sklearn_is_fitted__(self) -> bool:
        return self._plan is not None

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        takes = InputTags(categorical=True, string=True, sparse=True, allow_nan=True)
        return Tags("transformer", TargetTags(required=False), transformer_tags=TransformerTags(), input_tags=takes)

    def to_state(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Return everything learned from the rows as plain data; :attr:`notation` is saved with the model.

        Returns
        -------
        description : dict
            Strict JSON: text, numbers, booleans, lists and dicts; no NaN.
        arrays : dict from str to ndarray
            The statistics of number columns.
        """
        settings = self.get_params() | {"max_one_hot": self.max_one_hot or 0, "dtype": str(self.dtype)}
        settings |= {"free_text": self.free_text if isinstance(self.free_text, str) else list(self.free_text)}
        description, arrays = plan_to_state(self.plan)
        return {"settings": settings, **description}, arrays

    @classmethod
    def from_state(cls, description: Any, arrays: Any) -> TableEncoder:
        """Rebuild an encoder from :meth:`to_state`; it gives the same matrices, bit for bit.

        Raises
        ------
        InputError, InputTypeError
            If the state is not one that :meth:`to_state` can have written.

        Examples
        --------
        >>> encoder = TableEncoder().fit([[1, "a"], [3, "b"]])
        >>> TableEncoder.from_state(*encoder.to_state()) == encoder
        True
        """
        plan, settings = plan_from_state(description, arrays)
        encoder = cls(**settings)
        encoder._plan = plan
        return encoder

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TableEncoder):
            return NotImplemented
        if self._plan is None or other._plan is None:
            return (self.get_params(), self._plan) == (other.get_params(), other._plan)
        (mine_text, mine_arrays), (its_text, its_arrays) = self.to_state(), other.to_state()
        return (
            mine_text == its_text
            and self.notation == other.notation
            and all(np.array_equal(array, its_arrays[name]) for name, array in mine_arrays.items())
        )

    __hash__ = None  # type: ignore[assignment]  # fitting changes it

    def __repr__(self) -> str:
        options = {name: str(value) if name == "dtype" else value for name, value in self.get_params().items()}
        options = {name: value for name, value in options.items() if value is not None}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in options.items())})"

    def in_words(self, language: Language | None = None) -> str:
        """Return the printed text in a language: of a fitted encoder the table of :meth:`describe`."""
        return repr(self) if self._plan is None else print_columns(self.columns, language)

    def _blocks(self, language: Language) -> list[Block]:
        from glassnet.display.blocks import Paragraph, TableBlock

        if self._plan is None:
            return [Paragraph(repr(self))]
        head, *rows = column_cells(self.columns, language)
        return [TableBlock("", head, rows, words=(0, 1, 3))]


def _checked_weights(sample_weight: npt.ArrayLike, rows: int) -> npt.NDArray[np.float64]:
    with coercing("`sample_weight` must be numbers", type(sample_weight).__name__, "Give one per row"):
        weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.shape != (rows,):
        raise InputError(
            "`sample_weight` must have one weight per row",
            weights.shape,
            Text("The table has {count} rows", count=rows),
        )
    if not np.isfinite(weights).all() or weights.min() < 0:
        raise InputError("`sample_weight` must be finite and not negative", weights, "Use 0 to exclude a row")
    if not weights.any():
        raise InputError("`sample_weight` must not be zero for every row", None, "Give a positive weight to some rows")
    return in_one_unit(weights)
