"""Mutation testing: one small mistake at a time is put into a module, and its tests must notice.

A mutant has one comparison, sum, constant, condition or result that is another. It is compiled from the changed syntax
tree, in a fork in which NumPy, scikit-learn and pytest are imported already, so no file is changed and a mutant takes
what its tests take. What was tried is kept in ``build/mutants``, so a run that ends goes on where it was; it begins
anew where the module or its tests have changed. A mutant that survives is a test that is missing, or it is
equivalent: then ``equivalent_mutants.toml`` says why.

Run with ``python -m benchmarks.mutants split conformal`` for some modules, without a name for all (hours); the table is
written to ``benchmarks/results/mutants.md``.
"""

from __future__ import annotations

import argparse
import ast
import copy
import hashlib
import importlib
import json
import os
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build/mutants"
RESULTS = Path(__file__).parent / "results/mutants.md"
SRC = "src/glassnet/"
MODULES = {
    "split": ("training/split.py", ["tests/training/test_split.py"]),
    "conformal": ("estimators/conformal.py", ["tests/estimators/test_conformal.py"]),
    "calibration": ("estimators/calibration.py", ["tests/estimators/test_calibration.py"]),
    "activations": ("formulas/activations.py", ["tests/formulas/test_activations.py"]),
    "losses": ("formulas/losses.py", ["tests/formulas/test_losses.py"]),
    "optimizers": ("formulas/optimizers.py", ["tests/formulas/test_optimizers.py"]),
    "schedules": ("formulas/schedules.py", ["tests/formulas/test_schedules.py"]),
    "dense": ("layers/dense.py", ["tests/layers/test_dense.py", "tests/layers/test_every_layer.py"]),
    "normalization": (
        "layers/normalization.py",
        ["tests/layers/test_normalization.py", "tests/layers/test_every_layer.py"],
    ),
    "scalar": ("ir/scalar.py", ["tests/ir/test_scalar.py"]),
    "tensor": ("ir/tensor.py", ["tests/ir"]),
}
"""By name a module and what tests it, beside its own examples."""
IMPORTED = ("numpy", "scipy.optimize", "scipy.special", "sklearn.model_selection", "pandas", "polars")
SEED = "--sample-seed=20260101"
"""So that each mutant gets the same examples."""

OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


def mutated(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            changed = copy.deepcopy(node)
            changed.ops[place] = OTHER[type(operator)]()  # type: ignore[call-overload]
            yield changed
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in OTHER:
        changed = copy.deepcopy(node)
        changed.op = OTHER[type(node.op)]()  # type: ignore[assignment]
        yield changed
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.If | ast.While):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.Constant(None))


def places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Every place of a node below: its holder, field, and place in a list. Types and messages of errors are no code."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params") or isinstance(node, ast.Raise):
            continue
        for place, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                yield node, field, place if isinstance(value, list) else None
                yield from places(child)


def mutants(text: str) -> Iterator[tuple[dict[str, Any], ast.Module]]:
    """Each mutant of a module: where, what, and its tree."""
    tree = ast.parse(text)
    for holder, field, place in list(places(tree)):
        value = getattr(holder, field)
        node = value if place is None else value[place]
        for number, other in enumerate(mutated(node)):
            ast.fix_missing_locations(ast.copy_location(other, node))
            put(holder, field, place, other)
            told = [ast.unparse(each).partition("\n")[0] for each in (node, other)]
            yield (
                {"line": node.lineno, "column": node.col_offset, "number": number, "was": told[0], "is": told[1]},
                tree,
            )
            put(holder, field, place, node)


def put(holder: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[place] = node


def outcome(path: Path, tree: ast.Module | None, tests: list[str], limit: float) -> str:
    """What tests make of a mutant: killed, too slow, or survived."""
    code = None if tree is None else compile(tree, str(path), "exec")
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        own = SourceFileLoader.get_code
        SourceFileLoader.get_code = lambda loader, name: (  # type: ignore[method-assign]
            code if code is not None and Path(loader.path) == path else own(loader, name)
        )
        # before pytest, which loads files that it is given by a loader of its own
        importlib.import_module(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
        pytest = importlib.import_module("pytest")
        arguments = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", SEED, "-m", "not parity and not browser"]
        os._exit(min(int(pytest.main([*arguments, *tests, str(path)])), 1))
    ends = time.monotonic() + limit
    while time.monotonic() < ends:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return "survived" if status == 0 else "killed"
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "too slow"


def run(name: str) -> None:
    """Try the mutants of a module that were not tried yet."""
    file, tests = MODULES[name]
    path = ROOT / SRC / file
    text = path.read_text(encoding="utf-8")
    tested = [
        each for test in tests for each in ([ROOT / test] if test.endswith(".py") else (ROOT / test).rglob("*.py"))
    ]
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in [path, *sorted(tested)])).hexdigest()[:16]
    journal = KEPT / f"{name}.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    done = {key_of(line) for line in lines if line["digest"] == digest}
    begun = time.monotonic()
    if outcome(path, None, tests, 600) != "survived":
        raise SystemExit(f"The tests of {name} fail without a mistake: {' '.join(tests)}")
    limit = 10 + 5 * (time.monotonic() - begun)
    with journal.open("a" if done else "w", encoding="utf-8") as kept:
        for mutant, tree in mutants(text):
            if key_of(mutant) not in done:
                record = mutant | {"outcome": outcome(path, tree, tests, limit), "digest": digest}
                kept.write(json.dumps(record) + "\n")
                kept.flush()
                if record["outcome"] == "survived":
                    print(f"{file}:{mutant['line']}: {mutant['was']} -> {mutant['is']}", flush=True)


def key_of(mutant: dict[str, Any]) -> tuple[int, int, int, str]:
    return mutant["line"], mutant["column"], mutant["number"], mutant["is"]


def table() -> tuple[str, int]:
    """What came out, and how many survivors nobody has explained."""
    excuses = tomllib.loads((Path(__file__).parent / "equivalent_mutants.toml").read_text(encoding="utf-8"))
    lines = ["| module | mutants | killed | too slow | equivalent | survived |", "|---|--:|--:|--:|--:|--:|"]
    told, unexplained = ["", "## Equivalent", "", "| module | was | is | why |", "|---|---|---|---|"], []
    for name, (file, _) in MODULES.items():
        if not (KEPT / f"{name}.jsonl").exists():
            continue
        found = [json.loads(line) for line in (KEPT / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        why = {(each["was"], each["is"]): each["why"] for each in excuses.get(name, [])}
        alive = [mutant for mutant in found if mutant["outcome"] == "survived"]
        left = [mutant for mutant in alive if (mutant["was"], mutant["is"]) not in why]
        counts = Counter(mutant["outcome"] for mutant in found)
        numbers = [len(found), counts["killed"], counts["too slow"], len(alive) - len(left), len(left)]
        lines.append(f"| {file} | {' | '.join(map(str, numbers))} |")
        cells = {(each["was"], each["is"]) for each in alive if each not in left}
        told += [f"| {file} | {code(was)} | {code(now)} | {why[was, now]} |" for was, now in sorted(cells)]
        unexplained += [f"- {file}:{each['line']}: {code(each['was'])} → {code(each['is'])}" for each in left]
    rest = ["", "## Survived", "", *(unexplained or ["None."])]
    return "\n".join(["# Mutants", "", *lines, *told, *rest, ""]), len(unexplained)


def code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="module", help=f"of {', '.join(MODULES)}")
    parser.add_argument("--table", action="store_true", help="write the table of what was tried, and try nothing")
    options = parser.parse_args()
    if unknown := [name for name in options.modules if name not in MODULES]:
        parser.error(f"no module of these names: {', '.join(unknown)}")
    os.environ |= {"OMP_NUM_THREADS": "1", "SCIPY_ARRAY_API": "1"}  # the latter as tests/conftest.py has it
    os.chdir(ROOT)
    KEPT.mkdir(parents=True, exist_ok=True)
    if not options.table:
        for module in (*IMPORTED, "pytest"):
            importlib.import_module(module)
        for name in options.modules or MODULES:
            run(name)
    text, left = table()
    RESULTS.write_text(text, encoding="utf-8")
    print(f"written to {RESULTS}: {left} unexplained")
    return int(left > 0)


if __name__ == "__main__":
    sys.exit(main())
