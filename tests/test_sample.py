"""The bundled sample: what is promised of it in data/SOURCES.md, and that it can be made again byte for byte."""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely

from data.make_sample import NOTE, SAMPLE, make_sample
from data.power_diagram import FitError, fit_areas, power_diagram
from data.sample_border import BORDER_COMMUNES, BORDER_UNITS, CAMBODIA_BORDER
from data.sample_outlines import in_metres, make_outlines
from data.sample_profiles import OPERATORS, PROFILES
from data.sample_sources import BECAME_PHUONG, PLANE, read_legacy, read_old_to_new, read_units, to_plane_m
from data.sample_speed import QUARTERS
from geo.crs import geodesic_area_km2
from geo.workspace import Workspace, load_workspace, require_unchanged

REAL = Path(__file__).parents[1].parent / "shared" / "real"
MADE_WITH = {
    "numpy": "2.4.6", "scipy": "1.17.1", "pyproj": "3.7.2", "shapely": "2.2.0", "pyarrow": "26.0.1", "rasterio": "1.4.4",
}  # fmt: skip
"""Versions of the lock for Python 3.11; another library may round a last digit otherwise."""
needs_package = pytest.mark.skipif(
    find_spec("vietnamadminunits") is None, reason="vietnamadminunits (extra `dev`) is not installed"
)


def require_libraries() -> None:
    """Skips where a library that computes or writes the sample is another one than it was made with."""
    others = {name: version(name) for name, made in MADE_WITH.items() if version(name) != made}
    if others:
        pytest.skip(f"the bundled sample was made with {MADE_WITH}; here are {others}")


@pytest.fixture(scope="module")
def sample() -> Workspace:
    return load_workspace(SAMPLE)


@pytest.fixture(scope="module")
def lists(sample: Workspace) -> dict[str, gpd.GeoDataFrame]:
    return {
        f"{given.options['vintage']}-{given.options['level']}": gpd.read_file(sample.resolve(given.files[0]))
        for given in sample.of_kind("boundaries")
    }


def test_says_everywhere_that_it_is_illustrative(sample: Workspace) -> None:
    assert sample.illustrative
    assert (
        sample.note
        == NOTE
        == "Dữ liệu minh hoạ, ranh giới gần đúng / Illustrative data, approximate boundaries"
    )
    assert all("Vùng Lõm" in given.provenance.publisher for given in sample.inputs)
    assert all(given.provenance.licence and given.provenance.citation for given in sample.inputs)
    require_unchanged(sample)


def test_is_small(sample: Workspace) -> None:
    size = sum(path.stat().st_size for path in (sample.root / "raw").rglob("*") if path.is_file())
    assert size <= 6_000_000


def test_first_list_is_the_newest(lists: dict[str, gpd.GeoDataFrame]) -> None:
    assert list(lists) == ["2026-04-commune", "2024-commune", "2024-district"]


@pytest.mark.parametrize(
    ("name", "count", "digits", "province"),
    [("2026-04-commune", 40, 5, "75"), ("2024-commune", 111, 5, "70"), ("2024-district", 11, 3, "70")],
)
def test_lists_are_whole(
    lists: dict[str, gpd.GeoDataFrame], name: str, count: int, digits: int, province: str
) -> None:
    units = lists[name]
    assert len(units) == count
    assert units["code"].map(type).eq(str).all()
    assert units["code"].str.fullmatch(rf"\d{{{digits}}}").all()
    assert units["code"].is_unique
    assert units["code"].is_monotonic_increasing
    assert set(units["province_code"]) == {province}
    assert units["name"].str.normalize("NFC").eq(units["name"]).all()
    assert units.crs == "EPSG:4326"


@pytest.mark.parametrize("name", ["2026-04-commune", "2024-commune", "2024-district"])
def test_borders_are_shared_exactly(lists: dict[str, gpd.GeoDataFrame], name: str) -> None:
    outlines = lists[name].geometry
    assert outlines.is_valid.all()
    assert set(outlines.geom_type) == {"Polygon"}
    assert shapely.coverage_is_valid(outlines.to_numpy())
    corners = shapely.get_coordinates(outlines.to_numpy())
    np.testing.assert_allclose(corners, corners.round(6), rtol=0, atol=1e-12)


def test_units_have_their_published_area(lists: dict[str, gpd.GeoDataFrame]) -> None:
    units = lists["2026-04-commune"]
    assert np.abs(geodesic_area_km2(units.geometry) / units["area_km2"] - 1).max() < 0.02


def test_reform_of_april_2026(lists: dict[str, gpd.GeoDataFrame]) -> None:
    units = lists["2026-04-commune"].set_index("code")
    assert units.loc[list(BECAME_PHUONG), "name"].tolist() == ["Lộc Ninh", "Tân Khai", "Đồng Phú"]
    assert units.loc[list(BECAME_PHUONG), "kind"].eq("phường").all()
    assert units["kind"].value_counts().to_dict() == {"xã": 29, "phường": 11}
    assert set(units["province_name"]) == {"Thành phố Đồng Nai"}


def test_look_alike_names_are_kept_apart(lists: dict[str, gpd.GeoDataFrame]) -> None:
    units = lists["2026-04-commune"].set_index("code")
    assert units.loc["25280", "name"] == "Lộc Thạnh"
    assert units.loc["25294", "name"] == "Lộc Thành"


def test_legacy_communes_nest_in_the_new_units(lists: dict[str, gpd.GeoDataFrame]) -> None:
    _same_outlines(lists["2024-commune"], "new_code", lists["2026-04-commune"])


def test_border_communes_are_those_that_the_drawn_border_reaches(lists: dict[str, gpd.GeoDataFrame]) -> None:
    """Facts and drawing agree on the list of 2026; a commune of 2024 is a rough part of its unit, and two lie off the edge."""
    drawn = shapely.transform(shapely.LineString(CAMBODIA_BORDER), to_plane_m)
    units, communes = (in_metres(lists[f"{name}-commune"]) for name in ("2026-04", "2024"))
    assert tuple(units.loc[units.distance(drawn) == 0, "code"]) == BORDER_UNITS
    reached = set(communes.loc[communes.distance(drawn) == 0, "code"])
    assert set(BORDER_COMMUNES) - reached == {"25315", "25321"}
    assert reached < set(BORDER_COMMUNES)
    parts = communes[communes["new_code"].isin(BORDER_UNITS) & (communes["kind"] == "xã")]
    assert tuple(parts["code"]) == BORDER_COMMUNES


def test_districts_are_their_communes(lists: dict[str, gpd.GeoDataFrame]) -> None:
    _same_outlines(lists["2024-commune"], "district_code", lists["2024-district"])


def test_four_new_units_cross_old_districts(lists: dict[str, gpd.GeoDataFrame]) -> None:
    parents = lists["2024-commune"].groupby("new_code")["district_code"].nunique()
    names = lists["2026-04-commune"].set_index("code")["name"]
    crossing = names.loc[parents.index[parents > 1]]
    assert set(crossing) == {"Phước Bình", "Bình Long", "Tân Tiến", "Tân Quan"}


def _same_outlines(parts: gpd.GeoDataFrame, column: str, whole: gpd.GeoDataFrame) -> None:
    assert set(parts[column]) == set(whole["code"])
    outlines = whole.set_index("code").geometry
    for code, rows in parts.groupby(column).indices.items():
        union = shapely.coverage_union_all(parts.geometry.to_numpy()[rows])
        assert shapely.normalize(union).equals(shapely.normalize(outlines.loc[code]))
        assert union.symmetric_difference(outlines.loc[code]).area == 0


def test_every_unit_has_a_profile(lists: dict[str, gpd.GeoDataFrame]) -> None:
    assert set(PROFILES) == set(lists["2026-04-commune"]["code"])


def test_coverage_is_whole_and_valid(sample: Workspace) -> None:
    claims = [given.options for given in sample.of_kind("coverage")]
    assert {(c["operator"], c["technology"]) for c in claims} == {
        (operator, technology) for operator in OPERATORS for technology in ("3G", "4G", "5G")
    }
    assert {(c["evidence"], c["as_of"]) for c in claims} == {("declared", "2026-09-30")}
    for given in sample.of_kind("coverage"):
        areas = gpd.read_file(sample.resolve(given.files[0]))
        assert len(areas)
        assert areas.is_valid.all()
        assert set(areas.geom_type) == {"Polygon"}


def test_tiles_are_in_the_published_schema(sample: Workspace) -> None:
    found = {(given.options["network"], given.options["quarter"]) for given in sample.of_kind("speed")}
    assert found == {(network, quarter) for network in ("mobile", "fixed") for quarter in QUARTERS}
    wanted = pa.schema(
        [("quadkey", pa.string()), ("tile", pa.string()), ("tile_x", pa.float64()), ("tile_y", pa.float64())]
        + [(name, pa.int64()) for name in ("avg_d_kbps", "avg_u_kbps", "avg_lat_ms")]
        + [(name, pa.int32()) for name in ("avg_lat_down_ms", "avg_lat_up_ms")]
        + [(name, pa.int64()) for name in ("tests", "devices")]
    )
    for given in sample.of_kind("speed"):
        assert pq.read_schema(sample.resolve(given.files[0])) == wanted


@pytest.mark.parametrize("place", [0, 5, 11])
def test_a_tile_is_where_its_quadkey_says(sample: Workspace, place: int) -> None:
    tiles = pd.read_parquet(sample.resolve(sample.of_kind("speed")[place].files[0]))
    assert tiles["quadkey"].str.fullmatch("[0-3]{16}").all()
    assert tiles["quadkey"].is_unique
    assert (tiles["devices"] >= 1).all()
    assert (tiles["tests"] >= tiles["devices"]).all()
    some = tiles.iloc[::97]
    bounds = np.array([_quadkey_bounds(quadkey) for quadkey in some["quadkey"]])
    np.testing.assert_allclose(shapely.bounds(shapely.from_wkt(some["tile"])), bounds, rtol=0, atol=1.1e-6)
    middles = (bounds[:, :2] + bounds[:, 2:]) / 2
    np.testing.assert_allclose(some[["tile_x", "tile_y"]].to_numpy(), middles, rtol=0, atol=1.1e-6)


def _quadkey_bounds(quadkey: str) -> tuple[float, float, float, float]:
    """West, south, east, north by halving the Web-Mercator square; independent of the code that wrote them."""
    west, south, size = -1.0, -1.0, 2.0
    for digit in quadkey:
        size /= 2
        west += size * (int(digit) % 2)
        south += size * (1 - int(digit) // 2)
    metres = np.array([[west, south], [west + size, south + size]]) * 20037508.342789244
    lonlat = gpd.GeoSeries(gpd.points_from_xy(*metres.T), crs=3857).to_crs(4326)
    return (lonlat.x[0], lonlat.y[0], lonlat.x[1], lonlat.y[1])


def test_population_grid(sample: Workspace) -> None:
    with rasterio.open(sample.resolve(sample.of_kind("population")[0].files[0])) as grid:
        people = grid.read(1)
        assert grid.crs.to_epsg() == 4326
        assert grid.dtypes == ("float32",)
        assert grid.nodata == -99999
        assert grid.res == pytest.approx((1 / 1200, 1 / 1200))
    known = people != -99999
    assert known.any()
    assert not known.all()
    assert people[known].min() == 0
    assert people[known].sum(dtype=float) == pytest.approx(1_100_000, rel=0.01)


def test_places(sample: Workspace, lists: dict[str, gpd.GeoDataFrame]) -> None:
    places = gpd.read_file(sample.resolve(sample.of_kind("places")[0].files[0]))
    counts = places["class"].value_counts().to_dict()
    assert counts["school"] == 150
    assert counts["clinic"] == 60
    assert 20 <= counts["town"] <= 25
    assert places["name"].is_unique
    units = lists["2026-04-commune"]
    assert places.sindex.query(units.geometry, predicate="contains").shape[1] == len(places)
    made_up = places.loc[places["class"] != "town", "name"]
    assert made_up.str.contains("mẫu").all()


def test_cell_sites_stand_in_their_operators_declared_coverage(
    sample: Workspace, lists: dict[str, gpd.GeoDataFrame]
) -> None:
    (given,) = sample.of_kind("sites")
    sites = pd.read_csv(sample.resolve(given.files[0]), dtype=str)
    assert sites["ict_id"].is_unique
    assert sites["note"].str.contains("minh hoạ").all()
    masts = sites.drop_duplicates(["operator_name", "lat", "lon"])
    assert 60 <= len(masts) <= 150
    points = gpd.GeoSeries(
        gpd.points_from_xy(sites["lon"].astype(float), sites["lat"].astype(float)), crs=4326
    )
    assert points.within(lists["2026-04-commune"].union_all()).all()
    for claim in sample.of_kind("coverage"):
        options = claim.options
        own = (sites["operator_name"] == options["operator"]) & (sites["radio_type"] == options["technology"])
        area = gpd.read_file(sample.resolve(claim.files[0])).union_all()
        assert points[own].within(area).all()


def test_own_indicators_name_every_unit_as_the_list_does(
    sample: Workspace, lists: dict[str, gpd.GeoDataFrame]
) -> None:
    *given, border = sample.of_kind("indicator")
    assert len(given) == 3
    older = pd.read_csv(sample.resolve(border.files[0]), dtype=str, encoding="utf-8-sig")
    names = lists["2024-commune"].set_index("code")["name"].to_dict()
    assert dict(zip(older["ma_xa"], older["ten_xa"], strict=True)) == names
    units = lists["2026-04-commune"].set_index("code")["name"].to_dict()
    for table in given:
        rows = pd.read_csv(sample.resolve(table.files[0]), dtype=str, encoding="utf-8-sig")
        assert dict(zip(rows["ma_xa"], rows["ten_xa"], strict=True)) == units
        assert rows["ghi_chu"].str.contains("minh hoạ").all()
        assert rows["ty_le_phan_tram"].isna().sum() == 1
        assert rows["ty_le_phan_tram"].dropna().astype(float).between(0, 100).all()


@needs_package
def test_wrong_centres_are_found_and_mended() -> None:
    legacy = make_outlines(read_units(), read_legacy(), read_old_to_new()).legacy.set_index("code")
    mended = legacy.loc[legacy["centre"] == "mended", "name"].to_dict()
    assert mended == {"25243": "Bình Tân", "25294": "Lộc Thành", "25363": "Tân Phú"}
    centres = gpd.GeoSeries(gpd.points_from_xy(legacy["x"], legacy["y"]), index=legacy.index, crs=PLANE)
    # edges waver after the centres are placed, by a few hundred metres
    assert legacy.geometry.to_crs(PLANE).distance(centres).max() < 500
    sources = (SAMPLE.parent / "SOURCES.md").read_text(encoding="utf-8")
    assert [code for code in legacy.index[legacy["centre"] != "published"] if code not in sources] == []


@needs_package
def test_is_made_again_byte_for_byte(sample: Workspace, tmp_path: Path) -> None:
    require_libraries()
    again = make_sample(tmp_path / "again")
    assert [given.as_dict() for given in again.inputs] == [given.as_dict() for given in sample.inputs]
    assert (again.root / "workspace.toml").read_bytes() == (sample.root / "workspace.toml").read_bytes()


def test_power_diagram_of_two_sites_is_split_by_the_weights() -> None:
    square = shapely.box(0, 0, 10, 10)
    sites = np.array([[2.0, 5.0], [8.0, 5.0]])
    even = power_diagram(sites, np.zeros(2), square)
    np.testing.assert_allclose(shapely.area(even.cells), [50, 50])
    np.testing.assert_allclose(even.shared_m, [10])
    # the border moves by (w1 - w2) / (2 · distance) = 12 / 12 = 1
    np.testing.assert_allclose(
        shapely.area(power_diagram(sites, np.array([12.0, 0]), square).cells), [60, 40]
    )


def test_weights_are_found_for_wanted_areas() -> None:
    square = shapely.box(0, 0, 10, 10)
    sites = np.array([[2.0, 2.0], [8.0, 2.0], [5.0, 8.0]])
    wanted = np.array([20.0, 30.0, 50.0])
    weights = fit_areas(sites, wanted, np.array([True, True, False]), square)
    np.testing.assert_allclose(shapely.area(power_diagram(sites, weights, square).cells), wanted, rtol=1e-5)


def test_areas_that_do_not_fit_are_refused() -> None:
    sites = np.array([[2.0, 5.0], [8.0, 5.0]])
    with pytest.raises(FitError, match="check sites and domain"):
        fit_areas(sites, np.array([150.0, 10.0]), np.array([True, False]), shapely.box(0, 0, 10, 10))


@pytest.fixture(scope="module")
def real_outlines() -> dict[str, Any]:
    wards = REAL / "vn2025" / "dong_nai" / "wards"
    if not wards.is_dir():
        pytest.skip("the real outlines are not beside the project (shared/real/vn2025)")
    frames = [gpd.read_file(path).to_crs(PLANE) for path in sorted(wards.glob("25*.geojson"))]
    real = pd.concat(frames, ignore_index=True)
    real["code"] = real["code"].astype(str)
    real = real[real["code"].between("25195", "25450")]
    return dict(zip(real["code"], shapely.make_valid(real.geometry.to_numpy()), strict=True))


@pytest.mark.real
def test_outline_is_near_the_real_one(
    lists: dict[str, gpd.GeoDataFrame], real_outlines: dict[str, Any]
) -> None:
    units = lists["2026-04-commune"].to_crs(PLANE)
    assert set(units["code"]) == set(real_outlines)
    assert _iou(units.geometry.union_all(), shapely.union_all(list(real_outlines.values()))) >= 0.90


@pytest.mark.real
def test_units_are_near_the_real_ones(
    lists: dict[str, gpd.GeoDataFrame], real_outlines: dict[str, Any]
) -> None:
    units = lists["2026-04-commune"].to_crs(PLANE).set_index("code").geometry
    assert np.median([_iou(units.loc[code], real_outlines[code]) for code in units.index]) >= 0.50


def _iou(one: Any, other: Any) -> float:
    return float(one.intersection(other).area / one.union(other).area)
