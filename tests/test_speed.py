"""Tiles shared out and averaged: by eye, against loops, against geopandas.overlay, and on all of Puerto Rico."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import EQUAL_AREA_CRS
from geo.errors import InputError
from geo.people import count_people
from geo.quarters import newest_quarters
from geo.speed import (
    aggregate_speed,
    audit_tiles,
    share_tiles,
    summarise_speed,
    summarise_tiles,
)
from geo.tiles import tile_bounds
from tests.tiny import grid_over, random_tests, speed_rows, tile_key, tiles_box, units_of, voronoi_units

seeds = st.integers(0, 10_000)


def _keys(*places: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame({"quadkey": [tile_key(*place) for place in places]})


def _by_unit(shares: pd.DataFrame, column: str = "share") -> dict[str, float]:
    return dict(zip(shares["unit_code"], shares[column], strict=True))


def test_a_tile_cut_in_two_by_area() -> None:
    units = units_of(west=tiles_box(-2, 0, 0.25, 1), east=tiles_box(0.25, 0, 3, 1))
    shares = share_tiles(_keys((0, 0)), units, None)
    assert _by_unit(shares) == pytest.approx({"west": 0.25, "east": 0.75})
    assert not shares["interior"].any()
    assert shares["people"].isna().all()


def test_a_tile_cut_in_two_by_people() -> None:
    units = units_of(west=tiles_box(-2, 0, 0.5, 1), east=tiles_box(0.5, 0, 3, 1))
    shares = share_tiles(_keys((0, 0)), units, grid_over(0, 0, 1, 1, [[30, 10]]))
    assert _by_unit(shares) == pytest.approx({"west": 0.75, "east": 0.25})
    assert _by_unit(shares, "area_share") == pytest.approx({"west": 0.5, "east": 0.5})
    assert _by_unit(shares, "people") == pytest.approx({"west": 30, "east": 10})


def test_a_tile_without_people_is_shared_by_area() -> None:
    units = units_of(west=tiles_box(-2, 0, 0.5, 1), east=tiles_box(0.5, 0, 3, 1))
    shares = share_tiles(_keys((0, 0)), units, grid_over(0, 0, 1, 1, [[0, 0]]))
    assert _by_unit(shares) == pytest.approx({"west": 0.5, "east": 0.5})


def test_people_beyond_every_unit_keep_their_tests() -> None:
    units = units_of(coast=tiles_box(-2, 0, 0.5, 1))
    assert _by_unit(share_tiles(_keys((0, 0)), units, grid_over(0, 0, 1, 1, [[1, 3]]))) == pytest.approx(
        {"coast": 0.25}
    )
    assert _by_unit(share_tiles(_keys((0, 0)), units, grid_over(0, 0, 1, 1, [[4, 0]]))) == pytest.approx(
        {"coast": 1.0}
    )


def test_inside_outside_and_touching_tiles() -> None:
    units = units_of(a=tiles_box(0, 0, 2, 2))
    shares = share_tiles(_keys((0, 0), (1, 1), (2, 0), (0, 2), (7, 7), (0, 0)), units, None)
    assert shares["quadkey"].tolist() == sorted([tile_key(0, 0), tile_key(1, 1)])
    assert shares["share"].tolist() == [1.0, 1.0]
    assert shares["interior"].all()


def test_where_units_overlap_a_tile_is_not_counted_twice() -> None:
    units = units_of(a=tiles_box(-1, -1, 2, 2), b=tiles_box(0, 0, 1, 1), c=tiles_box(0, 0, 0.5, 1))
    assert _by_unit(share_tiles(_keys((0, 0)), units, None)) == pytest.approx({"a": 0.4, "b": 0.4, "c": 0.2})


def test_a_hole_and_a_second_part_are_seen() -> None:
    ring = tiles_box(-1, -1, 2, 2).difference(tiles_box(0.5, 0, 1, 1))
    island = shapely.union(tiles_box(0.5, 0, 0.75, 1), tiles_box(5, 5, 6, 6))
    shares = share_tiles(_keys((0, 0)), units_of(ring=ring, island=island), None)
    assert _by_unit(shares) == pytest.approx({"ring": 0.5, "island": 0.25})


def test_no_tile_meets_a_unit() -> None:
    units = units_of(a=tiles_box(0, 0, 1, 1))
    shares = share_tiles(_keys((5, 5)), units, grid_over(0, 0, 1, 1, [[1.0]]))
    assert shares.empty
    rows = speed_rows([("mobile", "2026Q1", tile_key(5, 5), 1000, 500, 30, 3, 1)])
    assert aggregate_speed(rows, shares, ["a"])[["tests", "devices", "tiles"]].to_numpy().tolist() == [
        [0, 0, 0]
    ]


def test_bad_quadkeys_are_named() -> None:
    with pytest.raises(InputError, match=r"quadkey is not 16 digits of 0 to 3 in 1 rows: .*'1234'"):
        share_tiles(pd.DataFrame({"quadkey": ["1234"]}), units_of(a=tiles_box(0, 0, 1, 1)), None)


@settings(deadline=None)
@given(seeds, st.integers(2, 9), st.booleans())
def test_units_that_tile_the_plane_share_every_tile_out_wholly(seed: int, count: int, peopled: bool) -> None:
    grid = grid_over(-1, -1, 9, 9, np.random.default_rng(seed).gamma(0.3, 9, (37, 41))) if peopled else None
    keys = _keys(*[(x, y) for x in range(8) for y in range(8)])
    units = voronoi_units(seed, count)
    shares = share_tiles(keys, units, grid)
    total = shares.groupby("quadkey")["share"].sum()
    assert len(total) == 64
    assert total.to_numpy() == pytest.approx(1.0, abs=1e-6)  # single-precision fractions, see geo.people
    some = share_tiles(keys, units.iloc[1:], grid).groupby("quadkey")["share"].sum()
    assert (some <= 1 + 1e-12).all()
    if grid is not None:
        people = shares.groupby("unit_code")["people"].sum().to_numpy()
        assert people == pytest.approx(
            count_people(grid, units.geometry.to_numpy()), rel=1e-6, abs=grid.total * 1e-7
        )


@settings(deadline=None)
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    units, rows = voronoi_units(seed, 5), random_tests(seed, 60)
    shuffled_units, shuffled = (
        units.sample(frac=1, random_state=seed % 99),
        rows.sample(frac=1, random_state=seed % 77),
    )
    shares, again = share_tiles(rows, units, None), share_tiles(shuffled, shuffled_units, None)
    pd.testing.assert_frame_equal(shares, again)
    codes = units["unit_code"].tolist()
    pd.testing.assert_frame_equal(
        aggregate_speed(rows, shares, codes), aggregate_speed(shuffled, again, codes)
    )


def test_clipped_pieces_agree_with_overlay() -> None:
    units = voronoi_units(4, 12, span=6.3)
    keys = _keys(*[(x, y) for x in range(8) for y in range(8)])
    shares = share_tiles(keys, units, None).set_index(["quadkey", "unit_code"])["share"]
    boxes = gpd.GeoDataFrame(
        keys, geometry=shapely.box(*tile_bounds(keys["quadkey"].tolist()).T), crs=units.crs
    )
    pieces = (
        gpd.overlay(boxes, units, how="intersection")
        .set_index(["quadkey", "unit_code"])
        .to_crs(EQUAL_AREA_CRS)
        .area
    )
    whole = boxes.set_index("quadkey").to_crs(EQUAL_AREA_CRS).area
    wanted = pieces / whole.reindex(pieces.index.get_level_values("quadkey")).to_numpy()
    assert set(shares.index) == set(wanted.index)
    assert shares.to_numpy() == pytest.approx(wanted.reindex(shares.index).to_numpy(), rel=1e-9)


def test_means_checked_by_eye() -> None:
    units = units_of(a=tiles_box(0, 0, 1.5, 1), b=tiles_box(1.5, 0, 2, 1), c=tiles_box(5, 5, 6, 6))
    rows = speed_rows(
        [
            ("mobile", "2026Q1", tile_key(0, 0), 10_000, 2_000, 40, 6, 3),
            ("mobile", "2026Q1", tile_key(1, 0), 40_000, 5_000, None, 12, 4),
            ("mobile", "2026Q2", tile_key(1, 0), 90_000, 9_000, 20, 0, 0),
        ]
    )
    long = aggregate_speed(rows, share_tiles(rows, units, None), ["a", "b", "c"])
    table: Any = long.set_index(["unit_code", "quarter"])
    first = table.loc[("a", "2026Q1")]
    assert first[["tests", "devices", "tiles", "latency_tests"]].tolist() == pytest.approx([12, 5, 2, 6])
    assert first["download_raw_mbps"] == pytest.approx((6 * 10 + 6 * 40) / 12)
    assert first["upload_raw_mbps"] == pytest.approx((6 * 2 + 6 * 5) / 12)
    assert first["latency_raw_ms"] == pytest.approx(40)
    assert table.loc[("b", "2026Q1"), "download_raw_mbps"] == pytest.approx(40)
    assert np.isnan(table.loc[("b", "2026Q1"), "latency_raw_ms"])
    for unit, quarter in [("a", "2026Q2"), ("c", "2026Q1")]:
        assert table.loc[(unit, quarter), ["tests", "devices", "tiles"]].tolist() == [0, 0, 0]
        assert np.isnan(table.loc[(unit, quarter), "download_raw_mbps"])


def _naive(rows: Any, shares: Any, column: str, cell: Any) -> float:
    above = below = 0.0
    for tile in rows:
        if (tile["network"], tile["quarter"]) != (cell["network"], cell["quarter"]) or np.isnan(tile[column]):
            continue
        for pair in shares:
            if pair["quadkey"] == tile["quadkey"] and pair["unit_code"] == cell["unit_code"]:
                above += tile["tests"] * pair["share"] * tile[column]
                below += tile["tests"] * pair["share"]
    return above / below if below else float("nan")


def test_means_agree_with_plain_loops() -> None:
    units, rows = voronoi_units(3, 4), random_tests(3, 120)
    shares = share_tiles(rows, units, None)
    table = aggregate_speed(rows, shares, units["unit_code"].tolist())
    assert len(table) == 4 * len(rows[["network", "quarter"]].drop_duplicates())
    plain, pairs = rows.to_dict("records"), shares.to_dict("records")
    for cell in table.to_dict("records"):
        wanted = _naive(plain, pairs, "avg_d_kbps", cell) / 1000
        assert cell["download_raw_mbps"] == pytest.approx(wanted, nan_ok=True)
        assert cell["latency_raw_ms"] == pytest.approx(_naive(plain, pairs, "avg_lat_ms", cell), nan_ok=True)


@settings(deadline=None)
@given(seeds)
def test_tests_and_devices_are_conserved(seed: int) -> None:
    units, rows = voronoi_units(seed, 6, span=5.5), random_tests(seed, 80)
    shares = share_tiles(rows, units, None)
    table = aggregate_speed(rows, shares, units["unit_code"].tolist())
    audit = audit_tiles(rows, shares)
    for network, quarters in audit.items():
        for quarter, found in quarters.items():
            here = table[(table["network"] == network) & (table["quarter"] == quarter)]
            assert here["tests"].sum() == pytest.approx(found["tests_allocated"], abs=1e-9)
            given_here = rows[(rows["network"] == network) & (rows["quarter"] == quarter)]
            assert found["tests_total"] == given_here["tests"].sum()
            assert found["tests_allocated"] + found["tests_outside"] == pytest.approx(found["tests_total"])
            assert found["tiles_total"] == len(given_here)


def test_the_audit_counts_tiles_by_where_they_lie() -> None:
    units = units_of(a=tiles_box(-0.1, -0.1, 1.5, 1.1))
    rows = speed_rows(
        [
            ("fixed", "2026Q1", tile_key(0, 0), 1000, 500, 30, 4, 1),
            ("fixed", "2026Q1", tile_key(1, 0), 1000, 500, 30, 6, 1),
            ("fixed", "2026Q1", tile_key(4, 0), 1000, 500, 30, 5, 1),
        ]
    )
    found = audit_tiles(rows, share_tiles(rows, units, None))["fixed"]["2026Q1"]
    assert found == pytest.approx(
        {"tests_total": 15, "tests_allocated": 7, "tests_outside": 8, "tiles_total": 3, "tiles_outside": 1, "tiles_border": 1}
    )  # fmt: skip


def _three_quarters() -> pd.DataFrame:
    a, b = tile_key(0, 0), tile_key(1, 0)
    return speed_rows(
        [
            ("mobile", "2025Q3", a, 99_000, 9_000, 10, 50, 9),
            ("mobile", "2025Q4", a, 10_000, 1_000, 40, 3, 2),
            ("mobile", "2026Q1", a, 40_000, 4_000, None, 1, 1),
            ("mobile", "2026Q1", b, 70_000, 7_000, 50, 2, 2),
            ("fixed", "2025Q3", b, 80_000, 8_000, 5, 7, 7),
        ]
    )


def test_the_window_is_the_newest_quarters_of_each_network() -> None:
    rows = _three_quarters()
    assert newest_quarters(rows, 2) == {"mobile": ["2025Q4", "2026Q1"], "fixed": ["2025Q3"]}
    units = units_of(a=tiles_box(0, 0, 1, 1), b=tiles_box(1, 0, 2, 1), c=tiles_box(7, 7, 8, 8))
    table = aggregate_speed(rows, share_tiles(rows, units, None), ["a", "b", "c"])
    wide = summarise_speed(table, quarters=2).set_index("unit_code")
    assert wide["mobile_tests"].tolist() == pytest.approx([4, 2, 0])
    assert wide["mobile_devices"].tolist() == pytest.approx([3, 2, 0])
    assert wide["mobile_quarters"].tolist() == [2, 1, 0]
    assert wide["mobile_download_raw_mbps"].tolist() == pytest.approx(
        [(3 * 10 + 40) / 4, 70, np.nan], nan_ok=True
    )
    assert wide["mobile_latency_raw_ms"].tolist() == pytest.approx([40, 50, np.nan], nan_ok=True)
    assert wide["fixed_download_raw_mbps"].tolist() == pytest.approx([np.nan, 80, np.nan], nan_ok=True)
    assert "mobile_download_mbps" not in wide  # the estimate is geo.shrinkage's


def test_tested_tiles_and_the_people_in_them() -> None:
    rows = _three_quarters()
    units = units_of(a=tiles_box(0, 0, 1, 2), b=tiles_box(1, 0, 2, 1), c=tiles_box(7, 7, 8, 8))
    grid = grid_over(0, 0, 2, 2, [[10, 20], [30, 40]])
    people = pd.Series(count_people(grid, units.geometry.to_numpy()), index=units["unit_code"])
    shares = share_tiles(rows, units, grid)
    wide = summarise_tiles(rows, shares, ["a", "b", "c"], people, quarters=2)
    assert wide["mobile_tiles"].tolist() == [1, 1, 0]
    middle = 10 / people["a"]
    shown = wide["mobile_tested_people_share"].tolist()
    assert shown == pytest.approx([middle, 1.0, np.nan], rel=1e-4, nan_ok=True)
    without = summarise_tiles(rows, share_tiles(rows, units, None), ["a", "b", "c"], None, quarters=2)
    assert without["mobile_tested_people_share"].isna().all()


@pytest.fixture(scope="module")
def puerto_rico(real: Path) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """All 20 quarters of mobile tiles and the 78 municipios."""
    units = gpd.read_file(real / "puerto_rico" / "municipios.geojson").to_crs("EPSG:4326")
    frames = []
    for path in sorted(
        (real / "ookla" / "parquet" / "performance" / "type=mobile").glob("year=*/quarter=*/*")
    ):
        year, quarter = path.parts[-3].removeprefix("year="), path.parts[-2].removeprefix("quarter=")
        columns = ["quadkey", "tile", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices"]
        frame = pd.read_parquet(path, columns=columns, partitioning=None)
        frames.append(frame.assign(network="mobile", quarter=f"{year}Q{quarter}"))
    return pd.concat(frames, ignore_index=True), units.rename(columns={"fips": "unit_code"})


@pytest.mark.real
def test_the_publishers_outlines_agree_with_the_quadkeys(puerto_rico: tuple[pd.DataFrame, Any]) -> None:
    tiles = puerto_rico[0].dropna(subset="tile").drop_duplicates("quadkey")
    outlines = shapely.bounds(shapely.from_wkt(tiles["tile"].to_numpy(dtype=object)))
    assert np.abs(tile_bounds(tiles["quadkey"].tolist()) - outlines).max() < 1e-6


@pytest.mark.real
def test_puerto_rico_is_conserved_and_interior_means_are_plain(puerto_rico: tuple[pd.DataFrame, Any]) -> None:
    tiles, units = puerto_rico
    shares = share_tiles(tiles, units, None)
    table = aggregate_speed(tiles, shares, units["unit_code"].tolist())
    assert len(table) == 78 * 20
    assert shares.groupby("quadkey")["share"].sum().max() <= 1 + 1e-12
    allocated = sum(row["tests_allocated"] for row in audit_tiles(tiles, shares)["mobile"].values())
    touched = tiles.merge(shares.groupby("quadkey", as_index=False)["share"].sum(), on="quadkey")
    assert table["tests"].sum() == pytest.approx(allocated, rel=1e-9)
    assert table["tests"].sum() == pytest.approx((touched["tests"] * touched["share"]).sum(), rel=1e-9)
    inner = shares[shares["interior"]]
    only = aggregate_speed(tiles, inner, units["unit_code"].tolist())
    plain = tiles.merge(inner, on="quadkey").assign(
        product=lambda frame: frame["avg_d_kbps"] * frame["tests"]
    )
    sums = plain.groupby(["unit_code", "quarter"])[["product", "tests"]].sum()
    wanted = (sums["product"] / sums["tests"] / 1000).rename("wanted").reset_index()
    both = only.merge(wanted, on=["unit_code", "quarter"])
    assert len(both) > 1000
    assert both["download_raw_mbps"].to_numpy() == pytest.approx(both["wanted"].to_numpy(), rel=1e-12)


@pytest.mark.real
def test_puerto_rico_agrees_with_overlay(puerto_rico: tuple[pd.DataFrame, Any]) -> None:
    tiles, units = puerto_rico
    keys = tiles[["quadkey"]].drop_duplicates(ignore_index=True).iloc[::7].reset_index(drop=True)
    boxes = gpd.GeoDataFrame(
        keys, geometry=shapely.box(*tile_bounds(keys["quadkey"].tolist()).T), crs=units.crs
    )
    pieces = gpd.overlay(boxes, units[["unit_code", "geometry"]], how="intersection").to_crs(EQUAL_AREA_CRS)
    whole = boxes.set_index("quadkey").to_crs(EQUAL_AREA_CRS).area
    wanted = (pieces.area / whole.reindex(pieces["quadkey"]).to_numpy()).groupby(pieces["unit_code"]).sum()
    shares = share_tiles(keys, units, None)
    found = shares.groupby("unit_code")["area_share"].sum()
    assert found.to_numpy() == pytest.approx(wanted.reindex(found.index).to_numpy(), rel=1e-9)
