"""Fitting: settings, chance, going on, parts, and what is left after a failure."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss

from glassnet import Activate, Dense, Dropout, NeuralClassifier, NeuralRegressor, TableEncoder
from glassnet.engines.compiled import engine
from glassnet.errors import DivergenceError, InputError, InputTypeError
from glassnet.estimators.class_targets import ClassTargets
from glassnet.estimators.scoring import check_scoring
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.schedules import SCHEDULES


def bits(model):
    return model.network_.parameters.tobytes()


# --------------------------------------------------------------- the settings


def test_settings_say_what_was_used(table, classifier):
    model = NeuralClassifier(preset="mlp", epochs=3, hidden_layers=(4, "tanh:3")).fit(table.X, table.words)
    assert set(model.settings_) == set(model.setting_names)
    assert model.settings_["epochs"] == 3
    assert model.settings_["activation"] == "relu"
    assert model.settings_["loss"] == "binary_cross_entropy"
    assert model.settings_["scoring"] is None
    assert model.get_params()["activation"] is None


@pytest.mark.parametrize("option", [{"scoring": "accuracy"}, {"patience": 3}, {"validation_fraction": 0.2}])
def test_whoever_says_how_to_stop_wants_to_stop(table, classifier, option):
    model = classifier(**option).fit(table.X, table.words)
    assert model.settings_["early_stopping"]
    assert model.validation_curve_
    assert not classifier(**option, early_stopping=False).fit(table.X, table.words).validation_curve_


@pytest.mark.parametrize(
    ("hidden", "dropout", "expected"),
    [
        ((4, 3), None, "DxDxD"),
        ((4, 3), 0.0, "DDD"),
        ((4, "dropout:0.5", 3), None, "DxDD"),
        ([Dense(4), Dropout(0.5), 3], 0.2, "DxxDxD"),
        ("tanh:4", 0.0, "DD"),
        (4, 0.0, "DD"),
        (Dense(4), 0.0, "DD"),
        (np.int64(4), 0.0, "DD"),
        ((), None, "D"),
    ],
)
def test_hidden_layers_and_dropout_without_ceremony(table, hidden, dropout, expected):
    model = NeuralClassifier(preset="mlp", hidden_layers=hidden, dropout=dropout, epochs=1).fit(table.X, table.words)
    letters = {Dense: "D", Dropout: "x"}
    assert "".join(letters[type(layer)] for layer in model.network_.layers) == expected


@pytest.mark.parametrize(
    ("target", "hidden", "expected"),
    [
        ("yes", ("tanh:4", "sigmoid:1"), [Dense(4, "tanh"), Dense(1)]),
        ("yes", ("tanh:4", Dense(1, l2=0.1), Activate("sigmoid")), [Dense(4, "tanh"), Dense(1, l2=0.1)]),
        ("letters", ("tanh:4", "softmax:3"), [Dense(4, "tanh"), Dense(3)]),
        ("yes", ("tanh:4", "sigmoid:2"), [Dense(4, "tanh"), Dense(2, "sigmoid"), Dense(1)]),
        ("answers", ("tanh:4", "sigmoid:3"), [Dense(4, "tanh"), Dense(3, "sigmoid"), Dense(3)]),
    ],
)
def test_an_output_layer_that_is_spelled_among_the_hidden_ones_is_the_output_layer(table, target, hidden, expected):
    options = {"preset": "mlp", "dropout": 0.0, "epochs": 1, "random_state": 0}
    model = NeuralClassifier(hidden_layers=hidden, **options).fit(table.X, getattr(table, target))
    assert list(model.network_.layers) == expected


@pytest.mark.sample(5)
@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_every_activation(table, classifier, name):
    assert classifier(activation=name, epochs=40).fit(table.X, table.words).score(table.X, table.words) > 0.75


@pytest.mark.sample(4)
@pytest.mark.parametrize("name", [*OPTIMIZERS, "lbfgs"])
def test_every_optimizer(table, classifier, name):
    rate = {"lbfgs": None, "sgd": 0.5, "momentum": 0.1, "nesterov": 0.1, "adagrad": 0.1, "radam": 0.1}.get(name, 0.01)
    model = classifier(optimizer=name, learning_rate=rate, epochs=40).fit(table.X, table.words)
    assert model.score(table.X, table.words) > 0.85
    assert model.history_["loss"][-1] < model.history_["loss"][0]


@pytest.mark.sample(4)
@pytest.mark.parametrize("name", list(SCHEDULES))
def test_every_schedule(table, classifier, name):
    model = classifier(schedule=name, epochs=20, early_stopping=True).fit(table.X, table.words)
    assert model.score(table.X, table.words) > 0.8
    assert len(set(model.history_["learning_rate"])) > 1 or name in ("constant", "reduce_on_plateau")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_precision_is_that_of_the_probabilities(table, classifier, dtype):
    model = classifier(dtype=dtype).fit(table.X, table.letters)
    assert model.predict_proba(table.X).dtype == dtype
    assert model.network_.parameters.dtype == dtype


# ------------------------------------------------------------------ the chance


def test_a_number_decides_everything_that_is_left_to_chance(table):
    def fit(state):
        return bits(
            NeuralClassifier(preset="mlp", epochs=5, early_stopping=True, random_state=state).fit(table.X, table.words)
        )

    assert fit(3) == fit(3) == fit(np.int64(3))
    assert fit(3) != fit(4)
    assert fit(np.random.RandomState(3)) == fit(np.random.RandomState(3))
    assert fit(None) != fit(None)


def test_a_generator_goes_on_from_fit_to_fit(table, classifier):
    model = classifier(random_state=np.random.RandomState(0))
    assert bits(model.fit(table.X, table.words)) != bits(model.fit(table.X, table.words))


# ------------------------------------------------------------------- going on


def test_warm_start_goes_on_from_the_last_weights(table, classifier):
    model = classifier(warm_start=True).fit(table.X, table.words)
    network, losses = model.network_, model.loss_curve_
    model.fit(table.X, table.words)
    assert model.network_ is network
    assert model.loss_curve_[:10] == losses
    assert model.loss_curve_[10] < losses[0] / 1.5
    assert model.history_["epoch"] == list(range(1, 21))
    assert model.n_iter_ == 20


def test_without_warm_start_a_fit_is_afresh(table, classifier):
    model = classifier().fit(table.X, table.letters)
    first = bits(model)
    model.notes_["target"] = "letters"
    model.fit(table.X[:, :2], table.words)
    assert model.classes_.tolist() == ["no", "yes"]
    assert (model.n_features_in_, model.n_iter_, model.notes_) == (2, 10, {})
    assert bits(model.fit(table.X, table.letters)) == first


def test_going_on_keeps_the_classes_and_the_encoding(table, classifier):
    model = classifier(warm_start=True).fit(table.X, table.letters)
    some = table.letters != "a"
    encoder = model.encoder_
    model.fit(table.X[some] + 100, table.letters[some])
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert model.encoder_ is encoder


def test_going_on_keeps_a_preset_chosen_by_another_size(table):
    model = NeuralClassifier(warm_start=True, epochs=1).fit(table.X[:90], table.words[:90])
    layers = model.network_.layers
    model.fit(np.repeat(table.X, 20, axis=0), np.repeat(table.words, 20))
    assert model.network_.layers == layers
    assert model.settings_["preset"] == "mlp"
    assert model.settings_["hidden_layers"] == (layers[0].units,)


def test_going_on_may_change_how_it_is_trained(table, classifier):
    model = classifier(warm_start=True).fit(table.X, table.words)
    model.set_params(learning_rate=0.5, optimizer="sgd", schedule="constant", epochs=2).fit(table.X, table.words)
    assert model.history_["learning_rate"][-2:] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_layers": (9,)}, "another hidden_layers, activation or dropout than"),
        ({"activation": "tanh"}, "another hidden_layers, activation or dropout than"),
        ({"dropout": 0.5}, "another hidden_layers, activation or dropout than"),
        ({"loss": "hinge"}, "another loss than"),
        ({"dtype": "float32"}, "another dtype than"),
    ],
)
def test_going_on_cannot_change_the_network(table, classifier, change, message):
    model = classifier(warm_start=True).fit(table.X, table.words)
    with pytest.raises(
        InputError, match=f"must keep the network unchanged. Received: {message}.* Set warm_start=False"
    ):
        model.set_params(**change).fit(table.X, table.words)
    assert model.set_params(warm_start=False).fit(table.X, table.words).n_iter_ == 10


def test_going_on_needs_the_same_columns_and_targets(table, classifier, regressor):
    model = classifier(warm_start=True).fit(table.X, table.words)
    with pytest.raises(InputError, match="X has 2 features"):
        model.fit(table.X[:, :2], table.words)
    with pytest.raises(InputError, match=r"among the classes \['no', 'yes'\]. Received: \['a', 'b', 'c'\]"):
        model.fit(table.X, table.letters)
    with pytest.raises(InputError, match="one class per row, as in training"):
        model.fit(table.X, table.answers)
    with pytest.raises(InputError, match="must have 1 columns, as in training. Received: 2"):
        regressor(warm_start=True).fit(table.X, table.number).fit(table.X, table.numbers)
    with pytest.raises(InputError, match="must have 3 columns of 0 and 1, as in training"):
        classifier(warm_start=True).fit(table.X, table.answers).fit(table.X, table.answers[:, :2])


# -------------------------------------------------------------------- in parts


def test_parts_are_epochs(table, classifier):
    model = classifier()
    for part in range(30):
        model.partial_fit(table.X, table.words)
        assert model.n_iter_ == part + 1
    assert model.score(table.X, table.words) > 0.85
    assert model.history_["epoch"] == list(range(1, 31))
    assert model.updaters_[0].t == 30 * -(-150 // model.settings_["batch_size"])
    assert model.history_["learning_rate"] == [0.02] * 30


def test_parts_are_the_same_as_one_training_at_a_constant_rate(table, classifier):
    whole = classifier(epochs=3, schedule="constant", early_stopping=False).fit(table.X, table.words)
    parts = classifier(schedule="constant")
    for _ in range(3):
        parts.partial_fit(table.X, table.words)
    assert bits(parts) == bits(whole)


def test_the_first_part_names_all_classes(table, classifier):
    only_a = table.letters == "a"
    model = classifier().partial_fit(table.X[only_a], table.letters[only_a], classes=["c", "b", "a"])
    model.partial_fit(table.X, table.letters)
    assert model.classes_.tolist() == ["a", "b", "c"]
    model.partial_fit(table.X, table.letters, classes=["a", "b", "c"])
    with pytest.raises(InputError, match="`classes` must be the same in every call"):
        model.partial_fit(table.X, table.letters, classes=["a", "b"])
    with pytest.raises(InputError, match=r"among the classes \['a', 'b'\]. Received: \['c'\]"):
        classifier().partial_fit(table.X, table.letters, classes=["a", "b"])


def test_parts_of_several_answers(table, classifier):
    model = classifier()
    for _ in range(40):
        model.partial_fit(table.X, table.answers, classes=[0, 1])
    assert (model.predict(table.X) == table.answers).mean() > 0.85


def test_parts_with_weights(table, classifier):
    only_a = table.letters == "a"
    model = classifier(class_weight="balanced")
    model.partial_fit(
        table.X[only_a], table.letters[only_a], classes=["a", "b", "c"], sample_weight=np.ones(only_a.sum())
    )
    assert model.n_iter_ == 1


def test_a_fit_goes_on_in_parts_and_the_other_way_round(table, regressor):
    model = regressor().fit(table.X, table.number).partial_fit(table.X, table.number)
    assert model.n_iter_ == 11
    assert model.fit(table.X, table.number).n_iter_ == 10


def test_no_weight_decay_goes_with_lbfgs(table, regressor):
    """A search over decays has a 0 among them."""
    given = {"optimizer": "lbfgs", "learning_rate": None, "epochs": 3}
    plain, zero = (regressor(**given, weight_decay=decay).fit(table.X, table.number) for decay in (None, 0.0))
    assert (plain.network_.parameters == zero.network_.parameters).all()
    with pytest.raises(InputError, match="does not support `weight_decay`. Received: 0.1"):
        regressor(**given, weight_decay=0.1).fit(table.X, table.number)


def test_lbfgs_has_no_parts(regressor, classifier):
    assert hasattr(regressor(optimizer="adam"), "partial_fit")
    assert not hasattr(regressor(optimizer="lbfgs"), "partial_fit")
    assert not hasattr(classifier(optimizer="lbfgs"), "partial_fit")


def test_a_part_that_diverges_does_not_spoil_the_rest(table, regressor):
    model = regressor(optimizer="momentum").partial_fit(table.X, table.number)
    before = bits(model)
    with pytest.raises(DivergenceError):
        model.set_params(learning_rate=1e300).partial_fit(table.X, table.number)
    assert bits(model) == before
    assert model.n_iter_ == 1
    assert model.updaters_ is None
    model.set_params(learning_rate=0.02).partial_fit(table.X, table.number)
    assert np.isfinite(model.predict(table.X)).all()


# ------------------------------------------------------------ after a failure


@pytest.mark.parametrize(
    ("change", "data", "kind"),
    [
        ({"learning_rate": -1}, lambda t: (t.X, t.letters), InputError),
        ({"optimizer": "admm"}, lambda t: (t.X, t.letters), InputError),
        ({"loss": "mse"}, lambda t: (t.X, t.letters), InputError),
        ({"callbacks": print}, lambda t: (t.X, t.letters), InputTypeError),
        ({}, lambda t: (t.X[:0], t.letters[:0]), InputError),
        ({}, lambda t: (t.X, t.letters[:-1]), InputError),
        ({}, lambda t: (np.where(t.X > 2, np.inf, t.X), t.letters), InputError),
        ({"hidden_layers": [Dense(3, max_norm=1)], "optimizer": "lbfgs", "learning_rate": None},
         lambda t: (t.X, t.letters), InputError),
    ],
)  # fmt: skip
def test_a_failed_fit_leaves_the_estimator_as_it_was(table, classifier, change, data, kind):
    model = classifier().fit(table.X, table.words)
    before, state = model.predict_proba(table.X), dict(vars(model))
    with pytest.raises(kind):
        model.set_params(**change).fit(*data(table))
    assert {**vars(model), **{name: state[name] for name in change}} == state
    assert model.classes_.tolist() == ["no", "yes"]
    assert (model.predict_proba(table.X) == before).all()
    fresh = classifier(**change)
    with pytest.raises(kind):
        fresh.fit(*data(table))
    with pytest.raises(NotFittedError, match="not fitted"):
        fresh.predict(table.X)


def test_what_is_not_fitted_has_nothing(classifier, regressor, table):
    for model in (classifier(), regressor()):
        for name in ("classes_", "n_features_in_", "feature_names_in_", "loss_curve_", "validation_curve_", "n_iter_"):
            assert not hasattr(model, name)
        with pytest.raises(NotFittedError):
            model.predict(table.X)


def test_an_interrupted_fit_is_a_fit(table, classifier):
    class Interrupt:
        def on_batch_end(self, run):
            if (run.epoch, run.step) == (4, 1):
                raise KeyboardInterrupt

    model = classifier(callbacks=[Interrupt()], early_stopping=True).fit(table.X, table.words)
    assert model.history_.ended == "interrupted"
    assert model.n_iter_ == 3
    assert model.history_.best_epoch in (1, 2, 3)
    assert model.predict(table.X).shape == (150,)


def test_an_interrupt_of_the_calibration_loses_no_training(table, classifier, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    model = classifier(calibration="temperature", early_stopping=True)
    monkeypatch.setattr("glassnet.estimators.ensemble_training.temperatures_of_members", interrupt)
    model.fit(table.X, table.words)
    assert model.history_.ended == "interrupted"
    assert model.temperature_ == 1.0
    assert model.predict(table.X).shape == (150,)


def test_a_fit_works_on_a_copy_so_callbacks_see_the_estimator_as_it_was(table, classifier):
    """Whenever a fit fails, there is nothing to restore."""
    seen = []

    class Looks:
        def on_epoch_end(self, run):
            seen.append(set(vars(model)))

    model = classifier(epochs=1)
    model.set_params(callbacks=[Looks()])
    before = set(vars(model))
    model.fit(table.X, table.words)
    assert seen == [before]
    assert set(vars(model)) > before


# -------------------------------------------------------------- being an object


def test_it_can_be_cloned_and_pickled(table, classifier):
    options = {"hidden_layers": [4, Dropout(0.1)], "class_weight": {"yes": 2}, "verbose": True}
    model = classifier(**options).fit(table.X, table.words)
    copy = pickle.loads(pickle.dumps(model))
    assert (copy.predict_proba(table.X) == model.predict_proba(table.X)).all()
    assert copy.history_.to_dict() == model.history_.to_dict()
    assert bits(copy.partial_fit(table.X, table.words)) == bits(model.partial_fit(table.X, table.words))
    twin = clone(model)
    assert not hasattr(twin, "network_")
    assert {**twin.get_params(), "hidden_layers": None} == {**model.get_params(), "hidden_layers": None}
    assert "NeuralClassifier" in model._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize("unit", [2.0**-1070, 2.0**1020], ids=["tiny", "huge"])
def test_weights_may_be_in_any_unit(table, classifier, regressor, unit):
    weight = np.arange(150.0) % 4
    X = np.column_stack([table.X, 1e9 * np.arange(150)])  # whose squares, weighted, would leave float64
    options = {"preset": "mlp", "members": 2, "epochs": 2, "validation_fraction": 0.2}
    for model, y in (classifier(**options), table.letters), (regressor(**options), table.number):
        usual = model.fit(X, y, weight).raw_outputs(model.encoder_.transform(X))
        model.fit(X, y, weight * unit)
        np.testing.assert_array_equal(model.raw_outputs(model.encoder_.transform(X)), usual)
        assert model.evaluate(X, y, weight * unit) == model.evaluate(X, y, weight)


@pytest.mark.parametrize("weighted", [False, True])
def test_rows_are_judged_as_epochs_are(table, classifier, regressor, weighted):
    weight = np.arange(150.0) % 4 + 1 if weighted else None
    for model, y in (
        (classifier(class_weight={"no": 3}), table.words),
        (classifier(scoring="f1"), table.words),
        (classifier(), table.letters),
        (classifier(loss="hinge"), table.yes),
        (classifier(), table.answers),
        (regressor(), table.number),
        (regressor(scoring="r2"), table.numbers),
        (regressor(loss="quantile(levels=(0.1, 0.9))"), table.number),
        (regressor(loss="poisson"), table.counts),
    ):
        model.set_params(calibration="none", early_stopping=True)
        model.fit(table.X, y, validation_data=(table.X, y, weight))
        measured = model.validation_curve_[model.history_.best_epoch - 1]
        assert model.evaluate(table.X, y, weight) == pytest.approx(measured, rel=1e-5)


@pytest.mark.parametrize("scoring", ["f1_macro", "roc_auc_ovr", "neg_log_loss", "balanced_accuracy", "top_k_accuracy"])
def test_a_score_of_several_classes_is_taken(scoring):
    check_scoring(scoring, ClassTargets(np.array(["a", "b", "c", "d"])))


def test_several_are_judged_by_what_they_answer_together(table, classifier):
    model = classifier(members=3, calibration="temperature").fit(table.X, table.words)
    assert model.evaluate(table.X, table.words) == pytest.approx(log_loss(table.words, model.predict_proba(table.X)))


@pytest.mark.parametrize("wrong", [np.nan, "abc"])
@pytest.mark.parametrize("place", ["y", "sample_weight"])
def test_a_wrong_entry_is_shown_with_its_row_and_without_all_others(place, wrong):
    given = {"y": np.arange(30.0), "sample_weight": np.ones(30)}
    given[place] = given[place].astype(object)
    given[place][7] = wrong
    with pytest.raises(InputError, match=rf"Received: {wrong!r} in row 7\."):
        NeuralRegressor().fit(np.ones((30, 1)), **given)


def test_integers_that_float64_cannot_tell_apart_are_said_to_be_such():
    X = np.arange(40, dtype="uint64")[:, None] + np.uint64(2**63)
    with pytest.raises(InputError, match="beyond 2\\^53.*Received: columns x0"):
        NeuralRegressor().fit(X, np.arange(40.0))


def test_the_product_of_matrices_is_compiled_while_the_table_is_encoded(monkeypatch):
    begun = threading.Event()
    encode = TableEncoder.fit

    def encode_after_it_has_begun(*arguments, **options):
        assert begun.wait(30)
        return encode(*arguments, **options)

    monkeypatch.setattr(engine, "product", lambda precision: begun.set())
    monkeypatch.setattr(TableEncoder, "fit", encode_after_it_has_begun)
    NeuralRegressor(hidden_layers=(2,), epochs=1, members=1).fit(np.eye(30), np.arange(30.0))
    assert begun.is_set()
