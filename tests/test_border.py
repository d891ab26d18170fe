"""Which units lie at a border: squares whose sides are counted by eye, cells of a diagram, files of many hands, real communes."""

import json
import re
import shlex
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sample_border import BORDER_UNITS, CAMBODIA_BORDER
from geo.border import LEAST_TOLERANCES, MOST_TOLERANCE_M, cut_lines, measure_border
from geo.border_table import BORDER_LABEL, border_findings, border_input, border_lists, unserved_lists
from geo.crs import geodesic_m
from geo.errors import CallError, InputError
from geo.files import sha256_of
from geo.filter_frame import filter_frame
from geo.quality import findings_as_json
from geo.read_lines import read_lines
from geo.results import read_built
from geo.unit_filter import UnitFilter, mask
from geo.workspace import Input, Provenance, StoredFile, Workspace, load_workspace
from layers.faults import hint_of
from layers.finding_text import finding_sentence, has_sentence
from layers.strings import CATALOGUE
from tests.files import SQUARES, feature, run, snapshot, succeed, write_geojson
from tests.tiny import X as LEFT
from tests.tiny import Y as TOP
from tests.tiny import latitude, longitude, tiles_box, units_of, voronoi_units

TOLERANCE_M = 50.0
UNITS = units_of(**SQUARES)


def point(right: float, down: float) -> tuple[float, float]:
    """Degrees of a place so many tiles east and south of the corner."""
    return longitude(LEFT + right), latitude(TOP + down)


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([point(*place) for place in places])


def lines(*given_lines: Any) -> Any:
    return np.array(given_lines, dtype=object)


def length_km(right: float) -> float:
    """Of the top side, from the corner to so many tiles east."""
    return float(geodesic_m(np.array([point(0, 0)]), np.array([point(right, 0)]))[0]) / 1000


def measured(*given_lines: Any, tolerance_m: float = TOLERANCE_M, units: Any = UNITS) -> pd.DataFrame:
    return measure_border(units, lines(*given_lines), tolerance_m=tolerance_m).units.set_index("unit_code")


def test_a_line_along_the_top_of_two_squares() -> None:
    # it ends a tile before C, whose corner is 600 m away
    found = measured(line((0, 0), (7, 0)))
    assert found["border"].tolist() == [1, 1, 0]
    # A has its whole top side, and the tolerance of either upright side
    assert found.loc["01", "border_km"] == pytest.approx(length_km(4.5) + 0.1, rel=2e-3)
    assert found.loc["02", "border_km"] == pytest.approx(length_km(2.5) + 0.1, rel=0.02)
    assert found.loc["03", "border_km"] == 0


def test_a_square_that_the_line_meets_in_a_corner_is_left_open() -> None:
    found = measured(line((0, 0), (8, 0)))
    assert found["border"].isna().tolist() == [False, False, True]
    # the corner: a bit of the top side and a bit of the upright one
    assert found.loc["03", "border_km"] == pytest.approx(0.1, rel=0.01)


def test_a_line_near_by_is_the_border_within_the_tolerance_alone() -> None:
    beside = line((0, -0.1), (4.5, -0.1))
    assert measured(beside, tolerance_m=100.0)["border"].tolist()[0] == 1
    with pytest.raises(
        InputError,
        match=r"0\.1 km from the nearest outline of a unit \(01 01\); wanted it within --tolerance-m 30 .*say --tolerance-m 100",
    ):
        measured(beside, tolerance_m=30.0)


def test_a_line_through_a_square_is_told_and_is_no_border_of_it() -> None:
    through = measure_border(
        UNITS, lines(line((0, 0), (4.5, 0)), line((0, 2), (4.5, 2))), tolerance_m=TOLERANCE_M
    )
    assert through.stray_km == pytest.approx(length_km(4.5) - 0.1, rel=0.01)
    assert measure_border(UNITS, lines(line((0, 0), (4.5, 0))), tolerance_m=TOLERANCE_M).stray_km == 0


@pytest.mark.parametrize("tolerance_m", [0.0, -1.0, float("nan"), float("inf"), MOST_TOLERANCE_M + 1])
def test_a_tolerance_is_a_distance(tolerance_m: float) -> None:
    with pytest.raises(CallError, match=r"--tolerance-m is .*; wanted metres above 0, at most 5000"):
        measured(line((0, 0), (4.5, 0)), tolerance_m=tolerance_m)


def test_pieces_are_the_line() -> None:
    points = np.column_stack([np.arange(1001.0), np.zeros(1001)])
    for count in (2, 200, 201, 202, 1001):
        pieces = cut_lines(lines(shapely.LineString(points[:count])))
        assert shapely.length(pieces).sum() == count - 1
        assert shapely.line_merge(shapely.multilinestrings(pieces)).equals(shapely.LineString(points[:count]))


@given(seed=st.integers(0, 10_000), count=st.integers(2, 15), order=st.randoms(use_true_random=False))
@settings(max_examples=12)
def test_the_outer_side_of_a_diagram(seed: int, count: int, order: Any) -> None:
    units = voronoi_units(seed, count)
    west, south, east, north = units.total_bounds
    around = shapely.LineString(shapely.box(west, south, east, north).exterior.coords)
    found = measured(around, units=units)
    # what a cell shares with the outer side by construction, on the ellipsoid
    shared = np.array([_shared_km(shape, around) for shape in units.geometry])
    least = LEAST_TOLERANCES * TOLERANCE_M / 1000
    assert (found.loc[shared > least * 1.01, "border"] == 1).all()
    assert (found["border_km"] > shared * 0.999 - 1e-3).all()
    away = shapely.distance(units.geometry.to_numpy(), around) > 0.001
    assert (found.loc[away, "border"] == 0).all()
    wider = measured(around, units=units, tolerance_m=2 * TOLERANCE_M)
    assert (wider["border_km"] >= found["border_km"]).all()
    shuffled = list(range(count))
    order.shuffle(shuffled)
    again = measured(shapely.reverse(around), units=units.iloc[shuffled].reset_index(drop=True))
    pd.testing.assert_frame_equal(again.loc[found.index], found)


def _shared_km(shape: Any, around: Any) -> float:
    ends = [
        shapely.get_coordinates(part)
        for part in shapely.get_parts(shapely.intersection(shape.boundary, shapely.buffer(around, 1e-9)))
    ]
    return float(sum(geodesic_m(one[:-1], one[1:]).sum() for one in ends if len(one) > 1)) / 1000


# ---- files


def _polygons(path: Path) -> Path:
    return write_geojson(path, [feature(tiles_box(0, -4, 4, 0)), feature(tiles_box(4, -4, 8, 0))])


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".shp.zip", ".fgb", ".parquet"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32648"])
def test_every_format_gives_the_same_lines(tmp_path: Path, ending: str, crs: str) -> None:
    frame = gpd.GeoDataFrame({"id": [1]}, geometry=[line((0, 0), (4, 0), (8, 0))], crs="EPSG:4326")
    path = tmp_path / f"border{ending}"
    given_frame = frame.to_crs(crs)
    if ending == ".parquet":
        given_frame.to_parquet(path)
    else:
        given_frame.to_file(path)
    found, are_outlines, findings = read_lines(path)
    assert not are_outlines
    assert findings == []
    assert found.crs == "EPSG:4326"
    assert shapely.equals_exact(found.geometry.iloc[0], frame.geometry.iloc[0], 1e-6)


def test_many_lines_in_one_row_are_many(tmp_path: Path) -> None:
    both = shapely.MultiLineString([line((0, 0), (1, 0)), line((2, 0), (3, 0))])
    found, _, _ = read_lines(write_geojson(tmp_path / "a.geojson", [feature(both)]))
    assert len(found) == 2


def test_of_polygons_the_outer_outline_alone_is_taken(tmp_path: Path) -> None:
    hole = tiles_box(1, -2, 2, -1)
    path = write_geojson(
        tmp_path / "a.geojson",
        [feature(tiles_box(0, -4, 4, 0).difference(hole)), feature(tiles_box(4, -4, 8, 0))],
    )
    found, are_outlines, _ = read_lines(path)
    assert are_outlines
    # neither the side that both share nor the hole
    assert len(found) == 1
    assert shapely.Polygon(found.geometry.iloc[0]).equals(tiles_box(0, -4, 8, 0))


def _zip_without_crs(folder: Path) -> Path:
    whole, path = folder / "whole.shp.zip", folder / "border.zip"
    gpd.GeoDataFrame({"id": [1]}, geometry=[line((0, 0), (4, 0))], crs="EPSG:4326").to_file(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            if not name.endswith(".prj"):
                target.writestr(name, source.read(name))
    return path


def _text(text: str, name: str = "border.geojson") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


def _features(*geometries: Any) -> Callable[[Path], Path]:
    return lambda folder: write_geojson(folder / "border.geojson", [feature(one) for one in geometries])


TOP_SIDE = line((0, 0), (4.5, 0))
HOSTILE: list[tuple[Callable[[Path], Path], list[str], int, str]] = [
    (_features(), [], 1, r"border\.geojson: the file holds no features"),
    (_features(None), [], 1, r"row 1 has no geometry|no feature has usable coordinates"),
    (_features(TOP_SIDE, None), [], 1, r"row 2 has no geometry \(1 such rows\)"),
    (_features(shapely.Point(point(0, 0))), [], 1, r"it holds Point; wanted lines alone"),
    (_features(TOP_SIDE, tiles_box(0, -4, 4, 0)), [], 1, r"it holds LineString, Polygon; wanted lines alone"),
    (_features(shapely.GeometryCollection([TOP_SIDE])), [], 1, r"it holds GeometryCollection; wanted lines alone"),
    (_features({"type": "LineString", "coordinates": [point(0, 0), point(0, 0)]}), [], 1, r"its lines have no length"),
    (_features({"type": "LineString", "coordinates": [point(0, 0)]}), [], 1, r"border\.geojson"),
    (_features({"type": "LineString", "coordinates": [[581_000, 1_600_000], [590_000, 1_600_000]]}), [], 1, r"not longitude and latitude"),
    (_text("{"), [], 1, r"border\.geojson"),
    (_text("a,b\n1,2\n", "border.csv"), [], 1, r"ending '\.csv' is not a vector format"),
    (_text("x", "border.shp"), [], 1, r"wanted them zipped together"),
    (_zip_without_crs, [], 1, r"does not say which coordinate reference system it is in.*--crs EPSG:4326"),
    (_features(TOP_SIDE), ["--crs", "EPSG:0"], 1, r"'EPSG:0' is not a coordinate reference system"),
    (lambda folder: folder / "none.geojson", [], 1, r"no such file"),
    (_features(shapely.LineString([(0, 0), (1, 1)])), [], 1, r"km from the nearest outline of a unit \(01 Unit 01\).*is it the border of this region"),
    (_features(TOP_SIDE), ["--units", "2024-commune"], 2, r"no list of units '2024-commune' here; there are other-commune"),
    (_features(TOP_SIDE), ["--tolerance-m", "0"], 2, r"--tolerance-m is 0; wanted metres above 0"),
    (_features(TOP_SIDE), ["--tolerance-m", "-5"], 2, r"--tolerance-m is -5"),
    (_features(TOP_SIDE), ["--tolerance-m", "nan"], 2, r"--tolerance-m is nan"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "options", "status", "match"), HOSTILE)
def test_what_is_no_border_of_this_region_is_named(
    squares: Path, tmp_path: Path, make: Callable[[Path], Path], options: list[str], status: int, match: str
) -> None:
    out, before, source = tmp_path / "out.csv", snapshot(squares), make(tmp_path)
    result = run("border", squares, source, "--out", out, *options)
    assert result.exit_code == status, result.output
    assert re.search(match, " ".join(result.stderr.split())), result.stderr
    assert not out.exists()
    assert snapshot(squares) == before


def test_the_table_s_ending_is_asked_before_anything_is_read(squares: Path, tmp_path: Path) -> None:
    result = run("border", squares, tmp_path / "none.geojson", "--out", tmp_path / "out.txt")
    assert result.exit_code == 1
    assert "cannot write '.txt'; wanted one of" in result.stderr


# ---- from the line to the filter


def test_a_line_becomes_the_filter_of_the_map(full: Path, tmp_path: Path) -> None:
    source = write_geojson(tmp_path / "biên giới.geojson", [feature(line((0, 0), (8, 0)))])
    out = tmp_path / "border.csv"
    result = run("border", full, source, "--out", out, "--tolerance-m", "50")
    assert result.exit_code == 0, result.output
    assert "2 of 3 units of other-commune lie at the border" in result.stdout
    assert "Unit 03 (03): some outline within 50 m of the line" in result.stderr
    table = pd.read_csv(out, dtype={"unit_code": str})
    assert table.columns.tolist() == ["unit_code", "name", "border", "border_km", "source"]
    assert table["border"].tolist()[:2] == [1, 1]
    assert np.isnan(table["border"][2])
    assert (
        table["source"].str.fullmatch(r"biên giới\.geojson \(sha256 [0-9a-f]{8}; lines\), within 50 m").all()
    )
    # the command that was printed adds it
    said = shlex.split(
        next(one for one in result.stdout.splitlines() if one.strip().startswith("vunglom add"))
    )
    succeed(*said[1:], "--publisher", "Sở Ngoại vụ")
    succeed("build", full, "--quiet")
    frame = filter_frame(read_built(full).primary)
    assert frame.loc[mask(frame, UnitFilter(border=True)), "unit_code"].tolist() == ["01", "02"]
    assert frame.loc[mask(frame, UnitFilter(border=False)), "unit_code"].tolist() == []
    # the kilometres are an indicator like any other
    length = [
        "--id",
        "border_km",
        "--name",
        "Chiều dài biên giới",
        "--unit",
        "km",
        "--better",
        "lower",
        "--figures",
        "count",
    ]
    succeed(
        "add",
        full,
        "indicator",
        out,
        *length,
        "--by",
        "code",
        "--code-column",
        "unit_code",
        "--value-column",
        "border_km",
    )


def test_polygons_are_said_to_have_been_taken_by_their_outline(squares: Path, tmp_path: Path) -> None:
    out = tmp_path / "border.xlsx"
    result = run(
        "border", squares, _polygons(tmp_path / "land.geojson"), "--out", out, "--tolerance-m", "50", "--json"
    )
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["border_units"], said["undecided"]) == (2, ["03"])
    told = {row["said"]: row for row in said["findings"]}
    assert set(told) == {"border_measured", "border_outline", "border_unsure"}
    assert "a coast counts as border" in told["border_outline"]["message"]
    assert told["border_unsure"]["values"]["units"] == {"names": ["Unit 03 (03)"], "more": 0}
    assert "outer outline of polygons" in str(pd.read_excel(out)["source"][0])


# ---- from the line straight into the workspace


def _line(folder: Path, *places: tuple[float, float], name: str = "biên giới.geojson") -> Path:
    return write_geojson(folder / name, [feature(line(*places))])


WHOSE = ("--publisher", "Sở Ngoại vụ", "--licence", "nội bộ", "--date", "2026-10-01")


def test_a_line_is_added_as_an_own_indicator_that_names_whose_and_which_line(
    full: Path, tmp_path: Path
) -> None:
    source = _line(tmp_path, (0, 0), (8, 0))
    said = json.loads(succeed("border", full, source, "--add", *WHOSE, "--tolerance-m", "50", "--json"))
    assert (said["added"], said["out"], said["undecided"]) == (True, "", ["03"])
    [held] = load_workspace(full).of_kind("indicator")
    known = held.provenance
    assert (known.publisher, known.licence, known.date) == ("Sở Ngoại vụ", "nội bộ", "2026-10-01")
    assert known.made_from == f"biên giới.geojson sha256:{sha256_of(source)}"
    assert known.citation == f"biên giới.geojson (sha256 {sha256_of(source)[:8]}; lines), within 50 m"
    assert border_input(load_workspace(full)) == held
    succeed("build", full, "--quiet")
    frame = filter_frame(read_built(full).primary)
    assert frame.loc[mask(frame, UnitFilter(border=True)), "unit_code"].tolist() == ["01", "02"]
    assert frame.loc[frame["border"].isna(), "unit_code"].tolist() == ["03"]


def test_the_table_written_and_added_is_the_one_that_add_takes(squares: Path, tmp_path: Path) -> None:
    """What `--add` stores is what `add … indicator` would store of the table that `--out` writes."""
    out, source = tmp_path / "border.csv", _line(tmp_path, (0, 0), (8, 0))
    result = run("border", squares, source, "--out", out, "--add", "--tolerance-m", "50")
    assert result.exit_code == 0, result.output
    [held] = load_workspace(squares).of_kind("indicator")
    assert (squares / held.files[0].path).read_bytes() == out.read_bytes()
    assert held.files[0].name == "border-other-commune.csv"
    written = run("border", squares, source, "--out", out, "--tolerance-m", "50").stdout
    said = shlex.split(next(one for one in written.splitlines() if one.strip().startswith("vunglom add")))
    succeed(*said[1:], "--replace", "--name-column", "name")
    [again] = load_workspace(squares).of_kind("indicator")
    assert again.options == held.options


def test_a_second_border_takes_the_place_of_the_first_where_that_is_said_alone(
    full: Path, tmp_path: Path
) -> None:
    top, left = _line(tmp_path, (0, 0), (7, 0)), _line(tmp_path, (0, 0), (0, 4), name="b.geojson")
    succeed("border", full, top, "--add", "--tolerance-m", "50")
    before = snapshot(full)
    result = run("border", full, left, "--add", "--tolerance-m", "50")
    assert (result.exit_code, "has an indicator border already" in result.stderr) == (1, True)
    assert snapshot(full) == before
    succeed("border", full, left, "--add", "--replace", "--tolerance-m", "50")
    [held] = load_workspace(full).of_kind("indicator")
    assert held.provenance.made_from.startswith("b.geojson ")
    # any other indicator stays
    table = tmp_path / "t.csv"
    table.write_text("ma,value\n01,5\n02,6\n", encoding="utf-8")
    ways = ("--name", "Hồ sơ", "--unit", "%", "--better", "higher", "--by", "code", "--code-column", "ma")
    succeed("add", full, "indicator", table, *ways)
    succeed("border", full, top, "--add", "--replace", "--tolerance-m", "50")
    names = [one.options["name"] for one in load_workspace(full).of_kind("indicator")]
    assert names == ["Hồ sơ", BORDER_LABEL]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ([], "what is to become of the table"),
        (["--replace"], "what is to become of the table"),
        (["--replace", "--out", "{tmp}/t.csv"], "--replace is for --add"),
        (["--out", "{tmp}/none/t.csv"], "does not exist; make it first"),
        (["--out", "{root}/raw/t.csv"], "belongs to the workspace"),
        (["--out", "{line}"], "is itself read for this and would be lost"),
        (["--add", "--tolerance-m", "0"], "--tolerance-m is 0"),
    ],
)
def test_what_is_to_become_of_the_table_is_said_and_destroys_nothing(
    squares: Path, tmp_path: Path, options: list[str], match: str
) -> None:
    source = tmp_path / "line.parquet"
    gpd.GeoDataFrame(geometry=[TOP_SIDE], crs="EPSG:4326").to_parquet(source)
    before = snapshot(tmp_path)
    given_options = [one.format(tmp=tmp_path, root=squares, line=source) for one in options]
    result = run("border", squares, source, *given_options)
    assert (result.exit_code, match in result.stderr) == (2, True), result.output
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(("make", "options", "status", "match"), HOSTILE)
def test_nothing_is_added_of_what_is_no_border(
    squares: Path, tmp_path: Path, make: Callable[[Path], Path], options: list[str], status: int, match: str
) -> None:
    before = snapshot(squares)
    result = run("border", squares, make(tmp_path), "--add", *options)
    assert result.exit_code == status, result.output
    assert re.search(match, " ".join(result.stderr.split())), result.stderr
    assert {name: held for name, held in snapshot(squares).items() if ".lock" not in name} == before


def test_communes_come_first_and_the_oldest_list_of_them(tmp_path: Path) -> None:
    def given_list(vintage: str, level: str) -> Input:
        return Input(
            "boundaries", (StoredFile("raw/x", "x", "0"),), {"vintage": vintage, "level": level}, Provenance()
        )

    held = [("2026-04", "commune"), ("2024", "district"), ("2024", "commune"), ("2026-04", "province")]
    workspace = Workspace(tmp_path, "n", inputs=tuple(given_list(*one) for one in held))
    lists = border_lists(workspace)
    assert lists == ("2024-commune", "2026-04-commune", "2024-district", "2026-04-province")
    higher = lists[2:]
    assert unserved_lists(lists, "2024-commune") == higher
    assert unserved_lists(lists, "2026-04-commune") == ("2024-commune", *higher)
    assert unserved_lists(lists, "2024-district") == (*lists[:2], lists[3])
    assert unserved_lists(("2024-commune", "other-commune"), "other-commune") == ("2024-commune",)
    assert unserved_lists(("2024-commune", "other-commune"), "2024-commune") == ("other-commune",)
    assert unserved_lists(("2025-07-commune", "2026-04-commune"), "2026-04-commune") == ()
    assert border_input(workspace) is None


def test_what_is_told_of_a_border_can_be_said_in_both_languages() -> None:
    table = measure_border(
        UNITS, lines(line((0, 0), (8, 0)), line((0, 2), (4.5, 2))), tolerance_m=TOLERANCE_M
    )
    rows = findings_as_json(border_findings(table, "a.geojson", are_outlines=True, tolerance_m=TOLERANCE_M))
    assert all(has_sentence(row) for row in rows)
    told = {row["said"]: row for row in rows}
    assert set(told) == {"border_outline", "border_stray", "border_unsure", "border_measured"}
    assert finding_sentence(told["border_measured"], "vi").startswith(
        "2 trên 3 đơn vị giáp biên giới, dọc theo "
    )
    assert "in a corner alone: 03 (03)." in finding_sentence(told["border_unsure"], "en")
    assert [row["said"] for row in rows][-1] == "border_measured"


BORDER_HINTS = {
    "border_far": _features(shapely.LineString([(0, 0), (1, 1)])), "border_kinds": _features(shapely.Point(point(0, 0))),
}  # fmt: skip


@pytest.mark.parametrize("hint", sorted(BORDER_HINTS))
def test_what_to_do_about_a_line_that_is_none_is_said(squares: Path, tmp_path: Path, hint: str) -> None:
    result = run("border", squares, BORDER_HINTS[hint](tmp_path), "--add", "--json")
    fault = InputError(json.loads(result.stderr.splitlines()[-1])["error"])
    assert hint_of(fault, "vi") == [CATALOGUE["vi"][f"hint_{hint}"]]


# ---- real communes

PROVINCES = ("66_dak_lak", "68_lam_dong", "75_dong_nai", "79_ho_chi_minh", "80_tay_ninh")
"""Of the region and around it, as the file names them."""


@pytest.mark.real
def test_the_border_communes_of_the_former_binh_phuoc(real: Path) -> None:
    """Eight by the province's own word, along 258.939 km by its foreign office (2022-01-25)."""
    communes = gpd.read_parquet(
        real / "vn2025" / "communes.parquet", columns=["code", "name", "province", "geometry"],
        filters=[("province", "in", PROVINCES)],
    )  # fmt: skip
    own = communes[communes["code"].between("25195", "25450") & communes["province"].str.startswith("75_")]
    region = shapely.box(*own.total_bounds).buffer(0.05)
    around = communes[communes.intersects(region)].to_crs(32648).geometry.to_numpy()
    land = shapely.union_all(shapely.make_valid(shapely.simplify(around, 10)))
    closed = shapely.buffer(shapely.buffer(land, 60, quad_segs=1), -60, quad_segs=1)
    main = max(shapely.get_parts(closed), key=shapely.area)
    # the outer side of all communes in sight, where it is one of the forty's: what is beyond lies in another country
    side = shapely.LineString(shapely.get_coordinates(shapely.get_exterior_ring(main)))
    forty = shapely.buffer(
        shapely.union_all(shapely.simplify(own.to_crs(32648).geometry.to_numpy(), 10)), 500
    )
    drawn = gpd.GeoSeries(shapely.get_parts(shapely.intersection(side, forty)), crs=32648).to_crs(4326)
    units = own.rename(columns={"code": "unit_code"})
    table = measure_border(units, drawn.to_numpy(), tolerance_m=150).units.set_index("unit_code")
    assert tuple(sorted(table.index[table["border"] == 1])) == BORDER_UNITS
    assert table["border"].notna().all()
    assert table["border_km"].sum() == pytest.approx(258.939, rel=0.02)
    # the sample's own line is good to some km: too far for a border, and told as such
    rough = measure_border(units, lines(shapely.LineString(CAMBODIA_BORDER)), tolerance_m=100)
    assert rough.stray_km > 20
