"""The report on figures: nobody, too few tests, how far the tests reach; three squares by hand."""

import numpy as np
import pandas as pd
import pytest

from geo.quality import Severity
from geo.quality_figures import area_in_tiles_km2, few_tests, people_zero, tile_coverage
from geo.quarters import newest_quarters
from geo.speed import share_tiles, summarise_tiles
from tests.files import PEOPLE, A, B, C
from tests.tiny import grid_over, speed_rows, tile_key, units_of

LIST = "other-commune"
CODES = ["01", "02", "03"]
TESTS = speed_rows(
    [
        ("mobile", "2026Q2", tile_key(1, 1), 80_000, 8_000, 30, 10, 12),
        ("mobile", "2026Q2", tile_key(4, 1), 40_000, 4_000, 50, 20, 20),  # half A's, half B's
        ("mobile", "2026Q1", tile_key(6, 1), 10_000, 1_000, 90, 30, 4),
        ("mobile", "2026Q2", tile_key(9, 1), 10_000, 1_000, 90, 0, 0),  # a tile without tests
        ("fixed", "2026Q2", tile_key(9, 1), 10_000, 1_000, 90, 1, 1),
    ]
)


def _communes(**columns: list[float | None]) -> pd.DataFrame:
    return pd.DataFrame({"unit_code": CODES, "name": ["A", "B", "C"], **columns})


def test_units_without_anybody() -> None:
    (found,) = people_zero(LIST, _communes(people=[10, 0, None]))
    assert (found.severity, found.code, found.unit) == (Severity.WARNING, "people_zero", "02")
    assert found.message == f"{LIST}: nobody lives in B (02) by the population raster"
    assert people_zero(LIST, _communes()) == []


def test_units_with_too_few_tests_for_an_estimate_or_for_a_decision() -> None:
    communes = _communes(mobile_devices=[10, 2.5, 9.99], fixed_devices=[0, 3 - 1e-12, 10 - 1e-12])
    found = few_tests(LIST, communes, min_devices=3, decisive_devices=10)
    assert [(one.code, one.severity, one.unit, one.value) for one in found] == [
        ("too_few_tests", Severity.WARNING, "02", 0.5),
        ("few_tests", Severity.NOTE, "03", pytest.approx(0.01)),
        ("too_few_tests", Severity.WARNING, "01", 3),
        ("few_tests", Severity.NOTE, "02", pytest.approx(7)),
    ]
    assert (
        found[0].message
        == f"{LIST}: B (02) has 2.5 device counts of mobile tests, under the 3 that an estimate needs"
    )
    assert found[1].message.endswith("under the 10 that a decision needs")
    assert few_tests(LIST, _communes(), min_devices=3, decisive_devices=10) == []


def test_tested_area_counts_tiles_with_tests_of_the_window_once() -> None:
    units = units_of(**{"01": A, "02": B, "03": C})
    shares = share_tiles(TESTS, units, None)
    found = area_in_tiles_km2(TESTS, shares, {"mobile": ["2026Q1", "2026Q2"], "fixed": ["2026Q2"]})
    # a zoom-16 tile near 15° N is about 591 m wide
    tile = 0.5905**2
    assert found == pytest.approx({"mobile": 3 * tile, "fixed": tile}, rel=0.01)
    one = area_in_tiles_km2(TESTS, shares, {"mobile": ["2026Q2"]})
    assert one["mobile"] == pytest.approx(found["mobile"] * 2 / 3, rel=1e-3)
    beyond = speed_rows([("mobile", "2026Q2", tile_key(30, 1), 1, 1, 1, 5, 5)])
    nowhere = share_tiles(beyond, units, None)
    assert area_in_tiles_km2(beyond, nowhere, {"mobile": ["2026Q2"]}) == {"mobile": 0}


def test_tile_coverage_says_how_many_units_people_and_how_much_area() -> None:
    units = units_of(**{"01": A, "02": B, "03": C}).assign(area_km2=[45.0, 35.0, 40.0])
    grid = grid_over(0, 0, 12, 4, [PEOPLE])
    people = pd.Series([50.0, 70.0, 20.0], index=CODES)
    tested = summarise_tiles(TESTS, share_tiles(TESTS, units, grid), CODES, people, quarters=4)
    found = tile_coverage(LIST, units, tested, people, {"fixed": 10.0, "mobile": 30.0})
    assert [one.value for one in found] == pytest.approx([10 / 120, 30 / 120])
    assert {(one.code, one.severity) for one in found} == {("tile_coverage", Severity.NOTE)}
    # of mobile: a quarter of a strip of 10, one of 20 and one of 20 people, of 140
    assert found[1].message == (
        f"{LIST}: mobile: 1 of 3 units have no tile with tests; {12.5 / 140:.1%} of people and 25.0% of their area lie in tiles with tests"
    )
    assert found[0].message.startswith(
        f"{LIST}: fixed: 2 of 3 units have no tile with tests; {1.25 / 140:.1%} of people"
    )
    found = tile_coverage(LIST, units, tested, None, {"mobile": 30.0})
    assert "tests; 25.0% of their area lie" in found[0].message


def test_units_whose_people_are_not_known_are_left_out_of_both_sums() -> None:
    units = pd.DataFrame({"unit_code": ["a", "b"], "area_km2": [1.0, 1.0]})
    tested = pd.DataFrame({"mobile_tiles": [1.0, 1.0], "mobile_tested_people_share": [0.5, np.nan]})
    people = pd.Series([100.0, np.nan], index=["a", "b"])
    (found,) = tile_coverage(LIST, units, tested, people, {"mobile": 1.0})
    assert "50.0% of people and 50.0% of their area" in found.message


def test_the_window_is_the_one_of_the_speed_figures() -> None:
    assert newest_quarters(TESTS, 1) == {"fixed": ["2026Q2"], "mobile": ["2026Q2"]}
