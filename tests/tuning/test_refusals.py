"""Tuning: what is refused, and with which message."""

from __future__ import annotations

from glassnet.errors import InputError, InputTypeError
from glassnet.tuning.loop import budget_seconds
from tests.refusals import each, refusals

test_input_errors = refusals(
    InputError,
    # parts
    *each(
        budget_seconds,
        "`budget` must be a duration",
        ["", "m", "10 parsecs", "10m later", "-5m", "nan", "inf", "0s", "1e400", 0, -1],
    ),
    # search
    (lambda search: search(budget="10 parsecs"), "`budget` must be a duration. Received: '10 parsecs'"),
    (lambda search: search(budget=-1), "`budget` must be a duration. Received: -1"),
    (lambda search: search(budget=None, trials=0), "`trials` of search must be a positive integer"),
    (lambda search: search(scoring="acuracy"), "Did you mean 'accuracy'"),
    (lambda search: search(task="clustering"), "`task` of search must be one of: classification, regression"),
    (lambda search: search(validation=0), "`validation` must be a share of the rows, a number of folds"),
    (lambda search: search(validation=1000), "as many rows as folds. Received: 120 rows, 1000 folds"),
    (lambda search: search(random_state=-1), "`random_state` of search must be an integer"),
    (lambda search: search(lerning_rate=1), "search has no option `lerning_rate`.* Did you mean `learning_rate`?"),
    (lambda search: search(preset="realmpl"), "`preset` must be one of"),
    (
        lambda search: search(learning_rate=0.1, weight_decay=0.1, dropout=0.1, batch_size=8),
        "At least one option must be searched",
    ),
    (lambda search, table: search(y=table[0][:, :2]), "`task` must be given where there are several targets"),
)

test_input_type_errors = refusals(
    InputTypeError,
    # parts
    *each(budget_seconds, "`budget` must be a duration", [True, None, [1], object()]),
    # search
    (lambda search: search(jobs=1.5), "`jobs` of search must be a positive integer"),
    (lambda search: search(scoring=3), "`scoring` of search must be a name or a function"),
    (lambda search: search(validation="half"), "`validation` must be a share of the rows"),
    (lambda search: search(validation=(1,)), r"`validation` must be \(X, y\)"),
)
