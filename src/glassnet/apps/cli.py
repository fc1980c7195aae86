"""``glassnet`` in the terminal: runs a command, and turns whatever happens into an exit code and one clear line.

The commands themselves are in ``commands/``.
"""

from __future__ import annotations

import io
import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Any

from glassnet.apps.endings import BROKEN_PIPE, DONE, INTERRUPTED, PROBLEM, WRONG_USAGE, UsageError
from glassnet.errors import DivergenceError, InputError, InputTypeError, MissingExtraError, TrainingWarning

__all__ = ["main"]

DEBUG = "--debug"
"""Shows where an error comes from. Looked for before anything is parsed, since parsing may fail, too."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``glassnet``; the process's own arguments if left out.

    Returns
    -------
    int
        0: done; 1: a problem with data, model or machine; 2: wrong usage; 130: interrupted; 141: nobody reads on.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = DEBUG in words
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name that the terminal cannot show must not end a training
    try:
        with warnings.catch_warnings():
            _warn_in_one_line()
            code = _run([word for word in words if word != DEBUG])
        sys.stdout.flush()
    except BrokenPipeError:
        # the interpreter would flush once more at its end, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        _say("interrupted, nothing more was written", debug)
        return INTERRUPTED
    except UsageError as error:
        _say(str(error), debug)
        return WRONG_USAGE
    except (InputError, InputTypeError, DivergenceError, MissingExtraError) as error:
        _say(str(error), debug)
        return PROBLEM
    except OSError as error:
        _say(": ".join(str(part) for part in (error.strerror, error.filename) if part) or str(error), debug)
        return PROBLEM
    except Exception as error:
        _say(f"{type(error).__name__}: {error} ({DEBUG} shows where)", debug)
        return PROBLEM
    return code


def _run(words: list[str]) -> int:
    try:
        import cyclopts
    except ImportError:
        raise MissingExtraError("The command line", "cyclopts", "cli") from None
    from glassnet.apps.commands import app
    from glassnet.apps.console import console

    try:
        result: Any = app(
            words,
            console=console(sys.stdout),
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except cyclopts.CycloptsError as error:
        raise UsageError(_usage(error)) from error
    return DONE if result is None else int(result)


def _usage(error: Any) -> str:
    """What is wrong with the words that were typed, and where to read on."""
    said = re.sub(r'^Command "(.+?)" parameter (\S+) requires an argument\.', r"\1 needs \2.", str(error))
    return f"{said} See: {' '.join(['glassnet', *(error.command_chain or ()), '--help'])}"


def _say(message: str, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    sys.stderr.write(f"glassnet: {' '.join(message.split())}\n")


def _warn_in_one_line() -> None:
    """Show what training warns of as errors are shown; other warnings are for programmers."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        sys.stderr.write(f"glassnet: note: {message}\n")

    warnings.simplefilter("ignore")
    warnings.simplefilter("always", TrainingWarning)
    warnings.showwarning = show
