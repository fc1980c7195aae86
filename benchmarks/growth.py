"""How time and memory grow with a table: rows, columns, letters, levels, classes, and the length of a class's label.

Readers, the main steps with a model, and exports are measured at a size, and at 8 and 16 times that size. The exponent
is that of the last doubling, without what the smallest size takes: 1 is linear, 2 quadratic, more than 1.6 fails. What
takes less than half a second of the processor, or 200 MB, more than the smallest, or less than twice as much, is
not judged.

    python -m benchmarks.growth [names of axes]

All axes write `results/growth.json` and `growth.md`. Linux only, for the peaks of memory.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import math
import os
import resource
import string
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.markdown import table
from benchmarks.results import RESULTS, write_results

MOST, TIMES, RUNS, TRIES = 1.6, (1, 8, 16), 3, 5
SECONDS, BYTES = 0.5, 2e8
"""What the largest size must take more than the smallest to be judged."""
AXES: dict[str, tuple[int, dict[str, int]]] = {
    "rows": (8_000, {}),
    "columns": (20, {}),
    "letters": (4_000, {"rows": 200, "levels": 100}),
    "levels": (2_000, {"rows": 40_000, "columns": 1}),
    "classes": (8, {"rows": 2_000}),
    "label": (62, {"rows": 20_000}),  # 1,000 characters are the most
}
"""What grows, from which size on, and what else the table has."""
READERS = ("rows", "columns", "letters", "levels")
HEAD = ("grows", "work", "to", "seconds", "MB", "exponent of seconds", "exponent of MB")
Work = Callable[[], object]


def word(number: int, letters: int = 0) -> str:
    """A number in letters, filled up."""
    text = ""
    while number or not text:
        number, place = divmod(number, 26)
        text += string.ascii_lowercase[place]
    return text.ljust(letters, "-")


def frame_of(
    rows: int = 300, columns: int = 4, letters: int = 4, levels: int = 4, classes: int = 2, label: int = 4
) -> Any:
    """A frame of numbers, a column of text, and a target, one of whose classes has a label of that length."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(rows, columns)).round(4), columns=[f"x{place}" for place in range(columns)])
    frame["word"] = [word(number, letters) for number in rng.permutation(np.arange(rows) % levels)]
    frame["y"] = [word(number, 0 if number else label) for number in rng.permutation(np.arange(rows) % classes)]
    return frame


# ---------------------------------------------------------------------- works


def reading(ending: str, frame: Any) -> Work:
    from glassnet.tables import read_table

    path = Path(tempfile.mkdtemp(dir=".")) / f"table.{ending}"
    if ending == "csv":
        frame.to_csv(path, index=False)
    elif ending == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path)
    return lambda: read_table(path)


def served(frame: Any) -> Work:
    """Rows of JSON, as a server reads them."""
    from glassnet.apps.server.json_rows import parse_blocks

    body = b'{"rows": ' + frame.drop(columns="y").to_json(orient="records").encode() + b"}"
    return lambda: [len(block) for block in parse_blocks(body)]


def fitted(frame: Any) -> Any:
    from glassnet import NeuralClassifier

    short = {"preset": "mlp", "epochs": 1, "hidden_layers": 4, "random_state": 0, "engine": "reference"}
    return NeuralClassifier(**short).fit(frame.drop(columns="y"), frame["y"])


def saved_and_loaded(model: Any) -> None:
    from glassnet import load, save

    save(model, "model.safetensors")
    load("model.safetensors")


def works(axis: str, frame: Any) -> Iterator[tuple[str, Work]]:
    """What is done with a table: reading it, fitting, and what is done with the model."""
    if axis in READERS:
        for ending in ("csv", "jsonl", "parquet"):
            yield ending, reading(ending, frame)
        yield "rows of JSON", served(frame)
    yield "fit", functools.partial(fitted, frame)
    model, X, y = fitted(frame), frame.drop(columns="y"), frame["y"]
    yield "predict", lambda: model.predict_proba(X)
    yield "evaluate", lambda: model.evaluate(X, y)
    yield "explain", lambda: model.explain(X[:2])
    yield "save and load", lambda: saved_and_loaded(model)
    if axis == "label":  # what prints the label is as long as it
        return
    yield "importances", lambda: model.importances(X[:50], y[:50], repeats=1)
    yield "report", lambda: model.report("report.html", X[:2000], y[:2000])
    yield "card", lambda: model.card("card.md", force=True)
    pages = [] if axis in ("columns", "letters") else ["html"]  # of at most 200 columns and 10 MB
    for name in ("onnx", "python", "c", *pages):
        yield name, functools.partial(getattr(model, f"to_{name}"), f"model.{name.replace('python', 'py')}")


# ------------------------------------------------------------------ measuring


def spent() -> float:
    """Seconds of the processor, with those of processes that were started and have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak() -> int:
    """The largest resident size since the last call, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def measured(work: Work) -> tuple[float, float]:
    """The fewest seconds of several runs, and the most bytes beyond those that were there."""
    times: list[float] = []
    peaks: list[int] = []
    while len(times) < RUNS and sum(times) < 0.5:
        peak()
        before, begun = peak(), spent()
        work()
        times.append(spent() - begun)
        peaks.append(peak() - before)
    return min(times), max(peaks)


def exponent(values: Sequence[float], least: float) -> float | None:
    """That of the last doubling, without what the first size takes; None if all sizes take about the same.

    Examples
    --------
    >>> round(exponent([1, 8, 16], 0.1), 1), round(exponent([9, 9 + 64, 9 + 256], 0.1), 1), exponent([5, 5, 5], 0.1)
    (1.1, 2.0, None)
    """
    first, middle, last = values
    if last - first < max(least, first):
        return None
    return round(math.log2((last - first) / max(middle - first, least / 4)), 2)


def growth(sizes: Sequence[tuple[float, float]]) -> tuple[float | None, float | None]:
    """The exponents of time and of memory."""
    of_time, of_memory = zip(*sizes, strict=True)
    return exponent(of_time, SECONDS), exponent(of_memory, BYTES)


def too_fast(exponents: Sequence[float | None]) -> bool:
    return any(each is not None and each > MOST for each in exponents)


def growths(axis: str, first: int, works: Callable[[int], Mapping[str, Work]]) -> Iterator[dict[str, Any]]:
    """The record of each work; what seems to grow too fast is measured again, for others may have been at work."""
    of_sizes = [works(first * times) for times in TIMES]
    for name in of_sizes[0]:
        sizes = [(math.inf, math.inf)] * len(TIMES)
        for _ in range(TRIES):
            again = [measured(of_size[name]) for of_size in of_sizes]
            sizes = [
                (min(time, other), min(room, more)) for (time, room), (other, more) in zip(sizes, again, strict=True)
            ]
            exponents = growth(sizes)
            if not too_fast(exponents):
                break
        seconds, memory = sizes[-1]
        values = (axis, name, first * TIMES[-1], round(seconds, 3), round(memory / 1e6), *exponents)
        yield dict(zip(HEAD, values, strict=True)) | {"too fast": too_fast(exponents)}


def main() -> int:
    """Print a table; 1 if something grows too fast."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(AXES)}")
    names = parser.parse_args().names
    warnings.simplefilter("ignore")
    records: list[dict[str, Any]] = []
    for axis in names or AXES:

        def of_size(size: int, axis: str = axis) -> dict[str, Work]:
            return dict(works(axis, frame_of(**AXES[axis][1] | {axis: size})))

        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            for record in growths(axis, AXES[axis][0], of_size):
                records.append(record)
                print(*record.values(), sep=" | ", flush=True)
    if not names:
        write_results("growth", records)
        cells = [["-" if cell is None else str(cell) for cell in record.values()] for record in records]
        lines = ["# Growth of time and memory", "", *table(list(records[0]), cells)]
        (RESULTS / "growth.md").write_text("\n".join(lines))
    return int(any(record["too fast"] for record in records))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
