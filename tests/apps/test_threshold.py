"""The positive class and its threshold: the same in training, file, scores, predictions, exports, card and server."""

from __future__ import annotations

import csv
import html
import importlib.util
import json
import re
import shlex

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

import glassnet
from glassnet.apps.cli import main
from glassnet.apps.estimator_options import class_of
from glassnet.apps.table_messages import positive_in_words
from glassnet.errors import InputError

HEAD = ["amount", "night", "kind"]


@pytest.fixture(scope="module")
def payments(tmp_path_factory):
    """A table in which 6 % are fraud, and the model of it."""
    folder, rng = tmp_path_factory.mktemp("payments"), np.random.default_rng(0)
    rows = [[f"{amount:.2f}", int(rng.random() < 0.5)] for amount in rng.gamma(2, 50, 500)]
    for row in rows:
        row.append("fraud" if float(row[0]) + 60 * row[1] + rng.normal(0, 25) > 265 else "ok")
    with (folder / "payments.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    words = ["--preset", "mlp", "--hidden-layers", "8", "--quiet", "--no-report", "--out", f"{folder}/m.safetensors"]
    assert main(["train", f"{folder}/payments.csv", "--target", "kind", *words]) == 0
    return folder


@pytest.fixture
def run(payments, capsys):
    """Run a command on model and table; gives the exit code, the JSON where it is wanted, and what was said."""

    def run(command, *words):
        files = [f"{payments}/m.safetensors", f"{payments}/payments.csv"][: 1 if command == "inspect" else 2]
        code = main([command, *files, *words])
        said = capsys.readouterr()
        return code, json.loads(said.out) if "--json" in words and code == 0 else said.out, said.err

    return run


def known(payments):
    table = pl.read_csv(payments / "payments.csv")
    return glassnet.load(payments / "m.safetensors"), table, table["kind"].to_numpy() == "fraud"


@pytest.mark.slow
def test_training_chooses_the_rarer_class_and_scores_it(train, payments):
    code, record, _ = train(payments / "payments.csv", target="kind")
    assert (code, record["positive"], record["threshold"]) == (0, "fraud", 0.5)
    assert {"precision", "recall", "f1", "average_precision"} <= record["scores"]["logistic regression"].keys()


@pytest.mark.slow
def test_training_takes_the_class_and_the_threshold_that_are_typed(train, payments):
    code, record, _ = train(payments / "payments.csv", "--positive", "ok", "--decision-threshold", "0.8", target="kind")
    assert (code, record["positive"], record["threshold"]) == (0, "ok", 0.8)


def test_scores_are_of_the_positive_class(run, payments):
    _, record, _ = run("evaluate", "--json")
    model, table, is_fraud = known(payments)
    chance, said = model.predict_proba(table)[:, 0], model.predict(table) == "fraud"
    wanted = precision_recall_fscore_support(is_fraud, said, average="binary", zero_division=0)[:3]
    assert [record["scores"][name] for name in ("precision", "recall", "f1")] == pytest.approx(wanted)
    assert record["scores"]["average_precision"] == pytest.approx(average_precision_score(is_fraud, chance))


def test_scores_of_the_other_class_at_a_threshold(run, payments):
    _, record, _ = run("evaluate", "--positive", "ok", "--decision-threshold", "0.9", "--json")
    model, table, is_fraud = known(payments)
    said = model.predict_proba(table)[:, 1] >= 0.9
    assert (record["positive"], record["threshold"]) == ("ok", 0.9)
    assert record["scores"]["recall"] == pytest.approx((said & ~is_fraud).sum() / (~is_fraud).sum())


@pytest.mark.parametrize(
    ("command", "line"), [("evaluate", "positive class: fraud"), ("inspect", "ok; positive class")]
)
def test_people_see_which_class_is_positive(command, line, run):
    assert line in run(command)[1]


def test_predictions_take_a_threshold(run, payments, tmp_path):
    out = tmp_path / "p.csv"
    assert run("predict", "--decision-threshold", "0.1", "--out", f"{out}")[0] == 0
    model, table, _ = known(payments)
    written, chance = pl.read_csv(out), model.predict_proba(table)[:, 0]
    assert (chance >= 0.1).sum() > (chance >= 0.5).sum()
    assert ((written["prediction"] == "fraud").to_numpy() == (chance >= 0.1)).all()


def test_predictions_without_one_are_as_ever(run, payments, tmp_path):
    outs = []
    for words in ([], ["--decision-threshold", "0.5"], ["--positive", "ok"]):
        outs.append(tmp_path / f"{len(words)}{'ok' in words}.csv")
        run("predict", *words, "--out", f"{outs[-1]}")
    assert len({out.read_bytes() for out in outs}) == 1


def test_an_export_takes_a_threshold(payments, tmp_path):
    words = ["--decision-threshold", "0.1", "--quiet"]
    assert main(["export", f"{payments}/m.safetensors", f"{tmp_path}/payments.py", *words]) == 0
    spec = importlib.util.spec_from_file_location("payments", tmp_path / "payments.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model, table, _ = known(payments)
    labels = module.predict(table.to_dict(as_series=False))["label"]
    assert ((labels == "fraud") == (model.predict_proba(table)[:, 0] >= 0.1)).all()


def test_a_card_names_class_and_threshold(payments, tmp_path):
    model, table, _ = known(payments)
    model.decision_threshold_ = 0.1
    text = model.card(tmp_path / "card.md", test_data=(table, table["kind"].to_numpy())).read_text()
    assert "The positive class is fraud, predicted from a probability of 0.1 on." in text
    assert "| average precision |" in text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ["--positive", "frau"],
            1,
            "--positive must name classes of the target. Received: frau. Available: fraud, ok.",
        ),
        (["--decision-threshold", "1.5"], 2, "--decision-threshold must be in [0, 1]. Received: 1.5."),
    ],
)
def test_what_means_nothing_is_refused(words, code, said, run):
    assert (run("predict", *words)[0], said in run("predict", *words)[2]) == (code, True)


def test_classes_are_found_by_the_text_that_files_have():
    classes = (np.array([False, True]), np.array([0.0, 1.0]), np.array([1.5, 2.5]), np.array(["a", "b"]))
    found = [class_of("positive", text, names) for text, names in zip(("true", "0", "2.5", "b"), classes, strict=True)]
    assert found == [True, 0.0, 2.5, "b"]
    with pytest.raises(InputError, match="`positive` must name classes of the target. Received: c. Available: a, b"):
        class_of("positive", "c", classes[-1])


@pytest.mark.slow
def test_a_report_says_what_to_type_for_its_threshold(run, payments, tmp_path):
    run("evaluate", "--report", f"{tmp_path}/r.html")
    typed = re.findall(r"<code>(glassnet .*?)<span", (tmp_path / "r.html").read_text("utf-8"))
    model = f"{payments}/m.safetensors"
    wanted = ["glassnet", "predict", model, "new.csv"]
    assert [shlex.split(html.unescape(one)) for one in typed] == [
        [*wanted, "--decision-threshold"],
        [*wanted, "--positive", "ok", "--decision-threshold"],
    ]


@pytest.mark.slow
def test_a_report_repeats_the_class_and_the_threshold_that_were_typed(run, tmp_path):
    run("evaluate", "--positive", "ok", "--decision-threshold", "0.9", "--report", f"{tmp_path}/r.html")
    assert "--positive ok --decision-threshold 0.9 --report" in (tmp_path / "r.html").read_text("utf-8")


@pytest.mark.slow
def test_a_score_chooses_the_threshold_and_evaluate_and_card_say_so(train, payments, tmp_path, capsys):
    file = tmp_path / "model.safetensors"
    words = ["--decision-threshold", "f1"]
    code, record, _ = train(payments / "payments.csv", *words, target="kind")
    assert (code, record["chosen_for"]) == (0, "f1")
    assert record["threshold"] != 0.5
    assert main(["evaluate", f"{file}", f"{payments}/payments.csv"]) == 0
    assert "(chosen for f1)" in capsys.readouterr().out
    glassnet.load(file).card(tmp_path / "card.md", language="en")
    assert "The threshold was chosen for the best f1" in (tmp_path / "card.md").read_text("utf-8")


@pytest.mark.slow
def test_costs_choose_the_threshold(train, payments, tmp_path, capsys):
    file = tmp_path / "model.safetensors"
    words = ["--costs", "fraud:ok=4"]
    code, record, _ = train(payments / "payments.csv", *words, target="kind")
    assert (code, record["threshold"], record["chosen_for"]) == (0, 0.2, "costs")
    assert main(["evaluate", f"{file}", f"{payments}/payments.csv"]) == 0
    assert "(by the costs of errors)" in capsys.readouterr().out


@pytest.fixture
def graded():
    """A model of three classes with costs of errors, and its table."""
    table = pl.DataFrame({"x": np.arange(60.0), "grade": np.repeat(["a", "b", "c"], 20)})
    settings = {"preset": "mlp", "hidden_layers": (4,), "epochs": 2, "random_state": 0, "costs": {("a", "c"): 5}}
    return glassnet.NeuralClassifier(**settings).fit(table.drop("grade"), table["grade"].to_numpy()), table


def test_costs_of_several_classes_stand_in_terminal_and_card(graded, tmp_path, capsys):
    (model, table), file = graded, tmp_path / "m.safetensors"
    model.notes_ = {"target": "grade"}
    glassnet.save(model, file)
    table.write_csv(tmp_path / "t.csv")
    costs = "Costs of errors (actual class as predicted class): a as c: 5; any other: 1."
    for words in (["inspect", f"{file}"], ["evaluate", f"{file}", f"{tmp_path}/t.csv"]):
        assert main(words) == 0
        assert costs in " ".join(capsys.readouterr().out.split())
    assert costs in model.card(tmp_path / "card.md", language="en").read_text("utf-8")


def test_a_threshold_is_shown_with_three_digits(payments):
    model, _, _ = known(payments)
    model.decision_threshold_ = 0.29841372
    assert positive_in_words(model) == "positive class: fraud, from a probability of 0.298"
