"""Bodies as nobody should send them: each gets a code and a reason, and the server goes on."""

from __future__ import annotations

import bz2
import datetime
import decimal
import io
import json
import lzma

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from glassnet.apps.server.arrow import Stream
from glassnet.apps.server.limits import Limits
from tests.apps.server.conftest import ARROW, CSV, ROW
from tests.tables.extremes import EXTREMES

JSON = "application/json"


def says(answer, status, words):
    """Whether that is the answer, in words."""
    assert answer.status_code == status, answer.text
    assert words in answer.json()["error"]
    return answer


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "must be JSON"),
        (b"{", "must be JSON"),
        (b"null", 'must have the form {"rows"'),
        (b"[1]", 'must have the form {"rows"'),
        (b'{"rows": {}}', 'must have the form {"rows"'),
        (b'{"rows": []}', "the body must contain rows. Received: none."),
        (b'{"rows": [{"age": NaN}]}', "NaN, which is no number of JSON"),
        (b'{"rows": [{"age": -Infinity}]}', "-Infinity, which is no number"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"rows":' + b'[{"age":' * 50_000, "nested too deep"),
        (b'{"rows": [{"city": "\xff\xfe"}]}', "JSON in UTF-8"),
        (b'{"rows": [{"city": "\\ud800"}]}', "unpaired surrogate"),
        ("ÿ".encode("utf-16"), "must be JSON"),
    ],
)
def test_what_is_no_json_or_no_rows(body, words, client):
    says(client.post("/predict", content=body, headers={"content-type": JSON}), 422, words)
    assert client.get("/health").json()["status"] == "ok"


@pytest.mark.parametrize(
    "cell",
    [{}, [], [[[]]], {"a": 1}, "x" * 100_000, 10**400, -(10**400), 1e308, "1e999", "\u0000", "nan", True, "🙂", 0.1],
)
@pytest.mark.parametrize("column", ["age", "city", "paid", "customer_id"])
def test_whatever_is_in_a_cell_it_is_answered_or_its_row_has_an_error(cell, column, client):
    body = json.dumps({"rows": [ROW | {column: cell}, ROW]}).replace("1e+308", "1e308")
    answer = client.post("/predict", content=body, headers={"content-type": JSON})
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["rows"]
    assert "prediction" in second
    assert ("error" in first) != ("prediction" in first)
    told = client.post("/predict", content=body, headers={"content-type": JSON, "accept": CSV})
    assert told.status_code == 200
    assert client.post("/predict", content=body, headers={"content-type": JSON, "accept": ARROW}).status_code == 200


@pytest.mark.parametrize("digits", ["1e999", "9" * 5000], ids=["1e999", "5000 digits"])
@pytest.mark.parametrize("column", ["age", "customer_id"])
def test_a_number_beyond_all_numbers_is_an_error_of_its_row(client, column, digits):
    body = json.dumps({"rows": [ROW, ROW]}).replace(f'"{column}": {ROW[column]}', f'"{column}": {digits}', 1)
    first, second = client.post("/predict", content=body, headers={"content-type": JSON}).json()["rows"]
    assert "finite" in first["error"]
    assert "prediction" in second


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 422, "the body must contain a table"),
        (b"age,city,paid\n", 422, "the body must contain rows. Received: none."),
        (b"age,city\n1,Ulm\n", 422, "the body has no column 'paid'"),
        (b"Age,city,paid\n1,Ulm,2\n", 422, "Did you mean 'Age'?"),
        (b"age,city,paid\n1,Ulm\n", 422, "Every row of the body must have 3 cells"),
        (b'age,city,paid\n1,"Ulm,2\n', 422, "body"),
        (b"age,age,paid\n1,2,3\n", 422, "unique"),
        (b"\x00\x01\x02" * 100, 422, "must be a text file"),
        (b"PK\x03\x04" + b"\x00" * 100, 422, "spreadsheet"),
        (b"\x1f\x8b\x08\x00" + b"\x00" * 50, 415, "must not be compressed"),
        (b"\x28\xb5\x2f\xfd" + b"\x00" * 50, 415, "must not be compressed"),
        (bz2.compress(b"age,city,paid\n1,Ulm,2\n"), 415, "must not be compressed"),
        (lzma.compress(b"age,city,paid\n1,Ulm,2\n"), 415, "must not be compressed"),
        (b"1.5,2.5,7\n4,5,6\n", 422, "must contain the names"),
        (b'"' * 100_001, 422, "body"),
        (b"age,city,paid\n1,\xe1,2\n", 422, "is ambiguous"),
        (b"age,city,paid\n1,\xe1,2\n", 422, "A request has no options: write the table"),
    ],
)
def test_what_is_no_csv(body, status, words, client):
    answer = says(client.post("/predict", content=body, headers={"content-type": CSV}), status, words)
    assert "/tmp" not in answer.text
    assert "table.csv" not in answer.text


def test_a_cell_of_csv_is_read_as_that_of_a_row_in_json(client):
    """What other cells are tells nothing of it: a decimal comma is none where the model learned points."""
    cells = ["1,50", "1.5", "true", "NA", "20240101", "1,234"]
    body = "age;city;paid\n" + "".join(f"{cell};Ulm;2\n" for cell in cells)
    table = client.post("/predict", content=body.encode(), headers={"content-type": CSV, "accept": JSON}).json()["rows"]
    rows = [{"age": cell, "city": "Ulm", "paid": 2} for cell in cells]
    answers = client.post("/predict", json={"rows": rows}).json()["rows"]
    assert table == answers
    alone = [client.post("/predict", json={"rows": [row]}).json()["rows"][0] for row in rows]
    assert alone == answers
    assert [("error" in answer) for answer in answers] == [True, False, False, False, False, False]


def test_csv_in_other_encodings_is_understood(client):
    plain = client.post("/predict", content=b"age,city,paid\n1,Ulm,2\n", headers={"content-type": CSV}).content
    for encoding in ("utf-16", "utf-8-sig"):
        body = "age,city,paid\n1,Ulm,2\n".encode(encoding)
        assert client.post("/predict", content=body, headers={"content-type": CSV}).content == plain


def arrow(frame):
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def stream():
    return arrow(pl.DataFrame({"age": [30, 40], "city": ["Ulm", "Graz"], "paid": [1.0, 2.0]}))


def test_arrow_that_is_cut_off_anywhere(client, stream):
    for end in range(0, len(stream), 7):
        answer = client.post("/predict", content=stream[:end], headers={"content-type": ARROW})
        assert answer.status_code == 422, (end, answer.text)
        assert answer.json()["error"]


def test_other_things_that_call_themselves_arrow(client):
    for body in (b"", b"ARROW1\0\0" * 10, b"\xff" * 64, b"age,city\n1,2\n"):
        says(client.post("/predict", content=body, headers={"content-type": ARROW}), 422, "complete Arrow IPC stream")


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_compressed_arrow_could_unfold_to_anything(compression, client):
    frame = pl.DataFrame({"age": [30.0] * 10_000, "city": ["Ulm"] * 10_000, "paid": [0.0] * 10_000})
    body = io.BytesIO()
    frame.write_ipc_stream(body, compression=compression)
    says(client.post("/predict", content=body.getvalue(), headers={"content-type": ARROW}), 422, "compressed buffers")


@pytest.mark.slow
@pytest.mark.parametrize("number", [0x7F000000, 2**40, -1])
def test_arrow_with_a_number_that_cannot_be(client, stream, number):
    for place in range(0, len(stream) - 8, 4):  # one of them says how many buffers a column of text has
        changed = stream[:place] + number.to_bytes(8, "little", signed=True) + stream[place + 8 :]
        answer = client.post("/predict", content=changed, headers={"content-type": ARROW})
        assert answer.status_code in (200, 413, 422), (place, answer.text)


@pytest.mark.slow
def test_arrow_with_bytes_at_random(client, stream, sample):
    for number in sample(range(1_000), 200):
        rng, changed = np.random.default_rng(number), bytearray(stream)
        for place in rng.integers(0, len(stream) - 8, rng.integers(1, 4)):
            changed[place] = rng.choice([0, 127, 128, 255])
        answer = client.post("/predict", content=bytes(changed), headers={"content-type": ARROW})
        assert answer.status_code in (200, 413, 422), answer.text


@pytest.mark.parametrize("answer", ["text/csv", "application/json"])
@pytest.mark.parametrize("name", [b"a", datetime.timedelta(1)])
def test_names_of_rows_that_text_cannot_hold(name, answer, client):
    """They come in Arrow, and are given back in the answer."""
    body = arrow(pl.DataFrame({"customer_id": [name], "age": [30], "city": ["Ulm"], "paid": [1.0]}))
    headers = {"content-type": ARROW, "accept": answer}
    says(client.post("/predict", content=body, headers=headers), 422, "to be written as text")


@pytest.mark.parametrize("zone", ["+05:45", "Mars/Phobos"])
def test_times_of_a_zone_that_is_not_known_are_the_same_in_utc(client, zone, capfd):
    """Polars would panic, and write that into the log."""
    columns = {"customer_id": pa.array([0], pa.timestamp("us", zone)), "age": [30], "city": ["Ulm"], "paid": [1.0]}
    answer = client.post("/predict", content=stream_of(columns), headers={"content-type": ARROW, "accept": CSV})
    assert answer.status_code == 200, answer.text
    assert "1970-01-01T00:00:00" in answer.text
    assert "panicked" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([decimal.Decimal(1)], pa.decimal256(76)),
        pa.array([(1, 1, 1)], pa.month_day_nano_interval()),
        pa.array([0], pa.timestamp("us", "+05:45")).dictionary_encode(),
    ],
    ids=["decimal256", "interval", "zone"],
)
def test_types_that_polars_has_not_are_refused_before_it_panics(client, cells, capfd):
    body = stream_of({"age": cells, "city": ["Ulm"], "paid": [1.0]})
    says(client.post("/predict", content=body, headers={"content-type": ARROW}), 422, "column 'age'")
    assert "panicked" not in capfd.readouterr().err


def stream_of(columns):
    buffer, table = io.BytesIO(), pa.table(columns)
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("kind", EXTREMES)
def test_arrow_with_values_at_the_ends_of_their_types(kind, client):
    """As a column that the model learned from, or a name of rows: answered, or refused in words."""
    for name in ("age", "customer_id"):
        for place in range(len(EXTREMES[kind])):
            cell = EXTREMES[kind].slice(place, 1)
            columns = {each: pa.array([ROW[each]]) for each in ROW} | {name: cell}
            for answer in (JSON, CSV):
                buffer = io.BytesIO()
                with pa.ipc.new_stream(buffer, pa.table(columns).schema) as stream:
                    stream.write_table(pa.table(columns))
                headers = {"content-type": ARROW, "accept": answer}
                told = client.post("/predict", content=buffer.getvalue(), headers=headers)
                assert told.status_code in (200, 422), told.text


@pytest.mark.parametrize("kind", [pa.month_day_nano_interval(), pa.map_(pa.string(), pa.int64()), pa.binary()])
def test_arrow_with_types_that_no_table_has(kind, client):
    table = pa.table({"age": pa.array([None], kind), "city": ["Ulm"], "paid": [1.0]})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    answer = client.post("/predict", content=sink.getvalue(), headers={"content-type": ARROW})
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pl.DataFrame({"age": [1], "city": ["Ulm"]}), "paid"),
        (pl.DataFrame({"age": [[1]], "city": ["Ulm"], "paid": [1.0]}), ""),
        (pl.DataFrame({"age": [], "city": [], "paid": []}), "the body must contain rows. Received: none."),
    ],
)
def test_arrow_tables_that_do_not_fit(frame, words, client):
    answer = client.post("/predict", content=arrow(frame), headers={"content-type": ARROW, "accept": JSON})
    if answer.status_code == 200:
        assert all("must contain numbers" in row["error"] for row in answer.json()["rows"])
    else:
        says(answer, 422, words)


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({"content-type": "application/xml"}, 415, "Content-Type must be"),
        ({"content-type": ""}, 415, "Content-Type must be"),
        ({"content-type": JSON, "content-encoding": "gzip"}, 415, "must not be compressed"),
        ({"content-type": JSON, "accept": "image/png"}, 406, "Accept must allow one of"),
        ({"content-type": JSON, "accept": ""}, 200, ""),
        ({"content-type": "APPLICATION/JSON; charset=utf-8"}, 200, ""),
    ],
)
def test_headers(headers, status, words, client):
    answer = client.post("/predict", content=json.dumps({"rows": [ROW]}), headers=headers)
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"row": 5}, 'must have the form {"row"'),
        ({"rows": [ROW]}, 'must have the form {"row"'),
        ({"row": {}}, "must have the column"),
        ({"row": ROW | {"age": "old"}}, "must contain numbers"),
        ({"row": ROW, "language": "de"}, "must be one of: en, zh"),
        ({"row": ROW, "language": 5}, '"en" or "zh"'),
        ({"row": ROW | {"age": {}}}, "must contain numbers"),
    ],
)
def test_what_cannot_be_explained(body, words, client):
    says(client.post("/explain", json=body), 422, words)


@pytest.mark.parametrize(
    "body", [b"age=%FF%FE", b"\xff\xff", b"[" * 9999, b"{}", b'{"rows": 5}', b'{"rows": [[1e999]]}']
)
def test_what_no_page_would_ask_is_refused(body, client):
    answer = client.post("/answers", content=body, headers={"content-type": JSON})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]


def test_addresses_that_there_are_not_and_methods(client):
    says(client.get("/nothing"), 404, "Not found")
    answer = says(client.get("/predict"), 405, "Method not allowed")
    assert answer.headers["allow"] == "POST"


@pytest.mark.slow
def test_bytes_at_random(client, stream, sample):
    """Changed bytes in good bodies: answered or refused, never more than that."""
    bodies = {JSON: json.dumps({"rows": [ROW]}).encode(), CSV: b"age,city,paid\n1,Ulm,2\n"}
    for kind, body in bodies.items():
        for number in sample(range(300), 60):
            rng, changed = np.random.default_rng(number), bytearray(body)
            for place in rng.integers(0, len(body), rng.integers(1, 4)):
                changed[place] = rng.integers(0, 256)
            answer = client.post("/predict", content=bytes(changed), headers={"content-type": kind})
            assert answer.status_code in (200, 415, 422), (bytes(changed), answer.text)


def test_a_mistake_of_ours_is_said_in_words_and_logged(client, monkeypatch, caplog):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("glassnet.apps.server.routes.parse_rows", fail)
    says(client.post("/predict", json={"rows": [ROW]}), 500, "ZeroDivisionError")
    assert "POST /predict failed" in caplog.text


def test_a_column_without_a_name_is_called_as_in_a_text_file():
    frame = next(Stream(arrow(pl.DataFrame({"": [1], "b": [2]})), {"unnamed 1", "b"}, Limits()).frames())
    assert frame.columns == ["unnamed 1", "b"]


def test_a_table_is_read_in_the_encoding_that_is_declared(client):
    """Bytes that are no UTF-8, and too few to tell in which encoding they are."""
    body = (
        ",".join(ROW).encode()
        + b"\n"
        + ",".join("Z\xfcrich" if name == "city" else str(ROW[name]) for name in ROW).encode("latin-1")
        + b"\n"
    )
    told = client.post("/predict", content=body, headers={"content-type": f"{CSV}; charset=iso-8859-1"})
    assert told.status_code == 200
    told = client.post("/predict", content=body, headers={"content-type": f"{CSV}; charset=nothing"})
    assert told.status_code == 422
    assert "must be the name of an encoding" in told.text
