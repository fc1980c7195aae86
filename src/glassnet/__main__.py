"""``python -m glassnet``, and the script ``glassnet``: the command line.

Ctrl-C may come before there is anything that could hear it, and after; both are quiet here. So that the first of these
moments is short, nothing is imported above but what Python has loaded already.
"""

from __future__ import annotations

# what `signal` makes enumerations of, which takes as long as Python's own start
import _signal as signal  # type: ignore[import-not-found]
import os


def main() -> int:
    """Run what was typed, as a process of its own."""
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(128 + number))
    from glassnet.apps.cli import main as run

    code = run()
    # if the last text that was compiled and run was interrupted (a dataclass is made of texts), Python would end by
    # SIGINT and not by this code
    exec("")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
