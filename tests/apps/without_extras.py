"""Python without the packages that an extra brings: ``python without_extras.py EXTRA``, with a program on its input.

Whatever is installed beside what ``pip install "glassnet[EXTRA]"`` brings cannot be imported here: a test fails if an
import of it sneaks in. Without an extra: what ``pip install glassnet`` brings.
"""

from __future__ import annotations

import re
import sys
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

TOOLS = {"pip", "setuptools", "packaging"}


def named(text: str) -> str:
    """The name of a distribution as all of them are compared.

    >>> named("backports.zstd>=1.0"), named("PyYAML")
    ('backports-zstd', 'pyyaml')
    """
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", text)[0]).lower()


def brought(extra: str) -> set[str]:
    """The distributions that come with glassnet and one of its extras, or with none."""
    found, asked = set(), [("glassnet", {extra})]
    while asked:
        name, extras = asked.pop()
        try:
            needed = requires(name) or []
        except PackageNotFoundError:  # for another system
            continue
        found.add(name)
        for line in needed:
            wanted = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
            if wanted is None or wanted[1] in extras:
                more = re.match(r"[\w.-]+\[([^\]]+)\]", line)
                each = (named(line), set(more[1].split(",")) if more else set())
                if each[0] not in found or each[1]:
                    asked.append(each)
    return found


class Absent:
    """Finds that there is no such module, before anyone can find it."""

    def __init__(self, extra: str) -> None:
        there = brought(extra)
        self.names = {
            module
            for module, distributions in packages_distributions().items()
            if not {named(distribution) for distribution in distributions} & (there | TOOLS)
        }

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


if __name__ == "__main__":
    sys.meta_path.insert(0, Absent(sys.argv[1]))
    exec(sys.stdin.read(), {"__name__": "__main__"})
