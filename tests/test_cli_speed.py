"""`vunglom speed`: three ways, three formats, nothing written, and what it says when it cannot."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.files import run, snapshot, succeed


def _json(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(succeed("speed", *arguments, "--format", "json"))
    return found


def test_the_estimate_comes_with_its_steps_and_nothing_is_written(full: Path) -> None:
    before = snapshot(full)
    said = _json(full)
    assert snapshot(full) == before
    assert (said["list"], said["mode"], said["illustrative"]) == ("other-commune", "shrunk", False)
    # three tiles cannot say how tests scatter: plain means, no interval
    assert said["networks"]["mobile"]["sigma2"] is None
    assert said["networks"]["mobile"]["quarters"] == ["2026Q2"]
    rows = {row["unit_code"]: row for row in said["units"]}
    assert [rows[code]["download_mbps"] for code in ("01", "02", "03")] == [60, 17.5, None]
    assert {row["download_low"] for row in said["units"]} == {None}


@pytest.mark.parametrize(
    ("mode", "column", "wanted"),
    [
        ("raw", "download_raw_mbps", [60, 17.5, None]),
        # the border tile counts wholly on both sides, and 50 tests are wanted
        ("tutorial", "avg_d_mbps_wt", [None, (20 * 40 + 30 * 10) / 50, None]),
    ],
)
def test_the_other_ways(full: Path, mode: str, column: str, wanted: list[float | None]) -> None:
    said = _json(full, "--mode", mode)
    found = [row[column] for row in said["units"]]
    assert [None if value is None else round(value, 9) for value in found] == wanted
    assert ("Ookla's tutorial" in said["label"]) == (mode == "tutorial")


@pytest.mark.parametrize("mode", ["shrunk", "raw", "tutorial"])
def test_csv_and_table_say_the_same(full: Path, mode: str) -> None:
    rows = list(csv.DictReader(io.StringIO(succeed("speed", full, "--mode", mode, "--format", "csv"))))
    assert [row["unit_code"] for row in rows] == ["01", "02", "03"]
    assert {row["illustrative"] for row in rows} == {"false"}
    table = succeed("speed", full, "--mode", mode)
    assert "Unit 02" in table
    assert "other-commune" in table


def test_a_list_that_is_not_there_is_named(full: Path) -> None:
    result = run("speed", full, "--units", "2024-district")
    assert result.exit_code == 2
    assert "no list of units '2024-district' here; there are other-commune" in result.stderr


def test_without_tiles_it_says_how_to_add_some(squares: Path) -> None:
    result = run("speed", squares)
    assert result.exit_code == 1
    assert "no speed tiles here; add some: vunglom add" in result.stderr
