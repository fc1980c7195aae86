"""``glassnet`` in the terminal: runs a command, and turns every outcome into an exit code and one clear line.

The commands themselves are in ``commands/``.
"""

from __future__ import annotations

import errno
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final

from glassnet.apps.estimator_options import as_options
from glassnet.apps.terminal import StopSignal, flush_or_silence, open_streams, say_command, say_line, stoppable
from glassnet.apps.texts import say
from glassnet.apps.usage import (
    BROKEN_PIPE,
    DONE,
    INTERRUPTED,
    PROBLEM,
    WRONG_USAGE,
    UsageError,
    command_line,
    repeated_command,
)
from glassnet.errors import (
    ClusterError,
    DivergenceError,
    InputError,
    InputTypeError,
    MissingExtraError,
    TrainingWarning,
)
from glassnet.support.language import LANGUAGES, Language, Text, get_language, speaking
from glassnet.support.messages import error_in_words
from glassnet.support.option_names import closest_option

DEBUG = "--debug"
"""Shows where an error comes from. Looked for before anything is parsed, since parsing may fail, too."""
LANGUAGE = "--language"
ELSEWHERE: Final = {
    **dict.fromkeys(("test_size", "test_fraction", "test_split"), "test"),
    **dict.fromkeys(("sep", "separator"), "delimiter"),
    **dict.fromkeys(("na_values", "na"), "missing"),
    **dict.fromkeys(("label", "target_column", "y"), "target"),
    "threshold": "decision_threshold",
}
"""Options of reading and judging by their names in pandas and scikit-learn."""

OF_SYSTEM: Final = (
    Text("No such file or directory"),
    Text("There is no such file"),
    Text("There is no such file or folder"),
    Text("There is no such folder to write into"),
    Text("Permission denied"),
    Text("Is a directory"),
    Text("No space left on device"),
    Text("The disk is full, and the table was not written"),
)
"""The system's messages on files, and the messages that replace some of them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``glassnet``; the process's own arguments if left out.

    Returns
    -------
    int
        0: done; 1: a problem with data, model or machine; 2: wrong usage; 130: interrupted (143 by SIGTERM, 129 by
        SIGHUP); 141: the reader of the output has closed it.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = DEBUG in words
    open_streams()
    try:
        language = _typed_language(words)
        with speaking(language):
            get_language()  # refused here, where it is one that there is not
    except InputError as error:
        say_line(f"glassnet: {error}")
        return WRONG_USAGE
    with speaking(language):
        return _carry_out([word for word in words if word != DEBUG], debug)


def _typed_language(words: Sequence[str]) -> Language | None:
    """Return the language of the option; an unknown one is refused later by the command, in the default language.

    Examples
    --------
    >>> _typed_language(["train", "--language", "zh"]), _typed_language(["--language=en"]), _typed_language(["demo"])
    ('zh', 'en', None)
    """
    typed = " ".join(words).replace(f"{LANGUAGE}=", f"{LANGUAGE} ").split(" ")
    given = {after for before, after in pairwise(typed) if before == LANGUAGE}
    return next((language for language in LANGUAGES if language in given), None)


def _carry_out(words: list[str], debug: bool) -> int:
    """Run one command, and return an exit code after any error."""
    stop = StopSignal()
    try:
        with warnings.catch_warnings(), command_line(words):
            _warn_in_one_line()
            code = _run(words, stop)
        sys.stdout.flush()
    except BrokenPipeError:
        return BROKEN_PIPE
    except KeyboardInterrupt:
        _print_error(say("error.interrupted"), debug)
        return stop.code
    except UsageError as error:
        _print_error(_as_typed(error_in_words(error), words), debug)
        if error.again:
            with command_line(words):
                say_command(repeated_command(*error.again))
        return WRONG_USAGE
    except (InputError, InputTypeError, DivergenceError, ClusterError) as error:
        _print_error(_as_typed(error_in_words(error) + _written_otherwise(error, words), words), debug)
        return PROBLEM
    except OSError as error:
        _print_error(_os_error(error), debug)
        return PROBLEM
    except Exception as error:  # a user of the command line sees a traceback only with --debug
        if stop.number is not None:  # an import that was interrupted ends in errors of many kinds
            _print_error(say("error.interrupted"), debug)
            return stop.code
        known = isinstance(error, MissingExtraError)
        message = error_in_words(error) if known else say("error.debug", message=f"{type(error).__name__}: {error}")
        _print_error(message, debug)
        return PROBLEM
    finally:
        flush_or_silence()
    return stop.code if code == INTERRUPTED else code


def _run(words: list[str], stop: StopSignal) -> int:
    try:
        import cyclopts
    except ImportError:
        raise MissingExtraError("The command line", "cyclopts", "cli") from None
    from glassnet.apps.commands import app
    from glassnet.apps.console import console
    from glassnet.apps.helping import help_in_words

    try:
        with stoppable(stop):
            result: Any = app(
                words,
                console=console(sys.stdout, help_in_words),
                exit_on_error=False,
                print_error=False,
                result_action="return_value",
            )
    except cyclopts.CycloptsError as error:
        raise UsageError(_usage(error)) from error
    return DONE if result is None else int(result)


def _usage(error: Any) -> str:
    """Return the message for wrong usage, with a pointer to the help."""
    from glassnet.apps.helping import REFUSALS, as_text  # which needs the parser of the command line

    message = re.sub(r'^Command "(.+?)" parameter (\S+) requires an argument\.', r"\1 needs \2.", str(error))
    if unknown := re.match(r'Unknown option: "?(--[\w-]+)', message):
        names = [name for argument in error.argument_collection for name in argument.names]
        message = _unknown_option(unknown[1], names)
    else:
        message = as_text(re.sub(r' for "(\S+)"(?=[:.])', r" for \1", message), REFUSALS) or message
    command = " ".join(["glassnet", *(error.command_chain or ()), "--help"])
    return say("error.see", message=message, command=command)


def _unknown_option(flag: str, names: Sequence[str]) -> Text:
    """Return the message for an unknown option, with the nearest option or argument of the command, if there is one.

    Examples
    --------
    >>> _unknown_option("--test-size", ["--batch-size", "--test"])
    'Unknown option: --test-size. Did you mean --test?'
    >>> _unknown_option("--max-iter", ["--epochs"]), _unknown_option("--out", ["--quiet"])
    ('Unknown option: --max-iter. Did you mean --epochs?', 'Unknown option: --out.')
    >>> _unknown_option("--out", ["OUT", "--quiet"])
    'Unknown option: --out. Write the OUT alone, without --out.'
    """
    name = flag.removeprefix("--")
    if name.upper() in names:
        return Text("Unknown option: {flag}. Write the {name} alone, without {flag}.", flag=flag, name=name.upper())
    options = {option.removeprefix("--").replace("-", "_"): option for option in names if option.startswith("--")}
    typed = name.replace("-", "_")
    meant = closest_option(ELSEWHERE.get(typed, typed), options)
    if meant is None:
        return Text("Unknown option: {flag}.", flag=flag)
    return Text("Unknown option: {flag}. Did you mean {other}?", flag=flag, other=options[meant])


def _written_otherwise(error: Exception, words: list[str]) -> str:
    """What to type if the file writes numbers or dates in another way, where a cell of it could not be read."""
    from glassnet.tables.columns.conversion import UnfitCellError

    otherwise = error.otherwise if isinstance(error, UnfitCellError) else {}
    for name, values in otherwise.items():
        option = f"--{name.replace('_', '-')}"
        if option in _options(words):
            return say("error.written_otherwise", option=option, values="|".join(values))
    return ""


def _options(words: list[str]) -> frozenset[str]:
    """The options of the command that was typed."""
    from glassnet.apps.commands import app

    return _options_of(words[0]) if words and words[0] in app else frozenset()


@cache
def _options_of(command: str) -> frozenset[str]:
    from glassnet.apps.commands import app

    return frozenset(name for argument in app[command].assemble_argument_collection() for name in argument.names)


def _as_typed(message: str, words: list[str]) -> str:
    """The message with parameters by the names that they have on the command line, where it knows them."""
    known = _options(words)
    return re.sub(
        "`(\\w+)`", lambda found: name if (name := f"--{found[1].replace('_', '-')}") in known else found[0], message
    )


def _os_error(error: OSError) -> str:
    """Return the system's message with its file; a stream that the shell has closed has none."""
    if error.errno == errno.EBADF and error.filename is None:
        return say("error.closed")
    what = next((text for text in OF_SYSTEM if text == error.strerror), error.strerror)
    parts = [what.say() if isinstance(what, Text) else what, error.filename]
    return say("list.colon").join(str(part) for part in parts if part) or str(error)


def _print_error(message: str, debug: bool) -> None:
    if debug:
        say_line(traceback.format_exc().rstrip())
    say_line(say("error.line", message=as_options(" ".join(message.split()))))


def _warn_in_one_line() -> None:
    """Show what training warns of as errors are shown; other warnings are for programmers."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        say_line(say("error.note", message=as_options(str(message))))

    warnings.simplefilter("ignore")
    warnings.simplefilter("always", TrainingWarning)
    warnings.showwarning = show
