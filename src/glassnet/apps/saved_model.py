"""Saved models as the command line needs them: an estimator of one target, and what it remembers of its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from glassnet.api.models import load
from glassnet.apps.estimator_options import class_of
from glassnet.apps.labelled import Complement, LabelledTable, Roles, check_columns, read_labelled
from glassnet.apps.usage import UsageError, as_usage
from glassnet.errors import InputError
from glassnet.estimators.class_targets import THRESHOLD
from glassnet.insight.doctor import Finding
from glassnet.insight.doctor.preparation import trained_with
from glassnet.insight.doctor.table_checks import TRAINED_ON
from glassnet.layers.base import Array
from glassnet.support.language import Text
from glassnet.tables.reading.sources import DETECT_ALL, ReadOptions, file_format
from glassnet.tables.target_column import TaskName
from glassnet.training import split_rows

if TYPE_CHECKING:
    from glassnet.apps.shared_options import DecisionOptions


USUAL_SHARE: Final = 0.2
"""What ``glassnet train`` holds back for the test, if it is not told otherwise."""
TYING: Final = ("group", "fold", "time")
"""What columns may be for that tie rows to each other."""


def load_model(file: Path, *, absent_as_missing: bool = False) -> Any:
    """The estimator in a file, which may take absent columns as missing.

    Raises
    ------
    InputError
        If it is no model, or one that has no table with one target.
    OSError
        If it cannot be read.
    """
    if _is_table(file):
        raise UsageError("The first file must be a model", file.name, "Write the model's file first")
    model: Any = load(file)
    if not hasattr(model, "encoder_"):
        raise InputError(
            "A model for tables must be a classifier or a regressor",
            Text("{name}, a bare network", name=file.name),
            "Use it in Python",
        )
    targets = model.targets_.to_state()[0]
    if not (targets["kind"] == "classes" or targets.get("single")):
        raise InputError(
            "The model must have a single target", Text("{name}, with several", name=file.name), "Use it in Python"
        )
    model.absent_as_missing_ = absent_as_missing
    return model


def _is_table(file: Path) -> bool:
    """Whether a file's name is that of a table."""
    try:
        file_format(file)
    except InputError:
        return False
    return True


def decide(model: Any, deciding: DecisionOptions) -> None:
    """Let a model look for the class that was named, from the probability on that was typed.

    Raises
    ------
    InputError, UsageError
        If there is no such class, or there are not two.
    """
    for option in ("positive", "decision_threshold"):
        if getattr(deciding, option) is not None and task_of(model) == "regression":
            raise UsageError(
                Text("--{value} does not apply to regression", value=option.replace("_", "-")), None, "Omit it"
            )
    if deciding.positive is not None:
        model.positive_ = class_of("positive", deciding.positive, model.classes_)
    if deciding.decision_threshold is not None:
        with as_usage():
            model.decision_threshold_ = THRESHOLD.taken("--decision-threshold", deciding.decision_threshold)


def chosen(model: Any) -> dict[str, Any]:
    """Return how classes are predicted, for programs: the positive one of two, the threshold, why it is another."""
    positive, reason = getattr(model, "positive_", None), getattr(model.targets_, "chosen_for", None)
    decision = {} if positive is None else {"positive": positive, "threshold": model.decision_threshold_}
    return decision if reason is None else {**decision, "chosen_for": reason}


def task_of(model: Any) -> TaskName:
    """Return the task of a fitted estimator."""
    return "classification" if hasattr(model, "classes_") else "regression"


def learned_columns(model: Any) -> list[str]:
    """The columns that were learned from; none where the training table had no names."""
    return [str(name) for name in getattr(model, "feature_names_in_", ())]


def present_columns(model: Any, columns: Sequence[str], path: Path) -> list[str]:
    """The columns of a table that were learned from: all of them, unless the model takes absent ones as missing.

    Raises
    ------
    InputError
        If one is absent that may not be, or all are.
    """
    learned = learned_columns(model)
    present = [name for name in learned if name in columns]
    if len(present) < len(learned) and not (present and model.absent_as_missing_):
        if not present:
            check_columns(learned, columns, path)
        check_columns(learned, columns, path, remedy="Or treat absent columns as missing: --absent-as-missing")
    return present


def labelled_rows(model: Any, path: Path, roles: Roles) -> LabelledTable:
    """The rows of a table whose answers are known, and these as the task of the model needs them."""
    rows = read_labelled(path, roles, lambda columns: present_columns(model, columns, path))
    return rows.with_targets(task_of(model), getattr(model, "classes_", None))


def held_kinds(model: Any) -> dict[str, str]:
    """What columns held in training that was no text: their cells are read as that."""
    plan = model.encoder_.plan
    return {name: kind for name, kind in zip(plan.names, plan.kinds, strict=True) if kind not in ("category", "empty")}


def remember(
    model: Any, roles: Roles, scores: Mapping[str, Mapping[str, float]], test_rows: int = 0, share: float = 0
) -> None:
    """Note in the model what the columns were for, and how good it was on so many rows; it is saved with it.

    `share` is that of the table which was set aside for the test.
    """
    measured = {name: note for name, note in model.notes_.items() if name == "predict_limit"}
    model.notes_ = measured | {
        "target": roles.target,
        "ids": list(roles.ids),
        "scores": {name: {key: float(value) for key, value in values.items()} for name, values in scores.items()},
        "test_rows": test_rows,
        "test_share": share,
        **{role: getattr(roles, role) for role in TYING if getattr(roles, role)},
    }


def remembered_ties(model: Any) -> dict[str, Any]:
    """The columns that tied rows to each other in training, by what they were for."""
    return {role: model.notes_[role] for role in TYING if isinstance(model.notes_.get(role), str)}


def remembered_share(model: Any) -> float:
    """The share of the table that was set aside for the test in training; the default one, if unknown."""
    share = model.notes_.get("test_share")
    return share if type(share) is float and 0 <= share < 1 else USUAL_SHARE


def recall(
    model: Any,
    file: Path,
    *,
    target: str | None = None,
    weight: str | None = None,
    reading: ReadOptions = DETECT_ALL,
) -> Roles:
    """Return the roles of the columns: those of the arguments, else those saved in the model.

    Raises
    ------
    UsageError
        If neither knows the target.
    """
    remembered = model.notes_.get("target")
    if target is None and not isinstance(remembered, str):
        raise UsageError(
            Text("{file} does not record which column was the target", file=file.name), None, "Specify it with --target"
        )
    target = target or str(remembered)
    text, kinds = Complement([target, *([weight] if weight else [])]), held_kinds(model)
    return Roles(target, weight=weight, reading=reading, learned=model.notation_, text=text, kinds=kinds)


def remembered_names(model: Any, columns: Sequence[str] | None = None) -> list[str]:
    """The columns that name rows, as far as the table has them; None: all."""
    return [name for name in _texts(model.notes_, "ids") if columns is None or name in columns]


def _texts(notes: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts from notes that anyone may have written."""
    found = notes.get(name)
    return tuple(str(text) for text in found) if isinstance(found, list) else ()


class RowSplit(NamedTuple):
    """The numbers of the rows that were learned from, and of those held back for a test."""

    learned: Array
    tested: Array


def parts_of(model: Any, rows: LabelledTable) -> RowSplit | None:
    """All rows were learned from, or what ``glassnet train`` leaves after its test; None where that is not certain."""

    def learned(part: LabelledTable) -> bool:
        return trained_with(model, part.X, part.y, part.weight, groups=part.groups, times=part.times)

    if learned(rows):
        return RowSplit(np.arange(len(rows)), np.arange(0))
    seed, share = model.get_params().get("random_state"), remembered_share(model)
    if isinstance(seed, int) and share and len(rows) > 1:
        classes = rows.y if task_of(model) == "classification" else None
        parts = RowSplit(*split_rows(len(rows), share, seed, classes, groups=rows.groups, times=rows.times))
        if learned(rows.take(parts.learned)):
            return parts
    return None


def trained_on(model: Any, rows: LabelledTable) -> list[Finding]:
    """That scores on these rows are those of rows which the model knows; nothing where that is not certain."""
    parts = parts_of(model, rows)
    return [] if parts is None else [TRAINED_ON.found("warning", count=len(parts.learned), rows=len(rows))]
