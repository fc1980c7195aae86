"""Everything that was measured, as one page of Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks.speed import targets
from benchmarks.speed.sections import SECTIONS

__all__ = ["page"]


def page(content: dict[str, Any]) -> str:
    """The targets first, then section after section."""
    machine, sections = content["machine"], content["sections"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        "# Speed",
        "",
        "Made by `python -m benchmarks.speed`; do not edit.",
        "",
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}; {versions}.",
        f"Engine of glassnet: {content['engine']}.",
        "",
        "Times are medians over rounds in which all libraries take turns. In parentheses: glassnet's time as a",
        "multiple of that library's, so below 1 glassnet is faster; each library counts with its better number of",
        "threads, and with the fastest of its forms.",
        "",
    ]
    if content["quick"]:
        lines += ["**Measured with --quick: these figures mean nothing.**", ""]
    busy = {name: record["busy_with_others"] for name, record in sections.items()}
    found = ", ".join(f"{name} {cores:.1f}" for name, cores in busy.items() if cores > BUSY)
    if found:
        lines += [f"**Other programs used the machine, too, just before or after (cores): {found}.**", ""]
    lines += ["## Targets", "", *targets.report({name: record["result"] for name, record in sections.items()})]
    for name, section in SECTIONS.items():
        if name in sections:
            taken = sections[name]["seconds"]
            lines += [f"## {section.TITLE}", "", *section.report(sections[name]["result"])]
            lines += ["", f"Measured in {taken:.0f} s.", ""]
            pictures = PICTURES.get(name)
            if pictures:
                lines += [f"![{section.TITLE}]({pictures})", ""]
    lines += forms(sections)
    return "\n".join(line for line, before in zip(lines, ["x", *lines], strict=False) if line or before) + "\n"


BUSY = 0.15
"""Cores in use by others above which the reader is warned."""

PICTURES = {"steps": "speed_overview.png", "scaling": "speed_scaling.png"}


def forms(sections: dict[str, Any]) -> list[str]:
    """Which form of each library was the fastest, and which libraries could not take part."""
    steps = sections.get("steps", {}).get("result", {})
    lines = ["## Forms that were fastest, and what could not take part", ""] if steps else []
    for case, record in steps.items():
        for label, found in record["prepared"].items():
            if "unsupported" in found:
                lines.append(f"- {case}: {label}: not available ({found['unsupported']})")
            elif found["form"]:
                settings = ", ".join(f"{name} {value}" for name, value in found["form"].items())
                lines.append(f"- {case}: {label}: {settings}")
    return [*lines, ""]
