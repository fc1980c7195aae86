"""What a training shows in a terminal, what it hides elsewhere, and what Ctrl-C does to a process."""

from __future__ import annotations

import os
import re
import signal
import sys
import textwrap

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals and signals of this kind"),
]

TRAIN = """
    import sys
    import numpy as np
    from glassnet import NeuralNetwork, Trainer

    X = np.random.default_rng(0).normal(size=(400, 3))
    y = (X[:, 0] > 0).astype(int)
    network = NeuralNetwork(3, [8, 2], "cross_entropy")
"""


@pytest.fixture
def start(forks):
    def run(code, **options):
        return forks.fork("-c", textwrap.dedent(TRAIN) + textwrap.dedent(code), **options)

    return run


@pytest.fixture
def in_a_terminal(start):
    """What code shows in a terminal of some width, escape sequences taken out."""
    import pty

    def shown(code, columns=120):
        ours, theirs = pty.openpty()
        environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
        process = start(code, stdout=theirs, stderr=theirs, env=environment)
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

    return shown


def test_a_progress_bar_says_what_one_wants_to_know(in_a_terminal):
    shown = in_a_terminal('Trainer(epochs=40, verbose=True, scoring="roc_auc", patience=40).fit(network, X, y)')
    last = [line for line in re.split(r"[\r\n]+", shown) if line.strip()][-1]
    assert re.fullmatch(
        r"epoch 40/40 ━+ loss \d+\.\d{4}  validation roc auc \d\.\d{4}  [\d,]+ rows/s \d+:\d\d\s*", last
    )


def test_a_narrow_terminal_loses_the_bar_but_no_number(in_a_terminal):
    shown = in_a_terminal("Trainer(epochs=40, verbose=True, patience=40).fit(network, X, y)", columns=80)
    last = [line for line in re.split(r"[\r\n]+", shown) if line.strip()][-1]
    assert re.fullmatch(r"epoch 40/40 loss \d+\.\d{4}  validation loss \d\.\d{4}  [\d,]+ rows/s \d+:\d\d\s*", last)


def test_an_early_end_leaves_a_full_bar(in_a_terminal):
    shown = in_a_terminal("Trainer(epochs=500, verbose=True, patience=1, optimizer='sgd').fit(network, X, y)")
    assert re.search(r"epoch \d{1,2}/500 ━━━", shown) or re.search(r"epoch [1-4]\d\d/500 ━━━", shown)
    assert "0:00" in [line for line in re.split(r"[\r\n]+", shown) if line.strip()][-1]


@pytest.mark.parametrize("verbose", [True, False])
def test_without_a_terminal_nothing_is_printed(verbose, start):
    code = f"Trainer(epochs=3, verbose={verbose}).fit(network, X, y)"
    process = start(code)
    assert process.communicate() == ("", "")
    assert process.returncode == 0


def test_in_a_terminal_nothing_is_printed_either_unless_one_asks(in_a_terminal):
    assert in_a_terminal("Trainer(epochs=3).fit(network, X, y)") == ""


INTERRUPTED = """
    from glassnet import NeuralClassifier

    class Say:
        def on_epoch_end(self, run):
            if run.epoch == 3:
                print("three", flush=True)

    endless = {"epochs": 10**6, "early_stopping": True, "patience": 10**6}
    model = NeuralClassifier(preset="mlp", **endless, callbacks=[Say()]).fit(X, y)
    history = model.history_
    print(history.ended, len(history) >= 3, history.best_epoch is not None, model.score(X, y) > 0.5)
"""


def test_ctrl_c_ends_a_fit_with_the_best_weights_so_far(start):
    process = start(INTERRUPTED)
    assert process.stdout.readline() == "three\n"
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert errors == ""
    assert output == "interrupted True True True\n"
    assert process.returncode == 0
