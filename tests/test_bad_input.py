"""Bad input, row by row: one message that names file, row or code, what was wanted and the mend; nothing is changed."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import VintageError
from geo.schema import require_vintage
from tests.files import (
    PEOPLE,
    SPEED_NAME,
    TILES,
    A,
    B,
    C,
    Files,
    claim,
    feature,
    run,
    snapshot,
    succeed,
    write_geojson,
    write_raster,
    write_tiles,
    write_units,
)
from tests.tiny import tile_key, tiles_box

Maker = Callable[[Path], Path]
SWAPPED = shapely.transform(C, lambda points: points[:, ::-1])
UNCUT = shapely.Polygon([(179, -17), (-179, -17), (-179, -16), (179, -16)])
BOW_TIE = shapely.Polygon(
    [(106, 11), (106.2, 11.2), (106.2, 11), (106, 11.2), (106, 11)]
)  # two halves that make_valid keeps, while the ring's signed area is 0
PROJECTED = shapely.box(540_000, 1_270_000, 560_000, 1_290_000)


def refuse(*arguments: object, status: int = 1, match: str, unchanged: Path) -> str:
    """A command that must end with one message and `status`, leaving every file under `unchanged` as it was."""
    before = snapshot(unchanged)
    result = run(*arguments)
    assert result.exit_code == status, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    message = "".join(line for line in result.stderr.splitlines(keepends=True) if not line.startswith("  …"))
    assert re.search(match, message, re.DOTALL), message
    assert snapshot(unchanged) == before
    assert not [path for path in unchanged.rglob("*") if path.name.endswith(".part")]
    return message


def raw(text: str, name: str = "bad.geojson") -> Maker:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text.encode("utf-8"))
        return path

    return make


def units(**shapes: Any) -> Maker:
    return lambda folder: write_units(folder / "bad.geojson", shapes)


def features(*rows: Any, **members: Any) -> Maker:
    return lambda folder: write_geojson(folder / "bad.geojson", rows, **members)


def named(code: Any, name: Any = "Tên", shape: Any = A) -> dict[str, Any]:
    return feature(shape, code=code, name=name)


def shapefile_without_prj(folder: Path) -> Path:
    frame = gpd.GeoDataFrame({"code": ["01"], "name": ["A"]}, geometry=[A], crs="EPSG:4326")
    (folder / "shp").mkdir()
    frame.to_file(folder / "shp" / "bad.shp")
    with zipfile.ZipFile(folder / "bad.zip", "w") as archive:
        for part in sorted((folder / "shp").glob("bad.*")):
            if part.suffix != ".prj":
                archive.write(part, part.name)
    return folder / "bad.zip"


def two_layers(folder: Path) -> Path:
    for layer in ("one", "two"):
        gpd.GeoDataFrame({"code": ["01"], "name": ["A"]}, geometry=[A], crs=4326).to_file(
            folder / "bad.gpkg", layer=layer
        )
    return folder / "bad.gpkg"


def no_geometry(folder: Path) -> Path:
    pd.DataFrame({"code": ["01"], "name": ["A"]}).to_parquet(folder / "bad.parquet")
    return folder / "bad.parquet"


OPEN_RING = {"type": "Polygon", "coordinates": [[[106, 11], [107, 11], [107, 12]]]}
TEXT_COORDINATE = {"type": "Point", "coordinates": ["106,5", 11]}
BEYOND = json.dumps({"features": [named("01")]}).replace("105.64453125", "1e999")
UNKNOWN_CRS = {"type": "name", "properties": {"name": "EPSG:999999"}}

BOUNDARIES: list[tuple[str, Maker, str]] = [
    ("missing code column", features(feature(A, ma="01", name="A")), r"bad\.geojson: no column code \(it has: ma, name\).*--code"),
    ("missing name column", features(feature(A, code="01", ten="A")), r"bad\.geojson: no column name \(it has: code, ten\).*--label"),
    ("points", features(named("01", shape=shapely.Point(106, 11))), r"bad\.geojson: row 1 is a Point .*wanted Polygon or MultiPolygon"),
    ("a line among polygons", features(named("01"), named("02", shape=shapely.LineString([(0, 0), (1, 1)]))), r"row 2 is a LineString \(1 such rows\)"),
    ("a collection", features(named("01", shape=shapely.GeometryCollection([A]))), r"row 1 is a GeometryCollection"),
    ("no geometry", features(named("01"), named("02", shape=None)), r"bad\.geojson: row 2 has no geometry .*draw it or delete"),
    ("empty polygon", features(named("01"), named("02", shape={"type": "Polygon", "coordinates": []})), r"row 2 has no geometry"),
    ("no CRS", shapefile_without_prj, r"bad\.zip: the file does not say which coordinate reference system.*EPSG:4326.*--crs"),
    ("empty file", raw(""), r"bad\.geojson: the file is empty; fetch or export it again"),
    ("no features", features(), r"bad\.geojson: the file holds no features"),
    ("not JSON", raw("<html>RATE_LIMITED</html>"), r"bad\.geojson: not valid GeoJSON text .*export it again"),
    ("cut off", raw('{"type": "FeatureCollection", "features": [{"type": "Fea'), r"bad\.geojson: not valid GeoJSON"),
    ("not UTF-8", lambda folder: _bytes(folder, "{\"a\": \"Đồng\"}".encode("utf-16")), r"bad\.geojson: not valid GeoJSON text.*UTF-8"),
    ("deeply nested", raw("[" * 100_000), r"bad\.geojson: not valid GeoJSON"),
    ("JSON of something else", raw("[1, 2]"), r"bad\.geojson: no list of features; wanted a GeoJSON FeatureCollection"),
    ("features of something else", features(5), r"feature 1 is not a GeoJSON feature"),
    ("null feature", features(named("01"), None), r"feature 2 is not a GeoJSON feature"),
    ("properties of something else", features({"type": "Feature", "properties": [1], "geometry": None}), r"feature 1 is not a GeoJSON feature"),
    ("NaN coordinate", raw('{"features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": [NaN, 1]}}]}'), r"NaN is not a JSON number"),
    ("Infinity in a property", raw('{"features": [{"properties": {"code": Infinity}, "geometry": null}]}'), r"Infinity is not a JSON number"),
    ("coordinate beyond any number", raw(BEYOND), r"bad\.geojson: .*cannot be read.*draw or export"),
    ("open ring", features(named("01", shape=OPEN_RING)), r"feature 1 has a geometry that cannot be read"),
    ("text for a coordinate", features(named("01", shape=TEXT_COORDINATE)), r"feature 1 has a geometry that cannot be read"),
    ("unknown geometry", features(named("01", shape={"type": "Circle", "coordinates": [1, 2]})), r"feature 1 has a geometry that cannot be read"),
    ("swapped latitude and longitude", features(named("01", shape=SWAPPED)), r"swapped: latitude and longitude are exchanged in row 1 .*--mend swapped"),
    ("projected coordinates without a crs", features(named("01", shape=PROJECTED)), r"missing_crs: .* row 1 \(first: 550000, .*--crs; .*EPSG:9212 \(106°15'"),
    ("a longitude without its decimal point", features(named("01"), named("02", shape=shapely.box(1068.0, 11, 1068.1, 11.1))), r"not longitude and latitude"),
    ("a crs member that is no name", features(named("01"), crs={"type": "link", "properties": {}}), r"crs member is not a plain name"),
    ("an unknown crs", features(named("01"), crs=UNKNOWN_CRS), r"its crs member names 'EPSG:999999'; wanted a number of EPSG"),
    ("duplicate codes", features(named("01"), named("02", shape=B), named("01", shape=C)),
     r"code '01' stands more than once \(bad\.geojson: row 1, bad\.geojson: row 3\).*merge or delete"),
    ("codes alike but for spaces", features(named("01"), named(" 01 ", shape=B)), r"code '01' stands more than once"),
    ("numbers for codes", features(named(1), named(2, shape=B)), r"bad\.geojson: row 1: column 'code' holds numbers \(for example 1\).*--code-width"),
    ("one number among the codes", features(named("01"), named(2, shape=B)), r"row 2: column 'code' holds numbers \(for example 2\)"),
    ("true for a code", features(named(True)), r"holds numbers"),
    ("no code", features(named("01"), named(None, shape=B)), r"bad\.geojson: row 2 has no code in column 'code' \(1 such rows\)"),
    ("blank code", features(named("  ")), r"row 1 has no code"),
    ("no name", features(named("01"), named("02", None, B)), r"row 2: unit '02' has no name"),
    ("blank name", features(named("01", " \t")), r"row 1: unit '01' has no name.*--label"),
    ("overlap", units(**{"01": A, "02": tiles_box(2, 0, 6, 4)}), r"bad\.geojson: units overlap.*01 and 02 share .*62\.5% of the smaller.*one level of"),
    ("the same outline twice", units(**{"01": A, "02": A}), r"01 and 02 have the same outline"),
    ("a unit inside another", units(**{"01": A, "02": tiles_box(1, 1, 2, 2)}), r"02 lies wholly in 01"),
    ("a province over its communes", units(**{"1": shapely.union_all([A, B, C]), "2": A, "3": B}), r"units overlap.*2 lies wholly in 1 .*3 lies wholly in 1 "),
    ("crossing itself", features(named("01", shape=BOW_TIE)), r"row 1 is not a valid polygon \(Self-intersection.*change its area"),
    ("across the 180° meridian uncut", features(named("01"), named("02", shape=UNCUT)),
     r"bad\.geojson: row 2 runs from longitude -179 to 179, more than half around the Earth.*-wrapdateline"),
    ("several layers", two_layers, r"bad\.gpkg: holds 2 layers \(one, two\); say which with --layer"),
    ("a table without geometry", no_geometry, r"bad\.parquet: not a GeoParquet file"),
    ("text in a parquet's clothes", raw("hello", "bad.parquet"), r"bad\.parquet: not a GeoParquet file"),
    ("text in a GeoPackage's clothes", raw("hello", "bad.gpkg"), r"bad\.gpkg: its content is not a GeoPackage"),
    ("text in a zip's clothes", raw("hello", "bad.zip"), r"bad\.zip: is not a whole zip archive"),
    ("another format", raw("code,name", "bad.csv"), r"bad\.csv: ending '\.csv' is not a vector format.*wanted one of \.geojson"),
]  # fmt: skip


def _bytes(folder: Path, content: bytes) -> Path:
    (folder / "bad.geojson").write_bytes(content)
    return folder / "bad.geojson"


@pytest.mark.parametrize(("make", "match"), [row[1:] for row in BOUNDARIES], ids=[row[0] for row in BOUNDARIES])  # fmt: skip
def test_boundaries(tmp_path: Path, make: Maker, match: str) -> None:
    file = make(tmp_path)
    arguments = ("--name", "x", "--boundaries", file, "--code", "code", "--label", "name")
    refuse("new", tmp_path / "ws", *arguments, match=match, unchanged=tmp_path)
    assert not (tmp_path / "ws").exists()


VIETNAMESE: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("four digits", {"5195": A}, [], r"row 1: code '5195' is not a commune code of vintage 2024 .*5 digits.*--code-width 5"),
    ("a district's code", {"693": A}, [], r"code '693' is not a commune code"),
    ("a commune's code as a district", {"25195": A}, ["--level", "district"], r"code '25195' is not a district code.*3 digits"),
    ("letters", {"2519A": A}, [], r"code '2519A' is not a commune code"),
    ("Arabic digits", {"٢٥١٩٥": A}, [], r"is not a commune code"),
    ("zeros restored to too few", {"519": A}, ["--code-width", "4"], r"code '0519' is not a commune code"),
    ("a width no code has", {"25195": A}, ["--code-width", "-5"], r"code_width is -5; wanted how many digits"),
]  # fmt: skip


@pytest.mark.parametrize(("shapes", "options", "match"), [r[1:] for r in VIETNAMESE], ids=[r[0] for r in VIETNAMESE])  # fmt: skip
def test_codes_of_vietnamese_lists(
    tmp_path: Path, shapes: dict[str, Any], options: list[str], match: str
) -> None:
    file = write_units(tmp_path / "u.geojson", shapes)
    arguments = (
        "--name",
        "x",
        "--boundaries",
        file,
        "--code",
        "code",
        "--label",
        "name",
        "--vintage",
        "2024",
    )
    refuse("new", tmp_path / "ws", *arguments, *options, match=match, unchanged=tmp_path)


def tiles(*rows: Any, name: str = SPEED_NAME, **columns: Any) -> Maker:
    def make(folder: Path) -> Path:
        path = write_tiles(folder / name, rows or TILES)
        if columns:
            pd.read_parquet(path).assign(**columns).to_parquet(path)
        return path

    return make


def without(column: str) -> Maker:
    def make(folder: Path) -> Path:
        path = write_tiles(folder / SPEED_NAME)
        pd.read_parquet(path).drop(columns=column).to_parquet(path)
        return path

    return make


FIXED = "2026-04-01_performance_fixed_tiles.parquet"
SPEED: list[tuple[str, Maker, list[str], str]] = [
    ("missing column", without("tests"), [], r"no column tests \(it has: quadkey, avg_d_kbps.*check that it is the right file"),
    ("no quarter", tiles(name="t.parquet"), [], r"t\.parquet: which quarter is it\?.*--quarter 2022Q3"),
    ("a quarter that is none", tiles(name="t.parquet"), ["--quarter", "2022-3"], r"which quarter is it"),
    ("quarter against the path", tiles(), ["--quarter", "2026Q3"], r"its path says quarter 2026Q2, but 2026Q3 was given; correct one"),
    ("network against the path", tiles(name=FIXED), [], r"its path says network fixed, but mobile was given"),
    ("empty file", raw("", SPEED_NAME), [], r"_tiles\.parquet: the file is empty; fetch or export it again"),
    ("no rows", lambda folder: write_tiles(folder / SPEED_NAME, []), [], r"the file holds no tiles"),
    ("an error page", raw("RATE_LIMITED", SPEED_NAME), [], r"not a parquet file .*wanted Ookla open data"),
    ("a zip that is none", raw("RATE_LIMITED", "2026-04-01_performance_mobile_tiles.zip"), [], r"is not a whole zip archive"),
    ("negative tests", tiles((*TILES[0][:4], -1, 1)), [], r"tests is .*-1.* in row 1 \(1 such rows\).*Wanted numbers of 0 or more"),
    ("negative speed", tiles((TILES[0][0], -5, *TILES[0][2:])), [], r"avg_d_kbps is .*-5.* in row 1 \(1 such rows\).*Wanted numbers of 0 or more"),
    ("infinite speed", tiles((TILES[0][0], np.inf, *TILES[0][2:])), [], r"avg_d_kbps is .*inf.* in row 1"),
    ("text for a speed", tiles(avg_d_kbps="12,5"), [], r"avg_d_kbps is '12,5' in row 1 \(3 such rows\)"),
    ("no speed", tiles(avg_d_kbps=np.nan), [], r"avg_d_kbps is .*nan.* in row 1"),
    ("quadkeys as numbers", tiles(quadkey=1322013201230123), [], r"tile 1322013201230123 stands in rows 1 and 2 \(3 such rows\)"),
    ("quadkeys that lost a zero", tiles(("132201320123012", *TILES[0][1:])), [], r"quadkey is '132201320123012' in row 1 .*wanted 16 digits of 0-3"),
    ("nothing there", lambda folder: folder / "none" / SPEED_NAME, [], r"no such file, and no file matches it"),
    ("a glob that matches nothing", lambda folder: folder / "*.nothing", [], r"\*\.nothing: no such file, and no file matches it.*quote a glob"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "options", "match"), [row[1:] for row in SPEED], ids=[row[0] for row in SPEED])  # fmt: skip
def test_speed(tmp_path: Path, squares: Path, make: Maker, options: list[str], match: str) -> None:
    file = make(tmp_path)
    refuse("add", squares, "speed", file, "--network", "mobile", *options, match=match, unchanged=squares)


def test_tiles_outside_every_unit(tmp_path: Path, squares: Path) -> None:
    file = write_tiles(tmp_path / SPEED_NAME, [(tile_key(99, 99), *TILES[0][1:])])
    succeed("add", squares, "speed", file, "--network", "mobile")
    match = r"none of the 1 speed tiles touches a unit of other-commune.*swapped.*tiles of this region"
    refuse("build", squares, match=match, unchanged=squares)


def test_tiles_of_one_quarter_in_two_files(tmp_path: Path, squares: Path, scene: Files) -> None:
    succeed("add", squares, "speed", scene.tiles, "--network", "mobile")
    other = write_tiles(tmp_path / "again.parquet", TILES[:2])
    match = rf"again\.parquet: 2 tiles of mobile 2026Q2 \(first {TILES[0][0]}\) stand in {SPEED_NAME} as well.*--replace"
    arguments = ("speed", other, "--network", "mobile", "--quarter", "2026Q2")
    refuse("add", squares, *arguments, match=match, unchanged=squares)
    succeed("add", squares, *arguments, "--replace")
    succeed("build", squares, "--quiet")


def test_tiles_of_one_quarter_in_two_files_of_one_add(tmp_path: Path, squares: Path) -> None:
    for place in ("a", "b"):
        write_tiles(tmp_path / f"{place}.parquet", [(*TILES[0][:5], ord(place))])
    match = r"b\.parquet: 1 tiles of mobile 2026Q2 .* stand in a\.parquet as well"
    arguments = ("speed", tmp_path / "?.parquet", "--network", "mobile", "--quarter", "2026Q2")
    refuse("add", squares, *arguments, match=match, unchanged=squares)


def test_a_tile_twice_in_one_file(tmp_path: Path, squares: Path) -> None:
    file = write_tiles(tmp_path / SPEED_NAME, [TILES[0], TILES[0]])
    match = rf"tile {TILES[0][0]} .*rows 1 and 2.*once"
    refuse("add", squares, "speed", file, "--network", "mobile", match=match, unchanged=squares)


def raster(cells: Any = (PEOPLE,), **options: Any) -> Maker:
    return lambda folder: write_raster(folder / "pop.tif", cells, **options)


WEST_HALF = tuple(tiles_box(0, 0, 8, 4).bounds)
ELSEWHERE = (10.0, 50.0, 11.0, 51.0)
POPULATION: list[tuple[str, Maker, str]] = [
    ("misses part of the region", raster(bounds=WEST_HALF),
     r"pop\.tif: misses part of 1 units \(up to 100\.0% of a unit's area\): 03.*covers every unit.*merge"),
    ("another region", raster(bounds=ELSEWHERE), r"covers longitude 10\.000 to 11\.000.*does not meet the units \(longitude 105\.6.*raster of this region"),
    ("degrees called metres", raster(crs="EPSG:32648"), r"pop\.tif: covers longitude 100\.5.*does not meet the units"),
    ("no CRS", raster(crs=None), r"pop\.tif: does not state its CRS; wanted one that does"),
    ("negative", raster([[-1, *PEOPLE[1:]]]), r"negative counts \(lowest -1\).*nodata"),
    ("all nodata", raster([[-99_999] * 12]), r"no figure at all inside the region"),
    ("all not a number", raster([[np.nan] * 12]), r"no figure at all inside the region"),
    ("infinite", raster([[np.inf, *PEOPLE[1:]]]), r"pop\.tif: .*infinite"),
    ("upside down", raster(bounds=tuple(np.array(tiles_box(0, 0, 12, 4).bounds)[[0, 3, 2, 1]])), r"upside down; wanted a north-up grid"),
    ("empty file", raw("", "pop.tif"), r"pop\.tif: the file is empty"),
    ("no raster", raw("II*\0", "pop.tif"), r"pop\.tif: cannot be read as GeoTIFF"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(("make", "match"), [row[1:] for row in POPULATION], ids=[row[0] for row in POPULATION])  # fmt: skip
def test_population(tmp_path: Path, squares: Path, make: Maker, match: str) -> None:
    refuse("add", squares, "population", make(tmp_path), match=match, unchanged=squares)


def test_a_second_population_raster(tmp_path: Path, squares: Path, scene: Files) -> None:
    succeed("add", squares, "population", scene.people)
    other = write_raster(tmp_path / "more.tif", [[1.0] * 12])
    match = r"more\.tif: the workspace has a population raster already \(people\.tif\).*--replace"
    refuse("add", squares, "population", other, match=match, unchanged=squares)
    succeed("add", squares, "population", other, "--replace")
    refuse(
        "add", squares, "population", other, scene.people, status=2, match=r"2 population rasters", unchanged=squares
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (raster([[np.nan] * 12]), r"pop\.tif: around the units the friction raster holds no cell"),
        (raster([[20.0] * 12]), r"pop\.tif: its middle cell takes 20 minutes per metre"),
        (raster([[0.01] * 12], crs="EPSG:32648"), r"pop\.tif: is in WGS 84 / UTM zone 48N; wanted longitude and latitude"),
        (raster([[0.01] * 12], bounds=ELSEWHERE), r"does not meet the units"),
        (raw("", "pop.tif"), r"pop\.tif: the file is empty"),
    ],
)  # fmt: skip
def test_friction(tmp_path: Path, squares: Path, make: Maker, match: str) -> None:
    refuse("add", squares, "friction", make(tmp_path), match=match, unchanged=squares)


def test_a_second_friction_raster(tmp_path: Path, squares: Path) -> None:
    first, other = (
        write_raster(tmp_path / f"{name}.tif", [[pace] * 12]) for name, pace in (("a", 0.01), ("b", 0.02))
    )
    succeed("add", squares, "friction", first)
    match = r"b\.tif: the workspace has a friction raster already \(a\.tif\), and a way would have two lengths.*--replace"
    refuse("add", squares, "friction", other, match=match, unchanged=squares)
    succeed("add", squares, "friction", other, "--replace")
    refuse("add", squares, "friction", first, other, status=2, match=r"2 friction rasters", unchanged=squares)


COVERAGE: list[tuple[str, list[str], int, str]] = [
    ("unknown technology", claim(technology="6G"), 2, r"'6G' is not one of.*5G"),
    ("lower-case technology", claim(technology="4g"), 2, r"'4g' is not one of"),
    ("unknown evidence", [*claim(), "--evidence", "rumour"], 2, r"'rumour' is not one of.*declared"),
    ("no operator", claim()[2:], 2, r"add … coverage needs --operator"),
    ("blank operator", claim("  "), 1, r"no operator given; say whose coverage it is with --operator"),
    ("a date that is none", [*claim(), "--as-of", "2026-09-31"], 1, r"the date is '2026-09-31'; wanted the day it holds for, as --as-of 2026-09-30"),
    ("a date of another style", [*claim(), "--as-of", "20260930"], 1, r"the date is '20260930'"),
    ("nothing said", [], 2, r"--operator, --technology, --evidence, --as-of"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "status", "match"), [row[1:] for row in COVERAGE], ids=[row[0] for row in COVERAGE])  # fmt: skip
def test_coverage_options(squares: Path, scene: Files, options: list[str], status: int, match: str) -> None:
    refuse("add", squares, "coverage", scene.viettel, *options, status=status, match=match, unchanged=squares)


def test_coverage_of_points(tmp_path: Path, squares: Path) -> None:
    file = write_geojson(tmp_path / "sites.geojson", [feature(shapely.Point(106, 11))])
    match = r"sites\.geojson: row 1 is a Point .*wanted Polygon or MultiPolygon"
    refuse("add", squares, "coverage", file, *claim(), match=match, unchanged=squares)


PLACES: list[tuple[str, Any, str]] = [
    ("polygons", feature(A, name="x", **{"class": "town"}), r"row 1 is not a point .*one Point per place"),
    ("no class column", feature(A.centroid, name="x", kind="town"), r"no column class \(it has: name, kind\).*--class"),
    ("no name column", feature(A.centroid, ten="x", **{"class": "town"}), r"no column name .*--label"),
    ("unknown class", feature(A.centroid, name="x", **{"class": "bar"}), r"row 1 is of class 'bar' .*wanted one of town, school, clinic, office"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "match"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_places(tmp_path: Path, squares: Path, row: Any, match: str) -> None:
    file = write_geojson(tmp_path / "places.geojson", [row])
    refuse("add", squares, "places", file, match=match, unchanged=squares)


def test_the_same_list_of_units_twice(tmp_path: Path, squares: Path) -> None:
    other = write_units(tmp_path / "other.geojson", {"09": A})
    arguments = ("boundaries", other, "--code", "code", "--label", "name")
    match = r"other\.geojson: the workspace has units of vintage and level other-commune already \(from units\.geojson\).*--vintage"
    refuse("add", squares, *arguments, match=match, unchanged=squares)
    succeed("add", squares, *arguments, "--level", "district")


def test_tables_of_two_vintages_are_not_joined() -> None:
    old, new = (pd.DataFrame({"unit_code": ["26740"], "vintage": [v]}) for v in ("2024", "2025-07"))
    match = r"the units is of vintage 2024 and the schools of vintage 2025-07: .*cannot be joined on code"
    with pytest.raises(VintageError, match=match):
        require_vintage(old, new, names=("the units", "the schools"))
    with pytest.raises(VintageError, match="2024, 2025-07"):
        require_vintage(old, pd.concat([old, new]), names=("the units", "the schools"))


BAD_RULES = (
    "[rules]\nmin_devices = -1\nspeed = 3\n[rules.goals.4g]\ngoal = inf\nworst = 2\n[rules.goals.6g]\n"
)
CONFIGS: list[tuple[str, Callable[[str], str], str]] = [
    ("broken TOML", lambda text: text + "\n[[inputs", r"workspace\.toml: cannot be read as TOML .*mend the line"),
    ("another format", lambda text: text.replace("format = 1", "format = 9"), r"format is 9, this version reads format 1"),
    ("no name", lambda text: text.replace('name = "Ba ô"', ""), r"wanted name"),
    ("unknown kind", lambda text: text.replace('kind = "boundaries"', 'kind = "towers"'), r"\[\[inputs\]\] number 1: kind is 'towers', wanted one of bound"),
    ("a path out of raw", lambda text: text.replace("raw/boundaries/", "raw/../../"),
     r"number 1: file path 'raw/\.\./\.\./.*leads outside the workspace's raw folder"),
    ("an absolute path", lambda text: text.replace("raw/boundaries/", "/etc/"), r"leads outside"),
    ("a Windows path out of raw", lambda text: text.replace("raw/boundaries/", r"raw/..\\..\\"), r"leads outside"),
    ("files of something else", lambda text: text.split("[[inputs.files]]")[0].replace("[[inputs]]", "[[inputs]]\nfiles = [3]"),
     r"wanted files with path and sha256"),
    ("unknown vintage", lambda text: text.replace('vintage = "other"', 'vintage = "1999"'), r"vintage is '1999'; wanted one of 2024"),
    ("text for a width", lambda text: text.replace('label = "name"', 'label = "name"\ncode_width = "five"'), r"code_width is 'five'"),
    ("rules of something else", lambda text: text.replace("[rules]", "[rulez]").replace("format = 1", "format = 1\nrules = 3"),
     r"\[rules\]: is 3, wanted a table"),
    ("text for yes or no", lambda text: text.replace("illustrative = false", 'illustrative = "no"'), r"illustrative = true or false"),
    ("several bad rules", lambda text: text.replace("[rules]", BAD_RULES),
     r"unknown setting 'speed'.*min_devices is -1.*unknown dimension '6g'.*goals\.4g\.goal is inf, wanted a number.*worst \(2\.0\) must be below"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "match"), [row[1:] for row in CONFIGS], ids=[row[0] for row in CONFIGS])
def test_workspace_toml(squares: Path, change: Callable[[str], str], match: str) -> None:
    config = squares / "workspace.toml"
    text = config.read_text(encoding="utf-8")
    assert change(text) != text
    config.write_text(change(text), encoding="utf-8")
    refuse("build", squares, match=match, unchanged=squares)


ALL = ("4g", "5g", "mobile", "fixed", "choice")


@pytest.mark.parametrize(
    ("rules", "match"),
    [
        ("".join(f"[rules.goals.{n}]\nweight = 0\n" for n in ALL), r"weights sum to zero"),
        (
            "[rules.goals.mobile]\nworst = 50\n",
            r"goals\.mobile: worst \(50\.0\) must be below goal \(40\.0\)",
        ),
        (
            "[rules.goals.mobile]\nworst = 40\n",
            r"goals\.mobile: worst \(40\.0\) must be below goal \(40\.0\)",
        ),
    ],
    ids=["weights that sum to zero", "goalposts out of order", "goalposts alike"],
)
def test_rules_that_cannot_be_built_with(squares: Path, rules: str, match: str) -> None:
    config = squares / "workspace.toml"
    text = config.read_text(encoding="utf-8").replace("[rules]\n", rules)
    config.write_text(text, encoding="utf-8")
    refuse("build", squares, match=match, unchanged=squares)


@pytest.mark.parametrize("command", [["build"], ["add"], ["serve"]])
def test_a_folder_without_workspace_toml(tmp_path: Path, scene: Files, command: list[str]) -> None:
    arguments = [tmp_path] if command != ["add"] else [tmp_path, "population", scene.people]
    match = r"no workspace\.toml here, so this is not a workspace.*vunglom new"
    refuse(*command, *arguments, match=match, unchanged=tmp_path)


@pytest.mark.parametrize("command", ["gaps", "export"])
def test_results_asked_for_before_a_build(squares: Path, tmp_path: Path, command: str) -> None:
    more = (
        ("--layer", "communes", "--format", "csv", "--out", tmp_path / "out.csv")
        if command == "export"
        else ()
    )
    refuse(command, squares, *more, match=r"not built yet; run `vunglom build", unchanged=tmp_path)


def test_a_raw_file_that_was_changed_or_is_gone(full: Path) -> None:
    succeed("build", full, "--quiet")
    people, town = next((full / "raw" / "population").iterdir()), next((full / "raw" / "places").iterdir())
    people.write_bytes(people.read_bytes() + b"x")
    town.unlink()
    match = rf"{people.name} was changed after it was added; raw/places/{town.name} is gone.*vunglom add"
    refuse("build", full, match=match, unchanged=full)


def test_new_into_a_folder_that_is_not_empty(tmp_path: Path, scene: Files) -> None:
    arguments = ("--name", "x", "--boundaries", scene.units, "--code", "code", "--label", "name")
    match = r"is there already and not empty; choose a new folder"
    refuse("new", tmp_path / "scene", *arguments, match=match, unchanged=tmp_path)
    refuse("new", scene.units, *arguments, match=match, unchanged=tmp_path)


def test_an_export_that_cannot_be_written(full: Path, tmp_path: Path) -> None:
    succeed("build", full, "--quiet")
    arguments = ("--layer", "communes", "--format", "csv", "--out", tmp_path / "none" / "deep" / "out.csv")
    result = run("export", full, *arguments)
    assert (result.exit_code == 0) == (tmp_path / "none" / "deep" / "out.csv").is_file()


def test_a_fault_as_json(tmp_path: Path) -> None:
    result = run("build", tmp_path, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stderr)["kind"] == "WorkspaceError"
