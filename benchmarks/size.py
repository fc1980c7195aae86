"""The size of the source, room by room, against the limits in ``pyproject.toml``.

Lines of code are those with a token on them; docstrings, comments and blank lines are not counted. A room that has more
than its limit fails, and so does a function or a file of a page that is longer than any may be; tests have none.
Limits go down with ``--lower``, and never up by themselves: to raise one is a line in the changelog, with its reason.

Run with ``python -m benchmarks.size`` for the table, ``--lower`` to lower the limits to what there is.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
import tokenize
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "pyproject.toml"
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
LONGEST_FUNCTION = 100
LONGEST_SCRIPT = 300
"""Lines of a script, a style sheet or a page."""


def lines_of_code(text: str) -> set[int]:
    r"""The numbers of the lines that have code.

    Examples
    --------
    >>> sorted(lines_of_code("'Words.'\n\n# a comment\nx = 1  # another\n"))
    [4]
    """
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            found.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def sizes(root: Path = ROOT) -> tuple[Counter[str], Counter[str], list[str]]:
    """Lines of code and files of each room, tests and JavaScript among them; functions that are too long."""
    lines, files, long = Counter[str](), Counter[str](), list[str]()
    for path in sorted([*(root / "src/glassnet").rglob("*.py"), *(root / "tests").rglob("*.py")]):
        parts = path.relative_to(root).parts
        room = "tests" if parts[0] == "tests" else "root" if len(parts) == 3 else parts[2]
        text = path.read_text(encoding="utf-8")
        code = lines_of_code(text)
        lines[room] += len(code)
        files[room] += 1
        for node in ast.walk(ast.parse(text)) if room != "tests" else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = len(code.intersection(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
                if length > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(root)}:{node.lineno} {node.name} has {length} lines of code")
    for path in (path for kind in ("js", "css", "html") for path in (root / "src/glassnet/web").rglob(f"*.{kind}")):
        text = path.read_text(encoding="utf-8")
        if text.startswith("// Generated"):
            continue
        if path.suffix == ".js":
            lines["javascript"] += sum(bool(line.strip()) for line in text.splitlines())
            files["javascript"] += 1
        if (length := len(text.splitlines())) > LONGEST_SCRIPT:
            long.append(f"{path.relative_to(root)} has {length} lines")
    return lines, files, long


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the size of each room with its limit.")
    parser.add_argument("--lower", action="store_true", help="lower the limits to what there is")
    lines, files, long = sizes()
    text = PROJECT.read_text(encoding="utf-8")
    limits: dict[str, int] = tomllib.loads(text)["tool"]["glassnet"]["size"]
    if parser.parse_args().lower:
        for room, limit in limits.items():
            text = text.replace(f"\n{room} = {limit}\n", f"\n{room} = {min(limit, lines[room])}\n", 1)
        PROJECT.write_text(text, encoding="utf-8")
        return 0
    print(f"{'room':14}{'code':>8}{'limit':>8}{'files':>7}")
    for room in sorted(lines):
        print(f"{room:14}{lines[room]:8,}{limits.get(room, ''):>8}{files[room]:7}")
    rooms = [room for room in lines if room not in {"tests", "javascript"}]
    print(f"{'src':14}{sum(lines[r] for r in rooms):8,}{'':8}{sum(files[r] for r in rooms):7}")
    faults = [
        f"{room} has {count:,} lines of code, and may have {limits.get(room, 0):,}: make it smaller, or raise the limit"
        " in pyproject.toml with a line in the changelog that gives the reason"
        for room, count in lines.items()
        if room != "tests" and count > limits.get(room, 0)
    ]
    for fault in [*faults, *long]:
        print(fault, file=sys.stderr)
    return int(bool(faults or long))


if __name__ == "__main__":
    sys.exit(main())
