"""`check`, `compare` and `proposals` as a user calls them on the three squares, and on the real files of Ibiza."""

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.export_geojson import parse_strictly
from tests.files import (
    add_scene,
    claim,
    feature,
    new_scene,
    run,
    succeed,
    write_geojson,
    write_scene,
)
from tests.tiny import tiles_box

BOW_TIE = shapely.Polygon(np.array(tiles_box(5, 0, 9, 4).exterior.coords)[[0, 2, 1, 3, 0]])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built workspace that tests only read: 4G of Viettel over 0-7 and of MobiFone over 0-4 tiles."""
    folder = tmp_path_factory.mktemp("desk")
    files = write_scene(folder / "scene")
    new_scene(folder / "w", files.units)
    add_scene(folder / "w", files)
    succeed("build", folder / "w", "--quiet")
    return folder / "w"


@pytest.fixture
def own(desk: Path, tmp_path: Path) -> Path:
    """A copy of it to save proposals in."""
    shutil.copytree(desk, tmp_path / "own")
    return tmp_path / "own"


def area_file(path: Path, *rows: tuple[float, float, dict[str, Any]]) -> Path:
    """Areas over columns of tiles, with properties."""
    return write_geojson(path, [feature(tiles_box(left, 0, right, 4), **more) for left, right, more in rows])


TERMS = ("--operator", "MobiFone", "--technology", "4G")


def checked(desk: Path, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(succeed("check", desk, *arguments, "--format", "json"))
    return found


def test_an_area_is_checked_and_every_criterion_shown(desk: Path, tmp_path: Path) -> None:
    file = area_file(tmp_path / "vung.geojson", (5, 10, {}))
    said = checked(desk, file, *TERMS, "--cost", 600, "--promised-mbps", 30)
    found = said["proposals"][0]
    # inside: strips 5-7 of 20 people, 8 and 9 of 5; Viettel's 4G reaches 7
    assert (found["people_inside"], found["newly_covered_people"]) == (pytest.approx(70), pytest.approx(30))
    assert (found["covered_others"], found["cost_per_person"]) == (pytest.approx(40), pytest.approx(20))
    assert (found["proposal"], found["operator"], found["outcome"]) == ("vung", "MobiFone", "questionable")
    assert {row["name"]: row["grade"] for row in said["criteria"]} == {
        "new_people": "fail", "duplication": "warn", "gap_share": "pass", "inside_region": "pass",
        "cost_per_person": "not_judged", "site_distance": "not_judged", "promised_speed": "warn",
    }  # fmt: skip
    assert [row["unit_code"] for row in said["units"]] == ["02", "03"]
    assert said["units"][0]["covered_people_share_after"] == 1
    assert said["together"]["newly_covered_people"] == pytest.approx(30)
    assert said["list"] == "other-commune"


def test_the_terminal_shows_outcome_criteria_units_and_sum(desk: Path, tmp_path: Path) -> None:
    file = area_file(
        tmp_path / "hai.geojson",
        (6, 10, {"operator": "Viettel"}),
        (8, 12, {"operator": "MobiFone", "công nghệ": "4G"}),
    )
    text = succeed("check", desk, file, "--technology", "4G")
    for word in ("questionable", "few_newly_covered", "hai MobiFone 4G", "Shapley", "alone people"):
        assert word in text


def test_geojson_holds_the_newly_covered_ground_alone(desk: Path, tmp_path: Path) -> None:
    file, out = area_file(tmp_path / "a.geojson", (5, 10, {})), tmp_path / "out.geojson"
    succeed("check", desk, file, *TERMS, "--format", "geojson", "--out", out)
    document = parse_strictly(out.read_bytes(), source="out")
    shape = shapely.from_geojson(json.dumps(document["features"][0]["geometry"]))
    assert shape.symmetric_difference(tiles_box(7, 0, 10, 4)).area < 1e-7
    assert document["features"][0]["properties"]["newly_covered_people"] == pytest.approx(30, rel=1e-5)
    assert document["metadata"]["check_gain"]["proposals"][0]["outcome"] == "questionable"
    assert Path(f"{out}.meta.json").is_file()


def test_a_workbook_holds_every_table_and_no_formula(desk: Path, tmp_path: Path) -> None:
    file, out = area_file(tmp_path / "=cmd.geojson", (5, 10, {})), tmp_path / "out.xlsx"
    succeed("check", desk, file, *TERMS, "--format", "xlsx", "--out", out)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == [
        "about",
        "proposals",
        "criteria",
        "units",
        "places",
        "contributions",
        "by_operator",
    ]
    cell = book["proposals"]["A2"]
    assert (cell.value, cell.data_type) == ("=cmd", "s")
    assert [row[1].value for row in book["units"].iter_rows(min_row=2)] == ["02", "03"]


def test_json_can_go_into_a_file(desk: Path, tmp_path: Path) -> None:
    file, out = area_file(tmp_path / "a.geojson", (5, 10, {})), tmp_path / "out.json"
    succeed("check", desk, file, *TERMS, "--format", "json", "--out", out)
    assert json.loads(out.read_text(encoding="utf-8"))["proposals"][0]["proposal"] == "a"


def test_sites_get_a_modelled_area_with_a_range(desk: Path, tmp_path: Path) -> None:
    centre = tiles_box(10, 2, 10, 2).centroid
    file = tmp_path / "sites.csv"
    file.write_text(
        f"ict_id,lat,lon,operator_name,radio_type,antenna_height\ns1,{centre.y},{centre.x},MobiFone,LTE,30\n",
        encoding="utf-8",
    )
    found = checked(desk, file)["proposals"][0]
    assert (found["technology"], found["sites"], found["basis"].startswith("modelled")) == ("4G", 1, True)
    assert found["newly_covered_low"] <= found["newly_covered_people"] <= found["newly_covered_high"]
    fixed = checked(desk, file, "--radius", 600)["proposals"][0]
    assert fixed["area_km2"] == pytest.approx(np.pi * 0.36, rel=1e-2)
    assert fixed["basis"] == "sites with a given radius"


def test_scenarios_side_by_side(desk: Path, tmp_path: Path) -> None:
    files = [
        area_file(tmp_path / f"{name}.geojson", (left, right, {}))
        for name, left, right in (("A", 6, 8), ("B", 8, 12), ("C", 0, 3))
    ]
    said = json.loads(succeed("compare", desk, *files, *TERMS, "--format", "json"))
    assert [row["scenario"] for row in said["scenarios"]] == ["A", "B", "C"]
    assert [row["newly_covered_people"] for row in said["scenarios"]] == pytest.approx([20, 20, 0], abs=1e-4)
    assert "Scenarios" in succeed("compare", desk, *files[:2], *TERMS)


def test_proposals_are_kept_moved_on_and_counted(own: Path, tmp_path: Path) -> None:
    first = area_file(tmp_path / "a.geojson", (6, 12, {"operator": "Viettel"}))
    second = area_file(tmp_path / "b.geojson", (7, 9, {"operator": "MobiFone"}))
    assert "proposal 1: a (Viettel 4G), version 1, on record" in succeed(
        "proposals", "add", own, first, *TERMS, "--who", "Lan"
    )
    assert "was on record already" in succeed("proposals", "add", own, first, *TERMS, "--who", "Minh")
    succeed("proposals", "add", own, second, "--technology", "4G", "--who", "Minh", "--cost", 5)
    assert checked(own, 1)["proposals"][0]["newly_covered_people"] == pytest.approx(40)
    for step in ("submitted", "accepted"):
        succeed("proposals", "status", own, 2, step, "--who", "Hoa")
    said = checked(own, 1)["proposals"][0]
    assert (said["newly_covered_people"], said["covered_plans"]) == (pytest.approx(15), pytest.approx(25))
    rows = json.loads(succeed("proposals", "list", own, "--format", "json"))["proposals"]
    assert [(row["number"], row["status"], row["cost"]) for row in rows] == [
        ("1", "draft", None),
        ("2", "accepted", 5),
    ]
    assert "version 1 is back as version 4" in succeed("proposals", "restore", own, 2, 1, "--who", "Lan")
    history = json.loads(succeed("proposals", "history", own, 2, "--format", "json"))["versions"]
    assert [row["action"] for row in history] == ["add", "status:submitted", "status:accepted", "restore:1"]
    both = json.loads(succeed("compare", own, "1", "1+2", "--format", "json"))["scenarios"]
    assert [row["proposals"] for row in both] == [1, 2]


def test_a_proposal_does_not_make_the_build_stale(own: Path, tmp_path: Path) -> None:
    succeed("proposals", "add", own, area_file(tmp_path / "a.geojson", (6, 12, {})), *TERMS, "--who", "Lan")
    assert checked(own, 1)["proposals"][0]["id"] == "1"


@pytest.mark.parametrize(
    ("shapes", "options", "said"),
    [
        ([BOW_TIE], TERMS, "is not a valid polygon (Self-intersection"),
        ([tiles_box(20, 0, 22, 4)], TERMS, "lies wholly outside the region"),
        ([tiles_box(5, 0, 9, 4)], ("--operator", "Vietel", "--technology", "4G"), "did you mean Viettel"),
        ([tiles_box(5, 0, 9, 4)], ("--operator", "Viettel", "--technology", "6G"), "technology is '6G'"),
        ([tiles_box(5, 0, 9, 4)], ("--technology", "4G"), "no operator is given"),
        ([tiles_box(5, 0, 9, 4)], (*TERMS, "--cost", "-5"), "cost is -5"),
        ([tiles_box(5, 0, 9, 4)], (*TERMS, "--radius", "-5"), "the radius is -5"),
        ([tiles_box(5, 0, 9, 4)], (*TERMS, "--year", "3"), "year is 3"),
        ([], TERMS, "holds no features"),
        ([shapely.LineString([(105.65, 15.02), (105.66, 15.02)])], TERMS, "wanted Polygon or MultiPolygon"),
    ],
)  # fmt: skip
def test_bad_files_are_named(
    desk: Path, tmp_path: Path, shapes: list[Any], options: tuple[str, ...], said: str
) -> None:
    file = write_geojson(tmp_path / "bad.geojson", [feature(shape) for shape in shapes])
    result = run("check", desk, file, *options)
    assert (result.exit_code, said in result.stderr) == (1, True), result.stderr


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(5, 9, {"cost": -3})], "cost of row 1 is '-3'"),
        ([(5, 9, {"year": "soon"})], "year of row 1 is 'soon'"),
        ([(5, 9, {"year": 2026.5})], "year of row 1 is 2026.5"),
        ([(5, 9, {"vintage": "2024"})], "is of the list of units 2024, the workspace shows other"),
        (
            [(5, 9, {"vintage": "2024"}), (9, 10, {"vintage": "2026-04"})],
            "rows are of the lists of units 2024, 2026-04",
        ),
        ([(5, 9, {"operator": "Nobody"})], "operator 'Nobody' is not known"),
    ],
)
def test_bad_rows_are_named(desk: Path, tmp_path: Path, rows: list[Any], said: str) -> None:
    result = run("check", desk, area_file(tmp_path / "bad.geojson", *rows), *TERMS)
    assert (result.exit_code, said in result.stderr) == (1, True), result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere.geojson", *TERMS], 1, "no such file"),
        (["7"], 1, "no proposal 7 in"),
        (["A", "A", *TERMS], 1, "is the same as"),
        (["A", *TERMS, "--format", "xlsx"], 2, "writes a file; name it with --out"),
        (["A", *TERMS, "--units", "2024-commune"], 2, "no list of units '2024-commune'"),
    ],
)
def test_bad_calls_are_named(desk: Path, tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    file = str(area_file(tmp_path / "A.geojson", (5, 9, {})))
    result = run("check", desk, *(file if text == "A" else text for text in arguments))
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status", 1, "built"], "is draft, and submitted may follow, not built"),
        (["status", 9, "built"], "no proposal '9' here; there are 1"),
        (["restore", 1, 5], "has no version 5"),
        (["history", 4], "no proposal '4' here"),
    ],
)
def test_bad_changes_are_named_and_nothing_is_changed(
    own: Path, tmp_path: Path, arguments: list[Any], said: str
) -> None:
    succeed("proposals", "add", own, area_file(tmp_path / "a.geojson", (6, 12, {})), *TERMS, "--who", "Lan")
    before = succeed("proposals", "history", own, "--format", "csv")
    name, *rest = arguments
    result = run("proposals", name, own, *rest)
    assert (result.exit_code, said in result.stderr) == (1, True), result.stderr
    assert succeed("proposals", "history", own, "--format", "csv") == before


def test_fifty_thousand_sites_are_checked_and_more_are_refused(desk: Path, tmp_path: Path) -> None:
    west, south, east, north = tiles_box(0, 0, 12, 4).bounds
    random = np.random.default_rng(1)
    points = random.uniform((west, south), (east, north), (50_001, 2))
    lines = [f"{y:.7f},{x:.7f}" for x, y in points]
    file = tmp_path / "many.csv"
    file.write_text("\n".join(["lat,lon", *lines[:50_000]]), encoding="utf-8")
    found = checked(desk, file, *TERMS, "--radius", 30)["proposals"][0]
    assert found["sites"] == 50_000
    file.write_text("\n".join(["lat,lon", *lines]), encoding="utf-8")
    result = run("check", desk, file, *TERMS, "--radius", 30)
    assert (result.exit_code, "50,001 sites, more than 50,000" in result.stderr) == (1, True)


@pytest.fixture(scope="module")
def ibiza(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The island as one unit, its real coverage as one operator's 4G."""
    root = tmp_path_factory.mktemp("ibiza") / "w"
    folder = real / "ibiza"
    succeed(
        "new",
        root,
        "--name",
        "Ibiza",
        "--boundaries",
        folder / "area.gpkg",
        "--code",
        "ID_2",
        "--code-width",
        2,
        "--label",
        "NAME_2",
    )
    succeed("add", root, "coverage", folder / "mobile-coverage.gpkg", *claim("Movistar"))
    succeed("build", root, "--quiet")
    return root


@pytest.mark.real
def test_real_coverage_as_a_proposal_gains_nothing_beyond_itself(
    ibiza: Path, real: Path, tmp_path: Path
) -> None:
    out = tmp_path / "ibiza.geojson"
    file = real / "ibiza" / "mobile-coverage.gpkg"
    succeed(
        "check",
        ibiza,
        file,
        "--operator",
        "Movistar",
        "--technology",
        "4G",
        "--format",
        "geojson",
        "--out",
        out,
    )
    found = parse_strictly(out.read_bytes(), source="out")["metadata"]["check_gain"]["proposals"][0]
    assert found["newly_covered_km2"] == pytest.approx(0, abs=1e-6)
    # nothing is gained, so the shape handed out is the proposal's own: 116.72 km² in the plane of UTM, 0.03 % more on the ellipsoid
    assert gpd.read_file(out).to_crs(32631).area.sum() / 1e6 == pytest.approx(116.72, abs=0.005)
    assert found["area_km2"] / (1 - found["outside_share"]) == pytest.approx(116.758, abs=0.001)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*_places(real)), crs=4326)
    whole = gpd.read_file(out).union_all()
    assert int(points.within(whole).sum()) == 8


def _places(real: Path) -> tuple[Any, Any]:
    table = pd.read_csv(real / "ibiza" / "points-of-interest.csv")
    return table["lon"], table["lat"]


@pytest.mark.real
def test_real_site_lists_are_modelled_per_technology(ibiza: Path, real: Path) -> None:
    said = checked(ibiza, real / "ibiza" / "cell-sites.csv", "--operator", "Movistar")
    assert [(row["technology"], row["sites"]) for row in said["proposals"]] == [
        ("2G", 6),
        ("3G", 30),
        ("4G", 64),
    ]
    by_name = {row["technology"]: row for row in said["proposals"]}
    assert by_name["4G"]["newly_covered_km2"] > 0
    assert by_name["3G"]["newly_covered_km2"] is None
    assert by_name["4G"]["people_inside"] is None
