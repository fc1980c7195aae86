"""The option `predict_limit`: as many members as predict within a time, measured before they are trained.

The time does not depend on weights, so untrained networks show it. It depends on the machine, and so does then the
number of members; everything else is as if that number had been given.
"""

from __future__ import annotations

import copy
import math
import re
import timeit
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from glassnet.errors import InputError, InputTypeError, shown
from glassnet.support.language import Text
from glassnet.tables import row_count, take
from glassnet.tables.opened_table import OpenedTable

if TYPE_CHECKING:
    from glassnet.estimators.base import NeuralEstimator

UNITS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6}
"""The seconds of each unit of time; there are two characters for micro."""
WRITTEN: Final = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)\s*(/?)\s*(s|[muµμ]s)")
BATCH: Final = 10_000
"""The rows of the batch of which a rate is measured."""
MOST_CELLS: Final = 10_000_000
"""The batch has no more cells, and fewer rows for it."""
SINGLE: Final = 4
"""The rows that are predicted one by one: rows with texts take different times."""
SHORTEST: Final = 0.001
"""The least number of seconds of a repetition: far above the resolution of clocks, below a turn of other processes."""
LONGEST: Final = 0.5
"""The seconds after which three repetitions are enough."""
REPETITIONS: Final = 50
"""The repetitions that fit into less."""
clock = timeit.default_timer


class PredictLimit(NamedTuple):
    """A limit as it is given: the time of a row that is predicted alone, or rows per second of a long table.

    Examples
    --------
    >>> PredictLimit.of("2ms"), PredictLimit.of("20000/s"), PredictLimit.of("50")
    (PredictLimit(seconds=0.002, unit='ms'), PredictLimit(seconds=5e-05, unit='/s'), None)
    """

    seconds: float  # of a row
    unit: str

    @classmethod
    def of(cls, text: str) -> PredictLimit | None:
        """Read a limit; None if it is none."""
        found = WRITTEN.fullmatch(text.strip())
        if found is None or float(found[1]) == 0 or (found[2] and found[3] != "s"):
            return None
        return cls(1 / float(found[1]), "/s") if found[2] else cls(float(found[1]) * UNITS[found[3]], found[3])

    def written(self, seconds: float) -> str:
        """Write the time of a row in the unit of the limit, to three digits.

        >>> PredictLimit.of("50us").written(41.237e-6), PredictLimit.of("20000/s").written(41.237e-6)
        ('41.2us', '24300/s')
        """
        number = 1 / seconds if self.unit == "/s" else seconds / UNITS[self.unit]
        return np.format_float_positional(number, precision=3, fractional=False, trim="-") + self.unit


class PredictLimitRule:
    """As a rule of an option: a time with its unit, or a rate."""

    def taken(self, name: str, value: Any) -> str:
        rule = Text("{name} must be the time for one row, or the number of rows per second", name=name)
        remedy = 'For example "50us", "2ms" or "20000/s"'
        if not isinstance(value, str):
            raise InputTypeError(rule, shown(value), remedy)
        text = str.__str__(value)
        if PredictLimit.of(text) is None:
            raise InputError(rule, shown(text), remedy)
        return text


def member_counts(settings: Mapping[str, Any]) -> list[int]:
    """Return the numbers of members to choose from: whole rounds of kinds, or all; below a round any number.

    Examples
    --------
    >>> member_counts({"members": 7, "kinds": ({}, {"spread": 0.5}, {"spread": 2.0})})
    [1, 2, 3, 6, 7]
    """
    members, kinds = settings["members"], len(settings["kinds"]) or 1
    return [count for count in range(1, members + 1) if count < kinds or count % kinds == 0 or count == members]


def members_within(text: str, untrained: NeuralEstimator, X: Any) -> dict[str, Any]:
    """Return the number of members that predict within the limit, of how many, and the time that was measured.

    Parameters
    ----------
    text : str
        The limit.
    untrained : NeuralEstimator
        With the networks of all members, and an encoder.
    X : table of rows
        As predictions will get them.

    Raises
    ------
    InputError
        If a single member takes more time.
    """
    limit, settings = PredictLimit.of(text), untrained.settings_
    assert limit is not None

    @cache
    def measured(members: int) -> float:
        model = copy.copy(untrained)
        model.networks_ = untrained.networks_[:members]
        model.weights_ = np.ones(members) if settings["kinds"] else None
        return seconds_per_row(model, X, alone=limit.unit != "/s")

    counts = member_counts(settings)
    within = bisect_right(counts, limit.seconds, key=measured)
    if not within:
        encoding = seconds_per_row(untrained, X, alone=limit.unit != "/s", encoding=True)
        received = Text("{limit}; one network: {measured}, encoding alone: {encoding}")
        raise InputError(
            "`predict_limit` must leave enough time for one network",
            received.filled(limit=text, measured=limit.written(measured(1)), encoding=limit.written(encoding)),
            'Relax the limit, or use preset="mlp", smaller hidden_layers, or fewer columns',
        )
    members = counts[within - 1]
    return {"members": members, "of": settings["members"], "measured": limit.written(measured(members))}


def seconds_per_row(model: NeuralEstimator, X: Any, *, alone: bool, encoding: bool = False) -> float:
    """Measure ``predict``, or only its `encoding`: the mean over some rows one by one, or of a row in a long batch."""
    work = model.encoder_.transform if encoding else model.predict
    rows, X = row_count(X), X.container if isinstance(X, OpenedTable) else X  # to open rows is part of the work
    if alone:
        places = np.unique(np.linspace(0, rows - 1, SINGLE).astype(np.intp))
        return float(np.mean([least_seconds(partial(work, take(X, [place]))) for place in places]))
    batch = min(BATCH, max(1, MOST_CELLS // model.n_features_in_))
    return least_seconds(partial(work, take(X, np.arange(batch) % rows))) / batch


def least_seconds(call: Callable[[], object]) -> float:
    """Measure a call: the least mean of several repetitions, for other work on a machine only adds to it."""
    call()  # compiles its kernels
    timer = timeit.Timer(call, timer=clock)
    once = timer.timeit(1)
    number = math.ceil(SHORTEST / max(once, SHORTEST / 1000))
    repetitions = min(REPETITIONS, max(3, int(LONGEST / max(once * number, SHORTEST))))
    return min(timer.repeat(repetitions, number)) / number


def limit_in_words(settings: Mapping[str, Any], notes: Mapping[str, Any]) -> Text | None:
    """Return what was measured, in words; None without a limit, or where the notes do not say."""
    found = notes.get("predict_limit")
    if not (isinstance(found, dict) and {"members", "of", "measured"} <= found.keys()):
        return None
    sentence = Text(
        "`predict_limit` {limit} allows {members} of {of} networks: {measured}, measured on the machine that trained "
        "them. Elsewhere, members={members} trains the same model."
    )
    members, of, measured = found["members"], found["of"], found["measured"]
    return sentence.filled(limit=settings["predict_limit"], members=members, of=of, measured=measured)
