"""Where a quadkey lies: the published example, the definition in loops, and keys that are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.tiles import tile_bounds
from tests.tiny import latitude, longitude, quadkey


def test_the_example_of_the_tile_system_extended_to_zoom_16() -> None:
    """Microsoft's "213" is tile (3, 5) of level 3; thirteen zeros more are its north-western corner tile."""
    west, south, east, north = tile_bounds(["213" + "0" * 13])[0]
    assert west == -45.0
    assert north == pytest.approx(-40.97989806962013, abs=1e-12)
    assert east - west == pytest.approx(360 / 65536)
    assert south < north


def test_the_corners_of_the_world() -> None:
    assert tile_bounds(["0" * 16])[0, [0, 3]] == pytest.approx([-180.0, 85.0511287798066])
    assert tile_bounds(["3" * 16])[0, [1, 2]] == pytest.approx([-85.0511287798066, 180.0])


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)), max_size=20))
def test_bounds_follow_the_definition(places: list[tuple[int, int]]) -> None:
    bounds = tile_bounds([quadkey(x, y) for x, y in places])
    wanted = [(longitude(x), latitude(y + 1), longitude(x + 1), latitude(y)) for x, y in places]
    assert bounds == pytest.approx(np.array(wanted).reshape(-1, 4), abs=1e-11)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["0" * 16, "12"], r"in 1 rows: 2 \('12'\)"),
        (["4" * 16], "row.* 1 "),
        (["", "0" * 17], r"in 2 rows: 1 \(''\), 2 \("),
        (["1.3213e15"], "as text, so that leading zeros stay"),
        (["١" * 16], "digits of 0 to 3"),
        (["013213013213013\n"], "digits of 0 to 3"),
    ],
)
def test_keys_that_are_none_are_named(keys: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tile_bounds(keys)
