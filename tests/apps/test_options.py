"""The options of the estimators on the command line: none is missing, none says anything else than the library."""

from __future__ import annotations

import inspect
import re
import shlex
from dataclasses import fields
from typing import get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import NeuralClassifier, NeuralRegressor
from glassnet.apps.cli import main
from glassnet.apps.estimator_options import (
    check_options,
    class_weights,
    estimator_options,
    parse_options,
    read_parameters,
)
from glassnet.apps.labelled import Roles, read_labelled
from glassnet.apps.usage import split_names
from glassnet.errors import InputError, InputTypeError, join_names
from glassnet.estimators import PRESETS, declaration
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.tables.opened_table import open_table
from glassnet.tables.reading.sources import ReadOptions
from glassnet.tables.text_dates import date_formats

OPTIONS = {option.name: option for option in estimator_options()}
ESTIMATORS = {"NeuralClassifier": NeuralClassifier, "NeuralRegressor": NeuralRegressor}


@pytest.mark.parametrize("owner", ["ClassifierOptions", "RegressorOptions"])
def test_the_declaration_read_as_text_says_what_the_class_is(owner):
    read = read_parameters()["Declared"] | read_parameters()[owner]
    assert {name: (" | ".join(p.annotation), p.described, p.text) for name, p in read.items()} == {
        each.name: (each.type, each.metadata["kind"], each.metadata["words"])
        for each in fields(getattr(declaration, owner))
    }


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_parameter_has_an_option(name):
    without = {each.name for each in fields(ESTIMATORS[name]) if each.metadata["typed"] is None}
    assert without == {"callbacks", "grow", "verbose", "n_jobs", "warm_start"}
    assert inspect.signature(ESTIMATORS[name]).parameters.keys() - without <= OPTIONS.keys()


def test_every_option_is_in_the_help_with_words(capsys):
    assert main(["train", "--help"]) == 0
    shown = capsys.readouterr().out
    for option in OPTIONS.values():
        assert len(option.help.split()) >= 2, option
        assert f"--{option.name.replace('_', '-')}" in shown
        assert " ".join(option.help.split()[:2]) in " ".join(shown.split())


def test_help_is_free_of_markup():
    for option in OPTIONS.values():
        assert not re.search(r"`|:class:|\bNone\b|of your own|a layer", option.help), option


def test_help_of_what_differs_names_both_tasks():
    assert re.fullmatch(r"Classification: .*cross_entropy.* Regression: .*mse.*", OPTIONS["loss"].help)
    assert OPTIONS["class_weight"].help.startswith("Only for classification.")


def test_help_names_the_formulas_that_there_are():
    assert ", ".join(ACTIVATIONS) in OPTIONS["activation"].help


def test_choices_are_all_that_there_is():
    assert get_args(OPTIONS["preset"].kind) == ("auto", *PRESETS)
    assert get_args(OPTIONS["dtype"].kind) == ("float32", "float64", "bfloat16")


def test_kinds_follow_the_annotations():
    kinds = {name: OPTIONS[name].kind for name in ("epochs", "dropout", "early_stopping", "loss", "random_state")}
    assert kinds == {"epochs": int, "dropout": float, "early_stopping": bool, "loss": str, "random_state": int}


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("64", [64]),
        ("64, dropout:0.2 ,gelu:32", [64, "dropout:0.2", "gelu:32"]),
        ("leaky_relu(slope=0.1):16,8", ["leaky_relu(slope=0.1):16", 8]),
        ("none", []),
    ],
)
def test_hidden_layers_are_spelled_with_commas(text, layers):
    assert parse_options({"hidden_layers": text}) == {"hidden_layers": layers}


def test_what_is_not_given_is_left_to_the_estimator():
    assert parse_options({"epochs": None, "dropout": 0.0}) == {"dropout": 0.0}


def test_class_weights_are_spelled_in_pairs_or_as_balanced():
    assert parse_options({"class_weight": "balanced"}) == {"class_weight": "balanced"}
    assert parse_options({"class_weight": "a=b=2, no=0.5"}) == {"class_weight": {"a=b": 2.0, "no": 0.5}}
    with pytest.raises(InputError, match=r"class=weight.*'yes:2'.*yes=2,no=1"):
        parse_options({"class_weight": "yes:2"})


@pytest.mark.parametrize(
    ("option", "text"), [("costs", "a:b=3,a:b=4"), ("monotone", "rooms=1, rooms=-1"), ("class_weight", "a=1,a=1")]
)
def test_a_name_has_one_number(option, text):
    with pytest.raises(InputError, match=f"`{option}` must have one number for each name. Received: '{text}'"):
        parse_options({option: text})


def test_class_weights_find_the_classes_by_their_text():
    assert class_weights({"0": 1.0, "1": 4.0}, [0, 1]) == {0: 1.0, 1: 4.0}
    assert class_weights("balanced", [0, 1]) == "balanced"
    with pytest.raises(InputError, match="classes of the target.*2.*Available: 0, 1"):
        class_weights({"2": 1.0}, [0, 1])


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("activation", "rleu", "Did you mean 'relu'"),
        ("hidden_layers", [0], "units"),
        ("hidden_layers", ["gelu:many"], "gelu:many"),
        ("dropout", 1.5, "dropout|Dropout"),
        ("loss", "mes", "Did you mean 'mse'"),
        ("optimizer", "adma", "Did you mean"),
        ("schedule", "cosin", "Did you mean 'cosine'"),
        ("learning_rate", -1.0, "learning_rate"),
        ("weight_decay", -0.1, "weight_decay"),
        ("batch_size", 0, "batch_size"),
        ("epochs", 0, "epochs"),
        ("patience", 0, "patience"),
        ("validation_fraction", 2.0, "validation_fraction"),
        ("scoring", "roc_uac", "Did you mean 'roc_auc'"),
    ],
)
def test_values_that_no_table_makes_right_are_refused(option, value, says):
    with pytest.raises((InputError, InputTypeError), match=says):
        check_options({option: value})


def test_usable_options_pass():
    check_options({})
    check_options({"optimizer": "lbfgs", "scoring": "roc_auc", "class_weight": {"yes": 2.0}})


# -------------------------------------------------------------- names of columns
# Names of columns in one word of the command line, commas and quotes in them too.


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)))
def test_what_is_joined_comes_apart_again(names):
    assert split_names(join_names(names)) == tuple(names)


def test_a_column_with_a_comma_can_be_dropped_as_the_hint_says(tmp_path, train):
    table = tmp_path / "t.csv"
    names = [f"n{number}" for number in range(40)]
    answers = ["yes", "no"] * 20
    pl.DataFrame({"last, first": names, "age": range(40), "y": answers}).write_csv(table)
    code, _, said = train(table, target="y")
    assert code == 0
    hint = said.partition("exclude it: ")[2].partition(" (in Python")[0]
    code, _, said = train(table, *shlex.split(hint), "--force", target="y")
    assert code == 0
    assert "40 rows; 1 column used as features: 1 number\n" in said


@pytest.mark.parametrize("option", ["--drop", "--id", "--missing"])
def test_a_quote_that_is_not_closed_is_wrong_usage(option, tmp_path, capsys):
    assert main(["train", f"{tmp_path}/t.csv", "--target", "y", option, '"a, b']) == 2
    said = capsys.readouterr().err
    assert "those with a comma in quotes" in said
    assert said.count("\n") == 1


# ------------------------------------------------------------------------- dates
# Dates that the options of reading leave as text are not read as dates by the fit.


@pytest.mark.parametrize(
    ("options", "kept"), [({"text": ["day"]}, "day"), ({"date_format": "dmy"}, "us")], ids=["--text", "--date-format"]
)
def test_options_of_reading_keep_text(tmp_path, options, kept):
    path = tmp_path / "table.csv"
    path.write_text("day,us,y\n2024-01-05,01/31/2024,1\n2024-01-06,02/28/2024,2\n")
    X = read_labelled(path, Roles("y", reading=ReadOptions(**options))).X
    assert X.schema[kept] == pl.Categorical
    assert not date_formats(open_table(X))
