"""When a trial is ended early: at points that say something, if half of the trials that came as far were better there.

This is asynchronous successive halving with a reduction factor of 2. Source: Li et al. (2020), *A System for Massively
Parallel Hyperparameter Tuning*, section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.formulas.schedules import Schedule

WARM_UP = 0.25
"""Before this share of the epochs no trial is judged: of 24 random trials on abalone, the best stood 22nd after a fifth
of them, and 8th after 7/15."""
LATE = (0.5, 0.75)
"""Where trials are judged under a schedule that only falls."""
FOLDS = (1, 2)
"""After which folds, where there are more to come."""
FEWEST = 3
"""No trial is ended before so many others came as far."""


def checkpoints(schedule: Schedule, epochs: int, folds: int) -> list[int]:
    """After how many epochs, counted over all folds, trials may be compared.

    While the learning rate is high the weights swing, and the trial with the lower rate looks better, whatever it
    comes to in the end. So trials are compared where the schedule has settled them all: in the valleys of one with
    cycles (of coslog4 at 7/15; the first two come too early to say much), and else in the second half. In later folds
    the end is enough.

    Examples
    --------
    >>> from glassnet.formulas.schedules import SCHEDULES
    >>> checkpoints(SCHEDULES.get("coslog4"), 256, folds=1)
    [119]
    >>> checkpoints(SCHEDULES.get("cosine"), 40, folds=5)
    [20, 30, 40, 80]
    """
    valleys: list[int] = []
    if schedule.follows == "progress":
        factors = np.broadcast_to(schedule(np.arange(epochs + 1) / epochs), epochs + 1)
        falls, rises = factors[1:-1] < factors[:-2], factors[1:-1] < factors[2:]
        valleys = (np.flatnonzero(falls & rises) + 1).tolist()
    settled = [epoch for epoch in valleys if epoch >= WARM_UP * epochs]
    late = [epoch for epoch in (round(share * epochs) for share in LATE) if 0 < epoch < epochs]
    return (settled or late) + [fold * epochs for fold in FOLDS if fold < folds]


def hopeless(value: float, others: Sequence[float], *, maximize: bool) -> bool:
    """Whether a trial is worse than the median of the others that came as far, of whom fewer than three decide nothing.

    Examples
    --------
    >>> hopeless(0.70, [0.65, 0.72, 0.74], maximize=True)
    True
    """
    if len(others) < FEWEST:
        return False
    median = float(np.nanmedian(others))
    return not value >= median if maximize else not value <= median  # what is not a number is hopeless
