"""The door to the terminal: how words go there, and what is done where there is none."""

from __future__ import annotations

import io
import os
import sys

from glassnet.support.escape_controls import escape_controls


def say_line(line: str) -> None:
    """A line on the standard error that is others' text, too: an error, a note."""
    write_talk(escape_controls(line) + "\n")


def say_command(command: str) -> None:
    """A command on a line of its own, which can be copied whole."""
    say_line(f"  {command}")


def write_talk(text: str) -> None:
    """Write to the standard error as it is; that nobody can read it is no reason to end a training."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr.fileno())


def silence(descriptor: int) -> None:
    """Let what is still written there go nowhere: the interpreter would flush once more at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def flush_or_silence() -> None:
    """Write the last results out; where that fails, what is left of them goes nowhere."""
    try:
        sys.stdout.flush()
    except OSError:
        silence(sys.stdout.fileno())


def open_streams() -> None:
    """Make the standard streams such that all can be used.

    Where the shell has closed one (``>&-``), the next file to be opened would become it, and be written into. Something
    stands there instead that cannot be written to, as for the tools of GNU, so that lost results are an error.
    """
    for descriptor, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_WRONLY if mode == "r" else os.O_RDONLY)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name that the terminal cannot show must not end a training
