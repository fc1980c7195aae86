"""``glassnet train``: what it finds out, what it says, what it leaves behind, and what it refuses."""

from __future__ import annotations

import gzip
import json

import numpy as np
import polars as pl
import pytest

import glassnet
from glassnet import NeuralClassifier
from glassnet.apps.cli import main
from glassnet.apps.console import Output
from glassnet.apps.estimator_options import as_options, estimator_options
from glassnet.apps.labelled import Roles, read_labelled
from glassnet.apps.table_messages import say_ended, say_network, say_target
from glassnet.apps.usage import check_output
from glassnet.errors import InputError
from glassnet.estimators import predict_limit
from glassnet.exchange.model_card import card
from glassnet.support.language import speaking
from glassnet.training import History
from tests.apps.conftest import write_rows


def test_a_classification_is_trained_scored_and_saved(train, tmp_path):
    code, result, said = train("people.csv", "--id", "customer_id", "--hidden-layers", "64", "--epochs", "60")
    assert code == 0
    assert result["task"] == "classification"
    assert result["classes"] == ["no", "yes"]
    assert result["rows"] == {"training": 240, "test": 60, "without target": 0, "left out": 0}
    assert result["scores"]["network"]["accuracy"] > result["scores"]["most frequent class"]["accuracy"] + 0.1
    assert set(result["scores"]) == {"network", "logistic regression", "most frequent class"}
    of_positive = {"precision", "recall", "f1", "average_precision"}
    assert set(result["scores"]["network"]) == {"accuracy", "balanced_accuracy", "roc_auc", "log_loss"} | of_positive
    assert "people.csv: 300 rows; 3 columns used as features: 2 numbers, 1 text;" in said
    assert "empty cells in age, city" in said
    assert "classification: the target is text with 2 distinct values" in said
    assert "240 for training, 60 for testing" in said
    model = glassnet.load(tmp_path / "model.safetensors")
    assert model.n_iter_ == 60
    assert model.notes_["target"] == "came back"
    assert model.notes_["scores"] == result["scores"]


def test_a_limit_of_predictions_says_what_was_measured(train, tmp_path, monkeypatch):
    monkeypatch.setattr(predict_limit, "seconds_per_row", lambda model, X, *, alone: 9e-6 * len(model.networks_))
    _, result, said = train("people.csv", "--members", "3", "--predict-limit", "25us", "--no-compare")
    assert "`predict_limit` 25us allows 2 of 3 networks: 18us, measured" in said
    assert result["settings"]["members"] == 2
    notes = glassnet.load(tmp_path / "model.safetensors").notes_
    assert notes["predict_limit"] == {"members": 2, "of": 3, "measured": "18us"}


def test_a_regression_is_trained_and_scored(train):
    _, result, said = train("houses.csv", "--hidden-layers", "64", "--epochs", "100", target="price")
    assert result["task"] == "regression"
    assert set(result["scores"]) == {"network", "ridge regression", "the mean"}
    assert result["scores"]["network"]["r2"] > 0.9
    assert result["scores"]["the mean"]["r2"] < 0.05
    assert "regression: the target has non-integer numbers" in said


@pytest.mark.slow
def test_results_for_people_go_to_stdout_and_talk_to_stderr(tables, tmp_path, capsys):
    out = tmp_path / "model.safetensors"
    assert main(["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{out}", "--epochs", "5"]) == 0
    said = capsys.readouterr()
    lines = said.out.split("\n")
    assert lines[1].split() == ["60", "test", "rows", "accuracy", "balanced", "accuracy", "ROC", "AUC", "log", "loss"]
    assert lines[3].startswith("the network ")
    model = next(place for place, line in enumerate(lines) if line.startswith(f"model       {out} ("))
    assert lines[model + 1].startswith(f"report      {tmp_path}/model.report.html (")
    assert any(line.startswith("verdict     ") for line in lines[model + 2 :])
    noted = glassnet.load(out).notes_["next_step"]
    assert f"next step {as_options(noted['en'])}" in " ".join(said.out.split())
    assert noted["en"].partition(":")[0] in (tmp_path / "model.report.html").read_text()
    for language in ("en", "zh"):
        written = card(glassnet.load(out), tmp_path / f"{language}.md", language=language)
        assert noted[language] in written.read_text().replace("\\", "")
    topics = [line.split()[0] for line in said.err.splitlines() if not line.startswith(" ")]
    assert topics == ["table", "target", "task", "rows", "warning", "network", "training", "trained"]


@pytest.mark.slow
def test_quiet_says_nothing(tables, tmp_path, capsys):
    words = ["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{tmp_path}/m.safetensors", "-q"]
    assert main([*words, "--epochs", "2"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_the_same_words_train_the_same_model(train, tmp_path):
    _, first, _ = train("people.csv")
    (tmp_path / "model.safetensors").unlink()
    _, second, _ = train("people.csv")
    (tmp_path / "model.safetensors").unlink()
    _, other, _ = train("people.csv", "--random-state", "1")
    assert first["scores"] == second["scores"] != other["scores"]


def test_options_reach_the_estimator(train, tmp_path):
    words = ["--hidden-layers", "6,dropout:0.1,gelu:4", "--activation", "tanh", "--learning-rate", "0.01"]
    words += ["--scoring", "roc_auc", "--early-stopping", "--patience", "3", "--class-weight", "yes=2,no=1"]
    _, result, said = train("people.csv", *words)
    settings = result["settings"]
    assert settings["hidden_layers"] == [6, "dropout:0.1", "gelu:4"]
    assert (settings["activation"], settings["learning_rate"], settings["patience"]) == ("tanh", 0.01, 3)
    assert "6 tanh · dropout 0.1 · 4 gelu · 1 out" in said
    model = glassnet.load(tmp_path / "model.safetensors")
    assert model.class_weight == {"yes": 2.0, "no": 1.0}
    assert "validation_roc_auc" in model.history_.columns


@pytest.mark.slow
def test_every_option_can_be_typed(train):
    typed = {
        "hidden_layers": "4", "activation": "relu", "dropout": "0.1", "loss": "binary_cross_entropy",
        "optimizer": "adam", "learning_rate": "0.01", "schedule": "constant", "weight_decay": "0.01",
        "batch_size": "32", "epochs": "2", "patience": "1", "validation_fraction": "0.2", "scoring": "accuracy",
        "class_weight": "balanced", "preset": "mlp", "engine": "reference", "dtype": "float64", "random_state": "3",
        "members": "2", "kinds": '[{"spread": 1}, {"epochs": 1}]', "shared_members": "2", "label_smoothing": "0.1",
        "calibration": "temperature",
        "scaling": "robust", "max_one_hot": "4", "category_embedding": "3", "numeric_embedding": "periodic",
        "spread": "2", "frequencies": "8", "numeric_size": "3", "parametrization": "ntk", "start": "data",
        "rates": "bias=0.1,scale=6", "monotone": "age=1", "dropout_schedule": "linear", "decay_schedule": "cosine",
        "cv": "2", "refits": "0", "free_text": "auto", "number_levels": "none",
        "positive": "no", "decision_threshold": "0.4",
    }  # fmt: skip
    flags, others = {"early_stopping", "input_scale", "parametric", "clamp"}, {"bounds", "costs", "predict_limit"}
    assert set(typed) | flags | others == {option.name for option in estimator_options()}
    words = [word for name, value in typed.items() for word in (f"--{name.replace('_', '-')}", value)]
    code, result, _ = train("people.csv", *words, "--early-stopping", "--input-scale", "--no-parametric")
    assert code == 0
    flags = ("early_stopping", "input_scale", "parametric")
    assert [result["settings"][name] for name in (*flags, "cv")] == [True, True, False, 2]
    assert result["settings"]["rates"] == {"bias": 0.1, "scale": 6.0}
    assert result["settings"]["kinds"] == [{"spread": 1.0}, {"epochs": 1}]
    assert [each["epochs"] for each in result["members"]] == [2, 1]
    assert (result["epochs"], result["ended"]) == (2, result["members"][0]["ended"])


@pytest.mark.parametrize(("typed", "bounds"), [("0,", [0.0, None]), ("0,1e9", [0.0, 1e9])])
def test_bounds_can_be_typed(train, typed, bounds):
    code, result, _ = train("houses.csv", "--bounds", typed, "--epochs", "1", target="price")
    assert code == 0
    assert result["settings"]["bounds"] == bounds


@pytest.mark.slow
def test_no_hidden_layer_is_logistic_regression(train, tmp_path):
    train("people.csv", "--hidden-layers", "none")
    assert len(glassnet.load(tmp_path / "model.safetensors").network_.layers) == 1


@pytest.mark.slow
def test_an_id_is_asked_about_and_left_out_on_request(train, tmp_path):
    _, _, said = train("people.csv")
    assert "customer_id: different in every row" in said
    assert "--id customer_id" in said
    (tmp_path / "model.safetensors").unlink()
    _, _, said = train("people.csv", "--id", "customer_id", "--drop", "paid,city")
    assert "different in every row" not in said
    assert glassnet.load(tmp_path / "model.safetensors").encoder_.feature_names_in == ["age"]


@pytest.mark.slow
def test_rows_without_a_target_are_left_out_and_counted(train, tables, tmp_path):
    frame = pl.read_csv(tables / "people.csv").with_columns(
        pl.when(pl.int_range(pl.len()) < 30).then(None).otherwise(pl.col("came back")).alias("came back")
    )
    frame.write_csv(tmp_path / "gaps.csv")
    _, result, said = train(tmp_path / "gaps.csv")
    assert result["rows"] == {"training": 216, "test": 54, "without target": 30, "left out": 0}
    assert "30 dropped (no target)" in said


@pytest.mark.slow
def test_words_that_are_taken_for_missing_are_said_and_counted(train, tables):
    rows = "".join(
        f"{'NA' if number % 20 == 3 else number},{'NA' if number % 2 else 'x'},{number}\n" for number in range(60)
    )
    (tables / "words.csv").write_text(f"age,city,y\n{rows}")
    _, _, said = train("words.csv", "--hidden-layers", "4", "--epochs", "2", target="y")
    assert "read as missing: 'NA' in age (3)" in " ".join(said.split())
    with speaking("zh"):
        _, _, said = train("words.csv", "--hidden-layers", "4", "--epochs", "2", "--force", target="y")
    assert "视为缺失值：age 中的 'NA'（3 处）" in "".join(said.split("\n"))
    _, _, said = train("words.csv", "--hidden-layers", "4", "--epochs", "2", "--force", "--missing", "", target="y")
    assert "read as missing" not in said


@pytest.mark.slow
def test_other_words_for_missing_are_remembered(train, tables, tmp_path):
    text = (tables / "people.csv").read_text().replace(",,", ",?,")
    (tmp_path / "marked.csv").write_text(text)
    _, _, said = train(tmp_path / "marked.csv", "--missing", "?,NA")
    assert "2 numbers, 1 text" in said.replace("3 numbers", "2 numbers")
    assert "empty cells in age, city" in said
    assert glassnet.load(tmp_path / "model.safetensors").notation_.missing == ("?", "NA")


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["tsv", "csv.gz", "parquet"])
def test_other_files_give_the_same_model(train, tables, tmp_path, ending):
    _, plain, _ = train("people.csv")
    (tmp_path / "model.safetensors").unlink()
    frame, file = pl.read_csv(tables / "people.csv"), tmp_path / f"people.{ending}"
    if ending == "parquet":
        frame.write_parquet(file)
    elif ending == "tsv":
        frame.write_csv(file, separator="\t")
    else:
        file.write_bytes(gzip.compress((tables / "people.csv").read_bytes()))
    _, other, _ = train(file)
    assert other["scores"] == plain["scores"]


@pytest.mark.slow
def test_files_for_validation_and_test(train, tables):
    _, result, said = train("people.csv", "--validation", f"{tables}/later.csv", "--test", f"{tables}/later.csv")
    assert result["rows"] == {"training": 300, "test": 100, "without target": 0, "left out": 0}
    assert "300 for training, 100 for validation, 100 for testing" in said
    assert result["best_epoch"] is not None


@pytest.mark.slow
def test_other_files_need_the_columns_that_are_learned_from_and_no_more(train, tables, tmp_path):
    later = pl.read_csv(tables / "later.csv")
    later.drop("customer_id").with_columns(more=pl.lit(1)).write_csv(tmp_path / "lean.csv")
    later.drop("city").write_csv(tmp_path / "narrow.csv")
    code, result, _ = train("people.csv", "--id", "customer_id", "--test", f"{tmp_path}/lean.csv")
    assert (code, result["rows"]["test"]) == (0, 100)
    code, _, said = train("people.csv", "--id", "customer_id", "--test", f"{tmp_path}/narrow.csv", "--force")
    assert code == 1
    assert said.splitlines()[-1].startswith("glassnet: narrow.csv has no column 'city'.")
    assert "trained" not in said


def test_without_a_test_there_are_no_scores(train):
    _, result, said = train("people.csv", "--test", "0")
    assert result["rows"]["training"] == 300
    assert result["scores"] == {}
    assert "none for testing, so no scores" in said


@pytest.mark.slow
def test_the_score_is_of_rows_that_were_not_learned_from(tables, tmp_path):
    """A target of pure chance cannot be predicted, however well a wide network learns it by heart."""
    rng = np.random.default_rng(0)
    file = tmp_path / "chance.csv"
    values = {f"x{i}": rng.normal(size=400) for i in range(20)}
    pl.DataFrame(values | {"coin": rng.choice(["heads", "tails"], 400)}).write_csv(file)
    out = tmp_path / "m.safetensors"
    words = ["train", f"{file}", "--target", "coin", "--out", f"{out}", "-q", "--preset", "mlp", "--epochs", "300"]
    words += ["--dropout", "0"]
    assert main([*words, "--test", "0.5"]) == 0
    model = glassnet.load(out)
    assert model.score(pl.read_csv(file).drop("coin"), pl.read_csv(file)["coin"].to_numpy()) > 0.7
    assert 0.35 < model.notes_["scores"]["network"]["accuracy"] < 0.65


@pytest.mark.slow
def test_weights_of_rows_count(train, tables, tmp_path):
    frame = pl.read_csv(tables / "people.csv")
    weighted = frame.with_columns(weight=pl.when(pl.col("came back") == "yes").then(0.0).otherwise(1.0))
    weighted.write_csv(tmp_path / "weighted.csv")
    code, _, said = train(tmp_path / "weighted.csv", "--sample-weight", "weight")
    assert code == 1
    assert "two classes" in said
    weighted.with_columns(pl.col("weight") + 0.1).write_csv(tmp_path / "lighter.csv")
    code, result, _ = train(tmp_path / "lighter.csv", "--sample-weight", "weight", "--epochs", "40")
    assert code == 0
    assert result["scores"]["most frequent class"]["accuracy"] > 0.85  # each "no" counts as eleven "yes"
    assert "weight" not in glassnet.load(tmp_path / "model.safetensors").encoder_.feature_names_in


def test_simple_models_can_be_left_out(train):
    _, result, _ = train("people.csv", "--no-compare")
    assert set(result["scores"]) == {"network"}


@pytest.mark.parametrize("loss", ["hinge", "focal"])
def test_losses_of_classes(train, loss):
    code, result, _ = train("people.csv", "--loss", loss)
    assert code == 0
    assert ("log_loss" in result["scores"]["network"]) is (loss == "focal")


def test_lbfgs_is_announced_without_what_it_does_not_use(train):
    code, _, said = train("people.csv", "--optimizer", "lbfgs")
    assert code == 0
    assert "binary_cross_entropy, lbfgs, up to 5 epochs" in said


@pytest.mark.slow
def test_integers_are_classes_only_when_few_or_when_asked(train, tmp_path):
    rng = np.random.default_rng(0)
    stars = rng.integers(1, 6, 100)
    pl.DataFrame({"x": stars + rng.normal(size=100), "stars": stars}).write_csv(tmp_path / "stars.csv")
    _, result, said = train(tmp_path / "stars.csv", target="stars")
    assert result["task"] == "classification"
    assert "integers, with only 5 distinct values" in said
    (tmp_path / "model.safetensors").unlink()
    _, result, said = train(tmp_path / "stars.csv", "--task", "regression", target="stars")
    assert result["task"] == "regression"
    assert "regression: as given" in said


# ----------------------------------------------------------------- refusals


def test_a_diverging_training_says_so(train):
    code, _, said = train("houses.csv", "--optimizer", "sgd", "--learning-rate", "1e30", target="price")
    assert code == 1
    assert "glassnet: " in said.splitlines()[-1]
    assert "learning rate" in said.splitlines()[-1]


@pytest.mark.slow
def test_an_existing_model_is_only_replaced_by_force(train, tmp_path):
    out = tmp_path / "model.safetensors"
    out.write_text("precious")
    code, _, said = train("people.csv")
    assert code == 2
    refused, command = said.splitlines()
    assert refused == f"glassnet: {out} already exists. Choose another file with --out, or overwrite it with --force."
    assert command.startswith("  glassnet train ")
    assert out.read_text() == "precious"
    assert train("people.csv", "--force")[0] == 0
    assert isinstance(glassnet.load(out), NeuralClassifier)


def test_the_table_itself_is_never_overwritten(tables, tmp_path, capsys):
    file, link = tmp_path / "people.csv", tmp_path / "link.safetensors"
    file.write_bytes((tables / "people.csv").read_bytes())
    link.symlink_to(file)
    for out in (file, link):
        assert main(["train", f"{file}", "--target", "came back", "--out", f"{out}", "--force"]) == 2
        assert "--out must not be an input file" in capsys.readouterr().err
    assert file.read_bytes() == (tables / "people.csv").read_bytes()


def test_an_output_that_cannot_be_written_is_refused_before_the_work(tables, tmp_path, capsys):
    for out in (tmp_path / "none" / "m.safetensors", tmp_path):
        assert main(["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{out}"]) in (1, 2)
        said = capsys.readouterr().err
        assert said.startswith("glassnet: ")
        assert "folder" in said


def test_a_name_that_no_file_can_have_is_refused_before_the_work(tmp_path):
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "nowhere").symlink_to(tmp_path / "none" / "m.safetensors")
    for name, error in (("m" * 300, OSError), ("circle", OSError), ("nowhere", InputError)):
        with pytest.raises(error):
            check_output(tmp_path / name, [], force=True)


@pytest.mark.slow
def test_json_is_strict(tables, tmp_path, capsys):
    words = ["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{tmp_path}/m.safetensors", "--json"]
    assert main([*words, "--epochs", "2"]) == 0

    def refuse(name):
        raise AssertionError(name)

    assert json.loads(capsys.readouterr().out, parse_constant=refuse)["epochs"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
def test_json_has_what_was_noticed_in_the_table(quiet, tmp_path, capsys):
    rows = "".join(f"{row},{-999 if row % 9 == 0 else 20 + row % 50},{row % 7 > 2}\n" for row in range(200))
    (tmp_path / "t.csv").write_text(f"number,age,y\n{rows}")
    words = ["train", f"{tmp_path}/t.csv", "--target", "y", "--out", f"{tmp_path}/m.safetensors", "--no-report"]
    assert main([*words, "--preset", "mlp", "--epochs", "1", "--json", *quiet]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)["findings"]
    assert {each["kind"] for each in found} == {"row_numbers", "sentinel"}
    assert all((each["what"] in " ".join(said.err.split())) == (not quiet) for each in found)


def test_roles_know_what_is_not_learned_from():
    assert Roles("y", ("a", "b"), ("c",), "w").not_features == ["y", "a", "b", "c", "w"]


@pytest.mark.slow
def test_a_network_that_is_no_better_than_a_constant_is_told_so_in_the_last_lines(tmp_path, capsys):
    rng = np.random.default_rng(0)
    table, out = tmp_path / "noise.csv", tmp_path / "m.safetensors"
    write_rows(
        table, ["a", "b", "y"], ([*rng.normal(size=2), rng.choice(["yes", "no"], p=[0.8, 0.2])] for _ in range(200))
    )
    words = ["train", f"{table}", "--target", "y", "--out", f"{out}", "--force", "--preset", "mlp", "--epochs", "4"]
    words += ["--hidden-layers", "8", "--learning-rate", "1e-7"]
    for report in (True, False):
        assert main([*words, *([] if report else ["--no-report"])]) == 0
        last = " ".join(" ".join(capsys.readouterr().out.splitlines()[-8:]).split())
        assert "warning The network is no better than the majority-class baseline: accuracy" in last
        assert "Likely reason: the learning rate is too low" in last
        assert "verdict Do not use it: it is no better than a constant prediction" in last
    page = (tmp_path / "m.report.html").read_text()
    assert "no better than the majority-class baseline" in page
    assert "Likely reason: the learning rate is too low" in page
    assert main([*words, "--json", "--no-report"]) == 0
    assert "no better" in json.loads(capsys.readouterr().out)["verdict"]


def test_a_good_network_is_not_accused(train):
    _, record, _ = train("people.csv", "--id", "customer_id", "--hidden-layers", "64", "--epochs", "60")
    assert record["verdict"] is None


def test_of_few_test_rows_little_is_believed(train):
    _, record, _ = train("people.csv", "--test", "0.01")
    assert record["rows"]["test"] < 20
    assert "The scores are unreliable with so few rows" in record["verdict"]


def ended(epochs, code, best=None):
    history = History([{"epoch": epoch, "loss": 1.0} for epoch in range(1, epochs + 1)])
    history.best_epoch = best
    history.end(code, count=3 if code == "patience" else epochs)
    return history


@pytest.mark.parametrize(
    ("histories", "english", "chinese"),
    [
        (
            [ended(6, "patience", 3), ended(9, "patience", 6), ended(5, "done")],
            "5 to 9 epochs in 1.5 s: no improvement for 3 epochs; all 5 epochs are done; "
            "the weights of each validated member's best epoch are kept (3 to 6)",
            "5 至 9 轮，用时 1.5 秒：连续 3 轮没有改善；5 轮全部完成；各成员保留验证结果最好时的权重（第 3 至 6 轮）",
        ),
        (
            [ended(8, "done", 7), ended(8, "done", 7)],
            "8 epochs in 1.5 s: all 8 epochs are done; the weights of epoch 7 are kept",
            "8 轮，用时 1.5 秒：8 轮全部完成；保留第 7 轮的权重",
        ),
        (
            [ended(4, "interrupted"), ended(2, "interrupted")],
            "after 2 to 4 epochs, 1.5 s; the last weights are kept",
            "训练了 2 至 4 轮，1.5 秒；保留最后的权重",
        ),
    ],
)
def test_what_is_said_at_the_end_holds_for_all_members(histories, english, chinese, capsys):
    for language, said in (("en", english), ("zh", chinese)):
        with speaking(language):
            say_ended(Output(), histories, 1.5)
        assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("requested", "hinted"), [(None, True), ("classification", False)])
def test_integers_that_are_taken_for_classes_come_with_a_hint(requested, hinted, tmp_path, capsys):
    file = tmp_path / "wine.csv"
    file.write_text("x,quality\n" + "".join(f"{row},{3 + row % 6}\n" for row in range(60)), "utf-8")
    say_target(Output(), "quality", read_labelled(file, Roles("quality")), requested, [])
    assert (
        "if the integers are scores or amounts, not classes: --task regression" in capsys.readouterr().err
    ) is hinted


def test_the_linear_model_of_texts_is_no_layer_of_the_row_of_layers(capsys):
    rows = [[f"parcel {row} is {'free' if row % 2 else 'here'}"] for row in range(60)]
    model = NeuralClassifier(preset="mlp", free_text=["x0"], random_state=0, epochs=1).fit(rows, [1, 2] * 30)
    say_network(Output(), model)
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("network ")]
    assert " · 1 out · plus a linear model of n-grams; " in line
    assert " · 1 · " not in line
