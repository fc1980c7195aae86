"""A library's first fit in a fresh process: seconds of import, and of making and fitting a first small model.

python -m benchmarks.speed.first glassnet|pytorch|jax|keras|scikit-learn|estimator|mlp|lightgbm [ENGINE]

The first five train a small network, the others are a library's default classifier on a table of a real one's size.
The clock of "fit" starts when all is imported that a user imports by hand; what a library loads later counts. "cpu" is
the time of all processors, which other processes hardly change, "compile" what LLVM takes of glassnet's fit.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from typing import Any

from benchmarks.speed.cases import TINY, Case, make_table

EPOCHS = 5

REAL = Case("of a real table's size", 569, 30, (), 2, 256)
"""What an estimator learns from: as many rows and columns as the breast cancer data of scikit-learn."""

ESTIMATORS = {
    "estimator": ("glassnet", "NeuralClassifier"),
    "mlp": ("sklearn.neural_network", "MLPClassifier"),
    "lightgbm": ("lightgbm", "LGBMClassifier"),
}


def estimator(what: str, engine: str) -> Any:
    """A library's default classifier, to be fitted."""
    module, name = ESTIMATORS[what]
    model = getattr(import_module(module), name)
    options = {"engine": engine} if what == "estimator" else {}
    return lambda: model(**options, random_state=0).fit(*make_table(REAL))


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
    train = estimator(what, engine) if what in ESTIMATORS else network(what, engine)
    imported = time.perf_counter()
    compiled = time_of_compiler(engine) if what in ("glassnet", "estimator") else []
    begun = time.perf_counter()
    train()
    fit = time.perf_counter() - begun
    print(json.dumps({"import": imported - started, "fit": fit, "cpu": time.process_time(), "compile": sum(compiled)}))


if __name__ == "__main__":
    main()
