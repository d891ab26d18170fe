"""Degree of urbanisation on squares the eye can count, and units by where their people live."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from geo.population_grid import PopulationGrid, make_grid
from geo.settlement import CELLS_CRS, classify_cells, classify_units
from tests.tiny import grid_over, tiles_box, units_of

WEST, NORTH = 10_300_000.0, 1_430_000.0
"""Whole kilometres in Mollweide, in Bình Phước."""
TO_LONLAT = Transformer.from_crs(CELLS_CRS, "EPSG:4326", always_xy=True).transform


def squares(people: Any) -> PopulationGrid:
    """A population grid whose cells are the 1 km squares themselves."""
    return make_grid(people, west=WEST, north=NORTH, cell_width=1000, cell_height=1000, crs=CELLS_CRS)


def classes(people: Any) -> list[list[int]]:
    """Classes of the given squares, without the empty border."""
    values = np.asarray(people, dtype=float)
    found = classify_cells(squares(values))
    top, left = int((found.north - NORTH) / 1000), int((WEST - found.west) / 1000)
    whole = np.full(values.shape, 3)
    for row, column in np.ndindex(values.shape):
        place = row + top, column + left
        if all(0 <= at < size for at, size in zip(place, found.classes.shape, strict=True)):
            whole[row, column] = found.classes[place]
    return [[int(number) for number in row] for row in whole]


def block(left: float, top: float, right: float, bottom: float) -> Any:
    """A rectangle of squares, in lon/lat with its edges as the projection bends them."""
    box = shapely.box(WEST + left * 1000, NORTH - bottom * 1000, WEST + right * 1000, NORTH - top * 1000)
    return shapely.transform(shapely.segmentize(box, 100), TO_LONLAT, interleaved=False)


def test_a_dense_block_of_50_000_is_a_centre_and_of_less_a_cluster() -> None:
    assert classes([[10_000] * 5]) == [[1] * 5]
    assert classes([[9_999] * 5]) == [[2] * 5]


def test_centres_join_by_edges_only_and_clusters_by_corners_too() -> None:
    assert classes([[30_000, 0], [0, 30_000]]) == [[2, 3], [3, 2]]
    assert classes([[30_000, 0], [30_000, 0]]) == [[1, 3], [1, 3]]
    assert classes([[3_000, 0], [0, 2_000]]) == [[2, 3], [3, 2]]
    assert classes([[3_000, 0, 0], [0, 0, 2_000]]) == [[3, 3, 3], [3, 3, 3]]


@pytest.mark.parametrize(
    ("people", "number"),
    [(1499, 2), (1500, 1), (300, 2), (299, 3)],
)
def test_densities_count_from_their_bound(people: float, number: int) -> None:
    assert classes([[60_000, people]])[0] == [1, number]


def test_a_gap_that_five_of_eight_neighbours_enclose_is_filled_again_and_again() -> None:
    ring = [[9_000, 9_000, 9_000], [9_000, 0, 9_000], [9_000, 0, 9_000], [9_000, 0, 9_000]]
    # the topmost gap has five neighbours of the centre, then the next has six with it, and the lowest five with that
    assert classes(ring) == [[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1]]
    corner = [[20_000, 20_000, 0], [20_000, 0, 0]]
    assert classes(corner) == [[1, 1, 3], [1, 3, 3]]


def test_people_in_gaps_count_towards_the_50_000() -> None:
    assert classes([[6_200, 6_200, 6_200], [6_200, 400, 6_200], [6_200, 6_200, 6_200]])[1] == [1, 1, 1]
    assert classes([[6_200, 6_200, 6_200], [6_200, 399, 6_200], [6_200, 6_200, 6_200]])[1] == [2, 2, 2]


def test_units_by_where_at_least_half_of_their_people_live() -> None:
    grid = squares([[50_000, 0, 5_000, 0, 100, 100, 0]])
    units = units_of(
        city=block(0, 0, 1, 1), town=block(2, 0, 3, 1), fields=block(4, 0, 6, 1), nobody=block(6.1, 0.1, 6.9, 0.9),
        half=shapely.union_all([block(0, 0, 0.12, 1), block(2, 0, 3, 1)]),
    )  # fmt: skip
    table = classify_units(units, classify_cells(grid)).set_index("unit_code")
    assert table["settlement"].tolist()[:3] == ["centre", "cluster", "rural"]
    assert table.loc["half", "settlement"] == "centre"
    assert table.at["half", "centre"] == pytest.approx(6 / 11, abs=1e-6)
    assert table.at["half", "cluster"] == pytest.approx(5 / 11, abs=1e-6)
    assert table.loc["nobody"].isna().all()


def test_a_finer_grid_in_degrees_is_gathered_without_losing_anybody() -> None:
    people = np.random.default_rng(0).gamma(0.3, 40, (120, 120))
    grid = grid_over(0, 0, 20, 20, people)
    found = classify_cells(grid)
    assert found.people.sum() == pytest.approx(grid.total)
    assert found.people.size < 300


def test_nobody_anywhere_has_no_class() -> None:
    grid = grid_over(0, 0, 2, 2, np.zeros((4, 4)))
    assert classify_units(units_of(a=tiles_box(0, 0, 1, 1)), classify_cells(grid))["settlement"].isna().all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_classes_hold_their_people_and_more_people_never_lower_a_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = rng.choice([0, 200, 400, 2_000, 9_000, 30_000], (6, 7), p=[0.2, 0.2, 0.2, 0.2, 0.1, 0.1]).astype(
        float
    )
    found = np.array(classes(people))
    more = people.copy()
    more[rng.integers(6), rng.integers(7)] += 5_000
    assert (np.array(classes(more)) <= found).all()
    assert (people[found == 2] >= 300).all()
