"""The terminal: its streams, and the signals that tell a process to stop.

Ctrl-C, ``kill``, a scheduler whose time is up and a terminal that is closed mean the same: a KeyboardInterrupt in the
main thread, so that what Ctrl-C leaves behind is left behind in a container and in a batch job, too. Python drops an
exception that is raised while it cleans up after an object; a KeyboardInterrupt that is dropped comes again.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from glassnet.support.escape_controls import escape_controls

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Those that a system lacks are left out."""
ONCE = 1.0
"""Seconds in which more signals are the same one: ``timeout`` and ``docker run`` send theirs to the process and to its
group, and the second must not end the saving that the first has begun."""
AGAIN = 0.02
"""Seconds until an interrupt that was dropped comes again: by then the cleaning up is over, as a rule."""
OUTPUTS = (1, 2)


def say_line(line: str) -> None:
    """A line on the standard error that is others' text, too: an error, a note."""
    write_talk(escape_controls(line) + "\n")


def say_command(command: str) -> None:
    """A command on a line of its own, which can be copied whole."""
    say_line(f"  {command}")


def write_talk(text: str) -> None:
    """Write to the standard error as it is; an output that cannot be read is no reason to end a training."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr.fileno())


def silence(descriptor: int) -> None:
    """Discard further output there: the interpreter would flush once more at exit, and fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def flush_or_silence() -> None:
    """Flush the last results; where that fails, discard them."""
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


@dataclass
class StopSignal:
    """The last signal that a process received."""

    number: int | None = None
    _at: float = field(default=-ONCE, init=False)
    _terminals: list[int] = field(default_factory=list, init=False)

    @property
    def code(self) -> int:
        """The exit code that shells know for it: 128 and the number of the signal."""
        return 128 + (self.number or signal.SIGINT)

    def hear(self, number: int, frame: Any) -> None:
        """Handle a signal."""
        self.number = number
        if number == getattr(signal, "SIGHUP", None):
            for descriptor in self._terminals:  # to write there would be an error from now on
                silence(descriptor)
        now = time.monotonic()
        if now - self._at >= ONCE:
            self._at = now
            raise KeyboardInterrupt

    def dropped(self) -> threading.Timer:
        """An interrupt was dropped: let the signal come again, shortly."""
        self._at = -ONCE
        again = threading.Timer(AGAIN, signal.pthread_kill, (threading.main_thread().ident, self.number))
        again.daemon = True
        again.start()
        return again

    def watch_terminals(self) -> None:
        """Note which outputs are terminals, for after they are closed it cannot be determined."""
        self._terminals = [descriptor for descriptor in OUTPUTS if os.isatty(descriptor)]


@contextlib.contextmanager
def stoppable(stop: StopSignal) -> Iterator[None]:
    """Within it, signals to stop raise KeyboardInterrupt; signals ignored at the start stay ignored.

    Examples
    --------
    >>> stop = StopSignal()
    >>> with stoppable(stop):
    ...     try:
    ...         signal.raise_signal(signal.SIGTERM)
    ...     except KeyboardInterrupt:
    ...         print(stop.code)
    143
    """
    before, report, again = {}, sys.unraisablehook, threading.Timer(0, lambda: None)

    def hear_of_drops(drop: Any) -> None:
        nonlocal again
        if isinstance(drop.exc_value, KeyboardInterrupt) and stop.number is not None:
            again = stop.dropped()
        else:
            report(drop)

    stop.watch_terminals()
    try:
        for number in (getattr(signal, name) for name in SIGNALS if hasattr(signal, name)):
            if signal.getsignal(number) not in (signal.SIG_IGN, None):  # None: not Python's to change
                before[number] = signal.signal(number, stop.hear)
    except ValueError:  # not in the main thread: signals are handled there
        pass
    if before and hasattr(signal, "pthread_kill"):  # not on Windows
        sys.unraisablehook = hear_of_drops
    try:
        yield
    finally:
        sys.unraisablehook = report
        again.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
