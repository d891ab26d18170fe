"""The publisher's recipe: by eye, and against the calls its own example makes."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import InputError
from geo.tiles import tile_bounds
from geo.tutorial import MIN_TESTS, ookla_tutorial
from tests.tiny import random_tests, speed_rows, tile_key, tiles_box, units_of, voronoi_units


def test_a_border_tile_counts_wholly_in_both_and_under_50_tests_there_is_no_mean() -> None:
    units = units_of(a=tiles_box(0, 0, 1.5, 0.9), b=tiles_box(1.5, 0, 3, 0.9), c=tiles_box(9, 9, 10, 10))
    rows = speed_rows(
        [
            ("mobile", "2026Q1", tile_key(0, 0), 10_000, 1, 1, 30, 3),
            ("mobile", "2026Q1", tile_key(1, 0), 40_000, 1, 1, 20, 3),
            ("mobile", "2026Q2", tile_key(1, 0), 90_000, 1, 1, 0, 0),
        ]
    )
    found = ookla_tutorial(rows, units).set_index(["unit_code", "quarter"])
    assert found["tests"].to_dict() == {
        ("a", "2026Q1"): 50, ("a", "2026Q2"): 0, ("b", "2026Q1"): 20, ("b", "2026Q2"): 0, ("c", "2026Q1"): 0, ("c", "2026Q2"): 0,
    }  # fmt: skip
    assert found["avg_d_mbps_wt"].tolist() == pytest.approx([22.0, *[np.nan] * 5], nan_ok=True)


def test_agrees_with_a_spatial_join_and_numpys_average() -> None:
    units, rows = voronoi_units(5, 7), random_tests(5, 200)
    boxes = shapely.box(*tile_bounds(rows["quadkey"].tolist()).T)
    joined = gpd.GeoDataFrame(rows, geometry=boxes, crs=units.crs).sjoin(units, predicate="intersects")
    found = ookla_tutorial(rows, units).set_index(["unit_code", "network", "quarter"])
    compared = 0
    for key, group in joined.groupby(["unit_code", "network", "quarter"]):
        assert found.loc[key, "tests"] == group["tests"].sum()
        if group["tests"].sum() >= MIN_TESTS:
            wanted = np.average(group["avg_d_kbps"] / 1000, weights=group["tests"])
            assert found.loc[key, "avg_d_mbps_wt"] == pytest.approx(wanted)
            compared += 1
        else:
            assert np.isnan(found.loc[key, "avg_d_mbps_wt"])
    assert compared > 10


def test_bad_quadkeys_are_named() -> None:
    rows = speed_rows([("mobile", "2026Q1", "12", 1, 1, 1, 1, 1)])
    with pytest.raises(InputError, match=r"quadkey is not 16 digits"):
        ookla_tutorial(rows, units_of(a=tiles_box(0, 0, 1, 1)))
