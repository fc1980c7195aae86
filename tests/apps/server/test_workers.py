"""Several processes at one port: all answer, signals reach all, one that dies is replaced, none outlives the first."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from glassnet.apps.cli import main
from tests.forks import PATIENCE
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")]


class Server:
    def __init__(self, process):
        self.process = process
        self.line = process.stderr.readline()
        self.address = re.search(r"http://[\d.:]+\d", self.line)[0]

    def workers(self):
        """The processes that it has started, without Python's own that tidies up."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid) for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}

    def metric(self, name):
        with urlopen(f"{self.address}/metrics", timeout=PATIENCE) as answer:
            return sum(float(line.split()[-1]) for line in answer.read().decode().splitlines() if line.startswith(name))


@pytest.fixture
def start(classifier):
    started = []

    def run(*options):
        command = [sys.executable, "-m", "glassnet", "serve", classifier, "--port", "0", *options]
        options = {"stderr": subprocess.PIPE, "encoding": "utf-8", "env": os.environ | {"NO_COLOR": "1"}}
        started.append(subprocess.Popen(command, **options))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def gone(pid):
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_all_load_all_reload_one_is_replaced_and_all_end_in_order(start):
    server = Server(start("--workers", "2"))
    first = server.workers()
    assert len(first) == 2
    assert server.metric("glassnet_loads_total") == 2  # of both, whichever answers
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: server.metric("glassnet_loads_total") == 4)
    killed = min(first)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: server.metric("glassnet_loads_total") == 5)
    assert killed not in server.workers()
    assert len(server.workers()) == 2
    last = server.workers()
    server.process.send_signal(signal.SIGTERM)
    _, said = server.process.communicate(timeout=PATIENCE)
    assert server.process.returncode == 0, said
    assert f"worker {killed} ended (exit code -9), another one starts" in said
    assert "stopped     all pending requests were answered" in said
    assert "Traceback" not in said
    assert all(map(gone, last))


def test_workers_end_when_the_first_process_is_killed(start):
    server = Server(start("--workers", "2"))
    workers = server.workers()
    server.process.kill()
    server.process.wait()
    wait_until(lambda: all(map(gone, workers)))


def test_what_keeps_the_first_from_starting_is_said_once(tables):
    command = [sys.executable, "-m", "glassnet", "serve", f"{tables}/new.csv", "--port", "0", "--workers", "2"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE)
    assert done.returncode == 2
    assert done.stderr.startswith("glassnet: ")
    assert done.stderr.count("\n") == 1, done.stderr


def test_no_workers(classifier, capsys):
    assert main(["serve", f"{classifier}", "--workers", "0"]) == 2
    assert "--workers must be a positive integer" in capsys.readouterr().err
