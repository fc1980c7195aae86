"""What ``--dask``, ``--shards`` and ``--local-steps`` ask for."""

from __future__ import annotations

from typing import Any

from glassnet.apps.endings import UsageError, as_usage
from glassnet.apps.stages import Request
from glassnet.distributed.clients import workers_here
from glassnet.training import Rounds


def rounds_of(request: Request) -> Rounds | None:
    """How rows are learned from by rounds; None: they are not."""
    if request.shards is None:
        if request.local_steps is not None:
            raise UsageError("--local-steps needs --shards", str(request.local_steps), "Add --shards")
        return None
    given = {} if request.local_steps is None else {"local_steps": request.local_steps}
    with as_usage():
        return Rounds(request.shards, **given)


def check_address(address: str | None) -> None:
    """Refuse what is no address of a cluster."""
    with as_usage():
        if address is not None:
            workers_here(address)


def check_cluster(request: Request) -> None:
    """Refuse before a long table is read what cannot be."""
    rounds = rounds_of(request)
    check_address(request.dask)
    asked: dict[str, Any] = {"--time-limit": request.time_limit, "--memory": request.memory}
    if rounds is not None:
        asked |= {"--group": request.group, "--time": request.time, "--fold": request.fold}
    elif request.dask is not None:
        asked |= {"--checkpoint": request.checkpoint}
    else:
        return
    how = "--shards" if rounds is not None else "--dask without --shards"
    for option, value in asked.items():
        if value is not None:
            raise UsageError(f"{how} cannot be combined with {option}", str(value), "Omit one of them")
