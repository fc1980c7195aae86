"""The order of rows on a disk: every row once an epoch, the bits of memory with one window, and mixed well."""

from __future__ import annotations

import tempfile

import numpy as np
import pytest

from glassnet.engines import get_engine
from glassnet.errors import InputError
from glassnet.layers.text_rows import TextRows, TextStore
from glassnet.training.scratch import Scratch
from glassnet.training.windows import Learned, Windows

ENGINE = get_engine("compiled")


def scratch(rows, width=1):
    made = Scratch(rows, width, np.float32, np.zeros(1))
    made.write(np.arange(rows * width, dtype=np.float32).reshape(rows, width), np.zeros(rows), None)
    return made


def held(rows, every):
    return np.packbits(np.arange(rows) % every == 0, bitorder="little")


def order(windows, epoch=1, batch=10, seed=5):
    """The rows of each portion; what is in them is their number."""
    portions = windows.portions(ENGINE, seed, epoch, batch)
    return [rows.X[places, 0].astype(int) for places, rows in portions]


@pytest.mark.parametrize("rows", [1, 63, 64, 1000, 1003])
@pytest.mark.parametrize("every", [None, 2, 7])
@pytest.mark.parametrize("window", [1, 3, 1000])
def test_every_row_comes_once_in_whole_batches(rows, every, window):
    bits = None if every is None else held(rows, every)
    windows = Windows(scratch(rows), block=16, window=window, held=bits)
    wanted = [row for row in range(rows) if every is None or row % every]
    assert windows.learned == len(wanted)
    for epoch in (1, 2):
        portions = order(windows, epoch)
        assert sorted(np.concatenate([np.zeros(0, int), *portions]).tolist()) == wanted
        assert all(len(portion) % 10 == 0 for portion in portions[:-1])


@pytest.mark.parametrize("every", [None, 3])
def test_one_window_is_the_order_of_memory(every):
    windows = Windows(scratch(500), block=16, window=1000, held=None if every is None else held(500, every))
    learned = np.array([row for row in range(500) if every is None or row % every])
    (portion,) = order(windows, epoch=4)
    assert (portion == learned[ENGINE.order(5, 4, len(learned))]).all()


def test_the_order_follows_from_seed_and_epoch():
    windows = Windows(scratch(1000), block=16, window=4)
    same, again = np.concatenate(order(windows)), np.concatenate(order(windows))
    assert (same == again).all()
    for other in (order(windows, epoch=2), order(windows, seed=6)):
        assert not (same == np.concatenate(other)).all()


def test_batches_of_sorted_rows_are_mixed_as_is_said():
    """With w blocks in a window the share of a class of share p is off by sqrt(p (1 - p) / w)."""
    rows, block, window = 100_000, 100, 50
    portions = order(Windows(scratch(rows), block=block // 8 * 8, window=window), batch=500)
    shares = [(portion < rows // 2).mean() for portion in portions[:-1]]
    assert np.std(shares) < 1.5 * np.sqrt(0.25 / window)
    batches = np.concatenate(portions)[: rows // 500 * 500].reshape(-1, 500)
    spread = np.array([len(np.unique(batch // (block // 8 * 8))) for batch in batches[:-1]])
    assert spread.min() > 0.9 * window


def test_places_among_the_learned_rows_and_those_held():
    windows = Windows(scratch(100, 2), block=16, window=2, held=held(100, 5))
    learned = np.array([row for row in range(100) if row % 5])
    X = windows.scratch.X
    assert (Learned(X, windows)[np.array([0, 7, 79])][:, 0] == 2 * learned[[0, 7, 79]]).all()
    assert Learned(X, windows).shape == (80, 2)
    assert windows.held_rows(1000).tolist() == list(range(0, 100, 5))
    assert windows.held_rows(7).tolist() == list(range(0, 100, 15))
    assert windows.learns(np.array([0, 1, 5])).tolist() == [False, True, False]


def test_a_window_has_its_part_of_the_memory():
    windows = Windows.within(scratch(1000, 100), memory=20_000_000, trainings=2)
    of_window = windows.block * windows.window * windows.scratch.row_bytes
    assert 700_000 < of_window <= 1_000_000


def test_the_files_have_no_name_and_keep_what_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rng = np.random.default_rng(0)
    X, y, weight = rng.normal(size=(10, 3)), np.ones((10, 2), int), rng.random(10)
    made = Scratch(10, 3, np.float64, y, weighted=True)
    for part in (slice(0, 4), slice(4, 10)):
        made.write(X[part], y[part], weight[part])
    assert not list(tmp_path.iterdir())
    assert (made.X[np.arange(10)] == X).all()
    assert (made.X[np.array([7, 2, 3, 4])] == X[[7, 2, 3, 4]]).all()
    assert (made.y[2:5] == y[2:5]).all()
    assert made.y[2:5].dtype == int
    assert (made.weight[8:20] == weight[8:]).all()
    assert made.digest() != Scratch(10, 3, np.float64, y).digest()


def test_rows_carry_targets_and_weights_of_mean_one():
    rng = np.random.default_rng(0)
    X, y, weight = np.arange(1000.0)[:, None], rng.integers(0, 3, 1000), rng.integers(1, 5, 1000).astype(float)
    made = Scratch(1000, 1, np.float64, y, weighted=True)
    made.write(X, y, weight)
    bits = held(1000, 3)
    learned = np.arange(1000) % 3 > 0
    for places, rows in Windows(made, block=16, window=5, held=bits).portions(ENGINE, 0, 1, 10):
        which = rows.X[places, 0].astype(int)
        assert (rows.y[places] == y[which]).all()
        np.testing.assert_allclose(rows.weight[places], weight[which] / weight[learned].mean())


def test_a_disk_that_is_too_small_is_said_before_any_row():
    with pytest.raises(InputError, match=r"The disk must have space.*GB free.*TMPDIR"):
        Scratch(10**12, 100, np.float32, np.zeros(1))


def test_every_row_of_a_window_has_its_own_texts():
    rows, rng = 100, np.random.default_rng(0)
    counts = rng.integers(0, 4, rows)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    ids = np.concatenate([np.sort(rng.choice(50, count, replace=False)) for count in counts])
    table = TextRows(
        np.arange(rows, dtype=np.float32)[:, None],
        np.arange(rows),
        TextStore(indptr, ids, np.repeat(np.arange(rows), counts) + 1, 50),
    )
    made = Scratch(rows, 1, np.float32, np.zeros(1), ngrams=50)
    for piece in (slice(0, 37), slice(37, 80), slice(80, 100)):
        made.write(table[piece], np.zeros(len(table[piece]), np.float32), None)

    def entries(some):
        owners, found, values = some.entries()
        return list(zip(some.matrix[owners, 0].tolist(), found.tolist(), values.tolist(), strict=True))

    assert entries(made.X[:]) == entries(table)
    assert entries(made.X[np.array([99, 3, 4, 3])]) == entries(table[[99, 3, 4, 3]])
    seen = []
    for portion in Windows(made, block=8, window=3).portions(get_engine("reference"), 0, 1, batch_size=7):
        seen += entries(portion.rows.X[portion.order])
    assert sorted(seen) == entries(table)
