"""Minutes to a town: steps that a ruler and a stopwatch give, and scikit-image as an outside oracle."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.errors import InputError
from geo.friction import FrictionGrid, make_friction
from geo.population_grid import make_grid
from geo.travel import town_minutes, travel_minutes
from tests.tiny import units_of

WGS84 = Geod(ellps="WGS84")
SIDE = 0.01
WEST, NORTH = 106.0, 12.0


def friction(minutes_per_m: Any) -> FrictionGrid:
    return make_friction(minutes_per_m, west=WEST, north=NORTH, cell_width=SIDE, cell_height=SIDE)


def centre(row: float, column: float) -> tuple[float, float]:
    return WEST + (column + 0.5) * SIDE, NORTH - (row + 0.5) * SIDE


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(WGS84.inv(*one, *other)[2])


def towns(*places: tuple[float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.Point(centre(*place)) for place in places], crs="EPSG:4326")


def box(top: float, left: float, bottom: float, right: float) -> Any:
    """A rectangle in rows and columns of cells."""
    return shapely.box(WEST + left * SIDE, NORTH - bottom * SIDE, WEST + right * SIDE, NORTH - top * SIDE)


def minutes(values: Any, *places: tuple[float, float]) -> Any:
    return travel_minutes(friction(values), np.array([centre(*place) for place in places]))


def test_each_step_costs_the_mean_friction_times_its_length() -> None:
    found = minutes([[0.01, 0.03, 0.01]], (0, 0))
    step = metres(centre(0, 0), centre(0, 1))
    assert found[0].tolist() == pytest.approx([0, 0.02 * step, 0.04 * step])


def test_a_step_south_and_a_diagonal_are_as_long_as_they_are() -> None:
    found = minutes(np.full((2, 2), 0.01), (0, 0))
    assert found[1, 0] == pytest.approx(0.01 * metres(centre(0, 0), centre(1, 0)))
    assert found[1, 1] == pytest.approx(0.01 * metres(centre(0, 0), centre(1, 1)), rel=1e-4)


def test_rows_far_from_the_equator_are_shorter() -> None:
    tall = make_friction(np.full((2, 2), 0.01), west=0, north=61, cell_width=1, cell_height=60)
    found = travel_minutes(tall, np.array([[0.5, 31.0], [0.5, -29.0]]))
    assert found[0, 1] / found[1, 1] == pytest.approx(
        metres((0, 31), (1, 31)) / metres((0, -29), (1, -29)), rel=1e-9
    )


def test_a_road_around_is_taken_when_it_is_faster() -> None:
    bush, road = 0.05, 0.001
    values = np.full((3, 5), bush)
    values[2], values[:, 0], values[:, 4] = road, road, road
    assert minutes(values, (0, 0))[0, 4] < 0.1 * minutes(np.full((3, 5), bush), (0, 0))[0, 4]


def test_water_is_gone_around_or_leaves_no_way() -> None:
    wall = [[0.01, np.nan, 0.01], [0.01, 0.01, 0.01]]
    assert minutes(wall, (0, 0))[0, 2] > minutes(np.full((2, 3), 0.01), (0, 0))[0, 2]
    cut = minutes([[0.01, -9999, 0.01]], (0, 0))
    assert np.isnan(cut[0]).tolist() == [False, True, True]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000))
def test_agrees_with_scikit_image_where_cells_are_all_alike(seed: int) -> None:
    skimage_graph = pytest.importorskip("skimage.graph")
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.001, 0.05, (9, 11))
    values[rng.random((9, 11)) < 0.15] = np.nan
    starts = [(int(rng.integers(9)), int(rng.integers(11))) for _ in range(2)]
    for row, column in starts:
        values[row, column] = 0.01
    flat = make_friction(values, west=WEST, north=0.05, cell_width=SIDE, cell_height=SIDE)
    points = np.array([(WEST + (column + 0.5) * SIDE, 0.05 - (row + 0.5) * SIDE) for row, column in starts])
    side = metres((0, 0), (0, SIDE)), metres((0, 0), (SIDE, 0))
    wanted, _ = skimage_graph.MCP_Geometric(np.where(np.isnan(values), -1, values), sampling=side).find_costs(
        starts
    )
    found = travel_minutes(flat, points)
    assert np.isnan(found).tolist() == np.isinf(wanted).tolist()
    assert found[np.isfinite(wanted)] == pytest.approx(wanted[np.isfinite(wanted)], rel=1e-5)


def test_people_pull_the_mean_to_where_they_live() -> None:
    surface = friction([[0.01] * 4])
    grid = make_grid([[30, 10, 0, 7]], west=WEST, north=NORTH, cell_width=SIDE, cell_height=SIDE)
    units = units_of(a=box(0, 0, 1, 2), b=box(0, 2, 1, 4), c=box(0.1, 2.1, 0.9, 2.9))
    found = town_minutes(units, towns((0, 0)), surface, grid)
    step = 0.01 * metres(centre(0, 0), centre(0, 1))
    assert found.name == "town_minutes"
    # nobody lives in c: from a point inside it
    assert found.to_dict() == pytest.approx({"a": 10 / 40 * step, "b": 3 * step, "c": 2 * step})
    alone = town_minutes(units, towns((0, 0)), surface, None)
    assert alone["b"] in (pytest.approx(2 * step), pytest.approx(3 * step))


@pytest.mark.parametrize(("islanders", "known"), [(1, True), (2, False)])
def test_a_mean_stands_for_nine_in_ten_people_or_not_at_all(islanders: float, known: bool) -> None:
    surface = friction([[0.01, 0.01, np.nan, 0.01]])
    grid = make_grid([[0, 9, 0, islanders]], west=WEST, north=NORTH, cell_width=SIDE, cell_height=SIDE)
    found = town_minutes(units_of(a=box(0, 0, 1, 4)), towns((0, 0)), surface, grid)
    assert found.notna().tolist() == [known]


def test_a_town_in_the_water_counts_from_the_nearest_shore() -> None:
    assert minutes([[np.nan, 0.01, 0.01]], (0, 0))[0].tolist()[1] == 0


def test_more_towns_are_never_further() -> None:
    values = np.random.default_rng(0).uniform(0.001, 0.05, (8, 8))
    one, two = minutes(values, (0, 0)), minutes(values, (0, 0), (6, 5))
    assert (two <= one).all()


def test_no_town_on_the_grid() -> None:
    with pytest.raises(InputError, match="none of the 1 towns lies on the friction raster"):
        town_minutes(units_of(a=box(0, 0, 1, 1)), towns((50, 50)), friction([[0.01]]), None)
    with pytest.raises(InputError, match="none of the 0 towns"):
        town_minutes(units_of(a=box(0, 0, 1, 1)), towns(), friction([[0.01]]), None)


@pytest.mark.parametrize("values", [[[np.nan, np.nan]], [[-9999, 0]], [0.01, 0.02]])
def test_a_surface_that_cannot_be_crossed(values: Any) -> None:
    with pytest.raises(InputError, match="holds no cell that can be crossed"):
        friction(values)
