"""What `pip install glassnet` and each extra bring along: why, under which licence, how large.

Reasons are the comments beside the dependencies in pyproject.toml; the rest is what the metadata of installed
distributions say. An extra of which something is not installed is left out.

    python -m benchmarks.supply
"""

from __future__ import annotations

import json
import platform
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
FOLDER = Path(__file__).parent / "results"
OF_USERS = ("cli", "excel", "plot", "notebook", "onnx", "search", "tensorboard", "scale", "serve")
"""The extras that are listed: the others bring frameworks that whoever asks for them has, or are a contributor's."""


def closure(requirements: Iterable[str], extra: str = "") -> set[str]:
    """The distributions that requirements bring along, with what those bring along."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        one = waiting.pop()
        name, extras = canonicalize_name(one.name), one.extras or {""}
        if one.marker and not any(one.marker.evaluate({"extra": known}) for known in (extra, "")):
            continue
        if name == "glassnet":
            waiting += [Requirement(text) for wanted in extras for text in declared()[wanted]]
        elif name not in found:
            found.add(name)
            for text in metadata.requires(name) or ():
                other = Requirement(text)
                if not other.marker or any(other.marker.evaluate({"extra": known}) for known in extras):
                    other.marker = None
                    waiting.append(other)
    return found


def declared() -> dict[str, list[str]]:
    """The requirements in pyproject.toml: of the library, "", and of each extra."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    return {"": project["dependencies"], **project["optional-dependencies"]}


def reasons() -> dict[tuple[str, str], str]:
    """The comment beside each requirement of the library, "", and of each extra, where there is one."""
    found, extra = {}, ""
    for line in PROJECT.read_text("utf-8").splitlines():
        if opened := re.match(r"(\w+) = \[", line):
            extra = "" if opened[1] == "dependencies" else opened[1]
        if said := re.search(r'"([\w.-]+)[^"]*"\]?,?\s+# (.+)$', line):
            found[extra, canonicalize_name(said[1])] = said[2]
    return found


def licence(name: str) -> str:
    """The licence by its short name, as the distribution states it."""
    about = metadata.metadata(name)
    named = [text.rpartition(" :: ")[2] for text in about.get_all("Classifier") or () if text.startswith("License ::")]
    stated = about.get("License-Expression") or ", ".join(named) or about.get("License") or "?"
    return stated.splitlines()[0]


def installed_size(name: str) -> int:
    """The bytes of its files, compiled Python left out, which pip makes and which differs."""
    files: Iterator[Any] = (file for file in metadata.files(name) or () if file.suffix != ".pyc")
    return sum(path.stat().st_size for file in files if (path := Path(file.locate())).is_file())


def entries(names: Iterable[str], asked_for: set[str], why: Callable[[str], str]) -> list[dict[str, Any]]:
    """What is known of distributions, the largest first."""
    known = [
        {
            "name": name,
            "version": metadata.version(name),
            "licence": licence(name),
            "bytes": installed_size(name),
            "asked_for": name in asked_for,
            "reason": why(name),
        }
        for name in names
    ]
    return sorted(known, key=lambda one: (-one["bytes"], one["name"]))


def supply() -> dict[str, Any]:
    """All that users may install: the library's own part first, then what each extra adds to it."""
    why, base, parts = reasons(), closure(declared()[""]), {}
    for extra in ("", *OF_USERS):
        try:
            names = closure(declared()[extra], extra)
        except metadata.PackageNotFoundError:
            continue
        asked_for = {canonicalize_name(Requirement(text).name) for text in declared()[extra]}
        parts[extra] = entries(
            names - base if extra else names, asked_for, lambda name, extra=extra: why.get((extra, name), "")
        )
    return {"system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}", "records": parts}


if __name__ == "__main__":
    found = supply()
    (FOLDER / "supply.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    for extra, listed in found["records"].items():
        print(f"{extra or 'glassnet'}: {sum(one['bytes'] for one in listed) / 1e6:.1f} MB")
