"""Tables: from a DataFrame, an array or a file to the matrix a network takes, and back to what people read."""

from __future__ import annotations

from glassnet.tables.description import ColumnDescription
from glassnet.tables.encoder import TableEncoder
from glassnet.tables.rows import feature_names, is_frame, is_sparse, row_count, take

__all__ = ["ColumnDescription", "TableEncoder", "feature_names", "is_frame", "is_sparse", "row_count", "take"]
