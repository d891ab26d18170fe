"""Where to measure next: what is open, in which order, and how many devices and tests are missing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.gaps import judge_goals
from geo.measure_next import NEXT_COLUMNS, rank_measurements
from geo.precision import Z90
from geo.rules import Rules, load_rules
from tests.files import run, succeed


def _table(*rows: dict[str, Any], rules: Rules | None = None) -> pd.DataFrame:
    base = {"name": "x", "people": 1000.0, "mobile_devices": 50.0, "mobile_tests": 100.0}
    communes = pd.DataFrame([{"unit_code": f"{place:02}", **base, **row} for place, row in enumerate(rows)])
    rules = rules or Rules()
    return rank_measurements(communes, judge_goals(communes, rules), rules)


def _speed(value: float, factor: float, devices: float = 50.0) -> dict[str, float]:
    return {
        "mobile_download_mbps": value, "mobile_download_low": value / factor, "mobile_download_high": value * factor,
        "mobile_devices": devices, "mobile_tests": 2 * devices,
    }  # fmt: skip


def _mobile(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["network"] == "mobile"].set_index("unit_code")


def test_points_that_are_open_by_hand() -> None:
    # decided: 80 ± (40 … 160) passes; open: 20 … 45 Mbps, deficits 20/35 to 0; nothing known: the whole weight
    table = _mobile(_table(_speed(80, 2), _speed(30, 1.5), {"mobile_devices": 0.0, "mobile_tests": 0.0}))
    assert table["outcome"].to_dict() == {"02": "no_evidence", "01": "undecided", "00": "pass"}
    assert table["open_points"].to_dict() == pytest.approx({"02": 30.0, "01": 30 * 20 / 35, "00": 0.0})
    assert table.index.tolist() == ["02", "01", "00"]


def test_equal_openness_goes_by_people_then_code() -> None:
    table = _mobile(_table({"people": 10.0}, {"people": 99.0}, {"people": 10.0}, {"people": None}))
    assert table.index.tolist() == ["01", "00", "02", "03"]


def test_devices_and_tests_until_the_half_width_is_reached() -> None:
    # one unit: no pooling can be told, so the width falls as one over the root: ln 2 to ln 1.2
    row = _mobile(_table(_speed(50, 2))).iloc[0]
    needed = np.ceil(50 * (np.log(2) / np.log(1.2)) ** 2 - 50)
    assert row["half_width"] == pytest.approx(1.0)
    assert row["devices_missing"] == needed
    assert row["tests_missing"] == 2 * needed
    assert row["samples_missing"] == 200
    enough = _mobile(_table(_speed(50, 1.1, 400.0))).iloc[0]
    assert enough[["devices_missing", "tests_missing", "samples_missing"]].tolist() == [0, 0, 0]


def test_a_unit_without_an_interval_learns_from_the_others() -> None:
    sigma, pooling = 0.8, 6.0
    rows = [
        _speed(50, float(np.exp(Z90 * sigma / np.sqrt(n + pooling))), n) for n in (5.0, 10, 20, 50, 90, 200)
    ]
    table = _mobile(_table(*rows, {"mobile_devices": 1.0, "mobile_tests": 1.0}))
    needed = (Z90 * sigma / np.log(1.2)) ** 2 - pooling
    for devices, code in zip((5.0, 10, 20, 50, 90, 200, 1), table.sort_index().index, strict=True):
        assert table.loc[code, "devices_missing"] == pytest.approx(max(0, np.ceil(needed - devices)), abs=1)


def test_what_cannot_be_told_is_null_not_zero() -> None:
    row = _mobile(_table({"mobile_devices": 1.0, "mobile_tests": 1.0})).iloc[0]
    assert row[["half_width", "devices_missing", "tests_missing"]].isna().all()
    assert row["samples_missing"] == 299


def test_a_network_without_any_test_still_wants_its_samples() -> None:
    table = _table({})
    fixed = table[table["network"] == "fixed"].iloc[0]
    assert tuple(table.columns) == NEXT_COLUMNS
    assert (fixed["outcome"], fixed["tests"], fixed["samples_missing"]) == ("no_evidence", 0, 300)


def test_the_planner_sets_how_sure_is_sure() -> None:
    rules = load_rules({"half_width": 1.0, "wanted_samples": 50})
    row = _mobile(_table(_speed(50, 2), rules=rules)).iloc[0]
    assert row[["devices_missing", "samples_missing"]].tolist() == [0, 0]


def test_the_command(full: Path) -> None:
    succeed("build", full, "--quiet")
    assert "Where to measure next: until ±20%" in succeed("measure-next", full)
    found = json.loads(succeed("measure-next", full, "--format", "json", "--network", "mobile", "--top", 2))
    assert found["wanted"] == {"half_width": 0.2, "samples": 300}
    assert [row["unit_code"] for row in found["units"]] == ["02", "03"] or len(found["units"]) == 2
    assert succeed("measure-next", full, "--format", "csv").startswith("place,unit_code,name,network")
    assert run("measure-next", full, "--top", 0).exit_code == 2
