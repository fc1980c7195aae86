"""Files and pipes as tables: formats, encodings, notation, types of cells, limits of memory."""
