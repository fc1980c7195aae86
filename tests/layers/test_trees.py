"""Decision trees as a layer: every row ends in the right leaf, in both engines; places that are none are refused."""

from pathlib import Path

import numpy as np
import pytest

from glassnet import BatchNorm, NeuralNetwork, load, save
from glassnet.errors import InputError
from glassnet.exchange.graph import evaluate
from glassnet.exchange.graph.legalize import graph_of
from glassnet.layers import Trees
from glassnet.layers.base import Array, Pass

INPUTS, UNITS, TREES, DEPTH = 3, 2, 6, 3
NODES = 2 ** (DEPTH + 1) - 1


def grown(rng: np.random.Generator) -> dict[str, Array]:
    """Complete trees with thresholds drawn at random."""
    node = np.arange(TREES * NODES)
    start, within = node // NODES * NODES, node % NODES
    leaf = within >= 2**DEPTH - 1
    return {
        "column": np.where(leaf, 0, rng.integers(INPUTS, size=len(node))),
        "threshold": rng.normal(size=len(node)),
        "left": np.where(leaf, node, start + 2 * within + 1),
        "right": np.where(leaf, node, start + 2 * within + 2),
        "value": np.where(leaf, rng.normal(size=len(node)), 0),
        "root": np.arange(TREES) * NODES,
        "steps": np.full(TREES, DEPTH),
        "base": np.array([5.0, -5.0]),
    }


def network(arrays: dict[str, Array], engine: str, dtype: str = "float64") -> NeuralNetwork:
    layer = Trees(UNITS, trees=TREES, nodes=TREES * NODES, depth=DEPTH)
    numbers = np.concatenate(list(arrays.values())).astype(dtype)
    return NeuralNetwork.with_numbers(INPUTS, [layer], "mse", np.zeros(0, dtype), numbers, engine=engine)


def by_hand(arrays: dict[str, Array], row: Array) -> Array:
    answer = arrays["base"].copy()
    for tree, root in enumerate(arrays["root"]):
        node = root
        while arrays["left"][node] != node:
            side = "left" if row[arrays["column"][node]] <= arrays["threshold"][node] else "right"
            node = arrays[side][node]
        answer[tree % UNITS] += arrays["value"][node]
    return answer


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_each_row_goes_to_its_leaves(engine: str):
    rng = np.random.default_rng(0)
    arrays, X = grown(rng), rng.normal(size=(600, INPUTS))
    X[0] = arrays["threshold"][0]  # on the edge: to the left
    answers = network(arrays, engine).forward(X)
    np.testing.assert_allclose(answers, [by_hand(arrays, row) for row in X], rtol=1e-12)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_trees_that_end_sooner_are_left_where_they_ended(engine: str):
    rng = np.random.default_rng(4)
    arrays, X = grown(rng), rng.normal(size=(100, INPUTS))
    for tree, steps in enumerate([3, 1, 0, 2, 0, 0]):  # what lies deeper becomes a leaf
        for node in range(tree * NODES + 2**steps - 1, (tree + 1) * NODES):
            arrays["left"][node] = arrays["right"][node] = node
            arrays["value"][node] = rng.normal()
        arrays["steps"][tree] = steps
    answers = network(arrays, engine).forward(X)
    np.testing.assert_allclose(answers, [by_hand(arrays, row) for row in X], rtol=1e-12)


def test_a_summary_counts_thresholds_and_leaves():
    assert network(grown(np.random.default_rng(0)), "reference").sizes == [TREES * NODES + UNITS]


def test_single_precision_takes_the_same_ways_in_both_engines():
    rng = np.random.default_rng(1)
    arrays, X = grown(rng), rng.normal(size=(300, INPUTS)).astype(np.float32)
    compiled, reference = (network(arrays, engine, "float32").forward(X) for engine in ("compiled", "reference"))
    np.testing.assert_allclose(compiled, reference, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["column", "left", "right", "root", "steps"])
@pytest.mark.parametrize("wrong", [-1, 0.5, 1e6, np.nan])
def test_a_place_where_nothing_is_is_refused(name: str, wrong: float):
    arrays = grown(np.random.default_rng(2))
    arrays[name] = arrays[name].astype(float)
    arrays[name][-1] = wrong
    with pytest.raises(InputError, match=f"`1.{name}` must be 0 to .*, in whole numbers"):
        network(arrays, "compiled")


def hostile() -> tuple[Trees, Array]:
    """Trees that all go through the same nodes, one after the other: few numbers, and very many steps."""
    layer = Trees(1, trees=40, nodes=40, depth=39)
    chain = np.minimum(np.arange(40) + 1, 39)
    nothing, all_steps = np.zeros(40), np.full(40, 39)
    return layer, np.concatenate([nothing, nothing, chain, chain, nothing, nothing, all_steps, [0.0]])


def test_a_small_file_cannot_ask_for_very_many_steps(tmp_path: Path):
    layer, numbers = hostile()
    model = NeuralNetwork(INPUTS, [layer])
    save(model, tmp_path / "good")
    assert isinstance(load(tmp_path / "good"), NeuralNetwork)
    model.__dict__["statistics"] = numbers
    save(model, tmp_path / "bad")
    with pytest.raises(InputError, match=r"`1.steps` must add up to 40 or less\. Received: 1560"):
        load(tmp_path / "bad")


def test_statistics_that_are_set_are_checked():
    good = network(grown(np.random.default_rng(3)), "compiled")
    wrong = good.statistics.copy()
    wrong[-3 - TREES] = 1e6  # the last root
    with pytest.raises(InputError, match="must be 0 to"):
        good.statistics = wrong
    assert (good.statistics != wrong).any()


def test_what_trees_have_grown_cannot_be_written_to():
    good = network(grown(np.random.default_rng(3)), "compiled")
    mine = good.statistics.copy()
    good.statistics = mine
    mine[...] = 1e6  # a copy was taken
    for one in (good, good.copy()):
        with pytest.raises(ValueError, match="read-only"):
            one.statistics[0] = 1e6
        assert np.isfinite(one.forward(np.zeros((2, INPUTS)))).all()


@pytest.mark.parametrize("known", [False, True])
def test_places_written_to_beside_statistics_that_follow_the_rows_are_checked_at_use(known: bool):
    arrays = grown(np.random.default_rng(3))
    trees = Trees(UNITS, trees=TREES, nodes=TREES * NODES, depth=DEPTH)
    model = NeuralNetwork(INPUTS, [trees, BatchNorm()])
    model.statistics[: -2 * UNITS] = np.concatenate(list(arrays.values()))
    X = np.zeros((2, INPUTS))
    if known:
        model.forward(X)
    model.statistics[0] = 1e6
    with pytest.raises(InputError, match="must be 0 to"):
        model.forward(X)


def test_behind_trees_other_layers_learn():
    trees = Trees(UNITS, trees=TREES, nodes=TREES * NODES, depth=DEPTH)
    model, X = NeuralNetwork(INPUTS, [trees, 1]), np.random.default_rng(5).normal(size=(50, INPUTS))
    model.statistics = np.concatenate(list(grown(np.random.default_rng(3)).values()))
    losses = model.train(X, X[:, 0], learning_rate=0.01)
    assert losses[-1] < losses[0]


def test_where_nothing_has_grown_there_is_a_graph():
    graph = graph_of(lambda x: Trees(2).forward({"base": np.array([5.0, -5.0])}, x, Pass())[0], INPUTS)
    found = evaluate(graph, {"X": np.ones((3, INPUTS))})["answer"]
    np.testing.assert_array_equal(found, [[5, -5]] * 3)
