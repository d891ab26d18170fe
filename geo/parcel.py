"""What a reader process hands back: frames, grids and findings as files and JSON, never as pickled objects.

A pickle runs code when it is opened, and the process that wrote this one has read a hostile file.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import shapely
from pyproj import CRS

from geo.crs import STORAGE_CRS
from geo.friction import FrictionGrid, make_friction
from geo.population_grid import PopulationGrid, make_grid
from geo.quality import Finding, Severity

_GEOMETRY: Final = "geometry"
_JSON: Final = "vunglom:json"
"""Name of the schema's metadata that lists the columns whose cells are JSON text."""


def pack(value: Any, folder: Path) -> Any:
    """`value` (frame, grid, array, finding, plain JSON value, or a tuple or list of these) as JSON, big parts as files in `folder`."""
    if isinstance(value, pd.DataFrame):
        return {"frame": _write_frame(value, folder), "geometry": isinstance(value, gpd.GeoDataFrame)}
    if isinstance(value, PopulationGrid):
        return {"grid": _write_grid(value, folder)}
    if isinstance(value, FrictionGrid):
        corner, step = [value.west, value.north], [value.cell_width, value.cell_height]
        return {"friction": pack(value.minutes_per_m, folder), "corner": corner, "step": step}
    if isinstance(value, np.ndarray):
        path = _free_name(folder, ".npy")
        np.save(path, value, allow_pickle=False)
        return {"array": path.name}
    if isinstance(value, Finding):
        return {"finding": asdict(value)}
    if isinstance(value, tuple | list):
        return [pack(part, folder) for part in value]
    return {"plain": value}


def unpack(said: Any, folder: Path) -> Any:
    """What was packed; lists come back as lists."""
    if isinstance(said, list):
        return [unpack(part, folder) for part in said]
    if "frame" in said:
        return _read_frame(folder / Path(said["frame"]).name, with_geometry=bool(said["geometry"]))
    if "grid" in said:
        return _read_grid(folder / Path(said["grid"]).name)
    if "friction" in said:
        (west, north), (width, height) = said["corner"], said["step"]
        cells = unpack(said["friction"], folder)
        return make_friction(cells, west=west, north=north, cell_width=width, cell_height=height)
    if "array" in said:
        return np.load(folder / Path(said["array"]).name, allow_pickle=False)
    if "finding" in said:
        given = said["finding"]
        return Finding(**{**given, "severity": Severity(given["severity"])})
    return said["plain"]


def _free_name(folder: Path, suffix: str) -> Path:
    return folder / f"{len(list(folder.iterdir()))}{suffix}"


def _write_frame(frame: pd.DataFrame, folder: Path) -> str:
    path = _free_name(folder, ".arrow")
    columns: dict[str, Any] = {}
    as_json = []
    for place, name in enumerate(frame.columns):
        values = frame.iloc[:, place]
        if name == _GEOMETRY and isinstance(frame, gpd.GeoDataFrame):
            columns[_GEOMETRY] = pa.array(shapely.to_wkb(values.to_numpy()), type=pa.large_binary())
        elif values.dtype == object and not _is_text(values):
            columns[str(name)] = pa.array([_to_json(cell) for cell in values], type=pa.large_string())
            as_json.append(str(name))
        else:
            columns[str(name)] = pa.array(values, from_pandas=True)
    table = pa.table(columns).replace_schema_metadata({_JSON: json.dumps(as_json)})
    feather.write_feather(table, path, compression="uncompressed")
    return path.name


def _is_text(values: pd.Series) -> bool:
    return all(cell is None or isinstance(cell, str) for cell in values)


def _to_json(cell: Any) -> str:
    if isinstance(cell, np.ndarray | np.generic):
        cell = cell.tolist()
    return json.dumps(cell, ensure_ascii=False, default=str)


def _read_frame(path: Path, *, with_geometry: bool) -> pd.DataFrame:
    table = feather.read_table(path)
    as_json = json.loads((table.schema.metadata or {}).get(_JSON.encode(), b"[]"))
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table.column(name)
        if name in as_json:
            columns[name] = pd.Series([json.loads(cell) for cell in column.to_pylist()], dtype=object)
        elif name != _GEOMETRY or not with_geometry:
            columns[name] = column.to_pandas()
    frame: pd.DataFrame = pd.DataFrame(columns, index=pd.RangeIndex(len(table)))
    if not with_geometry:
        return frame
    shapes = shapely.from_wkb(table.column(_GEOMETRY).to_numpy(zero_copy_only=False))
    whole: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=shapes, crs=STORAGE_CRS)[table.column_names]
    return whole


def _write_grid(grid: PopulationGrid, folder: Path) -> str:
    path = _free_name(folder, ".npz")
    cells = np.where(grid.known, grid.values, np.nan)
    np.savez(
        path,
        cells=cells,
        corner=[grid.west, grid.north],
        step=[grid.cell_width, grid.cell_height],
        crs=grid.crs.to_wkt(),
    )
    return path.name


def _read_grid(path: Path) -> PopulationGrid:
    with np.load(path, allow_pickle=False) as given:
        (west, north), (width, height) = given["corner"], given["step"]
        return make_grid(
            given["cells"],
            west=float(west),
            north=float(north),
            cell_width=float(width),
            cell_height=float(height),
            crs=CRS.from_wkt(str(given["crs"])),
        )
