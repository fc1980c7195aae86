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
        Guessed from the target if left out.
    test : str
        A file with test rows, or the share of rows to hold out for testing; 0.2 if left out, 0 for none.
    id : tuple of str
        Identifier columns: not used for training, but carried along into predictions. Several: a,b.
    drop : tuple of str
        Columns not to use for training. Several: a,b; a name with a comma in quotes: '"a, b",c'.
    sample_weight : str
        A column with the weight of each row.
    group : str
        A column that says which rows belong together, such as those of a patient: no value is on both sides of a
        split. It is not used for training.
    time : str
        A column of dates or numbers: validation and test rows are later than training rows.
    fold : str
        A column that says which fold a row is in: each fold is predicted by networks trained on the others. It is not
        used for training.
    out : Path
        The file for the model (model.safetensors if left out).
    force : bool
        Replace the file if it exists.
    compare : bool
        Score baselines beside it: logistic or ridge regression, the most frequent class or the mean.
    report : Path
        The file for a report, one HTML page; beside the model, with .html at the end, if left out.
    no_report : bool
        Write no report.
    group_columns : tuple of str
        Columns whose importance the report measures together: place=lat,lon. Several: give the option again.
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
        A file with validation rows, instead of a part of the training rows.
    time_limit : float
        Seconds that training may take; reading, scoring and the report are not included.
    memory : str
        The memory that training may use, such as 1GB: a larger table, or a folder of Parquet or CSV files, is read in
        pieces. If left out, the whole table is read into memory.
    checkpoint : Path
        A folder for checkpoints, about one every ten seconds, from which training can resume after a crash.
    resume : bool
        Resume from the checkpoints in that folder; the result is the same as without the interruption.
    dask : str
        Where to train: the address of a Dask scheduler, or local:4 for four processes here. Each worker trains one
        network; with --shards all train in rounds. The result is the same.
    shards : int
        Split the rows into this many shards and train in rounds: each shard takes steps by itself, then the results are
        averaged. It changes the result.
    local_steps : int
        The maximum number of steps of a shard in a round; 10 if left out.
    watch : bool
        Show the curves of training and validation loss while it trains, and below them what the doctor finds.
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
        What trials are scored on: a file with rows, a share to hold out, or a number of folds; chosen by size, or the
        folds of --fold or --cv, if left out.
    budget : str
        How long to search, such as 90s, 10m or 1h30m; 10m if both are left out. The final training is not included.
    trials : int
        How many sets of options to try, those in --resume among them.
    jobs : int
        How many to try in parallel; as many as keep the processors busy if left out.
    resume : Path
        A file that records the trials: the same command resumes where it ended.
    dask : str
        Where to run the trials: the address of a Dask scheduler, or local:4 for four processes here. With the same
        --jobs the trials are the same.
    """

    validation: Annotated[str | None, Parameter(group=DATA, metavar="FILE|SHARE|FOLDS")] = None
    budget: Annotated[str | None, Search] = None
    trials: Annotated[int | None, Search] = None
    jobs: Annotated[int | None, Search] = None
    resume: Annotated[Path | None, Search] = None
    dask: Annotated[str | None, Search] = None
