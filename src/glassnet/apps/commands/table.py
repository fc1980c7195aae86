"""What all commands share: the table they stand in, groups of options, and kinds of options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

# cyclopts rather than typer: it takes its help from numpydoc docstrings, and its options from any signature
from cyclopts import App, Group, Parameter

import glassnet
from glassnet.apps.helping import Titled
from glassnet.apps.names import split_names
from glassnet.apps.options import estimator_options

DATA = Group("Data", sort_key=1)
SEARCH = Group("Search", sort_key=2)
RESULT = Group("Result", sort_key=3)
NETWORK = Group(
    "Network and training", help="Omitted options get defaults that depend on the table, and are printed.", sort_key=4
)

HELP = """\
Neural networks that you can see through.

Give it a table, with text columns and missing values, and get a trained,
scored, saved network. Tables are text files (CSV, TSV, JSON lines, also
compressed), spreadsheets or Parquet files, with a header; - is the standard
input."""

EXAMPLES = """\
Examples:
  glassnet demo                                try it on handwritten digits
  glassnet train customers.csv --target churn  train, score, save the model
  glassnet search customers.csv --target churn tune the options, then train
  glassnet predict model.safetensors new.csv   predictions for new rows
  glassnet train --help                        all options of a command

Exit codes: 0 success, 1 a problem with data, model or machine, 2 usage error,
130 interrupted, 143 by SIGTERM. Add --debug to any command to show where an
error comes from."""

app = App(
    name="glassnet",
    help=HELP,
    help_epilogue=EXAMPLES,
    help_format="plaintext",
    help_formatter=Titled(),
    suppress_keyboard_interrupt=False,  # whoever runs the command tells what Ctrl-C left behind
    version=f"glassnet {glassnet.__version__}",
    default_parameter=Parameter(negative=(), show_default=False),
)

app.register_install_completion_command(help="Install completion of commands and options for your shell.")


def _list(_: Any, tokens: Any) -> tuple[str, ...]:
    """Names from "a,b", or from the option given several times."""
    return tuple(name for token in tokens for name in split_names(token.value))


def _as_typed(_: Any, tokens: Any) -> tuple[str, ...]:
    return tuple(token.value for token in tokens)


Groups = Annotated[tuple[str, ...], Parameter(converter=_as_typed, n_tokens=1, group=RESULT)]
Names = Annotated[tuple[str, ...], Parameter(converter=_list, n_tokens=1, group=DATA)]


def _no_option(_: Any, path: Path) -> None:
    if str(path) != "-" and str(path).startswith("-"):
        raise ValueError(f"Unknown option: {path}. Write ./ in front if a file is called so.")


Table = Annotated[Path, Parameter(allow_leading_hyphen=True, validator=_no_option)]  # "-" is the standard input
Data = Parameter(group=DATA)
Fit = Parameter(group=NETWORK)
Search = Parameter(group=SEARCH)
Result = Parameter(group=RESULT)
Quiet = Annotated[bool, Parameter(name=("--quiet", "-q"), group=RESULT)]
Out = Parameter(name=("--out", "-o"), group=RESULT, allow_leading_hyphen=True)  # "-" is the standard output


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
