"""Pictures of classifiers: the numbers are scikit-learn's."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score, roc_curve

from glassnet import NeuralClassifier, NeuralNetwork, plots
from glassnet.errors import InputError, InputTypeError

CURVES = (plots.confusion_matrix, plots.roc_curve, plots.precision_recall_curve, plots.calibration_curve)


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_cells_are_those_of_scikit_learn(rows, letters):
    expected = confusion_matrix(rows.letters, letters.predict(rows.X))
    ax = plots.confusion_matrix(letters, rows.X, rows.letters)
    np.testing.assert_array_equal(ax.images[0].get_array(), expected)
    assert [int(text.get_text()) for text in ax.texts] == expected.ravel().tolist()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["a", "b", "c"]
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("Confusion matrix", "predicted", "actual")
    shares = plots.confusion_matrix(letters, rows.X, rows.letters, normalize=True, language="zh")
    np.testing.assert_allclose(shares.images[0].get_array(), expected / expected.sum(axis=1, keepdims=True))
    assert (shares.get_title(), shares.get_ylabel()) == ("混淆矩阵", "实际")


def test_a_class_without_rows_keeps_its_place(rows, letters):
    some = rows.letters != "b"
    ax = plots.confusion_matrix(letters, rows.X[some], rows.letters[some])
    assert ax.images[0].get_array().shape == (3, 3)
    assert ax.images[0].get_array()[1].tolist() == [0, 0, 0]


def test_the_roc_curve_of_two_classes_is_that_of_the_second(rows, binary):
    scores = binary.predict_proba(rows.X)[:, 1]
    curve, chance = plots.roc_curve(binary, rows.X, rows.yes).lines
    false, true, _ = roc_curve(rows.yes, scores)
    np.testing.assert_allclose(curve.get_xdata(), false)
    np.testing.assert_allclose(curve.get_ydata(), true)
    assert curve.get_label() == f"1: AUC {roc_auc_score(rows.yes, scores):.3f}"
    assert chance.get_xydata().tolist() == [[0, 0], [1, 1]]


def test_of_several_classes_each_stands_against_the_rest(rows, letters):
    probabilities = letters.predict_proba(rows.X)
    roc = plots.roc_curve(letters, rows.X, rows.letters, language="zh")
    precision = plots.precision_recall_curve(letters, rows.X, rows.letters)
    for number, name in enumerate("abc"):
        is_one, scores = rows.letters == name, probabilities[:, number]
        assert labels(roc)[number] == f"{name}：AUC {roc_auc_score(is_one, scores):.3f}"
        assert labels(precision)[number] == f"{name}: AP {average_precision_score(is_one, scores):.3f}"
        assert precision.lines[3 + number].get_ydata()[0] == is_one.mean()  # what guessing gives
    assert len({line.get_color() for line in roc.lines}) == 4


@pytest.mark.parametrize(
    ("plot", "area"), [(plots.roc_curve, roc_auc_score), (plots.precision_recall_curve, average_precision_score)]
)
def test_of_many_classes_none_is_left_out(plot, area):
    rng = np.random.default_rng(0)
    y = np.concatenate([np.arange(12), rng.integers(0, 8, 200)])  # the last four are rare
    X = np.eye(12)[y] + rng.normal(size=(len(y), 12))
    network = NeuralNetwork(12, [12], "cross_entropy")
    ax = plot(network, X, y)
    areas = [area(y == number, network.predict(X)[:, number]) for number in range(12)]
    curves = [line for line in ax.lines if len(line.get_xdata()) > 2]
    assert len(curves) == 12
    assert [name.split(":")[0] for name in labels(ax)[:8]] == list("01234567")
    assert labels(ax)[8] == f"4 rarer classes: {min(areas[8:]):.3f} to {max(areas[8:]):.3f}"


def test_a_row_of_weight_two_counts_twice(rows, letters):
    weight = np.tile([2.0, 0.0, 1.0], len(rows.X))[: len(rows.X)]
    twice = np.repeat(np.arange(len(rows.X)), weight.astype(int))
    for plot in CURVES:
        weighted = plot(letters, rows.X, rows.letters, sample_weight=weight)
        repeated = plot(letters, rows.X[twice], rows.letters[twice])
        if plot is plots.confusion_matrix:
            np.testing.assert_allclose(weighted.images[0].get_array(), repeated.images[0].get_array())
            assert weighted.get_xlabel() == "predicted (sums of weights)"
        elif plot is not plots.calibration_curve:  # whose bars count rows
            assert labels(weighted) == labels(repeated)


def test_calibration_is_that_of_scikit_learn(rows, binary):
    sure = binary.predict_proba(rows.X)[:, 1]
    share, mean = calibration_curve(rows.yes, sure, n_bins=8)
    ax = plots.calibration_curve(binary, rows.X, rows.yes, bins=8)
    curve = ax.lines[-1]
    np.testing.assert_allclose(curve.get_xdata(), mean)
    np.testing.assert_allclose(curve.get_ydata(), share)
    counts = np.histogram(sure, np.linspace(0, 1, 9))[0]
    assert [int(text.get_text()) for text in ax.texts] == counts[counts > 0].tolist()
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, 0.16 * counts / counts.max())
    error = np.average(np.abs(share - mean), weights=counts[counts > 0])
    assert f"model, mean error {error:.3f}" in labels(ax)
    assert ax.get_xlabel() == "predicted probability of “1”"


def test_calibration_counts_a_row_of_weight_two_twice(rows, binary):
    weight = 1 + (rows.yes == 1)
    twice = np.repeat(np.arange(len(rows.yes)), weight)
    weighed = plots.calibration_curve(binary, rows.X, rows.yes, bins=8, sample_weight=weight)
    doubled = plots.calibration_curve(binary, rows.X[twice], rows.yes[twice], bins=8)
    np.testing.assert_allclose(weighed.lines[-1].get_xydata(), doubled.lines[-1].get_xydata())
    assert [label for label in labels(weighed) if "error" in label] == [x for x in labels(doubled) if "error" in x]
    with pytest.raises(ValueError, match="sample_weight"):
        plots.calibration_curve(binary, rows.X, rows.yes, sample_weight=weight[1:])


def test_calibration_of_several_classes_is_that_of_the_predicted_one(rows, letters):
    probabilities = letters.predict_proba(rows.X)
    right = letters.predict(rows.X) == rows.letters
    share, _ = calibration_curve(right, probabilities.max(axis=1), n_bins=10)
    ax = plots.calibration_curve(letters, rows.X, rows.letters, language="zh")
    np.testing.assert_allclose(ax.lines[-1].get_ydata(), share)
    assert ax.get_xlabel() == "所预测类别的概率"


@pytest.mark.parametrize("picture", CURVES)
def test_a_network_is_drawn_as_its_estimator_would_be(picture, rows):
    network = NeuralNetwork(3, ["tanh:4", 3], "cross_entropy")
    numbers = np.searchsorted(["a", "b", "c"], rows.letters)
    assert picture(network, rows.X, numbers).has_data()


@pytest.mark.parametrize("picture", CURVES)
def test_models_and_rows_that_do_not_suit_are_refused(picture, rows, letters):
    with pytest.raises(InputTypeError, match="must be a classifier. Received: LinearRegression"):
        picture(LinearRegression().fit(rows.X, rows.number), rows.X, rows.number)
    with pytest.raises(NotFittedError):
        picture(NeuralClassifier(), rows.X, rows.letters)
    with pytest.raises(InputTypeError, match="must be an estimator or a network. Received: type"):
        picture(NeuralClassifier, rows.X, rows.letters)
    with pytest.raises(InputError, match=r"Received: \['z'\]. The classes are: \['a', 'b', 'c'\]"):
        picture(letters, rows.X, np.full(160, "z"))
    with pytest.raises(InputError, match=r"among those of the training. Received: \[0, 1\]"):
        picture(letters, rows.X, rows.yes)
    with pytest.raises(InputError, match="same number of rows"):
        picture(letters, rows.X, rows.letters[:9])
    with pytest.raises(InputError, match="0 sample"):
        picture(letters, rows.X[:0], rows.letters[:0])


@pytest.mark.parametrize("picture", CURVES[1:3])
def test_curves_need_rows_of_two_classes(picture, rows, letters):
    with pytest.raises(InputError, match=r"needs rows of more than one class\. Received: only '\w+'"):
        picture(letters, rows.X[rows.letters == "a"], rows.letters[rows.letters == "a"])


def test_hinge_has_no_probabilities_to_draw(rows):
    model = NeuralClassifier(preset="mlp", hidden_layers=4, epochs=1, loss="hinge", random_state=0).fit(
        rows.X, rows.yes
    )
    with pytest.raises(InputTypeError, match="must predict probabilities"):
        plots.roc_curve(model, rows.X, rows.yes)
    assert plots.confusion_matrix(model, rows.X, rows.yes).has_data()


def test_bins_must_be_a_whole_number(rows, binary):
    with pytest.raises(InputError, match="`bins` of calibration_curve must be a positive integer. Received: 0"):
        plots.calibration_curve(binary, rows.X, rows.yes, bins=0)
