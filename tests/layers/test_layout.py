"""The one flat vector: every element belongs to one parameter, and views share its memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import InputError
from glassnet.formulas.initializers import Initializer
from glassnet.layers import BatchNorm, Dense, Dropout, Layout, Residual
from glassnet.layers.layout import LINE_BYTES, on_lines

WORD = [Dense(3, "tanh"), BatchNorm(), Dropout(0.2), Residual([BatchNorm(), Dense(3)]), Dense(2, bias=False)]


def test_the_places_follow_each_other_without_gap_or_overlap():
    layout = Layout(WORD, 4)
    for slots, size in ((layout.parameters, layout.size), (layout.statistics, layout.statistics_size)):
        assert [slot.start for slot in slots] == [0, *(slot.stop for slot in slots)][:-1]
        assert slots[-1].stop == size
        assert [slot.stop - slot.start for slot in slots] == [int(np.prod(slot.parameter.shape)) for slot in slots]
    assert layout.widths == [4, 3, 3, 3, 3, 2]
    assert layout.size == (4 * 3 + 3) + (3 + 3) + (3 + 3 + 3 * 3 + 3) + 3 * 2


def test_views_share_memory_with_the_flat_vector():
    layout = Layout(WORD, 4)
    flat = np.zeros(layout.size)
    for number, view in enumerate(layout.named(flat).values(), 1):
        assert np.shares_memory(view, flat)
        view += number
    assert (flat > 0).all()
    for number, slot in enumerate(layout.parameters, 1):
        np.testing.assert_array_equal(flat[slot.start : slot.stop], number)
    assert [*layout.gradients(flat)[3]] == ["1.gain", "1.shift", "2.W", "2.b"]
    assert np.shares_memory(layout.values(flat, np.zeros(layout.statistics_size))[0]["W"], flat)


def test_without_parameters_the_vector_is_empty():
    layout = Layout([Dropout(0.5)], 4)
    assert layout.size == layout.statistics_size == 0
    parameters, statistics = layout.initial(0, "float32")
    assert parameters.shape == statistics.shape == (0,)


@given(seed=st.integers(0, 2**63))
def test_the_start_follows_from_the_seed_in_either_precision(seed):
    layout = Layout(WORD, 4)
    first, _ = layout.initial(seed, "float64")
    again, _ = layout.initial(seed, "float64")
    single, _ = layout.initial(seed, "float32")
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(single, first.astype("float32"))
    other, _ = layout.initial(seed + 1, "float64")
    assert (first != other).any()


def test_the_start_is_that_of_each_parameter():
    parameters, statistics = Layout(WORD, 4).initial(0, float)
    values = Layout(WORD, 4).values(parameters, statistics)
    np.testing.assert_array_equal(values[0]["b"], 0)
    np.testing.assert_array_equal(values[1]["gain"], 1)
    np.testing.assert_array_equal(values[1]["variance"], 1)
    np.testing.assert_array_equal(values[3]["1.mean"], 0)
    assert len(np.unique(values[0]["W"])) == 12


def test_an_initializer_of_another_shape_is_refused():
    flat = Initializer("flat", lambda rng, shape: np.zeros(shape[0] * shape[1]))
    with pytest.raises(InputError, match=r"The initializer of `1\.W` must return shape \(4, 3\)"):
        Layout([Dense(3, initializer=flat)], 4).initial(0, float)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_begin_on_a_line_of_the_cache(dtype):
    for inputs in (1, 7, 100, 3000):
        parameters, _ = Layout([Dense(3)], inputs).initial(0, dtype)
        assert parameters.ctypes.data % LINE_BYTES == 0
        assert on_lines(inputs, dtype).ctypes.data % LINE_BYTES == 0
