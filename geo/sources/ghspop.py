"""GHS-POP R2023A of the European Commission's Joint Research Centre: people per cell, in zipped tiles of 10 degrees.

Seen as stored copies. data.jrc.ec.europa.eu/dataset/2ff68a52-5b5b-4a22-8f40-c41da8332cfe (what it is; epochs 1975 to 2030 in
steps of 5, 2025 and 2030 projected; Mollweide at 100 m and, derived from it, EPSG:4326 at 3 arc-seconds; citation, DOI) and
developers.google.com/earth-engine/datasets/catalog/JRC_GHSL_P2023A_GHS_POP (reuse authorised with the source named). The
licence file beside the data (…/GHS_POP_GLOBE_R2023A/copyright.txt, CC BY 4.0) and the tile index were not found stored;
what they say is taken from public repositories that cite them, as are folder and file names, the tile grid (12,000 × 12,000
cells, R1_C1 begins at 180.0079162° W, 89.0995832° N, so tiles do not begin at whole degrees; 348 of them exist, those with
land) and -200 for no data (some files state no nodata value and hold 0 at sea). A newer release of GHS-POP was not found.

A tile that does not exist answers 404. Whether it should exist is looked up in the publisher's index of tiles, a zipped
shapefile whose attribute table has a column `tile_id` (R8_C29).
"""

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.archive import check_member, read_member
from geo.crs import Bounds
from geo.errors import InputError
from geo.sources.table import Source

SOURCE: Final = Source(
    name="ghspop",
    publisher="European Commission, Joint Research Centre (GHSL)",
    licence="CC BY 4.0 (European Commission reuse notice)",
    citation=(
        "Schiavina M., Freire S., Carioli A., MacManus K. (2023): GHS-POP R2023A - GHS population grid multitemporal (1975-2030). "
        "European Commission, Joint Research Centre, doi:10.2905/2FF68A52-5B5B-4A22-8F40-C41DA8332CFE"
    ),
    addresses={
        "tile": "https://jeodpp.jrc.ec.europa.eu/ftp/jrc-opendata/GHSL/GHS_POP_GLOBE_R2023A/GHS_POP_E{epoch}_GLOBE_R2023A_4326_3ss/V1-0/tiles/{file}",
        "index": "https://human-settlement.emergency.copernicus.eu/download/GHSL_data_4326_shapefile.zip",
    },
)
EPOCHS: Final = range(1975, 2031, 5)
NODATA: Final = -200.0
LARGEST_ZIP_BYTES: Final = 1536 * 1024**2
LARGEST_TILE_BYTES: Final = 1280 * 1024**2
"""12,000 × 12,000 cells of 8 bytes, not packed, and some room."""
_LARGEST_TABLE_BYTES: Final = 4 * 1024**2
_WEST, _NORTH, _SOUTH, _SIDE = -180.0079162, 89.0995832, -89.1004168, 10.0
_COLUMNS, _ROWS = 36, 18
_SLACK: Final = 1 / 12_000
"""Degrees, a tenth of a cell: the scheme's corners are published rounded."""


@dataclass(frozen=True, order=True)
class Tile:
    """A tile by row (from the north) and column (from the west), both from 1."""

    row: int
    column: int

    @property
    def id(self) -> str:
        """`R8_C29`."""
        return f"R{self.row}_C{self.column}"

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north in degrees, to a tenth of a cell."""
        west, north = _WEST + (self.column - 1) * _SIDE, _NORTH - (self.row - 1) * _SIDE
        return west, max(north - _SIDE, _SOUTH), west + _SIDE, north


def stem(epoch: int) -> str:
    """`GHS_POP_E2025_GLOBE_R2023A_4326_3ss_V1_0`."""
    return f"GHS_POP_E{epoch}_GLOBE_R2023A_4326_3ss_V1_0"


def file_name(epoch: int, tile: Tile) -> str:
    """`GHS_POP_E2025_GLOBE_R2023A_4326_3ss_V1_0_R8_C29.zip`."""
    return f"{stem(epoch)}_{tile.id}.zip"


def tiles_meeting(shapes: npt.NDArray[np.object_]) -> list[Tile]:
    """The tiles that any of the lon/lat shapes meets, by row and column."""
    west, south, east, north = shapely.total_bounds(shapes)
    columns = range(_number(west - _WEST - _SLACK, _COLUMNS), _number(east - _WEST + _SLACK, _COLUMNS) + 1)
    rows = range(_number(_NORTH - north - _SLACK, _ROWS), _number(_NORTH - south + _SLACK, _ROWS) + 1)
    tiles = [Tile(row, column) for row in rows for column in columns]
    return [tile for tile in tiles if shapely.intersects(_box(tile), shapes).any()]


def _number(degrees: float, most: int) -> int:
    return int(np.clip(np.floor(degrees / _SIDE) + 1, 1, most))


def _box(tile: Tile) -> Any:
    west, south, east, north = tile.bounds
    return shapely.box(west - _SLACK, south - _SLACK, east + _SLACK, north + _SLACK)


def recognise(head: bytes) -> str | None:
    """None for the beginning of a zip."""
    if head.startswith(b"PK\x03\x04"):
        return None
    return "sent something that is not a zip; check the year, or the mirror"


def check(path: Path) -> None:
    """Raise `InputError` unless the archive is whole and holds exactly one .tif of a size that a tile can have."""
    check_member(path, ".tif", largest=LARGEST_TILE_BYTES)


def check_index(path: Path) -> None:
    """Raise `InputError` unless the archive holds the table of tiles."""
    read_index(path)


def read_index(path: Path) -> frozenset[str]:
    """The ids of the tiles that exist, from the zipped index.

    The attribute table is read as dBASE III is laid out (32 bytes of header with counts of rows and bytes, 32 bytes per
    column, rows of fixed length). Raises `InputError` when it is none or has no column `tile_id` of tile ids.
    """
    table = read_member(path, ".dbf", largest=_LARGEST_TABLE_BYTES)
    try:
        ids = _column(table, b"tile_id")
    except (struct.error, IndexError, ValueError) as fault:
        raise InputError(
            f"{path.name}: the table of tiles cannot be read ({fault}); fetch it again"
        ) from None
    wrong = [one for one in ids if not re.fullmatch(r"R\d{1,2}_C\d{1,2}", one)]
    if not ids or wrong:
        raise InputError(
            f"{path.name}: the table names the tiles {wrong[:3] or 'none'}; wanted ids like R8_C29"
        )
    return frozenset(ids)


def _column(table: bytes, wanted: bytes) -> list[str]:
    rows, header, length = struct.unpack_from("<IHH", table, 4)
    at = 1  # each row begins with a mark whether it is deleted
    for place in range(32, header - 32, 32):
        name = table[place : place + 11].split(b"\0")[0]
        size = table[place + 16]
        if name.lower() == wanted:
            if length < at + size or len(table) < header + rows * length:
                raise ValueError("it ends early")
            starts = [header + row * length for row in range(rows)]
            return [
                table[start + at : start + at + size].decode("ascii").strip()
                for start in starts
                if table[start : start + 1] != b"*"
            ]
        at += size
    raise ValueError(f"no column {wanted.decode()}")
