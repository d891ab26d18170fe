"""The tile half of `geo.read`: Ookla open data, parquet or zipped shapefile → checked tiles."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.errors import InputError
from geo.files import require_file
from geo.read import require_columns
from geo.read_ogr import read_shapefile_table
from geo.schema import TILE_COLUMNS


def read_tiles(path: Path) -> pd.DataFrame:
    """Ookla tiles of one network and quarter: `TILE_COLUMNS`, kbps and ms, checked row by row."""
    require_file(path)
    frame = read_shapefile_table(path) if path.suffix.lower() == ".zip" else _read_tile_parquet(path)
    require_columns(frame, TILE_COLUMNS, path.name)
    frame = frame[list(TILE_COLUMNS)].copy()
    frame["quadkey"] = frame["quadkey"].astype(str)
    _check_tiles(frame, path.name)
    return frame.reset_index(drop=True)


def _read_tile_parquet(path: Path) -> pd.DataFrame:
    try:
        names = pq.read_schema(path).names
        table = pq.read_table(
            path, columns=[name for name in TILE_COLUMNS if name in names], partitioning=None
        )
        return pd.DataFrame(table.to_pandas())
    except (pa.ArrowException, OSError) as fault:
        raise InputError(
            f"{path.name}: not a parquet file ({fault}); wanted Ookla open data, .parquet or zipped shapefile"
        ) from fault


def _check_tiles(frame: pd.DataFrame, source: str) -> None:
    if frame.empty:
        raise InputError(f"{source}: the file holds no tiles; fetch it again")
    faults = []
    for name in ("avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices"):
        values = pd.to_numeric(frame[name], errors="coerce")
        bad = frame.index[
            (values < 0) | ~np.isfinite(values.fillna(0)) | (values.isna() & frame[name].notna())
        ]
        if name in ("avg_d_kbps", "tests", "devices"):
            bad = bad.union(frame.index[values.isna()])
        if len(bad):
            faults.append(
                f"{name} is {frame[name].iloc[bad[0]]!r} in row {bad[0] + 1} ({len(bad)} such rows)"
            )
    bad = frame.index[~frame["quadkey"].str.fullmatch(r"[0-3]{16}")]
    if len(bad):
        faults.append(
            f"quadkey is {frame['quadkey'].iloc[bad[0]]!r} in row {bad[0] + 1} ({len(bad)} such rows), wanted 16 digits of 0-3"
        )
    twice = np.flatnonzero(frame["quadkey"].duplicated(keep=False))
    if len(twice) and not faults:
        key = frame["quadkey"].iloc[twice[0]]
        rows = " and ".join(str(row + 1) for row in np.flatnonzero(frame["quadkey"] == key)[:2])
        raise InputError(
            f"{source}: tile {key} stands in rows {rows} ({len(twice)} such rows), so its tests would count twice; "
            "wanted each tile once: delete the copies or fetch the file again"
        )
    if faults:
        raise InputError(
            f"{source}: "
            + "; ".join(faults)
            + ". Wanted numbers of 0 or more; mend the rows or fetch the file again"
        )
