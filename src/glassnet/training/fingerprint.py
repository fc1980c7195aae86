"""The fingerprint of a training: data, settings and initial state, which a checkpoint must match."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from types import CodeType
from typing import Any, Final

import numpy as np

import glassnet
from glassnet.engines import Updater
from glassnet.layers.base import Array
from glassnet.layers.text_rows import TextRows
from glassnet.network import NeuralNetwork
from glassnet.network.state import network_to_state, updater_to_state
from glassnet.training.early_stopping import Rows, weights_of

DIGESTED: Final = ("layers", "weights at the start", "optimizer at the start", "training rows", "validation rows")
"""Entries that are digests, so their values are not shown."""
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")
"""Addresses, which differ between processes."""


def fingerprint(
    network: NeuralNetwork, rows: Rows, validation: Rows | None, options: Mapping[str, Any], known: str | None = None
) -> dict[str, Any]:
    """Return the identity of a training: equal ones end with the same bits.

    Parameters
    ----------
    network : NeuralNetwork
        As it is at the start.
    rows : Rows
    validation : Rows or None
    options : mapping from str to object
        Objects without a plain form are represented by their text.
    known : str or None
        The digest of the rows, where it is known.
    """
    described, _ = network_to_state(network)
    return {
        "glassnet": glassnet.__version__,
        "seed": network.seed,
        "engine": network.engine.name,
        "loss": described["loss"],
        "layers": _digest([np.frombuffer(repr(described).encode(), np.uint8)]),
        "weights at the start": _digest(weights_of(network)),
        "training rows": known or rows_digest(rows),
        "validation rows": None if validation is None else rows_digest(validation),
        **{name: value if type(value) in (bool, int, float) else str(value) for name, value in options.items()},
    }


def state_digest(updater: Updater) -> str:
    """Return the digest of an optimizer, with everything that decides its next steps.

    Raises
    ------
    InputError
        If it has no form in a file.
    """
    described, memories = updater_to_state(updater)
    text = repr((described, updater.clip_value, updater.clip_norm, updater.ema_decay))
    return _digest([np.frombuffer(text.encode(), np.uint8), *memories.values()])


def judge_name(judge: Any) -> str:
    """Return the identity of a scorer: its name, or the name and code of a function or another object.

    Examples
    --------
    >>> judge_name("roc_auc"), judge_name(None)
    ('roc_auc', '')
    """
    if judge is None or isinstance(judge, str):
        return judge or ""
    kind = type(judge)
    named = judge if hasattr(judge, "__qualname__") else kind
    code = getattr(judge, "__code__", None)
    made_of = _ADDRESS.sub("", repr(judge))
    if code is not None:  # functions of one name may differ
        made_of = hashlib.sha256(repr(_instructions(code)).encode()).hexdigest()[:8]
    return f"{named.__module__}.{named.__qualname__} {made_of}".strip()


def _instructions(code: CodeType) -> tuple[Any, ...]:
    """Return the instructions of a function, independent of its location in memory."""

    def plain(constant: Any) -> Any:
        if isinstance(constant, CodeType):
            return _instructions(constant)
        # the order of a set is another in each process
        return sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant

    return code.co_code, code.co_names, [plain(constant) for constant in code.co_consts]


def rows_digest(rows: Rows) -> str:
    """Return the digest of rows with targets and weights."""
    return _digest(_parts(rows))


def _parts(rows: Rows) -> list[Array]:
    """Return all arrays that rows are made of."""
    X, y, weight = rows
    if isinstance(X, TextRows):
        table = [X.matrix, *X.entries()]
    else:
        table = [X.data, X.indices, X.indptr, np.array(X.shape)] if hasattr(X, "indptr") else [X]
    return [*table, y, *([] if weight is None else [weight])]


AT_ONCE: Final = 4096
"""Rows that are copied at a time where they are not contiguous."""


def _digest(arrays: Sequence[Array]) -> str:
    """SHA-256 of types, shapes and numbers."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str} {array.shape}".encode())
        for start in range(0, len(array), AT_ONCE):
            digest.update(np.ascontiguousarray(array[start : start + AT_ONCE]).data)
    return digest.hexdigest()
