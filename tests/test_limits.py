"""Thresholds: five units whose sides the eye can check, missing figures apart, sums conserved whatever the figures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.arrays import sum_known
from geo.limits import MOST_STOPS, Counted, find_limits, find_stops, nearest_stop
from geo.people_sum import PeopleSum

MBPS = [5.0, 10.0, 12.0, None, 40.0]
PEOPLE = [100.0, 200.0, None, 50.0, 1000.0]


def test_both_sides_of_ten_and_the_missing_apart() -> None:
    found = find_limits(MBPS, PEOPLE)
    assert found is not None
    ten = found.stops.index(10.0)
    # below 10 is 5 alone: 10 itself is not below 10
    assert found.below[ten] == Counted(1, PeopleSum(100.0, 0))
    # of the three from 10 on, the people of one are not known
    assert found.above[ten] == Counted(3, PeopleSum(1200.0, 1))
    assert found.missing == Counted(1, PeopleSum(50.0, 0))
    assert [at <= ten for at in found.place if at >= 0] == [True, False, False, False]
    assert found.place[3] == -1


def test_every_figure_lies_below_the_last_stop_and_none_below_the_first() -> None:
    found = find_limits(MBPS, PEOPLE)
    assert found is not None
    assert (found.stops[0], found.below[0].units) == (5.0, 0)
    assert (found.stops[-1] > 40.0, found.below[-1].units, found.above[-1].units) == (True, 4, 0)


def test_people_nobody_knows_are_no_zero() -> None:
    found = find_limits([1.0, 2.0, np.nan], None)
    assert found is not None
    assert found.missing == Counted(1, PeopleSum(None, 1))
    assert found.below[0] == Counted(0, PeopleSum(0.0, 0))
    assert found.below[-1] == Counted(2, PeopleSum(None, 2))


@pytest.mark.parametrize("values", [[], [3.0], [3.0, 3.0], [None, 3.0], [np.inf, 1.0], ["x", None]])
def test_nothing_to_set_apart(values: list[object]) -> None:
    assert find_limits(values, None) is None


def test_wanted_stops_are_among_them() -> None:
    stops = find_stops(0.0, 1.0, [0.998, 0.95, 7.0])
    assert {0.998, 0.95} <= {*stops}
    assert 7.0 not in stops
    assert stops[0] == 0.0
    found = find_limits([0.0, 1.0], None, wanted=[0.998])
    assert found is not None
    assert found.stops[nearest_stop(found, 0.9979)] == 0.998


# closer together than a billionth, two figures are one: the noise of sums
FIGURES = st.none() | st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@given(st.lists(st.tuples(FIGURES, st.none() | st.integers(0, 10**7)), min_size=2, max_size=40))
def test_sides_and_missing_make_the_whole(rows: list[tuple[float | None, int | None]]) -> None:
    values, people = [row[0] for row in rows], [row[1] for row in rows]
    found = find_limits(values, people)
    if found is None:
        return
    assert len(found.stops) <= MOST_STOPS + 2
    assert list(found.stops) == sorted(set(found.stops))
    heads = pd.Series(people, dtype=float)
    for index, stop in enumerate(found.stops):
        below = [value is not None and value < stop - 1e-9 for value in values]
        assert found.below[index].units == sum(below)
        assert found.below[index].units + found.above[index].units + found.missing.units == len(rows)
        parts = [one.people for one in (found.below[index], found.above[index], found.missing)]
        assert sum(part.known or 0 for part in parts) == pytest.approx(heads.sum())
        assert sum(part.unknown_units for part in parts) == heads.isna().sum()


@pytest.mark.parametrize(
    ("values", "found"),
    [([], 0.0), ([np.nan], None), ([np.nan, np.nan], None), ([1.0, np.nan, 2.0], 3.0), ([0.0], 0.0)],
)
def test_sum_of_what_is_known(values: list[float], found: float | None) -> None:
    assert sum_known(np.array(values, dtype=float)) == found
