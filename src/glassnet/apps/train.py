"""``glassnet train``: from a file to a trained, scored and saved model, saying on the way what was found."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import LeaveOneGroupOut

from glassnet.apps.clusters import check_cluster, rounds_of
from glassnet.apps.command_line import repeated_command
from glassnet.apps.console import Output
from glassnet.apps.endings import UsageError, as_usage, check_output
from glassnet.apps.findings import (
    findings_of_target,
    say_columns,
    say_ended,
    say_network,
    say_noticed,
    say_parts,
    say_target,
)
from glassnet.apps.labelled import Labelled, Roles, TaskName, all_of, read_labelled
from glassnet.apps.names import named_columns
from glassnet.apps.options import as_options, check_options, class_of, class_weights, parse_options
from glassnet.apps.out_of_core import check_streamed, look
from glassnet.apps.recipe import command
from glassnet.apps.reports import beside, intervals, report_file, say_verdict, subject_of_training, write_report
from glassnet.apps.rescue import Place
from glassnet.apps.saved import remember
from glassnet.apps.scores import positive_tables, score_table
from glassnet.apps.stages import Prepared, Request, Trained
from glassnet.apps.texts import counted, say
from glassnet.apps.watching import watchers
from glassnet.distributed.clients import connected
from glassnet.errors import InputError, TableWarning
from glassnet.estimators import NeuralClassifier, NeuralRegressor
from glassnet.insight.baselines import baselines, z_scores
from glassnet.insight.doctor import Finding, diagnose
from glassnet.insight.doctor.table import GivenTable, table_findings
from glassnet.insight.predicted import predict_rows
from glassnet.insight.scores import score
from glassnet.insight.verdict import verdict
from glassnet.support.language import get_language
from glassnet.tables import TableEncoder
from glassnet.training import split_rows
from glassnet.training.trainer import TIME_LIMIT

RESUME = ("--resume", "--force")
"""What lets a training go on whose model may have been saved before."""


def train(request: Request, output: Output) -> Trained:
    """Do all that ``glassnet train`` does."""
    with as_usage():
        TIME_LIMIT.taken("`time_limit`", request.time_limit)
    _check_checkpoint(request)
    check_cluster(request)
    with connected(request.dask) as client:  # an address at which nobody answers is told before a long table is read
        prepared = prepare(request, output)
        training, validation = prepared.training, prepared.validation
        model = _estimator(prepared.task, prepared.options)
        model.set_params(
            callbacks=watchers(model, output, live=request.watch),
            verbose=not output.quiet and not request.watch,
        )
        started = time.perf_counter()
        held = None if validation is None else (validation.X, validation.y, validation.weight)
        rows = {"X": training.X, "y": training.y, "sample_weight": training.weight}
        if prepared.streamed is not None:
            rows = {"X": prepared.streamed, "y": request.target, "sample_weight": request.sample_weight}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TableWarning)  # it has been said
            model.fit(
                **rows,
                groups=training.groups,
                times=training.times,
                time_limit=request.time_limit,
                checkpoint=request.checkpoint,
                validation_data=held,
                memory=request.memory,
                client=client,
                shards=rounds_of(request),
            )
    seconds = time.perf_counter() - started
    if not len(model.history_):
        raise KeyboardInterrupt  # it came before there was anything to keep
    if request.dask is not None and request.shards is None:
        say_network(output, model)  # workers trained the members, so nobody here could say it as they began
    say_ended(output, model.histories_, seconds)
    if request.checkpoint is not None and model.history_.ending == "interrupted":
        output.say("nothing", say("ended.goes_on"))
        output.say_command(repeated_command(*RESUME))
    compare = request.compare and model.history_.ending != "interrupted"  # whoever stops does not want to wait
    typed = command("train", [request.table], request, request.options)
    trained = finish(model, prepared, request, output, seconds, compare=compare, typed=typed)
    conclude(trained, output, trained.record(request))
    return trained


def prepare(request: Request, output: Output) -> Prepared:
    """Check what was typed, read the tables, and tell the rows apart, saying what was found."""
    share, test_file = _test_part(request.test)
    inputs = [request.table, request.validation, test_file]
    check_output(request.out, inputs, force=request.force)
    report = report_file(request, inputs, judged=bool(share) or test_file is not None)
    options = _checked(request.options)
    _check_folds(request)
    named_columns(request.group_columns)  # refused now, and not after the training
    seed, found = options.setdefault("random_state", 0), None
    if request.memory is not None:
        check_streamed(request)
        found = look(request.table, request.roles, share, seed)
    table = read_labelled(request.table, request.roles) if found is None else found.sample
    say_columns(output, request.table, table, of=None if found is None else found.counts["all"])
    noticed = findings_of_target(request.roles.target, table)
    task = say_target(output, request.roles.target, table, request.task, noticed)
    table = table.with_targets(task)
    known = np.unique(table.y) if task == "classification" else None
    if known is not None and "class_weight" in options:
        options["class_weight"] = class_weights(options["class_weight"], known)
    if known is not None and "positive" in options:
        options["positive"] = class_of("positive", options["positive"], known)
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
        say_noticed(output, of_columns := _noticed(training, task, request.roles))
        noticed = [*noticed, *of_columns]
    streamed = None if found is None else found.rows
    return Prepared(task, options, training, test, validation, rows, share, test_file, report, streamed, noticed)


def finish(
    model: Any, prepared: Prepared, request: Request, output: Output, seconds: float, *, compare: bool, typed: str
) -> Trained:
    """Save a fitted model, score it (and simple models, to compare), show the scores, and write the report.

    `seconds` are the training's; `typed` is the command.
    """
    model.set_params(callbacks=None, verbose=False)
    model.notation_ = prepared.training.notation
    place = Place(request.out)
    trained = Trained(
        *(model, prepared.task, prepared.rows, prepared.test, None, {}, seconds, place), noticed=prepared.noticed
    )
    _save(trained, request, prepared.share)
    try:
        if prepared.test is not None:
            trained = _scored(trained, prepared.test, prepared.training, compare=compare)
            _save(trained, request, prepared.share)
            output.show("", score_table(counted(len(prepared.test), "test_row"), trained.scores))
            output.show(*positive_tables(model, trained.scores), "")
    finally:  # also for those who do not want to wait for the scores
        output.show_file("model", place.file)
    subject = None
    if prepared.test is not None and (compare or prepared.report is not None):
        subject = subject_of_training(trained, prepared, prepared.test, request, typed, verbose=not output.quiet)
    if prepared.report is not None and subject is not None:
        file = prepared.report if place.problem is None else beside(place.file)
        subject = write_report(subject, file)
        trained.model.notes_["intervals"] = intervals(subject)
        place.save(trained.model)  # once more, now that it is known how sure the scores are
        trained = replace(trained, report=file)
        output.show_file("report", file)
    found = None if subject is None else subject.findings
    said = verdict(
        trained.scores,
        _leads(trained),
        trained.rows["test"],
        lambda: found if found is not None else _diagnosed(trained.model, prepared),
        weighted=getattr(model, "class_weight", None) is not None,
    )
    if said is not None:
        trained = replace(trained, verdict=[*map(as_options, said.sentences(get_language()))])
        output.show("")
        for topic, sentence in zip_longest(["warning"], trained.verdict, fillvalue="nothing"):
            output.show_line(topic, sentence)
    if subject is not None:
        say_verdict(output, subject)
    return trained


def _leads(trained: Trained) -> dict[str, dict[str, float]] | None:
    """By how many standard errors the network and the simple models beat the constant answer."""
    if trained.test is None or trained.predicted is None:
        return None
    return z_scores(trained.test.y, {"network": trained.predicted, **trained.simple}, trained.test.weight)


def _diagnosed(model: Any, prepared: Prepared) -> Iterable[Finding]:
    """What the doctor finds in a training."""
    learned, test = prepared.training, prepared.test
    judged = None if test is None else (test.X, test.y)
    return diagnose(*(model, learned.X, learned.y), groups=learned.groups, times=learned.times, validation_data=judged)


def conclude(trained: Trained, output: Output, record: Mapping[str, Any]) -> None:
    """Print the results for programs, and say so if the model is not where it should be."""
    output.record(record)
    if trained.place.problem is not None:
        raise trained.place.problem


def _noticed(training: Labelled, task: TaskName, roles: Roles) -> list[Finding]:
    """What the table itself shows, before anything is learned from it."""
    tied = {"grouped": bool(roles.group or roles.fold), "timed": bool(roles.time or roles.fold)}
    return table_findings(GivenTable(training.X, training.y, task == "classification", roles.target, **tied))


def _test_part(text: str) -> tuple[float, Path | None]:
    """The share to hold back, or the file with the test rows."""
    try:
        share = float(text)
    except ValueError:
        return 0.0, Path(text)
    if not 0 <= share < 1:
        raise UsageError("--test must be a file, or a share in [0, 1)", text, "For example 0.2")
    return share, None


def _checked(typed: Mapping[str, Any]) -> dict[str, Any]:
    with as_usage():
        options = parse_options(typed)
        check_options(options)
    return options


def _check_folds(request: Request) -> None:
    """Refuse several who say which rows judge."""
    given = {"--group": request.roles.group, "--time": request.roles.time, "--cv": request.options.get("cv")}
    others = [option for option, value in {**given, "--validation": request.validation}.items() if value is not None]
    if request.roles.fold is not None and others:
        raise UsageError(f"--fold and {others[0]} both choose the validation rows", None, "Omit one of them")
    if given["--cv"] is not None and request.validation is not None:
        raise UsageError("--cv and --validation both choose the validation rows", None, "Omit one of them")


def _check_groups_left(training: Labelled, test: Labelled | None, request: Request) -> None:
    """Refuse a test that leaves nothing to judge by: groups and folds go to it whole."""
    if test is None or request.options.get("early_stopping") is False:
        return
    if training.groups is None or test.groups is None:
        return
    left, taken = len(np.unique(training.groups)), len(np.unique(test.groups))
    if left < 2:
        option, what = ("--fold", "folds") if request.roles.fold is not None else ("--group", "groups")
        raise UsageError(
            f"The training rows must have at least two {what}",
            f"{left} of {left + taken} by {option}; the test has the rest",
            f"Use --test 0, a file of test rows, or a column with more {what}",
        )


def _check_checkpoint(request: Request) -> None:
    """See that nothing of an earlier training is taken up or lost unasked."""
    if request.checkpoint is None:
        if request.resume:
            raise UsageError("--resume needs the checkpoint folder", "no --checkpoint", "Add --checkpoint FOLDER")
        return
    if request.time_limit is not None:
        rule = "Training with --time-limit depends on the clock, so checkpoints could not reproduce the same result"
        raise UsageError(rule, "both", "Omit --time-limit or --checkpoint")
    if not request.resume and any(request.checkpoint.glob("**/*.safetensors")):
        rule = "The folder of --checkpoint must be empty, unless training resumes from it"
        received = f"{request.checkpoint} with checkpoints in it"
        raise UsageError(rule, received, "Add --resume, or choose another folder", again=RESUME)


def _split(table: Labelled, share: float, seed: int, task: TaskName) -> tuple[Labelled, Labelled]:
    if len(table) < 2:
        raise InputError("A table must have training rows and test rows", f"{len(table)} row", "Use --test 0")
    classes, tied = table.y if task == "classification" else None, {"groups": table.groups, "times": table.times}
    kept, held = split_rows(len(table), share, seed, classes, **tied)
    if task == "classification" and len(np.unique(table.y[kept])) < 2 <= len(np.unique(table.y)):
        rows = f"{len(table)} rows, of which {len(held)} held out as a test"
        raise InputError("The training rows must have at least two classes", rows, "Use --test 0, or give more rows")
    strange = task == "classification" and not np.isin(table.y[held], table.y[kept]).all()
    if strange and any(values is not None for values in tied.values()):
        rule = "Every class of the test rows must occur in the training rows"
        raise InputError(rule, "one that is in the test rows alone", "Use --test 0, or a file of test rows")
    if strange:
        raise InputError(
            "At least one class must have two rows, one for training and one for testing",
            f"a class of its own in each of {len(table)} rows",
            "Check the target. For numbers, use --task regression; otherwise --test 0",
        )
    return table.take(kept), table.take(held)


def _estimator(task: TaskName, options: Mapping[str, Any]) -> Any:
    kind = NeuralClassifier if task == "classification" else NeuralRegressor
    accepted = kind().get_params()
    unfit = [f"--{name.replace('_', '-')}" for name in options if name not in accepted]
    if unfit:
        raise UsageError(f"{unfit[0]} does not apply to {task}", None, "Omit it")
    return kind(**options)


def _save(trained: Trained, request: Request, share: float) -> None:
    remember(trained.model, request.roles, trained.scores, 0 if trained.test is None else len(trained.test), share)
    trained.place.save(trained.model)


def _scored(trained: Trained, test: Labelled, training: Labelled, *, compare: bool) -> Trained:
    """The same with the scores of the test rows, and of simple models beside them."""
    model = trained.model
    predicted, positive = predict_rows(model, test.X), getattr(model, "positive_", None)
    scores, simple = {"network": score(test.y, predicted, test.weight, positive)}, {}
    if compare:
        encoder = TableEncoder().fit(
            training.X, sample_weight=training.weight
        )  # levels as columns, which simple models need
        simple_models = baselines(
            encoder.transform(training.X),
            training.y,
            training.weight,
            encoder.transform(test.X),
            classes=trained.task == "classification",
            class_weight=model.get_params().get("class_weight"),
        )
        simple = dict(simple_models)
        scores |= {name: score(test.y, said, test.weight, positive) for name, said in simple.items()}
    return replace(trained, predicted=predicted, scores=scores, simple=simple)
