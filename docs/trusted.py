"""What the tests themselves are worth, from the files of results."""

from __future__ import annotations

import json
from pathlib import Path

from IPython.display import Markdown

FILE = Path(__file__).resolve().parents[1] / "benchmarks" / "results" / "mutants.json"
COLUMNS = ("mutants", "killed", "too slow", "equivalent", "survived", "untried")


def mutants(head: tuple[str, ...]) -> Markdown:
    """A table of the small mistakes that were put into each module, and of what became of them.

    Parameters
    ----------
    head : seven of str
        The headings: the module, then `COLUMNS`.
    """
    records = json.loads(FILE.read_text("utf-8"))
    lines = ["| {} |".format(" | ".join(head)), f"|---|{'--:|' * len(COLUMNS)}"]
    lines += [
        f"| `{record['file']}` | {' | '.join(f'{record[column]:,}' for column in COLUMNS)} |"
        for record in records.values()
    ]
    return Markdown("\n".join(lines))
