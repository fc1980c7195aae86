"""Access control: the API key and the allowed host names."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Collection, Mapping

from glassnet.apps.usage import UsageError
from glassnet.support.language import Text

VARIABLE = "GLASSNET_API_KEY"
"""The environment variable of the key: other users of a machine can read command lines, but not this."""
SHORTEST = 8
NO_KEY = "/health"
"""This address needs neither a key nor a known host name: monitoring has none, and asks by any."""
ANY = "*"
"""The host name that allows all."""


def check_key(key: str | None) -> str | None:
    """The key, if it is worth one: it must not be guessed, and must be sent in a header."""
    if key is None:
        return None
    if len(key) < SHORTEST or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            Text("The API key must have at least {count} characters, without spaces", count=SHORTEST),
            Text("{count} characters", count=len(key)),
            "Generate one: openssl rand -hex 24",
        )
    return key


def allowed(headers: Mapping[str, str], key: str | None) -> bool:
    """Whether the headers of a request have the key.

    Programs send ``Authorization: Bearer KEY`` or ``X-API-Key: KEY``; browsers ask for a name and a password, which is
    the key, and send both as ``Authorization: Basic``.

    Examples
    --------
    >>> allowed({"x-api-key": "correct horse"}, "correct horse"), allowed({}, "correct horse"), allowed({}, None)
    (True, False, True)
    """
    if key is None:
        return True
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        value = _password(value.strip())
    elif kind.lower() != "bearer":
        value = headers.get("x-api-key", "")
    # compared in the same time, however much of it is right
    return hmac.compare_digest(value.strip().encode("utf-8", "replace"), key.encode())


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def known_by(host: str, names: Collection[str]) -> bool:
    """Whether a server is known by the name in a request's ``Host``, with or without a port; "*" knows all.

    A page that a browser has loaded can have its own name lead to this machine (DNS rebinding), and would then be
    answered as if it were ours. It cannot do so with an address or with ``localhost``: these are always known.

    Examples
    --------
    >>> [known_by(host, ["models.example"]) for host in ("localhost:8000", "[::1]", "10.0.0.7:80", "Models.example:80")]
    [True, True, True, True]
    >>> known_by("evil.example", ["models.example"]), known_by("evil.example", ["*"])
    (False, True)
    """
    name = (host if host.endswith("]") else host.rpartition(":")[0] or host).lower().rstrip(".")
    if ANY in names or name in names or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
