"""The commands that answer over HTTP, and the one that writes the book: serve, playground, book."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from glassnet.apps.commands.table import Names, app
from glassnet.apps.commands.talk import TALK, Talk

SERVER = Group("Server", sort_key=1)
LIMITS = Group("Limits", help="Requests beyond these limits are refused, with an explanation.", sort_key=2)


@app.command(
    sort_key=7,
    help_epilogue="""\
Examples:
  glassnet serve model.safetensors
  glassnet serve model.safetensors --host 0.0.0.0 --allow-host models.example
  glassnet serve model.safetensors --max-body 1000 --max-rows 10000000""",
)
def serve(
    model: Path,
    /,
    *,
    host: Annotated[str, Parameter(group=SERVER)] = "127.0.0.1",
    port: Annotated[int, Parameter(group=SERVER)] = 8000,
    api_key: Annotated[str | None, Parameter(group=SERVER)] = None,
    allow_host: Annotated[Names, Parameter(group=SERVER)] = (),
    max_body: Annotated[float, Parameter(group=LIMITS)] = 32.0,
    max_rows: Annotated[int, Parameter(group=LIMITS)] = 200_000,
    timeout: Annotated[float, Parameter(group=LIMITS)] = 30.0,
    talk: Talk = TALK,
) -> None:
    """Answer over HTTP: predictions as JSON, CSV or Arrow, their reasons, and a form to try a row.

    When the file is replaced, the new model takes over and no request is lost. After SIGTERM or Ctrl-C, pending
    requests are still answered.

    Parameters
    ----------
    model : Path
        The model's file.
    host : str
        The address to listen at; 127.0.0.1, which is this machine alone, if left out. 0.0.0.0 is every address.
    port : int
        8000 if left out; 0 takes one that is free.
    api_key : str
        The key that requests must carry; $GLASSNET_API_KEY if left out, which other users of the machine do not see.
    allow_host : tuple of str
        Host names to accept besides its addresses and localhost: a,b; * for any. Other names may be an attack.
    max_body : float
        Largest request body in megabytes; 32 if left out.
    max_rows : int
        Most rows in a request; 200000 if left out.
    timeout : float
        Seconds until an answer begins; 30 if left out.
    """
    from glassnet.apps.server import imported

    with imported():
        from glassnet.apps.server.limits import Limits
        from glassnet.apps.server.process import serve as run
    limits = Limits(body=int(max_body * 1e6), rows=max_rows, seconds=timeout)
    run(model, talk.output, host=host, port=port, key=api_key, names=allow_host, limits=limits)


@app.command(
    sort_key=7,
    help_epilogue="""\
Examples:
  glassnet playground
  glassnet playground flowers.csv
  glassnet playground --out site/playground""",
)
def playground(
    table: Path | None = None,
    /,
    *,
    port: Annotated[int, Parameter(group=SERVER)] = 8001,
    out: Path | None = None,
    talk: Talk = TALK,
) -> None:
    """Open a page on which to watch small networks train, and to follow one step number by number.

    The engine runs in the browser; the page is served to this machine alone, and loads nothing from elsewhere.

    Parameters
    ----------
    table : Path
        A table to begin with, in CSV: two columns of numbers, and a last one of classes.
    port : int
        8001 if left out; 0 takes one that is free.
    out : Path
        Write the page's files into this new folder instead, for any web server.
    """
    output = talk.output
    if out is not None:
        from glassnet.apps.playground import ENTRY, write
        from glassnet.apps.texts import say

        written = list(write(out))
        output.say("written", say("playground.written", count=len(written), page=out / ENTRY))
        return
    from glassnet.apps.server import imported

    with imported():
        from glassnet.apps.server.playground import serve as run
    run(output, port, table)


@app.command(
    sort_key=7,
    help_epilogue="""\
Examples:
  glassnet book
  glassnet book chapters --language zh""",
)
def book(folder: Path = Path("glassnet-book"), /, *, talk: Talk = TALK) -> None:
    """Write the chapters of the book as notebooks: how a network learns, from one neuron on, to be run and changed.

    They need glassnet with matplotlib, and Jupyter to open them.

    Parameters
    ----------
    folder : Path
        The new folder to write them into; glassnet-book if left out.
    """
    from glassnet.apps.book import write
    from glassnet.apps.texts import say
    from glassnet.language import get_language

    written = list(write(folder, get_language()))
    talk.output.say("written", say("book.written", count=len(written), folder=folder))
