"""The options of every command that trains: train, search."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from glassnet.apps.commands.reading import Reading
from glassnet.apps.commands.table import DATA, RESULT, Data, Fit, Groups, Names, Out, Result, Search
from glassnet.apps.commands.talk import RESULTS, Results
from glassnet.apps.names import named_columns

if TYPE_CHECKING:
    from glassnet.apps.labelled import Roles


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class Training:
    """What is learned from, and what becomes of it.

    Parameters
    ----------
    target : str
        The column to predict.
    task : str
        The task (default: inferred from the target).
    test : str
        A file with test rows, or the fraction of rows to hold out for testing (default: 0.2; 0 for none).
    id : tuple of str
        Identifier columns: not used for training, but copied to the predictions. For several: a,b.
    drop : tuple of str
        Columns to exclude from training. For several: a,b; quote a name that has a comma: '"a, b",c'.
    sample_weight : str
        The column with sample weights.
    group : str
        The column with groups of rows, such as a patient number: no group is on both sides of a split. It is not used
        for training.
    time : str
        A column of dates or numbers to split by: validation and test rows are later than training rows.
    fold : str
        The column with fold numbers: each fold is predicted by networks trained on the others. It is not
        used for training.
    out : Path
        The model file to write (default: model.safetensors).
    force : bool
        Overwrite the file if it exists.
    compare : bool
        Score baselines, too: logistic or ridge regression, the most frequent class or the mean.
    report : Path
        Write the report to this file, a single HTML page (default: next to the model, as NAME.report.html).
    no_report : bool
        Write no report.
    group_columns : tuple of str
        Columns whose importance is reported jointly: place=lat,lon. For several, repeat the option.
    """

    target: Annotated[str, Data]
    task: Annotated[Literal["classification", "regression"] | None, Data] = None
    test: Annotated[str, Parameter(group=DATA, metavar="FILE|SHARE")] = "0.2"
    id: Names = ()
    drop: Names = ()
    sample_weight: Annotated[str | None, Data] = None
    group: Annotated[str | None, Data] = None
    time: Annotated[str | None, Data] = None
    fold: Annotated[str | None, Data] = None
    out: Annotated[Path, Out] = Path("model.safetensors")
    force: Annotated[bool, Result] = False
    compare: Annotated[bool, Parameter(negative="--no-compare", group=RESULT)] = True
    report: Annotated[Path | None, Result] = None
    no_report: Annotated[bool, Result] = False
    group_columns: Groups = ()
    talk: Results = RESULTS
    reading: Reading = field(default_factory=Reading)

    @property
    def roles(self) -> Roles:
        """What the columns are for."""
        from glassnet.apps.labelled import Roles

        return Roles(
            *(self.target, self.id, self.drop, self.sample_weight, self.reading.options),
            group=self.group,
            fold=self.fold,
            time=self.time,
        )

    @property
    def column_groups(self) -> dict[str, tuple[str, ...]]:
        """Columns whose importance the report gives together."""
        return named_columns(self.group_columns)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class OneTraining(Training):
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
    watch : bool
        Show losses, the best epoch and the remaining time live, and the doctor's findings below them.
    """

    validation: Annotated[Path | None, Data] = None
    time_limit: Annotated[float | None, Fit] = None
    memory: Annotated[str | None, Fit] = None
    checkpoint: Annotated[Path | None, Fit] = None
    resume: Annotated[bool, Fit] = False
    dask: Annotated[str | None, Fit] = None
    shards: Annotated[int | None, Fit] = None
    local_steps: Annotated[int | None, Fit] = None
    watch: Annotated[bool, Result] = False


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Searching(Training):
    """A training with options that are searched for.

    Parameters
    ----------
    validation : str
        What trials are scored on: a file with rows, a fraction to hold out, or a number of folds (default: depends on
        the number of rows, or the folds of --fold or --cv).
    budget : str
        How long to search, such as 90s, 10m or 1h30m (default: 10m, unless --trials is given). The final training is
        not included.
    trials : int
        Number of trials, including those in --resume.
    jobs : int
        Number of parallel trials (default: as many as keep all processors busy).
    resume : Path
        A file that records the trials: run the same command again to resume.
    dask : str
        Where to run the trials: the address of a Dask scheduler, or local:4 for four local processes. With the same
        --jobs the trials are the same.
    """

    validation: Annotated[str | None, Parameter(group=DATA, metavar="FILE|SHARE|FOLDS")] = None
    budget: Annotated[str | None, Search] = None
    trials: Annotated[int | None, Search] = None
    jobs: Annotated[int | None, Search] = None
    resume: Annotated[Path | None, Search] = None
    dask: Annotated[str | None, Search] = None
