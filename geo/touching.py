"""Which stored proposals reach into a unit, and how far."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import shapely

from geo.crs import equal_area_km2
from geo.errors import InputError
from geo.proposals import Version
from geo.rollout_offers import offer_of_version

TOUCHING_COLUMNS: Final = (
    "proposal", "name", "operator", "technology", "year", "status", "modelled", "inside_km2", "unit_share", "own_share",
)  # fmt: skip


def proposals_touching(shape: Any, proposals: Sequence[Version]) -> pd.DataFrame:
    """`TOUCHING_COLUMNS`, a row per proposal whose area overlaps `shape` (one unit, EPSG:4326), in the order given.

    `inside_km2`: the area in common; `unit_share`, `own_share` (0-1): of the unit's area and of the proposal's own. The
    area of sites is `modelled` (METHODS, Coverage from cell sites); sites that cannot be modelled stand by their points alone,
    with null areas. Whom a proposal newly serves is for the check of it to say.
    """
    unit_km2 = float(equal_area_km2([shape])[0])
    rows = [row for version in proposals if (row := _row(shape, unit_km2, version)) is not None]
    return pd.DataFrame(rows, columns=list(TOUCHING_COLUMNS))


def _row(shape: Any, unit_km2: float, version: Version) -> dict[str, Any] | None:
    content = version.content
    said = {
        "proposal": version.id, "name": content.name, "operator": content.operator,
        "technology": str(content.technology), "year": content.year, "status": str(version.status),
        "modelled": content.kind == "sites",
    }  # fmt: skip
    try:
        area = offer_of_version(version).area
    except InputError:
        # no site of it can be modelled: then a site inside the unit is all there is to say
        points = [shapely.geometry.shape(one["geometry"]) for one in content.geometry["features"]]
        inside = any(shape.intersects(point) for point in points)
        return {**said, "inside_km2": None, "unit_share": None, "own_share": None} if inside else None
    if not area.intersects(shape):
        return None
    common_km2, own_km2 = equal_area_km2([shapely.intersection(area, shape), area]).tolist()
    if not common_km2 > 0:
        return None
    return {
        **said, "inside_km2": common_km2, "unit_share": common_km2 / unit_km2, "own_share": common_km2 / own_km2,
    }  # fmt: skip
