"""Tables: reading, encoding as matrices, decoding, writing."""

from __future__ import annotations

from glassnet.tables.column_description import ColumnDescription
from glassnet.tables.containers import feature_names, is_frame, is_sparse
from glassnet.tables.encoder import TableEncoder
from glassnet.tables.opened_table import row_count, take
from glassnet.tables.reading.readers import read_table, scan_table
from glassnet.tables.reading.sources import ReadOptions
from glassnet.tables.reading.table_blocks import open_blocks
from glassnet.tables.target_column import LabelledRows, Task, guess_task, keep_labelled
from glassnet.tables.writers import TableWriter

__all__ = [
    "ColumnDescription",
    "LabelledRows",
    "ReadOptions",
    "TableEncoder",
    "TableWriter",
    "Task",
    "feature_names",
    "guess_task",
    "is_frame",
    "is_sparse",
    "keep_labelled",
    "open_blocks",
    "read_table",
    "row_count",
    "scan_table",
    "take",
]
