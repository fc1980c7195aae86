"""A library's first fit in a fresh process: seconds of import, and of making and fitting a first small network.

python -m benchmarks.speed.first glassnet|estimator|pytorch|jax|keras|scikit-learn [ENGINE]
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from benchmarks.speed.cases import TINY, make_table

EPOCHS = 5


def estimator(engine: str, X: np.ndarray, y: np.ndarray) -> None:
    """glassnet from a table to a fitted classifier."""
    from glassnet import NeuralClassifier

    model = NeuralClassifier(hidden_layers=list(TINY.hidden), epochs=EPOCHS, early_stopping=False, engine=engine)
    model.fit(X, y)


def main() -> None:
    """Print both times as JSON."""
    what, engine = sys.argv[1], (sys.argv[2:] or ["compiled"])[0]
    X, y = make_table(TINY)
    started = time.perf_counter()
    if what == "estimator":
        from glassnet import NeuralClassifier  # noqa: F401

        imported = time.perf_counter()
        estimator(engine, X, y)
    else:
        from benchmarks.speed.peers import get_peer

        peer = get_peer(what, **({"engine": engine} if what == "glassnet" else {}))
        imported = time.perf_counter()
        peer.training(TINY, X, y, peer.forms(TINY)[0]).train(EPOCHS)
    ended = time.perf_counter()
    print(json.dumps({"import": imported - started, "fit": ended - imported}))


if __name__ == "__main__":
    main()
