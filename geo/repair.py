"""Outlines that are not valid: mended where that changes next to nothing, set aside where it would."""

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import equal_area_km2
from geo.quality import Finding, Severity

POLYGONS: Final = ("Polygon", "MultiPolygon")
REPAIR_LIMIT: Final = 0.01
"""Share of a polygon's area that a repair may change; beyond it the row is set aside (DESIGN: 1 %)."""
MOST_CROSSINGS: Final = 20_000
"""Crossings of an outline with itself up to which mending is tried: it takes time with their square, and a drawn or
digitised outline has a handful."""
_PAIRS_AT_ONCE: Final = 2_000_000
_VALID: Final = "export it again from its source, valid"
_AGAIN: Final = "draw it again or mend it in a GIS (QGIS: Fix geometries), and add the file again"


def repair_polygons(
    frame: gpd.GeoDataFrame, source: str
) -> tuple[gpd.GeoDataFrame, list[Finding], gpd.GeoDataFrame]:
    """(usable rows, findings, rows set aside) of polygons in EPSG:4326 whose column `file_row` counts from 1."""
    shapes = frame.geometry.to_numpy().copy()
    findings: list[Finding] = []
    aside = np.zeros(len(frame), dtype=bool)
    for place in np.flatnonzero(~shapely.is_valid(shapes)):
        mended, text, about = _mend(shapes[place])
        row = int(frame["file_row"].iloc[place])
        aside[place] = mended is None
        if mended is None:
            findings.append(_set_aside(source, row, text, about))
        else:
            shapes[place] = mended
            message = f"{source}: row {row} was not valid ({text}"
            findings.append(
                Finding(
                    Severity.WARNING,
                    "repaired",
                    message,
                    file=source,
                    row=row,
                    done="mended",
                    mend=_VALID,
                    values=about,
                )
            )
    whole = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    return whole[~aside].reset_index(drop=True), findings, frame[aside].reset_index(drop=True)


def _set_aside(source: str, row: int, text: str, about: Mapping[str, Any]) -> Finding:
    message = f"{source}: row {row} is not a valid polygon ({text}"
    return Finding(
        Severity.ERROR,
        "quarantined",
        message,
        file=source,
        row=row,
        done="set aside, not used",
        mend=_AGAIN,
        said=_aside_for(about),
        values=about,
    )


def _aside_for(about: Mapping[str, Any]) -> str:
    """The sentence that these values belong to."""
    return next(
        (f"quarantined_{name}" for name in ("change", "crossings") if name in about), "quarantined_empty"
    )


def _mend(shape: Any) -> tuple[Any, str, dict[str, Any]]:
    """(the mended polygon, what was wrong and by how much its area changed), or (None, why it cannot be mended).

    In words, and as the values of a sentence.
    """
    reason = shapely.is_valid_reason(shape)
    if _crosses_itself_often(shape):
        many = f"{reason}): its outline crosses itself more than {MOST_CROSSINGS:,} times"
        return None, many, {"reason": reason, "crossings": MOST_CROSSINGS}
    mended = shapely.make_valid(shape, method="structure")
    before, after = equal_area_km2([shape, mended])
    if not after:
        return None, f"{reason}): its outline encloses nothing", {"reason": reason}
    change = abs(after - before) / max(before, after)
    if change > REPAIR_LIMIT or mended.geom_type not in POLYGONS:
        return (
            None,
            f"{reason}): mending it would change its area by {change:.1%}, more than {REPAIR_LIMIT:.0%}",
            {"reason": reason, "change": float(change), "limit": REPAIR_LIMIT},
        )
    about = {"reason": reason, "change": float(change)}
    return mended, f"{reason}); mended, area changed by {change:.4%}", about


def _crosses_itself_often(shape: Any) -> bool:
    segments = _segments(shape)
    tree = shapely.STRtree(segments)
    # in pieces, each of which could cross everything without filling the memory
    step = max(1, _PAIRS_AT_ONCE // len(segments))
    crossings = 0
    for start in range(0, len(segments), step):
        part = segments[start : start + step]
        crossings += tree.query(part, predicate="crosses").shape[1]
        # each is found from both sides
        if crossings > 2 * MOST_CROSSINGS:
            return True
    return False


def _segments(shape: Any) -> Any:
    """Every straight piece of every ring."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    together = ring[1:] == ring[:-1]
    ends = np.stack([points[:-1], points[1:]], axis=1)[together]
    return shapely.linestrings(ends)
