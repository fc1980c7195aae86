"""``glassnet playground``: open the playground in the browser, or write its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from glassnet.apps.commands import app
from glassnet.apps.shared_options import (
    OutputOptions,
    Result,
)

SERVER = Group("Server", sort_key=1)


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
    out: Annotated[Path | None, Result] = None,
    force: Annotated[bool, Result] = False,
    printing: OutputOptions = OutputOptions(),
) -> None:
    """Open a page to watch small networks train, and to follow one training step number by number.

    The engine runs in the browser; the page is served to this machine only, and loads nothing from elsewhere.

    Parameters
    ----------
    table : Path
        A CSV table to start with: two or more numeric columns, and one to predict.
    port : int
        The port (default: 8001, or a free one if that is taken; 0 for any free port).
    browser : bool
        Open the page in the browser.
    out : Path
        Write the page's files to this new folder instead, for any web server.
    force : bool
        Write to a folder that is not empty, too, and overwrite files of the same names.
    """
    output = printing.output
    if out is not None:
        from glassnet.apps.playground_server import ROOT, write
        from glassnet.apps.texts import say

        written = list(write(out, force=force))
        output.say("written", say("playground.written", count=len(written), page=out / ROOT))
        return
    from glassnet.apps.playground_server import serve as run

    run(output, table, port=port, browser=browser)
