"""The log on the standard error: lines to read, or one JSON object a line; on request, one for each request."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from glassnet.support.escape_controls import escape_controls

LogFormat = Literal["text", "json"]
LOG: Final = logging.getLogger("glassnet.serve")
REQUESTS: Final = logging.getLogger("glassnet.serve.requests")


def log_request(fields: Mapping[str, Any]) -> None:
    """Log an answered request: in a line, or as fields of an object of its own."""
    REQUESTS.info("%s %s %s %s in %s s", *fields.values(), extra={"fields": fields})


class TextLine(logging.Formatter):
    """A line of the log, which may be read in a terminal: addresses are what strangers have typed."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        return escape_controls(super().format(record))


class JSONLine(logging.Formatter):
    """An object with the names that collectors of logs look for."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        found = {"time": time, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        return json.dumps(found | dict(getattr(record, "fields", {})))  # in ASCII, so that no text changes a terminal


def log_to_stderr(form: LogFormat, *, quiet: bool, requests: bool) -> None:
    """Begin the log. If `quiet`, it has warnings and errors only, and the requests, where these are asked for."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONLine() if form == "json" else TextLine())
    usual = logging.WARNING if quiet else logging.INFO
    of_requests = logging.INFO if requests else logging.WARNING
    levels = {LOG: usual, REQUESTS: of_requests, logging.getLogger("uvicorn.error"): logging.WARNING}
    for log, level in levels.items():
        log.handlers, log.propagate = [handler], False
        log.setLevel(level)
