"""A built workspace of twelve squares with everything a page must survive: missing figures, hostile names, two lists."""

import json
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point, box

from geo.files import sha256_of
from geo.gaps import judge_goals, judge_units
from geo.indicator_places import INDICATOR_COLUMNS
from geo.results import Built, read_built
from geo.rules import Rules
from geo.schema import empty_table, validate_result
from geo.scores import score_intervals
from geo.sensitivity import worst_shares
from geo.workspace import create_workspace

NASTY_NAMES = (
    '<img src=x onerror="window.top.hacked=1">',
    "`${window.top.hacked=1}` {{ 7*7 }} {% raw %}",
    "</script><script>window.top.hacked=1</script>",
    'Lộc\' \\ "Ninh" \u2028 & Sơn',
)
WEST, SOUTH, STEP = 106.5, 11.5, 0.1


def fake_built(root: Path, *, illustrative: bool = True) -> Built:
    """Write the workspace under `root` and read it back through the real reader."""
    create_workspace(root, name="Bình Thử", illustrative=illustrative)
    built = root / "built"
    lists = [("2026-04-commune", "commune", communes()), ("2026-04-district", "district", districts())]
    for number, (name, _, result) in enumerate(lists):
        _write_list(built if number == 0 else built / "lists" / name, result)
    coverage_areas().to_parquet(built / "coverage_areas.parquet")
    places().to_parquet(built / "places.parquet")
    manifest: dict[str, Any] = {
        "format": 1, "name": "Bình Thử", "illustrative": illustrative, "note": "", "vunglom_version": "0.1.0",
        "versions": {}, "built_at": "2026-11-23T00:00:00Z", "rules": Rules().as_dict(), "inputs": [
            {"kind": "boundaries", "files": [{"path": "raw/a.geojson", "name": "a.geojson", "sha256": "0" * 64}], "options": {},
             "publisher": "Nhà xuất bản <b>", "licence": "CC BY 4.0", "date": "2026-11-01", "citation": "", "address": ""},
        ],
        "lists": [
            {"id": name, "vintage": "2026-04", "level": level, "units": len(result), "folder": "." if n == 0 else f"lists/{name}"}
            for n, (name, level, result) in enumerate(lists)
        ],
        "tables": {str(PurePosixPath(path.relative_to(built))): sha256_of(path) for path in sorted(built.rglob("*.parquet"))},
    }  # fmt: skip
    (built / "quality.json").write_text("[]", encoding="utf-8")
    (built / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return read_built(root)


def communes() -> gpd.GeoDataFrame:
    """Twelve squares, four across: row 0 well served, then worse; 11 without tests, 12 without anything."""
    squares = [
        box(WEST + STEP * i, SOUTH + STEP * j, WEST + STEP * (i + 1), SOUTH + STEP * (j + 1))
        for j in range(3)
        for i in range(4)
    ]
    names = [
        *NASTY_NAMES,
        "Đồng Xoài",
        "Hoà Bình",
        "Lộc Tấn",
        "Bù Gia Mập",
        "Phước Long",
        "Chơn Thành",
        "Bù Đốp",
        "Tân Khai",
    ]
    nan = np.nan
    frame = gpd.GeoDataFrame(
        {
            "unit_code": [f"{25001 + i}" for i in range(12)],
            "vintage": "2026-04",
            "name": names,
            "kind": ["xã"] * 4 + ["phường"] + ["xã"] * 7,
            "people": [1500.5 * (i + 1) for i in range(11)] + [nan],
            "area_km2": 121.0,
            "4g_covered_people_share": [1, 0.9979, 0.97, 0.96, 0.999, 0.93, 0.91, 0.55, 0.85, 0.99, 0.7, nan],
            "4g_covered_area_share": [1, 0.99, 0.9, 0.9, 0.99, 0.8, 0.8, 0.4, 0.6, 0.9, 0.5, nan],
            "4g_operators": [4, 4, 3, 3, 4, 2, 2, 0, 1, 3, 1, nan],
            "4g_evidence": ["declared"] * 11 + [None],
            "5g_covered_people_share": [0.95, 0.5, 0.2, 0.1, 0.92, 0.05, 0, 0, 0, 0.3, 0, nan],
            "mobile_download_mbps": [90, 41, 39.5, 30, 80, 12, 8, 3, 45, 44, nan, nan],
            "mobile_tests": [2000.0, 400, 300, 90, 1500, 40, 30, 12, 10, 400, nan, nan],
            "mobile_devices": [800.0, 90, 70, 30, 700, 20, 12, 5, 4, 100, nan, nan],
            "mobile_quarters": [8.0] * 10 + [nan, nan],
            "fixed_download_mbps": [210, 120, 99, 80, 150, 60, 40, 9, 101, 110, nan, nan],
            "fixed_devices": [800.0, 90, 70, 30, 700, 20, 12, 50, 40, 100, nan, nan],
            "4g_uncovered_people": [0, 6.3, 135, 240, 7.5, 630, 945, 5402, 2026, 150, 4951, nan],
            "mobile_trend_mbps_per_year": [6, 2.5, 1, -0.5, 4, -3, 0, -2, 1, 0.5, nan, nan],
            "mobile_trend_mbps_per_year_low": [3, -1, -2, -2.5, 1, -5, -2, -3.5, -1, -2, nan, nan],
            "mobile_trend_mbps_per_year_high": [9, 6, 4, 1.5, 7, -1, 2, -0.5, 3, 3, nan, nan],
            "mobile_direction": ["catching_up", *["steady"] * 4, "falling_behind", "steady", "falling_behind",
                                 "steady", "steady", None, None],
            "settlement": ["centre", "cluster", "cluster", *["rural"] * 8, None],
            "town_distance_km": [1.0, 5, 8, 12, 0, 22, 30, 55, 41, 7, 60, nan],
        },
        geometry=squares,
        crs="EPSG:4326",
    )  # fmt: skip
    return _judged(frame)


def districts() -> gpd.GeoDataFrame:
    """Three strips, one above the other, over the same ground."""
    frame = gpd.GeoDataFrame(
        {
            "unit_code": ["701", "702", "703"],
            "vintage": "2026-04",
            "name": ["Đồng Phú", "Bù Đăng", "Lộc Ninh"],
            "kind": "huyện",
            "people": [15005.0, 39013.0, np.nan],
            "4g_covered_people_share": [0.99, 0.8, 0.9],
            "4g_operators": [4, 2, 2],
            "mobile_download_mbps": [60.0, 20.0, np.nan],
        },
        geometry=[box(WEST, SOUTH + STEP * j, WEST + 4 * STEP, SOUTH + STEP * (j + 1)) for j in range(3)],
        crs="EPSG:4326",
    )
    return _judged(frame)


def goals_of(result: gpd.GeoDataFrame) -> pd.DataFrame:
    return judge_goals(result, Rules())


def coverage_of(result: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (code, "2026-04", operator, technology, "declared", "2026-09-30", 10.0, 0.5, 60.5, 0.25)
            for code in result["unit_code"]
            for operator in ("Viettel", "VNPT")
            for technology in ("4G", "5G")
        ],
        columns=["unit_code", "vintage", "operator", "technology", "evidence", "as_of", "covered_people",
                 "covered_people_share", "covered_area_km2", "covered_area_share"],
    )  # fmt: skip


def own_of(result: gpd.GeoDataFrame) -> pd.DataFrame:
    """An own indicator of the twelve squares that goes with their gap; none for other lists."""
    if len(result) != 12:
        return empty_table(INDICATOR_COLUMNS)
    value = pd.Series([90.0, 80, 70, 60, 85, 50, 40, 5, 30, 75, 20, np.nan])
    return pd.DataFrame(
        {
            "unit_code": result["unit_code"], "vintage": "2026-04", "indicator": "ho_so", "label": "Hồ sơ <i>trực tuyến</i>",
            "unit": "%", "better": "higher", "goal": np.nan, "worst": np.nan, "date": "2026-10-01", "value": value,
            "rank": value.rank(method="min").astype("Int64"),
        }
    )  # fmt: skip


def coverage_areas() -> gpd.GeoDataFrame:
    """Two operators' halves of the region on 4G, one on 5G."""
    west = box(WEST, SOUTH, WEST + 2.5 * STEP, SOUTH + 3 * STEP)
    east = box(WEST + 1.5 * STEP, SOUTH, WEST + 4 * STEP, SOUTH + 2.5 * STEP)
    return gpd.GeoDataFrame(
        {
            "operator": ["VNPT", "Viettel", "Viettel"],
            "technology": ["4G", "4G", "5G"],
            "evidence": ["declared", "modelled", "declared"],
            "as_of": ["2026-09-30", "2026-09-30", ""],
        },
        geometry=[west, east, west],
        crs="EPSG:4326",
    )


def places() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": ["Thị trấn <i>Thử</i>", "Trường 1", "Trạm 1"], "class": ["town", "school", "clinic"]},
        geometry=[
            Point(WEST + 0.15, SOUTH + 0.15),
            Point(WEST + 0.2, SOUTH + 0.25),
            Point(WEST + 0.31, SOUTH + 0.05),
        ],
        crs="EPSG:4326",
    )


def _judged(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    goals = goals_of(frame)
    verdicts = judge_units(goals)
    intervals = score_intervals(goals, verdicts, Rules())
    judged = frame.merge(verdicts, on="unit_code", how="left").merge(intervals, on="unit_code", how="left")
    return validate_result(judged)


def _write_list(folder: Path, result: gpd.GeoDataFrame) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    result.to_parquet(folder / "communes.parquet")
    goals = goals_of(result)
    goals.to_parquet(folder / "goals.parquet")
    worst_shares(goals, result, Rules()).to_parquet(folder / "sensitivity.parquet")
    own_of(result).to_parquet(folder / "indicators.parquet")
    coverage_of(result).to_parquet(folder / "coverage_by_operator.parquet")
    for name in ("speed_by_quarter", "contradictions"):
        pd.DataFrame({"unit_code": pd.Series(dtype=str)}).to_parquet(folder / f"{name}.parquet")
