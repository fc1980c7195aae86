"""``glassnet export``: write a saved model as a file for other programs, which need no glassnet."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

from glassnet.apps.commands import app
from glassnet.apps.console import Output, number, size
from glassnet.apps.shared_options import (
    Data,
    DecisionOptions,
    Result,
    ResultOptions,
)
from glassnet.apps.texts import comma, counted, say, semicolon
from glassnet.apps.usage import UsageError, as_usage, check_output
from glassnet.support.atomic_write import checked_suffix
from glassnet.support.language import Text

if TYPE_CHECKING:
    from glassnet.exchange.c import CSource, Deviation


FORMATS: Final = {
    ".onnx": ("ONNX", "glassnet.exchange.onnx", "to_onnx"),
    ".py": ("Python", "glassnet.exchange.python", "to_python"),
    ".html": ("HTML", "glassnet.exchange.page", "to_html"),
    ".mjs": ("JavaScript", "glassnet.exchange.page", "to_javascript"),
    ".c": ("C", "glassnet.exchange.c", "to_c"),
}
"""The format of each file suffix, and the package and the function that write it."""
BESIDE: Final = {"C": ".h", "Python": ".npz"}
"""How the file ends that may be written beside it."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """What is written for other programs.

    Parameters
    ----------
    coverage : float
        Coverage of prediction intervals and sets of a conformalized model (default: 0.9).
    int8 : bool
        For C: 8-bit weights, a quarter of the size.
    check : Path
        For C: a table on which to compare the predictions of the C code with the model's; the code is compiled if `cc`
        is installed.
    texts : str
        For ONNX: what goes in for columns of text (default: ngrams, their ids and values, for any runtime). text: the
        texts themselves, for ONNX Runtime.
    force : bool
        Overwrite the file if it exists.
    """

    coverage: Annotated[float, Data] = 0.9
    int8: Annotated[bool, Result] = False
    check: Annotated[Path | None, Data] = None
    texts: Annotated[Literal["ngrams", "text"] | None, Result] = None
    deciding: DecisionOptions = DecisionOptions()
    force: Annotated[bool, Result] = False
    printing: ResultOptions = ResultOptions()


@app.command(
    sort_key=11,
    help_epilogue="""\
Examples:
  glassnet export model.safetensors model.onnx
  glassnet export model.safetensors model.onnx --texts text
  glassnet export model.safetensors model.py --force
  glassnet export model.safetensors app.html
  glassnet export model.safetensors model.mjs
  glassnet export model.safetensors model.c --int8 --check july.csv
  glassnet export model.safetensors model.onnx --json | jq .inputs""",
)
def export(model: Path, out: Path, /, *, options: ExportOptions = ExportOptions()) -> None:
    """Export a model to run without glassnet: ONNX, a Python file that needs NumPy, a web page, JavaScript, or plain C.

    The export includes the whole pipeline, from the cells of the table to the prediction.

    Parameters
    ----------
    model : Path
        The model file.
    out : Path
        The file to write; its extension sets the format: .onnx, .py, .html (a page with a form, for people without
        Python), .mjs (a JavaScript module) or .c (together with a header).
    """
    from glassnet.api.models import load
    from glassnet.apps.saved_model import decide
    from glassnet.exchange.graph import model_graph
    from glassnet.exchange.python.write_python import module_file

    with as_usage():
        rule = Text("The file to write must end in one of: {endings}", endings=", ".join(FORMATS))
        out = checked_suffix(out, FORMATS, rule, "The extension determines the format")
        if out.suffix == ".py":
            module_file(out)
    name, room, function = FORMATS[out.suffix]
    for file in (out, *([out.with_suffix(BESIDE[name])] if name in BESIDE else [])):
        check_output(file, [model, options.check], force=options.force, option="OUT")
    if options.texts is not None and name != "ONNX":
        raise UsageError("--texts applies only to ONNX", str(out), "Write to a file that ends in .onnx")
    if name == "C":
        _export_c(model, out, options)
        return
    if options.int8 or options.check is not None:
        raise UsageError("--int8 and --check apply only to C code", str(out), "Write to a file that ends in .c")
    from glassnet.exchange.python import weights_beside

    output, coverage = options.printing.output, options.coverage
    estimator: Any = load(model)
    decide(estimator, options.deciding)
    more = {} if options.texts is None else {"texts": options.texts}
    written: Path = getattr(importlib.import_module(room), function)(estimator, out, coverage=coverage, **more)
    graph = model_graph(estimator, coverage=coverage)
    files = [written, written.with_suffix(".npz")] if name == "Python" and weights_beside(written) else [written]
    length, names = _bytes(files), say("list.and").join(map(str, files))
    output.show_line("written", say("export.written", files=names, format=name, size=size(length)))
    fields = [(source.name, source.kind) for source in graph.inputs]
    if name == "ONNX":  # its inputs for a text are n-grams: their numbers and how often
        import onnx

        kinds = dict(fields)
        fields = [
            (one.name, kinds.get(one.name) or onnx.helper.tensor_dtype_to_np_dtype(one.type.tensor_type.elem_type).name)
            for one in onnx.load(written).graph.input
        ]
    _show_columns(output, fields, graph.outputs)
    output.record(
        {
            "files": [*map(str, files)],
            "format": name,
            "bytes": length,
            "inputs": [{"name": field, "kind": kind} for field, kind in fields],
            "outputs": [*graph.outputs],
        }
    )


def _export_c(model: Path, out: Path, options: ExportOptions) -> None:
    """Write a model as plain C, and show what it needs of the memory, and how near its answers are."""
    from glassnet.api.models import load
    from glassnet.apps.saved_model import decide, load_model
    from glassnet.exchange.c import to_c

    output, check = options.printing.output, options.check
    estimator: Any = load(model) if check is None else load_model(model)
    decide(estimator, options.deciding)
    X, y = (None, None) if check is None else _rows(estimator, model, check)
    written: CSource = to_c(estimator, out, X, y, quantize=options.int8, coverage=options.coverage)
    files = {"source": written.source, "header": written.header}
    length, gives = _bytes(files.values()), [name for name, _ in written.answers]
    output.show_line("written", say("export.c_written", **files, size=size(length)))
    _show_columns(output, [(name, kind) for name, _, kind in written.fields], gives)
    weights = say("export.one_byte" if written.quantized else "export.single")
    sizes = {"tables": size(written.constants), "stack": size(written.stack)}
    output.show_line("memory", say("export.memory", weights=weights, **sizes))
    if written.deviation is not None:
        estimated = written.deviation.estimated
        output.show_line("checked" if estimated is None else "estimated", _deviation_text(written.deviation))
        if estimated is not None:
            output.say("note", say("export.not_run", why=estimated.splitlines()[0]))
    output.record(
        {
            "files": [*map(str, files.values())],
            "format": "C",
            "bytes": length,
            "inputs": [{"name": column, "kind": kind, "field": name} for name, column, kind in written.fields],
            "outputs": gives,
            "constants": written.constants,
            "stack": written.stack,
            "int8": written.quantized,
            "check": None if written.deviation is None else asdict(written.deviation),
        }
    )


def _bytes(files: Iterable[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def _show_columns(output: Output, fields: Iterable[tuple[str, str]], gives: Iterable[str]) -> None:
    """Print the inputs and outputs of the file."""
    from glassnet.tables.columns.column_values import KIND_NAMES

    takes = [say("export.field", name=name, kind=KIND_NAMES.get(kind, kind)) for name, kind in fields]
    output.show_line("takes", comma(takes))
    output.show_line("gives", comma(list(gives)))


def _rows(model: Any, model_file: Path, table: Path) -> tuple[Any, Any]:
    """The rows of a table, and their answers if it has them."""
    from glassnet.apps.labelled import Complement, check_columns
    from glassnet.apps.saved_model import held_kinds, labelled_rows, learned_columns, recall
    from glassnet.tables.reading.readers import read_file

    target = model.notes_.get("target")
    text, kinds = Complement([str(target)]), held_kinds(model)
    frame = read_file(table, learned=model.notation_, text=text, kinds=kinds).frame
    if target not in frame.columns:
        check_columns(learned_columns(model), frame.columns, table)
        return frame, None
    rows = labelled_rows(model, table, recall(model, model_file))
    return rows.X, rows.y


def _deviation_text(deviation: Deviation) -> str:
    from glassnet.insight.scores import METRICS

    rows, largest = counted(deviation.rows, "row"), number(deviation.largest)
    parts = [say("export.deviation", rows=rows, largest=largest)]
    if deviation.changed is not None:
        parts.append(say("export.changed", share=deviation.changed))
    if deviation.score is not None and deviation.score_before is not None:
        what = METRICS["accuracy" if deviation.changed is not None else "r2"].say()
        after, before = number(deviation.score), number(deviation.score_before)
        parts.append(say("export.score", what=what, after=after, before=before))
    return semicolon(parts)
