"""What the report says of the network beside a simple model: better, worse, or that nobody can tell."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from glassnet.insight.predicted import Predicted
from glassnet.insight.report.sections.overview import at_a_glance
from glassnet.insight.report.subject import Origin, Subject


def subject(ours, theirs, language="en"):
    """A subject of 400 rows with errors of two sizes."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=400)
    network, simple = (Predicted(y + size * rng.normal(size=400)) for size in (ours, theirs))
    return Subject(
        SimpleNamespace(), None, y, None, [], network, {"ridge regression": simple}, False, None, Origin(), language
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "english", "chinese"),
    [
        (0.5, 1.0, "It is better than ridge regression", "它优于岭回归"),
        (1.0, 0.5, "It is worse than ridge regression", "它不如岭回归"),
        (1.0, 1.0, "Whether it is better than ridge regression cannot be told", "它是否优于岭回归，从这些行看不出来"),
    ],
)
def test_the_verdict_follows_the_interval_of_the_difference(ours, theirs, english, chinese):
    assert english in at_a_glance(subject(ours, theirs))
    assert chinese in at_a_glance(subject(ours, theirs, "zh"))


def test_a_difference_has_the_sign_that_readers_expect():
    found = subject(0.5, 1.0)
    ours, theirs = (found.scores[name]["rmse"] for name in ("network", "ridge regression"))
    assert f"The difference, −{theirs - ours:.4g}, is more than chance" in at_a_glance(found)
