"""The live view: numbers in a terminal, lines elsewhere, and what a doctor finds."""

from __future__ import annotations

import io
import pickle
import re
import sys

import numpy as np
import pytest

from glassnet import LiveView, NeuralNetwork, Trainer
from glassnet.errors import InputError
from glassnet.insight.doctor.finding import Case
from glassnet.support.language import Composed, Text
from tests.terminal import in_a_terminal

EVEN = Composed({"en": "epoch {epoch} is even", "zh": "第 {epoch} 轮是偶数"})
TEXTS = EVEN, Text("Every second one is."), Composed({"en": "Wait.", "zh": "等一等。"})


class Finder:
    """Finds a trifle in the second epoch, and something serious in the fourth."""

    def __init__(self, tell):
        self.tell = tell

    def on_epoch_end(self, run):
        if run.epoch in (2, 4):
            self.tell(Case("even", *TEXTS).found("note" if run.epoch == 2 else "serious", epoch=run.epoch))


@pytest.fixture
def watched():
    """Train with a view into a file; gives the lines."""

    def run(epochs=20, language="en", **options):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(200, 3))
        file = io.StringIO()
        view = LiveView(language=language, file=file)
        network = NeuralNetwork(3, ["tanh:4", 2], "cross_entropy", engine="reference")
        trainer = Trainer(epochs=epochs, callbacks=[Finder(view.hear), view], early_stopping=False, **options)
        history = trainer.fit(network, X, (X[:, 0] > 0).astype(int))
        return file.getvalue().splitlines(), history

    return run


@pytest.mark.parametrize("scoring", ["neg_log_loss", "accuracy"])
def test_the_best_epoch_that_is_shown_is_the_one_whose_weights_are_kept(watched, scoring):
    lines, history = watched(scoring=scoring, learning_rate=0.01)
    assert history.best_epoch > 1  # the first would be the worst
    assert f"best: epoch {history.best_epoch}, " in lines[-1]


def test_without_a_terminal_there_are_plain_lines(watched):
    lines, history = watched()
    assert lines[0] == (
        f"epoch 1 of 20  loss {history['loss'][0]:.4g}  validation loss {history['validation_loss'][0]:.4g}"
    )
    places = [at for at, line in enumerate(lines) if line.startswith("found")]
    assert [lines[at] for at in places] == ["found: note: epoch 2 is even", "found: serious: epoch 4 is even"]
    assert [lines[at + 1] for at in places] == ["  do: Wait."] * 2
    assert [int(line.split()[1]) for line in lines if line.startswith("epoch")] == [1, *range(2, 20, 2), 20]
    best = history.best_epoch
    assert lines[-1].endswith(f"best: epoch {best}, {history['validation_loss'][best - 1]:.4g}")


def test_the_best_epoch_is_that_of_the_score(watched):
    lines, history = watched(scoring="roc_auc")
    assert "  validation roc auc " in lines[0]
    best = history.best_epoch
    assert lines[-1].endswith(f"best: epoch {best}, {history['validation_roc_auc'][best - 1]:.4g}")


def test_in_chinese(watched):
    lines, history = watched(language="zh")
    assert lines[0].startswith(f"第 1 轮，共 20 轮  损失 {history['loss'][0]:.4g}  验证损失 ")
    assert lines.count("发现：提示：第 2 轮是偶数") == lines.count("发现：严重：第 4 轮是偶数") == 1
    assert "  办法：等一等。" in lines


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError, match="`language` must be one of"):
        LiveView(language="fr")


def test_it_travels():
    view = pickle.loads(pickle.dumps(LiveView(file=None)))
    assert view.console is None


def test_what_is_found_while_the_last_picture_is_drawn_is_said():
    file = io.StringIO()
    view = LiveView(language="en", file=file)

    class Meanwhile(list):
        def append(self, finding):
            view.live = None  # the training is over
            super().append(finding)

    view.live, view.findings = object(), Meanwhile()
    view.hear(Case("late", *TEXTS).found("warning", epoch=0))
    assert file.getvalue() == "found: warning: epoch 0 is even\n  do: Wait.\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
def test_in_a_terminal_there_are_numbers_and_findings(forks):
    shown = in_a_terminal(
        forks,
        """
        from glassnet import LiveView
        from tests.training.test_progress_view import TEXTS, Case, Finder
        view = LiveView()
        Trainer(epochs=12, callbacks=[Finder(view.hear), view], early_stopping=False).fit(network, X, y)
        view.hear(Case("late", *TEXTS).found("warning", epoch=0))
    """,
    )
    picture = re.split(r"[\r\n]+", shown[shown.rindex("epoch 12 of 12") :])
    assert re.fullmatch(r"epoch 12 of 12  loss \d\.\d+  validation loss \d\.\d+", picture[0].rstrip())
    assert re.match(r"best: epoch \d+, \d\.\d+  [\d,]+ rows/s  \d:\d\d left", picture[1])
    said = [line.rstrip() for line in picture[2:8]]
    assert said[:2] == ["found: serious: epoch 4 is even", "  do: Wait."]
    assert said[2:4] == ["found: note: epoch 2 is even", "  do: Wait."]
    assert said[4:] == [
        "found: warning: epoch 0 is even",
        "  do: Wait.",
    ]  # from a member, later than the picture
