"""The playground over HTTP: its files and no others, to this machine alone, without any package of the server's."""

from __future__ import annotations

import http.client
import signal
import socket
import threading
import urllib.request

import pytest

from glassnet.apps import playground_server
from glassnet.apps.cli import main
from glassnet.apps.playground_server import ENTRY, POLICY, SAFE, Site, files, listen
from glassnet.support.language import speaking


@pytest.fixture
def served():
    """``served(table)``: a function that asks such a server for a path."""
    servers = []

    def serve(table=None):
        server = listen(Site.of(table), 0)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

        def ask(path, method="GET", **headers):
            connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=30)
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            return answer, content

        return ask

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def opened(monkeypatch):
    """``opened(*words)``: what the command opens in the browser, on a machine with a screen."""
    addresses = []
    monkeypatch.setattr("webbrowser.open", addresses.append)
    monkeypatch.setattr(playground_server.SiteServer, "serve_forever", lambda server: None)
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("BROWSER", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")

    def run(*words):
        assert main(["playground", "--port", "0", *words]) == 0
        for thread in threading.enumerate():
            if thread.name == playground_server.OPENING:
                thread.join()
        return addresses

    return run


@pytest.mark.parametrize("path", ["/", "/?anything"])
def test_the_first_address_leads_to_the_page(served, path):
    answer, _ = served()(path)
    assert (answer.status, answer.headers["location"]) == (307, f"/{ENTRY}")


def test_a_table_lies_beside_the_page_that_is_opened_with_it(served, tmp_path):
    (tmp_path / "mine.csv").write_text("1,2,a\n")
    ask = served(tmp_path / "mine.csv")
    assert ask("/")[0].headers["location"] == f"/{ENTRY}?table="
    assert ask("/playground/table.csv")[1] == b"1,2,a\n"


def test_a_language_that_was_asked_for_comes_before_the_one_that_the_browser_remembers(served):
    with speaking("zh"):
        assert served()("/")[0].headers["location"] == f"/{ENTRY}?language=zh"


def test_a_table_too_large_for_a_page_is_refused(tmp_path, capsys):
    (tmp_path / "large.csv").write_text("1,2,a\n" * 2_000_000)
    assert main(["playground", str(tmp_path / "large.csv"), "--no-browser"]) != 0
    assert "at most 10,000,000 bytes. Received: 12,000,000 bytes" in capsys.readouterr().err.replace("\n", " ")


def test_every_file_is_served_with_its_kind_and_the_policy(served):
    ask = served()
    for name, path in files().items():
        answer, content = ask(f"/{name}")
        assert content == path.read_bytes()
        assert answer.headers["content-security-policy"] == POLICY
        assert {header: answer.headers[header] for header in SAFE} == SAFE
    assert ask("/engine.wasm")[0].headers["content-type"] == "application/wasm"  # nothing behind it, or no streaming
    assert ask("/engine.js")[0].headers["content-type"] == "text/javascript; charset=utf-8"


def test_whoever_asks_for_the_head_alone_gets_no_content(served):
    answer, content = served()("/engine.wasm", "HEAD")
    assert (answer.status, content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/engine.json",
        "/../pyproject.toml",
        "/playground/%2e%2e/%2e%2e/errors.py",
        "//etc/passwd",
        "/playground/",
        "/playground/table.csv",
    ],
)
def test_nothing_else_is_served(served, path):
    assert served()(path)[0].status == 404


def test_whoever_asks_by_a_strange_name_is_refused(served):
    assert served()("/", Host="evil.example")[0].status == 421


def test_a_browser_that_goes_away_leaves_no_trace(served, capfd):
    server = listen(Site.of(None), 0)
    with server:
        try:
            raise ConnectionResetError
        except ConnectionResetError:
            server.handle_error(None, None)
    assert capfd.readouterr().err == ""


def test_where_the_usual_port_is_taken_another_one_is_free(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(playground_server, "PORT", taken.getsockname()[1])
        with listen(Site.of(None), None) as server:
            assert server.server_address[1] != taken.getsockname()[1]


def test_a_port_that_was_named_and_is_taken_is_refused(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["playground", "--port", f"{port}", "--no-browser"]) == 1
    assert f"port {port}: Address already in use" in capsys.readouterr().err


def test_the_page_is_opened_in_the_browser(opened, capsys):
    assert opened() == [capsys.readouterr().err.split()[1].rstrip(";")]


def test_whoever_wants_no_browser_gets_none(opened):
    assert opened("--no-browser") == []


def test_without_a_screen_no_browser_is_opened_in_the_terminal(opened, monkeypatch):
    monkeypatch.setenv("DISPLAY", "")
    assert opened() == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_told_to_stop_which_is_no_failure(process, number):
    playing = process("playground", "--port", "0", "--no-browser")
    line = playing.stderr.readline()
    with urllib.request.urlopen(line.split()[1].rstrip(";")) as answer:
        assert b"<!doctype html>" in answer.read()
    playing.send_signal(number)
    assert playing.wait(30) == 0
    assert "Traceback" not in playing.stderr.read()
