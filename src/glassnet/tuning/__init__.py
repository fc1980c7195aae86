"""Tuning: a search for the options that suit a table best, and the ranges that it looks through."""

from glassnet.tuning.search import SearchResult, search
from glassnet.tuning.space import SPACES

__all__ = ["SPACES", "SearchResult", "search"]
