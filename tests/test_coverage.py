"""Coverage per unit: squares by eye, kinds of evidence kept apart, and more coverage never lowering a share."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage import BY_OPERATOR_COLUMNS, cover_units, dissolve_coverage, union_by_technology
from geo.errors import InputError
from geo.people import count_people, count_people_of_units
from geo.schema import EVERY_OPERATOR, Evidence
from tests.tiny import grid_over, tiles_box, units_of, voronoi_units

ORDER = (Evidence.DECLARED, Evidence.MODELLED, Evidence.MEASURED)
CLAIM = ("Viettel", "4G", "declared", "2026-09-30")


def _claims(*rows: tuple[tuple[str, str, str, str], Any]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(
        [claim for claim, _ in rows], columns=["operator", "technology", "evidence", "as_of"]
    )
    return gpd.GeoDataFrame(frame, geometry=[shape for _, shape in rows], crs="EPSG:4326")


def _areas(*rows: tuple[tuple[str, str, str, str], Any]) -> gpd.GeoDataFrame:
    return dissolve_coverage(_claims(*rows))[0]


def _wide(units: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, grid: Any = None, **changes: Any) -> pd.DataFrame:
    options: dict[str, Any] = {"evidence_order": ORDER, "operator_share": 0.5} | changes
    people = None
    if grid is not None:
        people = pd.Series(
            count_people_of_units(grid, units.geometry.to_numpy()), index=units["unit_code"].tolist()
        )
    return union_by_technology(cover_units(units, areas, grid), people, **options).set_index("unit_code")


def _operators(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["operator"] != EVERY_OPERATOR]


def test_only_the_newest_claim_of_a_kind_counts() -> None:
    older = ("Viettel", "4G", "declared", "2025-12-31")
    measured = ("Viettel", "4G", "measured", "2024-12-31")
    areas, superseded = dissolve_coverage(
        _claims(
            (older, tiles_box(0, 0, 9, 9)),
            (CLAIM, tiles_box(0, 0, 2, 2)),
            (CLAIM, tiles_box(1, 0, 3, 2)),
            (older, tiles_box(5, 5, 6, 6)),
            (measured, tiles_box(0, 0, 1, 1)),
        )
    )
    assert areas[["evidence", "as_of"]].to_numpy().tolist() == [
        ["declared", "2026-09-30"],
        ["measured", "2024-12-31"],
    ]
    assert areas.geometry.iloc[0].equals(tiles_box(0, 0, 3, 2))
    assert superseded.to_numpy().tolist() == [list(older)]


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "Viettel 4G .*Polygon that cannot be used .Self-intersection"),
        (shapely.Point(0, 0), "Viettel 4G .*Point that cannot be used"),
        (None, "Viettel 4G .*no geometry.*wanted valid Polygon or MultiPolygon"),
    ],
)  # fmt: skip
def test_a_claim_without_an_inside_is_refused(shape: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        dissolve_coverage(_claims((CLAIM, tiles_box(0, 0, 1, 1)), (CLAIM, shape)))


def test_shares_checked_by_eye() -> None:
    units = units_of(
        half=tiles_box(0, 0, 2, 1), whole=tiles_box(0.1, 0.1, 0.9, 0.9), none=tiles_box(5, 5, 6, 6), touch=tiles_box(1, 0, 2, 1)
    )  # fmt: skip
    table = cover_units(units, _areas((CLAIM, tiles_box(0, 0, 1, 1))), grid_over(0, 0, 2, 1, [[30, 10]]))
    assert tuple(table.columns) == BY_OPERATOR_COLUMNS
    assert len(table) == 8
    table = _operators(table)
    assert table["unit_code"].tolist() == ["half", "whole", "none", "touch"]
    assert table["covered_area_share"].tolist() == pytest.approx([0.5, 1, 0, 0], abs=1e-12)
    assert table["covered_people"].tolist() == pytest.approx([30, 30 * 0.64, 0, 0], abs=0.01)
    assert table["covered_people_share"].tolist() == pytest.approx(
        [0.75, 1, np.nan, 0], nan_ok=True, abs=1e-9
    )


def test_every_unit_meets_every_claim_and_people_are_null_without_a_grid() -> None:
    units = units_of(a=tiles_box(0, 0, 1, 1), b=tiles_box(4, 4, 5, 5))
    other = ("VNPT", "5G", "measured", "2026-06-30")
    every = cover_units(units, _areas((CLAIM, tiles_box(0, 0, 1, 1)), (other, tiles_box(4, 4, 5, 5))), None)
    assert every["operator"].tolist() == ["VNPT", "Viettel", "*", "*"] * 2
    table = _operators(every)
    assert table[["unit_code", "operator"]].to_numpy().tolist() == [
        ["a", "VNPT"], ["a", "Viettel"], ["b", "VNPT"], ["b", "Viettel"],
    ]  # fmt: skip
    assert table["covered_area_share"].tolist() == pytest.approx([0, 1, 1, 0], abs=1e-9)
    assert table[["covered_people", "covered_people_share"]].isna().all(axis=None)


def test_no_claims_no_rows() -> None:
    units = units_of(a=tiles_box(0, 0, 1, 1))
    none = _areas((CLAIM, tiles_box(0, 0, 1, 1))).iloc[:0]
    assert tuple(cover_units(units, none, None).columns) == BY_OPERATOR_COLUMNS
    assert _wide(units, none).columns.tolist() == []


def test_the_union_of_operators_counts_nobody_twice() -> None:
    units = units_of(a=tiles_box(0, 0, 4, 1))
    vnpt = ("VNPT", *CLAIM[1:])
    areas = _areas((CLAIM, tiles_box(0, 0, 2, 1)), (vnpt, tiles_box(1, 0, 3, 1)))
    row = _wide(units, areas, grid_over(0, 0, 4, 1, [[10, 20, 30, 40]])).loc["a"]
    assert row["4g_covered_area_share"] == pytest.approx(0.75)
    assert row["4g_covered_people_share"] == pytest.approx(0.6)
    assert row["4g_uncovered_people"] == pytest.approx(40)
    assert row["4g_operators"] == 1
    assert row["4g_evidence"] == "declared"
    assert _wide(units, areas).loc["a", "4g_operators"] == 2


@pytest.mark.parametrize(("operator_share", "operators"), [(0.4, 2), (0.5, 1), (0.6, 1), (0.7, 0)])
def test_an_operator_counts_from_its_share_of_people(operator_share: float, operators: int) -> None:
    areas = _areas((CLAIM, tiles_box(0, -1, 2, 2)), (("VNPT", *CLAIM[1:]), tiles_box(1, -1, 3, 2)))
    grid = grid_over(0, 0, 4, 1, [[20, 10, 10, 10]])
    wide = _wide(units_of(a=tiles_box(0, 0, 4, 1)), areas, grid, operator_share=operator_share)
    assert wide.loc["a", "4g_operators"] == operators


def test_where_nobody_lives_operators_count_by_area() -> None:
    wide = _wide(
        units_of(a=tiles_box(0, 0, 2, 1)),
        _areas((CLAIM, tiles_box(0, 0, 2, 1))),
        grid_over(0, 0, 1, 1, [[0.0]]),
    )
    assert wide.loc["a", "4g_operators"] == 1
    assert np.isnan(wide.loc["a", "4g_covered_people_share"])  # type: ignore[arg-type]


def test_kinds_of_evidence_are_never_merged() -> None:
    units = units_of(a=tiles_box(0, 0, 4, 1))
    modelled = ("VNPT", "4G", "modelled", "2026-09-30")
    areas = _areas((CLAIM, tiles_box(0, 0, 1, 1)), (modelled, tiles_box(1, 0, 4, 1)))
    for order, evidence, share in ((ORDER, "declared", 0.25), (ORDER[::-1], "modelled", 0.75)):
        row = _wide(units, areas, evidence_order=order).loc["a"]
        assert row["4g_evidence"] == evidence
        assert row["4g_covered_area_share"] == pytest.approx(share)


def test_columns_stand_only_for_technologies_given() -> None:
    wide = _wide(units_of(a=tiles_box(0, 0, 1, 1)), _areas((CLAIM, tiles_box(0, 0, 1, 1))))
    assert {name.split("_")[0] for name in wide.columns} == {"4g"}


def test_each_kind_of_evidence_has_its_own_union() -> None:
    units = units_of(a=tiles_box(0, 0, 4, 1))
    older = ("MobiFone", "4G", "declared", "2025-12-31")
    modelled = ("VNPT", "4G", "modelled", "2026-06-30")
    measured = ("VNPT", "4G", "measured", "2026-07-31")
    areas = _areas(
        (CLAIM, tiles_box(0, 0, 2, 1)), (older, tiles_box(1, 0, 3, 1)), (modelled, tiles_box(3, 0, 4, 1)), (measured, tiles_box(0, 0, 1, 1))
    )  # fmt: skip
    table = cover_units(units, areas, grid_over(0, 0, 4, 1, [[10, 20, 30, 40]]))
    union = table[table["operator"] == EVERY_OPERATOR].set_index("evidence")
    assert union["as_of"].to_dict() == {
        "declared": "2025-12-31",
        "modelled": "2026-06-30",
        "measured": "2026-07-31",
    }
    assert union["covered_people"].to_dict() == pytest.approx(
        {"declared": 60, "modelled": 40, "measured": 10}
    )
    assert union["covered_area_share"].to_dict() == pytest.approx(
        {"declared": 0.75, "modelled": 0.25, "measured": 0.25}
    )


def _discs(seed: int, count: int) -> Any:
    rng = np.random.default_rng(seed)
    west, south, east, north = tiles_box(0, 0, 8, 8).bounds
    points = shapely.points(rng.uniform(west, east, count), rng.uniform(south, north, count))
    return shapely.union_all(shapely.buffer(points, (east - west) / 6))


@settings(deadline=None)
@given(st.integers(0, 5000), st.integers(1, 8))
def test_people_are_conserved_and_more_coverage_never_lowers_a_share(seed: int, discs: int) -> None:
    units = voronoi_units(seed, 6)
    grid = grid_over(0, 0, 8, 8, np.random.default_rng(seed).gamma(0.4, 50, (20, 23)))
    small = _discs(seed, discs)
    large = shapely.union(small, _discs(seed + 1, 3))
    before, after = (_wide(units, _areas((CLAIM, shape)), grid) for shape in (small, large))
    people = count_people(grid, units.geometry.to_numpy())
    covered = count_people(grid, [shapely.intersection(small, tiles_box(0, 0, 8, 8))])[0]
    assert before["4g_uncovered_people"].sum() + covered == pytest.approx(grid.total, rel=1e-6)
    assert (before["4g_uncovered_people"].to_numpy() <= people + 1e-9).all()
    for name in ("4g_covered_people_share", "4g_covered_area_share"):
        assert before[name].between(0, 1).all()
        assert (after[name] >= before[name] - 1e-9).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 5000))
def test_the_order_of_claims_and_units_does_not_matter(seed: int) -> None:
    units, grid = voronoi_units(seed, 5), grid_over(0, 0, 8, 8, np.arange(30.0).reshape(5, 6))
    claims = _claims(
        (CLAIM, _discs(seed, 2)), (("VNPT", *CLAIM[1:]), _discs(seed + 1, 2)), (CLAIM, _discs(seed + 2, 2))
    )
    shuffled = claims.sample(frac=1, random_state=seed)
    one = _wide(units, dissolve_coverage(claims)[0], grid)
    two = _wide(units.iloc[::-1], dissolve_coverage(shuffled)[0], grid).sort_index()
    pd.testing.assert_frame_equal(one, two, rtol=1e-9, atol=1e-9)
