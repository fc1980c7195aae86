"""Tables that are larger than memory: the same result as in memory where they are not, and every way to have them."""

from __future__ import annotations

import os
import re
import warnings

import numpy as np
import polars as pl
import pytest

import glassnet
from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.errors import InputError, InputTypeError
from glassnet.support.atomic_write import claim
from tests.killing import Kill, KilledError

ROWS = 3000
SMALL = {"preset": "mlp", "hidden_layers": (8,), "epochs": 3, "batch_size": 64, "random_state": 3}
MEMORY = "1GB"


def table(rows=ROWS, seed=0):
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame(
        {
            "a": rng.normal(size=rows).astype(np.float32),
            "b": pl.Series(np.where(rng.random(rows) < 0.1, np.nan, rng.exponential(size=rows))).fill_nan(None),
            "c": rng.choice(["red", "green", "blue"], rows),
            "when": pl.Series(rng.integers(0, 900, rows)).cast(pl.Int32).cast(pl.Date),
            "w": rng.integers(0, 3, rows).astype(float),
        },
        strict=False,
    )
    number = frame["a"].to_numpy() + frame["b"].fill_null(0).to_numpy() + (frame["c"].to_numpy() == "red")
    return frame.with_columns(y=pl.Series(number), k=pl.Series(np.where(number > 1, "yes", "no")))


@pytest.fixture(scope="module")
def frame():
    return table()


@pytest.fixture(scope="module")
def folder(frame, tmp_path_factory):
    place = tmp_path_factory.mktemp("parts")
    for number, part in enumerate(frame.iter_slices(1100)):
        part.write_parquet(place / f"{number}.parquet")
    return place


@pytest.fixture
def streamed(monkeypatch):
    """However few the rows are, they do not count as fitting into memory."""
    monkeypatch.setattr("glassnet.estimators.out_of_core.FITS", 10**9)


@pytest.fixture
def in_windows(streamed, monkeypatch):
    """Several windows, of several blocks each."""
    monkeypatch.setattr("glassnet.training.windows.BLOCK_BYTES", 2000)
    monkeypatch.setattr("glassnet.training.windows.SHARE", 25_000)


def bits(model):
    return [network.parameters.tobytes() for network in model.networks_], [
        {name: value for name, value in row.items() if name != "seconds"}
        for history in model.histories_
        for row in history.rows
    ]


# ------------------------------------------------------------- the same bits


CASES = {
    "plain": {},
    "judged": {"early_stopping": True},
    "scored": {"scoring": "roc_auc"},
    "members": {"members": 3, "validation_fraction": 0.3, "early_stopping": True},
    "folds": {"cv": 3, "members": 3},
    "robust, embedded": {"scaling": "robust", "numeric_embedding": "periodic", "start": "data", "max_one_hot": 2},
    "reference": {"engine": "reference", "epochs": 1},
    "balanced": {"class_weight": "balanced", "early_stopping": True},
    "shared members, calibrated": {"preset": "tabm", "epochs": 2, "hidden_layers": (8,), "shared_members": 4},
    "kinds": {
        "kinds": ({"learning_rate": 0.01}, {}),
        "members": 5,
        "refits": 1,
        "early_stopping": True,
        "calibration": "temperature",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_one_window_gives_the_bits_of_memory(frame, folder, streamed, case, weighted):
    options = SMALL | CASES[case]
    left_out = ["y"] if weighted else ["y", "w"]
    lazy = pl.scan_parquet(folder / "*.parquet").drop(left_out)
    known = frame.drop(*left_out, "k", *(["w"] if weighted else []))
    there = NeuralClassifier(**options).fit(lazy, "k", "w" if weighted else None, memory=MEMORY)
    here = NeuralClassifier(**options).fit(known, frame["k"].to_numpy(), frame["w"].to_numpy() if weighted else None)
    assert bits(there) == bits(here)
    assert there.encoder_ == here.encoder_
    assert there.temperature_ == here.temperature_
    np.testing.assert_array_equal(there.weights_, here.weights_)
    assert there.data_ == here.data_


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"loss": "huber", "early_stopping": True}, {"members": 2, "scoring": "r2"}])
def test_numbers_as_well(frame, folder, streamed, options):
    lazy = pl.scan_parquet(folder / "*.parquet").drop("k", "w")
    there = NeuralRegressor(**SMALL | options).fit(lazy, "y", memory=MEMORY)
    here = NeuralRegressor(**SMALL | options).fit(frame.drop("k", "w", "y"), frame["y"].to_numpy())
    assert bits(there) == bits(here)


@pytest.mark.parametrize("options", [{}, {"early_stopping": True}])
def test_cuts_change_no_bit(frame, streamed, monkeypatch, options):
    monkeypatch.setattr("glassnet.tables.columns.number_statistics.NUMBERS", 2000)
    frame = frame.with_columns(far=pl.col("y") * 1e-3 + 1e9, double=pl.col("a").cast(pl.Float64) / 3)
    X, y, w = frame.drop("y", "k", "w"), frame["y"].to_numpy() + 1e6, frame["w"].to_numpy() / 3
    pieces = [slice(start, start + 700) for start in range(0, ROWS, 700)]
    there = NeuralRegressor(**SMALL | options).fit(
        [(X[some], y[some], w[some]) for some in pieces], None, memory=MEMORY
    )
    here = NeuralRegressor(**SMALL | options).fit(X, y, w)
    assert there.encoder_ == here.encoder_
    assert bits(there) == bits(here)
    y, options = frame["k"].to_numpy(), options | {"class_weight": "balanced"}
    there = NeuralClassifier(**SMALL | options).fit(
        [(X[some], y[some], w[some]) for some in pieces], None, memory=MEMORY
    )
    assert bits(there) == bits(NeuralClassifier(**SMALL | options).fit(X, y, w))


def test_what_fits_is_read_into_memory(frame, folder):
    there = NeuralClassifier(**SMALL).fit(pl.scan_parquet(folder / "*.parquet").drop("y", "w"), "k", memory=MEMORY)
    here = NeuralClassifier(**SMALL).fit(frame.drop("y", "w", "k"), frame["k"].to_numpy())
    assert bits(there) == bits(here)


# ------------------------------------------------------------- windows


def test_windows_give_the_same_bits_each_time_and_learn(frame, folder, in_windows):
    options = SMALL | {"epochs": 12, "learning_rate": 0.01, "early_stopping": True}
    lazy = pl.scan_parquet(folder / "*.parquet").drop("y", "w")
    first, second = (NeuralClassifier(**options).fit(lazy, "k", memory=MEMORY) for _ in range(2))
    assert bits(first) == bits(second)
    here = NeuralClassifier(**options).fit(frame.drop("y", "w", "k"), frame["k"].to_numpy())
    assert bits(first) != bits(here)
    new = table(seed=1)
    scores = [model.score(new.drop("y", "w", "k"), new["k"].to_numpy()) for model in (first, here)]
    assert abs(scores[0] - scores[1]) < 0.03


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["mlp", "bagged", "fast", "realmlp", "tabm", "best"])
def test_presets_that_are_streamed(folder, in_windows, preset):
    options = {"preset": preset, "hidden_layers": (8,), "epochs": 1, "random_state": 0}
    model = NeuralClassifier(**options).fit(pl.scan_parquet(folder / "*.parquet").drop("y", "w"), "k", memory=MEMORY)
    assert model.settings_["preset"] == preset
    assert model.score(table(seed=1).drop("y", "w", "k"), table(seed=1)["k"].to_numpy()) > 0.5


def test_what_needs_all_rows_is_refused(folder, streamed):
    lazy = pl.scan_parquet(folder / "*.parquet").drop("y", "w")
    with pytest.raises(InputError, match=r"needs all rows in memory.*preset="):
        NeuralClassifier(optimizer="lbfgs").fit(lazy, "k", memory=MEMORY)


@pytest.mark.slow
def test_killed_and_resumed_within_an_epoch(folder, in_windows, tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.training.checkpoint.SHARE", 0)
    lazy = pl.scan_parquet(folder / "*.parquet").drop("y", "w")
    place = glassnet.Checkpoint(tmp_path / "run", every=0)
    with pytest.raises(KilledError):
        NeuralClassifier(**SMALL, callbacks=[Kill(70)]).fit(lazy, "k", memory=MEMORY, checkpoint=place)
    resumed = NeuralClassifier(**SMALL).fit(lazy, "k", memory=MEMORY, checkpoint=place)
    whole = NeuralClassifier(**SMALL).fit(lazy, "k", memory=MEMORY)
    assert bits(resumed) == bits(whole)
    with pytest.raises(InputError, match="training rows"):
        NeuralClassifier(**SMALL).fit(lazy.head(2900), "k", memory=MEMORY, checkpoint=place)


# ------------------------------------------------------------- where they come from


def sources(frame, folder, tmp_path):
    X, y = frame.select("a", "b").fill_null(0.5).to_numpy(), frame["y"].to_numpy()
    np.save(tmp_path / "X.npy", X)
    texts = tmp_path / "texts"
    texts.mkdir()
    for number, part in enumerate(frame.select("a", pl.col("b").fill_null(0.5), "y").iter_slices(1000)):
        part.write_csv(texts / f"{number}.csv")
    selected = pl.scan_parquet(folder / "*.parquet").select("a", pl.col("b").fill_null(0.5), "y")
    return {
        "memory map": (np.load(tmp_path / "X.npy", mmap_mode="r"), y),
        "batches": ([(X[:1000], y[:1000]), (X[1000:], y[1000:])], None),
        "lazy": (selected, "y"),
        "text": (texts, "y"),
    }


@pytest.mark.parametrize("which", ["memory map", "batches", "lazy", "text"])
def test_every_source_gives_the_same(frame, folder, tmp_path, streamed, which):
    X, y = sources(frame, folder, tmp_path)[which]
    model = NeuralRegressor(**SMALL).fit(X, y, memory=MEMORY)
    here = frame.select("a", pl.col("b").fill_null(0.5)).to_numpy(), frame["y"].to_numpy()
    np.testing.assert_allclose(model.predict(here[0]), NeuralRegressor(**SMALL).fit(*here).predict(here[0]), atol=1e-5)


def test_a_generator_is_refused(frame):
    X, y = frame.select("a").to_numpy(), frame["y"].to_numpy()
    batches = ((X[start : start + 100], y[start : start + 100]) for start in range(0, ROWS, 100))
    with pytest.raises(InputTypeError, match=r"a generator can be read only once.*can be iterated"):
        NeuralRegressor(**SMALL).fit(batches, None, memory=MEMORY)


def test_rows_to_be_judged_by_may_lie_elsewhere(frame, folder, in_windows):
    lazy = pl.scan_parquet(folder / "*.parquet").drop("k", "w")
    model = NeuralRegressor(**SMALL).fit(lazy, "y", memory=MEMORY, validation_data=(lazy.head(500), "y"))
    assert "validation_loss" in model.history_.columns


def test_a_table_in_memory_needs_no_memory(frame):
    with pytest.raises(InputTypeError, match="needs a table that is not in memory"):
        NeuralRegressor(**SMALL).fit(frame.select("a"), frame["y"], memory=MEMORY)


@pytest.mark.parametrize("memory", ["1 parsec", "10MB", 0, 2.5])
def test_sizes_that_are_none(folder, memory):
    with pytest.raises((InputError, InputTypeError), match="`memory` must be a size"):
        NeuralRegressor(**SMALL).fit(folder, "y", memory=memory)


# ------------------------------------------------------------- what goes wrong is said before any work


def test_an_empty_folder(tmp_path):
    with pytest.raises(InputError, match="A folder of tables must contain files"):
        NeuralRegressor(**SMALL).fit(tmp_path, "y")


def test_files_that_differ(frame, tmp_path):
    frame.select("a", "y").write_parquet(tmp_path / "1.parquet")
    frame.select(pl.col("a").cast(pl.String), "y").write_parquet(tmp_path / "2.parquet")
    with pytest.raises(InputError, match=r"'a': Float32 in .*1\.parquet, String in .*2\.parquet"):
        NeuralRegressor(**SMALL).fit(tmp_path, "y")


def test_a_damaged_file_is_named(frame, tmp_path):
    frame.select("a", "y").write_parquet(tmp_path / "1.parquet")
    (tmp_path / "2.parquet").write_bytes((tmp_path / "1.parquet").read_bytes()[:-40])
    with pytest.raises(InputError, match=r"2\.parquet must be a Parquet file"):
        NeuralRegressor(**SMALL).fit(tmp_path, "y")


def test_a_full_disk(folder, streamed, monkeypatch):
    class Usage:
        free = 10

    monkeypatch.setattr("glassnet.training.scratch.shutil.disk_usage", lambda _: Usage)
    model = NeuralRegressor(**SMALL)
    with pytest.raises(InputError, match=r"The disk must have space.*TMPDIR"):
        model.fit(pl.scan_parquet(folder / "*.parquet").drop("k"), "y", memory=MEMORY)
    assert not model.__sklearn_is_fitted__()


def test_a_plan_that_cannot_be_carried_out(folder):
    with pytest.raises(InputError, match=r"one that polars can carry out.*\.head\(\)\.collect\(\)"):
        NeuralRegressor(**SMALL).fit(pl.scan_parquet(folder / "*.parquet").select(pl.col("c").cast(pl.Int64), "y"), "y")


def test_a_full_disk_while_text_is_converted(tmp_path, frame, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    frame.select("a", "y").write_csv(tmp_path / "1.csv")
    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(InputError, match=r"disk must have space for a temporary Parquet copy.*TMPDIR"):
        NeuralRegressor(**SMALL).fit(tmp_path, "y")


def test_room_for_text_is_looked_for_before_it_is_converted(tmp_path, frame, monkeypatch):
    class Usage:
        free = 10

    (tmp_path / "text").mkdir()
    (tmp_path / "disk").mkdir()
    for number in range(2):
        frame.select("a", "y").write_csv(tmp_path / "text" / f"{number}.csv")
    monkeypatch.setattr("glassnet.tables.reading.parquet_copy.shutil.disk_usage", lambda _: Usage)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "disk"))
    with pytest.raises(InputError, match=r"for a temporary Parquet copy.*e-\d+ GB, with 1e-08 GB free"):
        NeuralRegressor(**SMALL).fit(tmp_path / "text", "y")
    assert not list((tmp_path / "disk").iterdir())


def test_a_column_that_is_not_there(folder):
    with pytest.raises(InputError, match="'z'"):
        NeuralRegressor(**SMALL).fit(folder, "z")


def test_gaps_in_the_target_are_named(frame, tmp_path):
    frame.select("a", pl.when(pl.col("y") > 1).then(pl.col("k")).alias("k")).write_parquet(tmp_path / "1.parquet")
    with pytest.raises(InputError, match=r"must not have missing values.*1\.parquet, rows 0 to"):
        NeuralClassifier(**SMALL).fit(tmp_path, "k")


def test_what_a_kill_left_behind_goes_with_the_next(frame, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, in_use = tmp_path / "glassnet-blocks-1", tmp_path / "glassnet-blocks-2"
    for place in (left, in_use):
        place.mkdir()
        os.utime(place, (0, 0))
    descriptor = os.open(in_use, os.O_RDONLY)
    try:
        assert claim(descriptor)
        NeuralRegressor(**SMALL).fit(frame.lazy().select("a", "y"), "y")
    finally:
        os.close(descriptor)
    assert list(tmp_path.iterdir()) == [in_use]


def test_nothing_is_left_behind(folder, streamed, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        NeuralRegressor(**SMALL).fit(pl.scan_parquet(folder / "*.parquet").drop("k"), "y", memory=MEMORY)
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------- batches


def in_batches(*batches):
    return NeuralRegressor(**SMALL).fit(list(batches), None, memory=MEMORY)


def test_weights_may_begin_with_a_later_batch(frame, streamed):
    X, y, w = frame.select("a").to_numpy(), frame["y"].to_numpy(), frame["w"].to_numpy()
    there = in_batches((X[:1000], y[:1000]), (X[1000:], y[1000:], w[1000:]))
    weight = np.concatenate([np.ones(1000), w[1000:]])
    assert bits(there) == bits(NeuralRegressor(**SMALL).fit(X, y, weight))


@pytest.mark.parametrize("answers", [0, 5])
def test_a_batch_with_other_numbers_of_rows_and_answers(frame, answers):
    X, y = frame.select("a").to_numpy(), frame["y"].to_numpy()
    with pytest.raises(InputError, match=f"X and y of batch 2 must have the same number of rows.*10 and {answers}"):
        in_batches((X[:1000], y[:1000]), (X[:10], y[:answers]))


def test_a_batch_without_answers(frame):
    with pytest.raises(InputTypeError, match=r"y of batch 1 must have rows"):
        in_batches((frame.select("a").to_numpy(), None))


@pytest.mark.parametrize("options", [{"memory": MEMORY}, {"shards": 2}])
def test_targets_that_a_loss_cannot_have(folder, in_windows, options):
    with pytest.raises(InputError, match=r"Targets of `poisson` must lie in \[0, inf\]"):
        NeuralRegressor(**SMALL, loss="poisson").fit(pl.scan_parquet(folder / "*.parquet"), "a", **options)


def both_ways(monkeypatch, *batches, model=NeuralRegressor):
    """The errors of batches that are streamed, and of those that fit into memory."""
    for fits in (64, 10**9):
        monkeypatch.setattr("glassnet.estimators.out_of_core.FITS", fits)
        with pytest.raises((InputError, InputTypeError)) as error:
            model(**SMALL).fit(list(batches), None, memory=MEMORY)
        yield str(error.value)


ARRAY, Y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
POLARS = pl.DataFrame(ARRAY, schema=["a", "b"])
TEXT = pl.Series("b", ["x", "y"] * 5)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (ARRAY, ARRAY[:, :1], "an array of 2 columns, then an array of 1 columns"),
        (ARRAY, POLARS, "an array of 2 columns, then a DataFrame of polars with 'a', 'b'"),
        (POLARS, POLARS.to_pandas(), "a DataFrame of polars with 'a', 'b', then a DataFrame of pandas"),
        (POLARS, ARRAY.tolist(), "then a list of 2 columns"),
        (POLARS, POLARS.rename({"b": "c"}), "with 'a', 'b', then a DataFrame of polars with 'a', 'c'"),
        (
            POLARS,
            POLARS.with_columns(TEXT),
            "Column 'b' must contain values of one kind in all rows.*numbers, then text",
        ),
        (ARRAY, np.array([["x", "y"]] * 10), "must contain values of one kind in all rows.*numbers, then text"),
    ],
)
def test_batches_that_differ(monkeypatch, first, second, message):
    errors = list(both_ways(monkeypatch, (first, Y), (second, Y)))
    assert errors[0] == errors[1]
    assert re.search(message, errors[0])


def test_whole_numbers_and_others_are_numbers_and_gaps_may_be_filled_later(monkeypatch):
    whole = pl.DataFrame({"a": range(10), "b": pl.Series([None] * 10, dtype=pl.String), "c": TEXT})
    batches = [(whole, Y), (POLARS.with_columns(TEXT, c=TEXT), Y)]
    found = []
    for fits in (64, 10**9):
        monkeypatch.setattr("glassnet.estimators.out_of_core.FITS", fits)
        found.append(NeuralRegressor(**SMALL).fit(batches, None, memory=MEMORY))
    assert bits(found[0]) == bits(found[1])
    assert found[0].encoder_.feature_names_out == ["a", "b=y", "b is missing", "c=y"]


def test_levels_in_two_orders_have_none(monkeypatch):
    levels = ["low", "mid", "high", "top"]
    frames = [pl.DataFrame({"a": levels * 4}, schema={"a": pl.Enum(order)}) for order in (levels, levels[::-1])]
    found = []
    for fits in (64, 10**9):
        monkeypatch.setattr("glassnet.estimators.out_of_core.FITS", fits)
        batches = [(frame, np.arange(16.0)) for frame in frames]
        found.append(NeuralRegressor(**SMALL).fit(batches, None, memory=MEMORY))
    assert bits(found[0]) == bits(found[1])
    assert not found[0].encoder_.plan.others[0].ordered


def test_large_classes_of_two_types_are_refused(monkeypatch):
    batches = [(ARRAY, np.array([2**60, 1] * 5, kind)) for kind in (np.int64, np.uint64)]
    for error in both_ways(monkeypatch, *batches, model=NeuralClassifier):
        assert "whole numbers beyond 2^53 must be of one type in all rows. Received: int64, then uint64" in error


def test_batches_without_rows(monkeypatch):
    for error in both_ways(monkeypatch, (ARRAY[:0], Y[:0])):
        assert "at least one batch with rows. Received: 1 batches without rows" in error


def test_a_batch_without_rows_is_passed_over():
    assert bits(in_batches(([], []), (ARRAY, Y))) == bits(in_batches((ARRAY, Y)))


@pytest.mark.parametrize("fits", [64, 10**9])
def test_batches_may_all_be_made_in_one_array(monkeypatch, fits):
    monkeypatch.setattr("glassnet.estimators.out_of_core.FITS", fits)
    X, Y, w = (np.random.default_rng(0).random(shape) for shape in ((30, 2), 30, 30))

    class Reusing:
        def __iter__(self):
            arrays = np.empty((10, 2)), np.empty(10), np.empty(10)
            for start in range(0, 30, 10):
                for array, rows in zip(arrays, (X, Y, w), strict=True):
                    array[:] = rows[start : start + 10]
                yield arrays

    options = SMALL | {"scaling": "robust"}
    assert bits(NeuralRegressor(**options).fit(Reusing(), None, memory=MEMORY)) == bits(
        NeuralRegressor(**options).fit(X, Y, w)
    )


def test_batches_that_are_read_but_once():
    class Once:
        def __init__(self):
            self.batches = iter([(ARRAY, Y)])

        def __iter__(self):
            return self.batches

    with pytest.raises(InputTypeError, match=r"readable more than once.*none, when they were read again"):
        NeuralRegressor(**SMALL).fit(Once(), None, memory=MEMORY)


@pytest.mark.parametrize(("target", "weight"), [(["y", "y"], None), ("y", "y")])
def test_a_column_with_two_roles(folder, target, weight):
    with pytest.raises(InputError, match="'y' twice"):
        NeuralRegressor(**SMALL).fit(folder, target, weight)


def test_a_plan_that_leaves_no_rows(frame):
    with pytest.raises(InputError, match=r"A LazyFrame must have rows. Received: none"):
        NeuralRegressor(**SMALL).fit(frame.lazy().filter(pl.col("a") > 100), "y")


# ----------------------------------------------------------------------- texts


NOTES = ["the printer is on fire", "nobody knows why it burns", "all is well again, thank you", "打印机又坏了", None]


@pytest.fixture(scope="module")
def notes():
    rng = np.random.default_rng(5)
    said = rng.integers(0, len(NOTES), 900)
    texts = [None if NOTES[one] is None else f"{NOTES[one]} in room {rng.integers(900)}" for one in said]
    return pl.DataFrame({"a": rng.normal(size=900), "note": texts}), np.where(said == 2, "good", "bad")


def in_pieces(X, y, each=250):
    return [(X[start : start + each], y[start : start + each]) for start in range(0, len(y), each)]


@pytest.mark.parametrize("options", [{}, {"early_stopping": True, "members": 2}])
def test_texts_in_one_window_give_the_bits_of_memory(notes, streamed, monkeypatch, options):
    X, y = notes
    options = SMALL | {"free_text": "auto"} | options
    there = NeuralClassifier(**options).fit(in_pieces(X, y), None, memory=MEMORY)
    monkeypatch.setattr(
        "glassnet.estimators.fit.Fit.new_encoder",
        lambda fit, make=glassnet.estimators.fit.Fit.new_encoder, **_: make(fit, hashed=True).set_params(hashed=True),
    )
    here = NeuralClassifier(**options).fit(X, y)
    assert there.encoder_.ngrams == 2**16
    assert bits(there) == bits(here)


@pytest.mark.slow
def test_texts_are_learned_window_by_window(notes, in_windows):
    X, y = notes
    options = SMALL | {"free_text": "auto", "epochs": 20, "learning_rate": 0.01}
    model = NeuralClassifier(**options).fit(in_pieces(X, y), None, memory=MEMORY)
    assert model.score(X, y) > 0.97
