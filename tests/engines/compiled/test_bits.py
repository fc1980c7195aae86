"""The same bits: each number follows from data, settings and seed, whoever computes it and beside whom."""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from llvmlite import binding as llvm

from glassnet import (
    BatchNorm,
    Blend,
    Copies,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    MemberDense,
    NeuralNetwork,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    Scale,
    Trainer,
)
from glassnet.engines import CompiledEngine
from glassnet.engines.compiled.workers import WorkerTuner
from glassnet.formulas.schedules import SCHEDULES
from glassnet.training.loop import epoch_factors

NETWORKS = {
    "plain": [
        "tanh:33",
        Dropout(0.3),
        Residual([LayerNorm(), Dense(33, "gelu")]),
        Scale(),
        Blend("selu"),
        "softmax:20",
        3,
    ],
    "whole batch": ["relu:20", BatchNorm(), "silu:9", BatchNorm(), 3],
    "embedded": [
        Embedding((3, 40)),
        PiecewiseLinearEmbedding(2, bins=5, size=3, rectify=True),
        PeriodicEmbedding(2, frequencies=4),
        "mish:17",
        3,
    ],
    "members": [
        PeriodicEmbedding(4, frequencies=3),
        Copies(3),
        MemberDense(11, "gelu", 3, adapter_initializer="signs"),
        MemberDense(7, "tanh", 3, shared=False),
        MemberDense(5, "softmax", 3, parametrization="ntk"),
        MemberDense(3, members=3),
    ],
    "rounded": [
        "gelu:33",
        Dense(40, "tanh", products="bfloat16"),
        Residual([LayerNorm(), Dense(40, "silu", products="bfloat16", parametrization="ntk")]),
        Dense(3, products="bfloat16"),
    ],
    "rounded members": [
        Copies(3),
        MemberDense(35, "gelu", 3, adapter_initializer="signs", products="bfloat16"),
        MemberDense(7, "tanh", 3, shared=False, products="bfloat16"),
        MemberDense(3, members=3),
    ],
}
WAYS = {
    "adam": Trainer(epochs=2, batch_size=37, ema_decay=0.9, early_stopping=False),
    "clipped": Trainer("momentum", epochs=2, batch_size=600, clip_norm=0.3, weight_decay=0.1, early_stopping=False),
}
WIDEST = ["AVX512F", "AVX512CD", "AVX512_SKX", "AVX512_CLX", "AVX512_CNL", "AVX512_ICL", "AVX512_SPR", "X86_V4"]
"""What NumPy calls its vectors of 512 bits, in several versions; it warns of those that it does not know."""
NEEDS = {"x86-64-v3": "avx2", "x86-64-v4": "avx512vl"}


def table():
    rng = np.random.default_rng(0)
    return np.column_stack([rng.normal(size=(700, 4)), rng.integers(0, 4, 700), rng.integers(0, 41, 700)])


def trained(name, way, dtype, workers):
    """What is left of a training: parameters, losses, predictions of all rows and of one."""
    X, members = table(), 3 if "members" in name else 1
    X = X[:, :4] if name != "embedded" else X
    network = NeuralNetwork(
        X.shape[1], NETWORKS[name], "cross_entropy", members=members, dtype=dtype, engine=CompiledEngine(workers)
    )
    history = WAYS[way].fit(network, X, np.arange(700) % 3, sample_weight=np.linspace(0.5, 2, 700))
    answers = network.predict(X)
    assert network.predict(X[5:6]).tobytes() == answers[5:6].tobytes()
    everything = network.parameters, network.statistics, np.array(history["loss"]), answers
    return hashlib.sha256(b"".join(part.tobytes() for part in everything)).hexdigest()


def cases():
    precisions = {name: ("float32",) if "rounded" in name else ("float32", "float64") for name in NETWORKS}
    return [(name, way, dtype) for name in NETWORKS for way in WAYS for dtype in precisions[name]]


each = pytest.mark.parametrize(("name", "way", "dtype"), cases())


@pytest.mark.sample(8)
@each
def test_however_many_workers_share_the_work(name, way, dtype):
    alone = trained(name, way, dtype, 1)
    assert [trained(name, way, dtype, workers) for workers in (2, 3, 5)] == [alone] * 3


@pytest.mark.sample(3)
@each
def test_however_often_the_number_of_workers_changes(name, way, dtype, monkeypatch):
    alone = trained(name, way, dtype, 1)
    workers_and_steps = itertools.cycle([(3, 2), (1, 3), (1, 1), (3, 1)])
    monkeypatch.setattr(WorkerTuner, "next", lambda tuner: next(workers_and_steps))
    assert trained(name, way, dtype, 3) == alone


@pytest.mark.sample(2)
@each
def test_whoever_trains_beside(name, way, dtype):
    alone = trained(name, way, dtype, 1)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda workers: trained(name, way, dtype, workers), (1, 2, 1, 2))) == [alone] * 4


@functools.cache
def digest():
    """Of everything that is trained here, by one worker."""
    return hashlib.sha256("".join(trained(*case, 1) for case in cases()).encode()).hexdigest()


def said(asked="digest()", module=__name__, **settings):
    code = f"from {module} import *; print({asked})"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | settings
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.once  # each starts a process
@pytest.mark.parametrize("level", NEEDS)
def test_however_wide_the_vectors_are(level):
    if not llvm.get_host_cpu_features().get(NEEDS[level]):
        pytest.skip(f"this processor is below {level}")
    assert said(GLASSNET_PROCESSOR=level) == digest()


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("kernels", ["Haswell", "Zen", "SkylakeX"])
def test_whatever_kernels_blas_takes(kernels):
    assert said(OPENBLAS_CORETYPE=kernels) == digest()


def started():
    """What a start from the rows makes of weights and biases, behind activations of every elementary function."""
    layers = [Dense(9, name, start="data") for name in ("selu", "tanh", "softplus", "gelu", "mish")]
    found = []
    for dtype in ("float32", "float64"):
        network = NeuralNetwork(6, [*layers, Dense(3, start="data")], dtype=dtype, engine=CompiledEngine(1))
        network.adapt(table())
        found.append(network.parameters.tobytes())
    return hashlib.sha256(b"".join(found)).hexdigest()


def scheduled():
    """The learning rates of a training under every schedule that follows progress, as a trainer asks for them."""
    found = []
    for name in SCHEDULES:
        schedule = SCHEDULES.get(name)
        if schedule.follows == "progress":
            run = SimpleNamespace(deadline=None, epochs=50, steps=7)
            found += [rates.tobytes() for rates, *_ in epoch_factors([schedule] * 3, run, [], 0.1)]
    return hashlib.sha256(b"".join(found)).hexdigest()


@pytest.mark.slow
def test_whatever_vectors_numpy_has():
    """Its powers, which Adam's correction of the bias would take, have other last digits with AVX-512, and so have its
    logarithms, which the default's schedule takes, and its exponentials, behind which a start from the rows would come
    out otherwise."""
    asked = "trained('plain', 'adam', 'float64', 1) + started() + scheduled()"
    expected = trained("plain", "adam", "float64", 1) + started() + scheduled()
    assert said(asked, NPY_DISABLE_CPU_FEATURES=" ".join(WIDEST)) == expected
