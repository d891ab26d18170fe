"""Coverage polygons → covered people and area per unit, per operator and for the union of a technology's operators.

Kinds of evidence are never merged: there is a union per kind, and a technology's headline figures come from one kind. A
polygon that does not reach a unit covers nothing there (0); a technology without any polygon has no figures at all.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import FLOAT_NOISE, FloatArray, IntArray, ObjectArray, is_polygonal, only_polygons, share_of
from geo.crs import equal_area_km2
from geo.errors import InputError
from geo.people import count_people, count_people_of_units
from geo.population_grid import PopulationGrid
from geo.schema import COVERAGE_COLUMNS, EVERY_OPERATOR, Evidence, coverage_column, empty_table

CLAIM: Final = ["operator", "technology", "evidence"]
"""What makes two polygons claims of the same kind, of which the newest counts."""
UNION_CLAIM: Final = ["technology", "evidence"]
Claim = tuple[str, ...]
"""Values of `COVERAGE_COLUMNS`."""
BY_OPERATOR_COLUMNS: Final = (
    "unit_code", "vintage", "operator", "technology", "evidence", "as_of",
    "covered_people", "covered_people_share", "covered_area_km2", "covered_area_share",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Units:
    """The outlines with their own area in km² and people (None without a grid), to which all shares refer."""

    shapes: ObjectArray
    area_km2: FloatArray
    people: FloatArray | None


@dataclass(frozen=True, eq=False)
class _Covered:
    """What one coverage area covers of every unit; shares 0-1, null where the unit has nobody (no area)."""

    area_km2: FloatArray
    area_share: FloatArray
    people: FloatArray
    people_share: FloatArray


def _union(shapes: ObjectArray, _claim: Claim) -> Any:
    return shapely.union_all(shapes)


def dissolve_coverage(
    coverage: gpd.GeoDataFrame, *, union: Callable[[ObjectArray, Claim], Any] = _union
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """One row per operator × technology × evidence, the union of its newest polygons; and the superseded claims.

    `coverage`: `COVERAGE_COLUMNS` as text and polygons in EPSG:4326. `union` puts the polygons of a claim together. The
    second table lists each older operator, technology, evidence and as_of that was set aside. Raises `InputError` naming
    the claim of an invalid polygon.
    """
    _require_polygons(coverage)
    newest = coverage.groupby(CLAIM)["as_of"].transform("max")
    current = coverage[coverage["as_of"] == newest]
    older = coverage.loc[coverage["as_of"] != newest, list(COVERAGE_COLUMNS)]
    claims, shapes = [], []
    for claim, rows in current.groupby(list(COVERAGE_COLUMNS), sort=True):
        claims.append(claim)
        shapes.append(union(rows.geometry.to_numpy(), claim))
    table = pd.DataFrame(claims, columns=list(COVERAGE_COLUMNS), dtype=object).astype(str)
    areas = gpd.GeoDataFrame(table, geometry=shapes, crs=coverage.crs)
    return areas, older.drop_duplicates().sort_values(list(COVERAGE_COLUMNS), ignore_index=True)


def _require_polygons(coverage: gpd.GeoDataFrame) -> None:
    shapes = coverage.geometry.to_numpy()
    bad = ~is_polygonal(shapes) | ~shapely.is_valid(shapes)
    if bad.any():
        row = coverage.iloc[int(np.argmax(bad))]
        shape = row[coverage.geometry.name]
        kind = shapely.is_valid_reason(shape) if shape is not None else "no geometry"
        raise InputError(
            f"coverage of {row['operator']} {row['technology']} ({row['evidence']}, {row['as_of']}) holds a "
            f"{getattr(shape, 'geom_type', 'row')} that cannot be used ({kind}), {bad.sum()} in all; wanted valid Polygon or MultiPolygon: "
            "mend the file in a GIS"
        )


def with_unions(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The claims of `dissolve_coverage` and, per technology and evidence, their union as a claim of `EVERY_OPERATOR`.

    A union is `as_of` the oldest of its parts.
    """
    rows, shapes = [], []
    for (technology, evidence), claims in areas.groupby(UNION_CLAIM, sort=True):
        rows.append((EVERY_OPERATOR, technology, evidence, claims["as_of"].min()))
        parts = claims.geometry.to_numpy()
        shapes.append(parts[0] if len(parts) == 1 else shapely.union_all(parts))
    table = pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS), dtype=object).astype(str)
    unions = gpd.GeoDataFrame(table, geometry=shapes, crs=areas.crs)
    claims = gpd.GeoDataFrame(areas[[*COVERAGE_COLUMNS, areas.geometry.name]])
    return unions if claims.empty else gpd.GeoDataFrame(pd.concat([claims, unions], ignore_index=True))


def cover_units(
    units: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, grid: PopulationGrid | None
) -> pd.DataFrame:
    """`BY_OPERATOR_COLUMNS`, one row per unit × claim of `areas` (from `dissolve_coverage`), units in their order.

    Per unit first the operators' rows, then per technology and evidence one of `EVERY_OPERATOR`, their union.
    `units`: unit_code, vintage and polygons in EPSG:4326. Covered figures are 0 where the polygon does not reach; people
    are null without a grid or where it has no figure, their share also where the unit has nobody. Areas equal-area.
    """
    if areas.empty:
        return empty_table(BY_OPERATOR_COLUMNS)
    measured, claims = _measure(units, grid), with_unions(areas)
    tables = [
        pd.DataFrame(
            {
                "unit_code": units["unit_code"].to_numpy(),
                "vintage": units["vintage"].to_numpy(),
                **{name: getattr(row, name) for name in COVERAGE_COLUMNS},
                "covered_people": covered.people,
                "covered_people_share": covered.people_share,
                "covered_area_km2": covered.area_km2,
                "covered_area_share": covered.area_share,
            }
        )
        for row, covered in zip(
            claims.drop(columns=claims.geometry.name).itertuples(),
            _cover_all(measured, claims.geometry, grid),
            strict=True,
        )
    ]
    by_area = pd.concat(tables, ignore_index=True)
    place = np.arange(len(by_area)).reshape(len(claims), len(units)).T.ravel()
    return by_area.iloc[place].reset_index(drop=True)


def _measure(units: gpd.GeoDataFrame, grid: PopulationGrid | None) -> _Units:
    shapes = units.geometry.to_numpy()
    return _Units(
        shapes, equal_area_km2(shapes), None if grid is None else count_people_of_units(grid, shapes)
    )


def _cover_all(units: _Units, areas: Iterable[Any], grid: PopulationGrid | None) -> list[_Covered]:
    """`_cover` for each area, in threads: shapely and numpy let go of the interpreter lock while they compute.

    An area that occurs twice (the union of a single operator) is covered once: two threads must never prepare one geometry.
    """
    listed = list(areas)
    distinct = {id(area): area for area in listed}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = pool.map(lambda area: _cover(units, area, grid), distinct.values())
        covered = dict(zip(distinct, found, strict=True))
    return [covered[id(area)] for area in listed]


def _cover(units: _Units, area: Any, grid: PopulationGrid | None) -> _Covered:
    """Cut only the units that `area` covers in part: a unit wholly inside or outside needs no geometry."""
    shapely.prepare(area)
    whole = shapely.contains(area, units.shapes)
    cut = ~whole & shapely.intersects(area, units.shapes)
    pieces = only_polygons(shapely.intersection(units.shapes[cut], area))
    area_km2 = np.where(whole, units.area_km2, 0.0)
    area_km2[cut] = equal_area_km2(pieces)
    people = np.full(len(units.shapes), np.nan)
    share = people
    if grid is not None and units.people is not None:
        people = np.where(whole, units.people, 0.0)
        people[cut] = count_people(grid, pieces)
        people[np.isnan(units.people)] = np.nan
        share = share_of(people, units.people)
    return _Covered(area_km2, share_of(area_km2, units.area_km2), people, share)


def union_by_technology(
    coverage: pd.DataFrame,
    unit_people: pd.Series | None,
    *,
    evidence_order: tuple[Evidence, ...],
    operator_share: float,
) -> pd.DataFrame:
    """One row per unit: unit_code and, for every technology of `coverage`, the DESIGN §4 columns of its operators' union.

    `coverage`: the result of `cover_units`; `unit_people`: people by unit_code, None without a grid. The evidence used is
    the first of `evidence_order` that any operator has for the technology. An operator counts when it covers at least
    `operator_share` of a unit's people (of its area without a grid or people).
    """
    wide = pd.DataFrame({"unit_code": pd.unique(coverage["unit_code"])})
    for technology in sorted(coverage["technology"].unique()):
        claims = coverage[coverage["technology"] == technology]
        evidence = _evidence_used(claims, evidence_order)
        used = claims[claims["evidence"] == evidence]
        union = used[used["operator"] == EVERY_OPERATOR].set_index("unit_code").reindex(wide["unit_code"])
        uncovered = np.full(len(wide), np.nan)
        if unit_people is not None:
            people = unit_people.reindex(wide["unit_code"]).to_numpy(dtype=float, na_value=np.nan)
            uncovered = people - np.fmin(union["covered_people"].to_numpy(), people)
        figures = {
            "covered_people_share": union["covered_people_share"].to_numpy(),
            "covered_area_share": union["covered_area_share"].to_numpy(),
            "uncovered_people": uncovered,
            "operators": _count_operators(used, wide["unit_code"], operator_share),
        }
        for figure, values in figures.items():
            wide[coverage_column(technology, figure)] = values
        wide[coverage_column(technology, "evidence")] = evidence
    return wide


def _evidence_used(claims: pd.DataFrame, order: tuple[Evidence, ...]) -> str:
    """The first kind of evidence in `order` that the claims have."""
    found = set(claims["evidence"])
    return next((str(kind) for kind in order if str(kind) in found), min(found))


def _count_operators(rows: pd.DataFrame, unit_codes: pd.Series, operator_share: float) -> IntArray:
    """Operators of each unit that reach `operator_share` of its people, or of its area where nobody is known."""
    rows = rows[rows["operator"] != EVERY_OPERATOR]
    presence = rows["covered_people_share"].fillna(rows["covered_area_share"])
    present = rows.loc[presence >= operator_share - FLOAT_NOISE, ["unit_code", "operator"]].drop_duplicates()
    counts = present.groupby("unit_code").size().reindex(unit_codes).fillna(0.0)
    return np.asarray(counts, dtype=np.int64)
