"""Commands that take a model elsewhere: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from glassnet.apps.commands.table import Data, Result, app
from glassnet.apps.commands.talk import RESULTS, Results
from glassnet.apps.endings import DONE

__all__ = ["export"]


@app.command(
    sort_key=11,
    help_epilogue="""\
Examples:
  glassnet export model.safetensors model.onnx
  glassnet export model.safetensors model.py --force
  glassnet export model.safetensors app.html
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
    talk: Results = RESULTS,
) -> int:
    """Write a model for programs without glassnet: ONNX, a Python file that needs NumPy alone, a web page, or plain C.

    The whole pipeline is included, from the cells of the table to the prediction.

    Parameters
    ----------
    model : Path
        The model's file.
    out : Path
        The file to write; its extension sets the format: .onnx, .py, .html (a page with a form, for people without
        Python) or .c (with a header beside it).
    coverage : float
        Coverage of intervals and sets, if the model was conformalized (0.9 if left out).
    int8 : bool
        For C: one-byte weights, a quarter of the size.
    check : Path
        For C: a table on which to compare its predictions with the model's; the code is compiled if `cc` is there.
    force : bool
        Replace the file if it exists.
    """
    from glassnet.apps.export import export as run

    run(model, out, talk.output, coverage=coverage, force=force, int8=int8, check=check)
    return DONE
