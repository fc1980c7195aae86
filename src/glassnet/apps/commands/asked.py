"""The options of commands that take a saved model, as the work takes them: evaluate, predict, explain, doctor, ..."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from glassnet.apps.commands.reading import Reading
from glassnet.apps.commands.table import Data, Groups, Names, Out, Result
from glassnet.apps.commands.talk import RESULTS, TALK, Results, Talk

AS_LEARNED = Reading()


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How a model is scored.

    Parameters
    ----------
    target : str
        The target column, if it is named differently than in training.
    sample_weight : str
        A column with the weight of each row.
    report : Path
        The file for a report, one HTML page; none if left out.
    group_columns : tuple of str
        Columns whose importance the report measures together: place=lat,lon. Several: give the option again.
    force : bool
        Replace the report if it exists.
    """

    target: Annotated[str | None, Data] = None
    sample_weight: Annotated[str | None, Data] = None
    reading: Reading = AS_LEARNED
    report: Annotated[Path | None, Result] = None
    group_columns: Groups = ()
    force: Annotated[bool, Result] = False
    talk: Results = RESULTS


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Explaining:
    """What is explained.

    Parameters
    ----------
    rows : tuple of str
        Which rows to explain, from 0; the first five if left out. Several: 0,5
    target : str
        The target column, if it is named differently than in training.
    group_columns : tuple of str
        Columns whose importance is measured together: place=lat,lon. Several: give the option again.
    """

    rows: Names = ()
    target: Annotated[str | None, Data] = None
    group_columns: Groups = ()
    reading: Reading = AS_LEARNED
    talk: Results = RESULTS


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Examination:
    """What the doctor looks at.

    Parameters
    ----------
    target : str
        The target column, if it is named differently than in training.
    validation : Path
        A file with unseen rows.
    """

    target: Annotated[str | None, Data] = None
    validation: Annotated[Path | None, Data] = None
    reading: Reading = AS_LEARNED
    talk: Results = RESULTS


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Carding:
    """What a card says, and where it goes.

    Parameters
    ----------
    out : Path
        The file for the card; beside the model, under its name, if left out.
    test : Path
        A file with unseen rows to score it on; the scores noted in training if left out.
    target : str
        The target column in that file, if it is named differently than in training.
    name : str
        The name of the model; that of its file if left out.
    force : bool
        Replace the file if it exists, including everything filled in.
    """

    out: Annotated[Path | None, Out] = None
    test: Annotated[Path | None, Data] = None
    target: Annotated[str | None, Data] = None
    reading: Reading = AS_LEARNED
    name: Annotated[str, Result] = ""
    force: Annotated[bool, Result] = False
    talk: Results = RESULTS


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Predicting:
    """Where predictions go, and in which form.

    Parameters
    ----------
    id : tuple of str
        Columns to carry along into the predictions, besides those given in training. Several: a,b.
    out : Path
        The file for the predictions: .csv, .tsv (also with .gz) or .parquet; the standard output if left out or "-".
        For a folder of tables, a folder.
    force : bool
        Replace the file if it exists.
    no_formulas : bool
        Put an apostrophe before text that a spreadsheet would compute, such as =1+1: for untrusted tables.
    jobs : int
        How many processors to use; all if left out.
    dask : str
        Where to predict the files of a folder: the address of a Dask scheduler, or local:4 for four processes here.
    """

    id: Names = ()
    reading: Reading = AS_LEARNED
    out: Annotated[Path, Out] = Path("-")
    force: Annotated[bool, Result] = False
    no_formulas: Annotated[bool, Result] = False
    jobs: Annotated[int | None, Result] = None
    dask: Annotated[str | None, Result] = None
    talk: Talk = TALK


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Exporting:
    """What is written for other programs.

    Parameters
    ----------
    coverage : float
        Coverage of intervals and sets, if the model was conformalized (0.9 if left out).
    int8 : bool
        For C: one-byte weights, a quarter of the size.
    check : Path
        For C: a table on which to compare its predictions with the model's; the code is compiled if `cc` is there.
    force : bool
        Replace the file if it exists.
    """

    coverage: Annotated[float, Data] = 0.9
    int8: Annotated[bool, Result] = False
    check: Annotated[Path | None, Data] = None
    force: Annotated[bool, Result] = False
    talk: Results = RESULTS
