"""Display of plain data: numbers, blocks, charts and progress, as text, HTML and SVG. It knows no models."""
