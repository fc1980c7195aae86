"""The options that several commands share: frozen dataclasses, of which cyclopts makes parameters and help.

Annotations are evaluated here (no ``from __future__ import annotations``), so that commands can inherit the fields.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from glassnet.apps.console import Output
from glassnet.apps.estimator_options import estimator_options
from glassnet.apps.helping import NO_FILE
from glassnet.apps.usage import UsageError, as_usage, named_columns, split_names
from glassnet.support.coercion import bytes_of
from glassnet.support.language import Language

if TYPE_CHECKING:
    from glassnet.apps.labelled import Roles
    from glassnet.tables.reading.sources import ReadOptions


DATA = Group("Data", sort_key=1)
RESULT = Group("Result", sort_key=3)
FORMAT = Group("File format", sort_key=4)
TERMINAL = Group("Terminal", sort_key=5)
NETWORK = Group(
    "Network and training", help="Omitted options get defaults that depend on the table, and are printed.", sort_key=6
)


Data = Parameter(group=DATA)
Format = Parameter(group=FORMAT)
Fit = Parameter(group=NETWORK)
Search = Parameter(group=Group("Search", sort_key=2))
Result = Parameter(group=RESULT)
Terminal = Parameter(group=TERMINAL)
Quiet = Annotated[bool, Parameter(name=("--quiet", "-q"), group=TERMINAL)]
Out = Parameter(name=("--out", "-o"), group=RESULT, allow_leading_hyphen=True)
OutputFile = Parameter(group=RESULT, allow_leading_hyphen=True)  # "-" is refused with a reason, if it is


def _list(_: Any, tokens: Any) -> tuple[str, ...]:
    """Names from "a,b", or from the option given several times."""
    return tuple(name for token in tokens for name in split_names(token.value))


def _as_typed(_: Any, tokens: Any) -> tuple[str, ...]:
    return tuple(token.value for token in tokens)


def _no_option(_: Any, path: Path) -> None:
    if str(path) != "-" and str(path).startswith("-"):
        raise ValueError(NO_FILE.filled(flag=path))


Groups = Annotated[tuple[str, ...], Parameter(converter=_as_typed, n_tokens=1, group=RESULT)]
Names = Annotated[tuple[str, ...], Parameter(converter=_list, n_tokens=1, group=DATA)]
FormatNames = Annotated[tuple[str, ...], Parameter(converter=_list, n_tokens=1, group=FORMAT)]
Table = Annotated[Path, Parameter(allow_leading_hyphen=True, validator=_no_option)]  # "-" is the standard input


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """How a command talks.

    Parameters
    ----------
    language : str
        Language of messages, reports and pages: en or zh. Default: $GLASSNET_LANGUAGE, else the system language.
        Without it, pages in both languages open in that of the browser.
    quiet : bool
        Print only errors and machine-readable results.
    """

    language: Annotated[Language | None, Terminal] = None  # set before anything is parsed, for the help and for errors
    quiet: Quiet = False

    @property
    def output(self) -> Output:
        """The output of the command."""
        return Output(self.quiet)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ResultOptions(OutputOptions):
    """How a command talks that has results for programs, too.

    Parameters
    ----------
    json : bool
        Print the result as JSON.
    """

    json: Annotated[bool, Terminal] = False

    @property
    def output(self) -> Output:
        return Output(self.quiet, self.json)


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class TableOptions:
    r"""What a file does not say of itself, or not clearly.

    Parameters
    ----------
    missing : tuple of str
        Strings to read as missing values in all columns, besides the empty cell (default: NA, n/a, NULL, -
        and the like among numbers, dates and booleans). For several: NA,?
    decimal : str
        The decimal mark, "." or "," (default: detected from all columns).
    date_format : str
        dmy, mdy or ymd: the order of day, month and year, as in 03/04/2025 or 24/01/20 (default: detected; years of
        two digits are read only if it is given).
    delimiter : str
        The delimiter between cells; \t for a tab, a space for any number of spaces (default: detected).
    encoding : str
        Encoding of text files (default: detected). Examples: cp1252, big5, shift_jis.
    sheet : str
        Sheet to read (default: the only non-empty one).
    format : str
        The file format, if the file name does not show it, as with - (the standard input).
    max_unpacked : str
        Maximum size of a compressed file after decompression, or of piped input (default: 4GB).
    text : tuple of str
        Columns to read as text even if every cell looks like a number, such as ZIP codes. For several: a,b.
    """

    missing: FormatNames | None = None
    decimal: Annotated[Literal[".", ","] | None, Format] = None
    date_format: Annotated[Literal["dmy", "mdy", "ymd"] | None, Format] = None
    delimiter: Annotated[str | None, Format] = None
    encoding: Annotated[str | None, Format] = None
    sheet: Annotated[str | None, Format] = None
    format: Annotated[Literal["csv", "jsonl", "xlsx", "parquet"] | None, Format] = None
    max_unpacked: Annotated[str, Format] = "4GB"
    text: FormatNames = ()

    @property
    def options(self) -> "ReadOptions":
        """The same as the readers take it.

        Raises
        ------
        UsageError
            If an option has a value that means nothing.
        """
        from glassnet.tables.reading.sources import ReadOptions

        delimiter = "\t" if self.delimiter == "\\t" else self.delimiter
        given = {each.name: getattr(self, each.name) for each in fields(TableOptions)}
        given |= {"max_unpacked": _bytes(self.max_unpacked), "delimiter": delimiter}
        with as_usage():
            return ReadOptions(**given)


def _bytes(text: str) -> int:
    size = bytes_of(text)
    if size is None or not 1 <= size < 10**18:
        raise UsageError("--max-unpacked must be a size", text, "For example 20GB")
    return size


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class NewTableOptions(TableOptions):
    """The same of a file for a model, which remembers how the file that it was trained on was written.

    Parameters
    ----------
    missing : tuple of str
        Strings to read as missing values in all columns, besides the empty cell (default: as in training). For several:
        NA,?
    decimal : str
        The decimal mark, "." or "," (default: as in training).
    date_format : str
        dmy, mdy or ymd: the order of day, month and year, as in 03/04/2025 or 24/01/20 (default: as in training).
    absent_as_missing : bool
        Treat columns of the training table that are absent here as missing values.
    """

    absent_as_missing: Annotated[bool, Format] = False


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class LabelledTableOptions:
    """A table of which the target may be known, for a model, and how the command talks.

    Parameters
    ----------
    target : str
        The target column, if its name differs from that in training.
    """

    target: Annotated[str | None, Data] = None
    reading: NewTableOptions = NewTableOptions()
    printing: ResultOptions = ResultOptions()


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class DecisionOptions:
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


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
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
    report: Annotated[Path | None, OutputFile] = None
    no_report: Annotated[bool, Result] = False
    group_columns: Groups = ()
    printing: ResultOptions = ResultOptions()
    reading: TableOptions = field(default_factory=TableOptions)

    @property
    def roles(self) -> "Roles":
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


def with_estimator_options(command: Callable[..., int]) -> Callable[..., int]:
    """Let a command take every option of the estimators, as its ``**options``."""
    signature = inspect.signature(command, eval_str=True)
    own = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    more = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                option.kind | None,
                Parameter(help=option.help, group=NETWORK, negative=None if option.kind is bool else ()),
            ],
        )
        for option in estimator_options()
    ]
    command.__signature__ = signature.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
    return command
