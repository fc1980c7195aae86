"""The server as a process: it starts and stops in order, takes another model in, and does not grow with its bodies."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pytest

import glassnet
from glassnet.apps.cli import main
from tests.apps.server.conftest import CSV, ROW
from tests.forks import PATIENCE, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")]

LINUX = Path("/proc/self/status").exists()


class Server:
    """A server in a process of its own, at a port that was free."""

    def __init__(self, process):
        self.process, self.lines = process, []
        for line in process.stderr:
            self.lines.append(line)
            found = re.search(r"^serving +http://[\d.]+:(\d+)", line)
            if found:
                break
        else:
            raise AssertionError(f"it did not start: {self.lines}")
        self.port = int(found[1])

    def ask(self, method="POST", path="/predict", body=None, kind="application/json", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        body = json.dumps({"rows": [ROW]}) if body is None and method == "POST" else body
        connection.request(method, path, body, {"content-type": kind} | headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def wait_until_closed(self):
        """Until it takes no more connections, as when it has been told to stop."""
        with contextlib.suppress(ConnectionError):
            while True:
                socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE).close()
                time.sleep(0.02)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, said = self.process.communicate()
        return self.process.returncode, said


@pytest.fixture
def start(process):
    def run(file, *options, **environment):
        own = {"env": os.environ | {"NO_COLOR": "1"} | environment}
        return Server(process("serve", file, "--port", "0", *options, **own))

    return run


def test_it_answers_and_ends_in_order(start, classifier):
    server = start(classifier)
    assert "WARNING" not in "".join(server.lines)
    status, content = server.ask()
    assert status == 200
    assert "prediction" in json.loads(content)["rows"][0]
    code, said = server.end(signal.SIGINT)
    assert code == 0
    assert "stopped     all pending requests were answered" in said
    assert "Traceback" not in said


def test_options_come_from_the_environment_and_the_log_is_one_object_a_line(process, classifier):
    options = {"PORT": "0", "MODEL": str(classifier), "MAX_ROWS": "1", "LOG_FORMAT": "json", "ACCESS_LOG": "1"}
    environment = {f"GLASSNET_SERVE_{name}": value for name, value in options.items()}
    server = Server(process("serve", env=os.environ | {"NO_COLOR": "1"} | environment))
    assert server.ask(body=json.dumps({"rows": [ROW, ROW]}))[0] == 413
    assert server.ask("GET", "/nothing\x1b[2J?key=1".replace("\x1b", "%1b"))[0] == 404
    _, said = server.end()
    logged = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [(one["method"], one["path"], one["status"]) for one in logged] == [
        ("POST", "/predict", 413),
        ("GET", "/nothing\x1b[2J", 404),
    ]
    assert all({"time", "level", "logger", "message", "client", "seconds"} <= one.keys() for one in logged)
    assert "\x1b[2J" not in said


def test_an_option_of_the_environment_is_refused_by_its_name(process, classifier):
    refused = process("serve", str(classifier), env=os.environ | {"GLASSNET_SERVE_PORT": "tcp://10.0.0.1:80"})
    assert "GLASSNET_SERVE_PORT" in refused.communicate()[1]
    assert refused.returncode == 2


def test_the_container_s_commands_serve_and_tell_their_health(process, classifier, tmp_path):
    """What the file for containers sets, and its two commands; only model, port and cache are others."""
    lines = (ROOT / "examples" / "Containerfile").read_text(encoding="utf-8").splitlines()
    said = {name: rest for name, _, rest in (line.partition(" ") for line in lines) if name not in ("ENV", "#")}
    settings = dict(each.split("=") for line in lines if line.startswith("ENV ") for each in line.split()[1:])
    others = {"GLASSNET_SERVE_MODEL": str(classifier), "GLASSNET_CACHE": str(tmp_path)}
    assert others.keys() < settings.keys()
    program, *words = json.loads(said["CMD"])
    assert program == "glassnet"
    server = Server(process(*words, env=os.environ | settings | others | {"GLASSNET_SERVE_PORT": "0"}))
    python, *check = json.loads(said["HEALTHCHECK"].removeprefix("CMD "))
    assert python == "python"
    assert said["EXPOSE"] in check[-1]
    check[-1] = check[-1].replace(said["EXPOSE"], str(server.port))
    subprocess.run([sys.executable, *check], check=True, timeout=PATIENCE)
    assert server.end()[0] == 0


def test_answers_under_way_are_finished_before_it_ends(start, classifier, tables):
    """A body that is half sent when the signal comes is read to its end and answered whole."""
    server = start(classifier, "--timeout", f"{PATIENCE:g}")
    body = pl.concat([pl.read_csv(tables / "new.csv")] * 500).write_csv().encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        head = (
            "POST /predict HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            f"Content-Type: {CSV}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode())
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"  # it has begun to read
        connection.sendall(body[: len(body) // 2])
        server.process.send_signal(signal.SIGTERM)
        server.wait_until_closed()
        connection.sendall(body[len(body) // 2 :])
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"0\r\n\r\n")  # the last chunk
    assert answer.count(b",yes,") + answer.count(b",no,") == 20_000
    _, said = server.process.communicate()
    assert server.process.returncode == 0, said
    assert "stopped     all pending requests were answered" in said


def test_models_are_exchanged_under_load_and_no_request_is_lost(start, file, classifier, tables):
    model = glassnet.load(classifier)
    model.networks_[0].parameters[...] *= 0.9
    glassnet.save(model, tables / "exchanged.safetensors")
    server, statuses = start(file), []
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            statuses.append(server.ask()[0])

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    for next_one in (tables / "exchanged.safetensors", classifier) * 2:
        aside = Path(file).with_suffix(".new")
        shutil.copy(next_one, aside)
        aside.replace(file)
        digest = hashlib.sha256(next_one.read_bytes()).hexdigest()[:12]
        server.process.send_signal(signal.SIGHUP)
        for line in server.process.stderr:  # the server may have seen the file before it was told to look
            if f"model {digest} takes over from" in line:
                break
        assert json.loads(server.ask()[1])["model"] == digest
    stop.set()
    for thread in asking:
        thread.join()
    assert server.end()[0] == 0
    assert set(statuses) == {200}


@pytest.mark.skipif(not LINUX, reason="needs /proc")
def test_memory_does_not_grow_with_a_table_in_csv(start, classifier, tables):
    """20,000 rows more are 80 MB of text more, and of these not even half is seen in memory."""
    server = start(classifier, "--max-body", "300", "--max-rows", "1000000", "--timeout", f"{PATIENCE:g}")
    new = pl.read_csv(tables / "new.csv").with_columns(pl.lit("x" * 4000).alias("more"))
    peaks = []
    for rows in (10_000, 30_000):  # of which it has 10,000 in memory at a time
        body = pl.concat([new] * (rows // 40)).write_csv().encode()
        status, content = server.ask(body=body, kind=CSV)
        assert status == 200
        assert content.count(b"\n") == rows + 1
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        peaks.append(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1000)
    assert len(body) > 100_000_000
    assert peaks[1] - peaks[0] < 40, peaks


def test_the_key_may_come_from_the_environment(start, classifier):
    server = start(classifier, "--host", "0.0.0.0", GLASSNET_API_KEY="correct-horse")
    assert "WARNING" not in "".join(server.lines)
    assert server.ask()[0] == 401
    assert server.ask(authorization="Bearer correct-horse")[0] == 200
    assert "correct-horse" not in "".join(server.lines) + server.end()[1]


def test_everybody_may_ask_only_with_a_warning(start, classifier):
    assert "WARNING" in (said := "".join(start(classifier, "--host", "0.0.0.0").lines))
    assert "keep strangers out" in said


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--port", "70000"], 2, "--port must be from 0 to 65535"),
        (["--port", "http"], 2, "serve"),
        (["--api-key", "short"], 2, "The API key must have at least 8"),
        (["--max-rows", "0"], 2, "--max-rows must be positive"),
        (["--host", "no.such.host.invalid", "--port", "0"], 1, "The server must be able to listen"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(words, code, says, classifier, capsys):
    assert main(["serve", f"{classifier}", *words]) == code
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.count("\n") == 1


def test_an_address_that_is_taken(classifier, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", f"{classifier}", "--port", f"{taken.getsockname()[1]}"]) == 1
    assert "Address already in use" in capsys.readouterr().err


def test_a_file_that_is_no_model(tables, capsys):
    assert main(["serve", f"{tables}/new.csv", "--port", "0"]) == 2
    assert capsys.readouterr().err.startswith("glassnet: ")


def test_without_its_packages_it_says_what_to_install(classifier, monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "glassnet.apps.server.process", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["serve", f"{classifier}"]) == 1
    assert (
        capsys.readouterr().err
        == 'glassnet: The server needs uvicorn. Install it with: pip install "glassnet[serve]"\n'
    )
