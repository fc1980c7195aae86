"""What is installed with glassnet, as tables in the language of the page."""

from __future__ import annotations

import json
from pathlib import Path

from chinese import DEPENDENCIES
from IPython.display import Markdown

FILE = Path(__file__).resolve().parents[1] / "benchmarks" / "results" / "supply.json"
HEAD = {"en": ("package", "why", "licence", "MB"), "zh": ("软件包", "用途", "许可证", "MB")}
BROUGHT = {"en": "brought along by the others", "zh": "由其他包带来"}
ALTOGETHER = {"en": "altogether", "zh": "合计"}


def packages(language: str) -> Markdown:
    """What the library itself brings along, the largest first.

    Raises
    ------
    ValueError
        If a package has no reason in Chinese.
    """
    listed = json.loads(FILE.read_text("utf-8"))["records"][""]
    asked_for = {one["name"] for one in listed if one["asked_for"]}
    if asked_for != set(DEPENDENCIES):
        raise ValueError(f"DEPENDENCIES in docs/chinese.py differ: {asked_for ^ set(DEPENDENCIES)}")
    lines = ["| {} | {} | {} | {} |\n|---|---|---|--:|".format(*HEAD[language])]
    for one in listed:
        reason = one["reason"] if language == "en" else DEPENDENCIES.get(one["name"], "")
        why = reason.replace("_", r"\_") if one["asked_for"] else BROUGHT[language]
        lines.append(f"| `{one['name']}` {one['version']} | {why} | {one['licence']} | {one['bytes'] / 1e6:.1f} |")
    lines.append(f"| **{ALTOGETHER[language]}** | | | **{sum(one['bytes'] for one in listed) / 1e6:.1f}** |")
    return Markdown("\n".join(lines))


def extras(language: str) -> Markdown:
    """A table of what each extra adds to the library, its largest packages first."""
    records = json.loads(FILE.read_text("utf-8"))["records"]
    del records[""]
    lines = ["| `pip install` | {} | MB |\n|---|---|--:|".format(*HEAD[language])]
    for extra, listed in records.items():
        names = "、".join if language == "zh" else ", ".join
        most = names(f"`{one['name']}` ({one['licence']})" for one in listed if one["bytes"] >= 1e6)
        size = sum(one["bytes"] for one in listed) / 1e6
        lines.append(f"| `.[{extra}]` | {most} | {size:.1f} |")
    return Markdown("\n".join(lines))
