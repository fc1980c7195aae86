"""The options of commands that take a saved model, as the work takes them: evaluate, predict, explain, doctor, ..."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from glassnet.apps.commands.reading import ReadingAgain
from glassnet.apps.commands.table import Data, Groups, Names, Out, Result
from glassnet.apps.commands.talk import RESULTS, TALK, Results, Talk

AS_LEARNED = ReadingAgain()


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class Deciding:
    """Which of two classes a model looks for, and when it says so.

    Parameters
    ----------
    positive : str
        The positive class of two (default: the model's).
    decision_threshold : float
         Decision threshold for two classes: the positive class is predicted from this probability on (default: the
        model's).
    """

    positive: Annotated[str | None, Data] = None
    decision_threshold: Annotated[float | None, Data] = None


AS_DECIDED = Deciding()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Matching:
    """Which columns a table must have.

    Parameters
    ----------
    absent_as_missing : bool
        Treat columns of the training table that are absent here as missing values.
    """

    absent_as_missing: Annotated[bool, Data] = False


AS_IN_TRAINING = Matching()


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How a model is scored.

    Parameters
    ----------
    target : str
        The target column, if its name differs from that in training.
    sample_weight : str
        The column with sample weights.
    report : Path
        Write a report to this file, a single HTML page (default: no report).
    group_columns : tuple of str
        Columns whose importance is reported jointly: place=lat,lon. For several, repeat the option.
    force : bool
        Overwrite the report if it exists.
    """

    target: Annotated[str | None, Data] = None
    sample_weight: Annotated[str | None, Data] = None
    reading: ReadingAgain = AS_LEARNED
    matching: Matching = AS_IN_TRAINING
    deciding: Deciding = AS_DECIDED
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
        Rows to explain, counted from 0 (default: the first five). For several: 0,5
    target : str
        The target column, if its name differs from that in training.
    group_columns : tuple of str
        Columns whose importance is measured jointly: place=lat,lon. For several, repeat the option.
    """

    rows: Names = ()
    target: Annotated[str | None, Data] = None
    group_columns: Groups = ()
    reading: ReadingAgain = AS_LEARNED
    matching: Matching = AS_IN_TRAINING
    talk: Results = RESULTS


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Examination:
    """What the doctor looks at.

    Parameters
    ----------
    target : str
        The target column, if its name differs from that in training.
    validation : Path
        A file with validation rows.
    """

    target: Annotated[str | None, Data] = None
    validation: Annotated[Path | None, Data] = None
    reading: ReadingAgain = AS_LEARNED
    matching: Matching = AS_IN_TRAINING
    talk: Results = RESULTS


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Carding:
    """What a card says, and where it goes.

    Parameters
    ----------
    out : Path
        The file to write the card to (default: next to the model, with the same name).
    test : Path
        A file with test rows to evaluate on (default: use the scores recorded in training).
    target : str
        The target column in that file, if its name differs from that in training.
    name : str
        The name of the model (default: its file name).
    force : bool
        Overwrite the file if it exists, including everything filled in by hand.
    """

    out: Annotated[Path | None, Out] = None
    test: Annotated[Path | None, Data] = None
    target: Annotated[str | None, Data] = None
    reading: ReadingAgain = AS_LEARNED
    matching: Matching = AS_IN_TRAINING
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
        Columns to copy to the predictions, in addition to those given in training. For several: a,b.
    out : Path
        The file to write predictions to: .csv, .tsv (also with .gz) or .parquet (default: -, the standard output).
        For a folder of tables, this is a folder, too.
    force : bool
        Overwrite the file if it exists.
    no_formulas : bool
        Prefix text that a spreadsheet would read as a formula, such as =1+1, with an apostrophe: for untrusted tables.
    jobs : int
        Number of processors to use (default: all).
    dask : str
        Where to predict the files of a folder: the address of a Dask scheduler, or local:4 for four local processes.
    """

    id: Names = ()
    reading: ReadingAgain = AS_LEARNED
    matching: Matching = AS_IN_TRAINING
    deciding: Deciding = AS_DECIDED
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
        Coverage of prediction intervals and sets of a conformalized model (default: 0.9).
    int8 : bool
        For C: 8-bit weights, a quarter of the size.
    check : Path
        For C: a table on which to compare the predictions of the C code with the model's; the code is compiled if `cc`
        is installed.
    force : bool
        Overwrite the file if it exists.
    """

    coverage: Annotated[float, Data] = 0.9
    int8: Annotated[bool, Result] = False
    check: Annotated[Path | None, Data] = None
    deciding: Deciding = AS_DECIDED
    force: Annotated[bool, Result] = False
    talk: Results = RESULTS
