"""What the tests of the doctor share: rows, bare networks, and the examination of one check."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import NeuralNetwork, diagnose


def network(inputs, layers, loss="mse", **options):
    """A network in NumPy: nothing to compile."""
    return NeuralNetwork(inputs, layers, loss, engine="reference", **options)


@pytest.fixture(name="network")
def give_network():
    return network


@pytest.fixture
def rows():
    """300 rows of three columns of size 1."""
    return np.random.default_rng(0).normal(size=(300, 3))


@pytest.fixture
def found():
    """The one finding of a kind, or None; there must not be two."""

    def of_kind(kind, *arguments, **options):
        findings = diagnose(*arguments, **options).findings_of(kind)
        assert len(findings) <= 1
        return findings[0] if findings else None

    return of_kind
