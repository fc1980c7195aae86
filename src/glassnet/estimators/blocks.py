"""Rows through the networks in blocks of one size, so that what a row is answered depends on nothing but the row.

A product of matrices adds in another order when there are more rows or fewer: BLAS has one way for a single row and
others for many, and a loop over rows does most of them side by side and the last ones singly. The last bits of an
answer would tell how many rows were asked about together. In blocks of one size every row goes the same way: the last
block is filled up with copies of a row. So a table, its rows one at a time, and a row that a server puts together with
those of strangers are answered alike, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from glassnet.engines import CompiledEngine, ReferenceEngine
from glassnet.engines.threads import one_blas_thread
from glassnet.formulas.averages import averaged
from glassnet.layers.base import Array
from glassnet.network import NeuralNetwork

__all__ = ["ROWS", "outputs_in_blocks"]

ROWS = 32
"""Rows in a block: few enough that a lone row, which takes as long as a block, is answered at once; and a multiple of
whatever a processor, or a BLAS, does side by side."""

_engines: WeakKeyDictionary[NeuralNetwork, ReferenceEngine] = WeakKeyDictionary()
"""Kept, for their buffers are made once."""


def outputs_in_blocks(networks: Sequence[NeuralNetwork], encoded: Any, temperature: float) -> Array:
    """The raw outputs of one network that would answer as all of them do, each row's the same in whatever company.

    Parameters
    ----------
    networks : sequence of NeuralNetwork
    encoded : array or sparse array of shape (rows, inputs)
    temperature : float
        As in :func:`glassnet.formulas.averages.averaged`.

    Returns
    -------
    array of shape (rows, outputs)

    Examples
    --------
    >>> network, X = NeuralNetwork(3, ["tanh:32", 1]), np.random.default_rng(0).normal(size=(100, 3))
    >>> together = outputs_in_blocks([network], X, 1.0)
    >>> bool((outputs_in_blocks([network], X[7:8], 1.0) == together[7]).all())
    True
    """
    rows = encoded.shape[0]
    whole, answers = rows - rows % ROWS, []
    if whole:
        answers.append(_answer(networks, encoded[:whole], temperature))
    if rows > whole:
        rest = _dense(encoded[whole:])
        filled = np.concatenate([rest, np.repeat(rest[:1], ROWS - len(rest), axis=0)])
        answers.append(_answer(networks, filled, temperature)[: len(rest)])
    return np.concatenate(answers) if answers else np.empty((0, networks[0].outputs), networks[0].dtype)


def _answer(networks: Sequence[NeuralNetwork], blocks: Any, temperature: float) -> Array:
    outputs: list[Array] = []
    with one_blas_thread():
        for network in networks:
            together = _engine(network).predict(network, network.check_inputs(blocks))
            outputs += [together] if network.members == 1 else np.split(together, network.members, axis=1)
    return averaged(outputs, networks[0].loss, temperature)


def _engine(network: NeuralNetwork) -> ReferenceEngine:
    """Its engine, but for blocks of this size, and with one worker: several would share a block out among them."""
    if network not in _engines:
        compiled = isinstance(network.engine, CompiledEngine)
        _engines[network] = CompiledEngine(workers=1, block=ROWS) if compiled else ReferenceEngine(block=ROWS)
    return _engines[network]


def _dense(block: Any) -> Array:
    return np.ascontiguousarray(block.toarray() if hasattr(block, "toarray") else block)
