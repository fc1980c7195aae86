"""``glassnet warm``: compile ahead what networks will need."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from glassnet.apps.console import Output, console
from glassnet.errors import InputError

__all__ = ["warm"]


def warm(precisions: Sequence[str], output: Output) -> dict[str, Any]:
    """Compile the usual kernels, and say where they are.

    Returns
    -------
    dict
        The same as plain data: the folder, how many kernels were compiled, how many it holds, seconds.

    Raises
    ------
    InputError
        If compiled code can be kept nowhere.
    """
    from glassnet.engines.compiled import store
    from glassnet.engines.compiled import warm as engine

    folder = store.cache_folder()
    if folder is None:
        raise InputError(
            "Compiled code must be kept somewhere",
            "no folder that can be written",
            f"Set {store.VARIABLE} to one",
        )
    chosen = [precision for precision in engine.PRECISIONS if precision in precisions or not precisions]
    before, start = store.kept(), time.perf_counter()
    with _Bar(output) as bar:
        held = engine.warm(chosen, bar.show)
    record: dict[str, Any] = {
        "folder": str(folder),
        "compiled": held - before,
        "kernels": held,
        "seconds": round(time.perf_counter() - start, 1),
    }
    output.show_line("folder", record["folder"])
    output.show_line("compiled", f"{record['compiled']} kernels in {record['seconds']} s, for {' and '.join(chosen)}")
    output.show_line("ready", f"{held} kernels")
    output.record(record)
    return record


class _Bar:
    """A progress bar, where somebody is looking."""

    def __init__(self, output: Output) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        screen = console(sys.stderr)
        columns = TextColumn("compiling"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        self.drawn = Progress(*columns, console=screen, transient=True, disable=output.quiet or not screen.is_terminal)
        self.task = self.drawn.add_task("")

    def __enter__(self) -> _Bar:
        self.drawn.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.drawn.stop()

    def show(self, done: int, total: int) -> None:
        self.drawn.update(self.task, completed=done, total=total)
