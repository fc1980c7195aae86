"""Commands that look a model over, and the one that compiles ahead: inspect, card, doctor, warm."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from glassnet.apps.commands.asked import Carding, Examination
from glassnet.apps.commands.table import Result, Table, app
from glassnet.apps.commands.talk import RESULTS, Results
from glassnet.apps.endings import DONE


@app.command(
    sort_key=8,
    name="inspect",
    help_epilogue="""\
Examples:
  glassnet inspect model.safetensors
  glassnet inspect model.safetensors --json | jq .history""",
)
def show_model(model: Path, /, *, talk: Results = RESULTS) -> int:
    """Show what is in a model: layers, columns, settings, how training went.

    Parameters
    ----------
    model : Path
        The model's file.
    """
    from glassnet.apps.inspect import inspect_model

    inspect_model(model, talk.output)
    return DONE


@app.command(
    sort_key=10,
    help_epilogue="""\
Examples:
  glassnet card model.safetensors
  glassnet card model.safetensors --test june.csv --out README.md
  glassnet card model.safetensors --language zh --force""",
)
def card(
    model: Path,
    /,
    *,
    carding: Carding = Carding(),
) -> int:
    """Write a model card: what the model is, what it was trained on, how good it is.

    The form is that of Hugging Face. What only a person can know, such as what the model is for, is marked, to be
    filled in by one.

    Parameters
    ----------
    model : Path
        The model's file.
    """
    from glassnet.apps.card import write_card

    write_card(model, carding)
    return DONE


@app.command(
    sort_key=9,
    help_epilogue="""\
Examples:
  glassnet doctor model.safetensors customers.csv
  glassnet doctor model.safetensors customers.csv --validation june.csv
  glassnet doctor model.safetensors customers.csv --json | jq .findings""",
)
def doctor(
    model: Path,
    table: Table,
    /,
    *,
    examination: Examination = Examination(),
) -> int:
    """Find out what is wrong with a model, its training or its table, and what to do about it.

    Parameters
    ----------
    model : Path
        The model's file.
    table : Path
        The file that it was trained on.
    """
    from glassnet.apps.doctor import doctor as run

    run(model, table, examination)
    return DONE


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
) -> int:
    """Precompile common kernels, so that the first training does not have to wait for them.

    The code is kept in a folder: $GLASSNET_CACHE, or glassnet in the user's cache folder. It runs only on
    the kind of processor that it was compiled on.

    Parameters
    ----------
    precision : tuple of str
        Only for networks of this precision; both if left out.
    """
    from glassnet.apps.warm import warm as run

    run(precision, talk.output)
    return DONE
