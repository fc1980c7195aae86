"""Columns of a table: their values, statistics and encoding, by kind."""
