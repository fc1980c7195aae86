"""A table with known answers: which column is the target, which ones are learned from, which ones are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from glassnet.apps.texts import counted
from glassnet.errors import InputError
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.support.messages import listed, some
from glassnet.tables.almost_numbers import mostly_numbers
from glassnet.tables.columns.column_values import level_text
from glassnet.tables.columns.conversion import cast_to_kinds, kinds_of
from glassnet.tables.opened_table import open_table
from glassnet.tables.reading.notation import UNDECIDED, Notation
from glassnet.tables.reading.readers import AnyOf, TableRead, read_file
from glassnet.tables.reading.sources import DETECT_ALL, ReadOptions, pl
from glassnet.tables.reading.table_blocks import all_pieces, open_blocks
from glassnet.tables.target_column import MOST_INTEGER_CLASSES, TaskName, keep_labelled
from glassnet.tables.text_dates import date_formats


class Complement(Container[str]):
    """Every name but some."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def __contains__(self, name: object) -> bool:
        return name not in self._names


@dataclass(frozen=True)
class Roles:
    """What columns are for, beside being learned from.

    Parameters
    ----------
    target : str
        The column to predict.
    ids : tuple of str
        Names of rows: not learned from, but carried along into predictions.
    drop : tuple of str
        Not learned from.
    weight : str or None
        How much each row counts.
    reading : ReadOptions
        What the file does not say of itself.
    learned : Notation
        How the table is written that a model learned from; nothing, where there is none.
    text : container of str or None
        The columns that are text, as they were in training; None: those that are not learned from.
    kinds : mapping from str to str
        What columns held in training, if not text: their cells are read as that.
    group, fold : str or None
        Which rows belong together, and which fold each is in: not learned from.
    time : str or None
        When each row was; learned from, too.
    """

    target: str
    ids: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    weight: str | None = None
    reading: ReadOptions = DETECT_ALL
    learned: Notation = UNDECIDED
    text: Container[str] | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None
    fold: str | None = None
    time: str | None = None

    @property
    def not_features(self) -> list[str]:
        """The columns that are not learned from."""
        others = (self.weight, self.group, self.fold)
        return [self.target, *self.ids, *self.drop, *(name for name in others if name)]


@dataclass(frozen=True)
class LabelledTable:
    """Rows whose target is known.

    Attributes
    ----------
    X : polars.DataFrame
        The columns that are learned from.
    y : polars.Series or array
        The target.
    weight : array or None
        How much each row counts.
    ids : polars.DataFrame
        The names of the rows; perhaps without columns.
    dropped : int
        How many rows of the file had no target, and are not here.
    groups, times : array or None
        What keeps rows together, or in an order.
    gaps : dict from str to Counter
        The texts that stood for a missing value, by column.
    """

    X: pl.DataFrame
    y: Any
    weight: Array | None
    ids: pl.DataFrame
    dropped: int
    notation: Notation = UNDECIDED
    groups: Array | None = None
    times: Array | None = None
    gaps: Mapping[str, Counter[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Array) -> LabelledTable:
        """Some of the rows."""
        arrays = (self.weight, self.groups, self.times)
        weight, groups, times = (None if array is None else array[rows] for array in arrays)
        ids = self.ids[rows] if self.ids.columns else self.ids
        return LabelledTable(self.X[rows], self.y[rows], weight, ids, 0, self.notation, groups, times)

    def like_this(self, roles: Roles) -> Roles:
        """The same roles for another file, whose cells are to be read as those of this one, and whose rows are free."""
        text = Complement([roles.target, *([roles.weight] if roles.weight else [])])
        kinds = kinds_of(self.X.schema)
        return replace(roles, learned=self.notation, text=text, kinds=kinds, group=None, fold=None, time=None)

    def with_targets(self, task: TaskName, known: Array | None = None) -> LabelledTable:
        """The same with the target as its task needs it: see :func:`targets`."""
        return replace(self, y=targets(self.y, task, known, self.notation))


def read_labelled(
    path: Path, roles: Roles, learned: Callable[[Sequence[str]], Sequence[str]] | None = None
) -> LabelledTable:
    """Read a table and tell its columns apart; rows without a target are left out.

    `learned` says which of its columns were learned from elsewhere, and refuses a table that lacks some. If left out,
    everything is learned from that has no other role.

    Raises
    ------
    InputError
        If a column is not there, no target is known, nothing is left to learn from, or a weight is no weight.
    """
    read, names = {roles.target, roles.weight, roles.time}, (*roles.ids, *roles.drop, roles.group, roles.fold)
    text = {name for name in names if name and name not in read} if roles.text is None else roles.text
    frame, notation, gaps = _read(path, roles, text)
    needed = [roles.target, *([roles.weight] if roles.weight else [])]
    own = [*roles.not_features, *([roles.time] if roles.time else [])]
    check_columns(own if learned is None else needed, frame.columns, path)
    features = None if learned is None else learned(frame.columns)
    if roles.target in roles.not_features[1:]:
        raise InputError(
            "The target must be used for training",
            Text("{target!r} is also left out", target=roles.target),
            "Specify it only once",
        )
    return labelled_of(frame, roles, notation, features, gaps)


def all_of(features: Sequence[str], path: Path) -> Callable[[Sequence[str]], Sequence[str]]:
    """Return a function that gives these features, and refuses a table that lacks one."""

    def learned(columns: Sequence[str]) -> Sequence[str]:
        check_columns(features, columns, path)
        return features

    return learned


def _read(path: Path, roles: Roles, text: Container[str]) -> TableRead:
    """A file, or all files of a folder."""
    if not path.is_dir():
        return read_file(path, roles.reading, roles.learned, text, roles.target, roles.kinds)
    blocks = open_blocks(path, roles.reading, AnyOf(roles.kinds, text), roles.target)
    frame = cast_to_kinds(pl.concat(all_pieces(blocks)), roles.kinds, roles.reading.over(roles.learned))
    return TableRead(frame, getattr(blocks, "notation", roles.learned), getattr(blocks, "gaps", {}))


def labelled_of(
    frame: pl.DataFrame,
    roles: Roles,
    notation: Notation,
    features: Sequence[str] | None = None,
    gaps: Mapping[str, Counter[str]] = MappingProxyType({}),
) -> LabelledTable:
    """The columns of a table, told apart; see :func:`read_labelled`."""
    labelled = keep_labelled(frame, frame[roles.target]).X
    X = labelled.select(features) if features else labelled.drop(roles.not_features, strict=False)
    if not X.columns:
        raise InputError(
            "The table must have a feature column", counted(len(frame.columns), "column"), "Exclude fewer columns"
        )
    weight = None if roles.weight is None else _weights(labelled[roles.weight])
    ids = labelled.select(name for name in dict.fromkeys(roles.ids) if name in frame.columns)
    groups = _known(labelled, roles.group or roles.fold, Text("groups or folds"))
    times = _known(labelled, roles.time, Text("times"))
    dropped = len(frame) - len(labelled)
    # dates that the reader left as text, by the options, are to stay text
    left = [X.columns[place] for place in date_formats(open_table(X))]
    kept = [name for name in left if notation.dates or name in roles.reading.text]
    X = X.with_columns(pl.col(kept).cast(pl.Categorical)) if kept else X
    return LabelledTable(X, labelled[roles.target], weight, ids, dropped, notation, groups, times, gaps)


def check_columns(names: Iterable[str], columns: Sequence[str], path: Path, remedy: str = "") -> None:
    """Refuse columns that a table does not have; `remedy` is what else can be done.

    Raises
    ------
    InputError
        Naming those columns, and the nearest of those that there are.

    Examples
    --------
    >>> check_columns(["clas"], ["age", "class"], Path("people.csv"))
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: people.csv has no column 'clas'. Did you mean 'class'?
    """
    absent = [name for name in names if name not in columns]
    if not absent:
        return
    lower = {column.lower(): column for column in reversed(columns)}
    near = [lower[match] for name in absent[:1] for match in get_close_matches(name.lower(), lower, n=1)]
    rule = Text("{file} has no column {names}") if len(absent) == 1 else Text("{file} has no columns {names}")
    hint = Text("Available: {names}", names=some(columns, 12))
    if len(absent) == 1 and near:
        hint = Text("Did you mean {name!r}?", name=near[0])
    if remedy:
        hint = Text("{hint} {remedy}" if hint.endswith("?") else "{hint}. {remedy}", hint=hint, remedy=Text(remedy))
    raise InputError(rule.filled(file=path.name, names=some([repr(name) for name in absent])), None, hint)


def _known(labelled: pl.DataFrame, name: str | None, what: Text) -> Array | None:
    """A column of which every cell must be known, if the table has it."""
    if name is None or name not in labelled.columns:
        return None
    if labelled[name].is_null().any():
        raise InputError(Text("A column of {role} must have a value in every row", role=what), repr(name), "Correct it")
    if what == "times" and not (labelled[name].dtype.is_numeric() or labelled[name].dtype.is_temporal()):
        raise InputError(
            "A column of times must contain numbers or dates",
            Text("{name!r}, with text", name=name),
            "See --date-format",
        )
    return labelled[name].to_numpy()


def _weights(column: pl.Series) -> Array:
    if not (column.dtype.is_numeric() or column.dtype.is_decimal()) or column.is_null().any():
        raise InputError("A column of weights must have a number in every row", repr(column.name), "Correct it")
    return column.to_numpy().astype(np.float64)


def as_classes(y: pl.Series, known: Array | None = None) -> Array:
    """A target without gaps as classes.

    Those that are `known` are recognized by their text, so that a 1 in one file is the "1" of another. Numbers with
    fractions, such as grades of 1.5 and 2.5, become text, if they are no more than integers that are classes may be.

    Raises
    ------
    InputError
        If the values are no classes, or not among the known ones.
    """
    if y.dtype.is_float() and (y != y.floor()).any():
        if (distinct := y.n_unique()) > MOST_INTEGER_CLASSES:
            raise InputError(
                "The target of a classification must be classes",
                Text(
                    "{name!r} with {distinct:,} different numbers such as {value}",
                    name=y.name,
                    distinct=distinct,
                    value=y[int((y != y.floor()).arg_max() or 0)],
                ),
                "Use --task regression. If they are classes, write them as text",
            )
        y = y.map_elements(level_text, pl.String)
    if y.dtype in (pl.Categorical, pl.Enum):
        y = y.cast(pl.String)
    values = y.to_numpy()
    if known is None:
        return np.array(values.tolist()) if values.dtype == object else values
    by_text = {level_text(value): value for value in known}
    unknown = {value for value in y.unique().to_list() if level_text(value) not in by_text}
    if unknown:
        raise InputError(
            Text(
                "The target {value!r} must be one of the classes {classes}",
                value=y.name,
                classes=listed(np.asarray(known).tolist()),
            ),
            listed(sorted(unknown, key=str)),
            "Only rows of known classes can be scored",
        )
    return np.array([by_text[level_text(value)] for value in values.tolist()])


def as_numbers(y: pl.Series, notation: Notation = UNDECIDED) -> Array:
    """A target without gaps as finite numbers; files that have types of their own may hold them as text."""
    if y.dtype == pl.String:
        read = [notation.number(text.strip()) for text in y]
        y = y if None in read else pl.Series(y.name, read)
    if not (y.dtype.is_numeric() or y.dtype in (pl.Boolean, pl.Decimal)):
        found, received = mostly_numbers(y.to_list()), f"{y.name!r} with values such as {y[0]!r}"
        remedy = Text("Use --task classification") if found is None else found.remedy
        raise InputError("The target of a regression must be numbers", received, remedy)
    values = y.cast(pl.Float64).to_numpy()
    if not np.isfinite(values).all():
        raise InputError(
            "The target of a regression must be finite", Text("infinity in {name!r}", name=y.name), "Correct those rows"
        )
    return values


def targets(y: pl.Series, task: TaskName, known: Array | None = None, notation: Notation = UNDECIDED) -> Array:
    """A target as its task needs it."""
    return as_classes(y, known) if task == "classification" else as_numbers(y, notation)
