"""Trainings in a process of their own, and what they show in a terminal."""

from __future__ import annotations

import os
import re
import textwrap

TRAIN = """
    import sys
    import numpy as np
    from glassnet import NeuralNetwork, Trainer

    X = np.random.default_rng(0).normal(size=(400, 3))
    y = (X[:, 0] > 0).astype(int)
    network = NeuralNetwork(3, [8, 2], "cross_entropy")
"""


def start(forks, code, **options):
    """Carry code out that finds rows and a network to train."""
    return forks.fork("-c", textwrap.dedent(TRAIN) + textwrap.dedent(code), **options)


def in_a_terminal(forks, code, columns=120):
    """What the code shows in a terminal of that width, escape sequences taken out."""
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
    process = start(forks, code, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    pieces = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side has closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(ours)
    assert process.wait() == 0
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(pieces).decode())
