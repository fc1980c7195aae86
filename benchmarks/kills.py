"""Kills trainings and searches at random moments, lets them go on, and compares what comes out, bit by bit.

    python benchmarks/kills.py [--kills 100] [--seed 0]

Each training runs in a process of its own, which SIGKILL ends at a moment that is drawn; the next one goes on in the
same folder. After its share of the kills the last one runs to the end, and the digest of all weights and histories must
be that of a training that nothing ended. Checkpoints are written as often as can be, so kills hit some half-written. A
search goes on from its journal, and must have tried the same options with the same scores.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

SETTINGS: dict[str, dict[str, Any]] = {
    "network, compiled": {"trainer": {"optimizer": "adam"}},
    "network, reference": {"trainer": {"optimizer": "nadam", "epochs": 8}, "engine": "reference"},
    "network, plateau, clipped": {
        "trainer": {"optimizer": "sgd", "learning_rate": 0.1, "schedule": "reduce_on_plateau", "clip_norm": 1.0}
    },
    "network, average of weights": {"trainer": {"ema_decay": 0.99, "schedule": "cosine(warmup=0.1)"}},
    "network, float64, large batch": {"trainer": {"batch_size": 1500}, "dtype": "float64"},
    "classifier, default": {"estimator": {}},
    "classifier, one member": {"estimator": {"preset": "mlp"}},
    "classifier, shared weights": {"estimator": {"preset": "tabm", "epochs": 20}},
    "search, four trials": {"search": {"trials": 4, "jobs": 1, "validation": 0.3, "epochs": 20}},
}
ROWS, COLUMNS = 4000, 8
AT_A_TIME = 2
"""Trainings that are killed and resumed beside each other: each hardly uses more than one processor."""


def train(name: str, folder: str | None) -> str:
    """Carry out a training, with checkpoints in a folder; the digest of what came out."""
    import numpy as np

    import glassnet
    from glassnet import Checkpoint, NeuralClassifier, NeuralNetwork, Trainer
    from glassnet.training import checkpoint as module

    module.SHARE = 0  # as often as can be
    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, COLUMNS))
    y = (X[:, 0] * X[:, 1] + rng.normal(size=ROWS) > 0).astype(int)
    settings = SETTINGS[name]
    checkpoint = None if folder is None else Checkpoint(folder, every=0)
    print("begun", flush=True)
    digest = hashlib.sha256()
    if "search" in settings:
        storage = None if folder is None else Path(folder) / "search.journal"
        found = glassnet.search(X, y, storage=storage, random_state=0, **settings["search"])
        tried = [
            {name: row[name] for name in row if name not in ("trial", "seconds")}
            for row in found.trials
            if row["state"] != "unfinished"  # what a kill cut off is tried again, as another trial
        ]
        digest.update(repr(tried).encode())
        networks, histories = found.best_estimator.networks_, found.best_estimator.histories_
    elif "trainer" in settings:
        layers = ["tanh:64", "dropout:0.1", "relu:64", 2]
        own = {"engine": settings.get("engine", "compiled"), "dtype": settings.get("dtype", "float32")}
        network = NeuralNetwork(COLUMNS, layers, loss="cross_entropy", seed=7, **own)
        trainer = Trainer(**{"epochs": 60, "patience": 60, **settings["trainer"]})
        networks, histories = [network], [trainer.fit(network, X, y, checkpoint=checkpoint)]
    else:
        model = NeuralClassifier(random_state=0, **settings["estimator"]).fit(X, y, checkpoint=checkpoint)
        networks, histories = model.networks_, model.histories_
    for network, history in zip(networks, histories, strict=True):
        digest.update(network.parameters.tobytes() + network.statistics.tobytes())
        rows = [{column: row[column] for column in row if column != "seconds"} for row in history.rows]
        digest.update(repr((rows, history.best_epoch, history.ended)).encode())
    return digest.hexdigest()


def start(name: str, folder: str | None) -> subprocess.Popen[str]:
    """The training in a process of its own; what comes back has begun."""
    command = [sys.executable, __file__, "--train", name, *([] if folder is None else ["--folder", folder])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if process.stdout.readline() != "begun\n":
        raise SystemExit(f"The training did not begin: {name}")
    return process


def finished(process: subprocess.Popen[str]) -> str:
    """What a training prints that nothing ends."""
    printed, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit("A training failed; see above")
    return printed.strip()


def killed_and_resumed(name: str, kills: int, seed: int) -> tuple[float, int, bool]:
    """Kill a training so often; its seconds, how often a file was left half-written, whether the bits are the same."""
    drawn = random.Random(f"{seed} {name}")
    finished(start(name, None))  # kernels are compiled, so that the next one tells how long it takes
    begun, process = time.perf_counter(), start(name, None)
    wanted = finished(process)
    seconds = time.perf_counter() - begun
    done = halves = 0
    with tempfile.TemporaryDirectory() as folder:
        while done < kills:
            process = start(name, folder)
            try:
                process.wait(drawn.uniform(0, seconds / 3))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                done += 1
            process.communicate()
            halves += any(path.name.endswith(".part") for path in Path(folder).rglob("*"))
        return seconds, halves, finished(start(name, folder)) == wanted


def main() -> int:
    """Print a table; 1 if a digest differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--train", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        print(train(options.train, options.folder))
        return 0
    print("| training | seconds | kills | half-written files | same bits |\n|---|--:|--:|--:|---|")
    kills = [len(range(place, options.kills, len(SETTINGS))) for place in range(len(SETTINGS))]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        outcomes = pool.map(killed_and_resumed, SETTINGS, kills, repeat(options.seed))
        differing = 0
        for name, of_one, (seconds, halves, same) in zip(SETTINGS, kills, outcomes, strict=True):
            differing += not same
            print(f"| {name} | {seconds:.1f} | {of_one} | {halves} | {'yes' if same else 'NO'} |", flush=True)
    return int(differing > 0)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
