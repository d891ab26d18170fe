"""`make bench`: how long the stages of a province, checks and planning take, beside geopandas.overlay and spopt + CBC.

Prints tables; asserts nothing about time. `python -m tests.bench --synthetic` leaves real outlines aside.
"""

import argparse
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rich.console import Console
from rich.table import Table

from geo.coverage import cover_units, dissolve_coverage, union_by_technology
from geo.crs import EQUAL_AREA_CRS
from geo.people import count_people
from geo.remoteness import town_distance_km
from geo.rules import Rules
from geo.shrinkage import estimate_networks, speed_columns
from geo.speed import aggregate_speed, audit_tiles, share_tiles, summarise_speed, summarise_tiles
from geo.tiles import tile_bounds
from geo.trends import fit_trends
from tests.bench_data import Province, make_province
from tests.bench_planning import measure as measure_planning
from tests.bench_rollout import time_rollout
from tests.bench_whole import cpu_load, time_app, time_build, time_outlines

T = TypeVar("T")
PLANNING_SEED = 1
PLANNING_LIMIT_SECONDS = 120.0


@dataclass(frozen=True)
class Timing:
    """One line of the table."""

    what: str
    seconds: float
    note: str = ""


def timed(what: str, work: Callable[[], T], note: str = "") -> tuple[T, Timing]:
    """The result of `work` and how long it took by the clock."""
    start = time.perf_counter()
    result = work()
    return result, Timing(what, time.perf_counter() - start, note)


def peak_rss_gib() -> float:
    """Most memory this process has held so far, GiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def time_stages(province: Province) -> list[Timing]:
    """Each stage of DESIGN §5 on the whole province, and the memory held after the last."""
    units, grid, rules = province.units, province.grid, Rules()
    people, people_time = timed("people in units", lambda: count_people(grid, units.geometry.to_numpy()))
    unit_people = pd.Series(people, index=units["unit_code"])

    def speed() -> int:
        codes = units["unit_code"].tolist()
        shares = share_tiles(province.tiles, units, grid)
        table = aggregate_speed(province.tiles, shares, codes)
        summarise_speed(table, quarters=rules.speed_quarters)
        _estimate(province.tiles, shares, codes)
        summarise_tiles(province.tiles, shares, codes, unit_people, quarters=rules.speed_quarters)
        fit_trends(table)
        audit_tiles(province.tiles, shares)
        return len(shares)

    def coverage() -> int:
        areas, _ = dissolve_coverage(province.claims)
        table = cover_units(units, areas, grid)
        unions = union_by_technology(
            table, unit_people, evidence_order=rules.coverage_evidence, operator_share=rules.operator_share
        )
        return len(unions)

    _, speed_time = timed("speed: share by people, aggregate, shrink, trends", speed)
    _, coverage_time = timed("coverage: dissolve, per operator, unions", coverage)
    _, town_time = timed("remoteness", lambda: town_distance_km(units, province.towns, grid))
    stages = [people_time, speed_time, coverage_time, town_time]
    total = sum(stage.seconds for stage in stages)
    return [*stages, Timing("all stages", total, f"peak memory {peak_rss_gib():.2f} GiB, data included")]


def _estimate(tiles: pd.DataFrame, shares: pd.DataFrame, codes: list[str]) -> None:
    rules = Rules()
    networks = estimate_networks(
        tiles,
        shares,
        codes,
        quarters=rules.speed_quarters,
        quarter_weight=rules.speed_quarter_weight,
        min_devices=rules.min_devices,
    )
    speed_columns(networks, codes)


def time_five_years(province: Province) -> list[Timing]:
    """What 20 quarters of the same tiles take after they are shared out: sums, estimates, trends."""
    quarters = [f"{year}Q{quarter}" for year in range(2022, 2027) for quarter in range(1, 5)]
    tiles = pd.concat([province.tiles.assign(quarter=quarter) for quarter in quarters], ignore_index=True)
    codes = province.units["unit_code"].tolist()
    shares = share_tiles(province.tiles, province.units, None)
    note = f"{len(tiles):,} rows of tiles"
    table, sums = timed("20 quarters: aggregate", lambda: aggregate_speed(tiles, shares, codes), note)
    _, estimates = timed("20 quarters: estimates", lambda: _estimate(tiles, shares, codes), note)
    _, trends = timed("20 quarters: trends", lambda: fit_trends(table), f"{len(table):,} rows of quarters")
    return [sums, estimates, trends]


def join_tests(province: Province) -> pd.Series:
    """Tests per unit, each tile shared out by area, as this project does it."""
    shares = share_tiles(province.tiles, province.units, None)
    pairs = shares.merge(province.tiles[["quadkey", "tests"]], on="quadkey")
    return (pairs["tests"] * pairs["area_share"]).groupby(pairs["unit_code"]).sum()


def overlay_tests(province: Province) -> pd.Series:
    """The same figures by `geopandas.overlay` of tiles and units."""
    tiles = province.tiles[["quadkey", "tests"]]
    boxes = gpd.GeoDataFrame(
        tiles, geometry=shapely.box(*tile_bounds(tiles["quadkey"].tolist()).T), crs=province.units.crs
    )
    boxes["whole"] = boxes.to_crs(EQUAL_AREA_CRS).area
    pieces = gpd.overlay(boxes, province.units[["unit_code", "geometry"]], how="intersection")
    share = pieces.to_crs(EQUAL_AREA_CRS).area / pieces["whole"]
    tests: pd.Series = (pieces["tests"] * share).groupby(pieces["unit_code"]).sum()
    return tests


def time_join(province: Province) -> list[Timing]:
    """The join by area both ways, in this order, on the same data."""
    ours, join = timed("tile join: this project", lambda: join_tests(province))
    theirs, overlay = timed("tile join: geopandas.overlay", lambda: overlay_tests(province))
    if set(ours.index) != set(theirs.index):
        raise SystemExit("the two joins do not find the same units")
    difference = float(np.abs(ours / theirs.reindex(ours.index) - 1).max())
    ratio = overlay.seconds / join.seconds
    note = f"{ratio:.1f} times slower; largest relative difference per unit {difference:.1e}"
    return [join, Timing(overlay.what, overlay.seconds, note)]


def time_planning(limit_seconds: float, patience_seconds: float) -> list[Timing]:
    """50 sites among 2,000 for 20,000 cells, proven, at three radii, and `spopt` + CBC on one of the same instances.

    `patience_seconds`: when `spopt` is ended, which needs minutes to build its model alone; 0 leaves it out.
    """
    rows = measure_planning([PLANNING_SEED], limit_seconds, patience_seconds=patience_seconds)
    return [
        Timing(f"planning: {row.what}", row.seconds, f"people covered {row.told(row.objective)}, bound {row.told(row.bound)}; {row.note}")
        for row in rows
    ]  # fmt: skip


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = ("geopandas", "shapely", "pandas", "numpy", "rasterio")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    geos = ".".join(map(str, shapely.geos_version))
    return f"{os.cpu_count()} cores, {memory:.0f} GiB; Python {platform.python_version()}, {versions}, GEOS {geos}"


def _size(province: Province) -> str:
    vertices = int(shapely.get_num_coordinates(province.units.geometry.to_numpy()).sum())
    return (
        f"{province.source}: {len(province.units)} units of {vertices:,} vertices, {len(province.tiles):,} tiles, "
        f"{len(province.claims)} coverage layers, {province.grid.values.size:,} cells of people"
    )


def print_timings(timings: list[Timing]) -> None:
    """One table, seconds by the clock."""
    table = Table("step", "seconds", "note")
    table.columns[1].justify = "right"
    for timing in timings:
        table.add_row(timing.what, f"{timing.seconds:.2f}", timing.note)
    Console().print(table)


def main() -> None:
    """Make the province, time everything, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--synthetic", action="store_true", help="invented outlines even where real ones are at hand"
    )
    parser.add_argument("--tiles", type=int, default=25_000, help="how many tiles (default 25000)")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument(
        "--patience",
        type=float,
        default=300.0,
        help="seconds after which spopt is ended; 0 leaves it out (default 300)",
    )
    options = parser.parse_args()
    console = Console()
    console.print(_machine())
    province = make_province(seed=options.seed, tiles=options.tiles, synthetic=options.synthetic)
    console.print(_size(province))
    timings = [*time_stages(province), *time_five_years(province), *time_join(province)]
    whole = (*time_rollout(province), *time_build(province), *time_outlines(province), *time_app())
    timings += [Timing(*row) for row in whole]
    timings += time_planning(PLANNING_LIMIT_SECONDS, options.patience)
    print_timings(timings)
    console.print(cpu_load())


if __name__ == "__main__":
    main()
