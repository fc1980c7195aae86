"""Which rows a trial learns from, and which ones judge it: the same for all trials, or they could not be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.estimators.folds import Given, folds_of
from glassnet.layers.base import Array
from glassnet.support.coercion import listed, plain_number
from glassnet.tables.opened_table import TableRows
from glassnet.training import Ties

FEW = 1000
"""With fewer rows a fifth of them is too few to tell options apart: then every row judges, in folds."""
FOLDS = 3
"""Of three folds all rows judge, as of five, in half the time."""
SHARE = 0.2
UNTIED = Ties()


class Part(NamedTuple):
    """One training of a trial: rows to learn from, and rows to be judged by."""

    learned: TableRows
    held: TableRows


@dataclass(frozen=True)
class Validation:
    """How trials are judged: a part for each fold, or a single one, and the same for people."""

    parts: list[Part]
    described: str


def choose_validation(
    table: TableRows,
    validation: Any,
    seed: int,
    strata: Array | None,
    ties: Ties = UNTIED,
    places: Array | None = None,
) -> Validation:
    """The rows for every training of a trial.

    Parameters
    ----------
    validation : float in (0, 1), int, splitter, pairs of row numbers, TableRows or None
        The share of the rows that is held back; folds, as the option `cv` may be them; rows of their own; or None:
        three folds for fewer than 1,000 rows, else a fifth.
    strata : array of shape (rows,) or None
        The classes: each keeps its share in all parts.
    ties : Ties
        No group is on both sides, and rows that judge are later.
    places : array of int of shape (rows as given,), optional
        See :class:`glassnet.estimators.folds.Given`; if left out, all rows are there.

    Raises
    ------
    InputError, InputTypeError
        If it is none of these, or there are too few rows.

    Examples
    --------
    >>> table = TableRows(np.arange(10)[:, None], np.arange(10), None)
    >>> choose_validation(table, None, 0, None).described
    '3 folds'
    >>> (part,) = choose_validation(table, 0.3, 0, None).parts
    >>> len(part.learned.y), len(part.held.y)
    (7, 3)
    """
    if isinstance(validation, TableRows):
        return Validation([Part(table, validation)], f"{len(validation.y):,} separate rows")
    rows = len(table.y)
    if validation is None:
        validation = FOLDS if rows < FEW else SHARE
    if isinstance(validation, int) and rows < validation:
        raise InputError(
            "There must be at least as many rows as folds", f"{rows} rows, {validation} folds", "Provide more"
        )
    given = Given(table.X, table.y, strata, ties, np.arange(rows) if places is None else places)
    share = isinstance(validation, float)
    judged_by = {"members": 1} | ({"cv": None, "validation_fraction": validation} if share else {"cv": validation})
    parts = [_of_known_classes(*part, strata, ties) for part in folds_of(judged_by, seed, given, all_folds=True)]
    described = f"{100 * validation:g} % of the rows" if share else f"{len(parts)} folds"
    return Validation([Part(table.take(learned), table.take(held)) for learned, held in parts], described)


class Judging:
    """A share of the rows, a number of folds, or rows of their own, which are looked at with the others."""

    def taken(self, name: str, value: Any) -> float | int | tuple[Any, ...]:
        if isinstance(value, (tuple, list)):
            return tuple(listed(name, value, REMEDY))
        number = plain_number(value)
        if number is None:
            raise InputTypeError(RULE, shown(value), REMEDY)
        if isinstance(value, (int, np.integer)) and 1 < number < MOST_FOLDS:
            return int(value)
        if not 0 < number < 1:
            raise InputError(RULE, shown(value), REMEDY)
        return number


MOST_FOLDS = 2**31
RULE = "`validation` must be a share of the rows, a number of folds, or (X, y)"
REMEDY = "For example 0.2 or 5"


def _of_known_classes(learned: Array, held: Array, strata: Array | None, ties: Ties) -> tuple[Array, Array]:
    """A class so rare that it would only be judged is learned from instead, or left out where its rows are tied."""
    if strata is None:
        return learned, held
    known = np.isin(strata[held], strata[learned])
    if all(of_rows is None for of_rows in ties):
        learned = np.sort(np.concatenate([learned, held[~known]]))
    elif not known.any():
        rule = "The classes of validation rows must occur in the training rows"
        raise InputError(rule, "none of them", "Choose other groups or folds")
    return learned, held[known]
