"""The workers of a Dask cluster: work that is lost with one of them, or that one does not answer for, is done again.

Nothing is pinned to a worker and no two of them wait for each other, so there is nothing that could hang with one.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any, Final, NamedTuple

import numpy as np

from glassnet.distributed.workers import Call
from glassnet.errors import ClusterError, DivergenceError, InputError, InputTypeError
from glassnet.support.language import Text
from glassnet.support.lazy_import import require
from glassnet.support.messages import warn

LOOK: Final = 0.5
"""Seconds between two looks at who is still there."""
TRIES: Final = 3
"""So often is a piece of work begun again, if those that carried it out died; then it is to blame."""


class RejectedInput(NamedTuple):
    """What comes of work whose data are wrong: wherever and however often it is done, it comes to that."""

    error: Exception


def carefully(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of a call, or its refusal, as a result; Dask begins again what ends with an error.

    Work that is given a refusal hands it on.

    Examples
    --------
    >>> def refuse(x):
    ...     raise InputError("x must be positive", x, "Give another")
    >>> carefully(max, carefully(refuse, 0), 1)
    RejectedInput(error=InputError('x must be positive. Received: 0. Give another.'))
    """
    for argument in arguments:
        if isinstance(argument, RejectedInput):
            return argument
    try:
        return function(*arguments)
    except (InputError, InputTypeError, DivergenceError) as error:
        return RejectedInput(error)


def _accepted(results: Sequence[Any]) -> list[Any]:
    """Results, if none of them is a refusal.

    Raises
    ------
    InputError, InputTypeError, DivergenceError
        What the first one says.
    """
    for result in results:
        if isinstance(result, RejectedInput):
            raise result.error
    return list(results)


class DaskWorkers:
    """Carries out calls on a cluster: where that is, and how it is reached (TLS), is the client's affair.

    A worker that has shown no sign of life for `deadline` seconds is given up.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    """

    def __init__(self, client: Any, deadline: float) -> None:
        distributed = require("distributed", "Training on several machines", "scale", "dask")
        from glassnet.distributed.plugin import VersionCheck

        self.wait: Any = distributed.wait
        self.killed: Any = distributed.KilledWorker
        self.client, self.address = client, client.scheduler.address
        self.deadline = self.patience = deadline
        self.heard: dict[str, tuple[float, float]] = {}
        """The last sign of each, and the seconds of silence since."""
        self.looked = time.monotonic()
        self.lonely = 0.0
        """Seconds without any worker."""
        self._register(VersionCheck())

    @contextlib.contextmanager
    def prepared(self, plugin: Any) -> Iterator[None]:
        """Within it every worker has carried out a plugin before it takes up work; one that joins later, too."""
        self._register(plugin)
        try:
            yield
        finally:
            if self.client.status == "running":  # and not without a scheduler
                with contextlib.suppress(OSError, ValueError):  # a worker that is dying does not answer
                    self.client.unregister_worker_plugin(plugin.name)

    def _register(self, plugin: Any) -> None:
        for left in reversed(range(TRIES)):
            try:
                self.client.register_plugin(plugin)
                return
            except ModuleNotFoundError as error:
                rule = Text("Workers must have glassnet and its dependencies installed")
                raise InputError(rule, str(error), "Install the same version everywhere") from None
            except OSError as error:  # a worker was about to leave; the next time it is not asked
                if not left:
                    raise self._gone(str(error)) from error
                time.sleep(LOOK)

    def kept(self, calls: Sequence[Call]) -> list[Any]:
        """See :class:`glassnet.distributed.workers.Workers`: futures, made anew by the cluster if they are lost."""
        import dask
        from dask.delayed import delayed
        from dask.utils import funcname

        shared, careful = _shared(calls), delayed(carefully, pure=False)
        work = [
            careful(
                *(call.function, *(shared.get(id(argument), argument) for argument in call.arguments)),
                dask_key_name=f"{funcname(call.function)}-{uuid.uuid4()}",  # work of one kind takes about as long
            )
            for call in calls
        ]
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):  # a network is what it is
            return list(self.client.compute(work, retries=TRIES))

    def results(self, calls: Sequence[Call]) -> list[Any]:
        """See :class:`glassnet.distributed.workers.Workers`.

        Raises
        ------
        ClusterError
            If the scheduler is gone.
        InputError
            If workers die over a piece of work again and again.
        InputError, InputTypeError, DivergenceError
            What a piece of work says of its data.
        """
        with self.answering():
            futures = self.kept(calls)
            while True:
                try:
                    with self.client.as_current():  # the futures belong to this client, whichever else is connected
                        self.wait(futures, timeout=LOOK)
                    break
                except TimeoutError:
                    if self.give_up_silent():
                        futures = self._begun_again(calls, futures)
            seconds = max(LOOK, self.deadline)
            while True:
                try:
                    gathered = self.client.sync(self._gathered, futures, callback_timeout=seconds)
                    self.patience = self.deadline
                    return _accepted(gathered)
                except TimeoutError:
                    self.give_up_silent(seconds)
                    seconds *= 2  # a large transfer takes long, and is no sign of a failure

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Within it what becomes of the cluster is an error in words."""
        try:
            yield
        except CancelledError:
            raise self._gone(Text("no answer any more from {address}", address=self.address)) from None
        except self.killed as error:
            rule = Text("The task must not crash the workers")
            received = f"{error.allowed_failures + 1} workers died over one piece of it"
            raise InputError(rule, received, "They may have run out of memory; see their logs") from None

    def _gone(self, received: str | Text) -> ClusterError:
        rule = Text("The Dask scheduler must keep running until the work is done")
        return ClusterError(rule, received, "Start it again; training with checkpoints resumes from the last one")

    async def _gathered(self, futures: Sequence[Any]) -> list[Any]:
        gathered: list[Any] = await self.client.gather(futures, asynchronous=True)
        return gathered

    def _begun_again(self, calls: Sequence[Call], futures: Sequence[Any]) -> list[Any]:
        """Submit the unfinished calls again under new keys: some may be waiting for the worker that was given up."""
        left = [number for number, future in enumerate(futures) if future.status != "finished"]
        again = dict(zip(left, self.kept([calls[number] for number in left]), strict=True))
        self.client.cancel([futures[number] for number in left])
        return [again.get(number, future) for number, future in enumerate(futures)]

    def give_up_silent(self, waited: float = LOOK) -> bool:
        """Take workers off the cluster that have shown no sign of life for too long; whether there were any.

        One that was only frozen may come back later, and then begins with nothing. `waited` is how long it was to be
        since the last look: if this process was away for much longer, as on a laptop that slept, the silence does
        not count.
        """
        now = time.monotonic()
        passed, self.looked = min(now - self.looked, 2 * waited), now
        try:
            there = self.client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, AttributeError):  # the scheduler is gone: waiting for work raises the error
            return False
        alone, self.lonely = self.lonely, 0.0 if there else self.lonely + passed
        if alone <= self.deadline < self.lonely:  # they take seconds to start, and again after a crash
            message = Text("The Dask cluster has no workers. Waiting for one to join; press Ctrl-C to stop")
            warn(message)
        for address, worker in there.items():
            sign, (before, silence) = worker["last_seen"], self.heard.get(address, (None, 0.0))
            self.heard[address] = sign, silence + passed if sign == before else 0.0
        silent = [address for address in there if self.heard[address][1] > self.patience]
        for address in silent:
            self.client.sync(
                self.client.scheduler.unregister, address=address, stimulus_id=f"glassnet-silent-{time.time()}"
            )
            del self.heard[address]
        if silent:
            self.patience *= 2  # a worker that is only slow must not be given up again and again
        return bool(silent)


def _shared(calls: Sequence[Call]) -> dict[int, Any]:
    """Arguments of several calls, to be sent once, by their identity."""
    from dask.delayed import delayed

    every = {id(argument): argument for call in calls for argument in call.arguments}
    times = Counter(id(argument) for call in calls for argument in call.arguments)
    return {
        key: delayed(argument, pure=False, traverse=False)
        for key, argument in every.items()
        if times[key] > 1
        and (isinstance(argument, np.ndarray) or hasattr(argument, "__dict__"))
        and not hasattr(argument, "__dask_graph__")
    }
