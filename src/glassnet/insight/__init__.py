"""Insight: what can be seen of a network, and of how it learned; in numbers, pictures and words."""
