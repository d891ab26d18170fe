"""Large areas cut into small pieces under one spatial index, so that a part of them is had without touching the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geo.arrays import BoolArray, IntArray, ObjectArray, only_polygons

MOST_VERTICES: Final = 256
"""Vertices of a piece: overlay takes time with them, the index with the number of pieces."""
_MOST_LEVELS: Final = 24
NOTHING: Final = shapely.Polygon()
_SLIVER_DEGREES2: Final = 1e-14
"""About a square centimetre in lon/lat: what remains where two cuts of one edge differ in the last digit."""


@dataclass(frozen=True, eq=False)
class Layer:
    """Pieces of areas (lon/lat polygons), `owner` the place of the area that each was cut from, and their index."""

    shapes: ObjectArray
    owner: IntArray
    tree: shapely.STRtree

    def pairs(self, shape: Any, owners: BoolArray | None = None) -> tuple[ObjectArray, IntArray]:
        """The parts of the pieces inside `shape`, and the owner of each; `owners` says which owners are looked at."""
        found = self.tree.query(shape, predicate="intersects")
        if owners is not None:
            found = found[owners[self.owner[found]]]
        parts = self.shapes[found]
        shapely.prepare(shape)
        cut = ~shapely.contains_properly(shape, parts)
        parts[cut] = polygons_only(shapely.intersection(parts[cut], shape))
        some = ~shapely.is_empty(parts)
        return parts[some], self.owner[found][some]

    def within(self, shape: Any, owners: BoolArray | None = None) -> Any:
        """The union of these owners' areas inside `shape`; an empty polygon where there is none."""
        return union(self.pairs(shape, owners)[0])


def make_layer(areas: Sequence[Any] | ObjectArray) -> Layer:
    """The areas (valid lon/lat polygons; None and empty ones own nothing) cut and indexed."""
    cut = [subdivide(area) for area in areas]
    counts = np.array([len(parts) for parts in cut], dtype=np.int64)
    shapes = np.concatenate([np.empty(0, dtype=object), *cut])
    return Layer(shapes, np.repeat(np.arange(len(cut)), counts), shapely.STRtree(shapes))


def subdivide(area: Any, most: int = MOST_VERTICES) -> ObjectArray:
    """Polygons of at most `most` vertices that make up the area: its parts, halved along their longer side until small."""
    if area is None or area.is_empty:
        return np.empty(0, dtype=object)
    open_parts, done = np.asarray(shapely.get_parts(area), dtype=object), []
    for _ in range(_MOST_LEVELS):
        large = shapely.get_num_coordinates(open_parts) > most
        done.append(open_parts[~large])
        open_parts = open_parts[large]
        if not len(open_parts):
            break
        halves = shapely.intersection(np.tile(open_parts, 2), np.concatenate(_halves(open_parts)))
        parts = np.asarray(shapely.get_parts(polygons_only(halves)), dtype=object)
        open_parts = parts[shapely.area(parts) > 0]
    return np.concatenate([*done, open_parts])


def _halves(shapes: ObjectArray) -> tuple[ObjectArray, ObjectArray]:
    west, south, east, north = shapely.bounds(shapes).T
    across = east - west >= north - south
    x, y = (west + east) / 2, (south + north) / 2
    one = shapely.box(west, south, np.where(across, x, east), np.where(across, north, y))
    other = shapely.box(np.where(across, x, west), np.where(across, south, y), east, north)
    return np.asarray(one, dtype=object), np.asarray(other, dtype=object)


def polygons_only(shapes: Any) -> ObjectArray:
    """An array of overlay results without lines and points, every one valid; empty polygons where nothing else is left."""
    kept = only_polygons(np.atleast_1d(np.asarray(shapes, dtype=object)))
    # edges that differ in their last digit can leave a union with one shell inside another
    wrong = ~shapely.is_valid(kept)
    if wrong.any():
        kept[wrong] = only_polygons(shapely.make_valid(kept[wrong], method="structure", keep_collapsed=False))
    kept[shapely.is_empty(kept)] = NOTHING
    return kept


def union(shapes: Sequence[Any] | ObjectArray) -> Any:
    """The union of polygons; an empty polygon for none."""
    found = np.asarray(shapes, dtype=object)
    return polygons_only(shapely.union_all(found))[0] if len(found) else NOTHING


def without(area: Any, taken: Any) -> Any:
    """The part of `area` outside `taken`, without slivers below a square centimetre."""
    parts = shapely.get_parts(polygons_only(shapely.difference(area, taken))[0])
    kept = parts[shapely.area(parts) > _SLIVER_DEGREES2]
    return shapely.multipolygons(kept) if len(kept) else NOTHING


def common(area: Any, other: Any) -> Any:
    """The part of `area` inside `other`."""
    return polygons_only(shapely.intersection(area, other))[0]
