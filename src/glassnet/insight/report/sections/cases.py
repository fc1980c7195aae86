"""Rows one by one: some that are right, wrong and unsure, in words; and those with the largest loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.display.blocks import Block, Cell, Own, Table, Words
from glassnet.insight.explanations import explain, has_slopes
from glassnet.insight.report.subject import Subject
from glassnet.insight.report.words import error, percent, truth
from glassnet.layers.base import Array
from glassnet.tables import is_sparse, take

OF_EACH, SHOWN_ROWS, SHOWN_COLUMNS = 2, 10, 6
REASONS = 3


def explained(subject: Subject) -> list[Block]:
    """Two rows of each kind, with the columns that decided."""
    if is_sparse(subject.X) or not has_slopes(subject.model):
        return []
    groups = {name: rows.tolist() for name, rows in _chosen(subject).items() if len(rows)}
    order = [row for rows in groups.values() for row in rows]
    if not order:
        return []
    found, told = explain(subject.model, take(subject.X, np.array(order))), {}
    for at, row in enumerate(order):
        answers = {"actual": truth(subject, subject.y, row), "predicted": truth(subject, subject.predicted.values, row)}
        head = subject.say("cases.head", row=subject.names[row], **answers)
        told[row] = {"head": head, "words": found.words(at, language=subject.language, most=REASONS)}
    shown = [
        {"name": name, "title": subject.say(f"cases.{name}"), "cases": [told[row] for row in rows]}
        for name, rows in groups.items()
    ]
    return [Own("cases.html", shown), Words(subject.say("cases.note"), "note")]


def _chosen(subject: Subject) -> dict[str, Array]:
    """The rows to speak of: surely right, furthest off, and those that it knows least of."""
    errors = subject.errors
    wrong = np.argsort(-errors, kind="stable")
    if subject.classes is None:
        more = subject.predicted.more
        spread = more.get("deviation", np.ptp(np.stack([*more.values()]), axis=0) if more else None)
        unsure = np.array([], np.intp) if spread is None else np.argsort(-spread, kind="stable")
        high = subject.predicted.values > np.median(subject.predicted.values)
        close = np.argsort(errors, kind="stable")
        right = np.concatenate([close[~high[close]][:1], close[high[close]][:1]])  # a low and a high one
        wrong = wrong[~np.isin(wrong, right)][:OF_EACH]
        return {"close": right, "wrong": wrong, "unsure": unsure[~np.isin(unsure, [*right, *wrong])][:OF_EACH]}
    sure = subject.sureness
    wrong = wrong[subject.wrong[wrong]][:OF_EACH]
    said = subject.predicted.values
    sure_ones: list[int] = []
    for row in np.argsort(-sure, kind="stable").tolist():  # the surest of each of two classes
        other = all(said[row] != said[one] for one in sure_ones)
        if len(sure_ones) < OF_EACH and other and not subject.wrong[row]:
            sure_ones.append(row)
    unsure = np.argsort(sure, kind="stable")
    taken = [*sure_ones, *wrong.tolist()]
    unsure = unsure[~np.isin(unsure, taken)][: OF_EACH if subject.predicted.probabilities is not None else 0]
    return {"right": np.array(sure_ones, np.intp), "wrong": wrong, "unsure": unsure}


def worst_rows(subject: Subject) -> list[Block]:
    """The rows with the largest loss, with their values: wrong answers in a table are often found here."""
    order = np.argsort(-subject.errors, kind="stable")[:SHOWN_ROWS]
    order = order[subject.errors[order] > 0]
    if not len(order):
        return []
    sure = subject.classes is not None and subject.predicted.probabilities is not None
    head = [subject.say(f"rows.{name}") for name in ("row", "actual", "predicted")]
    if sure or subject.classes is None:
        head.append(subject.say("rows.probability" if sure else "rows.error"))
    each = [] if subject.columns is None else [subject.columns[at] for at in subject.leading[:SHOWN_COLUMNS]]
    rows: list[list[Any]] = []
    for row in order.tolist():
        cells: list[Any] = [subject.names[row]]
        cells += [truth(subject, values, row) for values in (subject.y, subject.predicted.values)]
        if sure:
            cells.append(percent(float(np.exp(-subject.errors[row])), 2))
        elif subject.classes is None:
            cells.append(error(subject, row))
        for column in each:
            cell = column.cell(row)
            cells.append(Cell(subject.say("rows.missing"), look="quiet") if cell is None else cell)
        rows.append(cells)
    words = [0, *([] if subject.classes is None else [1, 2])]
    words += [place for place, column in enumerate(each, len(head)) if column.ends is None]
    head += [column.name for column in each]
    note = "rows.note" if each and subject.importances is not None else "rows.note_plain"
    return [Words(subject.say(note)), Table(subject.say("rows.caption", count=len(order)), head, rows, words)]
