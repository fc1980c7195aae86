"""What holds for every layer: its gradients are the slopes, its precision is kept, it prints and survives a file."""

import copy
import json

import numpy as np
import pytest

from glassnet.layers import Layer, Layout, layer_from_dict, layer_to_dict
from glassnet.layers.spelling import LAYERS
from tests.gradient import assert_close, numerical_gradient
from tests.layers.harness import EVERY_LAYER, WIDTH, Alone

every_layer = pytest.mark.parametrize("layer", EVERY_LAYER, ids=repr)


def test_the_list_misses_no_layer():
    assert {type(layer) for layer in EVERY_LAYER} == set(LAYERS.values()), (
        "put a new layer into EVERY_LAYER, harness.py"
    )


@pytest.fixture
def x():
    return np.random.default_rng(1).normal(0.5, 2.0, (6, WIDTH))


@pytest.mark.parametrize("training", [True, False])
@every_layer
def test_gradients_of_parameters_and_inputs_are_the_slopes(layer: Layer, training: bool, x):
    alone = Alone(layer)
    d_y = np.random.default_rng(2).normal(size=alone.forward(x).shape)
    gradient, d_x = alone.backward(x, d_y, training)

    def objective(parameters, inputs=x):
        alone.parameters[...] = parameters
        return float(np.sum(d_y * alone.forward(inputs, training)))

    start = alone.parameters.copy()
    assert_close(gradient, numerical_gradient(objective, start), f"parameters of {layer}")
    assert_close(d_x, numerical_gradient(lambda inputs: objective(start, inputs), x), f"inputs of {layer}")


@every_layer
def test_single_precision_stays_single_precision(layer: Layer, x):
    single = Alone(layer, dtype=np.float32)
    output = single.forward(x.astype(np.float32))
    gradient, d_x = single.backward(x.astype(np.float32), np.ones_like(output))
    single.update_statistics(x.astype(np.float32))
    assert {output.dtype, gradient.dtype, d_x.dtype, single.statistics.dtype} == {np.dtype(np.float32)}
    np.testing.assert_allclose(output, Alone(layer).forward(x), rtol=1e-4, atol=1e-5)


@every_layer
def test_neither_way_changes_the_layer_or_its_inputs(layer: Layer, x):
    alone = Alone(layer)
    before = copy.deepcopy((alone.parameters, alone.statistics, x))
    alone.backward(x, np.ones_like(alone.forward(x)))
    for now, then in zip((alone.parameters, alone.statistics, x), before, strict=True):
        np.testing.assert_array_equal(now, then)


@every_layer
def test_the_width_it_promises_is_the_width_it_gives(layer: Layer, x):
    assert Alone(layer).forward(x).shape == (len(x), layer.outputs(WIDTH))


@every_layer
def test_rows_may_be_none_in_prediction(layer: Layer):
    assert Alone(layer).forward(np.empty((0, WIDTH)), training=False).shape == (0, layer.outputs(WIDTH))


@every_layer
def test_rows_do_not_meet_in_prediction(layer: Layer, x):
    alone = Alone(layer)
    together = alone.forward(x, training=False)
    apart = np.concatenate([alone.forward(row[None, :], training=False) for row in x])
    np.testing.assert_allclose(together, apart, rtol=1e-13)


@every_layer
def test_it_comes_back_from_plain_data(layer: Layer):
    again = layer_from_dict(json.loads(json.dumps(layer_to_dict(layer))))
    assert again == layer
    assert hash(again) == hash(layer)
    assert repr(again) == repr(layer)
    assert Layout([again], WIDTH).parameters == Layout([layer], WIDTH).parameters
