"""Real data, beside the project: Đồng Nai's 95 commune files, and all of Puerto Rico as the manual's commands run it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.results import Built, read_built
from geo.tiles import tile_bounds
from tests.files import claim, feature, succeed, write_geojson, write_tiles
from tests.tiny import quadkey

pytestmark = pytest.mark.real

OFF = {"25308": -0.011, "26122": -0.018, "26134": 0.019, "26311": 0.073, "26326": -0.060}
"""Units whose published outline is more than 1 % off their declared area."""


def _tiles_over(bounds: tuple[float, ...], step: int) -> list[str]:
    """Quadkeys of every `step`-th zoom-16 tile, each way, of a box in degrees."""
    west, south, east, north = bounds
    xs = (np.array([west, east]) + 180) / 360 * 2**16
    ys = (1 - np.arcsinh(np.tan(np.radians([north, south]))) / np.pi) / 2 * 2**16
    return [
        quadkey(x, y)
        for x in range(int(xs[0]), int(xs[1]) + 1, step)
        for y in range(int(ys[0]), int(ys[1]) + 1, step)
    ]


@pytest.fixture(scope="module")
def dong_nai(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("dong_nai")
    root, wards = folder / "ws", real / "vn2025" / "dong_nai" / "wards"
    columns = ("--code", "code", "--label", "fullName", "--declared-area", "areaKm2", "--vintage", "2025-07")
    succeed("new", root, "--name", "Đồng Nai", "--boundaries", wards, *columns)
    keys = _tiles_over((106.2, 10.5, 107.7, 12.4), 5)
    rng = np.random.default_rng(7)
    rows = [
        (key, int(s), int(s) // 4, 30, 5, 4)
        for key, s in zip(keys, rng.integers(2_000, 150_000, len(keys)), strict=True)
    ]
    tiles = write_tiles(folder / "2026-07-01_performance_mobile_tiles.parquet", rows)
    succeed("add", root, "speed", tiles, "--network", "mobile")
    masts = rng.uniform((106.4, 10.6), (107.5, 12.2), (60, 2))
    discs = write_geojson(
        folder / "discs.geojson", [feature(shapely.Point(mast).buffer(0.08)) for mast in masts]
    )
    succeed("add", root, "coverage", discs, *claim("Viettel"))
    succeed("build", root, "--quiet")
    return read_built(root)


def test_dong_nai_has_95_units_of_three_kinds_with_text_codes(dong_nai: Built) -> None:
    rows = dong_nai.primary.result
    assert len(rows) == 95
    assert dong_nai.primary.id == "2025-07-commune"
    assert rows["unit_code"].str.fullmatch(r"\d{5}").all()
    assert set(rows["kind"]) == {"xã", "phường"}
    assert not rows["name"].str.match(r"(?i)(xã|phường) ").any()
    assert rows.set_index("unit_code")["name"]["25195"] == "Bình Phước"


def test_dong_nai_areas_are_within_1_percent_of_the_declared_ones_but_for_five(
    real: Path, dong_nai: Built
) -> None:
    declared = {}
    for file in (real / "vn2025" / "dong_nai" / "wards").iterdir():
        known = json.loads(file.read_text(encoding="utf-8"))["features"][0]["properties"]
        declared[known["code"]] = known["areaKm2"]
    measured = dong_nai.primary.result.set_index("unit_code")["area_km2"]
    difference = measured / pd.Series(declared).reindex(measured.index) - 1
    assert difference[difference.abs() > 0.01].to_dict() == pytest.approx(OFF, abs=0.0006)
    assert measured[(measured.index >= "25195") & (measured.index <= "25450")].sum() == pytest.approx(
        6867, abs=7
    )
    found = [row for row in dong_nai.quality if row["code"] == "declared_area"]
    assert {row["unit"] for row in found} == set(OFF)
    assert any("Gia Kiệm" in row["message"] and "+7.3%" in row["message"] for row in found)


def test_dong_nai_from_a_glob_is_the_same(real: Path, dong_nai: Built, tmp_path: Path) -> None:
    glob = real / "vn2025" / "dong_nai" / "wards" / "*.geojson"
    columns = ("--code", "code", "--label", "fullName", "--vintage", "2025-07")
    said = json.loads(
        succeed("new", tmp_path / "ws", "--name", "x", "--boundaries", glob, *columns, "--json")
    )
    assert said["units"] == len(dong_nai.primary.result)


def test_dong_nai_conserves_tests_and_every_figure_is_there(dong_nai: Built) -> None:
    rows = dong_nai.primary.result
    audit = next(row["message"] for row in dong_nai.quality if row["code"] == "audit_tests")
    assert f"{rows['mobile_tests'].sum():,.1f} of " in audit
    assert rows["mobile_tests"].gt(0).all()
    assert rows["4g_covered_area_share"].between(0, 1).all()
    assert rows["4g_covered_area_share"].nunique() > 50
    assert rows["verdict"].isin(["gap", "unknown", "watch", "served"]).all()
    assert rows["town_distance_km"].notna().all()


@pytest.fixture(scope="module")
def puerto_rico(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("puerto_rico") / "ws"
    municipios = real / "puerto_rico" / "municipios.geojson"
    succeed(
        "new", root, "--name", "Puerto Rico", "--boundaries", municipios, "--code", "fips", "--label", "NAME"
    )
    tiles = real / "ookla" / "parquet" / "performance" / "type=mobile" / "**" / "*.parquet"
    succeed("add", root, "speed", tiles, "--network", "mobile")
    summary = succeed("build", root)
    assert "other-commune: 78 units: " in summary
    assert "Furthest behind" in summary
    return root


@pytest.fixture(scope="module")
def tiles(real: Path) -> pd.DataFrame:
    """All real mobile tiles with their quarter, their box, and the one municipio they lie wholly in, if any."""
    frames = []
    for file in sorted((real / "ookla" / "parquet" / "performance" / "type=mobile").rglob("*.parquet")):
        frame = pd.read_parquet(file, columns=["quadkey", "avg_d_kbps", "tests"], partitioning=None)
        frames.append(frame.assign(quarter=f"{file.name[:4]}Q{(int(file.name[5:7]) + 2) // 3}"))
    found = pd.concat(frames, ignore_index=True)
    units = gpd.read_file(real / "puerto_rico" / "municipios.geojson")
    keys = found["quadkey"].unique()
    boxes = gpd.GeoDataFrame(
        {"quadkey": keys}, geometry=shapely.box(*tile_bounds(list(keys)).T), crs=units.crs
    )
    inside = boxes.sjoin(units[["fips", "geometry"]], predicate="within").set_index("quadkey")["fips"]
    touching = boxes.sjoin(units[["geometry"]], predicate="intersects")
    outlines = units.geometry[touching["index_right"]].to_numpy()
    squares = touching.geometry.to_numpy()
    part = shapely.area(shapely.intersection(squares, outlines)) / shapely.area(squares)
    share = pd.Series(part).groupby(touching["quadkey"].to_numpy()).sum()
    return found.assign(inside=found["quadkey"].map(inside), share=found["quadkey"].map(share).fillna(0.0))


def test_puerto_rico_has_78_municipios_and_20_quarters(puerto_rico: Path) -> None:
    built = read_built(puerto_rico)
    rows = built.primary.result
    assert len(rows) == 78
    assert rows["unit_code"].str.fullmatch(r"72\d{3}").all()
    assert rows["name"].str.contains("ñ").any()
    assert built.primary.speed["quarter"].nunique() == 20
    assert len(built.primary.speed) == 78 * 20
    assert rows["mobile_quarters"].max() == 4
    assert rows["mobile_trend_mbps_per_year"].notna().sum() > 70
    assert {entry["publisher"] for entry in built.manifest["inputs"] if entry["kind"] == "speed"} == {"Ookla"}


def test_puerto_rico_conserves_the_tests_of_every_quarter(puerto_rico: Path, tiles: pd.DataFrame) -> None:
    speed = read_built(puerto_rico).primary.speed
    wanted = (tiles["tests"] * tiles["share"]).groupby(tiles["quarter"]).sum()
    found = speed.groupby("quarter")["tests"].sum()
    # shares of area: here in degrees, there equal-area, which differ by 1e-6 over a tile
    pd.testing.assert_series_equal(found, wanted, check_names=False, check_dtype=False, rtol=1e-6)


def test_a_unit_whose_tiles_are_all_interior_has_their_plain_weighted_mean(
    puerto_rico: Path, tiles: pd.DataFrame, tmp_path: Path
) -> None:
    municipios = puerto_rico / "raw" / "boundaries"
    root = tmp_path / "ws"
    columns = ("--code", "fips", "--label", "NAME")
    succeed("new", root, "--name", "x", "--boundaries", next(municipios.iterdir()), *columns)
    quarter = tiles[tiles["inside"].notna() & (tiles["quarter"] == "2023Q4")]
    rows = [(row.quadkey, row.avg_d_kbps, 1, 1, row.tests, row.tests) for row in quarter.itertuples()]
    file = write_tiles(tmp_path / "2023-10-01_performance_mobile_tiles.parquet", rows)
    succeed("add", root, "speed", file, "--network", "mobile")
    succeed("build", root, "--quiet")
    found = read_built(root).primary.result.set_index("unit_code")
    sums = (
        quarter.assign(product=quarter["avg_d_kbps"] * quarter["tests"])
        .groupby("inside")[["product", "tests"]]
        .sum()
    )
    assert len(sums) > 70
    assert found["mobile_download_raw_mbps"][sums.index].to_numpy() == pytest.approx(
        (sums["product"] / sums["tests"] / 1000).to_numpy(), rel=1e-12
    )
    assert found["mobile_tests"][sums.index].to_numpy() == pytest.approx(sums["tests"].to_numpy(), rel=1e-12)


def test_puerto_rico_gaps_in_each_format(puerto_rico: Path) -> None:
    assert "Furthest behind (other-commune)" in succeed("gaps", puerto_rico, "--top", 20)
    rows = list(csv.DictReader(io.StringIO(succeed("gaps", puerto_rico, "--top", 20, "--format", "csv"))))
    found: dict[str, Any] = json.loads(succeed("gaps", puerto_rico, "--top", 20, "--format", "json"))
    assert [row["unit_code"] for row in rows] == [unit["unit_code"] for unit in found["units"]]
    assert len(rows) == 20
    assert [int(row["rank"]) for row in rows] == sorted(int(row["rank"]) for row in rows)


@pytest.mark.parametrize("form", ["geojson", "gpkg", "csv", "parquet"])
def test_puerto_rico_exports(puerto_rico: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"communes.{form}"
    said = json.loads(
        succeed("export", puerto_rico, "--layer", "communes", "--format", form, "--out", out, "--json")
    )
    assert said["rows"] == 78
    readers: dict[str, Any] = {"parquet": gpd.read_parquet, "csv": lambda path: pd.read_csv(path, dtype=str)}
    frame = readers.get(form, gpd.read_file)(out)
    assert frame["unit_code"].str.fullmatch(r"72\d{3}").all()
