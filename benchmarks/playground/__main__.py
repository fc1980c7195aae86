"""Pictures a second of the playground in headless Chromium, and epochs a second beside TensorFlow Playground's engine.

    python -m benchmarks.playground [--peer nn.mjs]

needs what `make browser` installs. The peer is `src/nn.ts` of the repository tensorflow/playground with its types taken
out (`npx -p typescript tsc --target es2020 --module es2020 nn.ts`), named nn.mjs. Writes playground.json and
playground.md into benchmarks/results/.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import markdown
from benchmarks.results import RESULTS, write_results
from glassnet.apps.playground_server import WEB, files

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / "build" / "browser" / "node_modules"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "chromium")


def frames() -> dict[str, dict[str, float]]:
    """What the browser says of each case."""
    command = [sys.executable, "-m", "glassnet", "playground", "--no-browser", "--port", "0"]
    environment = os.environ | {"NO_COLOR": "1", "NODE_PATH": str(MODULES), "CHROMIUM": CHROMIUM}
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert server.stderr is not None
    try:
        page = server.stderr.readline().split()[1].rstrip(";")
        return _json(["node", HERE / "frames.js", page], environment)
    finally:
        server.terminate()
        server.communicate(timeout=60)


def epochs(peer: Path | None) -> dict[str, dict[str, float | None]]:
    """Epochs a second of both engines in node."""
    return _json(["node", HERE / "epochs.mjs", WEB, *([peer.resolve()] if peer else [])], dict(os.environ))


def _json(command: list[Any], environment: dict[str, str]) -> Any:
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if run.returncode:
        sys.exit(run.stderr)
    return json.loads(run.stdout)


def written(drawn: dict[str, dict[str, float]], trained: dict[str, dict[str, float | None]], size: int) -> str:
    """The page of the results."""
    rows = [
        [
            name,
            f"{one['frames']:.0f}",
            f"{one['longest']:.0f} ms",
            f"{one['page']:.1f} ms",
            f"{one['epochs']:.0f}",
            f"{one['beat']:.0f} ms" if "beat" in one else "",
            f"{one['firstPaint']:.0f} ms" if "firstPaint" in one else "",
        ]
        for name, one in drawn.items()
    ]
    head = [
        "training at full speed",
        "pictures a second",
        "99 % come within",
        "processor time of one",
        "epochs a second",
        "a beat of slow motion",
        "first paint",
    ]
    paces = [
        [
            name,
            f"{one['ours']:.0f}",
            f"{one['theirs']:.0f}" if one["theirs"] else "",
            f"{one['ours'] / one['theirs']:.1f}" if one["ours"] and one["theirs"] else "",
        ]
        for name, one in trained.items()
    ]
    pace_head = ["node, one thread", "epochs a second", "TensorFlow Playground's engine", "times"]
    return "\n\n".join(
        [
            f"Page and engine: {size / 1e6:.2f} MB.",
            "\n".join(markdown.table(head, rows)),
            "\n".join(markdown.table(pace_head, paces)),
        ]
    )


def main() -> None:
    """Measure, and write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, help="TensorFlow Playground's nn.mjs")
    parser.add_argument("--no-frames", action="store_true", help="epochs only")
    options = parser.parse_args()
    trained = epochs(options.peer)
    drawn = {} if options.no_frames else frames()
    size = sum(path.stat().st_size for path in files().values())
    text = written(drawn, trained, size)
    print(text)
    if drawn:
        write_results("playground", {"frames": drawn, "epochs": trained, "bytes": size})
        (RESULTS / "playground.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
