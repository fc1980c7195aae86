"""How the columns of another table are matched to those of a training table: by name if both have names, else by place.

The error of an absent column suggests similar names.
"""

from __future__ import annotations

import difflib
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.tables.containers import as_frame
from glassnet.tables.encoder_plan import EncoderPlan
from glassnet.tables.opened_table import OpenedTable, open_table


def check_width(columns: int, plan: EncoderPlan) -> None:
    """Refuse another number of columns than the training table's, in scikit-learn's words."""
    if columns != len(plan.names):
        raise InputError(
            Text(
                "X has {count} features, but TableEncoder is expecting {wanted} features as input",
                count=columns,
                wanted=len(plan.names),
            ),
            None,
            "Give the columns of the training table",
        )


def open_matched(X: Any, plan: EncoderPlan) -> tuple[OpenedTable, npt.NDArray[np.intp]]:
    """Open a table, and find the columns of the training table in it.

    Raises
    ------
    InputError, InputTypeError
        As :func:`open_table` and :func:`match_columns`.
    """
    table = open_table(X)
    if plan.absent_as_missing and plan.named and table.named:
        table = _completed(table, plan)
    return table, match_columns(table, plan)


def _completed(table: OpenedTable, plan: EncoderPlan) -> OpenedTable:
    """Add the absent columns, without values, to a table that has at least one of the training table's columns."""
    absent = [name for name in plan.names if name not in set(table.names)]
    if not 0 < len(absent) < len(plan.names):
        return table
    return open_table(as_frame(table.container).with_columns(nw.lit(None).alias(name) for name in absent))


def match_columns(table: OpenedTable, plan: EncoderPlan) -> npt.NDArray[np.intp]:
    """Return the positions of the training columns in a table: matched by name if both have names, else by position.

    Raises
    ------
    InputError
        If a column is missing, or without names the number of columns differs.
    """
    if not (table.named and plan.named):
        check_width(len(table.names), plan)
        return plan.places
    if table.names == plan.names:
        return plan.places
    place = {name: index for index, name in enumerate(table.names)}
    missing = [name for name in plan.names if name not in place]
    if missing:
        unseen = [name for name in table.names if name not in set(plan.names)]
        raise _missing_columns(missing, unseen)
    return np.array([place[name] for name in plan.names], dtype=np.intp)


def _missing_columns(missing: list[str], unseen: list[str]) -> InputError:
    # The lists have the form of scikit-learn's own message, which tools (and its check suite) look for.
    rule = "The feature names should match those that were passed during fit.\n"
    if unseen:
        rule += "Feature names unseen at fit time:\n" + _bullets(unseen)
    rule += "Feature names seen at fit time, yet now missing:\n" + _bullets(missing)
    near = {name: difflib.get_close_matches(name, unseen, n=1, cutoff=0.6) for name in missing[:5]}
    hints = [f"{found[0]!r} for {name!r}" for name, found in near.items() if found]
    remedy = Text(
        "Give every column of the training table, or set `absent_as_missing_` to treat absent columns as missing"
    )
    if hints:
        remedy = Text("{remedy}. Did you mean {hints}?", remedy=remedy, hints=", ".join(hints))
    return InputError(rule.rstrip(), None, remedy)


def _bullets(names: list[str]) -> str:
    return "".join(f"- {name}\n" for name in sorted(names))
