"""The decision boundary: what the model predicts, in the plane where it was asked; and the line of one neuron."""

import numpy as np
import polars as pl
import pytest
from matplotlib.colors import to_rgb
from sklearn.linear_model import LogisticRegression

from glassnet import NeuralClassifier, NeuralNetwork, Neuron, plots
from glassnet.display.theme import THEMES
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.plots.decision import TablePlane

# ------------------------------------------------------------------------------------------------- decision


def color_at(ax, x, y):
    """The colour of the picture's background at a point of its plane."""
    image = ax.images[0]
    left, right, low, high = image.get_extent()
    cells = image.get_array()
    row = round((y - low) / (high - low) * (len(cells) - 1))
    column = round((x - left) / (right - left) * (len(cells) - 1))
    return np.asarray(cells[row, column])


def test_colors_are_the_model_s_probabilities(rows, letters):
    ax = plots.decision_boundary(letters, rows.X)
    others = np.median(rows.X[:, 2])
    nearest = rows.X[np.argmin(np.abs(rows.X[:, 2] - others)), 2]
    colors = np.array([to_rgb(THEMES["light"].color(number)) for number in range(3)])
    for x, y in ((-1.0, 0.5), (0.0, 0.0), (1.2, -0.7)):
        expected = letters.predict_proba([[x, y, nearest]])[0] @ colors
        np.testing.assert_allclose(color_at(ax, x, y), 1 + 0.5 * (expected - 1), atol=0.02)


def test_the_border_is_where_the_likeliest_class_changes(rows, binary):
    X = rows.X[:, :2]
    linear = LogisticRegression().fit(X, rows.yes)
    ax = plots.decision_boundary(linear, X)
    border = np.vstack([path.vertices for path in ax.collections[0].get_paths()])
    np.testing.assert_allclose(linear.predict_proba(border)[:, 1], 0.5, atol=0.005)


def test_rows_are_drawn_by_class(rows, letters):
    ax = plots.decision_boundary(letters, rows.X, rows.letters, features=(0, 2))
    dots = ax.collections[-3:]
    for number, letter in enumerate("abc"):
        np.testing.assert_allclose(dots[number].get_offsets(), rows.X[rows.letters == letter][:, [0, 2]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("x0", "x2", "Decision boundary")
    assert [text.get_text() for text in ax.texts] == ["other columns at their median"]


def test_a_regressor_s_surface_is_its_prediction(rows, regressor):
    ax = plots.decision_boundary(regressor, rows.frame, rows.number, ("age", "pay"), language="zh")
    levels = ax.collections[0].levels
    section = TablePlane(rows.frame, ("age", "pay"))
    inside = regressor.predict(section.rows(section.chosen))
    assert levels[0] <= inside.min()
    assert inside.max() <= levels[-1]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("age", "pay", "预测值")
    assert len(ax.collections[-1].get_offsets()) == len(rows.number)
    assert ax.get_xlim()[0] < rows.X[:, 0].min()


def test_a_network_is_drawn_like_an_estimator(rows):
    network = NeuralNetwork(2, ["tanh:4", 1], "binary_cross_entropy")
    ax = plots.decision_boundary(network, rows.X[:, :2], rows.yes)
    yes = network.predict([[0.3, 0.2]])[0, 0]
    colors = np.array([to_rgb(THEMES["light"].color(number)) for number in range(2)])
    np.testing.assert_allclose(color_at(ax, 0.3, 0.2), 1 + 0.5 * ([1 - yes, yes] @ colors - 1), atol=0.02)


@pytest.mark.slow
def test_hinge_has_no_probabilities_but_regions(rows):
    model = NeuralClassifier(preset="mlp", hidden_layers=4, epochs=2, loss="hinge", random_state=0).fit(
        rows.X, rows.yes
    )
    ax = plots.decision_boundary(model, rows.X)
    colors = {tuple(color.round(3)) for color in ax.images[0].get_array().reshape(-1, 3)}
    assert len(colors) <= 2


@pytest.mark.parametrize("make", [lambda frame: frame, lambda frame: pl.from_pandas(frame)], ids=["pandas", "polars"])
def test_other_columns_keep_their_usual_value(rows, make):
    section = TablePlane(make(rows.frame), ("pay", "age"))
    points = np.array([[1.0, 2.0], [3.0, 4.0]])
    made = section.rows(points)
    assert list(made.columns) == ["age", "pay", "size", "town"]
    assert type(made) is type(make(rows.frame))
    assert list(made["pay"]) == [1, 3]
    assert list(made["age"]) == [2, 4]
    size = rows.frame["size"].to_numpy()
    assert abs(next(iter(made["size"])) - np.median(size)) == np.abs(size - np.median(size)).min()
    assert list(made["town"]) == [rows.frame["town"].mode()[0]] * 2


def test_columns_may_have_numbers_for_names():
    import pandas as pd

    frame = pd.DataFrame({2: [1.0, 2.0, 4.0], 0: ["a", "b", "a"], 1: [3.0, 5.0, 4.0]})
    np.testing.assert_array_equal(TablePlane(frame, (0, 2)).chosen, frame[[2, 1]].to_numpy())


def test_gaps_are_drawn_at_the_median(rows):
    X = rows.X.copy()
    X[0, 0] = np.nan
    section = TablePlane(X, (0, 1))
    assert section.chosen[0, 0] == np.nanmedian(X[:, 0])


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ((0, 5), "Each of `features` must be an integer from 0 to 3. Received: 5. Or a name of: age, pay, size, town"),
        ((-1, 0), "must be an integer from 0 to 3. Received: -1"),
        (("age", "weight"), "Received: 'weight'"),
        (("age", "town"), "must be columns of numbers. Received: town"),
        ((1, "pay"), "must be two different columns"),
        ((0,), "must be two columns"),
        ("age", "must be a list"),
        (7, "must be a list"),
    ],
)
def test_features_that_span_no_plane_are_refused(rows, regressor, features, message):
    with pytest.raises((InputError, InputTypeError), match=message):
        plots.decision_boundary(regressor, rows.frame, features=features)


def test_tables_that_are_none_are_refused(rows, binary):
    with pytest.raises(InputError, match="X must be a table"):
        plots.decision_boundary(binary, rows.X[0])
    with pytest.raises(InputError, match="at least one row"):
        plots.decision_boundary(binary, rows.X[:0])
    with pytest.raises(InputError, match="among those of the training. Received: \\[7\\]. The classes are: \\[0, 1\\]"):
        plots.decision_boundary(binary, rows.X, np.full(160, 7))
    with pytest.raises(InputError, match="same number of rows"):
        plots.decision_boundary(binary, rows.X, rows.yes[:-1])


def test_models_that_draw_no_plane_are_refused(rows, quantiles):
    with pytest.raises(InputTypeError, match="must be an estimator or a network. Received: int"):
        plots.decision_boundary(3, rows.X)
    with pytest.raises(InputError, match="needs one prediction per row"):
        plots.decision_boundary(quantiles, rows.X)
    with pytest.raises(InputError, match="must predict probabilities. Received: hinge"):
        plots.decision_boundary(NeuralNetwork(3, [1], "hinge"), rows.X)
    answers = NeuralClassifier(preset="mlp", hidden_layers=4, epochs=1, random_state=0)
    answers.fit(rows.X, np.c_[rows.yes, 1 - rows.yes])
    with pytest.raises(InputError, match="needs one class per row"):
        plots.decision_boundary(answers, rows.X)


@pytest.mark.slow
@pytest.mark.parametrize("low", [-1.7e308, 1.6e308])
def test_numbers_that_matplotlib_cannot_place_are_drawn_in_units_of_which_the_axis_tells(low):
    X = np.array([[low, 0.0], [1.7e308, 1.0], [low, 0.5]])
    model = NeuralClassifier(preset="mlp", hidden_layers=4, epochs=1).fit(X, [0, 1, 0])
    neuron = Neuron(2)
    neuron.w[:] = 1
    pictures = [
        plots.decision_boundary(model, X, [0, 1, 0]),
        model.partial_dependence(X, 0).plot(),
        plots.neuron_line(neuron, X, [0, 1, 0]),
    ]
    for ax in pictures:
        ax.figure.canvas.draw()
        assert ax.get_xlabel() in ("x0 (1e308)", "x1 (1e308)")
        left, right = ax.get_xlim()
        assert left < low / 1e308 < 1.7 < right
    assert [ax.get_ylabel() for ax in pictures[::2]] == ["x1", "x2 (1e308)"]


# --------------------------------------------------------------------------------------------------- neuron


X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def neuron(w=(2.0, -1.0), b=0.5):
    made = Neuron(2)
    made.w, made.b = list(w), b
    return made


def test_on_the_line_the_sum_is_zero():
    one = neuron()
    line = plots.neuron_line(one, X).lines[0]
    first, slope_point = np.array(line.get_xy1()), np.array(line.get_xy2())
    for point in (first, slope_point):
        assert point @ one.w + one.b == pytest.approx(0, abs=1e-12)
    assert not np.allclose(first, slope_point)


def test_the_arrow_points_along_the_weights():
    one = neuron()
    (arrow,) = plots.neuron_line(one, X).texts
    foot, tip = np.array(arrow.xyann), np.array(arrow.xy)
    assert foot @ one.w + one.b == pytest.approx(0, abs=1e-12)
    along = (tip - foot) / np.linalg.norm(tip - foot)
    np.testing.assert_allclose(along, one.w / np.linalg.norm(one.w))


def test_rows_and_words(font):
    ax = plots.neuron_line(neuron(), X, [0, 0, 0, 1], language="zh")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["w·x + b = 0", "w 的方向", "否", "是"]
    assert ax.get_title() == "一个神经元"
    np.testing.assert_array_equal(ax.collections[-1].get_offsets(), [[1, 1]])


def test_without_weights_there_is_no_line():
    ax = plots.neuron_line(neuron((0.0, 0.0), 1.0), X, [0, 0, 0, 1])
    assert not ax.texts
    assert not ax.lines


def test_what_is_no_neuron_of_two_inputs_is_refused():
    with pytest.raises(InputTypeError, match="plot is of a single neuron. Received: str"):
        plots.neuron_line("neuron", X)
    with pytest.raises(InputError, match=r"needs a neuron with two inputs. Received: 3. Use Neuron\(2\)"):
        plots.neuron_line(Neuron(3), X)
    with pytest.raises(InputError, match=r"must have shape \(rows, 2\)"):
        plots.neuron_line(neuron(), X[:, :1])
    with pytest.raises(InputError, match="at least one row"):
        plots.neuron_line(neuron(), X[:0])
    with pytest.raises(InputError, match="y must be 0 or 1 for each row"):
        plots.neuron_line(neuron(), X, [0, 1, 2, 1])
    with pytest.raises(InputError, match="y must be 0 or 1 for each row"):
        plots.neuron_line(neuron(), X, [0, 1])
