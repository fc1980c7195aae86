"""``glassnet export``: a saved model as a file for other programs, which need no glassnet."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

from glassnet.apps.commands.asked import Exporting
from glassnet.apps.console import size
from glassnet.apps.endings import UsageError, check_output
from glassnet.apps.export_c import export_c
from glassnet.apps.texts import comma, say
from glassnet.phrases import in_words

__all__ = ["export"]

FORMATS: Final = {
    ".onnx": ("ONNX", "glassnet.exchange.onnx", "to_onnx"),
    ".py": ("Python", "glassnet.exchange.python", "to_python"),
    ".html": ("HTML", "glassnet.exchange.page", "to_html"),
    ".c": ("C", "glassnet.exchange.c", "to_c"),
}
"""What the ending of a file stands for, and the room and the function that write it."""


def export(model_file: Path, out: Path, asked: Exporting) -> Path:
    """Write a model in the format that the ending of the file names.

    Raises
    ------
    UsageError
        If the file is of no known format, is the model itself, or exists, or an option is not for its format.
    InputError, InputTypeError, OSError
        If the model is not usable, does what the format cannot say, or the file cannot be written.
    MissingExtraError
        If the format needs a package that is not installed.
    """
    if out.suffix.lower() not in FORMATS:
        raise UsageError(
            f"The file to write must end in one of: {', '.join(FORMATS)}", str(out), "The ending says the format"
        )
    output, coverage = asked.talk.output, asked.coverage
    check_output(out, [model_file, asked.check], force=asked.force, option="OUT")
    name, room, function = FORMATS[out.suffix.lower()]
    if name == "C":
        return export_c(model_file, out, asked)
    if asked.int8 or asked.check is not None:
        raise UsageError("--int8 and --check are for C code", str(out), "Write to a file that ends in .c")
    from glassnet.exchange import load
    from glassnet.exchange.graph import model_graph
    from glassnet.exchange.python import weights_beside

    model: Any = load(model_file)
    file: Path = getattr(importlib.import_module(room), function)(model, out, coverage=coverage)
    graph = model_graph(model, coverage=coverage)
    files = [file, file.with_suffix(".npz")] if name == "Python" and weights_beside(file) else [file]
    record: dict[str, Any] = {
        "files": [*map(str, files)],
        "format": name,
        "bytes": sum(one.stat().st_size for one in files),
        "inputs": [{"name": source.name, "kind": source.kind} for source in graph.inputs],
        "outputs": [*graph.outputs],
    }
    names = say("list.and").join(map(str, files))
    output.show_line("written", say("export.written", files=names, format=name, size=size(record["bytes"])))
    fields = [say("export.field", name=source.name, kind=in_words(source.kind, "kind")) for source in graph.inputs]
    output.show_line("takes", comma(fields))
    output.show_line("gives", comma(list(graph.outputs)))
    output.record(record)
    return file
