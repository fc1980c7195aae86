"""What a worker can be asked to do. Each task takes and returns what JSON can carry."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.cases import Case, make_table
from benchmarks.speed.memory import fill, peak_bytes, resident_bytes, restart_peak
from benchmarks.speed.mnist_data import load_mnist
from benchmarks.speed.peak import gigaflops
from benchmarks.speed.peers import Peer, Training, UnsupportedError
from benchmarks.speed.products import StepProducts

__all__ = ["Tasks"]

TRIAL_SECONDS = 0.1
PREDICT_ROUNDS = 5


class Tasks:
    """The tasks of one worker, which is one library with a fixed number of threads."""

    def __init__(self, peer: Peer | None) -> None:
        self.peer = peer
        self.built: list[tuple[dict[str, Any], Training]] = []
        self.training: Training | None = None
        self.epochs, self.steps = 1, 1
        self.products: StepProducts | None = None

    # ---------------------------------------------------------------- training

    def build(self, case: dict[str, Any], every_form: bool, seed: int = 0) -> dict[str, Any]:
        """Build the training in one form or in every form and run an epoch of each, so that all is compiled."""
        self.built, self.training = [], None
        gc.collect()
        found = Case.from_dict(case)
        X, y = make_table(found, seed)
        started = time.perf_counter()
        forms = self.peer.forms(found)
        try:
            for form in forms if every_form else forms[:1]:
                training = self.peer.training(found, X, y, form, seed)
                training.train(1)
                self.built.append((form, training))
        except UnsupportedError as error:
            return {"unsupported": str(error)}
        self.steps = found.steps
        return {"seconds": time.perf_counter() - started}

    def choose(self, seconds: float, least_epochs: int) -> dict[str, Any]:
        """Keep the fastest of what was built; from now on `measure` takes about so many seconds, or epochs."""
        best = math.inf
        for form, training in self.built:
            each = min(clock(lambda t=training: t.train(1)) for _ in range(2))
            if each < TRIAL_SECONDS:
                epochs = math.ceil(TRIAL_SECONDS / each)
                each = min(clock(lambda t=training, e=epochs: t.train(e)) for _ in range(2)) / epochs
            if each < best:
                best, self.training, chosen = each, training, form
        self.built = []
        self.epochs = max(least_epochs, math.ceil(seconds / best))
        return {"form": chosen, "epochs": self.epochs}

    def measure(self) -> float:
        """Seconds of a step: whole epochs by the number of their steps."""
        gc.collect()
        return clock(lambda: self.training.train(self.epochs)) / (self.epochs * self.steps)

    def measure_for(self, seconds: float) -> float:
        """As `measure`, by the clock, not by a number of epochs: it ends in time even where a library collapses."""
        gc.collect()
        epochs, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            self.training.train(self.epochs)
            epochs += self.epochs
        return elapsed / (epochs * self.steps)

    def race(self, folder: str, case: dict[str, Any], goals: list[float], seed: int, most: int) -> dict[str, Any]:
        """Train MNIST until the last goal is reached: seconds of training until each, test accuracy after each epoch.

        The clock stands still while the test images are looked at. The training is built and warm at the first call;
        every call begins with fresh parameters.
        """
        X, y, X_test, y_test = load_mnist(Path(folder))
        found = Case.from_dict(case)
        if self.training is None:
            self.training = self.peer.training(found, X, y, self.peer.forms(found)[0], seed)
            self.training.continue_epoch()
            self.training.classify(X_test)
        self.training.reset(seed)
        seconds, accuracies, reached = 0.0, [], dict.fromkeys(map(str, goals))
        while len(accuracies) < most and None in reached.values():
            seconds += clock(self.training.continue_epoch)
            accuracies.append(float((self.training.classify(X_test) == y_test).mean()))
            for goal in goals:
                if accuracies[-1] >= goal and reached[str(goal)] is None:
                    reached[str(goal)] = seconds
        return {"seconds": reached, "accuracies": accuracies, "epoch": seconds / len(accuracies)}

    def side_by_side(self, case: dict[str, Any], networks: int, threads: list[int], epochs: int) -> dict[str, float]:
        """Seconds until so many networks are trained in so many Python threads."""
        found = Case.from_dict(case)
        X, y = make_table(found)
        trainings = [self.peer.training(found, X, y, self.peer.forms(found)[0], seed) for seed in range(networks)]
        for training in trainings:
            training.train(1)
        seconds = {}
        for count in threads:
            with ThreadPoolExecutor(count) as pool:
                seconds[str(count)] = clock(lambda p=pool: list(p.map(lambda t: t.train(epochs), trainings)))
        return seconds

    def ways(self, case: dict[str, Any], seconds: float) -> dict[str, dict[str, float]]:
        """Of each way to train the case: seconds of a step, and those that a training takes beside its steps."""
        found = Case.from_dict(case)
        times = {}
        for way, train in self.peer.ways(found, *make_table(found)).items():
            train(1)
            gc.collect()
            one, several, many = min(clock(lambda t=train: t(1)) for _ in range(3)), 1, 0.0
            while many < one + seconds:
                several *= 2
                many = clock(lambda t=train, n=several: t(n))
            epoch = (many - one) / (several - 1)
            times[way] = {"step": epoch / found.steps, "fit": one - epoch}
        return times

    # -------------------------------------------------------------- prediction

    def predict(self, case: dict[str, Any], rows: list[int], seconds: float) -> dict[str, Any]:
        """Seconds of a call of each way to predict so many rows, the median of several rounds."""
        found = Case.from_dict(case)
        X, y = make_table(found)
        training = self.peer.training(found, X, y, self.peer.forms(found)[0])
        training.train(1)
        times: dict[str, dict[str, float]] = {}
        for count in rows:
            few = np.ascontiguousarray(np.resize(X, (count, found.inputs)))
            for way, call in training.predictors(few).items():
                call()
                calls = max(1, math.ceil(seconds / PREDICT_ROUNDS / min(clock(call) for _ in range(5))))
                rounds = [clock(lambda c=call, n=calls: repeat(c, n)) / calls for _ in range(PREDICT_ROUNDS)]
                times.setdefault(way, {})[str(count)] = float(np.median(rounds))
        return times

    # ------------------------------------------------------------------ memory

    def memory(self, case: dict[str, Any]) -> dict[str, float]:
        """The peak of resident memory in one epoch on a large table, above that before the table was made."""
        found = Case.from_dict(case)
        few = found.with_steps(2)
        form = self.peer.forms(found)[0]
        self.peer.training(few, *make_table(few), form).train(1)
        gc.collect()
        before = resident_bytes()
        X = np.empty((found.rows, found.inputs), np.float32)
        y = fill(X, found.classes)
        restart_peak()
        self.peer.training(found, X, y, form).train(1)
        return {"array": X.nbytes, "before": before, "peak": peak_bytes()}

    # ---------------------------------------------------------------- products

    def build_products(self, case: dict[str, Any]) -> dict[str, Any]:
        """Make the matrices of a step; tells how far the products are from float64 and what computes them."""
        self.products = StepProducts(Case.from_dict(case))
        return self.products.check()

    def measure_products(self, seconds: float) -> dict[str, float]:
        """Seconds for the products of a step, by each library of them."""
        return self.products.measure(seconds)

    def measure_peak(self, threads: int, seconds: float) -> float:
        """Floating-point operations a second that the processor's registers allow."""
        return 1e9 * gigaflops(threads, seconds)


def clock(call: Callable[[], Any]) -> float:
    """Seconds of a call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def repeat(call: Callable[[], Any], times: int) -> None:
    """So many calls."""
    for _ in range(times):
        call()
