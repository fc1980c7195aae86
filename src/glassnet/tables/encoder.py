"""The table encoder: from a table to the matrix that a network takes, and back.

The encoding of each column is learned from the training rows, so that new rows are treated alike: numbers are centred
and scaled, categories become one column per level, dates become parts, missing values are filled and marked.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from glassnet.engines.data import checked_weights, in_one_unit
from glassnet.errors import InputError
from glassnet.support.coercion import by_rows
from glassnet.support.language import Text
from glassnet.support.option_names import methods_suggest_options, unknown_option
from glassnet.support.options import PRECISION, Choice, Each, Flag, Instance, Integer, Optional, String, checked
from glassnet.tables.containers import is_sparse
from glassnet.tables.encoder_plan import EncoderPlan, plan_sparse
from glassnet.tables.encoder_state import plan_from_state, plan_to_state
from glassnet.tables.fit_statistics import FitStatistics, texts_among
from glassnet.tables.fitted_encoder import FittedEncoder
from glassnet.tables.opened_table import OpenedTable, open_table, shape_of, take
from glassnet.tables.reading.notation import Notation
from glassnet.tables.text_dates import with_dates

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
class TableEncoder(FittedEncoder):
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
        X = by_rows(X) if is_sparse(X) else open_table(X)
        rows, _ = shape_of(X)
        weights = np.ones(rows) if sample_weight is None else in_one_unit(checked_weights(sample_weight, rows))
        kept = np.flatnonzero(weights)
        if len(kept) < rows:
            X, weights = take(X, kept), weights[kept]
        if isinstance(X, OpenedTable):
            table = with_dates(X, self.free_text)
            self.fit_survey(FitStatistics.of(table, weights))
            self.notation = Notation(dates=table.dates.order)
        else:
            texts_among({}, self.free_text)  # none is there to be named
            self._plan = plan_sparse(X, weights, scale=self.scaling != "none")
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

    def fit_transform(self, X: Any, y: Any = None, sample_weight: npt.ArrayLike | None = None) -> Any:
        """Call :meth:`fit` and then :meth:`transform` on the same rows."""
        return self.fit(X, sample_weight=sample_weight).transform(X)

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
