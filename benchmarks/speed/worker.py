"""A process that does as it is told: one task a line of JSON on its input, one answer a line on its output.

python -m benchmarks.speed.worker '{"peer": "jax", "options": {}}'

Started by ``team``; while it waits it takes no processor time.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import traceback
from typing import Any

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not among the answers
    settings = json.loads(sys.argv[1])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # frozen, it would never learn that its leader ended
    if settings.get("one_core"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # before the library counts the cores

    from benchmarks.speed.peers import get_peer
    from benchmarks.speed.tasks import Tasks

    def answer(content: dict[str, Any]) -> None:
        print(json.dumps(content), file=answers, flush=True)

    try:
        peer = get_peer(settings["peer"], **settings["options"]) if settings["peer"] else None
        tasks = Tasks(peer)
    except Exception as error:
        traceback.print_exc()
        answer({"error": f"{type(error).__name__}: {error}"})
        return
    answer({"result": "ready"})
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer({"result": getattr(tasks, order["task"])(**order["arguments"])})
        except Exception as error:
            traceback.print_exc()
            answer({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
