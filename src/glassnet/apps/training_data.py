"""The tables of a training: checked, read and split into rows to learn from and rows to judge by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from sklearn.model_selection import LeaveOneGroupOut

from glassnet.apps.console import Output
from glassnet.apps.estimator_options import check_options, class_of, class_weights, costs_of_classes, parse_options
from glassnet.apps.labelled import LabelledTable, Roles, all_of, check_columns, labelled_of, read_labelled
from glassnet.apps.reports import report_file
from glassnet.apps.table_messages import (
    findings_of_target,
    say_columns,
    say_noticed,
    say_parts,
    say_target,
)
from glassnet.apps.timings import Timings
from glassnet.apps.usage import UsageError, as_usage, check_output, named_columns
from glassnet.distributed.clients import workers_here
from glassnet.errors import InputError
from glassnet.estimators.fit import Fit
from glassnet.estimators.out_of_core import Memory
from glassnet.estimators.presets import FREE_TEXT
from glassnet.formulas.random import stream_key, uniform
from glassnet.insight.doctor import Finding
from glassnet.insight.doctor.table_checks import RawTable, table_findings
from glassnet.support.language import Text
from glassnet.support.prefetch import ahead
from glassnet.tables.fit_statistics import Texts, texts_of
from glassnet.tables.reading.sources import pl
from glassnet.tables.reading.table_blocks import Blocks, open_blocks
from glassnet.tables.target_column import TaskName
from glassnet.training import split_rows

if TYPE_CHECKING:
    from glassnet.apps.commands.train import Request


MOST_TEST, MOST_SAMPLE = 50_000, 50_000
"""Rows that are set aside for the test, and that simple models, doctor and report learn from, at most."""
TEST, SAMPLE = 1, 2
"""Streams of random numbers."""
TIED: Final = ("group", "time", "fold")


@dataclass(frozen=True)
class Prepared:
    """The tables and findings before the training.

    Attributes
    ----------
    options : dict from str to object
        Those of the estimator.
    rows : dict from str to int
        How many rows there are for what.
    share : float
        The share of the table that was set aside for the test; 0: none.
    streamed : Blocks or None
        The rows to learn from, where they are not in memory; `training` is a sample of them then.
    noticed : sequence of Finding
        Findings about the table itself; none where they are not shown.
    """

    task: TaskName
    options: dict[str, Any]
    training: LabelledTable
    test: LabelledTable | None
    validation: LabelledTable | None
    rows: dict[str, int]
    share: float
    test_file: Path | None
    report: Path | None
    streamed: Blocks | None = None
    noticed: Sequence[Finding] = ()


def prepare(request: Request, output: Output, timings: Timings) -> Prepared:
    """Check the request, read and split the tables, and print the findings."""
    share, test_file = _test_part(request.test)
    inputs = [request.table, request.validation, test_file]
    check_output(request.out, inputs, force=request.force)
    report = report_file(request, inputs, judged=bool(share) or test_file is not None)
    options = _checked(request.options)
    if request.task is not None:
        estimator(request.task, options)
    _check_folds(request)
    named_columns(request.group_columns)  # refused now, and not after the training
    seed, found = options.setdefault("random_state", 0), None
    if request.memory is not None:
        check_streamed(request)
        found = look(request.table, request.roles, share, seed)
    table = read_labelled(request.table, request.roles) if found is None else found.sample
    timings.end("read")
    say_columns(output, request.table, table, of=None if found is None else found.counts["all"])
    noticed = findings_of_target(request.roles.target, table)
    task = say_target(output, request.roles.target, table, request.task, noticed)
    table = table.with_targets(task)
    known = np.unique(table.y) if task == "classification" else None
    if known is not None and "class_weight" in options:
        options["class_weight"] = class_weights(options["class_weight"], known)
    if known is not None and "costs" in options:
        options["costs"] = costs_of_classes(options["costs"], known)
    if known is not None and "positive" in options:
        options["positive"] = class_of("positive", options["positive"], known)
    Fit.check_targets(estimator(task, options), table.X.width, table.y)
    if request.roles.fold is not None:
        options["cv"] = LeaveOneGroupOut()
    if found is None:
        training, test = (table, None) if not share else _split(table, share, seed, task)
        _check_groups_left(training, test, request)
        # by group and time at once, the earlier rows of the groups in the test are for neither
        left_out = len(table) - len(training) - (0 if test is None else len(test))
    else:
        left_out, training, test = 0, table, None if found.test is None else found.test.with_targets(task, known)
    alike = table.like_this(request.roles)
    if test_file is not None:
        test = read_labelled(test_file, alike, all_of(table.X.columns, test_file)).with_targets(task, known)
    validation = None
    if request.validation is not None:
        of_validation = all_of(table.X.columns, request.validation)
        validation = read_labelled(request.validation, alike, of_validation).with_targets(task, known)
    rows = {"training": len(training), "test": len(test) if test else 0, "without target": table.dropped}
    rows["left out"] = left_out
    if found is not None:
        rows |= {name: found.counts[name] for name in ("training", "without target")}
    say_parts(output, rows, validation, request.roles)
    if not output.quiet or output.json:
        say_noticed(output, of_columns := _noticed(training, task, request.roles, options.get("free_text", FREE_TEXT)))
        noticed = [*noticed, *of_columns]
    timings.end("examine")
    streamed = None if found is None else found.rows
    return Prepared(task, options, training, test, validation, rows, share, test_file, report, streamed, noticed)


def estimator(task: TaskName, options: Mapping[str, Any]) -> Any:
    """Return an estimator for a task.

    Raises
    ------
    UsageError
        If the other task alone has one of the options.
    """
    from glassnet.api.estimators import NeuralClassifier, NeuralRegressor

    kind = NeuralClassifier if task == "classification" else NeuralRegressor
    accepted = kind().get_params()
    unfit = [f"--{name.replace('_', '-')}" for name in options if name not in accepted]
    if unfit:
        problem = Text("classification") if task == "classification" else Text("regression")
        raise UsageError(Text("{flag} does not apply to {problem}", flag=unfit[0], problem=problem), None, "Omit it")
    return kind(**options)


def check_address(address: str | None) -> None:
    """Refuse an invalid address of a cluster."""
    with as_usage():
        if address is not None:
            workers_here(address)


def _checked(typed: Mapping[str, Any]) -> dict[str, Any]:
    with as_usage():
        options = parse_options(typed)
        check_options(options)
    return options


def _test_part(text: str) -> tuple[float, Path | None]:
    """The share to hold back, or the file with the test rows."""
    try:
        share = float(text)
    except ValueError:
        return 0.0, Path(text)
    if not 0 <= share < 1:
        raise UsageError("--test must be a file, or a share in [0, 1)", text, "For example 0.2")
    return share, None


def _check_folds(request: Request) -> None:
    """Refuse more than one source of validation rows."""
    given = {"--group": request.roles.group, "--time": request.roles.time, "--cv": request.options.get("cv")}
    others = [option for option, value in {**given, "--validation": request.validation}.items() if value is not None]
    if request.roles.fold is not None and others:
        raise UsageError(
            Text("--fold and {other} both choose the validation rows", other=others[0]), None, "Omit one of them"
        )
    if given["--cv"] is not None and request.validation is not None:
        raise UsageError("--cv and --validation both choose the validation rows", None, "Omit one of them")


def _check_groups_left(training: LabelledTable, test: LabelledTable | None, request: Request) -> None:
    """Refuse a test that leaves nothing to judge by: groups and folds go to it whole."""
    if test is None or request.options.get("early_stopping") is False:
        return
    if training.groups is None or test.groups is None:
        return
    left, taken = len(np.unique(training.groups)), len(np.unique(test.groups))
    if left < 2:
        option, what = ("--fold", Text("folds")) if request.roles.fold is not None else ("--group", Text("groups"))
        raise UsageError(
            Text("The training rows must have at least two {role}", role=what),
            Text("{left} of {count} by {option}; the test has the rest", left=left, count=left + taken, option=option),
            Text("Use --test 0, a file of test rows, or a column with more {role}", role=what),
        )


def _split(table: LabelledTable, share: float, seed: int, task: TaskName) -> tuple[LabelledTable, LabelledTable]:
    if len(table) < 2:
        raise InputError(
            "A table must have training rows and test rows", Text("{count} row", count=len(table)), "Use --test 0"
        )
    classes, tied = table.y if task == "classification" else None, {"groups": table.groups, "times": table.times}
    kept, held = split_rows(len(table), share, seed, classes, **tied)
    if task == "classification" and len(np.unique(table.y[kept])) < 2 <= len(np.unique(table.y)):
        rows = f"{len(table)} rows, of which {len(held)} held out as a test"
        raise InputError("The training rows must have at least two classes", rows, "Use --test 0, or give more rows")
    strange = task == "classification" and not np.isin(table.y[held], table.y[kept]).all()
    if strange and any(values is not None for values in tied.values()):
        rule = Text("Every class of the test rows must occur in the training rows")
        raise InputError(rule, "one that is in the test rows alone", "Use --test 0, or a file of test rows")
    if strange:
        raise InputError(
            "At least one class must have two rows, one for training and one for testing",
            Text("a class of its own in each of {count} rows", count=len(table)),
            "Check the target. For numbers, use --task regression; otherwise --test 0",
        )
    return table.take(kept), table.take(held)


def _noticed(training: LabelledTable, task: TaskName, roles: Roles, free_text: Texts) -> list[Finding]:
    """Return the findings on the table itself, before training."""
    tied = {"grouped": bool(roles.group or roles.fold), "timed": bool(roles.time or roles.fold)}
    classes, texts = task == "classification", texts_of(training.X, free_text)
    return table_findings(RawTable(training.X, training.y, classes, roles.target, **tied, texts=texts))


class ScannedBlocks(NamedTuple):
    """The result of one pass over all rows: the training rows, a sample of them, and the test rows.

    `counts` are rows in all, for training, for the test, and without a target.
    """

    rows: LearnedBlocks
    sample: LabelledTable
    test: LabelledTable | None
    counts: dict[str, int]


@dataclass(frozen=True)
class LearnedBlocks:
    """The rows of a table that have a target, but for those set aside: each is with a probability of `share`.

    The columns that are left out are neither learned from nor needed.
    """

    whole: Blocks
    target: str
    left_out: tuple[str, ...]
    share: float
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.whole.names if name not in self.left_out)

    @property
    def rows(self) -> tuple[int, ...]:
        """At most so many."""
        return self.whole.rows

    @property
    def labels(self) -> tuple[str, ...]:
        return self.whole.labels

    def pieces(self, number: int, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        for piece, set_aside in self.parted(number, [*(columns or self.names)]):
            yield piece.filter(~set_aside)

    def parted(self, number: int, columns: Sequence[str]) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
        """The rows of a block that have a target, and whether each is set aside."""
        start, key = 0, stream_key(self.seed, number, TEST)
        names = [*columns, *([] if self.target in columns else [self.target])]
        for piece in self.whole.pieces(number, names):
            index = np.arange(start, start + len(piece), dtype=np.uint64)
            set_aside = pl.Series("set aside", uniform(key, index) < self.share)
            known = piece[self.target].is_not_null()
            yield piece.select(columns).filter(known), set_aside.filter(known)
            start += len(piece)


def check_streamed(request: Request) -> None:
    """Refuse what cannot be had of a table that is not in memory, saying what to do instead."""
    with as_usage():
        Memory().taken("--memory", request.memory)
    tied = next((name for name in TIED if getattr(request, name) is not None), None)
    if tied is not None:
        rule = Text("--{tied} needs all rows in memory", tied=tied)
        raise UsageError(rule, "--memory, too", "Specify files to evaluate on: --validation FILE and --test FILE")
    if str(request.table) == "-":
        raise UsageError(
            "With --memory, the table must be readable more than once", "the standard input", "Specify a file"
        )


def look(path: Path, roles: Roles, share: float, seed: int) -> ScannedBlocks:
    """Open a file or a folder and look at all of its rows once; of a share for the test at most `MOST_TEST` are."""
    others = {*roles.ids, *roles.drop} - {roles.target, roles.weight}
    whole = open_blocks(path, roles.reading, others, roles.target)
    check_columns(roles.not_features, whole.names, path)
    total = sum(whole.rows)
    share = min(share, MOST_TEST / total)
    rows = LearnedBlocks(whole, roles.target, (*roles.ids, *roles.drop), share, seed)
    chosen: list[pl.DataFrame] = []
    tests: list[pl.DataFrame] = []
    labelled = 0
    names = list(whole.names)
    for number, pieces in enumerate(ahead(len(whole.rows), lambda number: list(rows.parted(number, names)))):
        key, start = stream_key(seed, number, SAMPLE), 0
        for piece, set_aside in pieces:
            index = np.arange(start, start + len(piece), dtype=np.uint64)
            tests.append(piece.filter(set_aside))
            drawn = uniform(key, index) < MOST_SAMPLE / total
            chosen.append(piece.filter(drawn & ~set_aside.to_numpy()))
            labelled += len(piece)
            start += len(piece)
    sample, test = pl.concat(chosen), pl.concat(tests)
    if not len(sample):
        raise InputError(
            Text("{name} must have rows with a target", name=path.name),
            Text("none", context="received"),
            "Check that this is the right column",
        )
    notation = getattr(whole, "notation", roles.learned)
    counts = {"all": total, "training": labelled - len(test), "test": len(test), "without target": total - labelled}
    some = labelled_of(sample, roles, notation, gaps=getattr(whole, "gaps", {}))
    return ScannedBlocks(rows, some, labelled_of(test, roles, notation) if len(test) else None, counts)
