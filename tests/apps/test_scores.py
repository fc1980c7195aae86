"""Confusions as the terminal shows them."""

from __future__ import annotations

import numpy as np

from glassnet.apps.table_messages import confusion


def test_confusions_are_counted():
    counts = confusion(np.array(list("aab")), np.array(list("abb")), ["a", "b"])
    assert counts == [["1", "1"], ["·", "1"]]
