"""How the outlines of one list of units fit together: where they lie over each other, and what they leave between them."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import BoolArray, IntArray, ObjectArray, only_polygons
from geo.crs import equal_area_km2
from geo.errors import InputError

RIVAL_LIMIT: Final = 0.5
"""Share of the smaller unit from which two outlines claim one place: two levels of units, or one unit under two codes."""
_WHOLLY: Final = 0.999
_TOUCH_DEGREES: Final = 1e-9
"""A tenth of a millimetre: the corners of a gap are computed, and lie beside the outlines by rounding."""


def unmatched_edges(shapes: ObjectArray) -> BoolArray:
    """Whether each outline has an edge that crosses or runs along another's without being the same edge.

    Of two units that overlap, one at least is marked (of one wholly inside another, only the inner).
    """
    return np.asarray(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)), dtype=bool)


def find_overlaps(units: gpd.GeoDataFrame, unmatched: BoolArray) -> gpd.GeoDataFrame:
    """Pairs of units whose outlines share any area: `unit_code` < `other_code`, `overlap_km2`, shares, geometry; largest first.

    `units`: unit_code in ascending order, area_km2 and polygons in EPSG:4326; `unmatched`: from `unmatched_edges`.
    `overlap_km2` > 0, in the equal-area projection; `unit_share`, `other_share`: of each unit's area, 0-1, and `share` the
    larger of the two, the smaller unit's; geometry: the area shared.
    """
    shapes = units.geometry.to_numpy()
    first, second = _candidates(shapes, unmatched)
    shared = shapely.intersection(shapes[first], shapes[second])
    overlap = equal_area_km2(shared)
    some = overlap > 0
    first, second, overlap = first[some], second[some], overlap[some]
    codes, area = units["unit_code"].to_numpy(), units["area_km2"].to_numpy(dtype=float)
    shares = {"unit_share": overlap / area[first], "other_share": overlap / area[second]}
    pairs = {"unit_code": codes[first], "other_code": codes[second], "overlap_km2": overlap, **shares}
    pairs["share"] = np.maximum(*shares.values())
    frame = gpd.GeoDataFrame(pairs, geometry=only_polygons(shared[some]), crs=units.crs)
    return frame.sort_values(
        ["overlap_km2", "unit_code", "other_code"], ascending=[False, True, True], ignore_index=True
    )


def _candidates(shapes: ObjectArray, unmatched: BoolArray) -> tuple[IntArray, IntArray]:
    """Places of the pairs that may overlap, smaller first: both unmatched, or one of them inside the other."""
    suspects = np.flatnonzero(unmatched)
    left, second = shapely.STRtree(shapes).query(shapes[suspects])
    first, box = suspects[left], shapely.bounds(shapes)
    inside = (box[first, :2] >= box[second, :2]).all(axis=1) & (box[first, 2:] <= box[second, 2:]).all(axis=1)
    kept = np.where(unmatched[second], first < second, inside)
    return np.minimum(first, second)[kept], np.maximum(first, second)[kept]


def require_no_rivals(pairs: gpd.GeoDataFrame, *, source: str) -> None:
    """Raise `InputError` naming the worst pairs when an overlap is more than `RIVAL_LIMIT` of the smaller unit."""
    grave = pairs[pairs["share"] > RIVAL_LIMIT]
    if len(grave):
        worst = "; ".join(_rivalry(row) for row in grave.head(5).itertuples())
        raise InputError(
            f"{source}: units overlap by more than half, so it cannot be said whose the people there are: {worst}{' …' if len(grave) > 5 else ''}. "
            "Wanted one level of units per list and one outline per place; keep one of the two, or mend the outlines"
        )


def _rivalry(pair: Any) -> str:
    size = f"{pair.overlap_km2:.3g} km²"
    if pair.unit_share > _WHOLLY and pair.other_share > _WHOLLY:
        return f"{pair.unit_code} and {pair.other_code} have the same outline ({size})"
    if pair.share > _WHOLLY:
        inner, outer = pair.unit_code, pair.other_code
        if pair.other_share > pair.unit_share:
            inner, outer = outer, inner
        return f"{inner} lies wholly in {outer} ({size})"
    return f"{pair.unit_code} and {pair.other_code} share {size} ({pair.share:.1%} of the smaller)"


def shared_by_later(overlaps: gpd.GeoDataFrame) -> ObjectArray:
    """For each unit that overlaps units of smaller code, the area it shares with them: each place as often as it counts too much.

    A place inside k units is in k − 1 of these areas, so their sum is what sums over units have too much.
    """
    later = overlaps.groupby("other_code", sort=True).geometry
    return np.array([shapely.union_all(shapes.to_numpy()) for _, shapes in later], dtype=object)


def find_gaps(units: gpd.GeoDataFrame, unmatched: BoolArray) -> gpd.GeoDataFrame:
    """Areas in no unit that units enclose: `gap_km2`, `around` (codes of the units that touch it), geometry; largest first.

    What is open to the outside (the sea, another region) is no gap; a lake that the publisher cut out is one.
    """
    shapes = units.geometry.to_numpy()
    parts = shapely.get_parts(_union(shapes, unmatched))
    rings, whose = shapely.get_rings(parts, return_index=True)
    inner = np.flatnonzero(whose[1:] == whose[:-1]) + 1  # the first ring of a part is its outer one
    gaps = _without_islands(shapely.polygons(rings[inner]), parts)
    left, right = shapely.STRtree(shapes).query(gaps, predicate="dwithin", distance=_TOUCH_DEGREES)
    codes = pd.Series(units["unit_code"].to_numpy()[right]).groupby(left).agg(lambda found: sorted(found))
    frame = gpd.GeoDataFrame(
        {"gap_km2": equal_area_km2(gaps), "around": codes.reindex(range(len(gaps))).tolist()},
        geometry=gaps,
        crs=units.crs,
    )
    return frame[frame["gap_km2"] > 0].sort_values("gap_km2", ascending=False, ignore_index=True)


def _union(shapes: ObjectArray, unmatched: BoolArray) -> object:
    """Union of all: those that fit together by dropping shared edges, which is some times faster, the others by overlay."""
    fitting = shapely.coverage_union_all(shapes[~unmatched])
    return shapely.union_all([fitting, *shapes[unmatched]]) if unmatched.any() else fitting


def _without_islands(holes: ObjectArray, parts: ObjectArray) -> ObjectArray:
    """The holes less the parts of the union that lie in them."""
    hole, part = shapely.STRtree(parts).query(holes, predicate="contains")
    islands = pd.Series(parts[part]).groupby(hole).agg(lambda found: shapely.union_all(found.to_numpy()))
    left = holes.copy()
    left[islands.index] = shapely.difference(holes[islands.index], islands.to_numpy(dtype=object))
    return left
