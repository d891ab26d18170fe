"""Small input files written to disk, the three-square scene, and a snapshot of a folder, for the tests of the commands.

The scene: squares A, B, C in a row, counted in zoom-16 tiles from the corner of `tests.tiny`. A reaches from 0 to 4.5
tiles east, B to 8, C to 12; all are 4 tiles high. People stand in twelve strips, one tile wide.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_bounds
from typer.testing import CliRunner, Result

from geo.__main__ import command_line
from tests.tiny import tile_key, tiles_box

A, B, C = tiles_box(0, 0, 4.5, 4), tiles_box(4.5, 0, 8, 4), tiles_box(8, 0, 12, 4)
SQUARES: Mapping[str, Any] = {"01": A, "02": B, "03": C}
PEOPLE = [10, 10, 10, 10, 20, 20, 20, 20, 5, 5, 5, 5]
"""People per strip: 50 in A, 70 in B, 20 in C."""
TILES = [
    # quadkey, kbps down, kbps up, ms, tests, devices
    (tile_key(1, 1), 80_000, 8_000, 30, 10, 12),
    (tile_key(4, 1), 40_000, 4_000, 50, 20, 20),
    (tile_key(6, 1), 10_000, 1_000, 90, 30, 4),
]
TILE_COLUMNS = ["quadkey", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices"]
SPEED_NAME = "2026-04-01_performance_mobile_tiles.parquet"


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": json.loads(shapely.to_geojson(geometry)) if shapely.is_geometry(geometry) else geometry,
    }


def write_geojson(path: Path, features: Sequence[Any], **members: Any) -> Path:
    document = {"type": "FeatureCollection", **members, "features": list(features)}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def write_units(path: Path, shapes: Mapping[str, Any] = SQUARES, **members: Any) -> Path:
    """One feature per shape, its key as `code`, `Unit <key>` as `name`."""
    return write_geojson(path, [feature(s, code=c, name=f"Unit {c}") for c, s in shapes.items()], **members)


def write_tiles(path: Path, rows: Sequence[Any] = TILES) -> Path:
    pd.DataFrame(rows, columns=TILE_COLUMNS).to_parquet(path, index=False)
    return path


def write_raster(
    path: Path,
    cells: Any = (PEOPLE,),
    *,
    bounds: tuple[float, float, float, float] | None = None,
    crs: str | None = "EPSG:4326",
    nodata: float | None = -99_999.0,
) -> Path:
    """People per cell over `bounds` (west, south, east, north), by default over the three squares."""
    values = np.asarray(cells, dtype="float64")
    rows, columns = values.shape
    corners = bounds or tuple(tiles_box(0, 0, 12, 4).bounds)
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float64", crs=crs, nodata=nodata,
        transform=from_bounds(*corners, columns, rows),
    ) as target:  # fmt: skip
        target.write(values, 1)
    return path


def snapshot(root: Path) -> dict[str, str]:
    """Every file under `root` and its sha256, but for the locks, which stay behind empty."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def run(*arguments: object) -> Result:
    """The command line in this process; a traceback fails the test here, whatever the test asks for."""
    result = CliRunner().invoke(command_line(), [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise AssertionError(f"{arguments} ended in a traceback") from result.exception
    return result


def cpu_seconds() -> float:
    """Processor time of this process and of the children that it has waited for: what else the machine does is not in it."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def succeed(*arguments: object) -> str:
    """Standard output of a command that must end with status 0."""
    result = run(*arguments)
    if result.exit_code != 0:
        pytest.fail(f"{arguments} ended with {result.exit_code}: {result.stderr}")
    return result.stdout


@dataclass(frozen=True)
class Files:
    """The scene's files on disk."""

    units: Path
    tiles: Path
    viettel: Path
    mobifone: Path
    people: Path
    places: Path


def write_scene(folder: Path) -> Files:
    folder.mkdir(parents=True, exist_ok=True)
    town = tiles_box(11, 1, 12, 2).centroid
    school = tiles_box(1, 1, 2, 2).centroid
    return Files(
        units=write_units(folder / "units.geojson"),
        tiles=write_tiles(folder / SPEED_NAME),
        viettel=write_geojson(folder / "viettel.geojson", [feature(tiles_box(0, 0, 7, 4))]),
        mobifone=write_geojson(folder / "mobifone.geojson", [feature(tiles_box(0, 0, 4, 4))]),
        people=write_raster(folder / "people.tif"),
        places=write_geojson(
            folder / "places.geojson",
            [
                feature(town, name="Chợ", **{"class": "town"}),
                feature(school, name="Trường", **{"class": "school"}),
            ],
        ),
    )


def new_scene(root: Path, units: Path, *options: object) -> None:
    succeed(
        "new", root, "--name", "Ba ô", "--boundaries", units, "--code", "code", "--label", "name", *options
    )


def add_scene(root: Path, files: Files) -> None:
    """Speed, coverage, people and places of the scene into the workspace at `root`."""
    succeed("add", root, "speed", files.tiles, "--network", "mobile")
    for operator, file in (("Viettel", files.viettel), ("MobiFone", files.mobifone)):
        succeed("add", root, "coverage", file, *claim(operator))
    succeed("add", root, "population", files.people)
    succeed("add", root, "places", files.places)


def claim(operator: str = "Viettel", technology: str = "4G") -> list[str]:
    return [
        "--operator", operator, "--technology", technology, "--evidence", "declared", "--as-of", "2026-09-30"
    ]  # fmt: skip
