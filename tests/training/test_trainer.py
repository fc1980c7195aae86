"""The trainer: epochs, validation, early stopping, schedules, and a history that tells of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from glassnet import History, Trainer
from glassnet.errors import InputError, InputTypeError
from glassnet.formulas.schedules import SCHEDULES
from glassnet.training import split_rows


def by_epoch(values):
    """A score for each epoch, whatever the network."""
    remaining = iter(values)
    return lambda X, y, weight: next(remaining)


# ----------------------------------------------------------------- the epochs


def test_the_plain_trainer_does_what_the_plain_loop_does(problem):
    mine, plain = problem.network(), problem.network()
    trainer = Trainer(epochs=5, batch_size=16, early_stopping=False, validation_fraction=0)
    history = trainer.fit(mine, problem.X, problem.y)
    losses = plain.train(problem.X, problem.y, epochs=1, batch_size=16)
    assert history["loss"][0] == pytest.approx(losses[0], rel=0.2)  # the order of the rows differs
    assert history["loss"][-1] < history["loss"][0]
    assert history["epoch"] == [1, 2, 3, 4, 5]
    assert history.ended == "all 5 epochs are done"
    assert history.columns == ["epoch", "loss", "learning_rate", "seconds"]


def test_the_same_seed_gives_the_same_bits(problem):
    def run(seed):
        network = problem.network("relu:8", "dropout:0.3", seed=seed)
        Trainer(epochs=4).fit(network, problem.X, problem.y)
        return network.parameters.tobytes()

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_who_watches_does_not_change_what_is_learned(problem):
    class Watcher:
        def on_batch_end(self, run):
            run.network.forward(problem.X)

    def run(**options):
        network = problem.network("relu:8", "dropout:0.3")
        Trainer(epochs=3, batch_size=16, **options).fit(network, problem.X, problem.y)
        return network.parameters.tobytes()

    assert run() == run(callbacks=[Watcher()]) == run(verbose=True)


def test_a_long_training_in_two_parts_is_one(problem):
    """With a constant rate and the optimizer's state carried along, nothing tells where it was cut."""
    trainer = Trainer(epochs=6, validation_fraction=0, early_stopping=False)
    whole, parts = problem.network(), problem.network()
    history = trainer.fit(whole, problem.X, problem.y)
    trainer.epochs = 3
    updater = trainer.updater(parts)
    first = trainer.fit(parts, problem.X, problem.y, updater=updater)
    both = trainer.fit(parts, problem.X, problem.y, updater=updater, history=first)
    assert both is first
    assert parts.parameters.tobytes() == whole.parameters.tobytes()
    assert both["epoch"] == history["epoch"]
    assert both["loss"] == history["loss"]


def test_sparse_rows_give_the_same(problem):
    X = np.where(abs(problem.X) > 0.5, problem.X, 0)
    dense, thin = problem.network(), problem.network()
    Trainer(epochs=3).fit(dense, X, problem.y)
    Trainer(epochs=3).fit(thin, sparse.csr_array(X), problem.y)
    assert np.allclose(dense.parameters, thin.parameters, atol=1e-12)


@pytest.mark.parametrize("validation", [0, 0.25])
def test_a_weight_of_two_is_the_row_twice(problem, validation):
    """In the loss of a training on all rows at once, and in that of the validation."""
    weight = np.arange(120) % 3
    rows = np.repeat(np.arange(120), weight)
    options = {"epochs": 5, "batch_size": 1000, "validation_fraction": 0, "early_stopping": False}
    held = (problem.X[:30], problem.y[:30], weight[:30]) if validation else None
    held_twice = (problem.X[rows[rows < 30]], problem.y[rows[rows < 30]]) if validation else None
    weighted, repeated = problem.network(), problem.network()
    # rows of weight 0 count in a batch's number of rows, so they are left out here as the estimators leave them out
    kept = weight > 0
    one = Trainer(**options).fit(
        weighted, problem.X[kept], problem.y[kept], sample_weight=weight[kept], validation_data=held
    )
    two = Trainer(**options).fit(repeated, problem.X[rows], problem.y[rows], validation_data=held_twice)
    assert np.allclose(one["loss"], two["loss"])
    assert np.allclose(weighted.parameters, repeated.parameters)
    if validation:
        assert np.allclose(one["validation_loss"], two["validation_loss"])


# ------------------------------------------------------------- the validation


def test_the_best_weights_stay_the_last_of_equals(problem):
    network = problem.network()
    seen = []

    class Keep:
        def on_epoch_end(self, run):
            seen.append(run.network.parameters.copy())

    trainer = Trainer(epochs=6, scoring="accuracy", early_stopping=False, callbacks=[Keep()])
    history = trainer.fit(network, problem.X, problem.y, score=by_epoch([0.1, 0.9, 0.5, 0.9, 0.2, 0.3]))
    assert history.best_epoch == 4
    assert network.parameters.tobytes() == seen[3].tobytes()
    assert history["validation_accuracy"] == [0.1, 0.9, 0.5, 0.9, 0.2, 0.3]


def test_without_restoring_the_last_weights_stay(problem):
    network, seen = problem.network(), []

    class Keep:
        def on_epoch_end(self, run):
            seen.append(run.network.parameters.copy())

    trainer = Trainer(epochs=3, restore_best=False, callbacks=[Keep()])
    history = trainer.fit(network, problem.X, problem.y, score=by_epoch([3, 2, 1]))
    assert history.best_epoch is None
    assert network.parameters.tobytes() == seen[-1].tobytes()


@pytest.mark.parametrize(
    ("scores", "patience", "epochs"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8], 2, 8),  # always better
        ([5, 4, 3, 2, 1, 0, 0, 0], 2, 3),  # the second and the third are worse
        ([1, 1, 1, 1, 1, 1, 1, 1], 3, 4),  # an equal one is no better
        ([1, 0, 2, 0, 3, 0, 0, 9], 2, 7),  # a better one begins the count anew
        ([np.nan] * 8, 3, 3),  # what is no number is not better
        ([1, np.nan, np.nan, 2, 0, 0, 0, 0], 3, 7),
    ],
)
def test_early_stopping_counts_epochs_without_a_better_one(problem, scores, patience, epochs):
    trainer = Trainer(epochs=8, patience=patience)
    history = trainer.fit(problem.network(), problem.X, problem.y, score=by_epoch(scores))
    assert len(history) == epochs
    assert history.ended == (f"no improvement for {patience} epochs" if epochs < 8 else "all 8 epochs are done")


def test_without_validation_early_stopping_looks_at_the_loss(problem):
    trainer = Trainer(epochs=500, patience=3, validation_fraction=0, learning_rate=1.0, optimizer="sgd")
    history = trainer.fit(problem.network(), problem.X, problem.y)
    assert history.ended == "no improvement for 3 epochs"
    assert history.best_epoch is None
    assert min(history["loss"][-3:]) >= min(history["loss"][:-3])


def test_the_validation_loss_is_the_loss_of_the_rows_held_back(problem):
    network = problem.network("relu:8", "dropout:0.5")
    held = problem.X[:40], problem.y[:40]
    history = Trainer(epochs=3).fit(network, problem.X[40:], problem.y[40:], validation_data=held)
    loss = network.loss.value(network.forward(held[0]), network.loss.prepare(held[1], 2)).mean()
    assert history["validation_loss"][history.best_epoch - 1] == pytest.approx(loss)


def test_rows_held_back_are_not_trained_on(problem):
    y = problem.y.copy()
    first, second = problem.network(), problem.network()
    Trainer(epochs=2, restore_best=False).fit(first, problem.X, y)
    from glassnet.training import split_rows

    _, held = split_rows(120, 0.1, 0, y)
    X = problem.X.copy()
    X[held] += 100
    Trainer(epochs=2, restore_best=False).fit(second, X, y)
    assert first.parameters.tobytes() == second.parameters.tobytes()


def test_an_average_of_the_weights_is_judged_and_stays(problem):
    """The averaged network is the one that is validated and left behind; the steps go on from the raw one."""
    raw, averaged = problem.network(), problem.network()
    options = {"epochs": 4, "early_stopping": False, "validation_fraction": 0}
    Trainer(**options).fit(raw, problem.X, problem.y)
    seen = []

    class Keep:
        def on_epoch_end(self, run):
            seen.append(run.network.parameters.copy())

    Trainer(**options, ema_decay=0.9, callbacks=[Keep()]).fit(averaged, problem.X, problem.y)
    assert seen[-1].tobytes() == raw.parameters.tobytes()
    assert not np.allclose(averaged.parameters, raw.parameters)


# ---------------------------------------------------------------- the schedule


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name != "reduce_on_plateau"])
def test_every_schedule_is_followed_step_by_step(problem, name):
    rates = []

    class Keep:
        def on_batch_end(self, run):
            rates.append(run.updater.t)

    trainer = Trainer(
        epochs=5, batch_size=40, schedule=name, learning_rate=0.5, validation_fraction=0, early_stopping=False,
        callbacks=[Keep()],
    )  # fmt: skip
    history = trainer.fit(problem.network(), problem.X, problem.y)
    last_steps = (np.arange(1, 6) * 3 - 1) / 15
    assert np.allclose(history["learning_rate"], 0.5 * SCHEDULES.get(name)(last_steps))
    assert rates == list(range(1, 16))


def test_a_plateau_lowers_the_rate(problem):
    trainer = Trainer(
        epochs=9, schedule="reduce_on_plateau(factor=0.5, patience=1)", optimizer="sgd", learning_rate=1e-12
    )
    history = trainer.fit(problem.network(), problem.X, problem.y)
    assert history["learning_rate"] == pytest.approx(1e-12 * np.array([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]))


# --------------------------------------------------------------------- L-BFGS


def test_lbfgs_counts_iterations_as_epochs(problem):
    network = problem.network(loss="mse")
    trainer = Trainer(optimizer="lbfgs", epochs=15, validation_fraction=0.25)
    history = trainer.fit(network, problem.X, problem.number)
    assert history["epoch"] == list(range(1, len(history) + 1))
    assert 1 < len(history) <= 15
    assert history.best_epoch == len(history)
    assert history.ended.startswith("L-BFGS ended: ")
    assert np.all(np.diff(history["loss"]) <= 0)


def test_lbfgs_stops_early_too(problem):
    trainer = Trainer(optimizer="lbfgs", epochs=100, patience=2)
    history = trainer.fit(problem.network(), problem.X, problem.y, score=by_epoch([3, 2, 1, 0]))
    assert len(history) == 3
    assert history.best_epoch == 1
    assert history.ended == "no improvement for 2 epochs"


# ------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"epochs": 0}, InputError, "`epochs` must be a positive integer. Received: 0"),
        ({"batch_size": 2.5}, InputTypeError, "`batch_size` must be a positive integer. Received: 2.5"),
        ({"patience": True}, InputTypeError, "`patience` must be a positive integer. Received: True"),
        ({"learning_rate": 0}, InputError, "`learning_rate` must be positive. Received: 0"),
        ({"learning_rate": "auto"}, InputTypeError, "`learning_rate` must be positive. Received: 'auto'"),
        ({"learning_rate": np.inf}, InputError, "`learning_rate` must be positive. Received: inf"),
        (
            {"validation_fraction": 1.0},
            InputError,
            r"`validation_fraction` must be in \[0, 1\). Received: 1.0",
        ),
        ({"validation_fraction": None}, InputTypeError, r"`validation_fraction` must be in \[0, 1\)"),
        (
            {"early_stopping": "yes"},
            InputTypeError,
            "`early_stopping` must be True or False. Received: 'yes'",
        ),
        ({"schedule": "cosin"}, InputError, "Did you mean 'cosine'?"),
        ({"optimizer": "admm"}, InputError, "Did you mean 'adam'?"),
        ({"weight_decay": -1}, InputError, "`weight_decay` must be 0 or more. Received: -1"),
        ({"clip_norm": 0}, InputError, "`clip_norm` must be positive. Received: 0"),
        ({"ema_decay": 1}, InputError, r"`ema_decay` must be in \[0, 1\)"),
        ({"scoring": "rocauc"}, InputError, "Did you mean 'roc_auc'"),
        ({"scoring": 3}, InputTypeError, "`scoring` must be a name or a function. Received: 3"),
        ({"callbacks": print}, InputTypeError, "`callbacks` must be a list"),
        (
            {"optimizer": "lbfgs", "learning_rate": 0.1},
            InputError,
            "L-BFGS does not support `learning_rate`. Received: 0.1",
        ),
        (
            {"optimizer": "lbfgs", "ema_decay": 0.9},
            InputError,
            "L-BFGS does not support `ema_decay`. Received: 0.9",
        ),
        (
            {"optimizer": "lbfgs", "schedule": "cosine"},
            InputError,
            "L-BFGS does not support `schedule`. Received: cosine",
        ),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_is_trained(problem, options, kind, message):
    network = problem.network()
    before = network.parameters.copy()
    with pytest.raises(kind, match=message):
        Trainer(**options).fit(network, problem.X, problem.y)
    assert network.parameters.tobytes() == before.tobytes()


@pytest.mark.parametrize("weighted", ["kept", "held"])
def test_rows_that_all_have_weight_0_are_refused_on_either_side_of_a_split(problem, weighted):
    network, trainer = problem.network(), Trainer(epochs=1, validation_fraction=0.2)
    weight, before = np.zeros(len(problem.X)), network.parameters.copy()
    sides = split_rows(len(weight), 0.2, network.seed, network.loss.strata(problem.y, network.outputs))
    weight[sides[weighted == "held"]] = 1
    which = "validation" if weighted == "kept" else "training"
    message = f"Some {which} rows must have a weight above 0. Received: .* of weight 0"
    with pytest.raises(InputError, match=message):
        trainer.fit(network, problem.X, problem.y, sample_weight=weight)
    assert np.array_equal(network.parameters, before)


@pytest.mark.parametrize(
    ("wrong", "changes"),
    [
        ({"validation_fraction": 0.2}, {"validation_fraction": 0}),
        ({"decay_schedule": "reduce_on_plateau"}, {"decay_schedule": "flat_cosine"}),
        ({"optimizer": "lbfgs", "clip_norm": 1.0}, {"clip_norm": None}),
        ({"optimizer": "lbfgs", "schedule": "cosine"}, {"schedule": "constant"}),
    ],
)
def test_what_an_error_proposes_ends_it(problem, wrong, changes):
    def trained(**options):
        trainer = Trainer(**{"epochs": 1, "validation_fraction": 0} | options)
        return trainer.fit(problem.network(), problem.X[:1], problem.y[:1])

    with pytest.raises(InputError):
        trained(**wrong)
    assert len(trained(**wrong | changes)) == 1


def test_wrong_validation_data_are_refused(problem):
    network = problem.network()
    with pytest.raises(InputTypeError, match=r"`validation_data` must be \(X, y\) or"):
        Trainer().fit(network, problem.X, problem.y, validation_data=problem.X)
    with pytest.raises(InputError, match=r"shape \(rows, 3\)"):
        Trainer().fit(network, problem.X, problem.y, validation_data=(problem.X[:, :2], problem.y))


def test_a_history_that_goes_on_forgets_the_end_of_the_last(problem):
    history = History([{"epoch": 1, "loss": 1.0}])
    history.end("interrupted")
    history.best_epoch = 1
    Trainer(epochs=2, validation_fraction=0).fit(problem.network(), problem.X, problem.y, history=history)
    assert history["epoch"] == [1, 2, 3]
    assert history.ended == "all 2 epochs are done"
    assert history.best_epoch is None


def test_the_order_of_an_epoch_is_that_of_the_plain_loop(problem):
    """Nothing is drawn one after the other: whoever begins later begins with the same order."""
    plain, alike, in_parts = (problem.network() for _ in range(3))
    plain.train(problem.X, problem.y, epochs=3)
    quiet = {"weight_decay": 0.0, "validation_fraction": 0}
    Trainer(**quiet, epochs=3).fit(alike, problem.X, problem.y)
    trainer = Trainer(**quiet, epochs=1)
    updater, history = trainer.updater(in_parts), History()
    for _ in range(3):
        trainer.fit(in_parts, problem.X, problem.y, updater=updater, history=history)
    assert alike.parameters.tobytes() == plain.parameters.tobytes() == in_parts.parameters.tobytes()
