"""A library's first fit in a fresh process: seconds of import, and of making and fitting a first small model.

python -m benchmarks.speed.first glassnet|estimator|pytorch|jax|keras|scikit-learn [ENGINE]

The clock of "fit" starts when all is imported that a user imports by hand; what a library loads later counts. "compile"
is what LLVM takes of glassnet's fit.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from benchmarks.speed.cases import TINY, Case, make_table

EPOCHS = 5

REAL = Case("of a real table's size", 569, 30, (), 2, 256)
"""What the estimator learns from: as many rows and columns as the breast cancer data of scikit-learn."""


def estimator(engine: str) -> None:
    """The default classifier."""
    from glassnet import NeuralClassifier

    NeuralClassifier(engine=engine, random_state=0).fit(*make_table(REAL))


def network(what: str, engine: str) -> Any:
    """A small network of a library, to be trained for some epochs."""
    from benchmarks.speed.peers import get_peer

    peer = get_peer(what, **({"engine": engine} if what == "glassnet" else {}))
    return lambda: peer.training(TINY, *make_table(TINY), peer.forms(TINY)[0]).train(EPOCHS)


def time_of_compiler(engine: str) -> list[float]:
    """Seconds of each kernel that is compiled from now on."""
    times: list[float] = []
    if engine == "compiled":
        from glassnet.engines.compiled import llvm

        compiler = llvm.object_code

        def timed(*what: Any) -> bytes:
            started = time.perf_counter()
            try:
                return compiler(*what)
            finally:
                times.append(time.perf_counter() - started)

        llvm.object_code = timed
    return times


def main() -> None:
    """Print the times as JSON."""
    what, engine = sys.argv[1], (sys.argv[2:] or ["compiled"])[0]
    started = time.perf_counter()
    if what == "estimator":
        from glassnet import NeuralClassifier  # noqa: F401

        def train() -> None:
            estimator(engine)
    else:
        train = network(what, engine)
    imported = time.perf_counter()
    compiled = time_of_compiler(engine) if what in ("glassnet", "estimator") else []
    begun = time.perf_counter()
    train()
    fit = time.perf_counter() - begun
    print(json.dumps({"import": imported - started, "fit": fit, "compile": sum(compiled)}))


if __name__ == "__main__":
    main()
