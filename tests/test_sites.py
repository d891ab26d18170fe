"""Cells → sites → areas: numbers taken apart by hand, towers a ruler can check, and areas that a circle's formula gives."""

import re
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.crs import geodesic_area_km2
from geo.errors import CrsError, InputError, RulesError
from geo.propagation import BUDGETS, ModelRules, Sight, cell_radius_m
from geo.schema import CELL_COLUMNS, COVERAGE_COLUMNS
from geo.site_areas import TERRAIN_BLIND, draw_areas, model_coverage, model_radii, unmodelled_sites
from geo.sites import SITE_COLUMNS, SiteRules, find_sites, station_numbers

WGS84 = Geod(ellps="WGS84")
LON, LAT = 106.6, 11.8


def make_cells(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Cell records; `east`, `north`: metres from a corner in Bình Phước; what is not given is null."""
    plain: dict[str, Any] = {"operator": "Viettel", "technology": "4G", "east": 0.0, "north": 0.0}
    full = [plain | row for row in rows]
    frame = pd.DataFrame(
        [
            [row.get(name, f"c{number}" if name == "cell_id" else None) for name in CELL_COLUMNS]
            for number, row in enumerate(full)
        ],
        columns=list(CELL_COLUMNS),
    )
    numbers = ["frequency_mhz", "eirp_dbm", "antenna_height_m", "azimuth_degrees", "range_m"]
    whole = ["mcc", "net", "area", "cell", "samples"]
    frame = frame.astype(dict.fromkeys(numbers, float) | dict.fromkeys(whole, "Int64"))
    spots = [_spot(row["east"], row["north"]) for row in full]
    return gpd.GeoDataFrame(frame, geometry=[shapely.Point(spot) for spot in spots], crs="EPSG:4326")


def _spot(east: float, north: float) -> tuple[float, float]:
    lon, lat, _ = WGS84.fwd(LON, LAT, 90, east)
    lon, lat, _ = WGS84.fwd(lon, lat, 0, north)
    return float(lon), float(lat)


def off_m(point: Any, east: float, north: float) -> float:
    """Metres from a point to a spot."""
    return float(WGS84.inv(point.x, point.y, *_spot(east, north))[2])


def cell(number: int, **given: Any) -> dict[str, Any]:
    return {"mcc": 452, "net": 4, "area": 7, "cell": number} | given


@pytest.mark.parametrize(
    ("technology", "number", "station"),
    [
        ("4G", 300_000 * 256 + 17, 300_000),
        ("5G", 1234 * 4096 + 4095, 1234),
        ("3G", 12 * 65_536 + 43_217, 12 * 65_536 + 4321),
        ("3G", 43_217, 4321),
        ("2G", 43_217, 4321),
    ],
)
def test_the_station_in_a_cells_number(technology: str, number: int, station: int) -> None:
    cells = make_cells(cell(number, technology=technology), {"technology": technology})
    found = station_numbers(cells, gnb_bits=24)
    assert found[0] == station
    assert pd.isna(found[1])


def test_gnb_bits_are_a_choice() -> None:
    cells = make_cells(cell(5 * 2**14 + 9, technology="5G"))
    assert station_numbers(cells, gnb_bits=22)[0] == 5


def test_cells_of_one_station_are_one_site_however_far_apart_they_were_heard() -> None:
    sites = find_sites(
        make_cells(cell(256, east=0), cell(257, east=900), cell(258, east=300), cell(512, east=600))
    )
    assert tuple(sites.columns) == (*SITE_COLUMNS, "geometry")
    assert sites["cells"].tolist() == [3, 1]
    assert sites["site_id"].tolist() == ["Viettel-00001", "Viettel-00002"]
    assert off_m(sites.geometry[0], 400, 0) < 0.1


def test_the_position_is_weighted_by_samples_and_its_error_is_the_root_mean_square() -> None:
    sites = find_sites(
        make_cells(cell(256, samples=3, range_m=300), cell(257, east=400, samples=1, range_m=100))
    )
    assert off_m(sites.geometry[0], 100, 0) < 0.1
    wanted = np.sqrt((3 * (300**2 + 100**2) + (100**2 + 300**2)) / 4)
    assert sites.loc[0, "position_error_m"] == pytest.approx(wanted, rel=1e-4)
    assert sites.loc[0, "samples"] == 4


def test_an_error_that_nobody_states_is_null() -> None:
    sites = find_sites(make_cells(cell(256), cell(257, range_m=50), cell(512, east=5000)))
    assert sites["position_error_m"].tolist() == pytest.approx([50, np.nan], nan_ok=True, abs=0.1)
    assert sites["samples"].isna().all()


def test_a_reused_number_far_away_is_another_site() -> None:
    sites = find_sites(
        make_cells(cell(256), cell(257, east=200), cell(258, east=100), cell(259, east=30_000))
    )
    assert sites["cells"].tolist() == [3, 1]


def test_2g_and_3g_numbers_count_afresh_in_each_area_and_4g_numbers_do_not() -> None:
    two = make_cells(cell(431, technology="2G"), cell(432, technology="2G", area=8, east=2000))
    assert len(find_sites(two)) == 2
    four = make_cells(cell(256), cell(257, area=8, east=2000))
    assert len(find_sites(four)) == 1


def test_stations_of_one_operator_at_one_place_are_one_site_with_a_row_per_technology() -> None:
    cells = make_cells(
        cell(256),
        cell(70_001, technology="3G", east=60),
        cell(512, east=250),
        cell(256, operator="VNPT", net=2),
    )
    sites = find_sites(cells)
    assert sites[["site_id", "technology", "cells"]].to_numpy().tolist() == [
        ["VNPT-00001", "4G", 1], ["Viettel-00001", "3G", 1], ["Viettel-00001", "4G", 1], ["Viettel-00002", "4G", 1],
    ]  # fmt: skip


def test_near_neighbours_make_no_chain() -> None:
    row = make_cells(*(cell(256 * number, east=80 * number, samples=100 - number) for number in range(1, 8)))
    # the best heard of what is left takes in one neighbour: 1 and 2, 3 and 4, 5 and 6, 7
    assert find_sites(row)["cells"].tolist() == [2, 2, 2, 1]


def test_a_site_list_without_numbers_goes_by_operator_and_place() -> None:
    cells = make_cells(
        {"azimuth_degrees": 0, "frequency_mhz": 1800, "antenna_height_m": 40},
        {"azimuth_degrees": 480, "frequency_mhz": 900, "antenna_height_m": 30},
        {"technology": "5G", "eirp_dbm": 70},
        {"operator": "VNPT", "azimuth_degrees": 5},
        {"operator": None, "east": 9000},
    )
    sites = find_sites(cells).set_index(["operator", "technology"])
    assert sites.loc[("Viettel", "4G"), "cells"] == 2
    assert sites.loc[("Viettel", "4G"), "azimuths_degrees"] == [0, 120]
    assert sites.loc[("Viettel", "4G"), "frequency_mhz"] == 900
    assert sites.loc[("Viettel", "4G"), "antenna_height_m"] == 35
    assert sites.loc[("Viettel", "5G"), "azimuths_degrees"] is None
    assert sites.loc[("Viettel", "5G"), "eirp_dbm"] == 70
    assert ("unknown", "4G") in sites.index


def test_no_cells_no_sites() -> None:
    assert find_sites(make_cells(cell(256)).iloc[:0]).empty


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_every_cell_is_in_one_site_and_the_order_of_rows_is_irrelevant(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        cell(int(rng.integers(1, 6)) * 256 + int(rng.integers(0, 3)), east=float(rng.uniform(0, 600)), samples=int(rng.integers(1, 9)),
             technology=str(rng.choice(["3G", "4G"])), operator=str(rng.choice(["Viettel", "VNPT"])), net=4)
        for _ in range(20)
    ]  # fmt: skip
    cells = make_cells(*rows)
    sites = find_sites(cells)
    assert sites["cells"].sum() == 20
    again = find_sites(cells.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(
        pd.DataFrame(sites.drop(columns="geometry")), pd.DataFrame(again.drop(columns="geometry"))
    )


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda c: c.drop(columns="range_m"), InputError, "cells: column range_m is missing; wanted cell_id"),
        (
            lambda c: c.assign(technology="LTE"),
            InputError,
            "technology LTE is not known; wanted one of 2G, 3G, 4G, 5G",
        ),
        (lambda c: c.to_crs("EPSG:32648"), CrsError, "cells: EPSG:32648"),
        (
            lambda c: c.set_geometry(c.buffer(0.1)),
            InputError,
            r"row 1 has no point \(2 such rows\)",
        ),
        (
            lambda c: c.set_geometry([None, c.geometry[1]], crs=c.crs),
            InputError,
            r"row 1 has no point \(1 such rows\)",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Geometry is in a geographic CRS")
def test_frames_that_are_no_cells(change: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        find_sites(change(make_cells(cell(256), cell(257))))


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"same_place_m": 0}, "same_place_m is 0, wanted above 0"),
        ({"stray_m": float("nan")}, "stray_m is nan"),
        ({"gnb_bits": 33}, "gnb_bits is 33, wanted 22 to 32"),
    ],
)
def test_rules_that_group_nothing(given: dict[str, Any], match: str) -> None:
    with pytest.raises(RulesError, match=match):
        SiteRules(**given)


def test_what_a_site_does_not_state_is_assumed_and_named() -> None:
    sites = find_sites(
        make_cells(
            {"frequency_mhz": 700, "eirp_dbm": 62, "antenna_height_m": 50}, {"technology": "5G", "east": 500}
        )
    )
    modelled = model_radii(sites)
    assert modelled["assumed"].tolist() == ["", "frequency_mhz eirp_dbm antenna_height_m"]
    own, default = modelled.itertuples()
    rules = ModelRules()
    allowed = 62 - 10 * np.log10(1200) + 105 - rules.margin_db
    assert own.radius_m == cell_radius_m(allowed, 700, 50)[0][0]
    assert (default.frequency_mhz, default.eirp_dbm, default.antenna_height_m) == (2550, 67, 35)
    assert default.radius_m == pytest.approx(
        cell_radius_m(67 - 35.154 + 110 - rules.margin_db, 2550, 35)[0][0], abs=0.5
    )


def test_a_radius_cut_by_the_range_of_the_model_says_so() -> None:
    modelled = model_radii(find_sites(make_cells({"eirp_dbm": 90})))
    assert modelled.loc[0, "radius_m"] == 5000
    assert modelled.loc[0, "clipped"]
    far = model_radii(find_sites(make_cells({"eirp_dbm": 90})), ModelRules(sight=Sight.LOS))
    assert far.loc[0, "radius_m"] == 10_000


def test_sites_outside_the_model_are_named_not_dropped_in_silence() -> None:
    sites = find_sites(
        make_cells(
            {}, {"technology": "5G", "frequency_mhz": 26_000, "east": 500}, {"eirp_dbm": -20, "east": 900}
        )
    )
    modelled = model_radii(sites)
    left = unmodelled_sites(modelled)
    assert left["site_id"].tolist() == ["Viettel-00002", "Viettel-00003"]
    assert left["reason"].tolist() == [
        "frequency or antenna height outside TR 38.901 RMa (0.5-7 GHz, 10-150 m)", "signal too weak at 10 m",
    ]  # fmt: skip
    assert len(draw_areas(modelled)) == 1


def test_a_circle_has_the_area_of_its_radius_and_reaches_as_far_in_every_direction() -> None:
    area = draw_areas(model_radii(find_sites(make_cells({}))))
    radius = area.loc[0, "radius_m"]
    assert geodesic_area_km2(area.geometry)[0] == pytest.approx(np.pi * (radius / 1000) ** 2, rel=1e-4)
    corners = shapely.get_coordinates(area.geometry[0])
    _, _, reach = WGS84.inv(np.full(len(corners), LON), np.full(len(corners), LAT), *corners.T)
    assert reach == pytest.approx(np.full(len(corners), radius), rel=0.01)


def test_an_azimuth_makes_a_sector_of_a_third() -> None:
    areas = draw_areas(model_radii(find_sites(make_cells({"azimuth_degrees": 90}, {"azimuth_degrees": 210}))))
    radius = areas.loc[0, "radius_m"]
    assert areas["azimuth_degrees"].tolist() == [90, 210]
    assert geodesic_area_km2(areas.geometry) == pytest.approx(
        np.full(2, np.pi / 3 * (radius / 1000) ** 2), rel=1e-4
    )
    east, north = shapely.Point(_spot(radius * 0.9, 0)), shapely.Point(_spot(0, radius * 0.9))
    assert areas.geometry[0].contains(east)
    assert not areas.geometry[0].contains(north)
    assert not areas.geometry[1].contains(east)


def test_coverage_is_one_labelled_claim_per_operator_and_technology() -> None:
    cells = make_cells({}, {"east": 700}, {"technology": "5G"}, {"operator": "VNPT", "east": 50_000})
    coverage = model_coverage(find_sites(cells), as_of="2026-09-30")
    assert tuple(coverage.columns) == (*COVERAGE_COLUMNS, "geometry")
    assert coverage[list(COVERAGE_COLUMNS)].to_numpy().tolist() == [
        ["VNPT", "4G", "modelled", "2026-09-30"],
        ["Viettel", "4G", "modelled", "2026-09-30"],
        ["Viettel", "5G", "modelled", "2026-09-30"],
    ]
    alone, both, _ = geodesic_area_km2(coverage.geometry)
    assert alone < both < 2 * alone
    assert coverage.geometry.is_valid.all()
    assert "terrain" in TERRAIN_BLIND


def test_nothing_to_model_gives_no_claim() -> None:
    sites = find_sites(make_cells({"frequency_mhz": 26_000, "technology": "5G"}))
    coverage = model_coverage(sites, as_of="2026-09-30")
    assert coverage.empty
    assert tuple(coverage.columns) == (*COVERAGE_COLUMNS, "geometry")


def test_a_circle_across_the_date_line_is_whole() -> None:
    sites = find_sites(make_cells({})).set_geometry([shapely.Point(179.999, -17.0)], crs="EPSG:4326")
    area = draw_areas(model_radii(sites))
    radius = area.loc[0, "radius_m"] / 1000
    assert area.geometry.is_valid.all()
    assert area.geometry[0].bounds[2] > 180
    assert geodesic_area_km2(area.geometry)[0] == pytest.approx(np.pi * radius**2, rel=1e-4)


def test_sites_without_what_the_model_needs() -> None:
    sites = find_sites(make_cells({})).drop(columns=["eirp_dbm", "site_id"])
    with pytest.raises(InputError, match="sites: column site_id, eirp_dbm is missing"):
        model_radii(sites)


def test_more_sites_never_cover_less() -> None:
    cells = make_cells(*({"east": 900.0 * number, "north": 400.0 * (number % 3)} for number in range(9)))
    few, many = (
        model_coverage(find_sites(cells.iloc[:count]), as_of="2026-09-30").geometry[0] for count in (5, 9)
    )
    assert shapely.area(few.difference(many)) < 1e-12


def test_the_numbers_of_the_budget_stand_in_methods() -> None:
    methods = (Path(__file__).parents[1] / "METHODS.md").read_text(encoding="utf-8").replace("−", "-")
    rows = dict(
        re.findall(
            r"^\| (\dG) \| (.*dBm?.*|.*) \|$",
            methods.split("**Link budget.**")[1].split("EIRP = power")[0],
            re.M,
        )
    )
    assert set(rows) == {str(technology) for technology in BUDGETS}
    for technology, budget in BUDGETS.items():
        cells = rows[str(technology)].split(" | ")
        assert f"{budget.frequency_mhz:g}" in cells[0]
        assert cells[1].startswith(f"{budget.eirp_dbm:g}")
        assert cells[2].startswith(f"{budget.reference_db:.1f}".removesuffix(".0"))
        assert float(cells[3]) == budget.threshold_dbm
    assert f"(`reliability`, {ModelRules().reliability:.2f})" in methods
    assert f"within {SiteRules().same_place_m:g} m" in methods


def test_the_sites_of_ibiza(real: Path) -> None:
    """100 rows of a site list as published: every row a site with its own height, nothing else stated."""
    rows = pd.read_csv(real / "ibiza" / "cell-sites.csv")
    cells = make_cells(
        *(
            {"operator": None, "technology": row.radio_type, "antenna_height_m": row.antenna_height}
            for row in rows.itertuples()
        )
    ).set_geometry(gpd.points_from_xy(rows["lon"], rows["lat"]), crs="EPSG:4326")
    sites = find_sites(cells)
    assert sites["cells"].sum() == 100
    assert set(sites["operator"]) == {"unknown"}
    modelled = model_radii(sites)
    assert unmodelled_sites(modelled).empty
    assert set(modelled["assumed"]) == {"frequency_mhz eirp_dbm"}
    assert modelled["radius_m"].between(500, 5000).all()
    tall, short = (
        modelled.query(f"technology == '4G' and antenna_height_m == {height}")["radius_m"].max()
        for height in (30, 15)
    )
    assert tall > short


def test_a_fifth_of_a_country_takes_a_fifth_of_a_minute() -> None:
    rng = np.random.default_rng(0)
    count = 20_000
    cells = make_cells(cell(256)).iloc[np.zeros(count, dtype=int)].reset_index(drop=True)
    cells["cell"] = pd.array(np.arange(count) * 86, dtype="Int64")
    cells = cells.set_geometry(
        gpd.points_from_xy(rng.uniform(102, 109, count), rng.uniform(9, 23, count)), crs="EPSG:4326"
    )
    start = time.process_time()
    coverage = model_coverage(find_sites(cells), as_of="2026-09-30")
    assert time.process_time() - start < 12
    assert len(coverage) == 1
