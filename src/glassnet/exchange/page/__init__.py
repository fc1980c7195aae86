"""A model that JavaScript carries out: a page with a form, the answer and its reasons; a module for other programs."""

from glassnet.exchange.page.write_html import ModelPage, PageServer, model_page, to_html
from glassnet.exchange.page.write_javascript import to_javascript

__all__ = ["ModelPage", "PageServer", "model_page", "to_html", "to_javascript"]
