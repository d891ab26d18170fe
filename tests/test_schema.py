"""The result table's contract, and the one message that lists every way a table breaks it."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import SchemaError
from geo.schema import RESULT_COLUMNS, coverage_column, speed_column, validate_result, validate_units
from tests.files import SQUARES
from tests.tiny import units_of


def test_names_of_the_result_table_are_those_other_programs_rely_on() -> None:
    names = [column.name for column in RESULT_COLUMNS]
    assert len(names) == len(set(names))
    assert names[:4] == ["unit_code", "vintage", "name", "kind"]
    assert {"4g_covered_people_share", "5g_operators", "mobile_download_mbps", "fixed_trend_mbps_per_year_low"} <= set(names)  # fmt: skip
    assert {"town_distance_km", "verdict", "reasons", "confidence", "gap_score_low", "rank_high", "hotspot"} <= set(names)  # fmt: skip
    assert coverage_column("4G", "operators") == "4g_operators"
    assert speed_column("fixed", "tests") == "fixed_tests"
    with pytest.raises(ValueError, match="6G"):
        coverage_column("6G", "operators")


def _units(**changes: Any) -> gpd.GeoDataFrame:
    return units_of(**SQUARES).assign(**changes)


def test_good_tables_pass_unchanged() -> None:
    units = _units()
    assert validate_units(units) is units
    result = _units(people=[1.0, None, 3.0], confidence=[0, 0.5, 1])
    assert validate_result(result) is result


@pytest.mark.parametrize(
    ("table", "match"),
    [
        (_units().drop(columns="name"), "column name is missing"),
        (_units(name=["a", None, "c"]), "1 rows have no name"),
        (_units(unit_code=["01", "01", "03"]), "unit_code occurs more than once: 01"),
        (_units(vintage=["2024", "2024", "2025-07"]), "vintages are mixed: 2024, 2025-07"),
        (_units().to_crs(3857), "geometry is in EPSG:3857, wanted EPSG:4326"),
        (_units().set_crs(None, allow_override=True), "geometry is in None"),
        (_units(geometry=[*list(SQUARES.values())[:2], shapely.Polygon()]), "units without geometry: 03"),
    ],
)
def test_bad_units(table: gpd.GeoDataFrame, match: str) -> None:
    for validate in (validate_units, validate_result):
        with pytest.raises(SchemaError, match=match):
            validate(table)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"speed": 1.0}, "column speed is not in the contract"),
        ({"confidence": [0, 1.1, 0]}, r"confidence is outside 0\.0\.\.1\.0 in units 02"),
        ({"people": [0, 0, -1.0]}, r"people is outside 0\.0\.\.None in units 03"),
        ({"gap_score": [101.0, 0, 0]}, r"gap_score is outside"),
        ({"4g_covered_area_share": [0, 0, 1.5]}, r"4g_covered_area_share is outside"),
    ],
)
def test_bad_results(changes: dict[str, Any], match: str) -> None:
    with pytest.raises(SchemaError, match=match):
        validate_result(_units(**changes))


def test_rows_out_of_order_and_all_faults_in_one_message() -> None:
    backwards = _units(people=-1.0, confidence=2.0).iloc[::-1]
    with pytest.raises(
        SchemaError, match=r"not sorted by unit_code; people is outside.*; confidence is outside"
    ):
        validate_result(gpd.GeoDataFrame(pd.DataFrame(backwards), crs=4326))
