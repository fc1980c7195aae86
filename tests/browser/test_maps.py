"""The map of the playground is as fine as the screen while training rests, and of the network that is shown."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

GRID = 40


@pytest.fixture(scope="module")
def seen(browse, serve):
    """What the browser says."""
    with serve("playground") as line:
        return browse("maps.js", line.split()[1].rstrip(";"))


@pytest.mark.parametrize("screen", ["desktop", "dense"])
def test_the_map_is_fine_but_while_it_trains(seen, screen):
    """Its distinct columns of pixels: at the start, training, paused, and after a step of slow motion."""
    start, training, paused, stepped = seen[screen]
    assert training <= GRID
    assert min(start, paused, stepped) > 2 * GRID


def test_a_change_does_not_wait_for_a_fine_map(seen):
    """After three bands of it an epoch is asked for: that is the engine's next order."""
    assert seen["changed"]["orders"] == ["start", "band", "band", "band", "run", "band"]


def test_bands_of_the_network_before_a_change_are_never_shown(seen):
    """All fine maps painted since are that of the changed network."""
    assert {tuple(one) for one in seen["changed"]["fine"]} == {tuple(seen["changed"]["alone"])}
