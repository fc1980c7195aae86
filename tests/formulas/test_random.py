"""The counter-based generator: golden values, quality, and independence of how the work is cut."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from glassnet.engines import CompiledEngine
from glassnet.formulas.random import mix64, random_bits, row_order, sixteen_bits, stream_key, uniform, whole_below

words = st.integers(0, 2**64 - 1)
small = st.integers(0, 2**32)


def indices(count, start=0):
    return np.arange(start, start + count, dtype=np.uint64)


# -------------------------------------------------------------------- golden


def test_bits_are_those_of_splitmix64():
    """The first outputs for the state 1234567, as other implementations publish them."""
    expected = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert random_bits(np.uint64(1234567), indices(5)).tolist() == expected


@given(state=words)
def test_bits_are_those_of_splitmix64_in_whole_numbers(state):
    """The same, from the generator with a state, in Python's unlimited integers."""
    modulus, produced, counter = 2**64, [], state
    for _ in range(5):
        counter = (counter + 0x9E3779B97F4A7C15) % modulus
        z = counter
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % modulus
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % modulus
        produced.append(z ^ (z >> 31))
    assert random_bits(np.uint64(state), indices(5)).tolist() == produced


def test_golden_values():
    """Never to change: a saved training run resumes with these masks."""
    assert int(stream_key(0, 0, 0)) == 12035550249420947055
    assert int(stream_key(42, 7, 3)) == 1837608851314376055
    np.testing.assert_array_equal(uniform(stream_key(42, 7, 3), indices(3)) * 2**24, [15816187, 10451014, 11053190])
    assert sixteen_bits(stream_key(42, 7, 3), indices(3)).tolist() == [40781, 54070, 22102]


def test_golden_order():
    """Never to change: a training goes on with the order that would have come next."""
    assert row_order(42, 7, 8).tolist() == [3, 1, 4, 0, 7, 5, 6, 2]


# ------------------------------------------------------- arrays and scalars


@given(key=words, index=words)
def test_scalars_give_what_arrays_give_without_a_warning(key, index):
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        scalar = uniform(np.uint64(key), np.uint64(index))
        array = uniform(np.array([key], np.uint64), np.array([index], np.uint64))
    assert scalar == array[0]
    assert array.dtype == np.float64


@given(seed=words, step=words, layer=words)
def test_keys_of_whole_numbers_and_of_arrays_are_the_same(seed, step, layer):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        key = stream_key(seed, step, layer)
        many = stream_key(*(np.array([x, 0], np.uint64) for x in (seed, step, layer)))
    assert key.dtype == many.dtype == np.uint64
    assert key == many[0]


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_the_numbers_do_not_depend_on_how_they_are_cut(chunk):
    key = stream_key(3, 1, 4)
    whole = uniform(key, indices(2000))
    pieces = [uniform(key, indices(min(chunk, 2000 - start), start)) for start in range(0, 2000, chunk)]
    np.testing.assert_array_equal(np.concatenate(pieces[::-1][::-1]), whole)
    backwards = uniform(key, indices(2000)[::-1])
    np.testing.assert_array_equal(backwards[::-1], whole)
    np.testing.assert_array_equal(uniform(key, indices(2000).reshape(40, 50)).ravel(), whole)


# ------------------------------------------------------------------- quality
#
# Fixed seeds, so that nothing here is left to chance from run to run; bounds of five standard errors.

COUNT = 1_000_000


@given(seed=small, step=small, layer=small)
def test_range_and_grid(seed, step, layer):
    u = uniform(stream_key(seed, step, layer), indices(100))
    assert np.all((u >= 0) & (u < 1))
    np.testing.assert_array_equal(u * 2**24, np.floor(u * 2**24))
    np.testing.assert_array_equal(u.astype(np.float32), u)  # exact in float32 also


def test_of_64_elements_those_16_apart_are_the_parts_of_one_hash():
    key = stream_key(1, 2, 3)
    hashes = random_bits(key, indices(48)).astype("<u8").view("<u2").reshape(3, 16, 4)
    assert sixteen_bits(key, indices(192)).tolist() == hashes.transpose(0, 2, 1).ravel().tolist()


def test_every_number_of_16_bits_is_as_likely_as_another():
    counts = np.bincount(sixteen_bits(stream_key(4, 5, 6), indices(2 * COUNT)).astype(int), minlength=2**16)
    assert len(counts) == 2**16
    assert 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4


@pytest.mark.parametrize("apart", [1, 16, 48, 64, 256])
def test_neighbours_have_16_bits_of_their_own(apart):
    u = sixteen_bits(stream_key(5, 6, 7), indices(COUNT + apart)) / 2**16
    assert abs(np.corrcoef(u[:-apart], u[apart:])[0, 1]) < 5 / np.sqrt(COUNT)


@pytest.mark.parametrize("key", [(0, 0, 0), (1, 0, 0), (0, 1, 0), (2**64 - 1, 12345, 6)])
def test_moments_and_evenness(key):
    u = uniform(stream_key(*key), indices(COUNT))
    assert abs(u.mean() - 1 / 2) < 5 * np.sqrt(1 / 12 / COUNT)
    assert abs(u.var() - 1 / 12) < 5 * np.sqrt(1 / 180 / COUNT)
    counts = np.bincount((u * 256).astype(int), minlength=256)
    assert 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4  # neither uneven nor too even


def neighbours(kind):
    """A million numbers, and the million that are next to them in one direction."""
    if kind == "element":
        u = uniform(stream_key(5, 6, 7), indices(COUNT + 1))
        return u[:-1], u[1:]
    if kind == "far element":
        u = uniform(stream_key(5, 6, 7), indices(COUNT + 256))
        return u[:-256], u[256:]
    first, second = {"step": ((5, 6, 7), (5, 7, 7)), "layer": ((5, 6, 7), (5, 6, 8)), "seed": ((5, 6, 7), (6, 6, 7))}[
        kind
    ]
    return uniform(stream_key(*first), indices(COUNT)), uniform(stream_key(*second), indices(COUNT))


@pytest.mark.parametrize("kind", ["element", "far element", "step", "layer", "seed"])
def test_neighbours_have_nothing_to_do_with_each_other(kind):
    first, second = neighbours(kind)
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(COUNT)
    pairs = (first * 32).astype(int) * 32 + (second * 32).astype(int)  # evenness over the square
    assert 1e-4 < stats.chisquare(np.bincount(pairs, minlength=1024)).pvalue < 1 - 1e-4


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_one_element_over_many_streams_is_random_too(axis):
    """The same unit must not be dropped in every step, layer or run."""
    counter = [np.uint64(3)] * 3
    counter[axis] = indices(COUNT)
    u = uniform(stream_key(*counter), np.uint64(0))
    assert abs(u.mean() - 1 / 2) < 5 * np.sqrt(1 / 12 / COUNT)
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 5 / np.sqrt(COUNT)
    assert 1e-4 < stats.chisquare(np.bincount((u * 256).astype(int), minlength=256)).pvalue < 1 - 1e-4


def test_one_bit_in_flips_half_of_the_bits_out():
    x = random_bits(np.uint64(99), indices(2000))
    for bit in range(64):
        flipped = mix64(x) ^ mix64(x ^ np.uint64(1 << bit))
        share = np.array([(flipped >> np.uint64(j)) & np.uint64(1) for j in range(64)]).mean(axis=1)
        assert np.abs(share - 0.5).max() < 6 * 0.5 / np.sqrt(2000)


def test_seed_step_and_layer_are_not_interchangeable():
    keys = [int(stream_key(a, b, c)) for a in range(20) for b in range(20) for c in range(20)]
    assert len(set(keys)) == 8000


# ------------------------------------------------------------------- orders


@pytest.mark.parametrize("count", [1, 2, 3, 1000, 2**32])
def test_whole_numbers_reach_both_ends_and_no_further(count):
    key, index = stream_key(1, 2, 3), indices(20_000)
    found = whole_below(key, index, np.uint64(count)).astype(float) / count
    assert found.min() < 0.001
    assert 0.999 - 1 / count < found.max() < 1


def test_every_order_of_a_few_rows_is_as_likely_as_another():
    counted = Counter(tuple(row_order(seed, epoch, 4)) for seed in range(60) for epoch in range(1, 61))
    assert len(counted) == 24
    assert stats.chisquare(list(counted.values())).pvalue > 0.001


def test_a_row_may_come_anywhere():
    places = np.array([row_order(5, epoch, 50) for epoch in range(1, 401)])
    assert (np.sort(places, axis=1) == np.arange(50)).all()
    counted = np.array([np.bincount(column, minlength=50) for column in places.T])
    assert stats.chisquare(counted.ravel()).pvalue > 0.001


@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_native_code_draws_the_same_order(seed, rows):
    found = CompiledEngine().order(seed, 12, rows)
    assert found.dtype == np.int64
    assert found.tolist() == row_order(seed, 12, rows).tolist()
