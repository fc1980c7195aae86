"""A model that JavaScript carries out: a page with a form, the answer and its reasons; a module for other programs."""

from glassnet.exchange.page.write_html import to_html
from glassnet.exchange.page.write_javascript import to_javascript

__all__ = ["to_html", "to_javascript"]
