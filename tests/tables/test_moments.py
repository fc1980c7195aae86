"""The calendar by whole numbers alone is NumPy's."""

import numpy as np

from glassnet.tables.columns.dates import PARTS, calendar


def test_every_part_of_a_moment_is_numpys():
    # 1600 to 2400, every 97th day and some hours: leap years, centuries, ends of months, before 1970
    moments = np.arange("1600-01-01", "2400-01-01", 97 * 24 + 5, dtype="datetime64[h]")
    found = calendar(moments.astype("M8[us]").astype(np.int64).astype(float), "datetime", list(PARTS))
    days, months = moments.astype("M8[D]"), moments.astype("M8[M]")
    assert (found["year"] == moments.astype("M8[Y]").astype(int) + 1970).all()
    assert (found["month"] == months.astype(int) % 12).all()
    assert (found["day of month"] == (days - months.astype("M8[D]")).astype(int)).all()
    assert (found["day of week"] == (days.astype(int) + 3) % 7).all()
    assert (found["time of day"] == (moments - days.astype("M8[h]")).astype(int) * 3600).all()
