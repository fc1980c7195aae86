"""Estimators: what is refused, and with which message."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import polars as pl
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, KFold

import glassnet
from glassnet import Activate, Dense, LayerNorm, NeuralClassifier, NeuralRegressor, Residual
from glassnet.errors import InputError, InputTypeError
from glassnet.estimators.class_targets import ClassTargets
from glassnet.estimators.targets import targets_from_state
from tests.estimators.conftest import Table, classifier, regressor
from tests.refusals import each, refusals

TABLE = Table()
FEW = {"hidden_layers": (8, 6), "epochs": 4, "random_state": 0, "preset": "tabm", "shared_members": 3}
GOOD = {"kind": "classes", "dtype": "int64", "classes": [1, 2]}
MISSING = "The target must not have missing values. Received: 1 missing. Drop those rows"


def of_classes(y):
    classifier().fit(TABLE.X, y)


def of_numbers(y):
    regressor().fit(TABLE.X, y)


def on_words(*weights, **validation):
    classifier().fit(TABLE.X, TABLE.words, *weights, **validation)


def with_options(**options):
    classifier(**options).fit(TABLE.X, TABLE.words)


def few(classes, **options):
    NeuralClassifier(**FEW | options).fit(*classes)


test_input_errors = refusals(
    InputError,
    # checkpoint
    (lambda tmp_path: glassnet.load(tmp_path), "must have a checkpoint"),
    # classifier
    (lambda: of_classes([None, *TABLE.letters[1:].tolist()]), MISSING),
    (lambda: of_classes(np.array([None, *TABLE.letters[1:]], dtype=object)), MISSING),
    (lambda: of_classes(np.array([np.nan, *TABLE.letters[1:]], dtype=object)), MISSING),
    (lambda: of_classes(pd.Series([pd.NA, *TABLE.letters[1:]], dtype="string")), MISSING),
    (lambda: of_classes(pl.Series([None, *TABLE.letters[1:].tolist()])), MISSING),
    (
        lambda: of_classes(np.array([1, "a"], dtype=object)[TABLE.yes]),
        "classes must be all text or all numbers. Received: int, str",
    ),
    (
        lambda: of_classes(np.column_stack([TABLE.third, TABLE.third])),
        "each must be binary.* Received: 2 columns of classes. Train one classifier per",
    ),
    (lambda: of_classes(np.zeros(150, int)), "at least two classes. Received: one class, "),
    (lambda: of_classes(1), "one target per row"),
    (
        lambda: of_classes([datetime.date(2020, 1, 1 + one) for one in TABLE.yes]),
        r"numbers or booleans. Received: datetime.date\(2020, 1, .\) and",
    ),
    (
        lambda: of_classes(np.ma.array(TABLE.third, mask=np.arange(150) % 2)),
        "`y` must not have missing values. Received: 75 masked. Drop those rows",
    ),
    (lambda: with_options(loss="mse"), "`loss` of NeuralClassifier must be one of: binary_cross.* Received: mse"),
    (
        lambda: with_options(class_weight="blanced"),
        "`class_weight` must be \"balanced\" or a dict. Received: 'blanced'",
    ),
    (lambda: with_options(class_weight={"yes": -1}), "`class_weight` of class 'yes' must be 0 or more. Received: -1"),
    (
        lambda: with_options(class_weight={"yes": np.nan}),
        "`class_weight` of class 'yes' must be 0 or more. Received: nan",
    ),
    (lambda: classifier(class_weight="balanced").fit(TABLE.X, TABLE.answers), "needs one class per row"),
    # fit
    *each(lambda state: with_options(random_state=state), "`random_state` must be an integer from 0", [-1, 2**64]),
    # folds
    *each(lambda cv: with_options(cv=cv), "`cv` must be", [1, 0, -3]),
    (lambda: with_options(cv=151), "at most the number of rows"),
    (lambda: with_options(cv=[]), "Received: none"),
    (lambda: with_options(cv=[([0, 1], [150])]), "integers from 0 to 149"),
    (lambda: with_options(cv=[([0, 1], [-1])]), "integers from 0 to 149"),
    (lambda: with_options(cv=[([0.5], [1])]), "integers from 0 to 149"),
    (lambda: with_options(cv=[([0, 1], [1, 2])]), "other rows for validation"),
    (lambda: with_options(cv=[([0, 1], [])]), "other rows for validation"),
    (lambda: with_options(cv=KFold(200)), "able to split the rows"),
    (lambda: with_options(cv=GroupKFold(2)), "'groups' parameter should not be None"),
    (
        lambda: classifier(cv=3).fit(TABLE.X, TABLE.words, validation_data=(TABLE.X, TABLE.words)),
        "by `cv` or by `validation_data`",
    ),
    (lambda: with_options(cv=3, early_stopping=False), "`cv` needs `early_stopping`"),
    # kinds
    (
        lambda classes: NeuralClassifier(kinds=[{"members": 2}]).fit(*classes),
        "`kinds` must differ only in: hidden_layers, .* Received: 'members'",
    ),
    (lambda classes: NeuralClassifier(kinds=[{"spread": -1}]).fit(*classes), "`spread` in `kinds` must be positive"),
    # presets
    (
        lambda: NeuralRegressor(numeric_embedding="periodic", numeric_size=1).fit(
            [[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0]
        ),
        "`numeric_size` must be at least 2 with the embedding 'periodic'",
    ),
    # regressor
    (
        lambda: regressor(loss="hinge").fit(TABLE.X, TABLE.number),
        "`loss` of NeuralRegressor must be one of: gaussian_nll,.* Received: hinge",
    ),
    (
        lambda: NeuralRegressor(preset="mlp", epochs=1).fit(np.eye(3), 1e306 * np.array([1.0, -0.5, 0.2])),
        r"Targets must lie within ±1e\+305.*Divide them by a constant",
    ),
    (
        lambda: NeuralRegressor(preset="mlp", epochs=1).fit(np.eye(3), 1.7e308 * np.array([1.0, -0.5, 0.2])),
        r"Targets must lie within ±1e\+305.*Divide them by a constant",
    ),
    # shared members
    (lambda classes: few(classes, shared_members=0), "`shared_members` must be a positive integer. Received: 0"),
    (
        lambda classes: few(classes, hidden_layers=[8, LayerNorm()]),
        "must not mix the values of different members. Received: LayerNorm",
    ),
    (
        lambda classes: few(classes, hidden_layers=[Residual([Dense(6)]), 6]),
        "must not mix the values of different members",
    ),
    (
        lambda classes: few(classes, hidden_layers=[8, Activate("softmax")]),
        "must not mix the values of different members",
    ),
    (
        lambda classes: few(classes, hidden_layers=[Dense(8, l2=0.1)]),
        "With `shared_members`, a dense layer must keep the default `l2`",
    ),
    (lambda classes: few(classes, hidden_layers=[Dense(8, bias=False)]), "Omit it, or set shared_members=1"),
    # tables
    (lambda: classifier().fit(TABLE.X[0], TABLE.words), "Expected 2D array, got 1D array"),
    (lambda: classifier().fit(TABLE.X[None], TABLE.words), "dim 3"),
    (lambda: classifier().fit(TABLE.X[:0], TABLE.words), r"0 sample\(s\)"),
    (lambda: classifier().fit(TABLE.X[:, :0], TABLE.words), r"0 feature\(s\)"),
    (lambda: classifier().fit(TABLE.X + 1j, TABLE.words), "Complex data not supported"),
    (lambda: classifier().fit(np.where(TABLE.X > 1, np.inf, TABLE.X), TABLE.words), "must be finite"),
    (lambda: classifier().fit(np.ones_like(TABLE.X), TABLE.words), "At least one column of the table must vary"),
    (lambda: classifier().fit(TABLE.X[:-1], TABLE.words), "same number of rows. Received: 149 and 150"),
    (lambda: on_words(validation_data=(TABLE.X[:, :2], TABLE.words)), "X has 2 features"),
    (lambda: on_words(validation_data=(TABLE.X, TABLE.letters)), r"among the classes \['no', 'yes'\]"),
    (lambda: on_words(validation_data=(TABLE.X[:0], TABLE.words[:0])), r"0 sample\(s\)"),
    # targets
    (
        lambda: ClassTargets.learn(np.array([0, 1])).encode(np.array(["1"])),
        r"among the classes \[0, 1\]. Received: \['1'\]",
    ),
    (
        lambda: ClassTargets.learn(np.array(["0", "1"])).encode(np.array([1])),
        r"among the classes \['0', '1'\]. Received: \[1\]",
    ),
    *each(
        lambda dtype: ClassTargets(np.zeros(2, dtype)).to_state(),
        "Classes in a file must be one of: text, bool, int8",
        ["S3", "datetime64[D]", "complex128"],
    ),
    *each(
        lambda state: targets_from_state(state, {}),
        "unmodified",
        [
            None,
            "classes",
            {},
            GOOD | {"kind": "words"},
            GOOD | {"dtype": "object"},
            GOOD | {"dtype": None},
            GOOD | {"dtype": "int8", "classes": [1, 300]},
            GOOD | {"dtype": "text"},
            GOOD | {"classes": []},
            GOOD | {"classes": [2, 1]},
            GOOD | {"classes": [1, 1]},
            GOOD | {"classes": [1, 2.0]},
            GOOD | {"classes": [True, 2]},
            GOOD | {"classes": [[1], [2]]},
            GOOD | {"classes": "12"},
            GOOD | {"dtype": "float64", "classes": [1.0, float("inf"), float("nan")]},
            {"kind": "text", "dtype": "text", "classes": ["a\0", "b"]},
            {"kind": "answers"},
            {"kind": "answers", "count": 0},
            {"kind": "answers", "count": True},
            {"kind": "numbers"},
            {"kind": "numbers", "single": 1},
            {"kind": "numbers", "single": True},
        ],
    ),
    # time budget
    *each(lambda limit: on_words(time_limit=limit), "`time_limit` must be positive", [0, -1, float("inf")]),
    # scoring
    (
        lambda: classifier(scoring="f1").fit(TABLE.X, TABLE.letters),
        "The score 'f1' must be defined for the target. Received: 3 classes. For example \"f1_macro\"",
    ),
    (
        lambda: regressor(scoring="accuracy").fit(TABLE.X, TABLE.number),
        "The score 'accuracy' must be defined for the target. Received: numbers. For example",
    ),
)

test_value_errors = refusals(
    ValueError,
    # classifier
    (lambda: of_classes(TABLE.number), "Unknown label type: continuous"),
    (lambda: of_classes([1001 * "a"] * len(TABLE.number)), "at most 1000 characters. Received: one of 1001"),
    # regressor
    (lambda: of_numbers(np.where(TABLE.number > 1000, np.nan, TABLE.number)), "y contains NaN"),
    (lambda: of_numbers(np.where(TABLE.number > 1000, np.inf, TABLE.number)), "y contains infinity"),
    (lambda: of_numbers(pd.Series([pd.NA, *TABLE.number[1:]], dtype="Float64")), "y contains NaN"),
    (lambda: of_numbers(pl.Series([None, *TABLE.number[1:].tolist()])), "y contains NaN"),
    (lambda: of_numbers(["much"] * len(TABLE.number)), "numeric"),
    (lambda: of_numbers(TABLE.number[:-1]), "same number of rows. Received: 150 and 149"),
    (lambda: of_numbers(TABLE.number.reshape(150, 1, 1)), r"y must have shape \(rows,\) or \(rows, targets\)"),
    (lambda: of_numbers(7.0), r"y must have shape \(rows,\) or \(rows, targets\)"),
    (lambda: of_numbers(None), "requires y to be passed"),
    # tables
    (lambda: on_words([1.0, 2.0]), r"one number per row. Received: shape \(2,\)"),
    (lambda: on_words(np.ones((150, 1))), r"one number per row. Received: shape \(150, 1\)"),
    (lambda: on_words(-np.ones(150)), "finite numbers ≥ 0, not all zero. Received: -1.0"),
    (lambda: on_words(np.zeros(150)), "not all zero. Received: zeros"),
    (lambda: on_words(np.full(150, np.nan)), "sample_weight contains NaN"),
    (lambda: on_words(["heavy"] * 150), "could not convert string to float"),
)

test_input_type_errors = refusals(
    InputTypeError,
    # classifier
    (
        lambda: with_options(class_weight={"yes": "much"}),
        "`class_weight` of class 'yes' must be 0 or more. Received: 'much'",
    ),
    # fit
    *each(
        lambda state: with_options(random_state=state),
        "`random_state` must be an integer from 0",
        ["zero", 1.5, True, np.random.default_rng(0)],
    ),
    # folds
    (lambda: clone(NeuralClassifier(cv=(entry for entry in ()))), "`cv` must be"),
    (lambda: clone(NeuralClassifier(hidden_layers=(entry for entry in ()))), "`hidden_layers` must be"),
    (lambda: clone(NeuralClassifier(kinds=(entry for entry in ()))), "`kinds` must be"),
    *each(lambda cv: with_options(cv=cv), "`cv` must be", [2.5, "five", {1: 2}, int, KFold]),
    (
        lambda: classifier(cv=KFold(3).split(range(150))).fit(TABLE.X, TABLE.words),
        "a generator can be read only once.*Convert it to a list",
    ),
    (lambda: with_options(cv=[1, 2]), "pairs of"),
    # kinds
    (lambda classes: NeuralClassifier(kinds=3).fit(*classes), "`kinds` must be a list"),
    (
        lambda classes: NeuralClassifier(kinds=[3]).fit(*classes),
        "`kinds` must have a dict for each kind of member. Received: 3. For example",
    ),
    (
        lambda classes: NeuralClassifier(kinds=[{"dropout": None}]).fit(*classes),
        "`dropout` in `kinds` must have a value",
    ),
    # tables
    (lambda: classifier().fit(None, TABLE.words), "`X` must be a table. Received: NoneType"),
    (lambda: classifier().fit({"a": TABLE.X[:, 0]}, TABLE.words), "`X` must be a table. Received: dict"),
    (lambda: classifier().fit(pl.LazyFrame(TABLE.X), TABLE.words), "y must be a column name"),
    (lambda: on_words(validation_data=TABLE.X), r"`validation_data` must be \(X, y\) or"),
    (lambda: on_words(validation_data=(TABLE.X,)), r"`validation_data` must be \(X, y\) or"),
    # time budget
    (lambda: on_words(time_limit="soon"), "`time_limit` must be positive"),
)

test_type_errors = refusals(
    TypeError,
    # declaration
    (lambda: NeuralClassifier(clamp=True), "clamp"),
    (lambda: NeuralRegressor(class_weight="balanced"), "class_weight"),
)
