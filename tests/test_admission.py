"""What came in otherwise than it was given is said by the command that let it in, not by a later build."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from geo.admission import MOST_LINES, admission_lines
from geo.quality import Finding, Severity
from geo.workspace import load_workspace
from tests.files import A, B, claim, feature, run, succeed, write_geojson

BOW = {
    "type": "Polygon",
    "coordinates": [[[105, 15], [105.02, 15.02], [105.02, 15], [105, 15.02], [105, 15]]],
}
LON, LAT = 105.66, 15.02
COLUMNS = ("--code", "code", "--label", "name")


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def sites(path: Path, *, bad: int) -> Path:
    rows = [f"{place},{LAT},{LON},Viettel,4G" for place in range(40)]
    wrong = [f"{place},200,300,Viettel,4G" for place in range(100, 100 + bad)]
    return text(path, "\n".join(["ict_id,lat,lon,operator_name,radio_type", *rows, *wrong]) + "\n")


def places(path: Path) -> Path:
    return text(path, f"name,class,lat,lon\nTr<U+01B0><U+1EDD>ng,school,{LAT},{LON}\nChợ,town,{LAT},{LON}\n")


def indicator(path: Path) -> Path:
    return text(path, "code,value\n01,5\n02,6\n09,7\n")


def outlines(path: Path) -> Path:
    return write_geojson(path, [feature(A), feature(BOW)])


def offers(folder: Path, root: Path) -> dict[str, tuple[list[object], str]]:
    """Command and the code of the finding that it must tell at once."""
    named = ["--name", "x", "--unit", "%", "--better", "higher", "--by", "code"]
    return {
        "sites": (["add", root, "sites", sites(folder / "s.csv", bad=2)], "quarantined"),
        "coverage": (["add", root, "coverage", outlines(folder / "c.geojson"), *claim()], "quarantined"),
        "places": (["add", root, "places", places(folder / "p.csv"), "--mend", "escapes"], "mended_escapes"),
        "indicator": (["add", root, "indicator", indicator(folder / "i.csv"), *named], "indicator"),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["sites", "coverage", "places", "indicator"])
def test_add_says_at_once_what_it_set_aside_or_mended(kind: str, tmp_path: Path, squares: Path) -> None:
    command, code = offers(tmp_path, squares)[kind]
    said = json.loads(succeed(*command, "--json"))
    assert code in {row["code"] for row in said["findings"]}
    result = run(*command, *(["--replace"] if kind == "indicator" else []))
    assert result.exit_code == 0
    assert f"warning {code}: " in result.stderr or f"error {code}: " in result.stderr
    quiet = run(*command, "--quiet")
    assert (quiet.stdout, code in quiet.stderr) == ("", True)


def test_new_says_at_once_that_a_unit_was_set_aside(tmp_path: Path) -> None:
    units = [
        feature(A, code="01", name="A"),
        feature(BOW, code="02", name="Xã Hai"),
        feature(B, code="03", name="B"),
    ]
    path = write_geojson(tmp_path / "units.geojson", units)
    result = run("new", tmp_path / "one", "--name", "x", "--boundaries", path, *COLUMNS)
    assert result.exit_code == 0
    assert "2 units" in result.stdout
    assert "error quarantined: Xã Hai (02): units.geojson: row 2 is not a valid polygon" in result.stderr
    assert "set aside, not used" in result.stderr
    said = json.loads(
        succeed("new", tmp_path / "two", "--name", "x", "--boundaries", path, *COLUMNS, "--json")
    )
    assert [(row["code"], row["unit"], row["row"]) for row in said["findings"]] == [("quarantined", "02", 2)]


def test_a_clean_file_says_nothing_more(tmp_path: Path, squares: Path) -> None:
    path = write_geojson(tmp_path / "c.geojson", [feature(A)])
    assert "found on the way in" not in run("add", squares, "coverage", path, *claim()).stderr


def test_long_lists_are_cut_and_counted() -> None:
    many: list[Any] = [
        Finding(Severity.WARNING, "quarantined", f"r{i}", file="a.csv", row=i) for i in range(1, 31)
    ]
    lines = admission_lines([*many, Finding(Severity.NOTE, "nfc", "n", file="a.csv")])
    assert lines[0] == "found on the way in: 0 errors, 30 warnings, 1 note"
    assert lines[1] == "  warning quarantined: a.csv: row 1: r1"
    assert len(lines) == MOST_LINES + 2
    assert "21 more" in lines[-1]
    assert admission_lines([Finding(Severity.NOTE, "nfc", "n")], notes=False) == []


def test_places_that_cannot_be_of_the_region_are_told(tmp_path: Path, squares: Path) -> None:
    path = text(tmp_path / "p.csv", f"name,class,lat,lon\nA,school,{LAT},{LON}\nB,school,0,0\n")
    (finding,) = json.loads(succeed("add", squares, "places", path, "--json"))["findings"]
    assert (finding["code"], finding["done"]) == ("places_far", "kept")
    assert (
        "1 of 2 places lie more than 0.35° outside the region (row 2; first: B at 0, 0)" in finding["message"]
    )


@pytest.mark.parametrize("kind", ["coverage", "sites"])
@pytest.mark.parametrize(
    ("operator", "why"),
    [("a\x1b[31mb", "control character"), ("*", "all operators together"), ("x" * 2_000, "2,000 characters")],
)
def test_an_operator_that_is_no_name(
    kind: str, operator: str, why: str, tmp_path: Path, squares: Path
) -> None:
    path = outlines(tmp_path / "c.geojson") if kind == "coverage" else sites(tmp_path / "s.csv", bad=0)
    options = [*claim(operator)] if kind == "coverage" else ["--operator", operator]
    result = run("add", squares, kind, path, *options)
    assert result.exit_code == 1
    assert why in result.stderr
    assert "\x1b" not in result.stderr


def test_what_a_system_leaves_in_a_folder_is_not_the_users(tmp_path: Path) -> None:
    folder = tmp_path / "units"
    folder.mkdir()
    write_geojson(folder / "a.geojson", [feature(A, code="01", name="A")])
    (folder / "._a.geojson").write_bytes(b"\0\5\x16\7")
    assert "1 units" in succeed("new", tmp_path / "ws", "--name", "x", "--boundaries", folder, *COLUMNS)


def test_a_code_that_lost_its_zeros_is_told_with_the_mend(tmp_path: Path, squares: Path) -> None:
    path = text(tmp_path / "i.csv", "code,value\n1,5\n2,6\n")
    command = [
        "add",
        squares,
        "indicator",
        path,
        "--name",
        "x",
        "--unit",
        "%",
        "--better",
        "higher",
        "--by",
        "code",
    ]
    assert "'1' is no unit (restore lost zeros with --code-width 2)" in run(*command).stderr
    succeed(*command, "--code-width", "2")


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4756"])
def test_the_crs_named_for_a_file_without_one_is_taken(crs: str, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame({"code": ["01"], "name": ["A"]}, geometry=[A]).to_file(path)
    command = ["new", tmp_path / "ws", "--name", "x", "--boundaries", path, *COLUMNS]
    assert f"--crs {crs}" in run(*command).stderr
    succeed(*command, "--crs", crs)


def test_one_input_gives_way_to_another(tmp_path: Path, squares: Path) -> None:
    first, second = (
        write_geojson(tmp_path / "1.geojson", [feature(A)]),
        write_geojson(tmp_path / "2.geojson", [feature(B)]),
    )
    succeed("add", squares, "coverage", first, *claim("Viettel"))
    succeed("add", squares, "coverage", first, *claim("MobiFone", "5G"))
    old = load_workspace(squares).of_kind("coverage")
    digest = old[0].files[0].sha256
    twice = run("add", squares, "coverage", second, *claim("Viettel"), "--instead-of", digest)
    assert twice.exit_code == 1
    assert "2 inputs of coverage hold a file whose sha256 begins with" in twice.stderr
    succeed("add", squares, "coverage", second, *claim("VinaPhone"))
    third = load_workspace(squares).of_kind("coverage")[2].files[0].sha256
    succeed("add", squares, "coverage", first, *claim("VinaPhone", "3G"), "--instead-of", third[:10])
    found = [given.options["technology"] for given in load_workspace(squares).of_kind("coverage")]
    assert found == ["4G", "5G", "3G"]
    none = run(
        "add", squares, "speed", first, "--network", "mobile", "--quarter", "2026Q1", "--instead-of", "0"
    )
    assert "0 inputs of speed hold a file" in none.stderr
    both = run("add", squares, "coverage", first, *claim(), "--instead-of", third, "--replace")
    assert both.exit_code == 2
