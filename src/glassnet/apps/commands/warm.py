"""``glassnet warm``: compile the usual kernels ahead."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

from glassnet.apps.commands import app
from glassnet.apps.shared_options import (
    Result,
    ResultOptions,
)
from glassnet.apps.texts import counted, say
from glassnet.errors import InputError
from glassnet.support.language import Text
from glassnet.support.options import stored


@app.command(
    sort_key=12,
    help_epilogue="""\
Examples:
  glassnet warm
  glassnet warm --precision float32""",
)
def warm(
    *,
    precision: Annotated[tuple[Literal["float32", "float64", "bfloat16"], ...], Result] = (),
    printing: ResultOptions = ResultOptions(),
) -> None:
    """Compile common kernels in advance, so that the first training does not wait for them.

    The code is stored in $GLASSNET_CACHE, or in the folder glassnet of the user's cache folder. It runs only on the
    type of processor that it was compiled on.

    Parameters
    ----------
    precision : tuple of str
        For networks of this precision (default: float32 and float64).
    """
    from glassnet.display.progress import tracked
    from glassnet.engines.compiled import kernel_cache
    from glassnet.engines.compiled.warm import PRECISIONS, usual_tasks

    output, folder = printing.output, kernel_cache.cache_folder()
    if folder is None:
        raise InputError(
            "Compiled code needs a cache folder",
            "no folder that can be written",
            Text("Set {variable} to a folder", variable=kernel_cache.VARIABLE),
        )
    chosen = precision or PRECISIONS
    usual = [each for each in PRECISIONS if each in map(stored, chosen)]  # what is rounded is not usual
    before, start = kernel_cache.kept(), time.perf_counter()
    tasks = usual_tasks(usual) + [task for each in chosen for task in preset_tasks(each)]
    for task in tracked(tasks, say("progress.compiling"), shown=not output.quiet):
        task()
    held = kernel_cache.kept()
    record: dict[str, Any] = {
        "folder": str(folder),
        "compiled": held - before,
        "kernels": held,
        "seconds": round(time.perf_counter() - start, 1),
    }
    output.show_line("folder", record["folder"])
    kernels, precisions = counted(record["compiled"], "kernel"), say("list.and").join(chosen)
    seconds = record["seconds"]
    output.show_line("compiled", say("warm.compiled", kernels=kernels, seconds=seconds, precisions=precisions))
    output.show_line("ready", counted(held, "kernel"))
    output.record(record)


def preset_tasks(precision: str) -> list[Callable[[], object]]:
    """Trainings of a moment with each preset, on a table of all that a table may have, and predictions."""
    import numpy as np

    from glassnet.api.estimators import NeuralClassifier, NeuralRegressor
    from glassnet.estimators.presets import FEW, PRESETS
    from glassnet.tables.reading.sources import pl

    number = np.arange(float(FEW))
    table = pl.DataFrame({"number": number, "category": [f"level {row % 10}" for row in range(FEW)]})

    def train(model: Any, y: Any) -> None:
        kinds = {"members": 3, "refits": 0}  # as many as there are of networks
        model.set_params(epochs=1, **kinds, dtype=precision, random_state=0).fit(table, y).predict(table)

    return [
        partial(train, model(preset=preset), y)
        for preset in PRESETS
        for model, y in ((NeuralClassifier, number % 2), (NeuralClassifier, number % 3), (NeuralRegressor, number))
    ]
