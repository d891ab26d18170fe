"""`make validate`: the speed method against real tiles it has not seen; writes what came out between marks in METHODS.md.

Needs the real tiles of Puerto Rico and the Azores beside the project; without them it says so and leaves the page alone.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from geo.pooling import CONFIDENCE
from geo.rules import Rules
from geo.speed import aggregate_speed, share_tiles
from geo.speed_model import (
    SpeedModel,
    enough_devices,
    estimate_units,
    fit_levels,
    fit_speed,
    number_groups,
    own_values,
    quarter_weights,
)
from geo.tile_pairs import Pairs, make_pairs
from geo.tiles import tile_bounds
from geo.trends import fit_trends
from tests.planted import plant

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "real"
METHODS = ROOT / "METHODS.md"
START, END = "<!-- validate: from here", "<!-- validate: to here -->"
CLASSES: Final = (0.0, 10.0, 30.0, 100.0, 1000.0, np.inf)
PARENT_ZOOM: Final = 11
"""The Azores have no outlines here: a unit is the tiles of one zoom-11 tile, some 15 km wide."""
SEEDS: Final = (0, 1)
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Region:
    """Tiles of one network, their shares of units, and how much of the tiles the test of thin evidence keeps."""

    name: str
    tiles: pd.DataFrame
    shares: pd.DataFrame
    codes: list[str]
    thin: float

    @property
    def quarters(self) -> list[str]:
        return sorted(self.tiles["quarter"].unique())


def read_tiles_of(real: Path, network: str) -> pd.DataFrame:
    """All real tiles of a network with their quarter and western edge."""
    frames = []
    for path in sorted((real / "ookla" / "parquet" / "performance" / f"type={network}").rglob("*.parquet")):
        columns = ["quadkey", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices"]
        frame = pd.read_parquet(path, columns=columns, partitioning=None)
        quarter = f"{path.name[:4]}Q{(int(path.name[5:7]) + 2) // 3}"
        frames.append(frame.assign(network=network, quarter=quarter))
    tiles = pd.concat(frames, ignore_index=True)
    keys = tiles["quadkey"].unique()
    return tiles.assign(
        west=tiles["quadkey"].map(dict(zip(keys, tile_bounds(list(keys))[:, 0], strict=True)))
    )


def puerto_rico(real: Path, network: str = "mobile") -> Region:
    """78 municipios, tiles on their borders shared by area."""
    tiles = read_tiles_of(real, network)
    tiles = tiles[tiles["west"] < -60]
    units = gpd.read_file(real / "puerto_rico" / "municipios.geojson").to_crs("EPSG:4326")
    units = units.rename(columns={"fips": "unit_code"}).sort_values("unit_code", ignore_index=True)
    shares = share_tiles(tiles, units, None)
    return Region(f"Puerto Rico, {network}", tiles, shares, units["unit_code"].tolist(), 0.03)


def azores(real: Path, network: str) -> Region:
    """Units are zoom-11 parents of the tiles."""
    tiles = read_tiles_of(real, network)
    tiles = tiles[(tiles["west"] > -60) & (tiles["west"] < 0)]
    keys = tiles["quadkey"].unique()
    parents = [key[:PARENT_ZOOM] for key in keys]
    shares = pd.DataFrame({"quadkey": keys, "unit_code": parents, "share": 1.0})
    return Region(f"Azores, {network}", tiles, shares, sorted(set(parents)), 0.2)


def compare(
    seen: Pairs, weights: FloatArray, held: Callable[[SpeedModel], tuple[FloatArray, FloatArray]]
) -> pd.DataFrame:
    """One row per unit with 3 devices on both sides: what the method says of it and what was `held` back (log, variance)."""
    enough = enough_devices(seen, Rules().min_devices)
    groups = number_groups(None, enough)
    model = fit_speed(seen, weights, enough, groups)
    if model is None:
        return pd.DataFrame()
    speeds = estimate_units(seen, weights, model, groups)
    value, variance = held(model)
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, model.freedom) * np.sqrt(speeds.spread + variance)
    plain = seen.sum_units(seen.tests * seen.mbps) / np.maximum(seen.sum_units(seen.tests), 1e-300)
    error = value - np.log(speeds.estimate_mbps)
    found = pd.DataFrame(
        {
            "tests": seen.sum_units(seen.tests),
            "inside": np.abs(error) <= reach,
            "estimate": error,
            "own": value - np.log(speeds.mean_mbps),
            "raw": value - np.log(np.where(plain > 0, plain, np.nan)),
            "width": speeds.high_mbps / speeds.low_mbps,
        }
    )
    return found[enough & np.isfinite(error)]


def held_values(held: Pairs, weights: FloatArray, model: SpeedModel) -> tuple[FloatArray, FloatArray]:
    """Log mean and sampling variance of what was held back, null under 3 devices."""
    _, value, variance = own_values(held, weights, replace(model, phi2=0.0))
    return np.where(enough_devices(held, Rules().min_devices), value, np.nan), variance


def windows(region: Region) -> Iterator[list[str]]:
    """Every run of four quarters, or each quarter by itself where they do not follow each other."""
    size = Rules().speed_quarters if len(region.quarters) > Rules().speed_quarters else 1
    for end in range(size, len(region.quarters) + 1):
        yield region.quarters[end - size : end]


def hold_tiles(region: Region, kept: float) -> pd.DataFrame:
    """The test on tiles: each unit's tiles in random order, the first `kept` of them seen, the rest held back."""
    found = []
    for window in windows(region):
        pairs = make_pairs(region.tiles, region.shares, region.codes, window)
        weights = quarter_weights(len(window), Rules().speed_quarter_weight)
        for seed in SEEDS:
            seen = choose_tiles(pairs, kept, seed)
            held = pairs.select(~seen)
            found.append(
                compare(pairs.select(seen), weights, lambda m, h=held, w=weights: held_values(h, w, m))  # type: ignore[misc]
            )
    return pd.concat(found, ignore_index=True)


def choose_tiles(pairs: Pairs, kept: float, seed: int) -> npt.NDArray[np.bool_]:
    """Whether each pair is of the tiles kept: of a unit's tiles in random order, the first `kept` (rounded up or down by lot)."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"unit": pairs.unit, "tile": pairs.tile}).drop_duplicates()
    frame["lot"] = rng.random(len(frame))
    place = frame.groupby("unit")["lot"].rank() - frame["unit"].map(dict(enumerate(rng.random(pairs.units))))
    count = frame.groupby("unit")["tile"].transform("size")
    chosen = frame[place <= kept * count]
    width = int(pairs.tile.max()) + 1
    return np.isin(pairs.unit * width + pairs.tile, chosen["unit"] * width + chosen["tile"])


def hold_quarter(region: Region, *, step: bool) -> pd.DataFrame:
    """The test on time: the quarter after each window, less what all units moved together when `step`."""
    found = []
    for window in windows(region):
        after = region.quarters.index(window[-1]) + 1
        if after == len(region.quarters):
            continue
        longer = [*window, region.quarters[after]]
        seen, held, both = (
            make_pairs(region.tiles, region.shares, region.codes, quarters)
            for quarters in (window, longer[-1:], longer)
        )

        def next_quarter(
            model: SpeedModel, held: Pairs = held, both: Pairs = both
        ) -> tuple[FloatArray, FloatArray]:
            size = both.quarters
            blank = replace(model, levels=np.zeros(size), level_variance=np.zeros((size, size)))
            moved = -fit_levels(both, blank).levels[-2] if step else 0.0
            value, variance = held_values(held, np.ones(1), replace(model, levels=np.zeros(1)))
            return value - moved, variance

        weights = quarter_weights(len(window), Rules().speed_quarter_weight)
        found.append(compare(seen, weights, next_quarter))
    return pd.concat(found, ignore_index=True)


def rms(errors: pd.Series) -> float:
    """Root mean square."""
    return float(np.sqrt((errors**2).mean()))


def coverage_table(results: Sequence[tuple[str, str, pd.DataFrame]]) -> list[str]:
    """One row per region and test."""
    lines = [
        "| tiles | held back | comparisons | inside the interval | error: estimate | error: own mean | error: raw mean |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for region, test, found in results:
        errors = " | ".join(f"{rms(found[name]):.3f}" for name in ("estimate", "own", "raw"))
        lines.append(f"| {region} | {test} | {len(found):,} | {found['inside'].mean():.1%} | {errors} |")
    return lines


def class_table(results: Sequence[tuple[str, pd.DataFrame]]) -> list[str]:
    """One row per test and class of tests seen, all regions together."""
    lines = [
        "| held back | tests seen in the unit | comparisons | inside | error: estimate | error: own mean | high / low |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    labels = ["under 10", "10 to 30", "30 to 100", "100 to 1,000", "over 1,000"]
    for test, found in results:
        for label, rows in found.groupby(pd.cut(found["tests"], list(CLASSES), labels=labels), observed=True):
            lines.append(
                f"| {test} | {label} | {len(rows):,} | {rows['inside'].mean():.1%} | {rms(rows['estimate']):.3f} | "
                f"{rms(rows['own']):.3f} | {rows['width'].median():.2f} |"
            )
    return lines


def trend_lines(region: Region) -> list[str]:
    """Directions of Puerto Rico's 20 quarters, of the same with the quarters shuffled, and of planted trends."""
    by_quarter = aggregate_speed(region.tiles, region.shares, region.codes)
    found = fit_trends(by_quarter)
    counts = found["mobile_direction"].value_counts()
    median = found["mobile_trend_mbps_per_year"].median()
    steps = found["mobile_trend_mbps_per_year_low"].gt(0).sum()
    shuffled = np.mean([moving(fit_trends(shuffle_quarters(by_quarter, seed))) for seed in range(40)])
    lines = [
        f"Puerto Rico, mobile, {by_quarter['quarter'].nunique()} quarters, {len(found)} municipios: "
        f"{counts.get('falling_behind', 0)} falling behind, {counts.get('catching_up', 0)} catching up, "
        f"{counts.get('steady', 0)} steady; median trend {median:.1f} Mbps per year, its interval above 0 in {steps}. "
        f"With the quarters in random order (40 times), {shuffled:.1%} are said to move.",
        "",
        "| planted in 95 units | devices a quarter | quarters | said to move though they do not | found |",
        "| --- | --- | --- | --- | --- |",
    ]
    still = [(quarters, 0.0, 40.0) for quarters in (4, 8, 12, 20)]
    falling = [(8, -0.3, 40.0), (12, -0.3, 40.0), (20, -0.15, 40.0), (12, -0.3, 200.0)]
    return lines + [planted_row(*choice) for choice in (*still, *falling)]


def planted_row(quarters: int, slope: float, devices: float) -> str:
    """One row: how often units without a trend are said to move, and units below the median that fall are found."""
    false, found = [], []
    for seed in range(20):
        share = 0.15 if slope else 0.0
        planted = plant(seed, quarters=quarters, slope=slope, share=share, devices=devices)
        direction = fit_trends(planted.by_quarter)["mobile_direction"].to_numpy()
        still = planted.slope == 0
        false.append(float((direction[still] != "steady").mean()))
        below = ~still & (planted.level < np.median(planted.level))
        found += (direction[below] == "falling_behind").tolist()
    what = (
        f"15 % of units fall by {1 - np.exp(slope):.0%} a year beside the rest" if slope else "no unit moves"
    )
    power = f"{np.mean(found):.0%}" if slope else "–"
    return f"| {what} | {devices:.0f} | {quarters} | {np.mean(false):.1%} | {power} |"


def moving(trends: pd.DataFrame) -> float:
    """Share of the units with a direction that is not steady."""
    direction = trends["mobile_direction"].dropna()
    return float((direction != "steady").mean())


def shuffle_quarters(by_quarter: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same quarters in another order, the same for all units: chance as it really is, and no trend."""
    names = np.sort(by_quarter["quarter"].unique())
    other = dict(zip(names, np.random.default_rng(seed).permutation(names), strict=True))
    return by_quarter.assign(quarter=by_quarter["quarter"].map(other))


def report(real: Path) -> list[str]:
    """The lines that stand between the marks."""
    regions = [puerto_rico(real), azores(real, "mobile"), azores(real, "fixed")]
    single = puerto_rico(real, "fixed")
    results, pooled = [], {}
    tests: dict[str, Callable[[Region], pd.DataFrame]] = {
        "half of each unit's tiles": lambda region: hold_tiles(region, 0.5),
        "all but a few tiles": lambda region: hold_tiles(region, region.thin),
        "the next quarter": lambda region: hold_quarter(region, step=True),
        "the next quarter, shared growth not taken out": lambda region: hold_quarter(region, step=False),
    }
    for test, run in tests.items():
        found = [(region.name, test, run(region)) for region in regions]
        if test.startswith("half"):
            found.append((f"{single.name}, one quarter at a time", test, hold_tiles(single, 0.5)))
        results += found
        pooled[test] = pd.concat([table for _, _, table in found], ignore_index=True)
    shown = [(test, table) for test, table in pooled.items() if "not taken out" not in test]
    return [*coverage_table(results), "", *class_table(shown), "", *trend_lines(regions[0])]


def replace_between(text: str, lines: Sequence[str]) -> str:
    """The page with `lines` between its two marks."""
    before, rest = text.split(START, 1)
    mark, rest = rest.split("\n", 1)
    return f"{before}{START}{mark}\n" + "\n".join(lines) + f"\n{END}" + rest.split(END, 1)[1]


def main() -> None:
    """Compute, and write the page when the real data is there."""
    if not REAL.is_dir():
        print(
            f"skipped: the real tiles are not beside the project (looked for ../{REAL.parent.name}/{REAL.name})"
        )
        return
    start = time.perf_counter()
    lines = report(REAL)
    METHODS.write_text(replace_between(METHODS.read_text(encoding="utf-8"), lines), encoding="utf-8")
    print("\n".join(lines))
    print(f"{METHODS.name} written; {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
