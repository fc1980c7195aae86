"""``glassnet inspect``: everything that a model file says of itself."""

from __future__ import annotations

import json

import glassnet
from glassnet import NeuralNetwork
from glassnet.apps.cli import main
from glassnet.training.history_display import ending


def test_people_see_network_columns_settings_history_and_scores(classifier, capsys):
    assert main(["inspect", f"{classifier}"]) == 0
    shown = capsys.readouterr().out
    model = glassnet.load(classifier)
    assert f"written by glassnet {glassnet.__version__}" in shown
    assert "target      came back: one of no, yes" in shown
    assert model.network_.summary() in shown
    for column in model.encoder_.columns:
        assert column.action in shown
    for name in model.settings_:
        assert f"\n{name} " in shown
    assert f"{model.history_['loss'][-1]:.4g}" in shown
    assert ending(*model.histories_) in shown
    assert "\nlogistic regression " in shown


def test_json_has_all_of_it(classifier, capsys):
    assert main(["inspect", f"{classifier}", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    model = glassnet.load(classifier)
    assert record["bytes"] == classifier.stat().st_size
    assert record["kind"] == "NeuralClassifier"
    assert record["versions"]["glassnet"] == glassnet.__version__
    assert record["parameters"] == model.network_.layout.size
    assert [layer["type"] for layer in record["layers"]] == [type(layer).__name__ for layer in model.network_.layers]
    assert record["classes"] == ["no", "yes"]
    assert record["notes"]["ids"] == ["customer_id"]
    assert record["history"]["rows"] == model.history_.rows
    assert [column["name"] for column in record["columns"]] == ["age", "city", "paid"]
    assert [each["epochs"] for each in record["members"]] == [len(history) for history in model.histories_]
    assert record["data"] == json.loads(json.dumps(model.data_.to_plain()))
    assert [column["name"] for column in record["data"]["columns"]] == ["age", "city", "paid"]


def test_a_long_history_is_shortened_but_for_the_best_epoch(tables, tmp_path, capsys):
    out = f"{tmp_path}/m.safetensors"
    words = ["train", f"{tables}/people.csv", "--target", "came back", "--out", out, "-q", "--hidden-layers", "4"]
    words += ["--members", "3", "--no-report"]
    assert main([*words, "--epochs", "100", "--validation", f"{tables}/later.csv"]) == 0
    assert main(["inspect", out]) == 0
    shown = capsys.readouterr().out
    history = shown[shown.index("validation loss") : shown.index("epochs are done")].splitlines()[2:-1]
    epochs = [int(line.split()[0]) for line in history]
    assert epochs[0] == 1
    assert epochs[-1] == 100
    assert glassnet.load(out).history_.best_epoch in epochs
    assert len(epochs) <= 13


def test_a_regression(regressor, capsys):
    assert main(["inspect", f"{regressor}"]) == 0
    assert "target      price: a number" in capsys.readouterr().out


def test_a_bare_network(tmp_path, capsys):
    network = NeuralNetwork(3, ["relu:4", 1])
    glassnet.save(network, tmp_path / "bare.safetensors")
    assert main(["inspect", f"{tmp_path}/bare.safetensors"]) == 0
    shown = capsys.readouterr().out
    assert network.summary() in shown
    assert "target" not in shown


def test_what_is_no_model(tables, tmp_path, capsys):
    assert main(["inspect", f"{tables}/people.csv"]) == 1
    assert main(["inspect", f"{tmp_path}/none.safetensors"]) == 1
    assert main(["inspect", f"{tmp_path}"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("glassnet: people.csv cannot be loaded")
    assert lines[1:] == [
        f"glassnet: No such file or directory: {tmp_path}/none.safetensors",
        f"glassnet: A folder to load must have a checkpoint. Received: {tmp_path}, without one. Wait for the first "
        "checkpoint.",
    ]
