"""Files made to do harm, or broken in ways seen in the wild, each with what has to be said of it, and their good twins.

Every maker writes one file into a folder and returns its path. `{listener}` and `{canary}` in texts stand for an address
of the test's own server and for a file outside the folder that nothing may open.
"""

import gzip
import io
import json
import random
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
from rasterio.transform import from_origin

from tests.files import PEOPLE, SQUARES, TILE_COLUMNS, TILES, feature
from tests.tiny import tiles_box

WKB = [shapely.to_wkb(shape) for shape in SQUARES.values()]
WKB_COLUMN: dict[str, Any] = {"encoding": "WKB", "geometry_types": []}
GEO = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": WKB_COLUMN}}
SQUARE = json.loads(shapely.to_geojson(tiles_box(0, 0, 4.5, 4)))


@dataclass(frozen=True)
class Lures:
    """What a hostile file is to be drawn to: a listener's address and a file that must stay closed."""

    listener: str
    canary: Path

    def fill(self, text: str) -> bytes:
        return text.replace("{listener}", self.listener).replace("{canary}", str(self.canary)).encode()


Maker = Callable[[Path, Lures], Path]


@dataclass(frozen=True)
class Case:
    """A file, the kind of input it is offered as, and what the refusal must say (None: it must be accepted)."""

    name: str
    kind: str
    make: Maker
    says: str | None
    options: Sequence[str] = field(default=())


def text_file(name: str, text: str) -> Maker:
    return bytes_file(name, lambda lures: lures.fill(text))


def bytes_file(name: str, content: Callable[[Lures], bytes] | bytes) -> Maker:
    def make(folder: Path, lures: Lures) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content(lures))
        return path

    return make


def collection(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)})


def units_text(geometry: Any = SQUARE, properties: str = "{}", extra: str = "") -> str:
    """A FeatureCollection of one unit as text, so that what JSON libraries would not write can be put into it."""
    given = '{"code": "01", "name": "A", "more": %s}' % properties  # noqa: UP031 - braces
    shape = geometry if isinstance(geometry, str) else json.dumps(geometry)
    return f'{{"type": "FeatureCollection"{extra}, "features": [{{"type": "Feature", "properties": {given}, "geometry": {shape}}}]}}'


def ring_of(points: Any) -> dict[str, Any]:
    ring = [[round(float(x), 6), round(float(y), 6)] for x, y in points]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def tangle(vertices: int) -> dict[str, Any]:
    """A ring through random places: it crosses itself about vertices² / 5 times."""
    rng = random.Random(vertices)
    return ring_of((106 + rng.random(), 11 + rng.random()) for _ in range(vertices))


def star(points: int) -> dict[str, Any]:
    angle = np.arange(points) * 2 * np.pi * (points // 2) / points
    return ring_of(np.c_[106 + np.cos(angle), 11 + np.sin(angle)])


def comb(teeth: int, *, upright: bool) -> dict[str, Any]:
    """A valid outline of many thin teeth; two of them across each other meet teeth² times."""
    along = np.linspace(0, 1, 2 * teeth)
    across = np.where(np.arange(2 * teeth) % 2, 0.1, 1.0)
    points = np.r_[np.c_[along, across], [[1.0, 0.0], [0.0, 0.0]]]
    return ring_of(np.array([106.0, 11.0]) + (points if upright else points[:, ::-1]))


def frame_of(shapes: Any = None, rows: int = 3) -> gpd.GeoDataFrame:
    given = list(SQUARES.values())[:rows] if shapes is None else shapes
    codes = [f"{place:02}" for place in range(1, len(given) + 1)]
    return gpd.GeoDataFrame(
        {"code": codes, "name": [f"Unit {c}" for c in codes]}, geometry=given, crs="EPSG:4326"
    )


def written(
    name: str, frame: Callable[[], gpd.GeoDataFrame] = frame_of, change: Callable[[bytes], bytes] = bytes
) -> Maker:
    """A frame in the format of the name's ending, its bytes changed afterwards."""

    def make(folder: Path, _lures: Lures) -> Path:
        path = folder / name
        if path.suffix == ".parquet":
            frame().to_parquet(path)
        else:
            frame().to_file(path)
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def shapefile_parts(folder: Path, _lures: Lures) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    frame_of().to_file(folder / "units.shp", encoding="UTF-8")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("units.*"))}


def zipped(name: str, change: Callable[[dict[str, bytes]], dict[str, bytes]] = dict) -> Maker:
    """A zipped Shapefile of the three squares, its members changed first."""

    def make(folder: Path, lures: Lures) -> Path:
        parts = change(shapefile_parts(folder / "parts", lures))
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in parts.items():
                archive.writestr(member, content)
        return folder / name

    return make


def bomb_zip(name: str, members: dict[str, int]) -> Maker:
    """Members of so many MiB of zeros."""

    def make(folder: Path, _lures: Lures) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for member, size in members.items():
                with archive.open(member, "w", force_zip64=True) as sink:
                    for _ in range(size):
                        sink.write(bytes(1024**2))
        return folder / name

    return make


def lying_zip(name: str, member: str, size: int) -> Maker:
    """A zip whose directory says that a member of `size` bytes unpacks to 100."""

    def make(folder: Path, lures: Lures) -> Path:
        path = bomb_zip(name, {member: size})(folder, lures)
        content = bytearray(path.read_bytes())
        entry = content.rfind(b"PK\x01\x02")
        content[entry + 24 : entry + 28] = struct.pack("<I", 100)
        path.write_bytes(content)
        return path

    return make


def link_zip(folder: Path, lures: Lures) -> Path:
    """A Shapefile whose .shp is a symbolic link to the canary."""
    parts = shapefile_parts(folder / "parts", lures)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for member, content in parts.items():
            info = zipfile.ZipInfo(member)
            linked = member.endswith(".shp")
            info.external_attr = (0o120777 if linked else 0o100644) << 16
            archive.writestr(info, str(lures.canary) if linked else content)
    return folder / "a.zip"


def cut_zip(folder: Path, lures: Lures) -> Path:
    path = zipped("a.zip")(folder, lures)
    path.write_bytes(half(path.read_bytes()))
    return path


def encrypted_zip(folder: Path, lures: Lures) -> Path:
    path = zipped("a.zip")(folder, lures)
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 4)
    path.write_bytes(content)
    return path


def overlapping_zip(folder: Path, _lures: Lures) -> Path:
    """Many directory entries that all point at one packed member (Fifield's bomb)."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("0.shp", bytes(8 * 1024**2))
    content = inner.getvalue()
    start = content.find(b"PK\x01\x02")
    length = content.find(b"PK\x05\x06") - start
    entries = b"".join(
        content[start : start + length].replace(b"0.shp", b"%d.shp" % digit) for digit in range(10)
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 10, 10, len(entries), start, 0)
    (folder / "a.zip").write_bytes(content[:start] + entries + end)
    return folder / "a.zip"


def database(statements: Sequence[str]) -> Maker:
    """A GeoPackage of the three squares on which these statements were run."""

    def make(folder: Path, lures: Lures) -> Path:
        path = written("a.gpkg")(folder, lures)
        with closing(sqlite3.connect(path)) as opened:
            opened.execute("PRAGMA writable_schema=ON")
            for statement in statements:
                opened.execute(lures.fill(statement).decode())
            opened.commit()
        return path

    return make


def register_view(sql: str) -> list[str]:
    """Statements that offer a view as a layer of its own."""
    return [
        "DELETE FROM gpkg_contents",
        "DELETE FROM gpkg_geometry_columns",
        f"CREATE VIEW trap AS {sql}",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('trap', 'features', 'trap', 4326)",
        "INSERT INTO gpkg_geometry_columns VALUES ('trap', 'geom', 'POLYGON', 4326, 0, 0)",
    ]


def virtual_table(sql: str) -> list[str]:
    """A schema entry as a library with that module would have written it."""
    return [
        f"INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', 'trap', 'trap', 0, '{sql}')"
    ]


def repeated_parquet(name: str, rows: int, width: int, columns: dict[str, Any]) -> Maker:
    """One value over and over: next to nothing on disk, rows × width in memory."""

    def make(folder: Path, _lures: Lures) -> Path:
        value = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10_000, "int32")), pa.array(["x" * width]))
        batch = pa.table({"name": value, **{key: pa.array([cell] * 10_000) for key, cell in columns.items()}})
        batch = batch.replace_schema_metadata({b"geo": json.dumps(GEO).encode()})
        with pq.ParquetWriter(folder / name, batch.schema, compression="zstd") as writer:
            for _ in range(rows // 10_000):
                writer.write_table(batch)
        return folder / name

    return make


def geoparquet_with(columns: dict[str, Any], geo: Any, name: str = "a.parquet") -> Maker:
    def make(folder: Path, lures: Lures) -> Path:
        table = pa.table(columns)
        text = lures.fill(geo if isinstance(geo, str) else json.dumps(geo))
        pq.write_table(table.replace_schema_metadata({b"geo": text}), folder / name)
        return folder / name

    return make


def tiles_frame(**changes: Any) -> pd.DataFrame:
    return pd.DataFrame(TILES, columns=TILE_COLUMNS).assign(**changes)


def tile_parquet(
    frame: Callable[[], pd.DataFrame] = tiles_frame, change: Callable[[bytes], bytes] = bytes
) -> Maker:
    def make(folder: Path, _lures: Lures) -> Path:
        path = folder / "2026-04-01_performance_mobile_tiles.parquet"
        frame().to_parquet(path, index=False)
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def raster(
    cells: Any = (PEOPLE,), *, change: Callable[[bytes], bytes] = bytes, sidecar: str = "", **profile: Any
) -> Maker:
    """A GeoTIFF over the three squares."""

    def make(folder: Path, lures: Lures) -> Path:
        values = np.asarray(cells, dtype="float64")
        west, south, east, north = tiles_box(0, 0, 12, 4).bounds
        bands = profile.pop("bands", 1)
        given = {
            "driver": "GTiff", "count": bands, "dtype": "float64", "crs": "EPSG:4326", "width": values.shape[1],
            "height": values.shape[0],
            "transform": from_origin(west, north, (east - west) / values.shape[1], (north - south) / values.shape[0]),
        }  # fmt: skip
        path = folder / "people.tif"
        with rasterio.open(path, "w", **{**given, **profile}) as target:
            for band in range(1, bands + 1):
                target.write(values, band)
        if sidecar:
            (folder / "people.tif.aux.xml").write_bytes(lures.fill(sidecar))
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def empty_raster(side: int, *, block: int = 0) -> Maker:
    """A sparse raster of side × side cells over the squares: nothing on disk, side² × 8 bytes in memory."""

    def make(folder: Path, _lures: Lures) -> Path:
        west, south, east, north = tiles_box(0, 0, 12, 4).bounds
        tiling = {"tiled": True, "blockxsize": block, "blockysize": block} if block else {}
        with rasterio.open(
            folder / "people.tif", "w", driver="GTiff", width=side, height=side, count=1, dtype="float64", crs="EPSG:4326",
            transform=from_origin(west, north, (east - west) / side, (north - south) / side), SPARSE_OK="TRUE",
            compress="deflate", bigtiff="YES", **tiling,
        ):  # fmt: skip
            pass
        return folder / "people.tif"

    return make


def workbook(change: Callable[[dict[str, bytes]], dict[str, bytes]] = dict) -> Maker:
    """A workbook of codes and counts, its parts changed."""

    def make(folder: Path, lures: Lures) -> Path:
        book = openpyxl.Workbook()
        for row in (("code", "name", "households"), ("25195", "Phường Bình Phước", 1200)):
            book.worksheets[0].append(row)
        book.save(folder / "plain.xlsx")
        with zipfile.ZipFile(folder / "plain.xlsx") as archive:
            parts = {one: archive.read(one) for one in archive.namelist()}
        with zipfile.ZipFile(folder / "table.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
            for one, content in change(parts).items():
                archive.writestr(one, content.replace(b"{canary}", str(lures.canary).encode()))
        return folder / "table.xlsx"

    return make


def squeeze(text: str) -> bytes:
    return gzip.compress(text.encode())


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def unit_rows(count: int) -> str:
    return collection(
        *[
            feature(tiles_box(i % 300, i // 300, i % 300 + 1, i // 300 + 1), code=f"{i:05}", name=f"U {i}")
            for i in range(count)
        ]
    )
