"""A model card says what is known, marks what is not, and never overwrites what a person has written."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import glassnet
from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor, load, save
from glassnet.errors import InputError, InputTypeError
from glassnet.exchange.model_card import card, facts
from glassnet.insight.report.texts import TEXTS
from glassnet.support.escape_controls import escape_controls

rng = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"age": rng.integers(18, 90, 80) * 1.0, "city|town": ["Ürümqi", "b", "c", None] * 20, "x": rng.normal(size=80)}
)
SIGN = np.array(["no", "yes"])[(FRAME["x"] > 0).astype(int)]
SHORT = {"preset": "mlp", "hidden_layers": (4,), "epochs": 3, "random_state": 0, "engine": "reference"}
CLASSIFIER = NeuralClassifier(**SHORT).fit(FRAME[:50], SIGN[:50])
REGRESSOR = NeuralRegressor(**SHORT).fit(FRAME[:50], FRAME["x"][:50]).conformalize(FRAME[50:], FRAME["x"][50:])
REST = (FRAME[50:], SIGN[50:])


def noted(notes):
    model = NeuralClassifier(**SHORT).fit(FRAME[:50], SIGN[:50])
    model.notes_ = notes
    return model


NOTES = {
    "target": "came back",
    "scores": {"network": {"accuracy": 0.75}, "logistic regression": {"accuracy": 0.5}},
    "test_rows": 30,
    "intervals": {"accuracy": [0.6, 0.9]},
    "next_step": {"en": "Use *it*.", "zh": "可以使用。"},
}


# ----------------------------------------------------------------------- facts


@pytest.mark.parametrize(
    "model", [CLASSIFIER, REGRESSOR, NeuralNetwork(3, [1])], ids=lambda model: type(model).__name__
)
def test_facts_are_strict_json_and_always_the_same_names(model):
    known = facts(model)
    assert json.loads(json.dumps(known, allow_nan=False)) == known
    assert list(known) == list(facts(CLASSIFIER))


def test_facts_of_a_classifier():
    known = facts(CLASSIFIER)
    assert (known["kind"], known["task"], known["classes"]) == ("NeuralClassifier", "classification", ["no", "yes"])
    assert [column["name"] for column in known["columns"]] == ["age", "city|town", "x"]
    assert known["network"]["parameters"] == CLASSIFIER.network_.layout.size
    assert known["data"]["rows"] == 50
    assert known["evaluation"] is None
    assert known["training"][0]["epochs"] == 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_kinds_of_other_sizes_are_all_counted(language, tmp_path):
    kinds = {"members": 2, "kinds": [{"hidden_layers": (4,)}, {"hidden_layers": (8,)}]}
    model = NeuralClassifier(epochs=1, random_state=0, **kinds).fit(FRAME[:50], SIGN[:50])
    small, large = [network.layout.size for network in model.networks_]
    assert [kind["parameters"] for kind in facts(model)["kinds"]] == [small, large]
    text = model.card(tmp_path / "card.md", language=language).read_text(encoding="utf-8")
    assert f"{small:,}–{large:,} " in text


def test_facts_survive_a_file(tmp_path):
    save(CLASSIFIER, tmp_path / "model")
    assert facts(load(tmp_path / "model")) == facts(CLASSIFIER)


def test_it_is_scored_on_rows_that_are_given():
    found = facts(CLASSIFIER, REST)["evaluation"]
    assert found["rows"] == 30
    assert found["scores"]["network"]["accuracy"] == CLASSIFIER.score(*REST)
    low, high = found["intervals"]["accuracy"]
    assert low <= CLASSIFIER.score(*REST) <= high


def test_weights_count():
    weight = np.r_[np.ones(15), np.zeros(15)]
    found = facts(CLASSIFIER, (*REST, weight))["evaluation"]
    assert found["rows"] == 15
    assert found["scores"]["network"]["accuracy"] == CLASSIFIER.score(FRAME[50:65], SIGN[50:65])


def test_what_training_noted_is_used():
    known = facts(noted(NOTES))
    assert known["target"] == "came back"
    assert known["evaluation"] == {
        name: NOTES["test_rows" if name == "rows" else name] for name in ("rows", "scores", "intervals", "next_step")
    }


@pytest.mark.parametrize(
    "notes",
    [
        {"scores": 3, "target": 7},
        {"scores": {"network": [1]}},
        {"scores": {"network": {"accuracy": "high", "os.system": 1.0}}},
        {"scores": {"network": {"accuracy": float("nan")}}, "intervals": {"accuracy": [1]}},
    ],
)
def test_notes_of_a_stranger_are_not_believed(notes):
    known = facts(noted(notes))
    assert known["evaluation"] is None
    assert known["target"] is None


def test_several_targets_have_facts_but_no_scores():
    answers = np.column_stack([SIGN == "yes", FRAME["age"] > 50]).astype(int)
    model = NeuralClassifier(**SHORT).fit(FRAME, answers)
    assert facts(model)["classes"] == [[0, 1], [0, 1]]
    assert facts(model)["data"]["target"] is None
    with pytest.raises(InputError, match="Scores in a model card need one target per row"):
        facts(model, (FRAME, answers))


def test_what_has_no_facts_is_refused():
    with pytest.raises(InputTypeError, match="A model with a card must be one of: NeuralClassifier.*Received: str"):
        facts("model.safetensors")
    with pytest.raises(NotFittedError):
        facts(NeuralClassifier())
    with pytest.raises(
        InputError, match="Scores in a model card need a classifier or a regressor. Received: NeuralNetwork"
    ):
        facts(NeuralNetwork(3, [1]), REST)
    with pytest.raises(InputTypeError, match=r"`test_data` must be \(X, y\)"):
        facts(CLASSIFIER, FRAME)


# ------------------------------------------------------------------------ card


def front_matter(text):
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load(text.split("---\n")[1])


def test_the_front_matter_is_yaml_of_the_hub_s_form(tmp_path):
    text = card(CLASSIFIER, tmp_path / "a: b.md", test_data=REST).read_text()
    found = front_matter(text)
    assert found["library_name"] == "glassnet"
    assert found["pipeline_tag"] == "tabular-classification"
    (entry,) = found["model-index"]
    assert entry["name"] == "a: b"
    metrics = {metric["type"]: metric["value"] for metric in entry["results"][0]["metrics"]}
    assert metrics == facts(CLASSIFIER, REST)["evaluation"]["scores"]["network"]


def test_a_card_without_scores_promises_none(tmp_path):
    found = front_matter(card(REGRESSOR, tmp_path / "card.md").read_text())
    assert found["pipeline_tag"] == "tabular-regression"
    assert "model-index" not in found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_section_is_there(language, tmp_path):
    text = card(noted(NOTES), tmp_path / "card.md", language=language).read_text()
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    sections = [title for name, title in TEXTS.items() if name.startswith("card_section.")]
    assert titles == [title.say(language) for title in sections]
    assert text.count(TEXTS["card.fill_in"].say(language, what="")) == 3
    assert "75.00% | 60.00% – 90.00% | 50.00%" in text
    assert "came back" in text
    assert "Ürümqi" in text
    assert "city\\|town" in text  # a table of Markdown must not break at it
    assert str(CLASSIFIER.network_.layout.size) in text


def test_a_chinese_card_has_no_english_sentence(tmp_path):
    text = card(REGRESSOR, tmp_path / "card.md", language="zh", test_data=(FRAME[50:], FRAME["x"][50:])).read_text()
    for name, value in TEXTS.items():
        if name.startswith("card") and len(value.split()) > 2:
            assert value.split("{")[0] not in text or not value.split("{")[0]


def test_what_is_promised_is_said(tmp_path):
    text = card(REGRESSOR, tmp_path / "card.md").read_text()
    assert "the same source as the 30 rows given to `conformalize`" in text


def test_names_of_the_user_s_become_no_markup(tmp_path):
    model = noted(NOTES | {"target": "<script>|*x*\n# y"})
    text = card(model, tmp_path / "card.md").read_text()
    assert "\\<script\\>\\|\\*x\\* \\# y" in text


def test_control_characters_are_spelled_out(tmp_path):
    model = noted(NOTES | {"target": "\x1b[1mpaid\u202e"})
    text = card(model, tmp_path / "card.md", name="\u202ename").read_text()
    assert r"\x1b\[1mpaid\u202e" in text
    assert escape_controls(text) == text


def test_the_code_of_a_card_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(CLASSIFIER, "model.safetensors")
    (code,) = re.findall(r"```python\n(.*?)```", card(CLASSIFIER, "card.md").read_text(), re.DOTALL)
    exec(code, {"X": FRAME})


def test_a_card_that_is_there_stays(tmp_path):
    (tmp_path / "card.md").write_text("filled in")
    with pytest.raises(InputError, match="The file of a model card must be new"):
        card(CLASSIFIER, tmp_path / "card.md")
    assert (tmp_path / "card.md").read_text() == "filled in"
    CLASSIFIER.card(tmp_path / "card.md", force=True)
    assert "glassnet" in (tmp_path / "card.md").read_text()


def test_a_card_needs_a_language_and_a_folder(tmp_path):
    with pytest.raises(InputError, match="`language` must be one of: en, zh"):
        card(CLASSIFIER, tmp_path / "card.md", language="de")
    with pytest.raises(FileNotFoundError):
        card(CLASSIFIER, tmp_path / "none" / "card.md")


def test_the_door_is_the_same():
    assert glassnet.card is card


# ----------------------------------------------------------------------- texts


@pytest.fixture(scope="module")
def mails():
    """Mails, which of them are spam, and a model of both."""
    table = pd.DataFrame({"mail": [f"parcel {row} is {'free' if row % 2 else 'here'}" for row in range(60)]})
    y = np.array([1, 2] * 30)
    return NeuralClassifier(preset="mlp", free_text=["mail"], random_state=0, epochs=10).fit(table, y), table, y


def test_a_card_with_rows_names_the_strongest_words_of_each_class(mails, tmp_path):
    model, *rows = mails
    known = facts(model, tuple(rows))
    assert json.loads(json.dumps(known["words"], allow_nan=False)) == known["words"]
    assert [group["words"][0]["word"] for group in known["words"]] == ["here", "free"]
    text = card(model, tmp_path / "card.md", test_data=tuple(rows), language="en").read_text("utf-8")
    assert re.search(r"^\*\*mail: words for “2”\*\*: free \+\d.*\(30\)", text, re.M)


def test_a_card_without_rows_names_no_words(mails):
    assert facts(mails[0])["words"] is None


def test_the_linear_model_of_texts_stands_beside_the_layers(mails, tmp_path):
    text = card(mails[0], tmp_path / "card.md", language="en").read_text("utf-8")
    count = mails[0].encoder_.ngrams
    assert f"A linear model on the {count:,} n-grams of the texts (`NgramLinear`) is added" in text
    assert "`NgramLinear(" not in text


def test_no_cell_of_the_columns_is_empty(mails, tmp_path):
    text = card(mails[0], tmp_path / "card.md", language="en").read_text("utf-8")
    assert "| mail | text | 0 | 60 | texts, which are not listed |" in text
