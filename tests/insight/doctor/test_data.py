"""The rows: their scale, their classes, their repetitions, and training and validation rows that are not alike."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from glassnet import NeuralClassifier, NeuralRegressor, diagnose
from glassnet.insight.doctor.row_checks import named_few

# ----------------------------------------------------------------------------------------------------- data


def test_inputs_of_another_size_are_named(network, rows, found):
    X = rows * [1.0, 1.0, 400.0]
    finding = found("unscaled_inputs", network(3, [1]), X)
    assert (finding.evidence["column"], finding.evidence["count"], finding.evidence["columns"]) == ("x2", 1, 3)
    assert finding.evidence["size"] == pytest.approx(400 * np.sqrt((rows[:, 2] ** 2).mean()))
    frame = pd.DataFrame(X, columns=["age", "size", "price"])
    assert found("unscaled_inputs", network(3, [1]), frame).evidence["column"] == "price"
    assert found("unscaled_inputs", network(3, [1]), rows) is None
    assert found("unscaled_inputs", network(3, [1]), rows * 1e-5).evidence["count"] == 3
    assert found("unscaled_inputs", network(3, ["batch_norm", 1]), X) is None


def test_targets_of_another_size_are_named(network, rows, found):
    finding = found("unscaled_target", network(3, [1]), rows, np.full(300, -250.0))
    assert finding.evidence["size"] == pytest.approx(250)
    assert found("unscaled_target", network(3, [1]), rows, rows[:, 0]) is None
    assert found("unscaled_target", network(3, [1], "poisson"), rows, np.full(300, 250.0)) is None


def test_a_rare_class_is_a_fact(network, rows, found):
    y = (np.arange(300) < 6).astype(int)
    finding = found("imbalance", network(3, [1], "binary_cross_entropy"), rows, y)
    assert finding.severity == "note"
    assert finding.evidence["counts"] == {"0": 294, "1": 6}
    assert "1 has 2.00% of the rows (6 of 300)" in finding.what
    assert "right on 98.00%" in finding.reason
    assert found("imbalance", network(3, [1], "binary_cross_entropy"), rows, np.arange(300) % 2) is None


def test_of_many_classes_each_is_rare(network, rows, found):
    assert found("imbalance", network(3, [30], "cross_entropy"), rows, np.arange(300) % 30) is None


def test_a_class_that_is_never_answered(network, rows, found):
    stubborn = network(3, [3], "cross_entropy")
    stubborn["1.W"][...], stubborn["1.b"][...] = 0.0, [1.0, 0.0, -1.0]
    y = np.repeat([0, 1, 2], [200, 95, 5])
    finding = found("class_never_answered", stubborn, rows, y)
    assert finding.evidence["which"] == ["1"]  # of class 2 too few rows to say
    assert finding.evidence["count"] == 95
    fair = network(3, [3], "cross_entropy")
    fair["1.W"][...] = 3 * np.eye(3)
    assert found("class_never_answered", fair, rows, rows.argmax(axis=1)) is None


def test_of_several_classes_that_are_never_answered_their_number_is_said_and_the_first(network, rows, found):
    """In the order of the classes, whichever has the most rows of a sample."""
    stubborn = network(3, [8], "cross_entropy")
    stubborn["1.W"][...], stubborn["1.b"][...] = 0.0, -np.arange(8.0)
    for counts in ([100, *(20 + np.arange(7)), 39], [100, *(26 - np.arange(7)), 39]):
        y = np.repeat([*range(8), 0], counts)
        finding = found("class_never_answered", stubborn, rows, y)
        assert "never predicts 7 of the 8 classes (1, 2, 3, 4, 5 and 2 more), though 161 of 300 rows" in finding.what
        assert "等 7 类" in finding.spoken("zh").what


@pytest.mark.slow
def test_rows_on_both_sides_are_counted(network, rows, found):
    y = rows[:, 0]
    judged = np.vstack([rows[:20], rows[20:100] + 1])
    finding = found("duplicates", network(3, [1]), rows, y, validation_data=(judged, y[:100]))
    assert (finding.severity, finding.evidence["count"], finding.evidence["rows"]) == ("warning", 20, 100)
    other_target = found("duplicates", network(3, [1]), rows, y, validation_data=(rows[:100], y[:100] + 1))
    assert other_target is None


def test_rows_that_occur_twice_are_counted(network, rows, found):
    X, y = np.vstack([rows, rows[:30]]), np.append(rows[:, 0], rows[:30, 0])
    finding = found("duplicates", network(3, [1]), X, y)
    assert (finding.severity, finding.evidence["count"], finding.evidence["rows"]) == ("note", 60, 330)
    assert found("duplicates", network(3, [1]), rows, rows[:, 0]) is None


def test_many_columns_are_named_shortly():
    named = named_few(list("abcdefg"))
    assert (named, named.say("zh")) == ("a, b, c, d, e and 2 more", "a、b、c、d、e 等 7 列")


def test_an_estimator_needs_no_scaling(network):
    from glassnet import NeuralRegressor

    X = np.arange(60.0)[:, None] * 1000
    model = NeuralRegressor(preset="mlp", epochs=2, hidden_layers=(4,)).fit(X, X[:, 0])
    diagnosis = diagnose(model, X, X[:, 0])
    skipped = [*diagnosis.skipped]
    assert ("input scale", "estimators scale them automatically") in skipped


def test_a_class_that_a_threshold_lets_be_answered_is_answered(rows, found):
    y = np.where(rows[:, 0] > 1.5, "rare", "usual")
    model = NeuralClassifier(hidden_layers=(), preset="mlp", epochs=1, random_state=0).fit(rows, y)
    model.decision_threshold_ = 1.0
    assert found("class_never_answered", model, rows, y).evidence["which"] == ["'rare'"]
    model.decision_threshold_ = 0.0
    assert found("class_never_answered", model, rows, y).evidence["which"] == ["'usual'"]


# ---------------------------------------------------------------------------------------------------- drift


SAME = np.random.default_rng(5).normal(size=(200, 3))


def test_a_column_that_moved_is_named(network, rows, found):
    moved = SAME + np.array([0.0, 1.5, 0.0])
    finding = found("drift", network(3, [1]), rows, rows[:, 0], validation_data=(moved, moved[:, 0]))
    assert list(finding.evidence["distances"]) == ["x1"]
    assert finding.evidence["distance"] == pytest.approx(0.55, abs=0.1)
    assert finding.evidence["auc"] > 0.75


def test_rows_of_one_kind_are_alike(network, rows, found):
    assert found("drift", network(3, [1]), rows, rows[:, 0], validation_data=(SAME, SAME[:, 0])) is None


@pytest.mark.slow
def test_many_columns_raise_no_false_alarm(network, found):
    rng = np.random.default_rng(0)
    X, other = rng.normal(size=(300, 100)), rng.normal(size=(300, 100))
    assert found("drift", network(100, [1]), X, X[:, 0], validation_data=(other, other[:, 0])) is None


def test_what_only_all_columns_together_tell(network, found):
    rng = np.random.default_rng(0)
    X, other = rng.normal(size=(1000, 2)), rng.normal(size=(1000, 2))
    X[:, 1], other[:, 1] = X[:, 0] + 0.1 * X[:, 1], -other[:, 0] + 0.1 * other[:, 1]
    finding = found("drift", network(2, [1]), X, X[:, 0], validation_data=(other, other[:, 0]))
    assert finding.evidence["distances"] == {}
    assert finding.evidence["auc"] > 0.9
    assert "no single column" in finding.what


def test_a_handful_of_rows_cannot_be_compared(network, rows):
    diagnosis = diagnose(network(3, [1]), rows, rows[:, 0], validation_data=(SAME[:9], SAME[:9, 0]))
    assert ("training/validation drift", "too few rows") in [*diagnosis.skipped]


def drift_of_cities(cities, later):
    """What is found where one column is a category."""
    rng = np.random.default_rng(0)
    table, other = (pl.DataFrame({"age": rng.normal(size=len(names)), "city": names}) for names in (cities, later))
    options = {"hidden_layers": (4,), "epochs": 1, "max_one_hot": 8, "engine": "reference"}
    model = NeuralRegressor(preset="mlp", random_state=0, **options)
    model.fit(table, table["age"])
    return model.diagnose(table, table["age"], validation_data=(other, other["age"])).findings_of("drift")


def test_identifiers_do_not_make_rows_drawn_at_random_unlike():
    names = np.random.default_rng(1).permutation([f"K{number // 2:04}" for number in range(600)])
    assert not drift_of_cities(names[:400], names[400:])


@pytest.mark.slow
def test_levels_that_just_missed_a_code_of_their_own_do_not_make_rows_drawn_at_random_unlike():
    names = [f"C{number:04}" for number in np.random.default_rng(0).integers(0, 1500, 8000)]  # 1,000 have one
    assert not drift_of_cities(names[:6400], names[6400:])


def test_frequent_levels_that_changed_are_found():
    cities = np.random.default_rng(1).choice([f"C{number:02}" for number in range(40)], 900)
    (finding,) = drift_of_cities(cities[:800], np.sort(cities[800:])[::-1][:60])
    assert list(finding.evidence["distances"]) == ["city"]
