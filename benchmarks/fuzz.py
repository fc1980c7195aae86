"""Damages valid files and requests, seeded: each is read, or refused with one of glassnet's errors.

An answer of the server must have a status that its OpenAPI document names, and a body of the schema given there.
Anything else is a finding: another exception, a process that ends, more than ten seconds, more than a gigabyte. Of each
kind of finding one input is kept in `tests/hostile/findings`, which a test reads from then on.

    python -m benchmarks.fuzz [names of targets] [--share 1] [--seed 0]

With a share of 60 each target has 60 times as many cases: an hour. All targets write `results/fuzz.json` and `fuzz.md`.
"""

from __future__ import annotations

import argparse
import functools
import io
import json
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from benchmarks.markdown import table
from benchmarks.results import RESULTS, write_results
from glassnet.errors import DivergenceError, InputError, InputTypeError
from tests.exchange.models import FRAME, SIGN, classifier
from tests.mutators import ArchiveMutator, ModelMutator, Mutator, TextMutator

SECONDS, BYTES = 10, 2**30
"""What a case may take."""
TESTS = Path(__file__).parents[1] / "tests"
FINDINGS = TESTS / "hostile" / "findings"
REFUSED = (InputError, InputTypeError, DivergenceError)
READ, REFUSAL, FINDING = "read", "refused", "findings"
FORMS = {"json": "application/json", "csv": "text/csv", "arrow": "application/vnd.apache.arrow.stream"}
CELLS = FRAME.drop("wait")
"""Of every kind that a text file can have."""


class Target(NamedTuple):
    """What reads files of one ending, what damages valid ones, and how many cases a share has."""

    ending: str
    call: Callable[[Path], object]
    mutator: Callable[[], Mutator]
    cases: int


# ------------------------------------------------------------------- files


def read(path: Path) -> None:
    from glassnet.tables import read_table

    read_table(path)


def load(path: Path) -> None:
    import glassnet

    glassnet.load(path)


def from_onnx(path: Path) -> None:
    import glassnet

    glassnet.from_onnx(path)


def texts() -> Mutator:
    commas = CELLS.head(20).write_csv(separator=";", decimal_comma=True)
    return Mutator({"points": CELLS.head(20).write_csv().encode(), "commas": commas.encode("utf-16")})


def lines() -> Mutator:
    return TextMutator({"table": CELLS.head(5).write_ndjson().encode()})


def parquet() -> Mutator:
    import pyarrow.parquet as pq

    good = {}
    for compression in ("none", "zstd"):
        written = io.BytesIO()
        pq.write_table(CELLS.head(20).to_arrow(), written, compression=compression)
        good[compression] = written.getvalue()
    return Mutator(good)


def workbooks() -> Mutator:
    import datetime

    from tests.tables.test_spreadsheet import workbook

    rows = [
        ["age", "city", "born", "flag"],
        [20.5, "Ulm", datetime.date(1999, 2, 3), True],
        [None, "Graz", None, False],
    ]
    return ArchiveMutator({"one": workbook(table=rows), "two": workbook(empty=[], table=rows)})


def models() -> Mutator:
    golden = TESTS / "exchange" / "golden"
    newest = max(int(path.stem.split("_")[1]) for path in golden.glob("*.safetensors"))
    return ModelMutator({path.stem: path for path in sorted(golden.glob(f"format_{newest}_*.safetensors"))})


def graphs() -> Mutator:
    from tests.exchange.test_onnx_reader import DENSE, between, model, node

    middle = [node(kind, ["a"], "b") for kind in ("Relu", "Gelu", "HardSwish", "LeakyRelu")]
    middle.append(node("LayerNormalization", ["a", "b1", "b1"], "b"))
    return Mutator({each.op_type: model(between(each), DENSE).SerializeToString() for each in middle})


# ------------------------------------------------------------------ requests


@functools.cache
def served() -> tuple[Any, dict[str, Any]]:
    """A client of a server for a table with cells of every kind, and the server's OpenAPI document."""
    from starlette.testclient import TestClient

    from glassnet import save
    from glassnet.apps.server.app import create_app
    from glassnet.apps.server.limits import Limits
    from glassnet.apps.server.metrics import Metrics
    from glassnet.apps.server.model import ModelReloader
    from glassnet.apps.shared_options import DecisionOptions

    pool, metrics = ThreadPoolExecutor(2), Metrics()
    with tempfile.TemporaryDirectory() as folder:
        save(classifier().fit(CELLS, SIGN), Path(folder) / "model.safetensors")
        reloader = ModelReloader(Path(folder) / "model.safetensors", pool, metrics, DecisionOptions())
    app = create_app(reloader, Limits(), metrics, pool, pool, None, ["testserver"])
    client = TestClient(app, raise_server_exceptions=False)
    return client, client.get("/openapi.json").json()


@functools.cache
def validator(path: str, status: str, form: str) -> Any:
    """What knows the schema of an answer."""
    from jsonschema import Draft202012Validator

    document = served()[1]
    schema = document["paths"][path]["post"]["responses"][status]["content"][form]["schema"]
    return Draft202012Validator(schema | {"components": document["components"]})


def request(path: str, form: str, file: Path) -> None:
    """Send a file; the form of the answer follows from its bytes. The answer must be what the document says."""
    client, document = served()
    body = file.read_bytes()
    accepted = list(FORMS.values())[zlib.crc32(body) % len(FORMS)] if path == "/predict" else FORMS["json"]
    answer = client.post(path, content=body, headers={"content-type": form, "accept": accepted})
    told = document["paths"][path]["post"]["responses"]
    status, got = str(answer.status_code), answer.headers["content-type"].partition(";")[0]
    if status not in told or got not in told[status]["content"]:
        raise AssertionError(f"the document has no {got} with {status}: {answer.text[:200]}")
    if got == FORMS["json"]:
        validator(path, status, got).validate(answer.json())
    if answer.status_code != 200:
        raise InputError(answer.json()["error"])


def rows() -> Mutator:
    good = {"rows": json.loads(CELLS.head(3).write_json())}
    return TextMutator({"rows": json.dumps(good).encode()})


def row() -> Mutator:
    example = served()[1]["paths"]["/explain"]["post"]["requestBody"]["content"][FORMS["json"]]["example"]
    return TextMutator({"row": json.dumps(example).encode()})


def streams() -> Mutator:
    good = {}
    for name, level in {"newest": pl.CompatLevel.newest(), "oldest": pl.CompatLevel.oldest()}.items():
        written = io.BytesIO()
        CELLS.head(5).write_ipc_stream(written, compat_level=level)
        good[name] = written.getvalue()
    return Mutator(good)


TARGETS = {
    "CSV": Target("csv", read, texts, 400),
    "JSON lines": Target("jsonl", read, lines, 5),
    "Parquet": Target("parquet", read, parquet, 5),
    "Excel": Target("xlsx", read, workbooks, 60),
    "model": Target("safetensors", load, models, 400),
    "ONNX": Target("onnx", from_onnx, graphs, 800),
    "predict, JSON": Target("json", functools.partial(request, "/predict", FORMS["json"]), rows, 200),
    "predict, CSV": Target("predict", functools.partial(request, "/predict", FORMS["csv"]), texts, 200),
    "predict, Arrow": Target("arrow", functools.partial(request, "/predict", FORMS["arrow"]), streams, 200),
    "explain": Target("explain", functools.partial(request, "/explain", FORMS["json"]), row, 200),
}
"""The ending of a finding tells its target."""


# ------------------------------------------------------------------ the cases


def outcome(target: Target, path: Path) -> tuple[str, str]:
    """How a case ends, with what was raised where nothing should be, and in which line."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            target.call(path)
    except REFUSED:
        return REFUSAL, ""
    except BaseException as error:  # a panic of Polars is no Exception
        places = [frame for frame in traceback.extract_tb(error.__traceback__) if "glassnet/" in frame.filename]
        where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in places[-1:]]
        return FINDING, f"{type(error).__name__} {' '.join(where)}: {str(error)[:200]}"
    return READ, ""


def carry_out(target: Target, told: Connection, first: int, cases: int, seed: int, folder: str) -> None:
    """Tell the outcomes of cases from the first on. This process ends where one takes too much."""
    os.chdir(folder)
    with Path("stderr").open("w") as stderr:  # where libraries that end say why
        os.dup2(stderr.fileno(), 2)
    mutator, path = target.mutator(), Path(f"case.{target.ending}")
    for kind, good in mutator.good.items():
        path.write_bytes(good)
        assert outcome(target, path) == (READ, ""), (kind, outcome(target, path))
    held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + BYTES, held + BYTES))
    told.send(None)
    for number in range(first, cases):
        path.write_bytes(mutator.one((seed, number))[1])
        signal.alarm(SECONDS)
        ended = outcome(target, path)
        signal.alarm(0)
        told.send(ended)


def fuzzed(name: str, target: Target, cases: int, seed: int, findings: Path = FINDINGS) -> Counter[str]:
    """How often which outcome was; one finding of each kind is kept."""
    counted: Counter[str] = Counter()
    kinds = set()

    def count(ended: str, words: str) -> None:
        counted[ended] += 1
        kind = words.partition(":")[0] if ":" in words else words
        if ended == FINDING and kind not in kinds:
            kinds.add(kind)
            findings.mkdir(exist_ok=True)
            kept = findings / f"{seed}-{counted.total() - 1}.{target.ending}"
            shutil.copy(Path(folder) / f"case.{target.ending}", kept)
            print(f"{name}, {kept.name}: {words}", file=sys.stderr, flush=True)

    while counted.total() < cases:
        with tempfile.TemporaryDirectory() as folder:
            told, tells = multiprocessing.get_context("spawn").Pipe(duplex=False)
            worker = multiprocessing.get_context("spawn").Process(
                target=carry_out, args=(target, tells, counted.total(), cases, seed, folder)
            )
            worker.start()
            tells.close()
            try:
                told.recv()
                while counted.total() < cases:
                    count(*told.recv())
            except EOFError:
                worker.join()
                errors = (Path(folder) / "stderr").read_text(errors="replace")
                if worker.exitcode > 0:
                    raise SystemExit(f"{name}: {errors}") from None
                count(FINDING, f"signal {-worker.exitcode}: {errors[-500:]}")
            worker.join()
    return counted


def main() -> int:
    """Print a table; 1 if there are findings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--share", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    records = []
    for name in options.names or TARGETS:
        begun, cases = time.perf_counter(), int(TARGETS[name].cases * options.share)
        counted = fuzzed(name, TARGETS[name], cases, options.seed)
        record = {"target": name, "cases": cases, **{each: counted[each] for each in (READ, REFUSAL, FINDING)}}
        records.append(record)
        print(*record.values(), f"{time.perf_counter() - begun:.1f} s", sep=" | ", flush=True)
    if not options.names:
        write_results("fuzz", records)
        lines = table(list(records[0]), [[str(cell) for cell in record.values()] for record in records])
        (RESULTS / "fuzz.md").write_text("\n".join(["# Damaged files and requests", "", *lines]))
    return int(any(record[FINDING] for record in records))


if __name__ == "__main__":
    os.environ |= {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    sys.exit(main())
