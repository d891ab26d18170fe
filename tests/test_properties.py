"""What holds of any region, of the whole chain: bounds, order, conservation, and what may and may not move a unit's result."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geo.contradictions import log_scatter
from geo.coverage import dissolve_coverage
from geo.crs import geodesic_area_km2
from geo.friction import make_friction
from geo.inputs import UnitsInput
from geo.list_parts import StageInputs, contradictions_of, coverage_of, estimate_choices, people_of, speed_of
from geo.outlines import find_overlaps, unmatched_edges
from geo.people import count_people
from geo.pipeline import build_list
from geo.population_grid import PopulationGrid, make_grid
from geo.rules import Rules
from geo.schema import Level, Network, Verdict, Vintage
from geo.settlement import classify_cells
from geo.shrinkage import estimate_networks
from geo.store import ListTables
from tests.tiny import tile_key, tiles_box, voronoi_units

SPAN, RING = 8, 2
"""Tiles along a side of the region, and how far the population grid reaches around it."""
FINE = 4
"""Cells of people along a tile."""
QUARTERS = [f"2025Q{number}" for number in (1, 2, 3, 4)] + ["2026Q1"]
WORST_LAST = (Verdict.SERVED, Verdict.WATCH, Verdict.UNKNOWN, Verdict.GAP)
examples = settings(deadline=None, max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
seeds = st.integers(0, 10_000)


def list_of(units: gpd.GeoDataFrame) -> UnitsInput:
    """The units as a list read from a file, in the order of their codes."""
    frame = units.sort_values("unit_code", ignore_index=True)
    frame["area_km2"] = geodesic_area_km2(frame.geometry)
    frame["file"], frame["file_row"] = "units.geojson", np.arange(1, len(frame) + 1)
    unmatched = unmatched_edges(frame.geometry.to_numpy())
    overlaps = find_overlaps(frame, unmatched)
    return UnitsInput("other-commune", Vintage.OTHER, Level.COMMUNE, frame, unmatched, overlaps, ())


def grid_of(cells: Any) -> PopulationGrid:
    west, south, east, north = tiles_box(-RING, -RING, SPAN + RING, SPAN + RING).bounds
    side = len(cells)
    return make_grid(
        cells, west=west, north=north, cell_width=(east - west) / side, cell_height=(north - south) / side
    )


def random_cells(seed: int) -> Any:
    """People per cell, many of them nobody."""
    return np.random.default_rng(seed).gamma(0.3, 20, (FINE * (SPAN + 2 * RING),) * 2).round()


def random_tiles(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, 1])
    places = [(x, y) for x in range(SPAN) for y in range(SPAN)]
    speed = {place: rng.lognormal(3.2, 0.9) for place in places}
    rows = [
        (str(network), quarter, tile_key(*place), speed[place] * 1000 * rng.lognormal(0, 0.4), 5000.0, 30.0, devices + 2, devices)
        for network in Network
        for quarter in QUARTERS
        for place in places
        if rng.random() < 0.5 and (devices := int(rng.integers(1, 30)))
    ]  # fmt: skip
    columns = ["network", "quarter", "quadkey", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices"]
    return pd.DataFrame(rows, columns=columns)


def random_claims(seed: int, *, grown: float = 0.0) -> gpd.GeoDataFrame:
    """Rectangles of two operators and two technologies, each larger by `grown` tiles on every side."""
    rng = np.random.default_rng([seed, 2])
    rows, shapes = [], []
    for operator in ("Viettel", "MobiFone"):
        for technology in ("4G", "5G"):
            for _ in range(2):
                (left, top), (width, height) = rng.uniform(-1, SPAN - 2, 2), rng.uniform(1, SPAN, 2)
                rows.append((operator, technology, "declared", "2026-03-31"))
                shapes.append(
                    tiles_box(left - grown, top - grown, left + width + grown, top + height + grown)
                )
    columns = ["operator", "technology", "evidence", "as_of"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=shapes, crs="EPSG:4326")


def inputs_of(
    seed: int,
    *,
    cells: Any = None,
    tiles: pd.DataFrame | None = None,
    claims: gpd.GeoDataFrame | None = None,
) -> StageInputs:
    """All kinds of input of a random region, those given in place of the random ones."""
    grid = grid_of(random_cells(seed) if cells is None else cells)
    areas, _ = dissolve_coverage(random_claims(seed) if claims is None else claims)
    west, south, east, north = grid.bounds
    towns = gpd.GeoDataFrame(
        geometry=[tiles_box(x, y, x + 1, y + 1).centroid for x, y in ((1, 6), (6, 2))], crs="EPSG:4326"
    )
    pace = np.random.default_rng([seed, 3]).uniform(0.001, 0.02, (12, 12))
    friction = make_friction(
        pace, west=west, north=north, cell_width=(east - west) / 12, cell_height=(north - south) / 12
    )
    tiles = random_tiles(seed) if tiles is None else tiles
    rules = Rules(draws=100)
    return StageInputs(grid, tiles, areas, towns, rules, classify_cells(grid), friction=friction)


def built(seed: int, units: gpd.GeoDataFrame | None = None, **given: Any) -> ListTables:
    return build_list(list_of(voronoi_units(seed, 9) if units is None else units), inputs_of(seed, **given))


def rows_of(tables: ListTables, *without: str) -> pd.DataFrame:
    frame = pd.DataFrame(tables.communes).drop(columns=["geometry", *without], errors="ignore")
    return frame.assign(reasons=frame["reasons"].map(list)).set_index("unit_code")


def same(one: pd.DataFrame, other: pd.DataFrame, rel: float = 1e-6) -> None:
    pd.testing.assert_frame_equal(one, other, rtol=rel, atol=1e-6, check_dtype=False)


@examples
@given(seeds)
def test_figures_keep_to_their_bounds_and_intervals_hold_them(seed: int) -> None:
    tables = built(seed)
    rows = rows_of(tables)
    shares = [name for name in map(str, rows) if name.endswith("_share")]
    assert len(shares) >= 7
    for name in [*shares, "confidence"]:
        assert rows[name].dropna().between(0, 1).all(), name
    by_operator = tables.coverage_by_operator[["covered_people_share", "covered_area_share"]]
    assert by_operator.min().min() >= 0
    assert by_operator.max().max() <= 1
    assert rows["gap_score"].between(0, 100).all()
    held = [("gap_score", "gap_score_low", "gap_score_high"), ("rank", "rank_low", "rank_high")]
    for n in Network:
        trend = f"{n}_trend_mbps_per_year"
        held += [
            (f"{n}_download_mbps", f"{n}_download_low", f"{n}_download_high"),
            (trend, f"{trend}_low", f"{trend}_high"),
        ]
    for value, low, high in held:
        known = rows[[low, value, high]].astype(float).dropna()
        assert len(known) == len(rows) or ("trend" in value and len(known)), value
        assert (known[low] <= known[value]).all(), value
        assert (known[value] <= known[high]).all(), value
    assert rows["rank_low"].min() >= 1
    assert rows["rank_high"].max() <= len(rows)
    for name in ("people", "town_distance_km", "town_minutes"):
        assert (rows[name] >= 0).all(), name


@examples
@given(seeds)
def test_people_and_tests_are_conserved(seed: int) -> None:
    given = inputs_of(seed)
    assert given.grid is not None
    tables = build_list(list_of(voronoi_units(seed, 9)), given)
    rows = rows_of(tables)
    cells = random_cells(seed)[FINE * RING : -FINE * RING, FINE * RING : -FINE * RING]
    whole = count_people(given.grid, [shapely.union_all(tables.communes.geometry.to_numpy())])[0]
    assert rows["people"].sum() == pytest.approx(whole, rel=1e-6)
    # latitudes of tiles are not evenly spaced, rows of cells are
    assert whole == pytest.approx(cells.sum(), rel=1e-4)
    covered = rows["4g_covered_people_share"].fillna(0) * rows["people"]
    assert (covered + rows["4g_uncovered_people"]).tolist() == pytest.approx(
        rows["people"].tolist(), rel=1e-6
    )
    assert given.tiles is not None
    wanted = given.tiles.groupby(["network", "quarter"])["tests"].sum()
    found = tables.speed_by_quarter.groupby(["network", "quarter"])["tests"].sum()
    assert found.to_numpy() == pytest.approx(wanted.to_numpy(dtype=float), rel=1e-6)


@examples
@given(seeds)
def test_the_order_of_rows_is_irrelevant(seed: int) -> None:
    tiles, claims = random_tiles(seed), random_claims(seed)
    mixed = built(
        seed,
        voronoi_units(seed, 9).sample(frac=1, random_state=seed),
        tiles=tiles.sample(frac=1, random_state=seed),
        claims=claims.sample(frac=1, random_state=seed),
    )
    same(rows_of(mixed), rows_of(built(seed)))


@examples
@given(seeds, st.floats(0.1, 3))
def test_more_coverage_never_raises_the_score_or_worsens_a_verdict(seed: int, grown: float) -> None:
    before, after = rows_of(built(seed)), rows_of(built(seed, claims=random_claims(seed, grown=grown)))
    for name in ("gap_score", "gap_score_low", "gap_score_high"):
        assert (after[name] <= before[name] + 1e-6).all(), name
    for name in ("4g_covered_people_share", "5g_covered_people_share", "4g_operators"):
        assert (after[name] >= before[name] - 1e-9).all(), name
    gravity = {str(verdict): place for place, verdict in enumerate(WORST_LAST)}
    worse = after["verdict"].map(gravity) > before["verdict"].map(gravity)
    # a claim is no coverage where tests speak against it: that alone may make a unit one to watch
    spoken_against = after["reasons"].map(lambda reasons: "declared_not_measured" in reasons)
    assert not (worse & ~spoken_against).any()
    assert set(after.loc[worse, "verdict"]) <= {str(Verdict.WATCH)}


@examples
@given(seeds, st.floats(2, 50))
def test_people_beyond_the_region_change_nothing_in_it(seed: int, times: float) -> None:
    cells = random_cells(seed)
    outside = np.ones_like(cells, dtype=bool)
    edge = FINE * RING - 1
    outside[edge:-edge, edge:-edge] = False
    more = built(seed, cells=np.where(outside, cells * times, cells))
    # a town may grow over the border: the class of settlement is not the unit's alone
    same(rows_of(more, "settlement"), rows_of(built(seed), "settlement"))


@examples
@given(seeds, st.floats(2, 50))
def test_people_of_one_unit_change_no_other(seed: int, times: float) -> None:
    units = voronoi_units(seed, 4)
    boxes = {(x, y): tiles_box(x, y, x + 1, y + 1) for x in range(SPAN) for y in range(SPAN)}
    unit = int(np.argmax(shapely.area(units.geometry.to_numpy())))
    inside = [place for place, box in boxes.items() if units.geometry.iloc[unit].contains(box.buffer(1e-6))]
    assert inside
    (x, y), code = inside[0], units["unit_code"].iloc[unit]
    cells = random_cells(seed)
    crowded = cells.copy()
    # the middle of a tile that is wholly the unit's: no tile on a border is shared otherwise
    top, left = FINE * (RING + y) + 1, FINE * (RING + x) + 1
    crowded[top : top + 2, left : left + 2] += 10 * times
    before, after = (rows_of(built(seed, units, cells=part), "settlement") for part in (cells, crowded))
    assert after.loc[code, "people"] == pytest.approx(before.loc[code, "people"] + 40 * times, rel=1e-6)
    # ranks are relative to all, and so are clusters
    relative = ["rank", "rank_low", "rank_high", "hotspot"]
    others = [frame.drop(index=code, columns=relative) for frame in (before, after)]
    same(others[0], others[1])


@examples
@given(seeds, st.permutations(range(9)))
def test_units_that_swap_their_names_swap_their_results(seed: int, places: list[int]) -> None:
    units = voronoi_units(seed, 9)
    one, other = units["unit_code"].iloc[places[0]], units["unit_code"].iloc[places[1]]
    codes = units["unit_code"].replace({one: other, other: one})
    # clusters are told by chance drawn in the order of the list
    before = rows_of(built(seed, units), "hotspot")
    after = rows_of(built(seed, units.assign(unit_code=codes, name=codes)), "hotspot")
    back = after.rename(index={one: other, other: one}).sort_index().assign(name=before["name"])
    same(back, before)


@pytest.mark.parametrize("seed", [0, 1])
def test_what_contradicts_a_claim_is_judged_by_the_scatter_of_the_tests_themselves(seed: int) -> None:
    found, given_all = list_of(voronoi_units(seed, 9)), inputs_of(seed)
    people, _, _ = people_of(found, given_all)
    speeds = speed_of(found, given_all, people)
    assert speeds.shares is not None
    assert given_all.tiles is not None
    choices = estimate_choices(found.units, given_all.rules)
    codes = found.units["unit_code"].tolist()
    model = estimate_networks(given_all.tiles, speeds.shares, codes, **choices)["mobile"].model
    assert model is not None
    assert speeds.sigma_log == log_scatter(model.sigma2, model.omega2)
    coverage, _, _ = coverage_of(found, given_all, people)
    doubtful = replace(given_all, tiles=given_all.tiles.assign(avg_d_kbps=given_all.tiles["avg_d_kbps"] / 8))
    sure, unsure = (
        contradictions_of(found, doubtful, coverage, speeds._replace(sigma_log=scatter), people)
        for scatter in (0.5, 3.0)
    )
    assert sure is not None
    assert unsure is not None
    assert (unsure["contradicted_tiles"] <= sure["contradicted_tiles"]).all()
    assert unsure["contradicted_tiles"].sum() < sure["contradicted_tiles"].sum()
