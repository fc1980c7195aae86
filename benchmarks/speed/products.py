"""The matrix products of a training step and nothing else: how fast this machine's BLAS does them.

Both NumPy's and SciPy's BLAS are measured: each brings its own. The matrices follow one another as in a step, so they
are in the caches as far as they are there in a step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg.blas import sgemm
from threadpoolctl import threadpool_info

from benchmarks.speed.cases import Case

__all__ = ["StepProducts"]


class StepProducts:
    """The products of one step of a case."""

    def __init__(self, case: Case) -> None:
        rng = np.random.default_rng(0)

        def matrix(rows: int, columns: int) -> np.ndarray:
            return rng.standard_normal((rows, columns), dtype=np.float32)

        activations = [matrix(case.batch, width) for width in case.widths]
        gradients = [matrix(case.batch, width) for width in case.widths]
        weights = [matrix(k, o) for k, o in zip(case.widths, case.widths[1:], strict=False)]
        self.pairs: list[tuple[np.ndarray, np.ndarray]] = []
        layers = range(len(weights))
        self.pairs += [(activations[layer], weights[layer]) for layer in layers]
        for layer in reversed(layers):
            self.pairs.append((activations[layer].T, gradients[layer + 1]))
            if layer:
                self.pairs.append((gradients[layer + 1], weights[layer].T))
        self.results = [np.empty((len(a), b.shape[1]), np.float32) for a, b in self.pairs]

    def numpy(self) -> None:
        """All of them by NumPy."""
        for (a, b), result in zip(self.pairs, self.results, strict=True):
            np.matmul(a, b, out=result)

    def scipy(self) -> None:
        """All of them by SciPy's sgemm, which counts in columns: (a b)ᵀ = bᵀ aᵀ, and no matrix is copied."""
        for (a, b), result in zip(self.pairs, self.results, strict=True):
            left, right = b.T, a.T
            turned = [not matrix.flags.f_contiguous for matrix in (left, right)]
            left, right = (m.T if turn else m for m, turn in zip((left, right), turned, strict=True))
            sgemm(1.0, left, right, c=result.T, trans_a=turned[0], trans_b=turned[1], overwrite_c=1)

    def check(self) -> dict[str, Any]:
        """The largest relative error against float64, and the BLAS that computed it."""
        errors = {}
        for name, run in self._ways().items():
            for result in self.results:
                result.fill(np.nan)
            run()
            exact = [a.astype(np.float64) @ b.astype(np.float64) for a, b in self.pairs]
            found = zip(self.results, exact, strict=True)
            errors[name] = max(float(np.abs(result - truth).max() / np.abs(truth).max()) for result, truth in found)
        keys = ("internal_api", "version", "architecture", "num_threads")
        return {"errors": errors, "blas": [{k: info.get(k) for k in keys} for info in threadpool_info()]}

    def measure(self, seconds: float) -> dict[str, float]:
        """Seconds for all of them once, the mean of as many times as fit."""
        found = {}
        for name, run in self._ways().items():
            run()
            times, started = 0, time.perf_counter()
            while (elapsed := time.perf_counter() - started) < seconds:
                run()
                times += 1
            found[name] = elapsed / times
        return found

    def _ways(self) -> dict[str, Callable[[], None]]:
        return {"numpy": self.numpy, "scipy": self.scipy}
