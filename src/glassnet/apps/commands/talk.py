"""The options of every command that say how it talks: in which language, whether at all, and whether to programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from glassnet.apps.commands.table import Quiet, Result
from glassnet.apps.console import Output
from glassnet.support.language import Language


@Parameter(name="*")  # its fields are options, without a name in front
@dataclass(frozen=True, kw_only=True)
class Talk:
    """How a command talks.

    Parameters
    ----------
    language : str
        Language of messages, reports and pages: en or zh. Default: $GLASSNET_LANGUAGE, else the system language.
        Without it, pages in both languages open in that of the browser.
    quiet : bool
        Print only errors and machine-readable results.
    """

    language: Annotated[Language | None, Result] = None  # set before anything is parsed, for the help and for errors
    quiet: Quiet = False

    @property
    def output(self) -> Output:
        """Where it is said."""
        return Output(self.quiet)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Results(Talk):
    """How a command talks that has results for programs, too.

    Parameters
    ----------
    json : bool
        Print the result as JSON.
    """

    json: Annotated[bool, Result] = False

    @property
    def output(self) -> Output:
        return Output(self.quiet, self.json)


TALK, RESULTS = Talk(), Results()
