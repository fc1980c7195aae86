"""A linear model on n-grams beside a network: gradients are slopes, engines agree, workers change no bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import BatchNorm, Checkpoint, Dense, NeuralNetwork, Trainer, check_gradients, load, save
from glassnet.engines.compiled.engine import CompiledEngine
from glassnet.engines.compiled.lower_network import recipe_of
from glassnet.engines.data import as_inputs
from glassnet.errors import InputError
from glassnet.exchange.graph import model_graph
from glassnet.ir.layer_equations import equations
from glassnet.ir.layer_trace import structure
from glassnet.layers import MemberDense, NgramLinear, TextRows, TextStore
from glassnet.layers.base import Array
from glassnet.layers.members import Copies
from glassnet.training.early_stopping import Rows
from glassnet.training.fingerprint import rows_digest

NGRAMS, INPUTS = 40, 3


def texts(rows: int = 90, dtype: str = "float64", longest: int = 9) -> TextRows:
    """Rows in the order of the store, some of them without an n-gram."""
    rng = np.random.default_rng(0)
    counts = rng.integers(0, longest, rows)
    ids = [np.sort(rng.choice(NGRAMS, count, replace=False)) for count in counts]
    store = TextStore(
        np.concatenate([[0], np.cumsum(counts)]), np.concatenate(ids), rng.uniform(0.1, 1.0, counts.sum()), NGRAMS
    )
    return TextRows(rng.normal(size=(rows, INPUTS)).astype(dtype), np.arange(rows), store)


def dense(rows: TextRows) -> Array:
    """The n-grams as a dense matrix."""
    row, ids, values = rows.entries()
    matrix = np.zeros((len(rows), NGRAMS))
    matrix[row, ids] = values
    return matrix


def network(engine: Any = "compiled", outputs: int = 3, dtype: str = "float64", **settings: Any) -> NeuralNetwork:
    loss = "cross_entropy" if outputs > 1 else "mse"
    layers = [Dense(8, "tanh"), BatchNorm(), Dense(outputs), NgramLinear(NGRAMS, rate=2.0)]
    return NeuralNetwork(INPUTS, layers, loss=loss, engine=engine, dtype=dtype, seed=1, **settings)


def trained(engine: Any, X: TextRows, y: Array, outputs: int = 3, **settings: Any) -> NeuralNetwork:
    one = network(engine, outputs, X.dtype.name)
    options = {"optimizer": "adamw(beta2=0.95)", "learning_rate": 0.02, "epochs": 4, "batch_size": 32} | settings
    one.train(X, y, **options)
    return one


def classes(X: TextRows) -> Array:
    return np.arange(len(X)) % 3


def test_the_output_is_that_of_the_other_layers_plus_the_product_with_the_n_grams():
    X, one = texts(), network()
    one["4.W"][...] = np.random.default_rng(3).normal(size=(NGRAMS, 3))
    without = NeuralNetwork.with_numbers(
        INPUTS, one.layers[:-1], one.loss, one.parameters[: -NGRAMS * 3], one.statistics
    )
    np.testing.assert_allclose(
        one.forward(X), without.forward(X.matrix) + dense(X) @ one["4.W"], rtol=1e-12, atol=1e-12
    )


def test_at_the_start_texts_change_nothing():
    X, one = texts(), network()
    others = TextRows(X.matrix, X.places[::-1], X.store)
    np.testing.assert_array_equal(one.forward(X), one.forward(others))


@pytest.mark.slow
@pytest.mark.parametrize("outputs", [1, 3])
def test_gradients_of_the_network_are_the_slopes(outputs: int):
    X, one = texts(20), network("reference", outputs)
    one["4.W"][...] = np.random.default_rng(3).normal(size=(NGRAMS, outputs))
    y = classes(X) if outputs > 1 else X.matrix[:, 0]
    assert check_gradients(one, X, y, samples=None).right


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_engines_train_and_predict_alike(outputs: int, dtype: str):
    X = texts(dtype=dtype)
    y = classes(X) if outputs > 1 else X.matrix[:, 0]
    ours, theirs = (trained(engine, X, y, outputs) for engine in ("compiled", "reference"))
    close = {"float32": 2e-5, "float64": 1e-12}[dtype]
    np.testing.assert_allclose(ours.parameters, theirs.parameters, rtol=close, atol=close)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=close, atol=close)
    assert ours["4.W"].any()


@pytest.mark.parametrize("batch_size", [32, 600])
def test_the_number_of_workers_changes_no_bit(batch_size: int):
    X = texts(700, "float32")
    one, two = (trained(CompiledEngine(workers), X, classes(X), batch_size=batch_size) for workers in (1, 2))
    np.testing.assert_array_equal(one.parameters, two.parameters)
    np.testing.assert_array_equal(one.predict(X), two.predict(X))


def test_a_prediction_does_not_depend_on_the_rows_beside_it():
    X = texts(700, "float32")
    one = trained("compiled", X, classes(X))
    together = one.predict(X)
    np.testing.assert_array_equal(one.predict(X[[5, 600, 5]]), together[[5, 600, 5]])
    np.testing.assert_array_equal(one.predict(X[3:4]), together[3:4])


def test_an_n_gram_of_no_row_keeps_its_weight_at_zero_under_weight_decay_and_momentum():
    X = texts()
    unseen = TextRows(X.matrix, X.places, TextStore(X.store.indptr, X.store.ids // 2, X.store.values, NGRAMS))
    one = trained("compiled", unseen, classes(X), weight_decay=0.1)
    assert not one["4.W"][NGRAMS // 2 :].any()
    assert one["4.W"][: NGRAMS // 2].any()


def test_members_have_their_own_weights():
    X = texts()
    layers = [Copies(2), MemberDense(3, "identity", 2, shared=False), NgramLinear(NGRAMS)]
    ours, theirs = (
        NeuralNetwork(INPUTS, layers, loss="cross_entropy", members=2, engine=engine)
        for engine in ("compiled", "reference")
    )
    for one in (ours, theirs):
        one.train(X, classes(X), epochs=2)
        assert one["3.W"].shape == (NGRAMS, 6)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-10)


def test_the_trace_tells_how_texts_enter():
    trace = network().trace(texts()[:2], [0, 1])
    assert trace["4.scores"].shape == (2, 3)
    assert "sum of value · W[id] over the n-grams of the row" in str(trace).replace("\n    ", " ")


def test_monotone_columns_stay_monotone():
    X = texts()
    layers = [Dense(4, "tanh"), Dense(1), NgramLinear(NGRAMS)]
    one = NeuralNetwork(INPUTS, layers, loss="mse", monotone=[1, 0, -1])
    one.train(X, -X.matrix[:, 0], epochs=20, learning_rate=0.05)
    higher = X.with_matrix(X.matrix + np.array([1.0, 0.0, 0.0]))
    assert (one.forward(higher) >= one.forward(X)).all()


def test_a_last_activation_of_the_loss_is_taken_off_before_the_n_grams():
    one = NeuralNetwork(INPUTS, ["sigmoid:1", NgramLinear(NGRAMS)], loss="binary_cross_entropy")
    assert one.layers == (Dense(1), NgramLinear(NGRAMS))


def test_it_survives_a_file(tmp_path: Path):
    X = texts()
    one = trained("compiled", X, classes(X))
    save(one, tmp_path / "model.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "model.safetensors").predict(X), one.predict(X))


def test_early_stopping_keeps_the_best_weights():
    X = texts()
    one = network()
    history = Trainer(epochs=30, learning_rate=0.1, validation_fraction=0.3, patience=3).fit(one, X, classes(X))
    assert len(history) < 30


def test_a_checkpoint_tells_other_texts_from_these(tmp_path: Path):
    X = texts()
    other = TextRows(X.matrix, X.places, TextStore(X.store.indptr, X.store.ids, X.store.values * 2, NGRAMS))
    digests = {rows_digest(Rows(rows, classes(X), None)) for rows in (X, other, X[::-1])}
    assert len(digests) == 3
    trainer = Trainer(epochs=3, learning_rate=0.1)
    first = network()
    trainer.fit(first, X, classes(X), checkpoint=Checkpoint(tmp_path, every=0))
    again = network()
    trainer.fit(again, X, classes(X), checkpoint=Checkpoint(tmp_path, every=0))
    np.testing.assert_array_equal(first.parameters, again.parameters)


def test_lbfgs_learns_the_same_with_both_engines():
    X = texts()
    ours, theirs = (
        trained(engine, X, classes(X), optimizer="lbfgs", learning_rate=None) for engine in ("compiled", "reference")
    )
    np.testing.assert_allclose(ours.parameters, theirs.parameters, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("inputs", "ngrams", "rule"),
    [
        (np.zeros((2, INPUTS)), NGRAMS, "NgramLinear(40) takes TextRows with 40 n-grams. Received: ndarray"),
        (texts(2), 7, "NgramLinear(7) takes TextRows with 7 n-grams. Received: TextRows with 40"),
    ],
)
def test_other_texts_than_the_network_takes_are_refused(inputs: Any, ngrams: int, rule: str):
    with pytest.raises(InputError) as refusal:
        as_inputs(inputs, INPUTS, np.dtype("float64"), ngrams=ngrams)
    assert rule in str(refusal.value)


def test_a_network_without_the_layer_reads_the_matrix_alone():
    X, one = texts(), NeuralNetwork(INPUTS, [3])
    np.testing.assert_array_equal(one.forward(X), one.forward(X.matrix))


def test_exports_refuse_a_network_that_takes_n_grams():
    with pytest.raises(InputError, match=r"must not take n-grams of texts\. Received: NgramLinear\(40\)"):
        model_graph(network())


@pytest.mark.parametrize(
    "wrong",
    [
        {"indptr": [0, 2]},
        {"indptr": [0, 2, 1, 3]},
        {"indptr": [1, 3]},
        {"ids": [0, 1, 4]},
        {"ids": [0, -1, 1]},
        {"values": [1.0, np.nan, 1.0]},
        {"values": [1.0, 1.0]},
    ],
)
def test_a_store_that_would_lead_out_of_memory_is_refused(wrong: dict[str, Any]):
    right: dict[str, Any] = {"indptr": [0, 1, 3], "ids": [0, 1, 3], "values": [1.0, 1.0, 1.0], "size": 4}
    TextStore(**right)
    with pytest.raises(InputError):
        TextStore(**right | wrong)


@pytest.mark.parametrize("places", [[0, 2], [-1, 0], [0]])
def test_places_beyond_the_store_are_refused(places: list[int]):
    store = TextStore(np.array([0, 1, 1]), np.array([0]), np.array([1.0]), 1)
    with pytest.raises(InputError):
        TextRows(np.zeros((2, 1)), np.array(places), store)


def test_a_store_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        texts().store.ids[0] = 99


def test_texts_are_not_dropped_where_a_matrix_is_expected():
    """An array made of them would be the other columns alone."""
    assert not hasattr(texts(), "__array__")


def test_its_kernels_are_built_from_its_equations():
    recipe = recipe_of("float32", structure(NgramLinear(NGRAMS), INPUTS), True, True)
    assert recipe.kernels == {"forward", "backward", "learn"}


def test_its_equations_are_printed_from_its_graph():
    told = {name: str(one.told) for name, one in equations(NgramLinear(NGRAMS), INPUTS).items()}
    assert told == {
        "scores": "sum of value · W[id] over the n-grams of the row",
        "a": "x + scores",
        "d_W": "for each n-gram the sum of value · d_a over the rows that have it",
        "d_x": "d_a",
    }


def test_a_few_n_grams_are_no_numbers_to_fill_into_an_equation():
    found = equations(NgramLinear(2), 1)
    arrays = {"x": np.ones((1, 1)), "W": np.ones((2, 1)), "scores": np.ones((1, 1)), "d_a": np.ones((1, 1))}
    assert found["scores"].first(arrays) == found["d_W"].first(arrays) == ""
    assert found["a"].first(arrays) == "1 + 1"
