"""Model files: what a file holds as plain data and arrays, older formats, checkpoints."""
