"""The playground's lessons: each can be solved, none is solved before it has begun, and all its words are there."""

from __future__ import annotations

import pytest

from tests.web.test_session import hidden, node

TANH = [hidden(units=4), hidden(units=4)]
SIX = [hidden("relu", units=6, skip=True) for _ in range(6)]

# What a reader might do, stage by stage: other choices, weights set by hand, and so many epochs at most.
SOLUTIONS = {
    "line": [{"epochs": 100}],
    "byHand": [{"set": [-1, -1, 0]}],
    "bend": [{"epochs": 20}, {"part": {"hidden": [hidden(units=4)]}, "epochs": 300}],
    "derived": [{"part": {"inputs": ["x1^2", "x2^2"]}, "epochs": 300}],
    "rings": [{"part": {"hidden": [hidden(units=4)]}, "epochs": 1000}],
    "rate": [{"epochs": 10}, {"part": {"rate": 1}, "epochs": 100}],
    "diverge": [{"part": {"rate": 10}, "epochs": 50}, {"part": {"rate": 0.1}, "epochs": 1000}],
    "optimizer": [{"part": {"optimizer": "adam"}, "epochs": 150}],
    "alike": [{"part": {"initializer": "auto"}, "epochs": 300}],
    "vanish": [
        {"part": {"hidden": [hidden("sigmoid", units=6)] * 6}, "epochs": 5},
        {"part": {"hidden": [hidden("relu", units=6), *SIX[1:]]}, "epochs": 300},
    ],
    "dead": [{"part": {"rate": 3}, "epochs": 100}, {"part": {"rate": 0.1}, "epochs": 1000}],
    "overfit": [{"epochs": 2000}, {"part": {"penalty": "l2", "strength": 0.03}, "epochs": 100}],
    "mistake": [{"part": {"forgotten": 0}}, {"epochs": 300}],
    "settle": [{"part": {"schedule": "cosine"}, "epochs": 60}],
    "spiral": [
        {
            "part": {
                "hidden": TANH,
                "optimizer": "adam",
                "inputs": ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin 2x1", "sin 2x2"],
            },
            "epochs": 1500,
        }
    ],
}


@pytest.fixture(scope="module")
def described():
    (found,) = node("lessons", {})
    return found


@pytest.fixture(scope="module")
def solved():
    found = node("lesson", *({"lesson": name, "stages": stages} for name, stages in SOLUTIONS.items()))
    return dict(zip(SOLUTIONS, found, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", SOLUTIONS)
def test_each_lesson_can_be_solved_and_is_not_solved_at_its_start(solved, name):
    assert not solved[name]["begins"]
    for stage in solved[name]["stages"]:
        assert stage["met"], stage
    assert solved[name]["stages"][-1]["last"]


@pytest.mark.slow
def test_where_something_must_be_changed_training_alone_is_not_enough(described):
    """Whoever has come to a stage and only trains on does not solve it, if a reader must change something there."""
    changes = {"part", "set"}
    asked = [(name, k) for name, stages in SOLUTIONS.items() for k, one in enumerate(stages) if changes & set(one)]
    found = node("lesson", *({"lesson": name, "stages": [*SOLUTIONS[name][:k], {"epochs": 60}]} for name, k in asked))
    for (name, k), one in zip(asked, found, strict=True):
        assert not one["stages"][k]["met"], (name, k, one)


def test_there_are_a_dozen_lessons_and_each_has_a_solution(described):
    assert len(described["lessons"]) >= 12
    assert set(described["lessons"]) == set(SOLUTIONS)


def test_all_words_of_all_lessons_are_there(described):
    assert set(described["words"]) == set(described["conditions"])
    for lesson in described["lessons"].values():
        assert len(lesson["goals"]) == len(lesson["stages"])
        assert all([lesson["title"], lesson["after"], *lesson["goals"], *lesson["hints"]])
