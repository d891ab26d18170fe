"""How a commune that was split is shared out: by the people inside the outlines of the units it went into."""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import POLYGONAL
from geo.crs import equal_area_km2, require_same
from geo.errors import InputError
from geo.people import count_people, outside_share
from geo.population_grid import PopulationGrid
from geo.vintages import Crosswalk

COVER_LIMIT: Final = 0.05
"""Share of a split unit's area that the new outlines may miss or cover twice before its shares are refused."""
GRID_LIMIT: Final = 0.01
"""Share of a split unit's area that may lie outside the population grid."""


def people_shares(
    codes: Sequence[str], ways: Crosswalk, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, grid: PopulationGrid
) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Per code its shares 0-1 of people by target code (summing to 1), and per refused code the reason.

    `old`, `new`: `unit_code` and valid polygons in EPSG:4326 of the source and the target list.
    """
    require_same((("the old outlines", old), ("the new outlines", new)))
    before, after = _by_code(old, "old"), _by_code(new, "new")
    shares: dict[str, dict[str, float]] = {}
    refusals: dict[str, str] = {}
    for code in codes:
        targets = ways.targets[code]
        missing = [f"{name} {at}" for name, found, at in
                   ((str(ways.source), before, code), *((str(ways.target), after, target) for target in targets))
                   if at not in found]  # fmt: skip
        if missing:
            refusals[code] = f"the outlines given do not hold {', '.join(missing)}"
            continue
        found = _shares_of(before[code], [after[target] for target in targets], grid)
        if isinstance(found, str):
            refusals[code] = found
        else:
            shares[code] = dict(zip(targets, found, strict=True))
    return shares, refusals


def _by_code(outlines: gpd.GeoDataFrame, which: str) -> dict[str, shapely.Geometry]:
    twice = sorted(outlines.loc[outlines["unit_code"].duplicated(), "unit_code"].unique())
    if twice:
        raise InputError(
            f"the {which} outlines hold unit {', '.join(twice[:5])} more than once; wanted one row per unit"
        )
    return dict(zip(outlines["unit_code"], outlines.geometry, strict=True))


def _shares_of(
    whole: shapely.Geometry, targets: list[shapely.Geometry], grid: PopulationGrid
) -> list[float] | str:
    """Shares of the people of `whole` by target, or why there are none."""
    pieces = np.array([_polygonal(shapely.intersection(whole, target)) for target in targets], dtype=object)
    area = float(equal_area_km2([whole])[0])
    covered = float(equal_area_km2(pieces).sum()) / area if area else 0.0
    if abs(covered - 1) > COVER_LIMIT:
        return f"the new outlines cover {covered:.1%} of it, wanted 100 %: one of the files is of another vintage, or drawn apart"
    if float(outside_share(grid, [whole])[0]) > GRID_LIMIT:
        return "the population grid does not cover it; give one that does"
    people = count_people(grid, pieces)
    total = float(people.sum())
    if total <= 0:
        return "the population grid has nobody in it, so there are no people to share it by"
    return [float(share) for share in people / total]


def _polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a cut; lines and points where outlines touch hold no people."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.MultiPolygon([part for part in parts if shapely.get_type_id(part) in POLYGONAL])
