"""Mutation testing: one small mistake at a time is put into a module, and its tests must notice.

A mutant has one comparison, sum, constant, condition or result that is another. It is compiled from the changed syntax
tree, so no file is changed. First it takes the place of its function in a fork that has imported and collected all, and
costs what its tests take until one fails. One that lives may have been used before, in a table or a default: it is
imported anew, in a fork that has only NumPy, scikit-learn and pytest, and what lives there survives.

What was tried is kept in ``build/mutants``, so a run that ends goes on where it was. A killed mutant stays so until its
function or class changes, a survivor until its module or a test changes. A mutant that survives is a test that is
missing, or it is equivalent: then ``equivalent_mutants.toml`` says why.

Run with ``python -m benchmarks.mutants split conformal`` for some modules, without a name for all (hours); counts and
survivors are written to ``benchmarks/results/mutants.json`` and ``mutants.md``.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import hashlib
import importlib
import json
import os
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build/mutants"
RESULTS = Path(__file__).parent / "results/mutants.json"
SRC = "src/glassnet/"
MODULES = {
    "split": ("training/split.py", ["test_split.py", "test_ties.py"]),
    "conformal": ("estimators/conformal.py", ["test_conformal.py"]),
    "calibration": ("estimators/calibration.py", ["test_calibration.py"]),
    "activations": ("formulas/activations.py", ["test_activations.py"]),
    "losses": ("formulas/losses.py", ["test_losses.py"]),
    "optimizers": ("formulas/optimizers.py", ["test_optimizers.py"]),
    "schedules": ("formulas/schedules.py", ["test_schedules.py"]),
    "dense": ("layers/dense.py", ["test_dense.py", "test_every_layer.py"]),
    "normalization": ("layers/normalization.py", ["test_normalization.py", "test_every_layer.py"]),
    "scalar": ("ir/scalar.py", ["test_scalar.py"]),
    "tensor": ("ir/tensor.py", ["test_*.py"]),
}
"""By name a module and what of the tests of its room tests it, beside its own examples."""
KINDS = ("mutants", "killed", "too slow", "equivalent", "survived", "untried")
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


def mutants(text: str) -> Iterator[tuple[str, dict[str, Any], ast.Module]]:
    """Each mutant of a module: a key that outlives changes elsewhere in the module, where and what, and its tree."""
    tree, lines = ast.parse(text), text.splitlines()
    begins = {each.lineno: hashed(str(ast.get_source_segment(text, each))) for each in tree.body}
    for holder, field, place in list(places(tree)):
        value = getattr(holder, field)
        node = value if place is None else value[place]
        for number, other in enumerate(mutated(node)):
            ast.fix_missing_locations(ast.copy_location(other, node))
            put(holder, field, place, other)
            was, now = (ast.unparse(each).partition("\n")[0] for each in (node, other))
            begin = max(each for each in begins if each <= node.lineno)
            key = f"{begins[begin]} {node.lineno - begin} {node.col_offset} {number} {now}"
            source = lines[node.lineno - 1].strip()
            yield key, {"line": node.lineno, "source": source, "was": was, "is": now}, tree
            put(holder, field, place, node)


def put(holder: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[place] = node


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def outcome(trial: Callable[[], int], limit: int = 0) -> str:
    """What a fork makes of a mutant: killed, too slow after so many seconds (0: never), or survived."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setpgid(0, 0)
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            signal.alarm(limit)
            status = trial()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what its tests have left behind
    return {0: "survived", int(signal.SIGALRM): "too slow"}.get(status, "killed")


class Order:
    """Slow tests last, of which most mutants need none."""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items.sort(key=lambda item: "slow" in item.keywords)


class Swaps(Order):
    """Instead of one run of the tests a fork for each mutant, in which it takes the place of its function."""

    def __init__(self, path: Path, trials: dict[str, CodeType], limit: int, tell: Callable[[str, str], None]) -> None:
        self.path, self.trials, self.limit, self.tell = str(path), trials, limit, tell

    def pytest_runtestloop(self, session: Any) -> bool:
        gc.unfreeze()  # what is frozen is not among the objects
        functions = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
        own = {where(each.__code__): each for each in functions if each.__code__.co_filename == self.path}
        gc.freeze()
        right = outcome(partial(self.tested, session, [])) == "survived"
        for key, mutant in self.trials.items() if right else ():
            codes = [(own[where(each)], each) for each in within(mutant) if where(each) in own]
            pairs = [(function, changed) for function, changed in codes if function.__code__ != changed]
            if pairs and (found := outcome(partial(self.tested, session, pairs), self.limit)) != "survived":
                self.tell(key, found)
        return True

    def tested(self, session: Any, pairs: Sequence[tuple[FunctionType, CodeType]]) -> int:
        for function, changed in pairs:
            function.__code__ = changed
        with suppress(session.Failed):
            importlib.import_module("_pytest.main").pytest_runtestloop(session)
        return int(session.testsfailed > 0)


def within(code: CodeType) -> Iterator[CodeType]:
    """The code of functions and methods; that of closures is made with them."""
    for each in code.co_consts:
        if isinstance(each, CodeType) and "<" not in each.co_name:
            yield each
            yield from within(each)


def where(code: CodeType) -> tuple[str, int, tuple[str, ...]]:
    return code.co_qualname, code.co_firstlineno, code.co_freevars


def tested(path: Path, mutant: CodeType, tests: Sequence[Path], plugin: Order) -> int:
    """Run the tests of a module that is imported as this code."""
    own = SourceFileLoader.get_code
    SourceFileLoader.get_code = lambda loader, name: (  # type: ignore[method-assign]
        mutant if Path(loader.path) == path else own(loader, name)
    )
    # before pytest, which loads files that it is given by a loader of its own
    importlib.import_module(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
    arguments = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", SEED, "-m", "not parity and not browser"]
    return min(int(importlib.import_module("pytest").main([*arguments, *map(str, [*tests, path])], [plugin])), 1)


def run(name: str) -> None:
    """Try the mutants of a module that were not tried yet, and those that survived other tests."""
    file, patterns = MODULES[name]
    path = ROOT / SRC / file
    text = path.read_text(encoding="utf-8")
    tests = sorted(each for pattern in patterns for each in (ROOT / "tests" / file).parent.glob(pattern))
    digest = hashed("".join(each.read_text(encoding="utf-8") for each in [path, *tests]))

    def left() -> dict[str, CodeType]:
        done = {key for key, one in tried(name).items() if one["outcome"] != "survived" or one["digest"] == digest}
        return {key: compile(tree, str(path), "exec") for key, _, tree in mutants(text) if key not in done}

    def tell(key: str, found: str) -> None:
        with (KEPT / f"{name}.jsonl").open("a", encoding="utf-8") as journal:
            journal.write(json.dumps({"key": key, "outcome": found, "digest": digest}) + "\n")

    right, begun = compile(text, str(path), "exec"), time.monotonic()
    if outcome(partial(tested, path, right, tests, Order())) != "survived":
        raise SystemExit(f"The tests of {name} fail without a mistake: {', '.join(patterns)}")
    limit = round(10 + 5 * (time.monotonic() - begun))
    outcome(partial(tested, path, right, tests, Swaps(path, left(), limit, tell)))
    for key, mutant in left().items():
        tell(key, outcome(partial(tested, path, mutant, tests, Order()), limit))


def tried(name: str) -> dict[str, dict[str, str]]:
    """By key the mutants of a module that were tried; the last trial counts."""
    journal = KEPT / f"{name}.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
    return {each["key"]: each for each in map(json.loads, lines)}


def results(name: str) -> dict[str, Any]:
    """What came out for a module: counts, and the mutants that live, with the reason if they are equivalent."""
    excuses = tomllib.loads((Path(__file__).parent / "equivalent_mutants.toml").read_text(encoding="utf-8"))
    why = {(each["source"], each["was"], each["is"]): each["why"] for each in excuses.get(name, [])}
    text, known = (ROOT / SRC / MODULES[name][0]).read_text(encoding="utf-8"), tried(name)
    counts, alive = Counter[str](), []
    for key, each, _ in mutants(text):
        ended = known[key]["outcome"] if key in known else "untried"
        if ended == "survived":
            each["why"] = why.get((each["source"], each["was"], each["is"]))
            ended = "equivalent" if each["why"] else "survived"
            alive.append(each)
        counts.update(["mutants", ended])
    return {"file": MODULES[name][0]} | {kind: counts[kind] for kind in KINDS} | {"alive": alive}


def table(modules: list[dict[str, Any]]) -> str:
    """The results of modules as Markdown."""
    lines = [f"| module | {' | '.join(KINDS)} |", f"|---{'|--:' * len(KINDS)}|"]
    alive = ["", "## Alive", "", "| line | was | is | why no test can tell |", "|---|---|---|---|"]
    for each in modules:
        lines.append(f"| {each['file']} | {' | '.join(str(each[kind]) for kind in KINDS)} |")
        for one in each["alive"]:
            cells = [f"{each['file']}:{one['line']}", code(one["was"]), code(one["is"]), one["why"] or "**survived**"]
            alive.append(f"| {' | '.join(cells)} |")
    return "\n".join(["# Mutants", "", *lines, *alive, ""])


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
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    known |= {name: results(name) for name in MODULES if (KEPT / f"{name}.jsonl").exists()}
    RESULTS.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    RESULTS.with_suffix(".md").write_text(table([*known.values()]), encoding="utf-8")
    left = sum(each["survived"] for each in known.values())
    print(f"written to {RESULTS}: {left} unexplained")
    return int(left > 0)


if __name__ == "__main__":
    sys.exit(main())
