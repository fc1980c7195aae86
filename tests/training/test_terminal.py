"""What a training shows in a terminal, what it hides elsewhere, and what Ctrl-C does to a process."""

from __future__ import annotations

import re
import signal
import sys

import pytest

from tests.terminal import in_a_terminal, start

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals and signals of this kind"),
]


def test_a_progress_bar_says_what_one_wants_to_know(forks):
    shown = in_a_terminal(forks, 'Trainer(epochs=40, verbose=True, scoring="roc_auc", patience=40).fit(network, X, y)')
    last = [line for line in re.split(r"[\r\n]+", shown) if line.strip()][-1]
    assert re.fullmatch(
        r"epoch 40/40 ━+ loss \d+\.\d{4}  validation roc auc \d\.\d{4}  [\d,]+ rows/s \d+:\d\d\s*", last
    )


def test_a_narrow_terminal_loses_the_bar_but_no_number(forks):
    shown = in_a_terminal(forks, "Trainer(epochs=40, verbose=True, patience=40).fit(network, X, y)", columns=80)
    last = [line for line in re.split(r"[\r\n]+", shown) if line.strip()][-1]
    assert re.fullmatch(r"epoch 40/40 loss \d+\.\d{4}  validation loss \d\.\d{4}  [\d,]+ rows/s \d+:\d\d\s*", last)


def test_an_early_end_leaves_a_full_bar(forks):
    shown = in_a_terminal(forks, "Trainer(epochs=500, verbose=True, patience=1, optimizer='sgd').fit(network, X, y)")
    assert re.search(r"epoch \d{1,2}/500 ━━━", shown) or re.search(r"epoch [1-4]\d\d/500 ━━━", shown)
    assert "0:00" in [line for line in re.split(r"[\r\n]+", shown) if line.strip()][-1]


@pytest.mark.parametrize("verbose", [True, False])
def test_without_a_terminal_nothing_is_printed(verbose, forks):
    code = f"Trainer(epochs=3, verbose={verbose}).fit(network, X, y)"
    process = start(forks, code)
    assert process.communicate() == ("", "")
    assert process.returncode == 0


def test_in_a_terminal_nothing_is_printed_either_unless_one_asks(forks):
    assert in_a_terminal(forks, "Trainer(epochs=3).fit(network, X, y)") == ""


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


def test_ctrl_c_ends_a_fit_with_the_best_weights_so_far(forks):
    process = start(forks, INTERRUPTED)
    assert process.stdout.readline() == "three\n"
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert errors == ""
    assert output == "interrupted True True True\n"
    assert process.returncode == 0
