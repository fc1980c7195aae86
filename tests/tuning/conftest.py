"""What the tests of the search share: a tiny table, and a search in it that takes no time."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet

QUICK = {
    "preset": "mlp",
    "hidden_layers": 8,
    "activation": "relu",
    "numeric_embedding": "none",
    "epochs": 8,
    "validation": 0.3,
    "jobs": 1,
    "random_state": 0,
}


@pytest.fixture(scope="session")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    return X, np.array(["no", "yes"])[(X[:, 0] + 0.5 * rng.normal(size=120) > 0).astype(int)]


@pytest.fixture
def search(table):
    """Search in the tiny table; every argument can be another."""

    def run(X=table[0], y=table[1], **arguments):
        arguments = {**QUICK, **({} if "budget" in arguments else {"trials": 3}), **arguments}
        return glassnet.search(X, y, **arguments)

    return run


def tried(found):
    """The rows of the trials, without what a clock says."""
    return [{name: value for name, value in row.items() if name != "seconds"} for row in found.trials]


@pytest.fixture(name="tried")
def give_tried():
    return tried
