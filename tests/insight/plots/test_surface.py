"""The loss surface: heights, path and labels."""

import numpy as np
import pytest

from glassnet import NeuralNetwork, Recorder, plots
from glassnet.errors import InputError, InputTypeError


def test_the_path_leads_from_the_start_to_the_network(rows, recorded):
    network, recorder = recorded
    ax = plots.loss_surface(network, rows.X, rows.yes, recorder, points=5)
    path, start, here = ax.lines
    assert len(path.get_xdata()) == 5
    assert start.get_xydata()[0].tolist() == path.get_xydata()[0].tolist()
    assert here.get_xydata().tolist() == [[0, 0]]
    np.testing.assert_allclose(path.get_xydata()[-1], 0, atol=1e-12)  # the last epoch is the network
    assert "of the path" in ax.get_xlabel()


def test_without_a_recorder_directions_are_random(rows, letters):
    ax = plots.loss_surface(letters, rows.X, rows.letters, points=5, language="zh")
    assert (ax.get_title(), ax.get_xlabel()) == ("网络参数附近的损失", "随机方向 1")
    assert ax.get_xlim() == pytest.approx((-1, 1), abs=0.1)
    assert len(ax.lines) == 1


def test_the_map_has_the_heights_of_the_loss(rows, recorded):
    network, _ = recorded
    filled = plots.loss_surface(network, rows.X, rows.yes, points=5).collections[0]
    loss = network.backward(rows.X, rows.yes)[0]
    assert filled.levels[0] == pytest.approx(loss)  # the network lies at the bottom


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"points": 2}, InputError, "`points` of loss_surface must be an integer of at least 3"),
        ({"points": 0}, InputError, "`points` of loss_surface must be an integer of at least 3"),
        ({"seed": -1}, InputError, "`seed` of loss_surface must be an integer"),
        ({"recorder": 3}, InputTypeError, "`recorder` must be a Recorder. Received: int"),
        (
            {"recorder": Recorder()},
            InputError,
            r"must have a path. Received: <Recorder: 0 epochs>. Train with Recorder",
        ),
    ],
)
def test_options_out_of_range_are_refused(rows, recorded, options, error, message):
    with pytest.raises(error, match=message):
        plots.loss_surface(recorded[0], rows.X, rows.yes, **options)


def test_the_path_of_another_network_is_refused(rows, recorded):
    with pytest.raises(
        InputError, match="path must be that of the network. Received: 49 parameters, the network has 4"
    ):
        plots.loss_surface(NeuralNetwork(3, [1], "binary_cross_entropy"), rows.X, rows.yes, recorded[1])


def test_rows_that_do_not_suit_are_refused(rows, recorded, binary):
    with pytest.raises(InputError, match=r"must have shape \(rows, 3\)"):
        plots.loss_surface(recorded[0], rows.X[:, :2], rows.yes)
    with pytest.raises(InputError, match="same number of rows"):
        plots.loss_surface(binary, rows.X, rows.yes[:5])
    with pytest.raises(InputTypeError, match="must be a network or a fitted estimator"):
        plots.loss_surface("network", rows.X, rows.yes)
