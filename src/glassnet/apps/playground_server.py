"""The playground: its files, and a server that gives them to this machine alone (``http.server``)."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socketserver
import sys
import threading
import webbrowser
from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import glassnet
from glassnet.apps.console import Output
from glassnet.apps.server.access import known_by
from glassnet.apps.texts import say
from glassnet.apps.usage import UsageError, fill
from glassnet.display.templating import fingerprint
from glassnet.errors import InputError
from glassnet.support.language import Text, asked_language, opened_in
from glassnet.support.scripts import engine, joined, modules, parts

HOST: Final = "127.0.0.1"
PORT: Final = 8001
OPENING: Final = "opens the page"
"""The thread that does."""
TEXT_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".csv": "text/csv"}
CONTENT_TYPES: Final = {ending: f"{kind}; charset=utf-8" for ending, kind in TEXT_TYPES.items()} | {
    ".json": "application/json",
    ".wasm": "application/wasm",
}
"""Written down here, since a system may have other ones, and a browser runs no script that is called plain text."""
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing evaluated but the engine."""
SAFE: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
MOST_BYTES: Final = 10_000_000
TABLE: Final = "playground/table.csv"
"""Where the page looks for the table that it was opened with."""


WEB = Path(glassnet.__file__).parent / "web"
ENTRY, ROOT = "playground/index.html", "index.html"
SCRIPTS = ("playground/main.js", "playground/worker.js")
ENGINE = ("engine.wasm", "engine-scalar.wasm", "recipes.json")
MODULE = '<script type="module" src="main.js"></script>\n'
STYLE = re.compile(r'<link rel="stylesheet" href="([\w.]+)">\n')
POLICY_OF_PAGE = re.compile(r'(?<=<meta http-equiv="Content-Security-Policy" content=")[^"]*')


class SiteFile(NamedTuple):
    """A file of the site: its content and its media type."""

    content: bytes
    kind: str


class Site(NamedTuple):
    """Files by their paths, and the path that the first address leads to."""

    files: Mapping[str, SiteFile]
    entry: str

    @classmethod
    def of(cls, table: Path | None) -> Site:
        """The playground; with a table, which the page opens by itself.

        Raises
        ------
        InputError
            If the table is no file, or too large for a page.
        """
        every = files()
        if table is not None:
            if not (table.is_file() and table.stat().st_size <= MOST_BYTES):
                found = f"{table.stat().st_size:,} bytes" if table.is_file() else f"{table}, where there is no file"
                rule, remedy = (
                    Text("The table must be a file of at most {size:,} bytes", size=MOST_BYTES),
                    Text("Use a sample of its rows"),
                )
                raise InputError(rule, found, remedy)
            every |= {TABLE: table}
        contents = {
            f"/{name}": SiteFile(path.read_bytes(), CONTENT_TYPES[Path(name).suffix]) for name, path in every.items()
        }
        parameters = {} if (language := asked_language()) is None else {"language": language}
        query = urlencode(parameters | ({} if table is None else {"table": ""}))
        return cls(contents, f"/{ENTRY}?{query}" if query else f"/{ENTRY}")


class SiteHandler(BaseHTTPRequestHandler):
    """Gives the files of a site, and nothing else: no other path leads anywhere."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # an answer is sent at once, and not its head alone at first

    def __init__(self, *args: Any, site: Site) -> None:
        self.site = site
        super().__init__(*args)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if not known_by(self.headers.get("Host", HOST), ()):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
        elif path == "/":
            self._begin(HTTPStatus.TEMPORARY_REDIRECT, {"Location": self.site.entry, "Content-Length": "0"})
        elif (file := self.site.files.get(path)) is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            about = {"Content-Type": file.kind, "Content-Length": str(len(file.content))}
            self._begin(HTTPStatus.OK, about | {"Content-Security-Policy": POLICY})
            if self.command == "GET":
                self.wfile.write(file.content)

    do_HEAD = do_GET

    def _begin(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def end_headers(self) -> None:
        """With every answer, errors too."""
        for name, value in SAFE.items():
            self.send_header(name, value)
        super().end_headers()

    def version_string(self) -> str:
        return "glassnet"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the terminal is for people."""


class SiteServer(socketserver.ThreadingTCPServer):
    """Takes connections of this machine; a thread answers each."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere it would let two servers have the same port
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that closes a connection is no fault."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def listen(site: Site, port: int | None) -> SiteServer:
    """A server that listens; without a port, at the usual one, or at another if that is taken.

    Raises
    ------
    UsageError, InputError
        If the port is none, or is taken.
    """
    if port is not None and not 0 <= port < 65536:
        raise UsageError("--port must be from 0 to 65535", f"{port}", "For example 8001")
    answer = partial(SiteHandler, site=site)
    try:
        return SiteServer((HOST, PORT if port is None else port), answer)
    except OSError as error:
        if port is not None:
            received = f"{HOST}, port {port}: {error.strerror}"
            raise InputError("The server must be able to listen", received, "Choose another --port") from None
        return SiteServer((HOST, 0), answer)


def serve(output: Output, table: Path | None = None, *, port: int | None, browser: bool) -> None:
    """Answer until told to stop, and open the page in the browser."""
    with listen(Site.of(table), port) as server:
        address = f"http://{HOST}:{server.server_address[1]}/"
        output.say("playground", say("playground.open", address=address))
        if browser and _has_screen():
            # some browsers come back only once they have the page
            threading.Thread(target=webbrowser.open, args=(address,), name=OPENING, daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):  # to be told to stop is no failure
            server.serve_forever()


def _has_screen() -> bool:
    """Without one Python would open a browser of text, in this very terminal; `BROWSER` says that there is another."""
    if os.name != "posix" or sys.platform == "darwin":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def files() -> dict[str, Path]:
    """Return the files of the page and the engine, and what their modules import, by their places in ``web/``."""
    pages = [path.relative_to(WEB).as_posix() for path in sorted((WEB / "playground").rglob("*")) if path.is_file()]
    imported = [name for script in SCRIPTS for name in modules(script)]
    return {name: WEB / name for name in (*ENGINE, *imported, *pages)}


def page() -> str:
    """The whole playground as a single file, which opens from a disk, where browsers load no modules."""
    text = (WEB / ENTRY).read_text(encoding="utf-8")
    style = "\n".join((WEB / "playground" / name).read_text(encoding="utf-8") for name in STYLE.findall(text))
    worker = json.dumps(f"{engine()}{joined('playground/worker.js')};").replace("<", "\\u003c")
    script = f"globalThis.glassnetWorker = {worker};\n{joined('playground/main.js', text)};\n"
    policy = (
        f"default-src 'none'; script-src 'sha256-{fingerprint(script)}' 'wasm-unsafe-eval'; worker-src blob:; "
        f"style-src 'sha256-{fingerprint(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    text = POLICY_OF_PAGE.sub(lambda _: policy, STYLE.sub("", text.replace(MODULE, f"<style>{style}</style>\n")))
    return text.replace("</body>", f"<script>{script}</script>\n</body>")


JOINED = {ROOT: page, "parts.js": parts, "parts-engine.js": engine}
"""What works from a file, too: the page as a single file, and small pieces of it for other pages."""


def write(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Write all files into a new or empty folder, for any server of files; and what works without one.

    With `force`, into any folder.
    """
    contents = {name: source.read_bytes() for name, source in files().items()}
    contents |= {name: text().encode() for name, text in JOINED.items()}
    contents |= {name: opened_in(contents[name].decode(), asked_language()).encode() for name in (ENTRY, ROOT)}
    return fill(folder, contents, "The playground must be written to an empty folder", force=force)
