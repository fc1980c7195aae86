"""Commands that take a model elsewhere: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from glassnet.apps.commands.table import Data, Quiet, Result, app
from glassnet.apps.endings import DONE

__all__ = ["export"]


@app.command(
    sort_key=11,
    help_epilogue="""\
Examples:
  glassnet export model.safetensors model.onnx
  glassnet export model.safetensors model.py --force
  glassnet export model.safetensors model.c --int8 --check july.csv
  glassnet export model.safetensors model.onnx --json | jq .inputs""",
)
def export(
    model: Path,
    out: Path,
    /,
    *,
    coverage: Annotated[float, Data] = 0.9,
    int8: Annotated[bool, Result] = False,
    check: Annotated[Path | None, Data] = None,
    force: Annotated[bool, Result] = False,
    quiet: Quiet = False,
    json: Annotated[bool, Result] = False,
) -> int:
    """Write a model for programs without glassnet: ONNX, a Python file that needs NumPy alone, or plain C.

    The whole way is inside, from the cells of the table to the answer.

    Parameters
    ----------
    model : Path
        The model's file.
    out : Path
        The file to write; its ending says the format: .onnx, .py or .c (with a header beside it).
    coverage : float
        What intervals and sets promise, where the model was conformalized (0.9 if left out).
    int8 : bool
        Of C: weights of one byte, a quarter of the size.
    check : Path
        Of C: a table to compare its answers with the model's; the code is compiled, where `cc` is.
    force : bool
        Replace the file if it exists.
    quiet : bool
        Print nothing but errors (and the JSON, if asked for).
    json : bool
        Print what was written, and what it takes and gives, as JSON.
    """
    from glassnet.apps.console import Output
    from glassnet.apps.export import export as run

    run(model, out, Output(quiet, json), coverage=coverage, force=force, int8=int8, check=check)
    return DONE
