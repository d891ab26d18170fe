"""`vunglom plan` as a user calls it, on the three squares: 4G reaches seven of the twelve strips of people."""

import json
from pathlib import Path

import geopandas as gpd
import pytest

from geo.export_geojson import parse_strictly
from tests.files import claim, feature, run, succeed, write_geojson
from tests.tiny import tiles_box


@pytest.fixture
def built(full: Path) -> Path:
    succeed("build", full, "--quiet")
    return full


def point_file(path: Path, *rows: tuple[float, float, str]) -> Path:
    """`name;lat;lon;cost` of places counted in tiles from the corner."""
    lines = ["ten,vi do,kinh do,chi phi"]
    for number, (x, y, cost) in enumerate(rows):
        centre = tiles_box(x, y, x, y).centroid
        lines.append(f"s{number},{centre.y:.9f},{centre.x:.9f},{cost}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_sites_of_a_file_are_chosen_ordered_and_written(built: Path, tmp_path: Path) -> None:
    out = tmp_path / "sites.geojson"
    file = point_file(tmp_path / "points.csv", (10.5, 2, ""), (7.5, 2, ""), (2, 2, ""))
    said = json.loads(
        succeed(
            "plan",
            built,
            "--sites",
            2,
            "--candidates",
            file,
            "--radius",
            950,
            "--out",
            out,
            "--format",
            "json",
        )
    )
    # strip 7 (20 people) and strips 8 to 11 (5 each) have no 4G
    assert said["plan"]["people_uncovered"] == pytest.approx(40)
    assert (said["plan"]["proven"], said["plan"]["status"], said["plan"]["gap"]) == (True, "optimal", 0)
    rows = [
        (row["order"], row["name"], row["unit_code"], round(row["people_gained"], 4)) for row in said["rows"]
    ]
    assert rows == [(1, "s1", "02", 25), (2, "s0", "03", 15)]
    document = parse_strictly(out.read_bytes(), source=out.name)
    assert document["metadata"]["plan_sites"]["objective"] == pytest.approx(40)
    assert document["features"][0]["properties"]["people_cumulative"] == pytest.approx(25)
    assert {column["name"] for column in document["metadata"]["columns"]} >= {
        "people_gained",
        "weight_gained",
    }


def test_a_budget_a_kept_site_and_need_by_score(built: Path, tmp_path: Path) -> None:
    file = point_file(tmp_path / "points.csv", (10.5, 2, "3"), (7.5, 2, "9"))
    keep = point_file(tmp_path / "keep.csv", (7.5, 2, ""))
    out = tmp_path / "sites.csv"
    said = json.loads(
        succeed("plan", built, "--budget", 5, "--candidates", file, "--keep", keep, "--need", "score", "--radius", 950,
                "--out", out, "--format", "json")
    )  # fmt: skip
    assert [row["name"] for row in said["rows"]] == ["s0"]
    assert said["plan"]["people_kept"] == pytest.approx(25)
    assert out.read_bytes().startswith(b"\xef\xbb\xbforder,unit_code")


@pytest.mark.parametrize(
    "how",
    [
        ["--grid", 400],
        ["--places", "school,town"],
        ["--places", "office"],
        ["--model", "rma", "--grid", 900],
        [],
    ],
)
def test_every_kind_of_candidates(built: Path, tmp_path: Path, how: list[object]) -> None:
    out = tmp_path / "sites.gpkg"
    text = succeed("plan", built, "--sites", 1, *how, "--out", out)
    assert "people without coverage (proven best)" in text
    assert len(gpd.read_file(out)) == 1


def test_sites_in_the_sea_are_left_out_and_said(built: Path, tmp_path: Path) -> None:
    file = point_file(tmp_path / "points.csv", (10.5, 2, ""), (12.6, 2, ""))
    result = run("plan", built, "--sites", 1, "--candidates", file, "--out", tmp_path / "s.geojson")
    assert result.exit_code == 0
    assert "1 of 2 sites lie outside every unit (row 2)" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "say how many sites with --sites"),
        (["--sites", 1, "--radius", 50, "--model", "rma"], 2, "--radius or --model, not both"),
        (["--sites", 1, "--places", "castle"], 2, "--places is 'castle'"),
        (["--sites", 1, "--time-limit", 0], 2, "--time-limit is 0"),
        (["--sites", 1, "--site-cost", -1], 2, "--site-cost is -1"),
        (["--sites", -1], 1, "number of sites is -1"),
        (["--budget", -1, "--site-cost", 1], 1, "budget is -1"),
        (["--budget", 5], 1, "candidates have no cost"),
        (["--sites", 1, "--radius", -3], 1, "radius of -3"),
        (["--sites", 1, "--radius", "1e12"], 2, "--radius is 1e+12; wanted metres up to 200,000"),
        (["--sites", 1, "--site-cost", "inf"], 2, "--site-cost is inf"),
        (
            ["--sites", 1, "--grid", "1e9"],
            1,
            "spacing is 1000000000.0 m; wanted a number of metres above 0, up to",
        ),
        (["--sites", 1, "--grid", "nan"], 1, "spacing is nan m"),
        (["--sites", 1, "--places", "clinic"], 1, "no place of class clinic"),
        (["--sites", 1, "--technology", "5G"], 1, "no coverage of 5G is known here (there is 4G)"),
        (["--sites", 1, "--candidates", "nowhere.csv"], 1, "no such file"),
    ],
)
def test_bad_calls_are_named_and_nothing_is_written(
    built: Path, tmp_path: Path, arguments: list[object], code: int, said: str
) -> None:
    out = tmp_path / "sites.geojson"
    result = run("plan", built, *arguments, "--out", out)
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ten,lat,lon,cost\na,15.02,105.65,-4\n", "cost of site 1 is '-4'"),
        ("ten,lat,lon,cost\na,15.02,105.65,dear\n", "cost of site 1 is 'dear'"),
        ("ten,lat,lon\na,105.65,15.02\n", "exchanged"),
        ("ten,lat,lon\na,1.5,2.5\n", "1 of 1 sites lie outside every unit"),
        ("ten\na\n", "no column"),
        ("ten;lat;lon;cost\na;15.02;105.65;1,5\n", "cost of site 1 is '1,5', with a comma (1 such)"),
        (
            "ten,lat,lon,cost\na,15.02,105.65,1.500\n",
            "cost '1.500' may be 1500 or 1.5 (1 such); write it as 1500 or as 1.5000",
        ),
    ],
)
def test_bad_candidate_files_are_named(built: Path, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "points.csv"
    file.write_text(text, encoding="utf-8")
    result = run("plan", built, "--sites", 1, "--candidates", file, "--out", tmp_path / "s.geojson")
    assert (result.exit_code, said in result.stderr) == (1, True), result.stderr


def test_a_comma_is_mended_when_asked_and_other_decimals_settle_what_a_point_means(
    built: Path, tmp_path: Path
) -> None:
    file, out = tmp_path / "points.csv", tmp_path / "s.geojson"
    for text, mends in (
        ("ten;lat;lon;cost\na;15.02;105.70;1,5\n", ["--mend", "decimal_comma"]),
        ("ten,lat,lon,cost\na,15.02,105.70,1.500\nb,15.02,105.701,1.25\n", []),
    ):
        file.write_text(text, encoding="utf-8")
        succeed("plan", built, "--budget", 1.5, "--candidates", file, *mends, "--out", out)
        (site,) = json.loads(out.read_text("utf-8"))["features"]
        assert site["properties"]["cost"] in (1.25, 1.5)


def test_nothing_that_is_read_is_written_over(built: Path, tmp_path: Path) -> None:
    given = point_file(tmp_path / "points.csv", (10, 2, ""))
    before = given.read_bytes()
    for option in ("--candidates", "--keep"):
        result = run("plan", built, "--sites", 1, option, given, "--out", given)
        assert (result.exit_code, "is itself read for this" in result.stderr) == (2, True)
    result = run("plan", built, "--sites", 1, "--out", built / "built" / "communes.parquet")
    assert (result.exit_code, "belongs to the workspace" in result.stderr) == (2, True)
    assert given.read_bytes() == before
    succeed("plan", built, "--sites", 1, "--candidates", given, "--out", tmp_path / "s.csv")


def test_an_ending_that_is_not_written_is_named(built: Path, tmp_path: Path) -> None:
    result = run("plan", built, "--sites", 1, "--out", tmp_path / "sites.kml")
    assert result.exit_code == 2
    assert "cannot write '.kml'" in result.stderr


def test_a_workspace_that_changed_after_its_build_is_built_first(built: Path, tmp_path: Path) -> None:
    more = write_geojson(tmp_path / "more.geojson", [feature(tiles_box(0, 0, 12, 4))])
    succeed("add", built, "coverage", more, *claim("VinaPhone"))
    result = run("plan", built, "--sites", 1, "--out", tmp_path / "s.geojson")
    assert (result.exit_code, "were changed after the build" in result.stderr) == (1, True)


def test_all_people_plans_as_if_nobody_were_covered(built: Path, tmp_path: Path) -> None:
    said = json.loads(
        succeed("plan", built, "--sites", 1, "--all-people", "--technology", "5G", "--grid", 500, "--format", "json",
                "--out", tmp_path / "s.parquet")
    )  # fmt: skip
    assert said["plan"]["people_uncovered"] == pytest.approx(140)
    assert said["plan"]["assumed_uncovered"] is True


def test_accepted_plans_are_nobodys_to_plan_for_and_drafts_are(built: Path, tmp_path: Path) -> None:
    file = point_file(tmp_path / "points.csv", (10.5, 2, ""), (7.5, 2, ""))
    area = write_geojson(tmp_path / "strip7.geojson", [feature(tiles_box(7, 0, 8, 4))])
    added = ("--operator", "MobiFone", "--technology", "4G", "--who", "Lan")
    succeed("proposals", built, "add", area, *added)
    call = (
        "plan",
        built,
        "--sites",
        1,
        "--candidates",
        file,
        "--out",
        tmp_path / "s.csv",
        "--format",
        "json",
    )
    uncovered = []
    for status in ("draft", "submitted", "accepted"):
        if status != "draft":
            succeed("proposals", built, "status", "p1", status, "--who", "Lan")
        plan = json.loads(succeed(*call))["plan"]
        uncovered.append((round(plan["people_uncovered"], 3), plan["accepted_plans"]))
    # strip 7 holds 20 of the 40 people without 4G
    assert uncovered == [(40, 0), (40, 0), (20, 1)]
    # the radius that was used is said, also where none was given
    assert plan["radius_m"] == 3_000
