"""How pages are made: Jinja's templates, in which nothing of the user's is markup and nothing is obeyed.

Jinja escapes whatever is not marked as markup; what it would let through, control characters and marks that set the
direction of writing, is spelled out before.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.visible import visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["TEMPLATES", "as_it_is", "environment", "fingerprint"]

TEMPLATES = Path(__file__).parent / "templates"


@functools.cache
def environment(*folders: Path) -> Environment:
    r"""The templates, ready to be filled in; those of other folders come before the ones that all pages share.

    Examples
    --------
    >>> environment().from_string("<b>{{ name }}</b>").render(name="1 < 2\u202e")
    '<b>1 &lt; 2\\u202e</b>'
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        autoescape=True,
        finalize=_finalized,
        loader=FileSystemLoader([*folders, TEMPLATES]),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )


def as_it_is(text: str) -> Markup:
    """A style sheet or a script of ours, which is not escaped."""
    from markupsafe import Markup

    return Markup(text)


def fingerprint(text: str) -> str:
    """A script or a style sheet as a content security policy names it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _finalized(value: Any) -> Any:
    """What is written of a value: markup as it is, all else as people may see it."""
    if value is None:
        return ""
    return value if hasattr(value, "__html__") else visible(str(value))
