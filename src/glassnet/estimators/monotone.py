"""Which columns of a table answers rise or fall with, from names to the columns of its encoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.errors import InputError, shown
from glassnet.support.coercion import plain_dict
from glassnet.support.options import DIRECTION, Each
from glassnet.tables import TableEncoder
from glassnet.tables.columns.categories import CategoryColumn
from glassnet.tables.columns.column_values import NUMBER_KINDS

Asked = Mapping[str, int] | Sequence[int]


class Monotone:
    """As a rule of an option: 1, -1 or 0 by the name of a column, or for each column of the table in order."""

    def taken(self, name: str, value: Any) -> dict[str, int] | tuple[int, ...]:
        named = plain_dict(value)
        if named is None:
            return Each(DIRECTION, 'For example {"age": 1, "price": -1}').taken(name, value)
        wrong = [column for column in named if not isinstance(column, str)]
        if wrong:
            raise InputError(f"{name} must name columns", shown(wrong[0]), 'For example {"age": 1, "price": -1}')
        return {str.__str__(column): DIRECTION.taken(f"{name} of {column!r}", one) for column, one in named.items()}


def directions_of_inputs(asked: Asked | None, encoder: TableEncoder) -> tuple[int, ...] | None:
    """A direction for each column of the encoded table; None if none is asked for.

    What says that a number is missing has none, for a gap is neither more nor less than a number.

    Raises
    ------
    InputError
        If a column is not there, or its values have no order that the encoding keeps.

    Examples
    --------
    >>> import pandas as pd
    >>> encoder = TableEncoder().fit(pd.DataFrame({"age": [20, None, 40], "sex": ["f", "m", "m"]}))
    >>> directions_of_inputs({"age": -1}, encoder)
    (-1, 0, 0)
    >>> directions_of_inputs({"sex": 1}, encoder)
    Traceback (most recent call last):
        ...
    glassnet.errors.InputError: Columns of `monotone` must be numbers, or categories that have an order. Received: \
'sex', a category. Omit it, or convert it.
    """
    if asked is None:
        return None
    wanted, plan, names = np.zeros(encoder.n_features_in, int), encoder.plan, encoder.feature_names_in
    if isinstance(asked, Mapping):
        for name, direction in asked.items():
            if name not in names:
                remedy = f"Available: {', '.join(names[:20])}"
                raise InputError("`monotone` must name columns of the table", repr(name), remedy)
            wanted[names.index(name)] = direction
    elif len(asked) == len(wanted):
        wanted[:] = asked
    else:
        rule = f"`monotone` must name columns, or have 1, -1 or 0 for each of {len(wanted)}"
        raise InputError(rule, f"{len(asked)} of them", "Give 0 for unconstrained inputs")
    directions = np.zeros(plan.width, int)
    directions[: plan.numbers.values] = wanted[plan.numbers.sources[: plan.numbers.values]]
    ordered: list[int] = []
    for column, start, _ in plan.parts:
        if isinstance(column, CategoryColumn) and column.ordered and wanted[column.source]:
            ordered.append(column.source)
            if column.coded or column.other:
                rule = "An ordered category in `monotone` must keep all its levels in order"
                received = f"{column.name!r}, of which {'some are one' if column.other else 'each is a code'}"
                raise InputError(rule, received, "Set a larger `max_one_hot`, or convert it to a number")
            directions[start : start + len(column.levels) - 1] = wanted[column.source]
    for source in np.flatnonzero(wanted).tolist():
        if plan.kinds[source] not in NUMBER_KINDS and source not in ordered and source not in plan.skipped:
            rule = "Columns of `monotone` must be numbers, or categories that have an order"
            raise InputError(rule, f"{names[source]!r}, a {plan.kinds[source]}", "Omit it, or convert it")
    return tuple(directions.tolist()) if directions.any() else None
