"""Processes of glassnet that begin with everything imported: forks of one parent, which imported it once.

To import all that a training needs takes more than a second of a processor, and there are many tests of processes.
Where the start itself is what is tested, a test starts Python as people do.

Run as a program, this file is the parent: it takes orders from a socket, with the standard streams of the new process.
Each process has a watcher, a fork too, which waits for it and says how it ended.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from multiprocessing import forkserver
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
CLOSED = -10
"""Instead of a stream: the process has none."""
DIGITS = 20
PATIENCE = 300.0
"""Seconds after which whoever has not answered hangs; a busy machine takes a tenth of them."""
ALSO = ("llvmlite.binding", "matplotlib.pyplot", "pandas", "polars", "pyarrow", "sklearn.linear_model", "uvicorn")
"""What glassnet imports only where it is used."""


class Forked:
    """A process, with as much of ``subprocess.Popen`` as tests need; its streams are text."""

    def __init__(self, order: dict[str, Any], parent: socket.socket, stdout: Any, stderr: Any) -> None:
        report, reporting = os.pipe()
        self._report = os.fdopen(report, "rb", buffering=0)
        self.returncode: int | None = None
        given, ours, theirs = [], [], []
        for number, stream in enumerate((stdout, stderr), 1):
            read = None
            if stream == subprocess.PIPE:
                read, stream = os.pipe()
                theirs.append(stream)
            ours.append(None if read is None else os.fdopen(read, encoding="utf-8"))
            if stream != CLOSED:
                given.append((number, stream if isinstance(stream, int) else stream.fileno()))
        self.stdout, self.stderr = ours
        order |= {"streams": [number for number, _ in given]}
        socket.send_fds(parent, [json.dumps(order).encode()], [reporting, *(stream for _, stream in given)])
        for each in (reporting, *theirs):
            os.close(each)
        self.pid = int(self._said())

    def _said(self) -> bytes:
        """The next number that the watcher says; a pipe keeps so few bytes together."""
        return self._report.read(DIGITS)

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._report], [], [], 0)[0]:
            self.returncode = int(self._said())
            self._report.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None and not select.select([self._report], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        ended = self.poll()
        assert ended is not None
        return ended

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended, and its watcher is about to say so
                os.kill(self.pid, number)

    def communicate(self, timeout: float | None = PATIENCE) -> tuple[str | None, str | None]:
        """What it wrote, when it has ended."""
        streams: list[IO[str] | None] = [self.stdout, self.stderr]
        with ThreadPoolExecutor(2) as readers:
            texts = [stream and readers.submit(stream.read) for stream in streams]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.send_signal(signal.SIGKILL)
                raise
            shown, said = (text and text.result() for text in texts)
        self.end()
        return shown, said

    def end(self) -> None:
        """Whatever it does, and whether anybody has read what it wrote."""
        self.send_signal(signal.SIGKILL)
        self.wait()
        for stream in (self.stdout, self.stderr):
            if stream is not None:
                stream.close()


class Parent:
    """Forks when asked to."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        command = [sys.executable, __file__, str(theirs.fileno())]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], env=environment)
        theirs.close()

    def fork(
        self,
        *words: object,
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.PIPE,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Forked:
        """``python words...`` that is: ``-m module``, ``-c text`` or a file, and its arguments."""
        order = {"words": [*map(str, words)], "environment": dict(os.environ if env is None else env)}
        return Forked(order | {"folder": str(cwd or Path.cwd())}, self._socket, stdout, stderr)

    def run(self, *words: object, timeout: float = PATIENCE, **options: Any) -> subprocess.CompletedProcess[str]:
        """The same, to its end, as ``subprocess.run`` gives it."""
        process = self.fork(*words, **options)
        shown, said = process.communicate(timeout)
        return subprocess.CompletedProcess(words, process.wait(), shown or "", said or "")

    def close(self) -> None:
        self._socket.close()
        self._process.wait()


@contextlib.contextmanager
def forked_workers() -> Iterator[None]:
    """Within it the workers of a Dask cluster are forks, too, of a process that has imported what they need."""
    import dask
    from distributed.utils import get_mp_context

    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        get_mp_context().set_forkserver_preload(["distributed", "glassnet.distributed.plugin", "pandas", "polars"])
        forkserver.ensure_running()  # where it lies must not be the temporary folder of one test
        yield


# ------------------------------------------------------------------ in the parent


def import_all() -> None:
    for module in pkgutil.walk_packages(import_module("glassnet").__path__, "glassnet."):
        if module.name != "glassnet.__main__":
            import_module(module.name)
    for name in ALSO:
        import_module(name)


def ordered(orders: socket.socket) -> list[str] | None:
    """The words of an order, in the process that was forked for it; None in the parent, when nobody orders any more."""
    while True:
        while reaped(os.WNOHANG):
            pass
        message, streams, _, _ = socket.recv_fds(orders, 2**20, 4)
        if not message:
            while reaped(0):
                pass
            return None
        if os.fork() == 0:
            orders.close()
            order, (report, *streams) = json.loads(message), streams
            if pid := os.fork():
                watch(pid, report, streams)
            os.close(report)
            become(order, streams)
            return order["words"]
        for stream in streams:
            os.close(stream)


def reaped(flags: int) -> bool:
    """Whether there was a watcher that had ended; its time is counted then."""
    try:
        return os.waitpid(-1, flags)[0] != 0
    except ChildProcessError:
        return False


def watch(pid: int, report: int, streams: list[int]) -> None:
    """Say which process it is, and how it ended."""
    for stream in (1, 2, *streams):
        os.close(stream)
    os.write(report, f"{pid:{DIGITS}}".encode())
    _, status = os.waitpid(pid, 0)
    os.write(report, f"{os.waitstatus_to_exitcode(status):{DIGITS}}".encode())
    os._exit(0)


def become(order: dict[str, Any], streams: list[int]) -> None:
    """Take the place, the environment and the streams of the process that was ordered."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number in (1, 2):
        os.close(number)
    for number, given in zip(order["streams"], streams, strict=True):
        os.dup2(given, number)
        os.close(given)
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    for number, name, errors in ((1, "stdout", "strict"), (2, "stderr", "backslashreplace")):
        stream = None
        if number in order["streams"]:
            stream = open(number, "w", encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def run(words: list[str]) -> None:
    """What Python does with its arguments."""
    match words:
        case ["-m", module, *_]:
            sys.argv = words[1:]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case ["-c", text, *rest]:
            sys.argv = ["-c", *rest]
            sys.path.insert(0, "")
            exec(text, {"__name__": "__main__"})
        case [file, *_]:
            sys.argv = words
            sys.path.insert(0, str(Path(file).parent))
            runpy.run_path(file, run_name="__main__")


def end(code: object) -> None:
    """End as any Python does, but without taking apart all that was imported, which takes longer than most tests."""
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
    threading._shutdown()
    atexit._run_exitfuncs()
    ended = code if isinstance(code, int) else int(code is not None)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            ended = 120
    os._exit(ended & 0xFF)


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    import_all()
    gc.freeze()  # of what all share nothing is garbage, and to look would be to copy it
    if (typed := ordered(socket.socket(fileno=int(sys.argv[1])))) is not None:
        try:
            run(typed)
        except SystemExit as error:
            end(error.code)
    end(None)
