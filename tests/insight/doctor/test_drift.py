"""Training and validation rows that are not alike."""

import numpy as np
import polars as pl
import pytest

from glassnet import NeuralRegressor, diagnose

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
