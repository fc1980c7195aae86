"""Training curves and bands over time: the numbers of the history and of the recorder."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from glassnet import History, NeuralClassifier, Recorder, plots
from glassnet.errors import InputError, InputTypeError

# --------------------------------------------------------------------------------------------------- curves


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_lines_are_the_history(binary):
    ax = plots.training_curves(binary)
    for line, column in zip(ax.lines, ("loss", "validation_loss"), strict=False):
        np.testing.assert_array_equal(line.get_xdata(), binary.history_["epoch"])
        np.testing.assert_array_equal(line.get_ydata(), binary.history_[column])


def test_the_best_epoch_is_marked_on_what_judged_it(binary):
    history = binary.history_
    mark = plots.training_curves(history).lines[-1]
    best = history.best_epoch
    assert mark.get_xdata().tolist() == [best]
    assert mark.get_ydata().tolist() == [history["validation_loss"][best - 1]]
    assert f"best epoch: {best}" in labels(plots.training_curves(history))
    assert f"最佳轮次：{best}" in labels(plots.training_curves(history, language="zh"))


def test_epochs_count_on_from_an_earlier_training():
    history = History([{"epoch": 11, "loss": 3.0}, {"epoch": 12, "loss": 2.0}])
    history.best_epoch = 12
    assert plots.training_curves(history).lines[-1].get_xydata().tolist() == [[12, 2.0]]


def test_without_validation_there_is_no_mark():
    ax = plots.training_curves(History([{"epoch": 1, "loss": 3.0}]))
    assert labels(ax) == ["training loss"]


def test_members_are_thin_and_their_mean_is_thick():
    histories = [
        History([{"epoch": e + 1, "loss": v} for e, v in enumerate(values)]) for values in ([4.0, 2.0, 1.0], [2.0, 1.0])
    ]
    histories[0].best_epoch, histories[1].best_epoch = 3, 1
    *members, mean, marks = plots.training_curves(histories).lines
    assert [len(line.get_ydata()) for line in members] == [3, 2]
    assert mean.get_ydata().tolist() == [3.0, 1.5]  # as far as both go
    assert mean.get_linewidth() > 2 * members[0].get_linewidth()
    assert marks.get_xydata().tolist() == [[3, 1.0], [1, 2.0]]


def test_all_members_of_an_estimator_are_drawn(company):
    ax = plots.training_curves(company)
    assert len(ax.lines) == 2 * (3 + 1) + 1
    assert "training loss, mean of 3" in labels(ax)


def test_other_columns_can_be_drawn(binary):
    ax = plots.training_curves(binary, "learning_rate")
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), binary.history_["learning_rate"])
    assert ax.get_ylabel() == "learning rate"
    scored = History([{"epoch": 1, "loss": 1.0, "validation_roc_auc": 0.7}])
    assert labels(plots.training_curves(scored, ["validation_roc_auc"])) == ["validation roc auc"]
    assert plots.training_curves(scored, ["validation_roc_auc"], language="zh").get_ylabel() == "验证集 roc auc"


@pytest.mark.parametrize(
    ("model", "columns", "error", "message"),
    [
        (History(), None, InputError, "need at least one epoch. Received: an empty history. Train first"),
        ("history", None, InputTypeError, "need a fitted estimator of glassnet, a History, or a list of them"),
        ([], None, InputTypeError, "Received: list"),
        (3, None, InputTypeError, "Received: int"),
        (History([{"epoch": 1, "loss": 1.0}]), "lost", InputError, "of the history. Received: 'lost'. Available: loss"),
        (History([{"epoch": 1, "loss": 1.0}]), [], InputError, "must name at least one column"),
        (NeuralClassifier(), None, NotFittedError, "not fitted"),
    ],
)  # fmt: skip
def test_what_has_no_curves_is_refused(model, columns, error, message):
    with pytest.raises(error, match=message):
        plots.training_curves(model, columns)


# ------------------------------------------------------------------------------------------------ over time


def edges(band):
    """Low and high of a band, epoch by epoch."""
    points = band.get_paths()[0].vertices
    epochs = sorted(set(points[:, 0]))
    return np.array([(points[points[:, 0] == x, 1].min(), points[points[:, 0] == x, 1].max()) for x in epochs]).T


@pytest.mark.parametrize(("kind", "layer"), [("weights", "2.W"), ("activations", "1.a"), ("gradients", "1.W")])
def test_bands_and_line_are_the_quantiles(recorded, kind, layer):
    _, recorder = recorded
    ax = plots.over_time(recorder, kind, layer)
    kept = recorder.summary(kind, layer)
    outer, inner = ax.collections
    np.testing.assert_allclose(edges(outer), [kept[:, 0], kept[:, 4]])
    np.testing.assert_allclose(edges(inner), [kept[:, 1], kept[:, 3]])
    line = ax.lines[0]
    np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2, 3, 4])
    np.testing.assert_allclose(line.get_ydata(), kept[:, 2])
    assert ax.get_yscale() == ("log" if kind == "gradients" else "linear")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["90% of them", "50% of them", f"layer {layer[0]}, median"]


def test_all_layers_are_told_apart(recorded):
    ax = plots.over_time(recorded[1], "activations", language="zh")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["第 1 层", "第 2 层", "第 3 层"]
    assert ax.get_title() == "激活值随训练的变化"
    assert len({line.get_color() for line in ax.lines[:3]}) == 3


def test_what_was_not_recorded_is_refused(recorded):
    with pytest.raises(InputTypeError, match="needs a Recorder. Received: str"):
        plots.over_time("recorder")
    with pytest.raises(InputError, match="must have recorded a training"):
        plots.over_time(Recorder())
    with pytest.raises(InputError, match="`kind` of over_time must be one of: weights, .*Received: 'biases'"):
        plots.over_time(recorded[1], "biases")
    with pytest.raises(InputError, match="whose weights were recorded. Received: '9.W'. Available: 1.W, 2.W, 3.W"):
        plots.over_time(recorded[1], "weights", "9.W")
