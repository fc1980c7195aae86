"""The commands that answer over HTTP, and the one that writes the book: serve, playground, book."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from glassnet.apps.commands.asked import AS_DECIDED, Deciding
from glassnet.apps.commands.table import Names, Result, app
from glassnet.apps.commands.talk import TALK, Talk

SERVER = Group("Server", sort_key=1)
LIMITS = Group("Limits", help="Requests beyond these limits are refused with an error message.", sort_key=2)


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
    deciding: Deciding = AS_DECIDED,
    talk: Talk = TALK,
) -> None:
    """Serve a model over HTTP: predictions as JSON, CSV or Arrow, explanations, and a form to try a row.

    When the model file is replaced, the new model is loaded without losing requests. On SIGTERM or Ctrl-C, pending
    requests are still answered.

    Parameters
    ----------
    model : Path
        The model file.
    host : str
        The address to listen on (default: 127.0.0.1, this machine only). 0.0.0.0 listens on all addresses.
    port : int
        The port (default: 8000; 0 for any free port).
    api_key : str
        API key that requests must send (default: $GLASSNET_API_KEY, which other users of the machine cannot see).
    allow_host : tuple of str
        Host names to accept besides its addresses and localhost: a,b; * accepts any. Requests with other host names are
        refused, against DNS rebinding.
    max_body : float
        Maximum size of a request body in megabytes (default: 32).
    max_rows : int
        Maximum number of rows in a request (default: 200000).
    timeout : float
        Timeout in seconds until a response starts (default: 30).
    """
    from glassnet.apps.server import imported

    with imported():
        from glassnet.apps.server.limits import Limits
        from glassnet.apps.server.process import serve as run
    limits = Limits(body=int(max_body * 1e6), rows=max_rows, seconds=timeout)
    run(model, talk.output, host=host, port=port, key=api_key, names=allow_host, limits=limits, deciding=deciding)


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
    port: Annotated[int | None, Parameter(group=SERVER)] = None,
    browser: Annotated[bool, Parameter(negative="--no-browser", group=SERVER)] = True,
    out: Path | None = None,
    force: Annotated[bool, Result] = False,
    talk: Talk = TALK,
) -> None:
    """Open a page to watch small networks train, and to follow one training step number by number.

    The engine runs in the browser; the page is served to this machine only, and loads nothing from elsewhere.

    Parameters
    ----------
    table : Path
        A CSV table to start with: two numeric columns, then a column of classes.
    port : int
        The port (default: 8001, or a free one if that is taken; 0 for any free port).
    browser : bool
        Open the page in the browser.
    out : Path
        Write the page's files to this new folder instead, for any web server.
    force : bool
        Write to a folder that is not empty, too, and overwrite files of the same names.
    """
    output = talk.output
    if out is not None:
        from glassnet.apps.playground import ROOT, write
        from glassnet.apps.texts import say

        written = list(write(out, force=force))
        output.say("written", say("playground.written", count=len(written), page=out / ROOT))
        return
    from glassnet.apps.playground_server import serve as run

    run(output, table, port=port, browser=browser)


@app.command(
    sort_key=7,
    help_epilogue="""\
Examples:
  glassnet book
  glassnet book chapters --language zh""",
)
def book(folder: Path = Path("glassnet-book"), /, *, force: Annotated[bool, Result] = False, talk: Talk = TALK) -> None:
    """Write the chapters of the book as notebooks to run and change: how a network learns, starting from one neuron.

    The notebooks need matplotlib, and Jupyter to open them.

    Parameters
    ----------
    folder : Path
        The new folder to write them to (default: glassnet-book).
    force : bool
        Write to a folder that is not empty, too, and overwrite files of the same names.
    """
    from glassnet.apps.book import write
    from glassnet.apps.texts import say
    from glassnet.support.language import get_language

    written = list(write(folder, get_language(), force=force))
    talk.output.say("written", say("book.written", count=len(written), folder=folder))
