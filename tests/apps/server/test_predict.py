"""POST /predict: the same answers in every form, alone or in company, as ``glassnet predict`` gives them."""

from __future__ import annotations

import asyncio
import io
import json
import re

import httpx2 as httpx
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import glassnet
from glassnet.apps.cli import main
from glassnet.apps.server.json_rows import parse_rows
from glassnet.apps.server.limits import RefusalError
from glassnet.apps.shared_options import DecisionOptions
from tests.apps.server.conftest import ARROW, CSV, ROW

FORMS = ("application/json", CSV, ARROW)


def post_csv(client, body, **headers):
    return client.post("/predict", content=body, headers={"content-type": CSV} | headers)


def arrow(frame):
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer)
    return buffer.getvalue()


@pytest.fixture
def predicted(classifier, tables, tmp_path):
    """What ``glassnet predict`` writes for new.csv."""
    out = tmp_path / "predictions.csv"
    assert main(["predict", f"{classifier}", f"{tables}/new.csv", "--out", f"{out}", "-q"]) == 0
    return out.read_bytes()


def test_a_whole_table_gets_the_bytes_that_predict_writes(client, tables, predicted):
    answer = post_csv(client, (tables / "new.csv").read_bytes())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content == predicted


@pytest.mark.slow
def test_row_by_row_the_bytes_are_the_same(client, tables, predicted):
    head, *lines = (tables / "new.csv").read_bytes().splitlines(keepends=True)
    wanted_head, *wanted = predicted.splitlines(keepends=True)
    for line, expected in zip(lines, wanted, strict=True):
        assert post_csv(client, head + line).content == wanted_head + expected


def test_rows_of_others_in_the_same_batch_do_not_change_a_bit(client, new, predicted):
    """Forty requests at a time, each with a row in JSON, answered as CSV."""

    async def ask_together():
        transport = httpx.ASGITransport(client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as others:
            return await asyncio.gather(
                *(
                    others.post("/predict", json={"rows": [row]}, headers={"accept": CSV})
                    for row in new.iter_rows(named=True)
                )
            )

    answers = asyncio.run(ask_together())
    head, *lines = predicted.splitlines(keepends=True)
    assert [answer.content for answer in answers] == [head + line for line in lines]
    together = client.get("/metrics").text.partition('glassnet_batch_rows_bucket{le="16.0"} ')[2].split()[0]
    assert float(together) == 0  # no batch of so few rows: they were predicted together


@pytest.mark.parametrize("asked", FORMS)
@pytest.mark.parametrize("wanted", FORMS)
def test_every_form_is_answered_in_every_form(asked, wanted, client, tables, new, predicted):
    bodies = dict(zip(FORMS, (None, (tables / "new.csv").read_bytes(), arrow(new)), strict=True))
    body = {"json": {"rows": new.to_dicts()}} if bodies[asked] is None else {"content": bodies[asked]}
    answer = client.post("/predict", headers={"content-type": asked, "accept": wanted}, **body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == wanted
    expected = pl.read_csv(predicted)
    if wanted == CSV:
        assert answer.content == predicted
    elif wanted == ARROW:
        table = pa.ipc.open_stream(answer.content).read_all()
        assert table.column_names == expected.columns
        assert table["prediction"].to_pylist() == expected["prediction"].to_list()
        single = expected["probability_yes"].cast(pl.Float32).to_numpy()
        np.testing.assert_array_equal(table["probability_yes"].to_numpy().astype(np.float32), single)
    else:
        rows = answer.json()["rows"]
        assert [row["probability_yes"] for row in rows] == expected["probability_yes"].to_list()
        assert [str(row["customer_id"]) for row in rows] == expected["customer_id"].cast(pl.String).to_list()


@pytest.mark.slow
def test_numbers_are_answered_too(serve, regressor, tables, tmp_path):
    out = tmp_path / "p.csv"
    assert main(["predict", f"{regressor}", f"{tables}/houses.csv", "-o", f"{out}", "-q"]) == 0
    client = serve(regressor)
    assert post_csv(client, (tables / "houses.csv").read_bytes()).content == out.read_bytes()
    row = {"size": 100.5, "kind": "flat"}
    alone = post_csv(client, b"size,kind\n100.5,flat\n").text.splitlines()[1]
    assert client.post("/predict", json={"rows": [row]}).json()["rows"] == [{"prediction": float(alone)}]


def test_a_bad_row_gets_its_error_and_the_others_their_answers(client):
    bad = [ROW | {"age": "old"}, {"age": 30}, 7, ROW | {"paid": [1]}, ROW | {"paid": "inf"}]
    answer = client.post("/predict", json={"rows": [ROW, *bad, ROW]})
    assert answer.status_code == 200
    first, *errors, last = answer.json()["rows"]
    assert first == last == client.post("/predict", json={"rows": [ROW]}).json()["rows"][0]
    assert set(first) == {"customer_id", "prediction", "probability_no", "probability_yes"}
    for error, says in zip(
        errors,
        (
            "Column 'age' must contain numbers, as in training. Received: 'old'.",
            "A row must have the columns 'city', 'paid'. Received: age.",
            "A row must be an object. Received: int.",
            "Column 'paid' must contain numbers",
            "Column 'paid' must contain finite numbers. Received: infinity.",
        ),
        strict=True,
    ):
        assert says in error["error"]
    assert errors[0]["customer_id"] == 1


def test_all_that_is_wrong_with_a_row_is_said_at_once(client):
    answer = client.post("/predict", json={"rows": [{"age": "old", "city": [1], "paaid": 3}]}).json()["rows"][0]
    assert [fault.partition(".")[0] for fault in re.split(r"(?<=[.?]) (?=Column)", answer["error"])] == [
        "A row must have the column 'paid'",
        "Column 'age' must contain numbers, as in training",
        "Column 'city' must contain single values",
    ]
    told = pl.read_csv(post_csv(client, b"age,city,paid\nold,Ulm,much\n40,Graz,2\n").content)["error"][0]
    assert "'age' must contain numbers" in told
    assert "'paid' must contain numbers" in told


def test_a_bad_row_of_a_table_has_its_error_in_a_column(client, new):
    body = new.cast({"age": pl.String}).with_columns(
        age=pl.when(pl.col("age") == "73").then(pl.lit("old")).otherwise("age")
    )
    places = [place for place, age in enumerate(body["age"]) if age == "old"]
    assert places
    good = pl.read_csv(post_csv(client, new.write_csv().encode()).content)
    for answer in (
        post_csv(client, body.write_csv().encode()),
        client.post("/predict", content=arrow(body), headers={"content-type": ARROW, "accept": CSV}),
    ):
        told = pl.read_csv(answer.content)
        assert told.columns == [*good.columns, "error"]
        assert [place for place, words in enumerate(told["error"]) if words] == places
        assert "'age' must contain numbers, as in training" in told["error"][places[0]]
        kept = pl.Series(place not in places for place in range(len(new)))
        assert told.filter(kept).drop("error").equals(good.filter(kept))
        assert told["prediction"].null_count() == len(places)
        assert told["customer_id"].to_list() == new["customer_id"].to_list()


def test_a_table_of_bad_rows_only(client):
    told = pl.read_csv(post_csv(client, b"age,city,paid\nold,Ulm,1\nyoung,Graz,2\n").content)
    assert told.columns == ["prediction", "probability_no", "probability_yes", "error"]
    assert told["error"].null_count() == 0


def test_a_strict_request_is_refused_with_the_first_bad_row(client, new):
    good, bad = new.to_dicts()[:2], {**ROW, "age": "old"}
    for query, status in (("", 200), ("?strict=false", 200), ("?strict", 422), ("?strict=true", 422)):
        answer = client.post(f"/predict{query}", json={"rows": [*good, bad]})
        assert answer.status_code == status
        if status == 422:
            assert "Received: Column 'age' must contain numbers" in answer.json()["error"]
    assert (
        client.post("/predict?strict", json={"rows": good}).json()
        == client.post("/predict", json={"rows": good}).json()
    )
    table = b"age,city,paid\n40,Ulm,1\nyoung,Graz,2\n"
    answer = client.post("/predict?strict", content=table, headers={"content-type": CSV})
    assert answer.status_code == 422


def test_what_a_cell_is_does_not_depend_on_the_other_rows(client):
    """Alone the city is a number, beside others it is text: the level is the same."""
    alone = post_csv(client, b"age,city,paid\n40,1.50,3\n").text.splitlines()[1]
    beside = post_csv(client, b"age,city,paid\n40,1.50,3\n40,Ulm,3\n").text.splitlines()[1]
    assert alone == beside


@pytest.mark.slow
def test_what_training_called_a_gap_is_one_in_every_form(serve, tables, tmp_path):
    out = tmp_path / "gaps.safetensors"
    words = ["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{out}", "--missing", "?,-999"]
    assert main([*words, "--quiet", "--no-report", "--epochs", "2", "--preset", "mlp", "--no-compare"]) == 0
    frame = pl.DataFrame({"customer_id": [5, 5], "age": [None, -999], "city": [None, "?"], "paid": [3.0, 3.0]})
    asked = {"application/json": json.dumps({"rows": frame.to_dicts()}), CSV: frame.write_csv(), ARROW: arrow(frame)}
    for form, body in asked.items():
        headers = {"content-type": form, "accept": "application/json"}
        first, second = serve(out).post("/predict", content=body, headers=headers).json()["rows"]
        assert first == second
    model = glassnet.load(out)
    first, second = model.predict_proba(frame.with_columns(age=None).select(model.feature_names_in_)).tolist()
    assert first == second


def test_gaps_are_empty_null_or_what_training_called_so(serve, tables, tmp_path):
    out = tmp_path / "gaps.safetensors"
    words = ["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{out}", "--missing", "?,n/a"]
    assert main([*words, "--quiet", "--no-report", "--epochs", "2", "--preset", "mlp", "--no-compare"]) == 0
    client = serve(out)
    rows = [{"customer_id": 5, "age": gap, "city": gap, "paid": 3} for gap in (None, "", " ? ", "n/a")]
    answers = client.post("/predict", json={"rows": rows}).json()["rows"]
    assert all(answer == answers[0] for answer in answers)
    assert "error" not in answers[0]


def test_columns_of_names_come_back_as_they_were_written(client):
    told = post_csv(client, b"customer_id,age,city,paid\n007.50,40,Ulm,1\n").text
    assert told.splitlines()[1].startswith("007.50,")
    row = client.post("/predict", json={"rows": [ROW | {"customer_id": "ä 5"}]}).json()["rows"][0]
    assert row["customer_id"] == "ä 5"


def test_many_rows_of_json_are_answered_in_order(client, new):
    rows = new.to_dicts() * 30
    answers = client.post("/predict", json={"rows": rows}).json()["rows"]
    assert len(answers) == len(rows)
    assert answers[:40] == answers[40:80] == answers[-40:]
    assert [answer["customer_id"] for answer in answers] == [row["customer_id"] for row in rows]


@pytest.mark.parametrize("wanted", FORMS)
def test_many_rows_of_json_are_read_in_columns_to_the_same_bytes(client, new, monkeypatch, wanted):
    monkeypatch.setattr("glassnet.apps.server.routes.SMALL", 0)
    served, body, headers = client.reloader.served, {"rows": new.to_dicts() * 3}, {"accept": wanted}
    with monkeypatch.context() as alone:
        alone.setattr(served, "read_columns", lambda rows: None)
        expected = client.post("/predict", json=body, headers=headers).content
    monkeypatch.setattr(served, "read", lambda row: pytest.fail("a row was read alone"))
    assert client.post("/predict", json=body, headers=headers).content == expected


@pytest.mark.parametrize("block", [40, 100, 500, 10**6])
@pytest.mark.parametrize("more", ["", ', {"age": {"deep": [1, "}"]}}, [], 7, null, {"city": "\\u00fc}"}'])
def test_blocks_of_rows_are_the_values_of_the_list(monkeypatch, block, more):
    monkeypatch.setattr("glassnet.apps.server.json_rows.BLOCK", block)
    rows = ", ".join(['{"age": 62, "city": "Ulm"}' + more] * 30)
    assert list(parse_rows(f'{{"a": 1, "rows": [{rows}] , "b": [{{}}]}}'.encode())) == json.loads(f"[{rows}]")
    for wrong in (f'{{"rows": [{rows},]}}', f'{{"rows": [{rows} 1]}}', f'{{"rows": [{rows}, {{"a": NaN}}]}}'):
        with pytest.raises(RefusalError, match="The body must be JSON"):
            list(parse_rows(wrong.encode()))


@pytest.mark.slow
def test_many_rows_of_json_wait_for_threads_as_often_as_few(client, pool, new, monkeypatch):
    """To wait for each part of them would take most of the time on a busy machine."""
    asked, submit = [], pool.submit
    monkeypatch.setattr(pool, "submit", lambda *work: (asked.append(work), submit(*work))[1])
    for times in (30, 300):
        assert client.post("/predict", json={"rows": new.to_dicts() * times}).status_code == 200
    assert len(asked) == 2


def test_many_rows_of_json_may_be_bad_in_a_whole_part(client, monkeypatch):
    monkeypatch.setattr("glassnet.apps.server.routes.PART", 400)
    rows = client.post("/predict", json={"rows": [ROW] * 500 + [ROW | {"age": "old"}] * 400}).json()["rows"]
    assert ["error" in row for row in rows] == [False] * 500 + [True] * 400


def test_only_faults_of_rows_are_left_to_rows(client, new, monkeypatch):
    """What else goes wrong is an error of the program, or of its memory, and is not read again silently."""
    served, rows = client.reloader.served, new.to_dicts()
    wrong = [7, {"age": 3}, rows[0] | {"age": 10**400}, rows[0] | {"age": "old"}, rows[0] | {"customer_id": [1]}]
    assert [served.read_columns([rows[0], bad]) for bad in wrong] == [None] * len(wrong)
    monkeypatch.setattr(served.records, "read_columns", lambda *_, **__: [][0])
    with pytest.raises(IndexError):
        served.read_columns(rows)


@pytest.mark.slow
def test_a_table_of_many_pieces_is_one_answer(client, tables, predicted, monkeypatch):
    monkeypatch.setattr("glassnet.apps.server.formats.PIECE", 7)
    body = (tables / "new.csv").read_bytes()
    assert post_csv(client, body).content == predicted
    rows = post_csv(client, body, accept="application/json").json()
    assert len(rows["rows"]) == 40
    table = pa.ipc.open_stream(post_csv(client, body, accept=ARROW).content).read_all()
    assert table.num_rows == 40
    told = pl.read_csv(post_csv(client, body + b"1,old,Ulm,2\n").content)  # the error is in the last piece
    assert told["error"].null_count() == 40


@pytest.mark.slow
def test_a_table_whose_rows_are_long_is_answered_whole(client, new):
    """Long rows come in pieces of fewer rows than the answer's own."""
    table = pl.concat([new] * 50).with_columns(pl.lit("x" * 4000).alias("more"))
    answer = post_csv(client, table.write_csv().encode())
    assert answer.status_code == 200
    assert answer.text.count("\n") == 1 + len(table)


def test_a_threshold_in_the_file_decides_and_the_model_says_so(serve, file, new):
    model = glassnet.load(file)
    model.decision_threshold_ = 0.05
    glassnet.save(model, file)
    client, rows = serve(file), {"rows": new.to_dicts()}
    answers = client.post("/predict", json=rows).json()["rows"]
    told = client.get("/model").json()
    assert [answer["prediction"] for answer in answers] == model.predict(new).tolist()
    assert (told["positive"], told["threshold"]) == (model.positive_, 0.05)


def test_a_server_takes_another_class_and_threshold_for_every_model_that_it_loads(serve, file, new):
    client = serve(file, deciding=DecisionOptions(positive="no", decision_threshold=0.9))
    for _ in range(2):
        told = client.get("/model").json()
        answers = client.post("/predict", json={"rows": new.to_dicts()}).json()["rows"]
        assert (told["positive"], told["threshold"]) == ("no", 0.9)
        assert all((one["prediction"] == "no") == (one["probability_no"] >= 0.9) for one in answers)
        client.portal.call(client.reloader.refresh)
