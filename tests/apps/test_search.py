"""``glassnet search``: as a training, with options that were searched for."""

from __future__ import annotations

import json
import signal
import sys

import pytest

import glassnet
from glassnet.apps.cli import main
from tests.waiting import wait_until

FIXED = {
    "--preset": "mlp",
    "--hidden-layers": "8",
    "--epochs": "5",
    "--activation": "relu",
    "--numeric-embedding": "none",
    "--jobs": "1",
}


def words_of(options):
    return [word for option, value in options.items() for word in (option, value)]


@pytest.fixture
def search(tables, tmp_path, capsys):
    """Search, quickly; gives the exit code, the JSON of the result, and what was said."""

    def run(table, *words, target="came back"):
        fixed = {option: value for option, value in FIXED.items() if option not in words}
        limit = [] if "--budget" in words or "--trials" in words else ["--trials", "3"]
        named = ["--target", target, "--out", f"{tmp_path}/model.safetensors", "--json", "--no-report"]
        code = main(["search", f"{tables / table}", *named, *words_of(fixed), *limit, *words])
        said = capsys.readouterr()
        return code, json.loads(said.out) if code == 0 else None, said.err

    return run


@pytest.mark.slow
def test_a_model_is_searched_for_scored_and_saved(search, tmp_path):
    code, result, said = search("people.csv", "--id", "customer_id", "--trials", "4")
    assert code == 0
    found = result["search"]
    assert len(found["trials"]) == 4
    assert found["best_score"] <= found["default_score"] == found["trials"][0]["validation_loss"]
    assert (found["validation"], found["ended"]) == ("3 folds", "all 4 trials are done")
    assert result["rows"] == {"training": 240, "test": 60, "without target": 0, "left out": 0}
    assert set(result["scores"]) == {"network", "logistic regression", "most frequent class"}
    model = glassnet.load(tmp_path / "model.safetensors")
    assert model.notes_["target"] == "came back"
    assert model.learning_rate == found["best_options"].get("learning_rate")
    assert model.settings_["epochs"] == 5
    topics = [line.split()[0] for line in said.splitlines() if not line.startswith(" ")]
    assert topics == [
        *("table", "target", "task", "rows", "search"),
        *("searched", "best", "network", "training", "trained"),
    ]


@pytest.mark.slow
def test_people_see_the_best_trials(tables, tmp_path, capsys):
    words = ["search", f"{tables}/houses.csv", "--target", "price", "--out", f"{tmp_path}/m.safetensors"]
    assert main([*words, *words_of(FIXED), "--trials", "7", "--validation", "0.3"]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[1].split() == ["trial", "validation", "loss", "seconds", "options"]
    assert len([line for line in lines[3:] if "learning rate" in line]) == 5
    assert "the defaults: " in said.out
    assert "; with the defaults " in said.err
    assert "by 30 % of the rows" in said.err
    assert any(line.startswith("the network ") for line in lines)
    model = next(place for place, line in enumerate(lines) if line.startswith(f"model       {tmp_path}"))
    assert lines[model + 1].startswith(f"report      {tmp_path}/m.report.html")


@pytest.mark.slow
def test_quiet_says_nothing(tables, tmp_path, capsys):
    words = ["search", f"{tables}/people.csv", "--target", "came back", "--out", f"{tmp_path}/m.safetensors", "-q"]
    assert main([*words, *words_of(FIXED), "--trials", "2"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_the_same_command_goes_on(search, tmp_path):
    file = tmp_path / "tried.search"
    _, first, _ = search("people.csv", "--resume", f"{file}", "--trials", "2")
    _, second, _ = search("people.csv", "--resume", f"{file}", "--trials", "4", "--force")
    assert second["search"]["trials"][:2] == first["search"]["trials"]
    assert len(second["search"]["trials"]) == 4


@pytest.mark.slow
def test_scoring_decides(search):
    _, result, _ = search("people.csv", "--scoring", "roc_auc")
    assert result["search"]["metric"] == "validation_roc_auc"
    assert result["search"]["best_score"] >= result["search"]["default_score"]


@pytest.mark.slow
def test_rows_of_a_file_may_judge(search, tables):
    _, result, said = search("people.csv", "--validation", f"{tables}/later.csv")
    assert result["search"]["validation"] == "100 separate rows"
    assert "240 for training, 100 for validation, 60 for testing" in said
    _, result, _ = search("people.csv", "--validation", "2", "--force")
    assert result["search"]["validation"] == "2 folds"


def test_without_optuna_it_says_what_to_install(search, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    code, _, said = search("people.csv")
    assert code == 1
    assert said == 'glassnet: A search for options needs optuna. Install it with: pip install "glassnet[search]"\n'


@pytest.mark.slow
def test_ctrl_c_trains_with_the_best_so_far(tables, tmp_path, process):
    out, file = tmp_path / "m.safetensors", tmp_path / "tried.search"
    words = ["search", tables / "people.csv", "--target", "came back", "--out", out, "--resume", file]
    running = process(*words, *words_of(FIXED), "--budget", "1h")
    wait_until(lambda: running.poll() is not None or (file.exists() and file.read_text().count('"complete"') >= 3))
    running.send_signal(signal.SIGINT)
    shown, said = running.communicate()
    assert running.returncode == 130
    assert "; interrupted" in said
    assert f"model       {out}" in shown
    assert "logistic regression" not in shown  # whoever stops does not want to wait
    assert glassnet.load(out).n_iter_ == 5


@pytest.fixture
def visits(tmp_path):
    """Sixty rows, each in one of six folds."""
    rows = [f"{row % 6},{row % 7},{row * 37 % 11}" for row in range(60)]
    (tmp_path / "visits.csv").write_text("\n".join(["fold,x,y", *rows]))
    return ["search", f"{tmp_path}/visits.csv", "--target", "y", "--trials", "1", "--out", f"{tmp_path}/m", "--json"]


def test_folds_of_a_column_judge_trials_and_the_model(visits, capsys):
    assert main([*visits, *words_of(FIXED), "--test", "0", "--fold", "fold"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["search"]["validation"] == "6 folds"
    assert (result["settings"]["members"], result["settings"]["cv"]) == (6, "LeaveOneGroupOut()")


def test_groups_stay_together_in_a_search(visits, capsys):
    assert main([*visits, *words_of(FIXED), "--no-report", "--group", "fold"]) == 0
    assert "no fold in more than one of them" in capsys.readouterr().err
