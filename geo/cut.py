"""The part of a big table that lies in the region: Ookla's rows by tile (rasters: `geo.cut_raster`).

What is written depends only on the source's bytes and the region, so the same fetch gives the same sha256.
"""

import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geo.crs import Bounds
from geo.errors import InputError
from geo.tiles import TILE_ZOOM

BATCH_ROWS: Final = 65_536
_MOST_PREFIXES: Final = 64
_BUFFER_BYTES: Final = 4 * 1024**2
"""Of one column at a time: a file of a single row group is never held whole, not even packed."""
_MERCATOR_LIMIT: Final = 85.0511287


def cut_tiles(source: io.RawIOBase | Path, bounds: Bounds, target: Path, *, name: str) -> int:
    """Write the rows whose tile meets the bounds, as published and in order, to `target`; return how many.

    Of the file only its index and the row groups that may hold such tiles are read, a batch at a time. Raises
    `InputError` when it is not Ookla's parquet. Where no row lies in the bounds nothing is written.
    """
    columns, rows = tile_range(bounds)
    draft = target.with_name(f".{target.name}.cut")
    count = 0
    writer = None
    try:
        with pq.ParquetFile(source, pre_buffer=False, buffer_size=_BUFFER_BYTES) as file:
            if "quadkey" not in file.schema_arrow.names:
                raise InputError(f"{name}: has no column quadkey; wanted Ookla's tiles as parquet")
            groups = [number for number in range(file.num_row_groups) if _may_hold(file, number, bounds)]
            for batch in _batches(file, groups):
                kept = batch.filter(pa.array(_inside(batch.column("quadkey"), columns, rows, name)))
                if kept.num_rows:
                    # snappy with the library's defaults: the same rows give the same bytes
                    writer = writer or pq.ParquetWriter(draft, file.schema_arrow)
                    writer.write_batch(kept)
                    count += kept.num_rows
    except pa.ArrowException as fault:
        raise InputError(f"{name}: is not a whole parquet file ({fault}); fetch it again") from None
    finally:
        if writer:
            writer.close()
    if count:
        _publish(draft, target)
    return count


def _batches(file: pq.ParquetFile, groups: Sequence[int]) -> Iterator[Any]:
    if groups:
        yield from file.iter_batches(batch_size=BATCH_ROWS, row_groups=groups, use_threads=False)


def _publish(draft: Path, target: Path) -> None:
    with draft.open("rb+") as stream:
        os.fsync(stream.fileno())
    draft.replace(target)


def tile_range(bounds: Bounds) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last zoom-16 tile column and row that meet the bounds."""
    west, south, east, north = bounds
    top, bottom = (np.clip(lat, -_MERCATOR_LIMIT, _MERCATOR_LIMIT) for lat in (north, south))
    columns = [_clip_tile((lon + 180) / 360 * 2**TILE_ZOOM) for lon in (west, east)]
    rows = [
        _clip_tile((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**TILE_ZOOM)
        for lat in (top, bottom)
    ]
    return (columns[0], columns[1]), (rows[0], rows[1])


def _clip_tile(place: float) -> int:
    return int(np.clip(np.floor(place), 0, 2**TILE_ZOOM - 1))


def _inside(
    quadkeys: pa.Array, columns: tuple[int, int], rows: tuple[int, int], name: str
) -> npt.NDArray[np.bool_]:
    keys = quadkeys.cast(pa.string())
    if keys.null_count or not pc.all(pc.match_substring_regex(keys, r"^[0-3]{16}$")).as_py():
        raise InputError(
            f"{name}: a quadkey is not {TILE_ZOOM} digits of 0 to 3; wanted Ookla's tiles as parquet"
        )
    letters = np.asarray(keys.to_numpy(zero_copy_only=False)).astype(f"S{TILE_ZOOM}")
    digits = np.frombuffer(letters.tobytes(), dtype=np.uint8).reshape(-1, TILE_ZOOM) - ord("0")
    place = 2 ** np.arange(TILE_ZOOM - 1, -1, -1, dtype=np.int64)
    x, y = (digits & 1) @ place, (digits >> 1) @ place
    inside: npt.NDArray[np.bool_] = (x >= columns[0]) & (x <= columns[1]) & (y >= rows[0]) & (y <= rows[1])
    return inside


def _may_hold(file: pq.ParquetFile, number: int, bounds: Bounds) -> bool:
    """Whether a row group's statistics leave room for a tile in the bounds; True where it has none."""
    spans = _spans(file.metadata.row_group(number))
    west, south, east, north = bounds
    # tile_x and tile_y are the degrees of a tile's middle, which lies up to half a tile beyond its edge
    half = 360 / 2**TILE_ZOOM / 2
    if "tile_x" in spans and "tile_y" in spans:
        (left, right), (bottom, top) = spans["tile_x"], spans["tile_y"]
        return bool(
            left <= east + half and right >= west - half and bottom <= north + half and top >= south - half
        )
    if "quadkey" in spans and all(re.fullmatch("[0-3]+", str(end)) for end in spans["quadkey"]):
        low, high = spans["quadkey"]
        return any(
            prefix + "3" * TILE_ZOOM >= str(low) and prefix <= str(high) for prefix in prefixes(bounds)
        )
    return True


def _spans(group: Any) -> dict[str, tuple[Any, Any]]:
    """Least and greatest value of each column that has statistics."""
    spans = {}
    for number in range(group.num_columns):
        column = group.column(number)
        known = column.statistics
        if known is not None and known.has_min_max:
            spans[column.path_in_schema] = (known.min, known.max)
    return spans


def prefixes(bounds: Bounds) -> list[str]:
    """Quadkey beginnings, all of one length, that together cover the bounds: at most 64, as long as that allows."""
    (left, right), (top, bottom) = tile_range(bounds)
    zoom = TILE_ZOOM
    while ((right >> TILE_ZOOM - zoom) - (left >> TILE_ZOOM - zoom) + 1) * (
        (bottom >> TILE_ZOOM - zoom) - (top >> TILE_ZOOM - zoom) + 1
    ) > _MOST_PREFIXES:
        zoom -= 1
    shift = TILE_ZOOM - zoom
    return sorted(
        "".join(str((x >> bit & 1) + 2 * (y >> bit & 1)) for bit in range(zoom - 1, -1, -1))
        for x in range(left >> shift, (right >> shift) + 1)
        for y in range(top >> shift, (bottom >> shift) + 1)
    )
