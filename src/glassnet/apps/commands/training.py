"""The options of every command that trains: train, search."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from glassnet.apps.commands.reading import Reading
from glassnet.apps.commands.table import DATA, RESULT, Data, Groups, Names, Out, Result
from glassnet.apps.commands.talk import RESULTS, Results
from glassnet.apps.names import named_columns

if TYPE_CHECKING:
    from glassnet.apps.labelled import Roles
    from glassnet.apps.stages import Request

__all__ = ["Training"]


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

    def request(self, table: Path, options: dict[str, Any], **more: Any) -> Request:
        """The same as the work takes it, on a table, with the estimator's options."""
        from glassnet.apps.reports import wanted_report
        from glassnet.apps.stages import Request

        return Request(
            table,
            self._roles,
            task=self.task,
            test=self.test,
            out=self.out,
            force=self.force,
            compare=self.compare,
            report=wanted_report(self.report, self.no_report),
            options=options,
            column_groups=named_columns(self.group_columns),
            **more,
        )

    @property
    def _roles(self) -> Roles:
        from glassnet.apps.labelled import Roles

        return Roles(
            *(self.target, self.id, self.drop, self.sample_weight, self.reading.options),
            group=self.group,
            fold=self.fold,
            time=self.time,
        )
