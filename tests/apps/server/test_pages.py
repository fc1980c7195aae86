"""The form is the page that ``to_html`` writes, or asks the server where that keeps its model; no page can do harm."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet import NeuralClassifier, NeuralNetwork, to_html
from glassnet.exchange.graph import GAP, graph_inputs
from glassnet.support.language import opened_in, speaking
from tests.apps.server.conftest import ROW
from tests.exchange.models import FRAME, fitted

KEY = {"key": "correct-horse", "headers": {"x-api-key": "correct-horse"}}


def known(text):
    """What a page knows of its model."""
    return json.loads(re.search(r'<script id="model" type="application/json">(.*?)</script>', text)[1])


def test_the_form_is_the_page_that_an_export_writes(client, classifier, tmp_path):
    exported = known(to_html(glassnet.load(classifier), tmp_path / "app.html").read_text("utf-8"))
    served = known(client.get("/").text)
    assert served.pop("server")["model"] == client.get("/health").json()["model"]
    assert exported.pop("server") is None
    assert served == exported


@pytest.mark.parametrize("private", [False, True])
def test_who_must_show_a_key_may_ask_the_model_and_does_not_get_it(serve, private):
    client = serve(**KEY) if private else serve()
    page = client.get("/")
    assert (known(page.text)["graph"] is None) == private
    assert ("connect-src 'self'" in page.headers["content-security-policy"]) == private
    assert ("is sent to this server" in page.text.partition("<script")[0]) == private


def test_a_large_model_stays_on_the_server(serve, monkeypatch):
    monkeypatch.setattr("glassnet.exchange.page.write_html.MOST_SENT", 10)
    assert known(serve().get("/").text)["graph"] is None


def test_what_the_page_asks_is_answered_as_by_predict(client):
    rows = [{"age": 62, "city": "Ulm", "paid": 30.5}, {"city": "Bern"}]
    answer = client.post("/answers", json={"rows": rows}).json()
    told = client.post("/predict", json={"rows": [ROW, {"age": None, "city": "Bern", "paid": None}]}).json()["rows"]
    assert answer["model"] == client.get("/health").json()["model"]
    assert answer["outputs"]["label"] == {"shape": [2], "data": [row["prediction"] for row in told]}
    shares = np.reshape(answer["outputs"]["probabilities"]["data"], answer["outputs"]["probabilities"]["shape"])
    np.testing.assert_allclose(shares, [[row["probability_no"], row["probability_yes"]] for row in told], atol=1e-7)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"rows": [[62, "Ulm"]]}, 422, "must be an object"),
        ({"rows": [{"age": "old"}]}, 422, "as in training"),
        ({"rows": [{}] * 4}, 413, "rows"),
    ],
)
def test_what_the_page_cannot_ask_is_refused(serve, body, status, words):
    answer = serve(rows=3).post("/answers", json=body)
    assert answer.status_code == status
    assert words in answer.json()["error"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a table", "promised intervals"])
def test_every_kind_of_column_comes_as_the_page_sends_it(serve, tmp_path, name):
    """Dates and times as text, as ``web/model/numbers.js`` writes them."""
    model = fitted(name)
    glassnet.save(model, tmp_path / "model.safetensors")
    client = serve(tmp_path / "model.safetensors", **KEY)
    page = known(client.get("/").text)
    written = {
        "date": lambda days: str(np.datetime64(int(days), "D")),
        "datetime": lambda moment: str(np.datetime64(int(moment), "us"))[:19],
        "time": lambda seconds: str(pd.Timestamp(0) + pd.Timedelta(seconds=round(seconds)))[11:],
        "boolean": bool,
    }
    columns = [cells[:, 0].tolist() for cells in graph_inputs(model.encoder_, FRAME).values()]
    rows = [
        {
            field["name"]: None
            if cell in ("", GAP) or cell != cell
            else written.get(field["kind"], lambda same: same)(cell)
            for field, cell in zip(page["fields"], row, strict=True)
        }
        for row in zip(*columns, strict=True)
    ]
    outputs = client.post("/answers", json={"rows": rows}).json()["outputs"]
    output = page["answer"]["output"]
    found = np.array(outputs[output]["data"]).reshape(outputs[output]["shape"])
    asked = model.predict_proba(FRAME) if output == "probabilities" else model.predict(FRAME)
    np.testing.assert_allclose(found, asked, atol=1e-5)


def test_a_new_file_is_a_new_page(client, file, serve):
    client = serve(file)
    before = known(client.get("/").text)["server"]["model"]
    model = NeuralClassifier(preset="mlp", epochs=1, random_state=1).fit([[0.0], [1.0]] * 20, [0, 1] * 20)
    glassnet.save(model, file)
    client.portal.call(client.reloader.refresh)
    page = known(client.get("/").text)
    assert page["server"]["model"] != before
    assert len(page["fields"]) == 1


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [("", "zh-CN,zh;q=0.9", "zh"), ("", "fr", "en"), ("?language=en", "zh", "en"), ("?language=<b>", "zh", "en")],
)
def test_the_language_is_what_was_asked_for_or_what_the_browser_prefers(client, query, accepted, language):
    asked = {"accept-language": accepted}
    assert opened_in("<html ", language) in client.get(f"/{query}", headers=asked).text
    assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}">' in client.get(f"/docs{query}", headers=asked).text


def test_the_language_that_the_server_was_started_in_comes_before_that_of_the_browser(client):
    """As set for the process, so it holds in the threads that answer; the address of a page comes before it."""
    with speaking("zh"):
        assert '<html lang="zh-Hans">' in client.get("/docs", headers={"accept-language": "en"}).text
        assert opened_in("<html ", "zh") in client.get("/", headers={"accept-language": "en"}).text
        assert opened_in("<html ", "en") in client.get("/?language=en", headers={"accept-language": "en"}).text


@pytest.mark.parametrize("settings", [{}, KEY])
def test_pages_run_their_own_script_alone_and_nothing_from_elsewhere(serve, settings):
    client = serve(**settings)
    for page in (client.get("/"), client.get("/docs")):
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert policy.endswith("frame-ancestors 'none'")
        for kind in ("style", "script"):
            for inside in re.findall(rf"<{kind}>(.*?)</{kind}>", page.text, re.DOTALL):
                digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
                assert f"{kind}-src 'sha256-{digest}'" in policy
        assert " style=" not in page.text.partition("<script")[0]
        assert not re.search(r'(src|href|action)="(https?:)?//', page.text.partition("<script>")[0])
    assert "<script" not in page.text


def test_without_scripts_the_page_says_what_it_needs(client):
    assert "<noscript>" in client.get("/").text


def test_names_and_levels_from_a_model_file_stay_text(serve, tmp_path):
    nasty = "\u202e<script>alert(1)</script>"
    rng = np.random.default_rng(0)
    X = pd.DataFrame({nasty: rng.choice([nasty, "b", "c"], 80), "when": pd.date_range("2024-01-01", periods=80)})
    X["flag"] = rng.random(80) > 0.5
    model = NeuralClassifier(preset="mlp", epochs=2, random_state=0).fit(X, np.where(X[nasty] == "b", nasty, "other"))
    model.notes_ = {"target": nasty}
    glassnet.save(model, tmp_path / "nasty.safetensors")
    client = serve(tmp_path / "nasty.safetensors")
    for page in (client.get("/"), client.get("/docs")):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "\u202e" not in page.text
    assert known(client.get("/").text)["fields"][0]["levels"][-1] == nasty


def test_a_network_that_was_trained_elsewhere_is_served(serve, tmp_path):
    network = NeuralNetwork(2, [3], loss="cross_entropy")
    model = NeuralClassifier.from_network(network, classes=["rain", "snow", "sun"], columns=["hPa", "°C"])
    glassnet.save(model, tmp_path / "adopted.safetensors")
    client = serve(tmp_path / "adopted.safetensors")
    assert known(client.get("/").text)["answer"]["names"] == ["rain", "snow", "sun"]
    found = client.post("/answers", json={"rows": [{"hPa": 1, "°C": -2}]}).json()["outputs"]["probabilities"]["data"]
    np.testing.assert_allclose(found, model.predict_proba([[1.0, -2.0]])[0], atol=1e-7)
    assert client.get("/docs").status_code == 200


@pytest.mark.parametrize(("language", "words"), [("en", "at most 200 columns"), ("zh", "200 列")])
def test_of_a_model_that_no_form_is_made_of_the_documentation_says_why(serve, tmp_path, language, words):
    X = np.random.default_rng(0).normal(size=(60, 300))
    model = NeuralClassifier(preset="mlp", epochs=1, random_state=0).fit(X, X[:, 0] > 0)
    glassnet.save(model, tmp_path / "wide.safetensors")
    page = serve(tmp_path / "wide.safetensors").get(f"/?language={language}")
    assert page.status_code == 200
    assert words in re.search(r'role="alert">(.*?)</p>', page.text)[1]
    assert "POST /predict" in page.text
