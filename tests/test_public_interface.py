"""The public interface is the one on record, and the reference lists all that can be imported."""

from __future__ import annotations

import difflib

import numpy as np
import pandas as pd
import pytest

import glassnet
from tests.public_interface import COMMAND, FILE, attributes, listed, text


@pytest.mark.slow
def test_the_public_interface_is_the_one_on_record():
    pytest.importorskip("cyclopts")
    recorded, now = FILE.read_text(encoding="utf-8"), text()
    changes = "\n".join(
        difflib.unified_diff(recorded.splitlines(), now.splitlines(), "on record", "now", "", "", 2, "")
    )
    assert not changes, f"{changes}\nIf that is meant, say so in CHANGELOG.md, and record it: {COMMAND}"


def test_the_reference_lists_every_public_name():
    names = {name for name, _, _ in listed()}
    missing = {name for name in glassnet.__all__ if f"glassnet.{name}" not in names} - {"__version__", "plots"}
    assert missing == set()
    assert {name for name in glassnet.plots.__all__ if f"glassnet.insight.plots.{name}" not in names} == set()


@pytest.mark.parametrize("kind", ["NeuralClassifier", "NeuralRegressor"])
def test_every_attribute_that_an_estimator_describes_is_there_after_fit(kind):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"])
    estimator = getattr(glassnet, kind)
    model = estimator(preset="mlp", epochs=1, cv=2, random_state=0).fit(X, X["a"] > 0)
    names = [name.strip() for line in attributes(estimator) for name in line.partition(" : ")[0].split(",")]
    assert [name for name in names if not hasattr(model, name)] == []
    assert len(names) > 10
