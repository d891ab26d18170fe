"""Zoom-16 Web-Mercator tiles: where a quadkey lies, and cutting tiles by units."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely

from geo.arrays import BoolArray, FloatArray, IntArray, ObjectArray, is_polygonal, only_polygons
from geo.errors import InputError

TILE_ZOOM: Final = 16


def tile_bounds(quadkeys: Sequence[str]) -> FloatArray:
    """(n, 4) west, south, east, north in degrees of zoom-16 Web-Mercator tiles named by Bing quadkeys.

    Formulas of Microsoft's "Bing Maps Tile System". Raises `InputError` naming the rows of keys that are not 16
    digits of 0 to 3.
    """
    keys = pd.Series(quadkeys, dtype=object).astype(str)
    bad = np.flatnonzero(~keys.str.fullmatch(rf"[0-3]{{{TILE_ZOOM}}}").to_numpy(dtype=bool))
    if len(bad):
        listed = ", ".join(f"{row + 1} ({keys.iloc[row]!r})" for row in bad[:5])
        raise InputError(
            f"quadkey is not {TILE_ZOOM} digits of 0 to 3 in {len(bad)} rows: {listed}; wanted zoom-{TILE_ZOOM} tiles as Ookla "
            "publishes them. Read the column as text, so that leading zeros stay"
        )
    letters = keys.to_numpy(dtype=f"S{TILE_ZOOM}")
    digits = np.frombuffer(letters.tobytes(), dtype=np.uint8).reshape(-1, TILE_ZOOM) - ord("0")
    place = 2 ** np.arange(TILE_ZOOM - 1, -1, -1, dtype=np.int64)
    x, y = (digits & 1) @ place, (digits >> 1) @ place
    return np.column_stack([_longitude(x), _latitude(y + 1), _longitude(x + 1), _latitude(y)])


def _longitude(x: IntArray) -> FloatArray:
    return np.asarray(x / 2**TILE_ZOOM * 360.0 - 180.0, dtype=float)


def _latitude(y: IntArray) -> FloatArray:
    return np.asarray(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / 2**TILE_ZOOM)))), dtype=float)


def cut_tiles(
    boxes: ObjectArray, bounds: FloatArray, shapes: ObjectArray
) -> tuple[IntArray, IntArray, BoolArray, ObjectArray]:
    """Pairs (tile, unit) of some common area, whether the tile is interior, and tile ∩ unit of those that are not.

    Tiles inside a unit need no geometry; `clip_by_rect` cuts the others some six times faster than `intersection`.
    """
    tree = shapely.STRtree(boxes)
    unit, tile = tree.query(shapes, predicate="intersects")
    inside_unit, inside_tile = tree.query(shapes, predicate="contains")
    interior = np.isin(unit * len(boxes) + tile, inside_unit * len(boxes) + inside_tile)
    order = np.lexsort((unit, tile, ~interior))
    tile, unit, interior = tile[order], unit[order], interior[order]
    cut_tile, cut_unit = tile[~interior], unit[~interior]
    pieces = np.empty(len(cut_tile), dtype=object)
    for index, (t, u) in enumerate(zip(cut_tile, cut_unit, strict=True)):
        pieces[index] = shapely.clip_by_rect(shapes[u], *bounds[t])
    pieces = _mend(pieces, shapes[cut_unit], boxes[cut_tile])
    some = np.concatenate([np.ones(interior.sum(), dtype=bool), shapely.area(pieces) > 0])
    return tile[some], unit[some], interior[some], pieces[shapely.area(pieces) > 0]


def _mend(pieces: ObjectArray, shapes: ObjectArray, boxes: ObjectArray) -> ObjectArray:
    """The pieces as valid polygons: `intersection` where the fast clip made something else, without lines and points."""
    odd = ~shapely.is_valid(pieces) | ~is_polygonal(pieces)
    mended = pieces.copy()
    mended[odd] = shapely.intersection(shapes[odd], boxes[odd])
    return only_polygons(mended)
