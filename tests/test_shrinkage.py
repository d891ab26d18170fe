"""Speeds with intervals: by hand, against plain loops, on planted truth, and what must hold of any tiles."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from geo.errors import InputError
from geo.pooling import LIMIT
from geo.shrinkage import estimate_networks, speed_columns, speed_steps
from geo.speed import aggregate_speed, share_tiles, summarise_speed
from geo.speed_model import (
    STEP_SD,
    enough_devices,
    estimate_units,
    fit_speed,
    number_groups,
    quarter_weights,
)
from geo.tile_pairs import Pairs, make_pairs, relative_variance, tile_mixture, variance_components
from tests.tiny import random_tests, speed_rows, tile_key, tiles_box, units_of, voronoi_units

FloatArray = npt.NDArray[np.float64]
QUARTERS = ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]
CHOICES: dict[str, Any] = {"quarters": 4, "quarter_weight": 0.5, "min_devices": 3.0}


def plant_tiles(
    seed: int, *, units: int = 30, tiles: int = 12, quarters: int = 4, sigma2: float = 1.2, omega2: float = 0.2,
    tau: float = 0.3, phi: float = 0.1, growth: float = 0.08,
) -> tuple[pd.DataFrame, pd.DataFrame, FloatArray]:  # fmt: skip
    """Tiles wholly in their units, their shares, and each unit's true mean (Mbps) in the newest quarter.

    Gamma means of relative variance sigma2 / devices, gamma tiles of omega2; units apart by tau, wobbling by phi (logs).
    """
    rng = np.random.default_rng(seed)
    level = np.log(40) + rng.normal(0, tau, units)
    wobble = rng.normal(0, phi, (units, quarters))
    place = rng.gamma(1 / omega2, omega2, (units, tiles))
    unit, tile, quarter = (axis.ravel() for axis in np.indices((units, tiles, quarters)))
    kept = rng.random(len(unit)) < 0.6
    unit, tile, quarter = unit[kept], tile[kept], quarter[kept]
    devices = 1 + rng.poisson(rng.gamma(0.5, 6, (units, tiles))[unit, tile])
    mean = np.exp(level[unit] + wobble[unit, quarter] + growth * (quarter - quarters + 1)) * place[unit, tile]
    speed = mean * rng.gamma(devices / sigma2, sigma2 / devices)
    keys = np.array([[tile_key(t, u) for t in range(tiles)] for u in range(units)])
    frame = pd.DataFrame(
        {
            "network": "mobile", "quarter": np.array(QUARTERS)[-quarters:][quarter], "quadkey": keys[unit, tile],
            "avg_d_kbps": 1000 * speed, "avg_u_kbps": 1.0, "avg_lat_ms": 1.0, "tests": devices, "devices": devices,
        }
    )  # fmt: skip
    shares = pd.DataFrame(
        {"quadkey": keys.ravel(), "unit_code": np.repeat(codes_of(units), tiles), "share": 1.0}
    )
    return frame, shares, np.exp(level)


def codes_of(units: int) -> list[str]:
    return [f"{unit:03}" for unit in range(units)]


def estimate(tiles: pd.DataFrame, shares: pd.DataFrame, codes: list[str], **changes: Any) -> pd.DataFrame:
    networks = estimate_networks(tiles, shares, codes, **{**CHOICES, **changes})
    return speed_columns(networks, codes).set_index("unit_code")


def fit(
    tiles: pd.DataFrame, shares: pd.DataFrame, units: int
) -> tuple[Pairs, FloatArray, npt.NDArray[np.bool_], npt.NDArray[np.int64], Any]:
    pairs = make_pairs(tiles, shares, codes_of(units), QUARTERS)
    weights = quarter_weights(4, 0.5)
    enough = enough_devices(pairs, 3)
    groups = number_groups(None, enough)
    return pairs, weights, enough, groups, fit_speed(pairs, weights, enough, groups)


def test_what_was_planted_is_found_again() -> None:
    tiles, shares, _ = plant_tiles(1, units=95, tiles=40)
    model = fit(tiles, shares, 95)[-1]
    # devices of a fast tile scatter with it: 1.2 · (1 + 0.2)
    assert model.sigma2 == pytest.approx(1.44, rel=0.15)
    assert model.omega2 == pytest.approx(0.2, rel=0.3)
    assert model.phi2 == pytest.approx(0.01, abs=0.006)
    assert model.prior.tau2 == pytest.approx(0.09, rel=0.4)
    assert np.exp(model.prior.mean[0]) == pytest.approx(40, rel=0.1)
    assert model.levels == pytest.approx([-0.24, -0.16, -0.08, 0], abs=0.08)


@pytest.mark.parametrize(
    "changes",
    [{}, {"tiles": 4}, {"units": 95, "tiles": 3}, {"units": 12}, {"quarters": 1}, {"tau": 0.05}, {"tau": 0.8}, {"omega2": 0.6}],
)  # fmt: skip
def test_nine_in_ten_intervals_hold_the_planted_truth_and_pooling_beats_own_means(
    changes: dict[str, Any],
) -> None:
    inside, pooled, own = [], [], []
    for seed in range(25):
        tiles, shares, truth = plant_tiles(seed, **changes)
        networks = estimate_networks(tiles, shares, codes_of(len(truth)), **CHOICES)
        found = networks["mobile"]
        low, high = found.speeds.low_mbps[found.enough], found.speeds.high_mbps[found.enough]
        wanted = truth[found.enough]
        inside.append((low <= wanted) & (wanted <= high))
        pooled.append((np.log(found.speeds.estimate_mbps[found.enough] / wanted) ** 2).mean())
        own.append((np.log(found.speeds.mean_mbps[found.enough] / wanted) ** 2).mean())
    # where units hardly differ, the least spread that can be told is more than there is
    assert 0.85 <= np.concatenate(inside).mean() <= (0.98 if changes.get("tau") == 0.05 else 0.95)
    assert np.mean(pooled) < np.mean(own)


def test_every_step_can_be_done_by_hand() -> None:
    tiles, shares, _ = plant_tiles(3)
    networks = estimate_networks(tiles, shares, codes_of(30), **CHOICES)
    shared = networks["mobile"].as_dict()
    level = dict(zip(shared["quarters"], shared["log_levels"], strict=True))
    weight = dict(zip(shared["quarters"], shared["quarter_weights"], strict=True))
    assert list(weight.values()) == [0.125, 0.25, 0.5, 1]
    for row in speed_steps(networks, codes_of(30)).to_dict("records"):
        mine = tiles.merge(shares[shares["unit_code"] == row["unit_code"]], on="quadkey").to_dict("records")
        total = sum(weight[t["quarter"]] * t["tests"] for t in mine)
        mean = (
            sum(
                weight[t["quarter"]] * t["tests"] * t["avg_d_kbps"] / 1000 / np.exp(level[t["quarter"]])
                for t in mine
            )
            / total
        )
        assert row["weighted_mean_mbps"] == pytest.approx(mean)
        by_tile = {t["quadkey"]: 0.0 for t in mine}
        for t in mine:
            by_tile[t["quadkey"]] += weight[t["quarter"]] * t["tests"] / total
        relative = shared["omega2"] * sum(share**2 for share in by_tile.values())
        relative += shared["sigma2"] * sum(
            (weight[t["quarter"]] * t["tests"] / total) ** 2 / t["devices"] for t in mine
        )
        shape = 1 / relative
        sampling = special.polygamma(1, shape)
        by_quarter = [
            sum(weight[t["quarter"]] * t["tests"] for t in mine if t["quarter"] == q) / total for q in level
        ]
        variance = sampling + shared["phi2"] * sum(part**2 for part in by_quarter)
        assert row["own_log"] == pytest.approx(np.log(mean) + np.log(shape) - special.digamma(shape))
        assert row["own_variance"] == pytest.approx(variance)
        own_weight = shared["tau2"] / (shared["tau2"] + variance)
        assert row["own_weight"] == pytest.approx(own_weight)
        move = (1 - own_weight) * (row["mean_log"] - row["own_log"])
        move = max(-LIMIT * variance**0.5, min(LIMIT * variance**0.5, move))
        assert row["download_mbps"] == pytest.approx(np.exp(row["own_log"] + move))
        half = stats.t.ppf(0.95, shared["freedom"]) * row["estimate_variance"] ** 0.5
        assert row["download_high"] == pytest.approx(row["download_mbps"] * np.exp(half))
        assert row["download_low"] == pytest.approx(row["download_mbps"] / np.exp(half))
        assert row["estimate_variance"] >= own_weight * variance


def test_variance_components_agree_with_plain_loops() -> None:
    tiles, shares, _ = plant_tiles(4, units=5, tiles=6)
    pairs = make_pairs(tiles, shares, codes_of(5), QUARTERS)
    relative = pairs.mbps / 40
    found = variance_components(pairs, relative)
    assert found is not None
    within = repeats = between = weight_of_omega2 = tile_freedom = 0.0
    for unit in range(5):
        means, sizes = [], []
        for tile in set(pairs.tile[pairs.unit == unit]):
            here = (pairs.unit == unit) & (pairs.tile == tile)
            n, z = pairs.devices[here], relative[here]
            within += float((n * (z - (n * z).sum() / n.sum()) ** 2).sum())
            repeats += len(n) - 1
            means.append(float((n * z).sum() / n.sum()))
            sizes.append(float(n.sum()))
        m, z = np.array(sizes), np.array(means)
        between += float((m * (z - (m * z).sum() / m.sum()) ** 2).sum())
        weight_of_omega2 += m.sum() - (m**2).sum() / m.sum()
        tile_freedom += len(m) - 1
    sigma2 = within / repeats
    assert found[0] == pytest.approx(sigma2)
    assert found[1] == pytest.approx(max(0, (between - sigma2 * tile_freedom) / weight_of_omega2))
    assert found[2] == repeats + tile_freedom


def test_the_variance_of_a_mean_by_eye() -> None:
    # two tiles, the second in two quarters: weights 1/2, 1/4, 1/4
    pairs = Pairs(
        unit=np.array([0, 0, 0]), tile=np.array([0, 1, 1]), quarter=np.array([0, 0, 1]), mbps=np.ones(3),
        tests=np.array([2.0, 1, 1]), devices=np.array([2.0, 1, 4]), units=2, quarters=2,
    )  # fmt: skip
    found = relative_variance(pairs, pairs.tests, 1.6, 0.5)
    relative = 0.5 * (0.25 + 0.25) + 1.6 * (0.25 / 2 + 0.0625 / 1 + 0.0625 / 4)
    assert found.tolist() == pytest.approx([relative, np.nan], nan_ok=True)
    # the unit has half its tests in each tile; its first quarter two thirds and one third, its second all in one
    mixture = tile_mixture(pairs)
    assert mixture[0].tolist() == pytest.approx([2 * (2 / 3 - 1 / 2) ** 2, 2 * (1 / 2) ** 2])
    assert mixture[1].tolist() == [0, 0]


def _one_unit(speeds: list[float], devices: int = 4) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [
        ("mobile", "2026Q2", tile_key(t, 0), 1000 * s, 1, 1, 2 * devices, devices)
        for t, s in enumerate(speeds)
    ]
    shares = pd.DataFrame({"quadkey": [row[2] for row in rows], "unit_code": "a", "share": 1.0})
    return speed_rows(rows), shares


def test_a_single_unit_is_its_own_mean_with_an_interval_when_its_tiles_are_many() -> None:
    speeds = [10.0, 12, 14, 18, 20, 22, 25, 27, 30, 33, 36, 40, 45, 50]
    row = estimate(*_one_unit(speeds), ["a"]).loc["a"]
    # the log of a mean is too low on average, by a little
    assert 1 < row["mobile_download_mbps"] / np.mean(speeds) < 1.02
    assert row["mobile_download_low"] < row["mobile_download_mbps"] < row["mobile_download_high"]
    few = estimate(*_one_unit(speeds[:5]), ["a"]).loc["a"]
    assert few["mobile_download_mbps"] == pytest.approx(np.mean(speeds[:5]))
    assert few[["mobile_download_low", "mobile_download_high"]].isna().all()


def test_too_few_devices_and_no_tests_give_null_and_a_measured_zero_is_zero() -> None:
    tiles, shares, _ = plant_tiles(5, units=9)
    codes = codes_of(9)
    mine = {code: shares.loc[shares["unit_code"] == code, "quadkey"] for code in codes}
    two = tiles["quadkey"].isin(mine["000"])
    first = tiles.index[two][0]
    tiles.loc[first, ["tests", "devices"]] = 2
    tiles = tiles[~two | (tiles.index == first)]
    tiles.loc[tiles["quadkey"].isin(mine["001"]), "tests"] = 0
    tiles.loc[tiles["quadkey"].isin(mine["002"]), "avg_d_kbps"] = 0.0
    found = estimate(tiles, shares, codes)
    assert found.isna().all(axis=1).tolist() == [True] * 2 + [False] * 7
    zero = found.loc["002"]
    assert zero["mobile_download_mbps"] == 0
    assert found.loc[["002"]].isna().to_numpy().tolist() == [[False, True, True]]
    # the others are as if its tests had not been made: 0 has no logarithm to pool
    without = tiles[~tiles["quadkey"].isin(mine["002"])]
    assert found.drop("002").equals(estimate(without, shares, codes).drop("002"))
    assert found.iloc[3:].notna().to_numpy().all()
    nobody = estimate(tiles.assign(tests=0), shares, codes)
    assert nobody.isna().to_numpy().all()
    assert list(nobody.columns) == ["mobile_download_mbps", "mobile_download_low", "mobile_download_high"]
    assert estimate(tiles.iloc[:0], shares, codes).columns.empty


@pytest.mark.parametrize(
    ("column", "value", "match"),
    [
        ("avg_d_kbps", -1.0, r"avg_d_kbps is -1\.0 in tile \d+ of 2\d+Q\d \(1 such rows\); wanted 0 or more"),
        ("tests", -3, r"tests is -3 in tile"),
        ("devices", -2, r"devices is -2 in tile"),
    ],
)
def test_negative_figures_are_refused(column: str, value: float, match: str) -> None:
    tiles, shares, _ = plant_tiles(6, units=4)
    tiles.loc[3, column] = value
    with pytest.raises(InputError, match=match):
        estimate(tiles, shares, codes_of(4))


def test_a_quarter_given_twice_is_refused_and_one_out_of_order_is_not() -> None:
    tiles, shares, _ = plant_tiles(7, units=8)
    newest = tiles[tiles["quarter"] == "2026Q2"]
    with pytest.raises(
        InputError, match=r"stands twice in 2026Q2 \(\d+ such rows\).*file of that quarter given twice"
    ):
        estimate(pd.concat([tiles, newest]), shares, codes_of(8))
    turned = tiles.sort_values(["quarter", "quadkey"], ascending=False)
    pd.testing.assert_frame_equal(estimate(turned, shares, codes_of(8)), estimate(tiles, shares, codes_of(8)))


def test_only_the_window_counts_and_newer_quarters_count_more() -> None:
    tiles, shares, _ = plant_tiles(8, units=8)
    before = tiles.assign(quarter="2020Q1", avg_d_kbps=1.0)
    codes = codes_of(8)
    pd.testing.assert_frame_equal(
        estimate(pd.concat([tiles, before]), shares, codes), estimate(tiles, shares, codes)
    )
    mine = _of_unit(tiles, shares, "000")
    found = []
    for quarter in ("2025Q3", "2026Q2"):
        factor = np.where(mine & (tiles["quarter"] == quarter), 2, 1)
        changed = tiles.assign(avg_d_kbps=tiles["avg_d_kbps"] * factor)
        found.append(float(estimate(changed, shares, codes)["mobile_download_mbps"].iloc[0]))
    assert found[1] > found[0] > float(estimate(tiles, shares, codes)["mobile_download_mbps"].iloc[0])


def _of_unit(tiles: pd.DataFrame, shares: pd.DataFrame, code: str) -> pd.Series:
    return tiles["quadkey"].isin(shares.loc[shares["unit_code"] == code, "quadkey"])


def test_what_all_units_gain_in_a_quarter_is_brought_in() -> None:
    tiles, shares, truth = plant_tiles(9, units=60, tiles=20, growth=0.25)
    found = estimate(tiles, shares, codes_of(60))
    assert np.log(found["mobile_download_mbps"] / truth).mean() == pytest.approx(0, abs=0.1)
    pairs = make_pairs(tiles, shares, codes_of(60), QUARTERS)
    raw = pairs.sum_units(pairs.tests * pairs.mbps) / pairs.sum_units(pairs.tests)
    assert np.log(raw / truth).mean() < -0.2


def test_a_newest_quarter_of_three_tests_cannot_move_the_rest() -> None:
    tiles, shares, _ = plant_tiles(10, units=30)
    codes = codes_of(30)
    three = tiles[tiles["quarter"] == "2026Q2"].head(3)
    thin = pd.concat(
        [tiles, three.assign(quarter="2026Q3", avg_d_kbps=three["avg_d_kbps"] * 20, tests=1, devices=1)]
    )
    before, after = (estimate(table, shares, codes) for table in (tiles, thin))
    moved = np.log(after["mobile_download_mbps"].to_numpy() / before["mobile_download_mbps"].to_numpy())
    assert np.median(np.abs(moved)) < 3 * STEP_SD
    wider = np.log(after["mobile_download_high"] / after["mobile_download_low"])
    assert (wider >= 0.9 * 2 * 1.64 * STEP_SD * 0.5).all()


def test_units_are_drawn_to_their_own_province() -> None:
    tiles, shares, _ = plant_tiles(11, units=20, tiles=3, tau=0.05)
    fast = tiles["quadkey"].isin(shares.loc[shares["unit_code"] >= "010", "quadkey"])
    tiles["avg_d_kbps"] *= np.where(fast, 10, 1)
    provinces = ["70"] * 10 + ["75"] * 10
    alone, grouped = (estimate(tiles, shares, codes_of(20), groups=g) for g in (None, provinces))
    spread = [np.log(t["mobile_download_mbps"].iloc[:10]).std() for t in (alone, grouped)]
    assert spread[1] < spread[0]
    # provinces of one unit each leave nothing to compare: as if there were none
    pd.testing.assert_frame_equal(estimate(tiles, shares, codes_of(20), groups=codes_of(20)), alone)


def test_an_outlier_is_not_averaged_away() -> None:
    tiles, shares, _ = plant_tiles(12, units=30, tiles=6, tau=0.05)
    slow = _of_unit(tiles, shares, "000")
    tiles["avg_d_kbps"] *= np.where(slow, 0.02, 1)
    networks = estimate_networks(tiles, shares, codes_of(30), **CHOICES)
    speeds = networks["mobile"].speeds
    assert abs(np.log(speeds.estimate_mbps[0]) - speeds.value[0]) <= LIMIT * speeds.variance[0] ** 0.5 + 1e-12


SEEDS = st.integers(0, 10_000)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 9))
def test_intervals_hold_their_estimate_and_estimates_lie_between_own_and_mean(seed: int, count: int) -> None:
    units, rows = voronoi_units(seed, count), random_tests(seed, 150)
    codes = units["unit_code"].tolist()
    networks = estimate_networks(rows, share_tiles(rows, units, None), codes, **CHOICES)
    wide = speed_columns(networks, codes)
    for network, found in networks.items():
        low, middle, high = (
            wide[f"{network}_download_{end}"].to_numpy(dtype=float) for end in ("low", "mbps", "high")
        )
        known = ~np.isnan(low)
        assert (low[known] <= middle[known]).all()
        assert (middle[known] <= high[known]).all()
        assert (low[known] >= 0).all()
        assert np.isfinite(high[known]).all()
        assert (np.isnan(middle) == ~found.enough).all()
        pooled = known & ~np.isnan(found.speeds.group_mean)
        ends = np.exp(np.sort([found.speeds.value[pooled], found.speeds.group_mean[pooled]], axis=0))
        assert (ends[0] * (1 - 1e-9) <= middle[pooled]).all()
        assert (middle[pooled] <= ends[1] * (1 + 1e-9)).all()


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_the_order_of_rows_is_irrelevant(seed: int) -> None:
    units, rows = voronoi_units(seed, 6), random_tests(seed, 120)
    codes, shares = units["unit_code"].tolist(), share_tiles(rows, units, None)
    mixed, mixed_shares = (frame.sample(frac=1, random_state=seed % 97) for frame in (rows, shares))
    pd.testing.assert_frame_equal(
        estimate(rows, shares, codes), estimate(mixed, mixed_shares, codes), rtol=1e-7
    )
    backwards = estimate(rows, shares, codes[::-1]).reindex(codes)
    pd.testing.assert_frame_equal(estimate(rows, shares, codes), backwards, rtol=1e-7)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] != pair[1]))
def test_two_units_that_swap_their_tiles_swap_their_results(seed: int, pair: tuple[int, int]) -> None:
    tiles, shares, _ = plant_tiles(seed, units=8, tiles=5)
    codes = codes_of(8)
    one, other = codes[pair[0]], codes[pair[1]]
    swapped = shares.assign(unit_code=shares["unit_code"].replace({one: other, other: one}))
    before, after = estimate(tiles, shares, codes), estimate(tiles, swapped, codes)
    pd.testing.assert_frame_equal(
        before.rename(index={one: other, other: one}).reindex(codes), after, rtol=1e-7
    )


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(0, 7), st.floats(1, 50))
def test_more_tests_at_the_same_speed_never_widen_an_interval(seed: int, unit: int, times: float) -> None:
    tiles, shares, _ = plant_tiles(seed, units=8, tiles=5)
    pairs, weights, _, groups, model = fit(tiles, shares, 8)
    assume(model is not None)
    factor = np.where(pairs.unit == unit, times, 1.0)
    more = replace(pairs, tests=pairs.tests * factor, devices=pairs.devices * factor)
    before, after = (estimate_units(given, weights, model, groups) for given in (pairs, more))
    width: Callable[[Any], Any] = lambda speeds: np.log(speeds.high_mbps / speeds.low_mbps)  # noqa: E731
    assert (width(after) <= width(before) * (1 + 1e-9))[~np.isnan(width(before))].all()


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_every_test_that_is_shared_out_is_counted_once(seed: int) -> None:
    units, rows = voronoi_units(seed, 5, span=6.5), random_tests(seed, 100)
    shares, codes = share_tiles(rows, units, None), units["unit_code"].tolist()
    raw = summarise_speed(aggregate_speed(rows, shares, codes), quarters=4)
    for network, found in estimate_networks(rows, shares, codes, **CHOICES).items():
        assert found.tests == pytest.approx(raw[f"{network}_tests"].to_numpy(), abs=1e-9)


def test_a_tile_on_a_border_is_shared_by_people_here_too() -> None:
    units = units_of(west=tiles_box(-2, 0, 0.5, 1), east=tiles_box(0.5, 0, 3, 1))
    rows = speed_rows([("mobile", "2026Q2", tile_key(0, 0), 10_000, 1, 1, 8, 8)])
    shares = share_tiles(rows, units, None)
    pairs = make_pairs(rows, shares, ["west", "east"], ["2026Q2"])
    assert pairs.sum_units(pairs.tests).tolist() == pytest.approx([4, 4])
    assert pairs.sum_units(pairs.devices).tolist() == pytest.approx([4, 4])
    assert enough_devices(pairs, 3).tolist() == [True, True]
    assert enough_devices(pairs, 4.1).tolist() == [False, False]
