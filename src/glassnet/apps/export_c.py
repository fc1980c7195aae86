"""``glassnet export model.safetensors model.c``: plain C, what it takes of the memory, and how near its answers are."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from glassnet.apps.commands.asked import Exporting
from glassnet.apps.console import number, size
from glassnet.apps.endings import check_output
from glassnet.apps.labelled import check_columns, read_labelled, targets
from glassnet.apps.saved import as_learned, learned_columns, load_model, recall, task_of, text_columns
from glassnet.apps.texts import comma, counted, say, semicolon
from glassnet.exchange.c import Deviation, to_c
from glassnet.insight.scores import METRICS
from glassnet.phrases import in_words

__all__ = ["export_c"]


def export_c(model_file: Path, out: Path, asked: Exporting) -> Path:
    """Write a model as C, and show what it needs.

    Raises
    ------
    UsageError
        If the header exists, or would be a file that is read.
    InputError, InputTypeError, OSError
        If the model or the table is not usable, or a file cannot be written.
    """
    from glassnet.exchange import load

    output, check = asked.talk.output, asked.check
    check_output(out.with_suffix(".h"), [model_file, check], force=asked.force, option="OUT")
    model: Any = load(model_file) if check is None else load_model(model_file)
    X, y = (None, None) if check is None else _rows(model, model_file, check)
    written = to_c(model, out, X, y, quantize=asked.int8, coverage=asked.coverage)
    files = {"source": written.source, "header": written.header}
    output.show_line("written", say("export.c_written", **files, size=size(_bytes(written))))
    fields = [say("export.field", name=name, kind=in_words(kind, "kind")) for name, _, kind in written.fields]
    output.show_line("takes", comma(fields))
    output.show_line("gives", comma([name for name, _ in written.answers]))
    weights = say("export.one_byte" if written.quantized else "export.single")
    sizes = {"tables": size(written.constants), "stack": size(written.stack)}
    output.show_line("memory", say("export.memory", weights=weights, **sizes))
    if written.deviation is not None:
        estimated = written.deviation.estimated
        output.show_line("checked" if estimated is None else "estimated", _said(written.deviation))
        if estimated is not None:
            output.say("note", say("export.not_run", why=estimated.splitlines()[0]))
    output.record(
        {
            "files": [str(written.source), str(written.header)],
            "format": "C",
            "bytes": _bytes(written),
            "inputs": [{"name": column, "kind": kind, "field": name} for name, column, kind in written.fields],
            "outputs": [name for name, _ in written.answers],
            "constants": written.constants,
            "stack": written.stack,
            "int8": written.quantized,
            "check": None if written.deviation is None else asdict(written.deviation),
        }
    )
    return written.source


def _bytes(written: Any) -> int:
    return sum(file.stat().st_size for file in (written.source, written.header))


def _rows(model: Any, model_file: Path, table: Path) -> tuple[Any, Any]:
    """The rows of a table, and their answers if it has them."""
    from glassnet.tables.readers import read_file
    from glassnet.tables.reading import ReadOptions

    reading = as_learned(model, ReadOptions())
    target = model.notes_.get("target")
    frame, _ = read_file(table, reading, model.notation_, text_columns(model, str(target)))
    if target not in frame.columns:
        check_columns(learned_columns(model), frame.columns, table)
        return frame, None
    rows = read_labelled(table, recall(model, model_file), learned_columns(model))
    return rows.X, targets(rows.y, task_of(model), getattr(model, "classes_", None), rows.notation)


def _said(deviation: Deviation) -> str:
    rows, largest = counted(deviation.rows, "row"), number(deviation.largest)
    parts = [say("export.deviation", rows=rows, largest=largest)]
    if deviation.changed is not None:
        parts.append(say("export.changed", share=deviation.changed))
    if deviation.score is not None and deviation.score_before is not None:
        what = METRICS["accuracy" if deviation.changed is not None else "r2"].say()
        after, before = number(deviation.score), number(deviation.score_before)
        parts.append(say("export.score", what=what, after=after, before=before))
    return semicolon(parts)
