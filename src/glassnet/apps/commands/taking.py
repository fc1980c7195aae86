"""Commands that take a model elsewhere: export."""

from __future__ import annotations

from pathlib import Path

from glassnet.apps.commands.asked import Exporting
from glassnet.apps.commands.table import app
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
    exporting: Exporting = Exporting(),
) -> int:
    """Write a model for programs without glassnet: ONNX, a Python file that needs only NumPy, a web page, or plain C.

    The whole pipeline is included, from the cells of the table to the prediction.

    Parameters
    ----------
    model : Path
        The model's file.
    out : Path
        The file to write; its extension sets the format: .onnx, .py, .html (a page with a form, for people without
        Python) or .c (with a header beside it).
    """
    from glassnet.apps.export import export as run

    run(model, out, exporting)
    return DONE
