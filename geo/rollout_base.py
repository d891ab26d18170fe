"""Today, prepared once so that a proposal is checked fast: per unit its outline, people and what each operator covers of it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import FloatArray, IntArray, ObjectArray, only_polygons
from geo.crs import equal_area_km2
from geo.people import PopulationGrid, count_people, count_people_of_units
from geo.proposal import Proposal, Status
from geo.rules import Rules
from geo.schema import Technology

SLIVER_DEGREES2: Final = 1e-13
"""Area below which a piece is rounding along a shared edge: about 10 cm²."""
_THREADS: Final = 2


@dataclass(frozen=True, eq=False)
class Covered:
    """What one technology's claims cover: per operator, and all together, the part of every unit (None where it has none).

    `known`: whether anything is known of the technology; without, nobody can be called uncovered.
    """

    evidence: str
    operators: tuple[str, ...]
    by_operator: dict[str, ObjectArray]
    union: ObjectArray

    @property
    def known(self) -> bool:
        """Whether any operator's coverage is known."""
        return bool(self.operators)


@dataclass(frozen=True, eq=False)
class Today:
    """The built units (`communes`), the grid, the coverage areas, places, plans of record, and what is worked out of them.

    `claims`: `operator`, `technology`, `evidence` and polygons in EPSG:4326; `plans`: proposals of every status; those of
    status accepted or built count against others' gain, submitted ones only for the distance between sites.
    """

    communes: gpd.GeoDataFrame
    grid: PopulationGrid | None
    claims: gpd.GeoDataFrame
    places: gpd.GeoDataFrame | None
    rules: Rules
    plans: tuple[Proposal, ...] = ()
    _covered: dict[str, Covered] = field(default_factory=dict)
    _others: dict[tuple[str, str, int], Any] = field(default_factory=dict)

    @cached_property
    def shapes(self) -> ObjectArray:
        """Outlines of the units, in their order."""
        return np.asarray(self.communes.geometry.to_numpy(), dtype=object)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The result table without shapes."""
        return pd.DataFrame(self.communes.drop(columns=self.communes.geometry.name))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the outlines."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def people(self) -> FloatArray:
        """People of each unit; null without a grid or where it has no figure."""
        if self.grid is None:
            return np.full(len(self.communes), np.nan)
        return count_people_of_units(self.grid, self.shapes)

    @cached_property
    def area_km2(self) -> FloatArray:
        """Equal-area km² of each unit."""
        return equal_area_km2(self.shapes)

    def covered(self, technology: Technology | str) -> Covered:
        """What is covered with a technology, worked out the first time it is asked for."""
        name = str(technology)
        if name not in self._covered:
            self._covered[name] = _cover(self, name)
        return self._covered[name]

    def covered_by_others(self, technology: Technology | str, operator: str, unit: int) -> Any:
        """The part of a unit that operators other than this one cover; None where they cover nothing."""
        key = (str(technology), operator, unit)
        if key not in self._others:
            covered = self.covered(technology)
            parts = [covered.by_operator[name][unit] for name in covered.operators if name != operator]
            parts = [part for part in parts if part is not None]
            self._others[key] = shapely.union_all(parts) if parts else None
        return self._others[key]

    def plans_of_others(self, proposal: Proposal) -> list[Proposal]:
        """Accepted or built plans of other operators for the same technology, but for versions of the proposal itself."""
        counted = (Status.ACCEPTED, Status.BUILT)
        return [
            plan
            for plan in self.plans
            if plan.status in counted
            and plan.operator != proposal.operator
            and plan.technology == proposal.technology
            and (not proposal.id or plan.id != proposal.id)
        ]

    def count(self, shapes: Sequence[Any] | ObjectArray) -> FloatArray:
        """People in each shape; null throughout without a grid."""
        given = np.array([*shapes, None], dtype=object)[:-1]
        return np.full(len(given), np.nan) if self.grid is None else count_people(self.grid, given)


def _cover(today: Today, technology: str) -> Covered:
    claims = today.claims[today.claims["technology"] == technology]
    kinds = [str(kind) for kind in today.rules.coverage_evidence if str(kind) in set(claims["evidence"])]
    nothing = np.full(len(today.shapes), None, dtype=object)
    if not kinds:
        return Covered("", (), {}, nothing)
    used = claims[claims["evidence"] == kinds[0]]
    areas = {
        str(name): shapely.union_all(rows.geometry.to_numpy()) for name, rows in used.groupby("operator")
    }
    # each thread prepares an area of its own: two must never prepare one geometry
    distinct = [*areas.values(), *([shapely.union_all(list(areas.values()))] if len(areas) > 1 else [])]
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        parts = list(pool.map(lambda area: clip_to(today.shapes, area), distinct))
    return Covered(kinds[0], tuple(areas), dict(zip(areas, parts, strict=False)), parts[-1])


def clip_to(shapes: ObjectArray, area: Any) -> ObjectArray:
    """The part of each shape inside the area; None where there is none."""
    found = np.full(len(shapes), None, dtype=object)
    shapely.prepare(area)
    whole = shapely.contains_properly(area, shapes)
    found[whole] = shapes[whole]
    meets = np.flatnonzero(~whole & shapely.intersects(area, shapes))
    found[meets] = without_slivers(shapely.intersection(shapes[meets], area))
    return found


def without_slivers(pieces: Any) -> ObjectArray:
    """Polygons of each piece that are more than rounding along an edge; None where nothing else is left."""
    kept = only_polygons(np.asarray(pieces, dtype=object))
    many = shapely.get_num_geometries(kept) > 1
    for place in np.flatnonzero(many & (shapely.area(kept) > 0)):
        parts = shapely.get_parts(kept[place])
        thin = shapely.area(parts) <= SLIVER_DEGREES2
        if thin.any():
            kept[place] = shapely.multipolygons(parts[~thin]) if not thin.all() else None
    kept[shapely.area(kept) <= SLIVER_DEGREES2] = None
    return np.asarray(kept, dtype=object)


def cut_away(shapes: ObjectArray, areas: ObjectArray) -> ObjectArray:
    """Each shape without the area beside it; None stands for nothing in both."""
    found = shapes.copy()
    both = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_missing(areas))
    found[both] = without_slivers(shapely.difference(shapes[both], areas[both]))
    return found


def shared(shapes: ObjectArray, areas: ObjectArray) -> ObjectArray:
    """What each shape has in common with the area beside it; None where that is nothing."""
    found = np.full(len(shapes), None, dtype=object)
    both = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_missing(areas))
    found[both] = without_slivers(shapely.intersection(shapes[both], areas[both]))
    return found


def area_of(shapes: ObjectArray) -> FloatArray:
    """Equal-area km² of each shape, 0 for None."""
    found = np.zeros(len(shapes))
    there = ~shapely.is_missing(shapes)
    found[there] = equal_area_km2(shapes[there])
    return found


def touched_units(today: Today, area: Any) -> tuple[IntArray, ObjectArray]:
    """Positions of the units that an area reaches, and its part in each."""
    units = np.sort(today.tree.query(area, predicate="intersects"))
    parts = without_slivers(shapely.intersection(today.shapes[units], area))
    there = ~shapely.is_missing(parts)
    return units[there], parts[there]


def older_technologies(technology: Technology | str) -> list[str]:
    """The technologies before this one, oldest first."""
    names = [str(known) for known in Technology]
    return names[: names.index(str(technology))]


def empty_claims() -> gpd.GeoDataFrame:
    """Claims of nobody."""
    table = pd.DataFrame({name: pd.Series(dtype=str) for name in ("operator", "technology", "evidence")})
    return gpd.GeoDataFrame(table, geometry=[], crs=4326)
