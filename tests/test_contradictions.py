"""Declared and measured: tiles whose verdict a pocket calculator gives, and chance that does not accuse anybody."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.contradictions import (
    CONTRADICTION_COLUMNS,
    LEAST_SCATTER,
    ContradictionRules,
    find_contradictions,
    judge_tiles,
    log_scatter,
)
from geo.coverage import cover_units, dissolve_coverage
from geo.errors import InputError, RulesError
from geo.people import count_people_of_units
from geo.speed import share_tiles
from tests.tiny import grid_over, speed_rows, tile_key, tiles_box, units_of

LEFT, RIGHT = tiles_box(0, 0, 4, 1), tiles_box(4, 0, 8, 1)
PEOPLE = [10, 20, 30, 40, 5, 5, 5, 5]


def row_of_tiles(
    *rows: tuple[int, float, float], network: str = "mobile", quarter: str = "2026Q2"
) -> pd.DataFrame:
    """Tiles in a row: place, Mbps, devices (a test each)."""
    return speed_rows([(network, quarter, tile_key(x, 0), mbps * 1000, 1, 50, n, n) for x, mbps, n in rows])


def found(
    tiles: pd.DataFrame, area: Any = None, *, people: bool = True, evidence: str = "declared", **options: Any
) -> pd.DataFrame:
    units = units_of(left=LEFT, right=RIGHT)
    claims = pd.DataFrame(
        {"operator": ["Viettel"], "technology": ["4G"], "evidence": [evidence], "as_of": ["2026-06-30"]}
    )
    shape = tiles_box(-1, -1, 9, 2) if area is None else area
    areas, _ = dissolve_coverage(gpd.GeoDataFrame(claims, geometry=[shape], crs="EPSG:4326"))
    grid = grid_over(0, 0, 8, 1, [PEOPLE]) if people else None
    unit_people = None
    if grid is not None:
        unit_people = pd.Series(
            count_people_of_units(grid, units.geometry.to_numpy()), index=["left", "right"]
        )
    coverage, shares = cover_units(units, areas, grid), share_tiles(tiles, units, grid)
    return find_contradictions(units, areas, coverage, tiles, shares, unit_people, **options).set_index(
        "unit_code"
    )


@pytest.mark.parametrize(
    ("mbps", "devices", "slow"),
    [
        (2.0, 4, True),  # 2 · exp(1.645 / 2) = 4.55
        (2.0, 3, False),  # 2 · exp(1.645 / √3) = 5.17: three devices do not settle it
        (4.0, 100, True),  # 4 · exp(0.1645) = 4.71
        (4.5, 100, False),
        (0.0, 3, True),
    ],
)
def test_a_tile_is_slow_when_its_upper_end_is(mbps: float, devices: float, slow: bool) -> None:
    (row,) = judge_tiles(row_of_tiles((0, mbps, devices)), ContradictionRules()).itertuples()
    assert row.upper_mbps == pytest.approx(mbps * np.exp(1.6448536 / np.sqrt(devices)))
    assert row.slow == slow


@pytest.mark.parametrize(
    ("sigma2", "omega2", "wanted"),
    [
        (1.0, 0.0, np.pi / np.sqrt(6)),  # exponential: the log of one test scatters by π / √6
        (1.0, 1.0, np.sqrt(np.pi**2 / 6 - 1)),  # gamma of shape 2
        (0.0, 0.3, LEAST_SCATTER),
        (0.01, 0.0, LEAST_SCATTER),
    ],
)
def test_the_scatter_of_logs_follows_from_the_variances(sigma2: float, omega2: float, wanted: float) -> None:
    assert log_scatter(sigma2, omega2) == pytest.approx(wanted)


def test_the_scatter_is_that_of_drawn_devices() -> None:
    """Tiles whose means differ by omega2 about their unit's, devices that scatter about their tile's."""
    rng = np.random.default_rng(3)
    tile = rng.gamma(1 / 0.3, 0.3, 20_000)
    one, other = (tile * rng.gamma(1 / 0.7, 0.7, len(tile)) for _ in range(2))
    sigma2 = float(((one - other) ** 2).mean() / 2)
    assert log_scatter(sigma2, 0.3) == pytest.approx(float(np.std(np.log(one / tile))), rel=0.03)


def test_few_devices_fixed_tests_and_old_quarters_judge_nothing() -> None:
    old = [row_of_tiles((4, 1, 50), quarter=quarter) for quarter in ("2024Q1",)]
    newer = [row_of_tiles((5, 1, 1), quarter=f"2025Q{quarter}") for quarter in (1, 2, 3, 4)]
    tiles = pd.concat(
        [row_of_tiles((0, 1, 2), quarter="2025Q4"), row_of_tiles((1, 1, 50), network="fixed"), *old, *newer]
    )
    judged = judge_tiles(tiles, ContradictionRules())
    # one device in each of four quarters counts as four; two devices are too few
    assert judged[["quadkey", "devices"]].to_numpy().tolist() == [[tile_key(5, 0), 4.0]]


def test_the_numbers_checked_by_eye() -> None:
    table = found(row_of_tiles((0, 1, 20), (1, 1, 20), (2, 30, 20), (4, 30, 20), (5, 30, 20), (6, 1, 2)))
    assert tuple(table.reset_index().columns) == CONTRADICTION_COLUMNS
    left, right = table.loc["left"], table.loc["right"]
    assert left["declared_share"] == pytest.approx(1)
    assert left["judged_share"] == pytest.approx(0.6, rel=1e-5)
    assert left["contradicted_share"] == pytest.approx(0.3, rel=1e-5)
    assert (left["judged_tiles"], left["contradicted_tiles"], left["devices"]) == (3, 2, 60)
    # two or more of three slow by chance: 3 · 0.05² · 0.95 + 0.05³
    assert left["chance"] == pytest.approx(0.00725)
    assert left["declared_not_measured"]
    assert left["as_of"] == "2026-06-30"
    assert (right["judged_tiles"], right["contradicted_tiles"]) == (2, 0)
    assert right["contradicted_share"] == 0
    assert right["chance"] == 1
    assert not right["declared_not_measured"]


def test_one_slow_tile_alone_may_be_chance() -> None:
    table = found(row_of_tiles((0, 1, 20), (4, 1, 20), (5, 30, 20)))
    assert table["contradicted_tiles"].tolist() == [1, 1]
    assert not table["declared_not_measured"].any()


def test_tests_outside_the_declared_area_or_on_its_edge_contradict_nothing() -> None:
    slow = row_of_tiles(*((x, 1, 50) for x in range(4)))
    table = found(slow, tiles_box(-1, -1, 1.5, 2))
    assert table.loc["left", "judged_tiles"] == 1
    assert table.loc["left", "declared_share"] == pytest.approx(0.2, rel=1e-5)
    assert not table["declared_not_measured"].any()


def test_silence_is_no_contradiction() -> None:
    table = found(row_of_tiles((0, 1, 2)))
    assert table["judged_share"].tolist() == [0, 0]
    assert table["chance"].isna().all()
    assert not table["declared_not_measured"].any()


def test_without_a_grid_shares_are_of_area() -> None:
    table = found(row_of_tiles((0, 1, 20), (1, 1, 20), (2, 30, 20)), people=False)
    assert table["basis"].tolist() == ["area", "area"]
    assert table.loc["left", "judged_share"] == pytest.approx(0.75)
    assert table.loc["left", "contradicted_share"] == pytest.approx(0.5)
    assert table.loc["left", "declared_not_measured"]


def test_where_nobody_declares_there_is_nothing_to_contradict() -> None:
    slow = row_of_tiles((0, 1, 50), (1, 1, 50))
    assert found(slow, evidence="modelled").empty
    assert found(slow, technology="5G").empty


def test_a_tile_on_a_border_counts_people_where_they_live() -> None:
    units = units_of(left=tiles_box(0, 0, 1.5, 1), right=tiles_box(1.5, 0, 4, 1))
    tiles = row_of_tiles((1, 1, 50))
    shares = share_tiles(tiles, units, None)
    areas = gpd.GeoDataFrame(
        {"operator": ["a"], "technology": ["4G"], "evidence": ["declared"], "as_of": ["2026-06-30"]},
        geometry=[tiles_box(-1, -1, 9, 2)], crs="EPSG:4326",
    )  # fmt: skip
    table = find_contradictions(units, areas, cover_units(units, areas, None), tiles, shares, None)
    assert table["judged_share"].tolist() == pytest.approx([1 / 3, 0.2])
    assert table["devices"].tolist() == pytest.approx([25, 25])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_faster_tests_never_make_a_contradiction_and_shares_are_ordered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tiles = row_of_tiles(*((x, float(rng.uniform(0, 9)), int(rng.integers(1, 40))) for x in range(8)))
    slow, fast = found(tiles), found(tiles.assign(avg_d_kbps=tiles["avg_d_kbps"] * 1.5))
    assert (slow["contradicted_share"] <= slow["judged_share"] + 1e-12).all()
    assert (
        slow[["declared_share", "judged_share", "contradicted_share"]]
        .apply(lambda c: c.between(0, 1))
        .all(axis=None)
    )
    assert (fast["contradicted_share"] <= slow["contradicted_share"] + 1e-12).all()
    assert (slow["declared_not_measured"] | ~fast["declared_not_measured"]).all()


def test_fast_networks_are_seldom_accused() -> None:
    """Units whose tiles truly run at the floor: called slow in about 5 % of cases or less."""
    rng = np.random.default_rng(1)
    accused = 0
    for _ in range(300):
        devices = rng.integers(3, 30, 8)
        means = [float(np.exp(rng.normal(np.log(5), 1, n)).mean()) for n in devices]
        tiles = row_of_tiles(*((x, m, int(n)) for x, (m, n) in enumerate(zip(means, devices, strict=True))))
        judged = judge_tiles(tiles, ContradictionRules())
        accused += int(judged["slow"].sum() >= 2)
    assert accused / 300 <= 0.06


def test_negative_speeds_are_an_error() -> None:
    with pytest.raises(InputError, match="a download speed is below 0"):
        judge_tiles(row_of_tiles((0, -1, 5)), ContradictionRules())


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"floor_mbps": 0}, "floor_mbps is 0, wanted above 0"),
        ({"alpha": 0.5}, r"alpha is 0\.5, wanted above 0 and below 0\.5"),
        ({"min_tiles": 0, "sigma_log": -1}, "sigma_log is -1.*min_tiles is 0"),
    ],
)
def test_rules_that_judge_nothing(given: dict[str, Any], match: str) -> None:
    with pytest.raises(RulesError, match=match):
        ContradictionRules(**given)
