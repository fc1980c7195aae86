"""What a release must pass: one version everywhere, archives that give one wheel, every command of the wheel alone.

    python -m benchmarks.release

Builds in build/release. The commands run in a new environment, in an empty folder, on a table that is made there; the
first that fails ends the check, with what it printed.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "release"
LOCKED = ("--constraint", str(Path(sys.prefix) / "versions.txt"))
TABLE, MODEL = "flats.csv", "flats.safetensors"

COMMANDS = (
    "demo",
    f"train {TABLE} --target dear --preset fast --out {MODEL} --report report.html",
    f"search {TABLE} --target dear --trials 2 --out found.safetensors",
    f"evaluate {MODEL} {TABLE}",
    f"predict {MODEL} {TABLE} --out predictions.csv",
    f"explain {MODEL} {TABLE} --rows 0",
    f"inspect {MODEL}",
    f"doctor {MODEL} {TABLE}",
    f"card {MODEL} --out card.md",
    *(f"export {MODEL} flats.{ending}" for ending in ("onnx", "py", "html", "mjs", "c")),
    "book chapters",
    "playground --out page",
    "warm",
)
"""All but `serve`, which does not end by itself."""


class FailedError(Exception):
    """A step found that this cannot be released."""


def main() -> int:
    """Print each step with its seconds; 1 if one failed."""
    steps = (one_version, build, same_wheel, install, bill_of_materials, commands, served, of_the_source_archive)
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "empty").mkdir(parents=True)
    for step in steps:
        begun = time.perf_counter()
        try:
            said = step()
        except FailedError as error:
            print(f"FAILED: {step.__name__}: {error}", flush=True)
            return 1
        print(f"{time.perf_counter() - begun:6.1f} s  {step.__name__.replace('_', ' ')}: {said}", flush=True)
    return 0


def one_version() -> str:
    """See that the package, CITATION.cff and the changelog agree."""
    places = {
        "src/glassnet/__init__.py": r'^__version__ = "(.+)"',
        "CITATION.cff": r"^version: (.+)",
        "CHANGELOG.md": r"^## \[(.+?)\]",
    }
    found = {}
    for place, pattern in places.items():
        match = re.search(pattern, (ROOT / place).read_text("utf-8"), re.MULTILINE)
        found[place] = match.group(1) if match else "none"
    numbers = set(found.values()) - {"Unreleased"}
    if len(numbers) != 1:
        raise FailedError(f"versions differ: {found}")
    return f"{numbers.pop()}{', whose changes are not under its name yet' * ('Unreleased' in found.values())}"


def build() -> str:
    """Build the source archive, and from it the wheel."""
    run([sys.executable, "-m", "venv", FOLDER / "tools"])
    run([FOLDER / "tools/bin/pip", "install", "--quiet", "--disable-pip-version-check", "build", "cyclonedx-bom"])
    run([FOLDER / "tools/bin/python", "-m", "build", "--outdir", FOLDER / "dist", ROOT])
    return ", ".join(f"{path.name} {path.stat().st_size / 1e6:.1f} MB" for path in sorted((FOLDER / "dist").iterdir()))


def same_wheel() -> str:
    """See that the tree itself gives the wheel that the source archive gives."""
    run([FOLDER / "tools/bin/python", "-m", "build", "--wheel", "--outdir", FOLDER / "tree", ROOT])
    ours, theirs = ((FOLDER / folder / wheel().name).read_bytes() for folder in ("dist", "tree"))
    if ours != theirs:
        raise FailedError("the wheel of the source archive is another than that of the tree")
    return f"{len(ours)} bytes are equal"


def install() -> str:
    """Install the wheel where nothing else is."""
    run([sys.executable, "-m", "venv", FOLDER / "user"])
    package = f"{wheel()}[all,onnx,search,serve]"
    run([FOLDER / "user/bin/pip", "install", "--quiet", "--disable-pip-version-check", package, *LOCKED])
    return wheel().name


def bill_of_materials() -> str:
    """Write what is installed beside the wheel, with versions and licences, as CycloneDX."""
    path = FOLDER / "dist" / f"{wheel().stem}.cdx.json"
    run([FOLDER / "tools/bin/cyclonedx-py", "environment", "--output-file", path, FOLDER / "user/bin/python"])
    return f"{len(json.loads(path.read_text())['components'])} components in {path.name}"


def commands() -> str:
    """Run every command."""
    with (FOLDER / "empty" / TABLE).open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(["rooms", "street", "built", "seen", "dear"])
        for row in range(300):
            rooms, year = 1 + row * 7 % 5, 1900 + row * 37 % 120
            street = ("Baker", "Elm", "Station", "")[row * 11 % 4]
            write.writerow([rooms, street, year, f"2026-{1 + row % 12:02}-03", "yes" if rooms * year > 5800 else "no"])
    for command in COMMANDS:
        glassnet(*command.split())
    listed = user("-c", "from glassnet.apps.commands import app; print(*app)").split()
    tried = {"serve", *(command.split()[0] for command in COMMANDS)}
    if missing := {name for name in listed if not name.startswith("-")} ^ tried:
        raise FailedError(f"not every command was run, or one does not exist: {sorted(missing)}")
    return f"{len(COMMANDS)} commands"


def served() -> str:
    """Serve the model, ask it, and end it."""
    command = [FOLDER / "user/bin/glassnet", "serve", MODEL, "--port", "0"]
    server = subprocess.Popen(
        command, cwd=FOLDER / "empty", env=alone(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert server.stdout is not None
        address = next((found for line in server.stdout if (found := re.search(r"http://[\d.]+:\d+", line))), None)
        if address is None:
            raise FailedError("it named no address")
        row = {"rooms": 3, "street": "Elm", "built": 1950, "seen": "2026-03-03"}
        request = urllib.request.Request(
            f"{address.group()}/predict", json.dumps({"rows": [row]}).encode(), {"Content-Type": "application/json"}
        )
        answer = urllib.request.urlopen(request, timeout=60).read().decode()
        server.send_signal(signal.SIGTERM)
        if "yes" not in answer or server.wait(60) not in (0, 143):
            raise FailedError(f"{answer} and exit code {server.returncode}")
    finally:
        server.kill()
    return "answered, and ended"


def of_the_source_archive() -> str:
    """Run a few of the tests that are in the source archive, on the source that is in it."""
    archive = next((FOLDER / "dist").glob("*.tar.gz"))
    shutil.unpack_archive(archive, FOLDER, filter="data")
    source = FOLDER / archive.name.removesuffix(".tar.gz")
    few = ["-n", "auto", "--few", "1", "-m", "not slow and not parity and not browser", "-q", "-p", "no:cacheprovider"]
    place = os.environ | {"PYTHONPATH": str(source / "src"), "OMP_NUM_THREADS": "1"}
    return run([sys.executable, "-m", "pytest", *few], cwd=source, env=place).splitlines()[-1].strip("= ")


def wheel() -> Path:
    """Where the wheel is."""
    return next((FOLDER / "dist").glob("*.whl"))


def glassnet(*words: str) -> str:
    """Run the installed program."""
    return run([FOLDER / "user/bin/glassnet", *words], cwd=FOLDER / "empty", env=alone())


def user(*words: str) -> str:
    """Run the Python that the wheel is installed in."""
    return run([FOLDER / "user/bin/python", *words], cwd=FOLDER / "empty", env=alone())


def alone() -> dict[str, str]:
    """The environment without anything that points to the repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def run(words: Sequence[str | Path], cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a program, and return what it printed."""
    done = subprocess.run([*map(str, words)], cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise FailedError(f"{' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
