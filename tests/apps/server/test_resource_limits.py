"""Small bodies that would become much, and work that nobody waits for: refused before it costs anything."""

from __future__ import annotations

import io
import json
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from glassnet.apps.server.app import create_app
from glassnet.apps.server.formats import Spooled, csv_frames
from glassnet.apps.server.json_rows import parse_json, parse_rows
from glassnet.apps.server.limits import Limits, RefusalError, Work
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model import ModelReloader
from glassnet.errors import InputError
from tests.apps.server.conftest import ARROW, CSV, ROW
from tests.apps.server.test_hostile import JSON, says
from tests.forks import PATIENCE

ROWS = 2_000
LONG = "x" * 60_000
"""In so many rows it is 120 MB."""
PYARROW = int(pa.__version__.partition(".")[0])


def stream(columns, **options):
    table = pa.table({"age": np.full(ROWS, 40), "city": ["Ulm"] * ROWS, "paid": np.ones(ROWS)} | columns)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue()


def dictionary():
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(ROWS, np.int8)), pa.array([LONG]))


def views():
    """Each of them a length, the first four letters, which text and where in it."""
    views = np.tile(np.array([len(LONG), 0x78787878, 0, 0], np.int32), ROWS)
    return pa.Array.from_buffers(
        pa.string_view(), ROWS, [None, pa.py_buffer(views.tobytes()), pa.py_buffer(LONG.encode())]
    )


@pytest.mark.parametrize("column", ["customer_id", "city", "age"])
@pytest.mark.parametrize(
    "shared",
    [dictionary, pytest.param(views, marks=pytest.mark.skipif(PYARROW < 18, reason="makes no views of buffers"))],
)
@pytest.mark.parametrize("accept", [JSON, CSV, ARROW])
def test_arrow_whose_cells_share_one_text_is_counted_cell_by_cell(serve, shared, column, accept):
    body = stream({column: shared()})
    assert len(body) < 200_000
    client = serve(body=10_000_000)
    answer = client.post("/predict", content=body, headers={"content-type": ARROW, "accept": accept})
    says(answer, 413, "A table may have 40.0 MB once its dictionaries and views are unfolded. Received: 120.")


def test_arrow_whose_cells_share_little_is_answered(client):
    codes = pa.array(np.arange(ROWS, dtype=np.int16) % 3)
    body = stream({"city": pa.DictionaryArray.from_arrays(codes, pa.array(["Ulm", "Graz", "Bern"]))})
    answer = client.post("/predict", content=body, headers={"content-type": ARROW, "accept": JSON})
    assert len(answer.json()["rows"]) == ROWS


@pytest.mark.parametrize(
    "column",
    [
        pa.RunEndEncodedArray.from_arrays([ROWS], [LONG]),
        pa.FixedSizeListArray.from_arrays(pa.nulls(ROWS * 1000), 1000),
        pa.array([{"a": 1}] * ROWS),
    ],
)
def test_arrow_with_cells_of_no_bytes_or_of_many_values_is_refused(client, column):
    for name in ("customer_id", "age"):
        answer = client.post("/predict", content=stream({name: column}), headers={"content-type": ARROW})
        says(answer, 422, f"column '{name}' of type")


def test_arrow_with_a_dictionary_that_grows_is_refused(client):
    sink = io.BytesIO()
    kind = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema({"age": pa.int64(), "city": kind, "paid": pa.float64()})
    with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)) as writer:
        for levels in (["Ulm"], ["Ulm", "Graz"]):
            city = pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()), pa.array(levels))
            writer.write_batch(pa.record_batch([pa.array([40]), city, pa.array([1.0])], schema=schema))
    answer = client.post("/predict", content=sink.getvalue(), headers={"content-type": ARROW})
    says(answer, 422, "a dictionary that grows")


def test_arrow_of_more_messages_than_may_be_is_refused(client, monkeypatch):
    monkeypatch.setattr("glassnet.apps.server.arrow.MESSAGES", 3)
    answer = client.post("/predict", content=stream({}), headers={"content-type": ARROW})
    assert answer.status_code == 200
    batches = pa.ipc.open_stream(stream({})).read_all().to_batches(max_chunksize=500)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    answer = client.post("/predict", content=sink.getvalue(), headers={"content-type": ARROW})
    says(answer, 422, "more than 3 messages")


# ------------------------------------------------------------------------ JSON


def test_rows_of_json_are_the_same_as_when_all_are_read_at_once(monkeypatch):
    rows = [ROW | {"city": "Ümläut 🙂" * (n % 7), "n": n, "more": [{}, "[", 1e5]} for n in range(500)]
    monkeypatch.setattr("glassnet.apps.server.json_rows.LONGEST", 1_000)
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        body = json.dumps({"a": {"rows": []}, "rows": rows, "z": None}, ensure_ascii=False, indent=1).encode(encoding)
        assert list(parse_rows(body)) == rows


@pytest.mark.parametrize(
    ("body", "received"),
    [
        (b'{"rows": [1 2]}', "Expecting ',' at character 12"),
        (b'{"rows": [1,]}', "Expecting value at character 12"),
        (b'{"rows": [1]} 5', "Extra data at character 14"),
        (b'{"rows" [1]}', "Expecting ':' at character 8"),
        (b'{"rows": [1]', "Expecting ',' at character 12"),
        (b'{"rows": [yes]}', "Expecting value at character 10"),
        (b" " * 5_000_000 + b'{"rows": [1 2]}', "at character 5000012"),
        (b" " * 5_000_000 + b'{"rows": [\xff]}', "at byte 5000010"),
    ],
)
def test_json_that_is_none_is_refused_at_its_place(body, received):
    with pytest.raises(RefusalError) as refused:
        list(parse_rows(body))
    assert received in refused.value.words


@pytest.mark.parametrize("rows", ['{"rows": []}', '{"rows": [1], "rows": [2]}', '{"rows": 5}', '{"row": [1]}'])
def test_json_without_rows_or_with_rows_twice_is_refused(rows):
    with pytest.raises(RefusalError, match="must (have|contain)"):
        list(parse_rows(rows.encode()))


@pytest.mark.slow
@pytest.mark.parametrize(
    "long", ["[" + "1," * 2_000_000 + "1]", f'"{"x" * 3_000_000}"', f'"{"x" * 1_100_000}"'], ids=["list", "text", "end"]
)
def test_a_row_of_json_that_does_not_end_is_refused(long):
    for body in (f'{{"rows": [[{long}]]}}', f'{{"rows": [{{"a": {long}}}, 1]}}', f'{{"a": [{long}], "rows": [1]}}'):
        with pytest.raises(RefusalError, match=r"A row may have 1\.0 MB as JSON") as refused:
            list(parse_rows(body.encode()))
        assert refused.value.status == 413
    with pytest.raises(RefusalError, match="A row may have"):
        parse_json(f"[{long}]".encode())


@pytest.mark.slow
def test_many_small_containers_never_are_objects_together(monkeypatch):
    monkeypatch.setattr("glassnet.apps.server.json_rows.LONGEST", 10_000)
    monkeypatch.setattr("glassnet.apps.server.json_rows.BLOCK", 2_000)
    body = b'{"rows":[' + b"[]," * 50_000 + b"[]]}"
    tracemalloc.start()
    try:
        assert sum(1 for _ in parse_rows(body)) == 50_001
        assert tracemalloc.get_traced_memory()[1] < len(body)  # all of them would take twenty times as much
    finally:
        tracemalloc.stop()


def test_a_name_of_a_row_must_be_a_single_value(client):
    rows = client.post("/predict", json={"rows": [ROW | {"customer_id": [1]}, ROW]}).json()["rows"]
    assert "'customer_id' must contain single values" in rows[0]["error"]
    assert "prediction" in rows[1]


# ------------------------------------------------------------------------ work


BAD = {"json": json.dumps({"rows": [ROW | {"age": "old"}] * 11}), "csv": "age,city,paid\n" + "old,Ulm,1\n" * 11}


def test_rows_that_cannot_be_predicted_are_told_one_by_one_up_to_so_many(serve):
    arrow = stream({"age": pa.array(["old"] * 11 + ["40"] * (ROWS - 11))})
    bodies = [(BAD["json"], JSON), (BAD["csv"], CSV), (arrow, ARROW)]
    few, many = serve(bad_rows=10), serve(bad_rows=11)
    for body, kind in bodies:
        headers = {"content-type": kind, "accept": JSON}
        said = says(few.post("/predict", content=body, headers=headers), 422, "A request may have 10 rows that cannot")
        assert "'age' must contain numbers, as in training" in said.json()["error"]
        rows = many.post("/predict", content=body, headers=headers).json()["rows"]
        assert sum("error" in row for row in rows) == 11


def test_rows_that_are_found_bad_when_they_are_predicted_count_as_well(serve, monkeypatch):
    client = serve(bad_rows=2)
    records = client.reloader.served.records
    encode, calls = records.encode, []

    def encoded(rows):
        calls.append(len(rows))
        if any(99.0 in row.numbers for row in rows):
            raise InputError("too large", None, "smaller")
        return encode(rows)

    monkeypatch.setattr(records, "encode", encoded)
    bad = ROW | {"age": 99}
    told = client.post("/predict", json={"rows": [ROW] * 100 + [bad] + [ROW] * 99}).json()["rows"]
    assert [place for place, row in enumerate(told) if "error" in row] == [100]
    assert len(calls) < 20  # not one for each of the good rows
    says(client.post("/predict", json={"rows": [bad] * 3}), 422, "A request may have 2 rows that cannot be predicted")


def test_work_ends_when_it_is_late_and_when_it_is_not_wanted():
    late, unwanted = Work(Limits(seconds=-1)), Work(Limits())
    with pytest.raises(RefusalError, match="no response within"):
        late.check()
    unwanted.check()
    unwanted.end(ClientDisconnect())
    with pytest.raises(ClientDisconnect):
        unwanted.check()
    begun = Work(Limits(seconds=-1))
    begun.begun()
    begun.check()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [JSON, CSV, ARROW])
def test_a_thread_is_free_again_soon_after_its_answer_came_too_late(serve, kind, monkeypatch):
    """Each row takes a hundredth of a second, so that all would take twenty; the thread stops with the answer."""
    client = serve(seconds=0.3, bad_rows=10**6)
    steps = []

    records = client.reloader.served.records
    whole = records.read

    def slowly(row):
        steps.append(1)
        time.sleep(0.01)
        return whole(row)

    monkeypatch.setattr(records, "read", slowly)
    body = {
        JSON: json.dumps({"rows": [ROW | {"age": "old"}] * ROWS}),
        CSV: "age,city,paid\n" + "old,Ulm,1\n" * ROWS,
        ARROW: stream({"age": pa.array(["old"] * ROWS)}),
    }[kind]
    assert client.post("/predict", content=body, headers={"content-type": kind}).status_code == 504
    time.sleep(0.2)
    done = len(steps)
    time.sleep(0.2)
    assert len(steps) == done < ROWS


@pytest.mark.slow
def test_rows_that_come_alone_do_not_wait_for_tables(classifier):
    """All threads for tables are taken, and a row is answered all the same."""
    go = threading.Event()
    with ThreadPoolExecutor(1) as pool, ThreadPoolExecutor(1) as threads:
        threads.submit(go.wait, PATIENCE)
        metrics = Metrics()
        reloader = ModelReloader(classifier, pool, metrics)
        reloader.served.batcher.quick = 0  # in a thread, however small the model is
        with TestClient(create_app(reloader, Limits(), metrics, pool, threads, names=["testserver"])) as client:
            assert client.post("/predict", json={"rows": [ROW]}).status_code == 200
            assert client.post("/explain", json={"row": ROW}).status_code == 200
        go.set()


def test_a_first_row_without_end_is_refused_before_it_is_looked_at(client, monkeypatch):
    monkeypatch.setattr("glassnet.apps.server.formats.HEADER", 1_000)
    says(client.post("/predict", content=b"," * 2_000, headers={"content-type": CSV}), 413, "The first row of a table")
    body = b"age,city,paid\n" + b"1,Ulm,2\n" * 200
    assert client.post("/predict", content=body, headers={"content-type": CSV}).status_code == 200


def test_csv_of_very_many_columns_that_the_model_does_not_know_is_refused(client, monkeypatch):
    monkeypatch.setattr("glassnet.apps.server.formats.OTHERS", 3)
    for others, status in ((3, 200), (4, 413)):
        header = ",".join(["customer_id,age,city,paid", *(f"c{n}" for n in range(others))])
        body = f"{header}\n1,2,Ulm,3{',4' * others}\n"
        assert client.post("/predict", content=body, headers={"content-type": CSV}).status_code == status


@pytest.mark.parametrize(("limits", "error"), [({"seconds": -1}, 504), ({"rows": 1}, 413)])
def test_csv_is_looked_through_only_as_long_as_that_is_wanted(client, monkeypatch, limits, error):
    """No cell is read once the answer is late or the rows are too many: not when all have been looked through."""
    spooled = Spooled()
    spooled.file.write(b"age,city,paid\n1,Ulm,2\n3,Ulm,4\n")
    spooled.done()
    monkeypatch.setattr(
        "glassnet.tables.reading.readers.decide", lambda *about: pytest.fail("all has been looked through")
    )
    with pytest.raises(RefusalError) as refused:
        next(csv_frames(client.reloader.served, spooled, Work(Limits(**limits))))
    assert refused.value.status == error
    spooled.close()
