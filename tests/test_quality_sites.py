"""Cell records against the region and against what their operator declares; squares by hand."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.crs import equal_area_km2
from geo.quality import Severity
from geo.quality_sites import coverage_misses_sites, coverage_without_site, inside_units, sites_outside
from geo.schema import CELL_COLUMNS, COVERAGE_COLUMNS
from tests.files import SQUARES
from tests.tiny import X, Y, latitude, longitude, tiles_box, units_of

LIST = "other-commune"
UNITS = units_of(**SQUARES)


def _cells(*rows: tuple[str, str, float, float]) -> gpd.GeoDataFrame:
    """Rows of operator, technology, tiles east and tiles south of the corner."""
    frame = pd.DataFrame(index=range(len(rows)), columns=list(CELL_COLUMNS), dtype=object)
    frame["cell_id"] = [f"c{number}" for number in range(len(rows))]
    frame["operator"], frame["technology"] = [row[0] for row in rows], [row[1] for row in rows]
    points = [shapely.Point(longitude(X + east), latitude(Y + south)) for _, _, east, south in rows]
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")


def _areas(*rows: tuple[str, str, str, Any]) -> gpd.GeoDataFrame:
    claims = [(operator, technology, evidence, "2026-09-30") for operator, technology, evidence, _ in rows]
    frame = pd.DataFrame(claims, columns=list(COVERAGE_COLUMNS))
    return gpd.GeoDataFrame(frame, geometry=[row[3] for row in rows], crs="EPSG:4326")


def test_cells_are_inside_a_unit_or_outside_all() -> None:
    cells = _cells(("V", "4G", 1, 1), ("V", "4G", 4.5, 1), ("V", "4G", 13, 1), ("V", "4G", 1, -1))
    assert inside_units(cells, UNITS).tolist() == [True, True, False, False]


def test_sites_outside_the_region_are_counted_per_operator() -> None:
    cells = _cells(
        ("Viettel", "4G", 1, 1), ("Viettel", "4G", 13, 1), ("Viettel", "5G", 14, 1), ("MobiFone", "4G", 2, 2), ("", "4G", 20, 20)
    )  # fmt: skip
    none, viettel = sites_outside(LIST, cells, UNITS)
    assert (viettel.severity, viettel.code) == (Severity.WARNING, "sites_outside")
    assert viettel.value == pytest.approx(2 / 3)
    assert viettel.message == f"{LIST}: Viettel: 2 of 3 cell records (66.7%) lie in no unit: c1, c2"
    assert none.message.startswith(f"{LIST}: no operator: 1 of 1 cell records")
    assert sites_outside(LIST, _cells(("V", "4G", 1, 1)), UNITS) == []


def test_many_sites_outside_are_not_all_named() -> None:
    (found,) = sites_outside(LIST, _cells(*[("V", "4G", 20 + n, 1) for n in range(9)]), UNITS)
    assert found.message.endswith("c0, c1, c2, c3, c4, c5 and 3 more")


@pytest.mark.parametrize(
    ("inside", "severity"), [(1, Severity.WARNING), (9, Severity.WARNING), (10, Severity.NOTE)]
)
def test_own_sites_outside_the_declared_coverage(inside: int, severity: Severity) -> None:
    areas = _areas(("Viettel", "4G", "declared", tiles_box(0, 0, 4, 4)))
    cells = _cells(*[("Viettel", "4G", 1, 1)] * inside, ("Viettel", "4G", 6, 1))
    (found,) = coverage_misses_sites(LIST, areas, cells, UNITS)
    assert (found.severity, found.code) == (severity, "coverage_misses_sites")
    assert found.value == pytest.approx(1 / (inside + 1))
    assert found.message.startswith(
        f"{LIST}: Viettel 4G (2026-09-30): 1 of its own {inside + 1} cell records ("
    )


@pytest.mark.parametrize(
    "cell",
    [
        ("MobiFone", "4G", 6, 1),  # another operator's
        ("Viettel", "5G", 6, 1),  # another technology's
        ("Viettel", "4G", 20, 1),  # outside the region, where no polygon need reach
        ("Viettel", "4G", 4, 1),  # on the border of the coverage
    ],
)
def test_what_is_no_own_site_outside_the_coverage(cell: tuple[str, str, float, float]) -> None:
    areas = _areas(("Viettel", "4G", "declared", tiles_box(0, 0, 4, 4)))
    assert coverage_misses_sites(LIST, areas, _cells(("Viettel", "4G", 1, 1), cell), UNITS) == []


def test_only_declared_coverage_is_held_against_sites() -> None:
    cells = _cells(("Viettel", "4G", 6, 1))
    for evidence in ("modelled", "measured"):
        areas = _areas(("Viettel", "4G", evidence, tiles_box(0, 0, 4, 4)))
        assert coverage_misses_sites(LIST, areas, cells, UNITS) == []
        assert coverage_without_site(LIST, areas, cells, UNITS) == []


def test_parts_of_the_coverage_without_an_own_site() -> None:
    held, empty, beyond = tiles_box(0, 0, 2, 2), tiles_box(5, 0, 7, 2), tiles_box(20, 0, 22, 2)
    areas = _areas(
        ("Viettel", "4G", "declared", shapely.MultiPolygon([held, empty, beyond])), ("VinaPhone", "4G", "declared", held)
    )  # fmt: skip
    cells = _cells(("Viettel", "4G", 1, 1), ("MobiFone", "4G", 6, 1))
    (found,) = coverage_without_site(LIST, areas, cells, UNITS)
    assert (found.severity, found.code) == (Severity.NOTE, "coverage_without_site")
    assert found.value == pytest.approx(float(equal_area_km2([empty])[0]))
    assert found.message.startswith(
        f"{LIST}: Viettel 4G (2026-09-30): 1 of 2 parts of its declared coverage, "
    )
    assert (
        coverage_without_site(LIST, areas, _cells(("Viettel", "4G", 1, 1), ("Viettel", "4G", 6, 1)), UNITS)
        == []
    )


def test_an_operator_without_any_cell_is_not_accused() -> None:
    areas = _areas(("Viettel", "4G", "declared", tiles_box(0, 0, 4, 4)))
    cells = _cells(("MobiFone", "4G", 6, 1))
    assert coverage_misses_sites(LIST, areas, cells, UNITS) == []
    assert coverage_without_site(LIST, areas, cells, UNITS) == []
