"""The form: every column has a field, what was filled in is answered, and the page can do no harm."""

from __future__ import annotations

import base64
import hashlib
import html
import re

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet import NeuralClassifier, NeuralNetwork
from glassnet.support.language import Text, speaking
from glassnet.support.scripts import WEB
from tests.apps.server.conftest import ROW

TYPED = {"age": "62", "city": "Ulm", "paid": "30.5"}


def test_every_column_has_a_field_with_a_label(client):
    page = client.get("/").text
    for place, name in enumerate(("age", "city", "paid")):
        assert f'<label for="field-{place}">{name}</label>' in page
        assert re.search(rf'<(input|select)[^>]* id="field-{place}" name="{name}"', page)
    assert '<option value="Graz">' in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_form_has_the_title_of_an_exported_page(client, language):
    page = (WEB / "model/main.js").read_text(encoding="utf-8")
    titled = Text(re.search(r'say\("([^"]*\{target\})", \{ target: about\.target', page)[1]).say(language)
    assert f"<title>{titled.removesuffix('{target}')}" in client.get(f"/?language={language}").text


@pytest.mark.parametrize(("language", "words"), [("en", "Prediction"), ("zh", "预测结果")])
def test_what_was_filled_in_is_answered_as_by_predict(client, language, words):
    page = client.post(f"/?language={language}", data=TYPED).text
    told = client.post("/predict", json={"rows": [ROW]}).json()["rows"][0]
    assert words in page
    assert f"{told['probability_yes']:.4f}" in page
    assert client.post("/explain", json={"row": ROW, "language": language}).json()["words"] in page
    assert 'value="62"' in page
    assert '<option value="Ulm" selected="selected">' in page


def test_nothing_filled_in_is_a_row_of_gaps(client):
    assert client.post("/", data=dict.fromkeys(TYPED, "")).status_code == 200


def test_what_cannot_be_a_row_is_said_and_stays_in_the_field(client):
    page = client.post("/", data=TYPED | {"age": "old"})
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert "as in training" in page.text
    assert 'value="old"' in page.text


@pytest.mark.parametrize(("column", "cell"), [("age", "old"), ("age", "1e999"), ("paid", "2e400")])
def test_it_is_said_in_the_language_of_the_page(client, column, cell):
    english, chinese = (client.post(f"/?language={one}", data=TYPED | {column: cell}).text for one in ("en", "zh"))
    said = [re.search(r'role="alert"[^>]*>(.*?)</', page, re.DOTALL)[1] for page in (english, chinese)]
    assert said[0] != said[1]
    assert re.search("[\u4e00-\u9fff]", said[1])
    asked = {"row": {column: cell}, "language": "zh"}
    assert re.search("[\u4e00-\u9fff]", client.post("/explain", json=asked).text)


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [("", "zh-CN,zh;q=0.9", "zh-Hans"), ("", "fr", "en"), ("?language=en", "zh", "en"), ("?language=<b>", "zh", "en")],
)
def test_the_language_is_what_was_asked_for_or_what_the_browser_prefers(client, query, accepted, language):
    assert f'<html lang="{language}">' in client.get(f"/{query}", headers={"accept-language": accepted}).text


def test_the_language_that_the_server_was_started_in_comes_before_that_of_the_browser(client):
    """As set for the process, so it holds in the threads that answer; the address of a page comes before it."""
    with speaking("zh"):
        assert '<html lang="zh-Hans">' in client.get("/docs", headers={"accept-language": "en"}).text
        assert '<html lang="en">' in client.get("/?language=en", headers={"accept-language": "en"}).text
        told = client.post("/", data=TYPED, headers={"accept-language": "en"}).text
        assert client.post("/explain", json={"row": ROW, "language": "zh"}).json()["words"] in told


def test_no_script_and_nothing_from_elsewhere(client):
    for page in (client.get("/"), client.post("/", data=TYPED), client.get("/docs")):
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
        assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy
        assert "<script" not in page.text
        assert " style=" not in page.text
        assert not re.search(r'(src|href|action)="(https?:)?//', page.text)


def test_names_and_levels_from_a_model_file_stay_text(serve, tmp_path):
    nasty = "\u202e<script>alert(1)</script>"
    rng = np.random.default_rng(0)
    X = pd.DataFrame({nasty: rng.choice([nasty, "b", "c"], 80), "when": pd.date_range("2024-01-01", periods=80)})
    X["flag"] = rng.random(80) > 0.5
    model = NeuralClassifier(preset="mlp", epochs=2, random_state=0).fit(X, np.where(X[nasty] == "b", nasty, "other"))
    model.notes_ = {"target": nasty}
    glassnet.save(model, tmp_path / "nasty.safetensors")
    client = serve(tmp_path / "nasty.safetensors")
    typed = {nasty: nasty, "when": "2024-02-03", "flag": "true"}
    for page in (client.get("/"), client.post("/", data=typed), client.get("/docs")):
        assert page.status_code == 200
        assert "<script" not in page.text
    page = client.get("/").text
    assert 'type="datetime-local"' in page
    assert f'name="{html.escape(nasty)}">' in page  # as it must come back
    assert rf"\u202e{html.escape(nasty[1:])}</label>" in page


def test_a_network_that_was_trained_elsewhere_is_served(serve, tmp_path):
    network = NeuralNetwork(2, [3], loss="cross_entropy")
    model = NeuralClassifier.from_network(network, classes=["rain", "snow", "sun"], columns=["hPa", "°C"])
    glassnet.save(model, tmp_path / "adopted.safetensors")
    client = serve(tmp_path / "adopted.safetensors")
    page = client.post("/", data={"hPa": "1", "°C": "-2"})
    assert f"{model.predict_proba([[1.0, -2.0]]).max():.4f}" in page.text
    assert client.get("/docs").status_code == 200


def test_a_row_of_very_many_columns_is_not_filled_in_by_hand(serve, tmp_path):
    X = np.random.default_rng(0).normal(size=(60, 300))
    model = NeuralClassifier(preset="mlp", epochs=1, random_state=0).fit(X, X[:, 0] > 0)
    glassnet.save(model, tmp_path / "wide.safetensors")
    client = serve(tmp_path / "wide.safetensors")
    page = client.get("/").text
    assert "too many to fill in" in page
    assert "<form" not in page
    assert client.get("/docs").status_code == 200


def test_only_a_form_is_a_form(client):
    assert client.post("/", json={}).status_code == 415
    assert client.post("/", data={"age": "9" * 2_000_000}).status_code == 413
