"""Whether coverage polygons can be laid over each other and over the units at all, found out before it is tried.

Each may be valid, and together they may take hours (`geo.crossings`). What enters a workspace is held against what is in
it, so that no input keeps a build from ending; a build asks again, for a workspace can come from elsewhere.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from geo import confined
from geo.arrays import ObjectArray
from geo.crossings import chains_of, cross_too_often
from geo.errors import InputError
from geo.schema import COVERAGE_COLUMNS

_MEND: Final = "simplify them (QGIS: Simplify) and add the file again, with --replace where it is in the workspace already"
_MET: Final = ["technology", "evidence"]
"""Claims of one technology and kind of evidence are put together."""


def unite_claim(shapes: ObjectArray, claim: Sequence[str]) -> Any:
    """The union of the polygons of one claim (values of `COVERAGE_COLUMNS`), within limits; raises `InputError`."""
    if len(shapes) == 1:
        return shapely.union_all(shapes)
    return confined.unite_polygons(shapes, what=_name(claim))


def require_coverable(claims: gpd.GeoDataFrame, outlines: Sequence[ObjectArray]) -> None:
    """Raise `InputError` unless claims (`COVERAGE_COLUMNS`, any number of rows each) can be put together and held against units."""
    groups = list(claims.groupby(list(COVERAGE_COLUMNS), sort=True))
    table = pd.DataFrame([claim for claim, _ in groups], columns=list(COVERAGE_COLUMNS))
    shapes = [unite_claim(rows.geometry.to_numpy(), claim) for claim, rows in groups]
    require_untangled(gpd.GeoDataFrame(table, geometry=shapes, crs=claims.crs), outlines)


def require_untangled(areas: gpd.GeoDataFrame, outlines: Sequence[ObjectArray]) -> None:
    """Raise `InputError` naming the first two that cross each other too often: a claim and the units, or two claims that meet.

    `areas`: one row per claim, `outlines`: the polygons of each list of units, all in EPSG:4326.
    """
    shapes = areas.geometry.to_numpy()
    chains = [chains_of(shapes[place : place + 1]) for place in range(len(shapes))]
    names = [_name(claim) for claim in areas[list(COVERAGE_COLUMNS)].itertuples(index=False)]
    for units in map(chains_of, outlines):
        for name, edges in zip(names, chains, strict=True):
            if cross_too_often(edges, units):
                raise InputError(f"{name} and the outlines of the units {_fault()}")
    places = pd.Series(range(len(areas)))
    for _, members in places.groupby([areas[name].to_numpy() for name in _MET]):
        for one, other in combinations(members.tolist(), 2):
            if cross_too_often(chains[one], chains[other]):
                raise InputError(f"{names[one]} and {names[other]} {_fault()}")


def _name(claim: Sequence[str]) -> str:
    operator, technology, evidence, as_of = claim
    return f"coverage of {operator} {technology} ({evidence}, {as_of})"


def _fault() -> str:
    return (
        "cross each other so often that laying one over the other would take hours; wanted outlines as they are surveyed, "
        f"drawn or modelled. Mend: {_MEND}"
    )
