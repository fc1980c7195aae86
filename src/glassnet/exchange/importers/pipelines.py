"""What the steps of a scikit-learn pipeline make of columns before a network sees them, as the encoder of a table.

Every output of such steps comes from one input column: a number, scaled, or whether a category is at some of its
levels. So the encoder has these columns, and each of its outputs has the weights of those of the pipeline that it
stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted

from glassnet.errors import InputError, InputTypeError
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.messages import listed
from glassnet.tables import TableEncoder
from glassnet.tables.columns.column_values import is_missing, level_text

UNKNOWN: Final = "\0unknown"
"""Stands for all levels that were not known, and is none itself."""
REMEDY: Final = Text("Apply that step to the rows beforehand, and import what follows it")


@dataclass(frozen=True)
class Feature:
    """An output of the steps so far: a number, slope · (x - offset), or 1 where a category is at one of its levels.

    Attributes
    ----------
    source : int
        The input column.
    gap : object
        The value that a missing one is replaced by; None if none is.
    levels : tuple of str or None, optional
        Those at which it is 1; None among them is a gap, `UNKNOWN` stands for all that were not known.
    known : tuple of str
        All levels of the category, in the order of the encoder of scikit-learn.
    """

    source: int
    offset: float = 0.0
    slope: float = 1.0
    gap: Any = None
    levels: tuple[str | None, ...] | None = None
    known: tuple[str, ...] = ()


def features_of(step: Any, features: Sequence[Feature]) -> list[Feature]:
    """Return what a fitted step makes of the outputs of those before it.

    Raises
    ------
    InputTypeError, InputError
        Naming the step, or its option, that no encoder here has.
    NotFittedError
    """
    if type(step) is Pipeline:
        for _, each in step.steps:
            features = features_of(each, features)
        return [*features]
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return [*features]
    if type(step) not in STEPS:
        rule = Text(
            "A step before a network must be one of: {choices}", choices=", ".join(["Pipeline", *map(_name, STEPS)])
        )
        raise InputTypeError(rule, type(step).__name__, REMEDY)
    check_is_fitted(step)
    if step.n_features_in_ != len(features):
        rule = Text(
            "{step} must have {width} columns, as many as are handed to it", step=_name(type(step)), width=len(features)
        )
        raise InputError(rule, step.n_features_in_, "Pass the pipeline that the network was trained with")
    return STEPS[type(step)](step, features)


def _scaled(features: Sequence[Feature], offsets: Any, slopes: Any) -> list[Feature]:
    """Return slope · (output - offset) of each output."""
    count = len(features)
    offsets = np.zeros(count) if offsets is None else np.asarray(offsets, np.float64)
    slopes = np.ones(count) if slopes is None else np.asarray(slopes, np.float64)
    for each in features:
        if each.levels is not None:
            raise InputTypeError("Only columns of numbers may be scaled", "the output of a OneHotEncoder", REMEDY)
    return [
        replace(each, offset=each.offset + offset / each.slope, slope=each.slope * slope)
        for each, offset, slope in zip(features, offsets.tolist(), slopes.tolist(), strict=True)
    ]


def _standardized(step: Any, features: Sequence[Feature]) -> list[Feature]:
    return _scaled(features, step.mean_ if step.with_mean else None, None if step.scale_ is None else 1 / step.scale_)


def _between_bounds(step: Any, features: Sequence[Feature]) -> list[Feature]:
    _refuse_unless(not step.clip, step, "clip", step.clip)
    return _scaled(features, -step.min_ / step.scale_, step.scale_)


def _imputed(step: Any, features: Sequence[Feature]) -> list[Feature]:
    _refuse_unless(not step.add_indicator, step, "add_indicator", step.add_indicator)
    _refuse_unless(is_missing(step.missing_values), step, "missing_values", step.missing_values)
    filled = []
    for each, value in zip(features, step.statistics_.tolist(), strict=True):
        if is_missing(value):  # all its values were missing: scikit-learn leaves such a column out
            _refuse_unless(not step.keep_empty_features, step, "keep_empty_features", step.keep_empty_features)
            continue
        known = each.gap is not None or each.levels is not None  # no gap is left
        inner = value if isinstance(value, str) else value / each.slope + each.offset
        filled.append(each if known else replace(each, gap=inner))
    return filled


def _levels(step: Any, features: Sequence[Feature]) -> list[Feature]:
    """One output for each level, or group of rare ones, but the one that is left out."""
    outputs = []
    rare = step.infrequent_categories_ if hasattr(step, "infrequent_categories_") else [None] * len(features)
    for place, each in enumerate(features):
        if each.levels is not None or each.slope != 1 or each.offset:
            raise InputTypeError("A OneHotEncoder must come before all scaling", _name(type(step)), REMEDY)
        texts = [level_text(level) for level in step.categories_[place].tolist()]
        known = tuple(text for text in texts if text is not None)
        if len({*texts}) < len(texts):
            raise InputError("Levels must differ as text", listed(map(repr, step.categories_[place].tolist())), REMEDY)
        grouped = rare[place]
        together: tuple[str | None, ...] = () if grouped is None else tuple(map(level_text, grouped.tolist()))
        if together and step.handle_unknown in ("infrequent_if_exist", "warn"):
            together = (*together, UNKNOWN)
        groups = [(text,) for text in texts if text not in together] + ([together] if together else [])
        left_out = None if step.drop_idx_ is None else step.drop_idx_[place]
        if left_out is not None:
            text = texts[left_out]
            groups = [group for group in groups if text not in group]
        outputs += [replace(each, levels=group, known=known) for group in groups]
    return outputs


def _unchanged(step: Any, features: Sequence[Feature]) -> list[Feature]:
    """A column that is passed through; any other function might be any."""
    _refuse_unless(step.func is None, step, "func", step.func)
    return [*features]


def _side_by_side(step: Any, features: Sequence[Feature]) -> list[Feature]:
    named = dict(zip(getattr(step, "feature_names_in_", ()), range(len(features)), strict=False))
    outputs: list[Feature] = []
    for _, each, columns in step.transformers_:
        if isinstance(each, str) and each == "drop":
            continue
        given = np.arange(len(features))[columns] if isinstance(columns, slice) else np.atleast_1d(columns)
        places = np.flatnonzero(given) if given.dtype == bool else given
        chosen = [features[named.get(place, place)] for place in places.tolist()]
        outputs += features_of(each, chosen) if chosen else []
    return outputs


STEPS: Final[dict[type, Callable[[Any, Sequence[Feature]], list[Feature]]]] = {
    ColumnTransformer: _side_by_side,
    FunctionTransformer: _unchanged,
    SimpleImputer: _imputed,
    OneHotEncoder: _levels,
    StandardScaler: _standardized,
    MinMaxScaler: _between_bounds,
    MaxAbsScaler: lambda step, features: _scaled(features, None, 1 / step.scale_),
    RobustScaler: lambda step, features: _scaled(
        features, step.center_ if step.with_centering else None, 1 / step.scale_ if step.with_scaling else None
    ),
}
"""What each step makes of its inputs; of exactly these types, since others may override anything."""


@dataclass(frozen=True)
class EncodedInputs:
    """The encoder of the columns that features come from, and how the weights of the features are those of its outputs.

    Attributes
    ----------
    encoder : TableEncoder
    feeding : tuple of tuple of int
        For each output of the encoder the features that it stands for: none, where it has no weight.
    """

    encoder: TableEncoder
    feeding: tuple[tuple[int, ...], ...]

    def weights(self, W: Array) -> Array:
        """Return the weights of the first layer for the outputs of the encoder, given those for the features."""
        return np.stack([W[[*features]].sum(axis=0) for features in self.feeding])


def inputs_of_steps(
    steps: Sequence[Any], width: int, outputs: int, names: Sequence[str] | None, dtype: str
) -> EncodedInputs:
    """Return the encoder of a table with `width` columns that gives what fitted steps before a network give, in its
    own order; `outputs` are the inputs of the network.

    Raises
    ------
    InputError, InputTypeError, NotFittedError
        If there is no such encoder, naming the step, its option or the column.
    """
    features = [Feature(column) for column in range(width)]
    for step in steps:
        features = features_of(step, features)
    if len(features) != outputs:
        rule = Text("The steps before a network of {width} inputs must give as many outputs", width=outputs)
        raise InputError(rule, len(features), "Pass the pipeline that the network was trained with")
    columns = [f"x{column}" for column in range(width)] if names is None else [*names]
    numbers = {each.source: place for place, each in enumerate(features) if each.levels is None}
    categories = {each.source: each for each in features if each.levels is not None}
    twice = {each.source for place, each in enumerate(features) if numbers.get(each.source, place) != place}
    if twice:
        rule = Text("Each column must go one way through the steps before a network")
        received = listed([columns[source] for source in sorted(twice)])
        raise InputError(rule, received, "Copy the column under another name, and train it again")
    feeding: list[tuple[int, ...]] = [(numbers[source],) for source in sorted(numbers)]
    for source, first in sorted(categories.items()):
        of_column = [(place, each.levels or ()) for place, each in enumerate(features) if each.source == source]
        gap = None if first.gap is None else level_text(first.gap)
        wanted = (*first.known, UNKNOWN, gap if gap is None or gap in first.known else UNKNOWN)
        feeding += [tuple(place for place, levels in of_column if level in levels) for level in wanted]
    chosen = [features[place] for (place,) in feeding[: len(numbers)]]
    arrays: dict[str, npt.NDArray[Any]] = {
        "sources": np.array(sorted(numbers), np.int64),
        "mean": np.array([each.offset if each.gap is None else float(each.gap) for each in chosen], np.float64),
        "offset": np.array([each.offset for each in chosen], np.float64),
        "scale": np.array([1 / each.slope for each in chosen], np.float64),
        "marked": np.zeros(0, np.int64),
    }
    kinds = {**dict.fromkeys(numbers, "number"), **dict.fromkeys(categories, "category")}
    most = max([64, *(len(each.known) for each in categories.values())])
    scaled = any(each.offset or each.slope != 1 for each in chosen)
    usual = (
        TableEncoder(scaling="standard" if scaled else "none", dtype=dtype, max_levels=most)
        .fit([[0.0], [1.0]])
        .to_state()[0]
    )
    description = usual | {
        "named": names is not None,
        "columns": [{"name": name, "kind": kinds.get(source, "empty")} for source, name in enumerate(columns)],
        "others": [
            {"source": source, "gaps": True, "levels": [*categories[source].known], "other": True}
            | {"coded": False, "ordered": False, "added": 0}
            for source in sorted(categories)
        ],
        "skipped": {str(source): "not used by the network" for source in range(width) if source not in kinds},
    }
    return EncodedInputs(TableEncoder.from_state(description, arrays), tuple(feeding))


def _refuse_unless(right: bool, step: Any, option: str, value: Any) -> None:
    if not right:
        rule = Text("{step} before a network must have the usual `{option}`", step=_name(type(step)), option=option)
        raise InputError(rule, repr(value), REMEDY)


def _name(kind: type) -> str:
    return kind.__name__
