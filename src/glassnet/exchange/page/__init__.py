"""A model as one page: a form, the answer, its reasons, computed where it is read."""

from glassnet.exchange.page.write_html import to_html

__all__ = ["to_html"]
