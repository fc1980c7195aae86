"""``glassnet train``: from a file to a trained, scored and saved model, printing findings on the way."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from glassnet.apps.commands import app
from glassnet.apps.console import Output
from glassnet.apps.shared_options import (
    Data,
    Fit,
    OutputFile,
    Result,
    Table,
    TrainingOptions,
    with_estimator_options,
)
from glassnet.apps.texts import say
from glassnet.apps.usage import DONE, INTERRUPTED, UsageError, as_usage, check_output, repeated_command
from glassnet.errors import TableWarning
from glassnet.support.language import Text

if TYPE_CHECKING:
    from glassnet.apps.training_result import Trained
    from glassnet.distributed.rounds import Rounds
    from glassnet.insight.doctor import Finding


FOLDS = 5
"""Folds by which training rows are predicted: as many as scikit-learn's cross-validation has."""
RESUME = ("--resume", "--force")
"""What lets a training go on whose model may have been saved before."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TrainOptions(TrainingOptions):
    """A training with options that are given.

    Parameters
    ----------
    validation : Path
        A file with validation rows, instead of a fraction of the training rows.
    time_limit : float
        Time limit for training in seconds, not including reading, scoring and the report.
    memory : str
        Memory limit for training, such as 1GB: a larger table, or a folder of Parquet or CSV files, is read in chunks.
        By default, the whole table is read into memory.
    checkpoint : Path
        Save a checkpoint to this folder about every ten seconds, to resume training after a crash.
    resume : bool
        Resume from the checkpoints in that folder; the result is the same as without interruption.
    dask : str
        Where to train: the address of a Dask scheduler, or local:4 for four local processes. Each worker trains one
        network; with --shards, all train the same network in rounds. The result is the same.
    shards : int
        Split the rows into this many shards and train in rounds: each shard takes steps independently, then the weights
        are averaged. This changes the result.
    local_steps : int
        Maximum number of steps per shard and round (default: 10).
    oof : Path
        Write the prediction for each training row by networks that were not trained on it (out-of-fold predictions) to
        this file: .csv, .tsv or .parquet. Without --cv or --fold, this uses five folds.
    watch : bool
        Show losses, the best epoch and the remaining time live, and the doctor's findings below them.
    timings : bool
        Show how many seconds each part took, from reading the table to writing the report.
    """

    validation: Annotated[Path | None, Data] = None
    time_limit: Annotated[float | None, Fit] = None
    memory: Annotated[str | None, Fit] = None
    checkpoint: Annotated[Path | None, Fit] = None
    resume: Annotated[bool, Fit] = False
    dask: Annotated[str | None, Fit] = None
    shards: Annotated[int | None, Fit] = None
    local_steps: Annotated[int | None, Fit] = None
    oof: Annotated[Path | None, OutputFile] = None
    watch: Annotated[bool, Result] = False
    timings: Annotated[bool, Result] = False


@app.command(
    sort_key=2,
    help_epilogue="""\
Examples:
  glassnet train titanic.csv --target survived
  glassnet train houses.parquet --target price --id number -o houses.safetensors
  glassnet train churn.csv --target churn --scoring roc_auc
  glassnet train t.csv --target y --hidden-layers 256,dropout:0.2,gelu:64
  glassnet train may.csv --target y --test june.csv --json > result.json
  glassnet train t.csv --target y --id number --oof held-out.csv
  glassnet train large.parquet --target y --checkpoint run-1 --resume
  glassnet train folder/ --target y --memory 1GB""",
)
@with_estimator_options
def train(table: Table, /, *, training: TrainOptions, **options: Any) -> int:
    """Train a network on a table, evaluate it on unseen rows, and save it.

    Ctrl-C ends training early: the best weights so far are scored and saved.

    Parameters
    ----------
    table : Path
        The training data file, or a folder of such files.
    """
    request = Request(**vars(training), table=table, options=options)
    return INTERRUPTED if run_training(request, training.printing.output).interrupted else DONE


@dataclass(frozen=True, kw_only=True)
class Request(TrainOptions):
    """A training request: the typed options, the table, and the estimator's options as typed."""

    table: Path
    options: Mapping[str, Any] = field(default_factory=dict)


def run_training(request: Request, output: Output) -> Trained:
    """Do all that ``glassnet train`` does."""
    from glassnet.apps.reports import command
    from glassnet.apps.table_messages import say_ended
    from glassnet.apps.timings import Timings
    from glassnet.apps.training_data import estimator, prepare
    from glassnet.apps.training_result import conclude, finish, show_timings, write_held_out
    from glassnet.distributed.clients import connected
    from glassnet.training.trainer import TIME_LIMIT

    with as_usage():
        TIME_LIMIT.taken("`time_limit`", request.time_limit)
    _check_checkpoint(request)
    _check_cluster(request)
    request = _with_folds(request)
    with connected(request.dask) as client:  # an address without a scheduler is refused before a long table is read
        timings = Timings()
        prepared = prepare(request, output, timings)
        training, validation = prepared.training, prepared.validation
        model = estimator(prepared.task, prepared.options)
        model.set_params(
            callbacks=[timings, *_callbacks(output, live=request.watch)],
            verbose=not output.quiet and not request.watch,
        )
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
                shards=_rounds(request),
            )
    timings.end("fit")
    if not len(model.history_):
        raise KeyboardInterrupt  # it came before there was anything to keep
    say_ended(output, model.histories_, timings.of_training)
    if request.checkpoint is not None and model.history_.ending == "interrupted":
        output.say("nothing", say("ended.goes_on"))
        output.say_command(repeated_command(*RESUME))
    compare = request.compare and model.history_.ending != "interrupted"  # a user who stops does not want to wait
    typed = command("train", [request.table], request, request.options)
    trained = finish(model, prepared, request, output, timings, compare=compare, typed=typed)
    if request.oof is not None and hasattr(model, "oof_predictions_"):  # after an interrupt there may be none
        write_held_out(model, training, request, output)
    if request.timings:
        show_timings(trained, output)
    conclude(trained, output, trained.record(request))
    return trained


def _check_checkpoint(request: Request) -> None:
    """See that nothing of an earlier training is taken up or lost unasked."""
    if request.checkpoint is None:
        if request.resume:
            raise UsageError("--resume needs the checkpoint folder", "no --checkpoint", "Add --checkpoint FOLDER")
        return
    if request.time_limit is not None:
        rule = Text(
            "Training with --time-limit depends on the clock, so checkpoints could not reproduce the same result"
        )
        raise UsageError(rule, Text("both", context="received"), "Omit --time-limit or --checkpoint")
    if not request.resume and any(request.checkpoint.glob("**/*.safetensors")):
        rule = Text("The folder of --checkpoint must be empty, unless training resumes from it")
        received = f"{request.checkpoint} with checkpoints in it"
        raise UsageError(rule, received, "Add --resume, or choose another folder", again=RESUME)


def _with_folds(request: Request) -> Request:
    """Return the request with folds if predictions for training rows are to be written and it says nothing else."""
    if request.oof is None:
        return request
    from glassnet.tables.writers import TableWriter

    unsupported = {"--memory": request.memory, "--shards": request.shards, "--validation": request.validation}
    for option, value in unsupported.items():
        if value is not None:
            raise UsageError(
                Text("{flag} cannot be combined with {other}", flag="--oof", other=option),
                str(value),
                "Omit one of them",
            )
    check_output(request.oof, [request.table], force=request.force, option="--oof")
    if request.oof == request.out:
        raise UsageError("--oof and --out must be two files", str(request.oof), "Choose another")
    with as_usage():
        TableWriter(request.oof)  # which refuses names that end in nothing known
    if request.fold is not None or request.options.get("cv") is not None:
        return request
    return replace(request, options={**request.options, "cv": FOLDS})


def _rounds(request: Request) -> Rounds | None:
    """How rows are learned from by rounds; None: they are not."""
    from glassnet.distributed.rounds import Rounds

    if request.shards is None:
        if request.local_steps is not None:
            raise UsageError("--local-steps needs --shards", str(request.local_steps), "Add --shards")
        return None
    given = {} if request.local_steps is None else {"local_steps": request.local_steps}
    with as_usage():
        return Rounds(request.shards, **given)


def _check_cluster(request: Request) -> None:
    """Refuse before a long table is read what cannot be."""
    from glassnet.apps.training_data import check_address

    rounds = _rounds(request)
    check_address(request.dask)
    unsupported: dict[str, Any] = {"--time-limit": request.time_limit, "--memory": request.memory}
    if rounds is not None:
        unsupported |= {"--group": request.group, "--time": request.time, "--fold": request.fold}
    elif request.dask is not None:
        unsupported |= {"--checkpoint": request.checkpoint}
    else:
        return
    how = "--shards" if rounds is not None else "--dask without --shards"
    for option, value in unsupported.items():
        if value is not None:
            raise UsageError(
                Text("{flag} cannot be combined with {other}", flag=how, other=option), str(value), "Omit one of them"
            )


def _callbacks(output: Output, *, live: bool) -> list[object]:
    """Return the callbacks of a training: none where it is quiet, for nothing of them would be shown.

    A live view shows the doctor's findings below its numbers; else each is printed when found.
    """
    from glassnet.apps.table_messages import say_finding
    from glassnet.insight.doctor import Doctor
    from glassnet.training.progress_display import LiveView

    if output.quiet:
        return []
    announcement = _Announcement(output)
    if live:
        view = LiveView()
        return [announcement, Doctor(tell=view.hear), view]

    def hear(finding: Finding) -> None:
        if finding.kind != "diverged":  # the training itself warns of that, with the state of the weights
            say_finding(output, finding)

    return [announcement, Doctor(tell=hear)]


class _Announcement:
    """A callback that prints the network and its training settings."""

    def __init__(self, output: Output) -> None:
        self.output = output

    def on_fit_begin(self, estimator: Any) -> None:
        from glassnet.apps.table_messages import say_network

        say_network(self.output, estimator)
