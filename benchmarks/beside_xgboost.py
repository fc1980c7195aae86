"""XGBoost on Dask beside rounds, on one folder of Parquet: accuracy, time, whether runs agree, what a dead worker does.

    python -m benchmarks.beside_xgboost --data FOLDER [--rows 40000] [--out FILE]           (needs glassnet[accuracy])

The folder has covertype_100k.csv.gz. Both libraries as they come: `DaskXGBClassifier`, and `preset="mlp"` on four
shards. Each training runs in a process of its own, with a cluster of workers of one thread each on this machine; one of
them is killed (SIGKILL) halfway, by the time that the first training took, or earlier if that is too late. Seconds are
those of `fit`, the reading of the folder included; the start of the cluster is not.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.tables import read_index, split_table
from benchmarks.markdown import table
from benchmarks.results import machine, write_results
from glassnet.distributed.clients import connected

TABLE, TARGET = "covertype_100k", "Cover_Type"
FILES, SHARDS = 8, 4
TEST = "test.parquet"
LIBRARIES = {"glassnet": "glassnet, rounds", "xgboost": "XGBoost on Dask"}
SCENARIOS = {"first": 2, "again": 2, "one worker": 1, "without a cluster": 0, "killed": 2}
"""How many workers there are."""
TITLES = {"first": "two workers", "again": "two workers, again", "killed": "two workers, one killed"}
PATIENCE = 120.0
"""Seconds more than three times those of the first training, after which no answer is expected."""


def write(data: Path, rows: int, folder: Path) -> None:
    """Write rows to learn from as files of a folder, and others beside them."""
    chosen = next(each for each in read_index(data) if each.name == TABLE)
    split = split_table(chosen, seed=0, most_rows=2 * rows)
    learned = split.X_train.assign(**{TARGET: split.y_train})[:rows]
    (folder / "rows").mkdir()
    for number, places in enumerate(np.array_split(np.arange(len(learned)), FILES)):
        learned.iloc[places].to_parquet(folder / "rows" / f"{number}.parquet", index=False)
    split.X_test.assign(**{TARGET: split.y_test}).to_parquet(folder / TEST, index=False)


def glassnet_fitted(folder: Path, client: Any) -> tuple[bytes, Any]:
    """The bits of what was learned, and what tells the probabilities of rows."""
    from glassnet import NeuralClassifier

    model = NeuralClassifier(preset="mlp", random_state=0)
    model.fit(str(folder), TARGET, client=client, shards=SHARDS)
    return b"".join(network.parameters.tobytes() for network in model.networks_), model.predict_proba


def xgboost_fitted(folder: Path, client: Any) -> tuple[bytes, Any]:
    """The same of XGBoost."""
    import dask.dataframe as dd
    import xgboost

    if client is None:
        frame = dd.read_parquet(str(folder)).compute()
        alone = xgboost.XGBClassifier(random_state=0, n_jobs=2).fit(frame.drop(columns=TARGET), frame[TARGET])
        return bytes(alone.get_booster().save_raw("ubj")), alone.predict_proba
    from xgboost import dask as on_dask

    rows = dd.read_parquet(str(folder)).persist()  # else columns are read in other partitions than the target
    model = on_dask.DaskXGBClassifier(random_state=0)
    model.client = client
    model.fit(rows.drop(columns=TARGET), rows[TARGET])
    booster = model.get_booster()
    return bytes(booster.save_raw("ubj")), lambda X: booster.predict(xgboost.DMatrix(X))


@contextlib.contextmanager
def killer(client: Any, after: float) -> Iterator[list[float]]:
    """Kills one of the workers after so many seconds; gives when it did so."""
    victim, struck = list(client.run(os.getpid).values())[-1], []

    def strike() -> None:
        os.kill(victim, signal.SIGKILL)
        struck.append(time.perf_counter())

    timer = threading.Timer(after, strike)
    timer.start()
    yield struck
    timer.cancel()


def carry_out(library: str, workers: int, kill_after: float | None, folder: Path, out: Path) -> dict[str, Any]:
    """One training, in this process; probabilities of the test rows go into a file."""
    import pandas as pd

    fitted = {"glassnet": glassnet_fitted, "xgboost": xgboost_fitted}[library]
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(connected(f"local:{workers}")) if workers else None
        struck = [] if kill_after is None else stack.enter_context(killer(client, kill_after))
        started = time.perf_counter()
        try:
            bits, predict_proba = fitted(folder / "rows", client)
        except Exception as error:  # whatever a dead worker leads to is what is to be known
            now = time.perf_counter()
            words = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
            return {"ended": words, "seconds": now - started, "seconds_since_kill": now - struck[0] if struck else None}
        seconds = time.perf_counter() - started
    test = pd.read_parquet(folder / TEST)
    probabilities, truth = np.asarray(predict_proba(test.drop(columns=TARGET)), np.float64), test[TARGET].to_numpy()
    np.save(out, probabilities)
    right = probabilities[np.arange(len(truth)), truth]
    return {
        "ended": "result",
        "seconds": seconds,
        "killed_after": struck[0] - started if struck else None,
        "accuracy": float(np.mean(probabilities.argmax(1) == truth)),
        "log_loss": float(-np.log(np.clip(right, 1e-15, 1)).mean()),
        "digest": hashlib.sha256(bits).hexdigest(),
    }


def measured(library: str, scenario: str, first: dict[str, Any] | None, folder: Path) -> dict[str, Any]:
    """One training; where a worker is to be killed, it is earlier if the training was over before."""
    if scenario != "killed" or first is None:
        return in_its_process(library, scenario, first, 0.0, folder)
    kill_after = first["seconds"] / 2
    while True:
        record = in_its_process(library, scenario, first, kill_after, folder)
        if record["ended"] != "result" or record["killed_after"] is not None:
            return record
        kill_after /= 2


def in_its_process(
    library: str, scenario: str, first: dict[str, Any] | None, kill_after: float, folder: Path
) -> dict[str, Any]:
    """One training in a process of its own, which is ended if nothing comes of it."""
    command = [sys.executable, "-m", "benchmarks.beside_xgboost", "--data", str(folder), "--one", library, scenario]
    allowed = 1800.0 if first is None else 3 * first["seconds"] + PATIENCE
    with subprocess.Popen(
        [*command, f"{kill_after}"], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            told, _ = process.communicate(timeout=allowed)
            record: dict[str, Any] = json.loads(told.splitlines()[-1])
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the workers, too
            record = {"ended": f"no answer after {allowed:.0f} s"}
    record = {"library": library, "scenario": scenario} | record
    if first is not None and record["ended"] == "result":
        before, now = (np.load(folder / f"{library}, {one}.npy") for one in ("first", scenario))
        record["largest_difference"] = float(np.abs(before - now).max())
        record["same_bits"] = record["digest"] == first["digest"]
    return record


def page(records: Sequence[dict[str, Any]], rows: int, load: float) -> str:
    """The records as a page."""
    about = machine()
    lines = [
        "# Beside XGBoost on Dask",
        "",
        "Made by `python -m benchmarks.beside_xgboost`; do not edit.",
        "",
        f"{rows:,} rows of {TABLE} in {FILES} files of Parquet, workers of one thread each, {about['cores']} cores of "
        f"{about['processor']}; load of the machine before: {load:.1f}. Both libraries as they come, ours on {SHARDS} "
        "shards. *Same bits* and *largest difference* (of a probability of a test row) are to the first training of "
        "that library. The worker was killed (SIGKILL) halfway.",
        "",
    ]
    for library, title in LIBRARIES.items():
        head = (title, "seconds", "accuracy", "log loss", "same bits", "largest difference", "ended with")
        cells = []
        for one in (record for record in records if record["library"] == library):
            found = one["ended"] == "result"
            beside = found and "same_bits" in one
            cells.append(
                (
                    TITLES.get(one["scenario"], one["scenario"]),
                    f"{one['seconds']:.1f}" if "seconds" in one else "-",
                    f"{one['accuracy']:.4f}" if found else "-",
                    f"{one['log_loss']:.4f}" if found else "-",
                    ("yes" if one["same_bits"] else "no") if beside else "-",
                    f"{one['largest_difference']:.2g}" if beside else "-",
                    "a model" if found else one["ended"].replace("|", "/"),
                )
            )
        lines += [f"## {title}", "", *table(head, cells)]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.one:
        library, scenario, seconds = arguments.one
        kill_after = float(seconds) or None
        file = arguments.data / f"{library}, {scenario}.npy"
        print(json.dumps(carry_out(library, SCENARIOS[scenario], kill_after, arguments.data, file)))
        return
    records, load = [], os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="glassnet-beside-") as name:
        folder = Path(name)
        write(arguments.data, arguments.rows, folder)
        first: dict[str, dict[str, Any]] = {}
        for scenario in SCENARIOS:
            for library in LIBRARIES:
                records.append(measured(library, scenario, first.get(library), folder))
                first.setdefault(library, records[-1])
                print(records[-1], flush=True)
    content = {"rows": arguments.rows, "load_before": load, "trainings": records}
    path = write_results("beside_xgboost", content, arguments.out)
    path.with_suffix(".md").write_text(page(records, arguments.rows, load))


if __name__ == "__main__":
    main()
