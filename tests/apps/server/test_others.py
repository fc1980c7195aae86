"""The other addresses: reasons, the model's card, health, metrics, and what programs can ask."""

from __future__ import annotations

import html
import json
import re

import jsonschema
import numpy as np
import polars as pl
import pytest

import glassnet
from glassnet import NeuralClassifier
from tests.apps.server.conftest import ROW


def test_a_row_is_explained_as_in_python(client, classifier):
    answer = client.post("/explain", json={"row": ROW}).json()
    frame = pl.DataFrame([ROW]).select("age", "city", "paid")
    expected = glassnet.load(classifier).explain(frame)
    assert answer["words"] == expected.words()
    assert answer["answer"] == expected.answers[0]
    assert answer["contributions"] == dict(zip(expected.columns, expected.contributions[0].tolist(), strict=True))
    assert abs(answer["base"] + sum(answer["contributions"].values()) - answer["value"]) < 2e-3


def test_reasons_in_chinese(client):
    assert "主要因为" in client.post("/explain", json={"row": ROW, "language": "zh"}).json()["words"]


def test_texts_are_explained_as_they_are_predicted(client):
    plain = client.post("/explain", json={"row": ROW}).json()
    assert client.post("/explain", json={"row": ROW | {"age": " 62 ", "city": "Ulm "}}).json() == plain


def test_the_card_says_what_a_row_must_have(client, classifier):
    card = client.get("/model").json()
    assert (card["task"], card["target"], card["classes"]) == ("classification", "came back", ["no", "yes"])
    assert [(column["name"], column["kind"]) for column in card["columns"]] == [
        ("age", "number"),
        ("city", "category"),
        ("paid", "number"),
    ]
    assert card["columns"][1]["levels"] == ["Bern", "Graz", "Ulm"]
    assert card["answer"] == ["prediction", "probability_no", "probability_yes"]
    assert card["scores"]["network"]["accuracy"] > 0.5
    assert card["ids"] == ["customer_id"]


def test_every_answer_names_the_model(client):
    digest = client.get("/health").json()["model"]
    assert re.fullmatch("[0-9a-f]{12}", digest)
    assert client.post("/predict", json={"rows": [ROW]}).json()["model"] == digest
    assert client.get("/model").json()["model"] == digest


def test_requests_and_rows_are_counted(client):
    client.post("/predict", json={"rows": [ROW, ROW, {}]})
    client.get("/nothing/at/all")
    counts = client.get("/metrics")
    assert counts.headers["content-type"].startswith("text/plain")
    for line in (
        'glassnet_requests_total{path="/predict",status="200"} 1.0',
        'glassnet_requests_total{path="other",status="404"} 1.0',
        "glassnet_rows_total 2.0",
        "glassnet_bad_rows_total 1.0",
        'glassnet_batch_rows_bucket{le="2.0"} 1.0',
        "glassnet_open_requests 1.0",
        "glassnet_loads_total 1.0",
    ):
        assert f"{line}\n" in counts.text


def test_answers_are_neither_kept_nor_guessed_at(client):
    for answer in (client.get("/"), client.post("/predict", json={"rows": [ROW]}), client.get("/nothing")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_column_of_text_is_described_as_such(serve, tmp_path):
    cells = [[f"the printer on floor {floor} is {'on fire' if floor % 2 else 'fine'}"] for floor in range(40)]
    model = NeuralClassifier(members=1, epochs=2, random_state=0).fit(cells, np.arange(40) % 2)
    glassnet.save(model, tmp_path / "texts.safetensors")
    assert serve(tmp_path / "texts.safetensors").get("/model").json()["columns"] == [{"name": "x0", "kind": "text"}]


def test_the_openapi_document_is_about_this_model_and_its_example_is_answered(client, serve):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {"/predict", "/explain", "/model", "/health", "/metrics"}
    row = document["components"]["schemas"]["Row"]
    assert row["required"] == ["age", "city", "paid"]
    for reference in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)):
        assert reference in document["components"]["schemas"]
    for path in ("/predict", "/explain"):
        example = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        answer = client.post(path, json=example)
        assert answer.status_code == 200
        assert "error" not in answer.text
    assert "security" not in document
    guarded = serve(key="correct-horse", headers={"x-api-key": "correct-horse"})
    assert guarded.get("/openapi.json").json()["security"]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["classifier", "regressor"])
def test_what_is_answered_is_what_the_document_says(serve, model, request):
    client = serve(request.getfixturevalue(model))
    document = client.get("/openapi.json").json()
    example = {path: content["post"]["requestBody"]["content"]["application/json"]["example"]
               for path, content in document["paths"].items() if "post" in content}  # fmt: skip
    rows = example["/predict"]["rows"]
    answers = {
        ("/model", "get"): client.get("/model"),
        ("/health", "get"): client.get("/health"),
        ("/explain", "post"): client.post("/explain", json=example["/explain"]),
        ("/predict", "post"): client.post("/predict", json={"rows": [*rows, {}]}),
        ("/predict", "post", "422"): client.post("/predict", json={"row": 1}),
    }
    for (path, method, *status), answer in answers.items():
        said = document["paths"][path][method]["responses"][status[0] if status else "200"]
        schema = said["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), schema | {"components": document["components"]})
        named = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        assert set(answer.json()) == set(named["properties"])
    column = document["components"]["schemas"]["Model"]["properties"]["columns"]["items"]["properties"]
    assert {name for each in answers["/model", "get"].json()["columns"] for name in each} <= set(column)


def test_the_document_says_who_is_refused(client, serve):
    guarded = serve(key="correct-horse", headers={"x-api-key": "correct-horse"})
    for each, refused in ((client, {"421", "503"}), (guarded, {"401", "421", "503"})):
        for path, methods in each.get("/openapi.json").json()["paths"].items():
            (said,) = (set(method["responses"]) for method in methods.values())
            assert said == {"200"} if path == "/health" else {"200", *refused} <= said
            assert ("401" in said) == (each is guarded and path != "/health")


def test_the_commands_on_the_page_can_be_run(client):
    for language in ("en", "zh"):
        page = client.get(f"/docs?language={language}")
        assert page.status_code == 200
        code = html.unescape(re.findall(r"<code>(.*?)</code>", page.text, re.DOTALL)[0])
        assert code.startswith("curl http://testserver/predict -H 'Content-Type: application/json'")
        body = code.partition("-d '")[2].removesuffix("'")
        assert "prediction" in client.post("/predict", content=body).json()["rows"][0]
