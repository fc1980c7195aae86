import math

import pytest

from benchmarks.accuracy.comparison import compare, fields, geometric_mean, joined, mean_ratio, ranks, ratio, wins


def figures(error, log_loss=0.5, test_rows=100):
    return {
        "error": error,
        "accuracy": 1 - error,
        "log_loss": log_loss,
        "roc_auc": 0.9,
        "calibration_error": 0.1,
        "test_rows": test_rows,
        "fit_seconds": 2.0,
        "predict_seconds": 0.5,
    }


def numbers(rmse):
    return {"error": rmse, "rmse": rmse, "test_rows": 100, "fit_seconds": 2.0, "predict_seconds": 0.5}


def test_the_best_has_rank_one_and_equals_share_their_places():
    assert ranks([3.0, 1.0, 2.0]) == [3, 1, 2]
    assert ranks([1.0, 1.0, 1.0, 9.0]) == [2, 2, 2, 4]


def test_a_solved_table_counts_as_half_a_wrong_row():
    assert ratio(figures(0.0), figures(0.02), "error") == pytest.approx(0.25)
    assert ratio(figures(0.0), figures(0.0), "error") == 1


def test_the_floor_of_log_loss_is_a_hundredth():
    assert ratio(figures(0.1, log_loss=1e-5), figures(0.1, log_loss=0.02), "log_loss") == pytest.approx(0.5)


def test_small_errors_of_numbers_have_no_such_floor():
    assert ratio(numbers(1e-4), numbers(4e-4), "error") == pytest.approx(0.25)


def test_the_mean_of_ratios_is_that_of_their_logarithms():
    assert geometric_mean([0.5, 2.0]) == pytest.approx(1.0)
    assert geometric_mean([]) is None


def test_ratios_and_wins_count_only_tables_that_both_have():
    results = {
        "one": {"ours": figures(0.1), "other": figures(0.2)},
        "two": {"ours": figures(0.3), "other": figures(0.3)},
        "three": {"ours": figures(0.3), "other": figures(0.1)},
        "alone": {"ours": figures(0.9)},
        "numbers": {"ours": numbers(1.0), "other": numbers(4.0)},
    }
    assert wins(results, "ours", "other", "error") == [2, 1, 1]
    assert wins(results, "ours", "other", "log_loss") == [0, 3, 0]
    assert mean_ratio(results, "ours", "other", "error") == pytest.approx((0.5 * 1 * 3 * 0.25) ** 0.25)
    assert mean_ratio(results, "ours", "other", "rmse") == pytest.approx(0.25)
    assert mean_ratio(results, "ours", "nobody", "error") is None


def test_who_has_few_tables_does_not_take_them_from_the_others():
    both = {"fast": figures(0.1), "good": figures(0.1)}
    results = {str(number): dict(both) for number in range(9)} | {"last": both | {"slow": figures(0.1)}}
    assert fields(results, ["slow", "fast", "good", "absent"]) == [["fast", "good"], ["fast", "good", "slow"]]
    assert fields({}, ["fast"]) == []


def test_all_are_compared_on_the_tables_that_all_have():
    results = {
        "one": {"base": figures(0.2), "ours": figures(0.1)},
        "two": {"base": figures(0.1), "ours": figures(0.2)},
        "numbers": {"base": numbers(2.0), "ours": numbers(1.0)},
        "alone": {"base": figures(0.5)},
    }
    found = compare(results, ["base", "ours"], "base")
    assert found["tables"] == ["one", "two", "numbers"]
    ours = found["models"]["ours"]
    assert ours["rank"] == pytest.approx(4 / 3)
    assert ours["error"] == pytest.approx((0.5 * 2 * 0.5) ** (1 / 3))
    assert ours["class_error"] == pytest.approx(1.0)
    assert ours["rmse"] == pytest.approx(0.5)
    assert ours["fit_seconds"] == pytest.approx(6.0)
    assert ours["predicted_rows"] == pytest.approx(300 / 1.5)
    assert found["models"]["base"]["error"] == pytest.approx(1.0)


def test_a_comparison_without_a_common_table_has_no_figures():
    found = compare({"one": {"base": figures(0.2)}, "two": {"ours": figures(0.1)}}, ["base", "ours"], "base")
    assert found["tables"] == []
    assert found["models"]["ours"]["rank"] is None


def test_bars_join_the_longest_runs_within_reach():
    assert joined([1.0, 1.4, 1.8, 3.5], reach=1.0) == [(0, 2)]
    assert joined([1.0, 3.0, 5.0], reach=1.0) == []
    assert joined([1.0, 1.8, 2.6], reach=1.0) == [(0, 1), (1, 2)]
    assert joined([1.0, 2.0], reach=math.inf) == [(0, 1)]
