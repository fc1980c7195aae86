"""From a model to its two files."""
