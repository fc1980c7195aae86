"""The mathematics, each formula once: plain functions on NumPy arrays or scalars, in the letters of the textbook.

Every file is one concept. A formula stands with its derivative or gradient right below it, followed by the record
that gives it a name. Engines read these functions; their mathematics is written nowhere else.
"""
