"""The public interface as one text, which ``tests/public_interface.txt`` keeps: no change of it goes unnoticed.

What is public is what the reference in ``docs/en/reference`` lists, and what is not Python: commands with options,
names of formulas and presets, environment variables, exit codes, answers and metrics of the server, the format of
model files. ``python -m tests.public_interface`` writes the text anew.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from glassnet.apps import usage
from glassnet.apps.commands import app
from glassnet.apps.server.limits import Limits
from glassnet.apps.server.metrics import Metrics
from glassnet.apps.server.model import LoadedModel
from glassnet.apps.server.openapi import openapi
from glassnet.estimators.presets import PRESETS
from glassnet.formulas.activations import ACTIVATIONS
from glassnet.formulas.initializers import INITIALIZERS
from glassnet.formulas.losses import LOSSES
from glassnet.formulas.optimizers import OPTIMIZERS
from glassnet.formulas.schedules import SCHEDULES
from glassnet.support.container import FORMAT

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).with_suffix(".txt")
COMMAND = "python -m tests.public_interface"
SERVED = ROOT / f"tests/exchange/golden/format_{FORMAT}_classifier.safetensors"
DIRECTIVE = re.compile(r"^\.\. auto(?:class|function):: (\S+)\n((?: {3}:.*\n)*)", re.MULTILINE)
DOCS = ROOT / "docs/en/reference"
UNSTABLE = "Unstable: "
"""What the docstring says of a name that may change without a warning."""


# --------------------------------------------------------------------- Python


def listed() -> Iterator[tuple[str, Any, dict[str, str]]]:
    """What the reference lists: each name, what it is, and the options of its directive."""
    for page in sorted(DOCS.glob("api-*.md")):
        for name, options in DIRECTIVE.findall(page.read_text(encoding="utf-8")):
            room, _, last = (name if "." in name else f"glassnet.{name}").rpartition(".")
            yield f"{room}.{last}", getattr(import_module(room), last), dict(re.findall(r":([\w-]+): ?(.*)", options))


def python() -> Iterator[str]:
    for name, one, options in listed():
        error = inspect.isclass(one) and issubclass(one, Exception)
        bases = f"({', '.join(base.__name__ for base in one.__bases__)})" if error else ""
        yield f"{name}{bases}{' unstable' if UNSTABLE in str(one.__doc__) else ''}"
        if not error:
            yield from signature(one)
        for member in members(one, options):
            kept = inspect.getattr_static(one, member)
            if isinstance(kept, property):
                yield f"  .{member}: {annotation(kept.fget.__annotations__.get('return'))}"
            else:
                yield f"  .{member}()"
                yield from (f"  {line}" for line in signature(getattr(one, member)))
        yield from (f"  .{line}" for line in attributes(one))


def members(one: Any, options: dict[str, str]) -> list[str]:
    """Members of a class as Sphinx chooses them: those that are named, or all that have a docstring."""
    if "members" not in options or options["members"]:
        return sorted(re.findall(r"\w+", options.get("members", "")))
    bases = [base for base in one.__mro__ if base.__module__.startswith("glassnet.")]
    names = {name for base in (bases if "inherited-members" in options else bases[:1]) for name in vars(base)}
    names -= set(re.findall(r"\w+", options.get("exclude-members", "")))
    kinds = (property, classmethod, staticmethod)
    kept = {name: inspect.getattr_static(one, name) for name in names if name[0] != "_"}
    return sorted(name for name, it in kept.items() if it.__doc__ and (inspect.isfunction(it) or isinstance(it, kinds)))


def signature(one: Any) -> Iterator[str]:
    taken = inspect.signature(one)
    for parameter in taken.parameters.values():
        if parameter.name != "self":
            default = "" if parameter.default is parameter.empty else f" = {shown(parameter.default)}"
            name = str(parameter.replace(annotation=parameter.empty, default=parameter.empty))
            alone = {parameter.KEYWORD_ONLY: "*, ", parameter.POSITIONAL_ONLY: "/, "}.get(parameter.kind, "")
            yield f"  {alone}{name}: {annotation(parameter.annotation)}{default}"
    if not inspect.isclass(one):
        yield f"  -> {annotation(taken.return_annotation)}"


def annotation(kind: Any) -> str:
    if kind in (None, inspect.Parameter.empty):
        return "Any" if kind else "None"
    if isinstance(kind, str):
        return kind
    return inspect.formatannotation(kind).replace("pathlib._local", "pathlib")  # Python 3.13's own name of the module


def shown(default: Any) -> str:
    """A default without its place in memory."""
    if isinstance(default, Path):
        return default.as_posix()
    return default.__name__ if inspect.isroutine(default) or inspect.isclass(default) else repr(default)


def attributes(one: Any) -> list[str]:
    """Those that a docstring describes, with their types."""
    section = re.search(r"^Attributes\n-+\n((?:.+\n|\n(?!\S.*\n-{3}))*)", f"{inspect.getdoc(one)}\n", re.MULTILINE)
    return [line for line in (section[1].splitlines() if section else ()) if re.match(r"\w", line)]


# ------------------------------------------------------------------- all else


def formulas() -> Iterator[str]:
    for kind, registry in zip(
        ("activation", "loss", "optimizer", "schedule", "initializer"),
        (ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES, INITIALIZERS),
        strict=True,
    ):
        for name in sorted(registry):
            settings = registry.get(name).settings()
            yield f"{kind} {name}({', '.join(f'{key}={value}' for key, value in settings.items())})"
    yield from (f"preset {name}" for name in sorted(PRESETS))


def commands() -> Iterator[str]:
    for command in sorted(name for name in app if not name.startswith("-")):
        yield f"glassnet {command}"
        found = app[command].assemble_argument_collection(default_parameter=app.default_parameter, parse_docstring=True)
        for argument in found:
            if not argument.children:
                default = "" if argument.required else f" = {shown(argument.field_info.default)}"
                yield f"  {', '.join(argument.names)}: {annotation(argument.hint)}{default}"
    codes = {name: code for name, code in vars(usage).items() if name.isupper() and isinstance(code, int)}
    yield from (f"exit code {code}: {name}" for name, code in codes.items())


def variables() -> Iterator[str]:
    """Those of the environment that the source names; those of ``glassnet serve`` follow from its options."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    trees = (ast.walk(ast.parse(text)) for text in texts if '"GLASSNET_' in text)
    words = {node.value for tree in trees for node in tree if isinstance(node, ast.Constant)}
    yield from sorted(str(word) for word in words if re.fullmatch(r"GLASSNET_[A-Z_]*[A-Z]", str(word)))
    serve = app["serve"].assemble_argument_collection(default_parameter=app.default_parameter)
    options = [argument.names[0].lstrip("-") for argument in serve if not argument.children]
    yield from sorted(f"GLASSNET_SERVE_{option.upper().replace('-', '_')}" for option in options)


def server() -> Iterator[str]:
    with ThreadPoolExecutor(1) as pool:
        document = openapi(LoadedModel(SERVED, pool), Limits(), guarded=True)
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield f"{method.upper()} {path}"
            yield f"  takes {', '.join(told.get('requestBody', {}).get('content', {})) or 'nothing'}"
            yield from (f"  ?{parameter['name']}" for parameter in told.get("parameters", ()))
            for code, answer in sorted(told["responses"].items()):
                yield f"  {code}: {', '.join(answer['content'])}"
    for name, schema in document["components"]["schemas"].items():
        if name not in ("Row", "Answer"):  # which are those of the model
            yield f"{name}"
            for key, value in schema["properties"].items():
                needed = "" if key in schema["required"] else "?"
                yield f"  {key}{needed}: {value.get('type', value.get('enum', 'any'))}"
    for metric in vars(Metrics()).values():
        if hasattr(metric, "_labelnames"):
            yield f"metric {metric._name}({', '.join(metric._labelnames)}): {metric._type}"


def text() -> str:
    """All of it."""
    sections = {
        "Python": python, "Formulas and presets": formulas, "Commands": commands,
        "Environment variables": variables, "Server": server,
        "Files": lambda: [f"format {FORMAT}"],
    }  # fmt: skip
    parts = [f"# The public interface, made by `{COMMAND}`; do not edit.", ""]
    for title, lines in sections.items():
        parts += [f"## {title}", "", *lines(), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"written to {FILE}")
