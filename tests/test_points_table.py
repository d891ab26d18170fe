"""Tables with coordinates as places: CSV, XLSX and parquet, columns by any of their names, through `add` into a build."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import InputError
from geo.mends import parse_mends
from geo.points_table import is_table, read_points_table
from geo.results import read_built
from geo.table_write import write_table
from geo.workspace import load_workspace
from tests.files import run, snapshot, succeed, write_units
from tests.tiny import X, Y, latitude, longitude

TOWN = (round(longitude(X + 11.5), 6), round(latitude(Y + 1.5), 6))
SCHOOL = (round(longitude(X + 1.5), 6), round(latitude(Y + 1.5), 6))
TABLE = pd.DataFrame(
    {
        "Tên": ["Chợ Lộc", "Trường"],
        "class": ["town", "school"],
        "Vĩ độ": [TOWN[1], SCHOOL[1]],
        "Kinh độ": [TOWN[0], SCHOOL[0]],
    }
)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_every_format_gives_the_same_points(tmp_path: Path, suffix: str) -> None:
    write_table(tmp_path / f"a{suffix}", TABLE)
    points, findings = read_points_table(tmp_path / f"a{suffix}")
    assert findings == []
    assert points[["Tên", "class", "file_row"]].to_numpy().tolist() == [
        ["Chợ Lộc", "town", 1],
        ["Trường", "school", 2],
    ]
    assert [point.coords[0] for point in points.geometry] == [TOWN, SCHOOL]
    assert points.crs.to_epsg() == 4326


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("lat", "lon"), ("LATITUDE", "Longitude"), ("Lat", "lng"), ("vi do", "kinh do"), ("Vĩ độ", "Kinh độ"),
        ("VĨ ĐỘ", "KINH ĐỘ"), ("vi_do", "kinh_do"), ("y", "x"), ("lat", "long"),
    ],
)  # fmt: skip
def test_columns_are_found_by_any_of_their_names(tmp_path: Path, lat: str, lon: str) -> None:
    (tmp_path / "a.csv").write_text(f"{lat},name,{lon}\n11.5,a,106.9\n", encoding="utf-8")
    points, _ = read_points_table(tmp_path / "a.csv")
    assert points.geometry.iloc[0].coords[0] == (106.9, 11.5)
    assert list(points.columns) == ["name", "file_row", "geometry"]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("name,lon\na,106\n", r"no column one called lat, latitude, vi do, .*it has name, lon.*--lat-column"),
        ("lat,Lat,lon\n1,2,3\n", r"columns lat, Lat may all be it.*--lat-column"),
        (
            "lat,lon,n\n11,106,a\n,106,b\n\n11,,c\n",
            r"no coordinates in rows 2, 4 \(first: lon '106', lat ''\)",
        ),
        (
            "lat,lon\n11,106\nN 11,106\n",
            r"coordinates that are no numbers in row 2 \(first: lon '106', lat 'N 11'\)",
        ),
        ("lat,lon\n11,1e9\n", r"beyond 180 and 90 degrees in row 1"),
        ("lat,lon\n11,nan\n", r"no numbers in row 1"),
        ("lat,lon\n91,181\n", r"beyond 180 and 90"),
        ("lat,lon\n", r"no rows below the header"),
    ],
)
def test_tables_that_hold_no_points(tmp_path: Path, text: str, match: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        read_points_table(tmp_path / "a.csv")


def test_columns_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lat,lon,north,east\n1,2,11.5,106.9\n", encoding="utf-8")
    points, _ = read_points_table(tmp_path / "a.csv", lat="north", lon="east")
    assert points.geometry.iloc[0].coords[0] == (106.9, 11.5)
    with pytest.raises(
        InputError, match=r"no column nord; it has lat, lon, north, east: name it with --lat-column"
    ):
        read_points_table(tmp_path / "a.csv", lat="nord")


def test_column_names_in_the_wrong_encoding_are_told(tmp_path: Path) -> None:
    header = "Tên,vĩ độ,kinh độ".encode().decode("cp1252", "replace")
    (tmp_path / "a.csv").write_text(header.replace("�", "") + "\na,11.5,106.9\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no column one called lat|mojibake: .* \(column names\)"):
        read_points_table(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("TÃªn,lat,lon\na,11.5,106.9\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"mojibake: .* \(column names\) in the file \(first: 'TÃªn' for 'Tên'\)"
    ):
        read_points_table(tmp_path / "b.csv")
    points, (finding,) = read_points_table(tmp_path / "b.csv", mends=parse_mends("mojibake"))
    assert (next(iter(points.columns)), finding.row) == ("Tên", 0)


def test_a_parquet_with_outlines_is_no_table(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 2)], crs=4326).to_parquet(tmp_path / "g.parquet")
    TABLE.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "x.parquet").write_bytes(b"x")
    named = {
        name: is_table(tmp_path / name)
        for name in ("g.parquet", "t.parquet", "x.parquet", "a.geojson", "a.CSV")
    }
    assert named == {
        "g.parquet": False,
        "t.parquet": True,
        "x.parquet": False,
        "a.geojson": False,
        "a.CSV": True,
    }


# ---- the command


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_add_places_from_a_table(squares: Path, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"điểm{suffix}"
    write_table(file, TABLE)
    succeed("add", squares, "places", file, "--label", "Tên")
    succeed("build", squares)
    places = read_built(squares).places
    assert places is not None
    assert places[["name", "class"]].to_numpy().tolist() == [["Chợ Lộc", "town"], ["Trường", "school"]]
    assert [point.coords[0] for point in places.geometry] == [TOWN, SCHOOL]


def test_add_places_with_options_and_mends_builds_the_same_again(squares: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    text = f"ten;loai;bac;dong\nChợ;town;{TOWN[0]};{TOWN[1]}\n".replace(".", ",")
    file.write_text(text, encoding="utf-8")
    options = ("--label", "ten", "--class", "loai", "--lat-column", "bac", "--lon-column", "dong")
    before = snapshot(squares)
    refused = run("add", squares, "places", file, *options)
    assert refused.exit_code == 1
    assert "--mend decimal_comma --mend swapped" in refused.stderr
    assert snapshot(squares) == before
    succeed("add", squares, "places", file, *options, "--mend", "swapped", "--mend", "decimal_comma")
    (given,) = load_workspace(squares).of_kind("places")
    assert given.options == {
        "label": "ten", "class": "loai", "lat": "bac", "lon": "dong", "mend": "decimal_comma,swapped"
    }  # fmt: skip
    tables = []
    for _ in range(2):
        succeed("build", squares)
        built = read_built(squares)
        assert built.places is not None
        assert built.places.geometry.iloc[0].coords[0] == TOWN
        assert {entry["code"] for entry in built.quality} >= {
            "separator",
            "mended_decimal_comma",
            "mended_swapped",
        }
        tables.append(built.manifest["tables"])
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ("x,town,1\n", r"data row 1 has 3 cells, the header 4"),
        ("x,bar,15,105.6\n", r"row 1 is of class 'bar' .*wanted one of town, school, clinic"),
        ("x,town,,\n", r"no coordinates in row 1"),
    ],
)
def test_places_at_fault_are_named_and_nothing_is_added(
    squares: Path, tmp_path: Path, row: str, match: str
) -> None:
    file, before = tmp_path / "a.csv", snapshot(squares)
    file.write_text("name,class,lat,lon\n" + row, encoding="utf-8")
    result = run("add", squares, "places", file)
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert pd.Series([result.stderr]).str.contains(match).all(), result.stderr
    assert snapshot(squares) == before


def test_an_unknown_mend_is_a_call_at_fault(squares: Path, tmp_path: Path) -> None:
    write_table(tmp_path / "a.csv", TABLE)
    assert run("add", squares, "places", tmp_path / "a.csv", "--mend", "everything").exit_code == 2


def _swapped(shape: Any) -> Any:
    return shapely.transform(shape, lambda points: points[:, ::-1])


def test_boundaries_and_coverage_with_exchanged_axes(tmp_path: Path, scene: Any) -> None:
    shapes = gpd.read_file(scene.units).set_index("code").geometry
    turned = write_units(
        tmp_path / "turned.geojson", {code: _swapped(shape) for code, shape in shapes.items()}
    )
    arguments = ("--name", "x", "--boundaries", turned, "--code", "code", "--label", "name")
    refused = run("new", tmp_path / "ws", *arguments)
    assert refused.exit_code == 1
    assert "swapped: latitude and longitude are exchanged in rows 1, 2, 3" in refused.stderr
    assert not (tmp_path / "ws").exists()
    succeed("new", tmp_path / "ws", *arguments, "--mend", "swapped")
    claim = ("--operator", "Viettel", "--technology", "4G", "--evidence", "declared", "--as-of", "2026-09-30")
    cover = write_units(tmp_path / "cover.geojson", {"01": _swapped(shapes["01"])})
    assert run("add", tmp_path / "ws", "coverage", cover, *claim).exit_code == 1
    succeed("add", tmp_path / "ws", "coverage", cover, *claim, "--mend", "swapped")
    succeed("build", tmp_path / "ws")
    built = read_built(tmp_path / "ws")
    assert built.primary.result["4g_covered_area_share"].tolist() == pytest.approx([1, 0, 0], abs=1e-9)
    assert [entry["row"] for entry in built.quality if entry["code"] == "mended_swapped"] == [1, 1, 2, 3]


def test_geojson_in_metres_comes_in_with_its_crs(tmp_path: Path, scene: Any) -> None:
    metres = gpd.read_file(scene.units).to_crs(9210)
    file = write_units(tmp_path / "metres.geojson", dict(zip(metres["code"], metres.geometry, strict=True)))
    arguments = ("--name", "x", "--boundaries", file, "--code", "code", "--label", "name")
    assert "missing_crs" in run("new", tmp_path / "ws", *arguments).stderr
    succeed("new", tmp_path / "ws", *arguments, "--crs", "EPSG:9210")
    assert load_workspace(tmp_path / "ws").inputs[0].options["crs"] == "EPSG:9210"
    again = run(
        "new",
        tmp_path / "other",
        *arguments[:2],
        "--boundaries",
        scene.units,
        *arguments[4:],
        "--crs",
        "EPSG:9210",
    )
    assert "EPSG:9210 is in metres, but the coordinates are degrees" in again.stderr
