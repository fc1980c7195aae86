"""Commands of a model as a whole, and the one that compiles ahead: inspect, card, doctor, export, warm."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from glassnet.apps.commands.asked import Carding, Examination, Exporting
from glassnet.apps.commands.table import Result, Table, app
from glassnet.apps.commands.talk import RESULTS, Results


@app.command(
    sort_key=8,
    name="inspect",
    help_epilogue="""\
Examples:
  glassnet inspect model.safetensors
  glassnet inspect model.safetensors --json | jq .history""",
)
def show_model(model: Path, /, *, talk: Results = RESULTS) -> None:
    """Show the contents of a model: layers, columns, settings, training history.

    Parameters
    ----------
    model : Path
        The model file.
    """
    from glassnet.apps.inspect import inspect_model

    inspect_model(model, talk.output)


@app.command(
    sort_key=10,
    help_epilogue="""\
Examples:
  glassnet card model.safetensors
  glassnet card model.safetensors --test june.csv --out README.md
  glassnet card model.safetensors --language zh --force""",
)
def card(model: Path, /, *, carding: Carding = Carding()) -> None:
    """Write a model card: what the model is, what it was trained on, and its scores.

    The format is that of Hugging Face. Fields that only a person can fill in, such as the intended use, are marked.

    Parameters
    ----------
    model : Path
        The model file.
    """
    from glassnet.apps.card import write_card

    write_card(model, carding)


@app.command(
    sort_key=9,
    help_epilogue="""\
Examples:
  glassnet doctor model.safetensors customers.csv
  glassnet doctor model.safetensors customers.csv --validation june.csv
  glassnet doctor model.safetensors customers.csv --json | jq .findings""",
)
def doctor(model: Path, table: Table, /, *, examination: Examination = Examination()) -> None:
    """Find problems with a model, its training or its data, and how to fix them.

    Parameters
    ----------
    model : Path
        The model file.
    table : Path
        The file that the model was trained on.
    """
    from glassnet.apps.doctor import doctor as run

    run(model, table, examination)


@app.command(
    sort_key=12,
    help_epilogue="""\
Examples:
  glassnet warm
  glassnet warm --precision float32""",
)
def warm(
    *,
    precision: Annotated[tuple[Literal["float32", "float64"], ...], Result] = (),
    talk: Results = RESULTS,
) -> None:
    """Compile common kernels in advance, so that the first training does not wait for them.

    The code is stored in $GLASSNET_CACHE, or in the folder glassnet of the user's cache folder. It runs only on the
    type of processor that it was compiled on.

    Parameters
    ----------
    precision : tuple of str
        Only for networks of this precision (default: both).
    """
    from glassnet.apps.warm import warm as run

    run(precision, talk.output)


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
def export(model: Path, out: Path, /, *, exporting: Exporting = Exporting()) -> None:
    """Export a model to run without glassnet: ONNX, a Python file that needs only NumPy, a web page, or plain C.

    The export includes the whole pipeline, from the cells of the table to the prediction.

    Parameters
    ----------
    model : Path
        The model file.
    out : Path
        The file to write; its extension sets the format: .onnx, .py, .html (a page with a form, for people without
        Python) or .c (together with a header).
    """
    from glassnet.apps.export import export as run

    run(model, out, exporting)
