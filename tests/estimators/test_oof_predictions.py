"""What members predict for training rows that they have not seen."""

import numpy as np
import pytest

from glassnet import NeuralClassifier, NeuralRegressor, load, save
from glassnet.estimators.held_out import mean_by_row

SMALL = {"hidden_layers": (8,), "epochs": 4, "preset": "mlp", "random_state": 0}


def parts(rows, folds):
    """Folds as pairs of row numbers."""
    fold_of = np.arange(rows) % folds
    return [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds)]


def test_each_row_is_predicted_by_the_member_that_has_not_seen_it(table):
    folds = parts(len(table.X), 3)
    model = NeuralClassifier(**SMALL, cv=folds, members=3, calibration="none").fit(table.X, table.letters)
    for network, (_, held) in zip(model.networks_, folds, strict=True):
        expected = network.predict(model.encoder_.transform(table.X[held]))
        np.testing.assert_allclose(model.oof_predictions_[held], expected, rtol=1e-6)


def test_a_row_that_several_members_have_not_seen_has_their_mean(table):
    folds = parts(len(table.X), 2)
    model = NeuralRegressor(**SMALL, cv=folds, members=4).fit(table.X, table.numbers)
    held, encoded = folds[1][1], model.encoder_.transform(table.X[folds[1][1]])
    each = [model.targets_.decode(network.predict(encoded), network.loss) for network in model.networks_[1::2]]
    np.testing.assert_allclose(model.oof_predictions_[held], np.mean(each, axis=0), rtol=1e-5)


def test_members_of_more_weight_count_more(table):
    folds, kinds = parts(len(table.X), 2), ({"epochs": 1}, {"epochs": 12})
    model = NeuralRegressor(**SMALL, cv=folds, members=4, kinds=kinds).fit(table.X, table.numbers)
    held, encoded = folds[0][1], model.encoder_.transform(table.X[folds[0][1]])
    each = [model.targets_.decode(network.predict(encoded), network.loss) for network in model.networks_[:2]]
    assert model.weights_ is not None
    expected = np.average(each, axis=0, weights=model.weights_[:2])
    np.testing.assert_allclose(model.oof_predictions_[held], expected, rtol=1e-5)


def test_with_one_validation_split_its_rows_have_the_prediction_of_the_model(table):
    model = NeuralClassifier(**SMALL, early_stopping=True, calibration="temperature").fit(table.X, table.letters)
    held = ~np.isnan(model.oof_predictions_[:, 0])
    assert 0 < held.sum() < len(table.X) / 4
    np.testing.assert_allclose(model.oof_predictions_[held], model.predict_proba(table.X[held]), atol=1e-6)


def learned_by_heart(table):
    """Members that have learned three classes, dealt out at random, by heart, and the rows that they have not seen."""
    y, epoch = np.random.default_rng(1).permutation(table.letters), iter(range(1000))
    settings = SMALL | {"hidden_layers": (64,), "epochs": 100, "learning_rate": 0.05, "members": 3}
    folds = parts(len(table.X), 3)
    settings |= {"scoring": lambda estimator, X, y: next(epoch), "cv": folds}  # the last epoch is kept
    return NeuralClassifier(**settings, calibration="temperature").fit(table.X, y), y, folds


def test_probabilities_of_folds_are_calibrated(table):
    model, _, folds = learned_by_heart(table)
    for network, (_, held) in zip(model.networks_, folds, strict=True):
        raw = network.predict(model.encoder_.transform(table.X[held]))
        assert model.oof_predictions_[held].max(axis=1).mean() < raw.max(axis=1).mean() - 0.1
        np.testing.assert_array_equal(model.oof_predictions_[held].argmax(axis=1), raw.argmax(axis=1))


def test_with_permuted_targets_the_predictions_are_no_better_than_chance(table):
    model, y, _ = learned_by_heart(table)
    share = np.unique(y, return_counts=True)[1].max() / len(y)
    assert np.mean(model.predict(table.X) == y) > share + 0.2
    right = np.mean(model.classes_[model.oof_predictions_.argmax(axis=1)] == y)
    assert right < share + 3 * np.sqrt(share * (1 - share) / len(y))


def test_refitted_members_do_not_count(table):
    folds = {"early_stopping": True, "validation_fraction": 0.5, "calibration": "none"}
    model = NeuralClassifier(**SMALL, **folds, members=3, refits=1).fit(table.X, table.letters)
    assert model.settings_["refits"] == 1
    assert not np.isnan(model.oof_predictions_).any()
    encoded = model.encoder_.transform(table.X)
    judged = [network.predict(encoded) for network in model.networks_[:2]]
    one_of_both = np.isclose(judged, model.oof_predictions_, atol=1e-6).all(axis=2)
    assert one_of_both.any(axis=0).all()


def test_predictions_are_in_the_order_of_the_given_rows_and_rows_of_weight_0_have_none(table):
    weight = np.ones(len(table.X))
    weight[::7] = 0
    model = NeuralRegressor(**SMALL, cv=3, members=3).fit(table.X, table.numbers, sample_weight=weight)
    left = np.flatnonzero(weight)
    alone = NeuralRegressor(**SMALL, cv=3, members=3).fit(table.X[left], table.numbers[left])
    assert np.isnan(model.oof_predictions_[::7]).all()
    np.testing.assert_array_equal(model.oof_predictions_[left], alone.oof_predictions_)


def test_quantiles_have_a_column_each(table):
    loss = "quantile(levels=(0.1, 0.5, 0.9))"
    model = NeuralRegressor(**SMALL, loss=loss, cv=3, members=3).fit(table.X, table.numbers)
    assert model.oof_predictions_.shape == model.predict(table.X).shape
    assert model.oof_predictions_.dtype == np.float32


def test_without_probabilities_they_are_scores(table):
    model = NeuralClassifier(**SMALL, loss="hinge", cv=3, members=3).fit(table.X, table.words)
    assert model.oof_predictions_.shape == model.decision_function(table.X).shape


def held_out(table, **options):
    return NeuralClassifier(**SMALL, **options, early_stopping=True)


WITHOUT = {
    "no row was held out": lambda table: NeuralClassifier(**SMALL).fit(table.X, table.words),
    "other rows judged": lambda table: held_out(table).fit(
        table.X, table.words, validation_data=(table.X, table.words)
    ),
    "members were pruned": lambda table: (
        NeuralClassifier(**SMALL, cv=2, members=2).fit(table.X, table.words).prune(1, table.X, table.words)
    ),
    "more rows were learned": lambda table: held_out(table).fit(table.X, table.words).partial_fit(table.X, table.words),
}


@pytest.mark.parametrize("fitted", WITHOUT.values(), ids=WITHOUT)
def test_there_are_none_where(fitted, table):
    model = fitted(table)
    with pytest.raises(AttributeError, match="cv=5"):
        model.oof_predictions_  # noqa: B018


def test_a_saved_file_does_not_hold_them(table, tmp_path):
    model = held_out(table).fit(table.X, table.words)
    save(model, tmp_path / "model.safetensors")
    assert hasattr(model, "oof_predictions_")
    assert not hasattr(load(tmp_path / "model.safetensors"), "oof_predictions_")


def test_means_by_row_count_by_weight():
    both = [(np.array([1, 0]), np.array([[4.0], [1.0]]), 1.0), (np.array([1]), np.array([[7.0]]), 2.0)]
    np.testing.assert_array_equal(mean_by_row(3, both), np.array([[1.0], [6.0], [np.nan]], np.float32))
