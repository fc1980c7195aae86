"""Every limit on what comes from strangers, with its value as the source has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import NamedTuple

from IPython.display import Markdown

from glassnet.apps import playground_server
from glassnet.apps.server import arrow, connections, formats, json_rows
from glassnet.apps.server.limits import BODIES, UNFOLDED, Limits
from glassnet.estimators import checks
from glassnet.exchange.c import compilation
from glassnet.exchange.files import estimator_state
from glassnet.exchange.page import write_html
from glassnet.network import state
from glassnet.support import container
from glassnet.tables.reading import delimited, memory_limits, parquet, sources, typed_files

SERVER = Limits()


class Limit(NamedTuple):
    """A number, what it counts ("bytes", "seconds", "" for things), and the option that changes it."""

    value: float
    unit: str = ""
    option: str = ""


LIMITS = {
    "tables": {
        "unpacked": Limit(sources.MOST_UNPACKED, "bytes", "--max-unpacked"),
        "tried": Limit(parquet.TRIED, "bytes"),
        "memory": Limit(sources.MOST_UNPACKED + memory_limits.BASE, "bytes", "--max-unpacked"),
        "time": Limit(memory_limits.SECONDS, "seconds"),
        "columns": Limit(delimited.MOST_COLUMNS),
        "cell": Limit(delimited._LONGEST_ROW, "bytes"),
        "cuts": Limit(delimited.MOST_CUTS),
        "depth": Limit(typed_files.DEEPEST),
        "label": Limit(checks.LONGEST_LABEL),
    },
    "models": {
        "times": Limit(container.TIMES),
        "allowance": Limit(container.ALLOWANCE, "bytes"),
        "inputs": Limit(state.MOST_INPUTS),
        "layers": Limit(state.MOST_LAYERS),
        "members": Limit(estimator_state.MOST_MEMBERS),
    },
    "server": {
        "body": Limit(SERVER.body, "bytes", "--max-body"),
        "rows": Limit(SERVER.rows, "", "--max-rows"),
        "bad_rows": Limit(SERVER.bad_rows),
        "seconds": Limit(SERVER.seconds, "seconds", "--timeout"),
        "requests": Limit(SERVER.requests),
        "connections": Limit(SERVER.connections),
        "header_seconds": Limit(SERVER.header_seconds, "seconds"),
        "header": Limit(connections.LONGEST, "bytes"),
        "bodies": Limit(BODIES * SERVER.body, "bytes", "--max-body"),
        "unfolded": Limit(UNFOLDED * SERVER.body, "bytes", "--max-body"),
        "messages": Limit(arrow.MESSAGES),
        "json_row": Limit(json_rows.LONGEST, "bytes"),
        "csv_row": Limit(formats.HEADER, "bytes"),
        "others": Limit(formats.OTHERS),
    },
    "playground": {
        "table": Limit(playground_server.MOST_BYTES, "bytes"),
        "idle": Limit(playground_server.SiteHandler.timeout, "seconds"),
    },
    "exports": {
        "page": Limit(write_html.LARGEST, "bytes"),
        "fields": Limit(write_html.MOST),
        "sent": Limit(write_html.MOST_SENT),
        "compiler": Limit(compilation.PATIENCE, "seconds"),
    },
}


def megabytes(count: float) -> str:
    """So many bytes, for people.

    Examples
    --------
    >>> megabytes(65_536), megabytes(32_000_000), megabytes(5_500_000_000)
    ('65.5 kB', '32 MB', '5.5 GB')
    """
    power, unit = next((power, unit) for power, unit in ((9, "GB"), (6, "MB"), (3, "kB")) if count >= 10**power)
    return f"{count / 10**power:.3g} {unit}"


def limits(
    head: tuple[str, str, str, str], seconds: str, words: Mapping[str, tuple[str, Mapping[str, tuple[str, str]]]]
) -> Markdown:
    """A table of all limits, surface by surface.

    Parameters
    ----------
    head : (str, str, str, str)
        The headings: what is limited, the value, its option, what happens beyond it.
    seconds : str
        The unit of time, in the page's language.
    words : mapping from surface to (name, mapping from limit to (what is limited, what happens beyond it))

    Raises
    ------
    ValueError
        If a surface or a limit has no words, or there are words for none; if a limit of a request is not listed.
    """
    if missing := {field.name for field in fields(Limits)} - set(LIMITS["server"]):
        raise ValueError(f"docs/limits.py must list every limit of a request; missing: {missing}")
    listed = {surface: list(those) for surface, those in LIMITS.items()}
    if {surface: list(said) for surface, (_, said) in words.items()} != listed:
        raise ValueError(f"the page must describe exactly {listed}, in this order")
    table = ["| {} | {} | {} | {} |\n|---|--:|---|---|".format(*head)]
    for surface, (title, said) in words.items():
        table.append(f"| **{title}** | | | |")
        for name, (what, beyond) in said.items():
            value, unit, option = LIMITS[surface][name]
            number = megabytes(value) if unit == "bytes" else f"{value:,g} {seconds}" if unit else f"{value:,}"
            table.append(f"| {what} | {number} | {option and f'`{option}`'} | {beyond} |")
    return Markdown("\n".join(table))
