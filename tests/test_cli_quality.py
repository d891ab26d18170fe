"""`vunglom quality` on three squares with a bad border: what it prints in each form, what it leaves out, its exit status."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from geo.cli_quality import COLUMNS, as_csv
from geo.quality import severities_text
from geo.results import read_built
from tests.files import (
    SPEED_NAME,
    A,
    C,
    Files,
    add_scene,
    feature,
    run,
    succeed,
    write_geojson,
    write_scene,
    write_tiles,
    write_units,
)
from tests.tiny import tile_key, tiles_box

LIST = "other-commune"
HOSTILE = "=cmd|'/C calc'!A0 [bold]x[/bold]"


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scene, but B reaches half a tile into A, and C is called as a spreadsheet would run it."""
    folder = tmp_path_factory.mktemp("quality")
    files = write_scene(folder / "scene")
    shapes = {"01": ("Unit", A, 30), "02": ("Unit", tiles_box(4, 0, 8, 4), 5.6), "03": (HOSTILE, C, 4)}
    units = [feature(shape, code=code, name=name, km2=km2) for code, (name, shape, km2) in shapes.items()]
    write_geojson(files.units, units)
    succeed(
        "new", folder / "ws", "--name", "Ba ô", "--boundaries", files.units, "--code", "code", "--label", "name",
        "--declared-area", "km2",
    )  # fmt: skip
    add_scene(folder / "ws", files)
    succeed("build", folder / "ws", "--quiet")
    return folder / "ws"


def _report(bad: Path, *options: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(succeed("quality", bad, "--format", "json", *options))
    return found


def _found(bad: Path, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _report(bad, "--code", code)["findings"]
    return found


def test_json_is_what_was_built(bad: Path) -> None:
    report = _report(bad)
    assert [dict(row) for row in report["findings"]] == [
        {name: row[name] for name in COLUMNS} for row in read_built(bad).quality
    ]
    assert report["counts"] == {
        severity: sum(row["severity"] == severity for row in report["findings"])
        for severity in ("error", "warning", "note")
    }
    assert (report["name"], report["illustrative"]) == ("Ba ô", False)


def test_people_in_an_overlap_count_in_both_units_and_the_audit_says_so(bad: Path) -> None:
    (overlap,) = _found(bad, "overlap")
    assert (overlap["severity"], overlap["unit"], overlap["file"], overlap["row"]) == (
        "error", "01", "units.geojson", 1
    )  # fmt: skip
    assert "(12.50% of the smaller); 10 people there count in both" in overlap["message"]
    (twice,) = _found(bad, "people_twice")
    # 50 in A, 80 in B, 20 in C; of them ten in A and in B
    assert twice["message"].startswith(f"{LIST}: sums over units count 10 people (6.67%) too many")
    assert twice["severity"] == "error"
    (audit,) = _found(bad, "audit_people")
    assert audit["message"].startswith(f"{LIST}: 140 people in units; 0 more")
    (tests,) = _found(bad, "audit_tests")
    assert "60.0 of 60 tests in units" in tests["message"]


def test_the_report_holds_every_check_of_the_scene(bad: Path) -> None:
    found = {(row["code"], row["severity"]) for row in _report(bad)["findings"]}
    assert found == {
        ("overlap", "error"),
        ("people_twice", "error"),
        ("declared_area", "error"),
        ("too_few_tests", "warning"),
        ("duplicate_name", "note"),
        ("date_unknown", "note"),
        ("audit_people", "note"),
        ("audit_tests", "note"),
        ("tests_by_quarter", "note"),
        ("tile_coverage", "note"),
        ("outlines", "note"),
    }
    assert {row["list_id"] for row in _report(bad)["findings"]} == {"", LIST}
    assert {row["list_id"] for row in _found(bad, "date_unknown")} == {""}


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--severity", "error"], {"overlap", "people_twice", "declared_area"}),
        (["--code", "outlines"], {"outlines"}),
        (["--code", "outlines", "--code", "overlap"], {"outlines", "overlap"}),
        (["--code", "outlines", "--severity", "error"], set()),
        (["--code", "superseded"], set()),
        (["--code", "outlines", "--units", LIST], {"outlines"}),
    ],
)
def test_findings_can_be_chosen(bad: Path, options: list[str], wanted: set[str]) -> None:
    assert {row["code"] for row in _report(bad, *options)["findings"]} == wanted


def test_csv_has_every_column_and_no_formula(bad: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(succeed("quality", bad, "--format", "csv"))))
    assert list(rows[0]) == [*COLUMNS, "illustrative"]
    assert len(rows) == len(_report(bad)["findings"])
    assert {row["illustrative"] for row in rows} == {"false"}
    hostile = as_csv(
        [{**dict.fromkeys(COLUMNS, ""), "file": "=1+1.geojson", "value": -0.5}], illustrative=True
    )
    assert ",'=1+1.geojson," in hostile
    assert hostile.endswith(",-0.5,,,true\n")


def test_the_table_is_grouped_gravest_first_and_shows_names_as_they_are(bad: Path) -> None:
    said = succeed("quality", bad)
    report = _report(bad)
    assert said.startswith(f"Ba ô: {severities_text(report['counts'])}\n")
    heads = [
        line.split(" (")[0] for line in said.splitlines() if line.startswith(("error ", "warning ", "note "))
    ]
    assert heads == list(dict.fromkeys(f"{row['severity']} {row['code']}" for row in report["findings"]))
    assert f"{HOSTILE} (03) has 0 device counts" in said
    assert "[units.geojson: row 1]" in said
    assert "  mend: mend the outlines in a GIS, then vunglom add DIR boundaries FILE … --replace" in said
    assert said.count("done: area and people there count in both units") == 1


def test_long_lists_are_cut_with_a_line_that_says_so(tmp_path: Path) -> None:
    row = {f"{number:02}": tiles_box(number, 0, number + 1, 1) for number in range(14)}
    units = write_units(tmp_path / "units.geojson", row)
    root = tmp_path / "ws"
    succeed("new", root, "--name", "x", "--boundaries", units, "--code", "code", "--label", "name")
    tiles = write_tiles(tmp_path / SPEED_NAME, [(tile_key(0, 0), 1_000, 100, 30, 50, 50)])
    succeed("add", root, "speed", tiles, "--network", "mobile")
    succeed("build", root, "--quiet")
    short = succeed("quality", root, "--severity", "warning").splitlines()
    assert "warning too_few_tests (13)" in short
    assert sum("device counts of mobile tests" in line for line in short) == 10
    assert "  … 3 more; --all shows them" in short
    whole = succeed("quality", root, "--severity", "warning", "--all").splitlines()
    assert sum("device counts of mobile tests" in line for line in whole) == 13
    assert not any("more; --all" in line for line in whole)


def test_remedies_that_differ_stand_under_their_finding(bad: Path) -> None:
    quality = bad / "built" / "quality.json"
    before = quality.read_text(encoding="utf-8")
    rows = [row for row in json.loads(before) if row["code"] == "declared_area"]
    rows[0] |= {"done": "left", "mend": "test more"}
    quality.write_text(json.dumps(rows), encoding="utf-8")
    try:
        said = succeed("quality", bad)
    finally:
        quality.write_text(before, encoding="utf-8")
    assert said.count("      done: ") == len(rows) == 2
    assert "      done: left\n      mend: test more\n" in said


def test_build_counts_the_findings_and_names_the_command(squares: Path) -> None:
    said = succeed("build", squares)
    assert (
        f"findings about the inputs: 0 errors, 0 warnings, 2 notes (see vunglom quality {squares})\n" in said
    )
    summary = json.loads(succeed("build", squares, "--json"))
    assert summary["findings"] == {"error": 0, "warning": 0, "note": 2}


def test_a_workspace_that_is_not_built_is_status_1(squares: Path, tmp_path: Path) -> None:
    for folder in (squares, tmp_path / "nothing"):
        result = run("quality", folder)
        assert result.exit_code == 1
        assert "not built yet; run `vunglom build" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--code", "overlaps"], "no code 'overlaps'; there are audit_people, "),
        (["--units", "2024-district"], f"no list of units '2024-district' here; there are {LIST}"),
        (["--severity", "fatal"], "fatal"),
        (["--format", "xlsx"], "xlsx"),
    ],
)
def test_a_call_at_fault_is_status_2(bad: Path, options: list[str], said: str) -> None:
    result = run("quality", bad, *options)
    assert result.exit_code == 2
    assert said in result.stderr


def test_two_lists_are_told_apart(squares: Path, scene: Files) -> None:
    columns = ("--code", "code", "--label", "name", "--level", "district")
    succeed(
        "add",
        squares,
        "boundaries",
        write_units(scene.units.with_name("d.geojson"), {"1": A.union(C)}),
        *columns,
    )
    succeed("build", squares, "--quiet")
    outlines = [row["list_id"] for row in _found(squares, "outlines")]
    assert sorted(outlines) == [LIST, "other-district"]
    chosen = _report(squares, "--units", "other-district")["findings"]
    assert {row["list_id"] for row in chosen} == {"", "other-district"}
