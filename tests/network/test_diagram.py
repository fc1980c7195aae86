"""The geometry of a diagram: which units are drawn, where, and with which weights between."""

import copy
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from sklearn import config_context
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import Copies, Dense, Embedding, LayerNorm, MemberDense, NeuralClassifier, NeuralNetwork, Residual
from glassnet.errors import InputError, InputTypeError
from glassnet.insight.estimator_display import estimator_html
from glassnet.insight.plots import summary
from glassnet.network.diagram import Shortcut, UnitColumn, diagram_of, diagram_svg, network_html
from glassnet.training import History


@pytest.mark.parametrize("units", [1, 2, 7, 8])
def test_narrow_columns_are_drawn_whole(units):
    column = UnitColumn(units)
    assert column.shown == tuple(range(units))
    assert column.gap is None
    assert sum(column.heights) == 0
    assert all(np.diff(column.heights) == -1)


def test_wide_columns_have_a_gap():
    column = UnitColumn(1000)
    assert column.shown == (0, 1, 2, 3, 4, 998, 999)
    assert column.heights == (3.5, 2.5, 1.5, 0.5, -0.5, -2.5, -3.5)
    assert column.gap == -1.5


def test_weights_are_those_of_the_units_that_are_drawn():
    network = NeuralNetwork(20, ["tanh:3", 1])
    links = diagram_of(network).links[0]
    np.testing.assert_array_equal(links.weights, network["1.W"][[0, 1, 2, 3, 4, 18, 19]])
    shares = np.array([share for _, _, share in links]).reshape(7, 3)
    np.testing.assert_allclose(shares, links.weights / np.abs(links.weights).max())


def test_layers_that_keep_their_units_are_notes():
    diagram = diagram_of(NeuralNetwork(3, [LayerNorm(), "relu:4", "dropout:0.25", "batch_norm", 1]))
    assert [column.notes for column in diagram.columns] == [("LayerNorm",), ("Dropout 0.25", "BatchNorm"), ()]


def test_a_residual_block_is_drawn_from_inside():
    network = NeuralNetwork(4, [Residual([Dense(6, "relu"), Dense(4)]), 1])
    diagram = diagram_of(network)
    assert [column.units for column in diagram.columns] == [4, 6, 4, 1]
    assert diagram.shortcuts == [Shortcut(0, 2)]
    np.testing.assert_array_equal(diagram.links[0].weights, network["1.1.W"])


def test_a_block_that_keeps_its_units_has_no_way_around():
    diagram = diagram_of(NeuralNetwork(4, [Residual([LayerNorm()]), 1]))
    assert diagram.shortcuts == []
    assert diagram.columns[0].notes == ("LayerNorm",)


def test_layers_without_a_weight_for_each_pair_have_none():
    layers = [Embedding([5], size=4), Copies(2), MemberDense(3, "relu", 2), MemberDense(1, members=2)]
    diagram = diagram_of(NeuralNetwork(3, layers, members=2))
    titles = [column.title for column in diagram.columns]
    assert titles == ["", "Embedding", "Copies", "MemberDense relu", "MemberDense identity"]
    assert [links.weights for links in diagram.links] == [None] * 4


# ----------------------------------------------------------------------- as HTML
# What notebooks show: one string, well formed, with the numbers of the network; scikit-learn's page stays.


SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    options = {"preset": "mlp", "hidden_layers": (4,), "epochs": 5, "random_state": 0, "early_stopping": True}
    return NeuralClassifier(**options).fit(X, X[:, 0] > 0)


def test_lines_are_as_thick_as_weights_and_colored_by_sign():
    network = NeuralNetwork(2, [2])
    network["1.W"][...] = [[1.0, -2.0], [3.0, -4.0]]
    lines = ElementTree.fromstring(diagram_svg(network)).findall(f"{SVG}line")
    widths = [float(line.get("stroke-width")) for line in lines]
    assert widths == sorted(widths)
    colors = [line.get("stroke") for line in lines]
    assert colors[0] == colors[2] != colors[1] == colors[3]


def test_every_unit_is_a_circle_within_the_drawing():
    network = NeuralNetwork(30, ["tanh:5", Residual([Dense(3, "relu"), Dense(5)]), "dropout:0.1", 2])
    drawing = ElementTree.fromstring(diagram_svg(network))
    circles = drawing.findall(f"{SVG}circle")
    assert len(circles) == 7 + 5 + 3 + 5 + 2
    width, height = float(drawing.get("width")), float(drawing.get("height"))
    for circle in circles:
        assert 6 <= float(circle.get("cx")) <= width - 6
        assert 6 <= float(circle.get("cy")) <= height - 6
    texts = [text.text for text in drawing.findall(f"{SVG}text")]
    assert {"30", "⋮", "Dropout 0.1", "+ x", "tanh"} <= set(texts)


def test_one_output_is_no_outputs():
    assert "3 inputs, 1 output, 4 parameters; loss: mse" in network_html(NeuralNetwork(3, [1]), "en")
    assert "NeuralNetwork：3 个输入，1 个输出，4 个参数；损失：mse" in network_html(NeuralNetwork(3, [1]), "zh")


def test_notes_of_layers_beside_each_other_do_not_overlap():
    network = NeuralNetwork(4, ["tanh:6", "dropout:0.15", "batch_norm", "tanh:6", "dropout:0.15", "batch_norm", 1])
    drawing = ElementTree.fromstring(diagram_svg(network))
    notes = [text for text in drawing.findall(f"{SVG}text") if text.get("font-size") == "9"]
    assert [note.text for note in notes] == ["Dropout 0.15", "BatchNorm"] * 2
    assert len({(note.get("x"), note.get("y")) for note in notes}) == 4
    assert max(float(note.get("y")) for note in notes) <= float(drawing.get("height")) - 8


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("4 inputs, 3 outputs, 131 parameters", "layer", "Blue: positive")),
     ("zh", ("4 个输入，3 个输出，131 个参数", "层", "蓝色为正"))],
)  # fmt: skip
def test_a_network_s_page_has_its_sizes(language, words):
    page = network_html(NeuralNetwork(4, ["tanh:16", 3], loss="cross_entropy"), language)
    for word in words:
        assert word in page
    ElementTree.fromstring(page)
    cells = re.findall(r"<t[dh] (?:scope=.row. )?class[^>]*>([^<]*)</t[dh]>", page)
    assert cells == ["Dense(16, &#39;tanh&#39;)", "4", "16", "80", "Dense(3, &#39;identity&#39;)", "16", "3", "51"]


def test_names_are_escaped():
    network = NeuralNetwork(2, [1])
    network.layers = (type("<b>", (Dense,), {})(1),)
    assert "<b>(" not in network_html(network)


@pytest.mark.slow
def test_notebooks_show_it_without_matplotlib():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from glassnet import NeuralNetwork\n"
        "print(NeuralNetwork(2, [1])._repr_html_()[:4])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "<div"


def test_an_unfitted_estimator_is_shown_as_scikit_learn_shows_it():
    page = NeuralClassifier()._repr_html_()
    assert "sk-top-container" in page
    assert "parameters</b>" not in page
    assert "NeuralNetwork" not in page


def test_a_fitted_estimator_shows_its_network_and_scores_too(model):
    bundle = model._repr_mimebundle_()
    page = bundle["text/html"]
    assert "sk-top-container" in page
    assert page.count("NeuralNetwork: ") == 1
    assert model._repr_html_().count("NeuralNetwork: ") == 1
    assert bundle["text/plain"] == repr(model)
    own = estimator_html(model)
    ElementTree.fromstring(own)
    best = model.history_.best_epoch
    assert f"{best} (best)" in own
    assert f"{model.history_['validation_loss'][best - 1]:.4g}" in own
    assert f"{best}（最好）" in estimator_html(model, "zh")


def test_members_are_counted():
    X = np.random.default_rng(0).normal(size=(40, 2))
    options = {"preset": "mlp", "hidden_layers": 2, "epochs": 2, "members": 3, "random_state": 0}
    page = estimator_html(NeuralClassifier(**options).fit(X, X[:, 0] > 0))
    assert "3 networks, averaged" in page


def test_whoever_wants_text_gets_text(model):
    with config_context(display="text"):
        assert "text/html" not in model._repr_mimebundle_()
        assert not hasattr(model, "_repr_html_")


def test_within_a_pipeline_scikit_learn_draws(model):
    assert "NeuralClassifier" in make_pipeline(StandardScaler(), model)._repr_html_()


def test_an_unknown_language_is_refused(model):
    for show in (lambda: network_html(model.network_, "fr"), lambda: estimator_html(model, "fr")):
        with pytest.raises(InputError, match="`language` must be one of"):
            show()


def test_in_another_language_a_notebook_shows_the_same(model):
    page = summary(model, language="zh")
    assert page._repr_html_() == page == estimator_html(model, "zh")
    assert "验证损失" in page
    assert "轮次" in page
    assert "validation" not in page
    network = NeuralNetwork(2, [2])
    assert summary(network) == network._repr_html_() == network_html(network)


@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        (NeuralNetwork(2, [2]), {"language": "fr"}, InputError, "`language` must be one of: en, zh"),
        ("net", {}, InputTypeError, "must be a network or a fitted estimator"),
        (NeuralClassifier(), {}, NotFittedError, "not fitted"),
    ],
)
def test_what_has_no_summary_is_refused(model, options, error, message):
    with pytest.raises(error, match=message):
        summary(model, **options)


@pytest.mark.parametrize("rows", [[], [{"epoch": 1, "loss": 0.5, "validation_loss": 0.6}, {"epoch": 2, "loss": 0.4}]])
def test_a_history_without_epochs_or_with_gaps_is_shown(model, rows):
    """L-BFGS elsewhere writes none; partial_fit after early stopping has no loss of rows held back."""
    odd = copy.copy(model)
    odd.histories_ = [History(rows)]
    page = estimator_html(odd)
    assert ("validation loss" in page) == bool(rows)
    assert "nan" not in page
