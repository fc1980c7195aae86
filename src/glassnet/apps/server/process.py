"""The server as a process: listening, signals to stop or to reload the file, and orderly shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from glassnet.apps.console import Output
from glassnet.apps.server.access import VARIABLE, check_key
from glassnet.apps.server.app import Guard, create_app
from glassnet.apps.server.connections import limited_connections
from glassnet.apps.server.limits import Limits, check_limits
from glassnet.apps.server.log import LOG, LogFormat, log_to_stderr
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model import ModelReloader
from glassnet.apps.server.workers import check_workers, run_workers
from glassnet.apps.shared_options import DecisionOptions
from glassnet.apps.texts import say
from glassnet.apps.usage import UsageError
from glassnet.engines.compiled.workers import cores
from glassnet.errors import InputError
from glassnet.support.language import Text

BACKLOG = 2048
"""Connections that may wait to be taken."""
FILES = 200
"""Files beside the connections: libraries, bodies on the disk."""
SWITCH = 0.001
"""Seconds after which a thread that computes lets the others go on; Python's own 5 ms would be seen in every answer."""


def serve(
    file: Path,
    output: Output,
    *,
    host: str,
    port: int,
    key: str | None,
    names: Sequence[str],
    limits: Limits,
    workers: int = 1,
    deciding: DecisionOptions = DecisionOptions(),
    log_format: LogFormat = "text",
    access_log: bool = False,
) -> None:
    """Answer requests until a signal to stop, by so many processes.

    `port` 0 is any free one; without a key the one in the environment applies, if there is one; `names` are allowed
    host names beside the server's addresses, `host` and localhost, "*" all.
    """
    check_workers(workers)
    limits = _within_open_files(check_limits(limits))
    key = check_key(key or os.environ.get(VARIABLE) or None)
    with contextlib.closing(listen(host, port)) as listening:
        address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
        begin_log = partial(log_to_stderr, log_format, quiet=output.quiet, requests=access_log)
        begin_log()
        if key is None and not _is_local(host):
            LOG.warning("whoever can reach %s may ask: --api-key or $%s would keep strangers out", address, VARIABLE)
        work = partial(
            _answer, listening, begin_log, file, limits, deciding, key, {name.lower() for name in (host, *names)}
        )

        def announce(digest: str) -> None:
            output.say("serving", say("serve.serving", address=address, digest=digest, file=file))

        if workers == 1:
            work(announce)
        else:
            run_workers(work, workers, announce)
    output.say("stopped", say("serve.answered"))


def _answer(
    listening: socket.socket,
    begin_log: Callable[[], None],
    file: Path,
    limits: Limits,
    deciding: DecisionOptions,
    key: str | None,
    names: set[str],
    announce: Callable[[str], object],
) -> None:
    """Answer requests in this process, which calls `announce` with the digest of the model once it listens."""
    with ThreadPoolExecutor(cores(), "glassnet") as pool, ThreadPoolExecutor(cores(), "glassnet-tables") as tables:
        metrics = Metrics()
        reloader = ModelReloader(file, pool, metrics, deciding)
        begin_log()
        sys.setswitchinterval(SWITCH)
        gc.collect()
        gc.freeze()  # to look through all that is loaded takes a tenth of a second, which every request would wait
        app = create_app(reloader, limits, metrics, pool, tables, key, names)
        config = configured(
            app, limits, lifespan="on", backlog=BACKLOG, timeout_graceful_shutdown=int(limits.seconds) + 1
        )
        listens = partial(announce, reloader.served.digest)
        PredictionServer(config, listens, reloader.reload).run(sockets=[listening])


def configured(app: Guard, limits: Limits, **options: Any) -> uvicorn.Config:
    """Return the uvicorn configuration of all applications here: no logs, no server header, no proxy headers."""
    silent: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False}
    return uvicorn.Config(app, http=limited_connections(limits), ws="none", proxy_headers=False, **silent, **options)


class PredictionServer(uvicorn.Server):
    """Shuts down at SIGTERM and Ctrl-C, reloads at SIGHUP if `reload` is set, and calls `announce` when it listens."""

    def __init__(
        self, config: uvicorn.Config, announce: Callable[[], object], reload: Callable[[], object] | None = None
    ) -> None:
        super().__init__(config)
        self.announce, self.reload = announce, reload

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Unlike uvicorn's own it does not raise the signal once more: to be told to stop is no failure."""
        loop, hangup = asyncio.get_running_loop(), getattr(signal, "SIGHUP", None)
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.handle_exit, number, None)
            if hangup is not None and self.reload is not None:
                loop.add_signal_handler(hangup, self.reload)
        except (NotImplementedError, ValueError, RuntimeError):  # on Windows, and outside of the main thread
            with super().capture_signals():
                yield
            return
        yield


def _within_open_files(limits: Limits) -> Limits:
    """The same with no more connections than the system lets the process have files."""
    try:
        import resource
    except ImportError:  # Windows counts otherwise
        return limits
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = limits.connections + FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return replace(limits, connections=max(1, min(limits.connections, soft - FILES)))
    return limits


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at this address."""
    if not 0 <= port < 65536:
        raise UsageError("--port must be from 0 to 65535", f"{port}", "For example 8000")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, UnicodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        remedy = Text("Choose another --port or --host")
        raise InputError(
            "The server must be able to listen",
            Text("{host}, port {port}: {reason}", host=host, port=port, reason=reason),
            remedy,
        ) from None


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
