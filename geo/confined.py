"""Reading of untrusted files in a process of their own: the same functions as the readers', with limits.

A reader process is started once and forks for every file; the copy gives up the network, all files but the one, and
memory and time beyond a limit (`geo.sandbox`), reads (`geo.reader_process`) and hands back frames (`geo.parcel`). What
ends it, ends it alone. This side (`geo.reader_room`) watches time and memory too, for systems without such limits.
"""

import atexit
import json
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import shapely

from geo.arrays import ObjectArray
from geo.boundaries import Boundaries
from geo.crs import Bounds
from geo.cut_raster import Piece
from geo.errors import InputError
from geo.file_parts import Parts, has_parts
from geo.files import copy_atomically
from geo.friction import FrictionGrid
from geo.mends import NO_MENDS, Mends
from geo.parcel import unpack
from geo.population_grid import PopulationGrid
from geo.quality import Finding
from geo.read import AS_IT_IS, Polygons, Wanted
from geo.read_sites import with_cell_types
from geo.reader_limits import MEMORY_VARIABLE, MIB, SECONDS_VARIABLE, limits_for, require_readable_size
from geo.reader_process import ANSWER, LOG, OUT_OF_MEMORY, TOGETHER, error_class
from geo.reader_room import End, Room
from geo.sandbox import Limits
from geo.unit_table import Table

_LOG: Final = logging.getLogger(__name__)
_ROOM: Final = Room()
atexit.register(_ROOM.close)
_STOPPED_FOR_TIME: Final = -24
"""Status of a process that the system stopped at its limit of CPU time (SIGXCPU)."""
_DISSOLVE: Final = "simplify them, or put them together in a GIS (QGIS: Dissolve) and add that file instead"
_MOST_LOGGED: Final = 2_000
"""Characters of what a reader said last."""


def read_polygons(
    path: Path, *, layer: str | None = None, crs: str | None = None, wanted: Wanted = AS_IT_IS
) -> Polygons:
    """`geo.read.read_polygons`, confined."""
    return read_all_polygons([path], layer=layer, crs=crs, wanted=wanted)[0]


def read_all_polygons(
    paths: Sequence[Path], *, layer: str | None = None, crs: str | None = None, wanted: Wanted = AS_IT_IS
) -> list[Polygons]:
    """`read_polygons` of many files in one process, in their order."""
    given = _read_all("polygons", paths, layer=layer, crs=crs, wanted=wanted)
    return [Polygons(*parts) for parts in given]


def read_units(
    paths: Sequence[Path],
    *,
    names: Sequence[str],
    columns: dict[str, Any],
    layer: str | None = None,
    crs: str | None = None,
    wanted: Wanted = AS_IT_IS,
) -> Boundaries:
    """`geo.boundaries.read_units`, confined: all files in one process, for they are held against each other."""
    found = _read_all("units", paths, names=names, columns=columns, layer=layer, crs=crs, wanted=wanted)
    return Boundaries(*found[0])


def read_lines(
    path: Path, *, layer: str | None = None, crs: str | None = None
) -> tuple[gpd.GeoDataFrame, bool, list[Finding]]:
    """`geo.read_lines.read_lines`, confined."""
    frame, are_outlines, findings = _read("lines", path, layer=layer, crs=crs)
    return frame, bool(are_outlines), list(findings)


def read_points(
    path: Path,
    *,
    mends: Mends = NO_MENDS,
    region: Sequence[float] | None = None,
    columns: Sequence[str] | None = None,
    **named: str,
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """`geo.points_table.read_any_points`, confined; `named`: its lat, lon, sheet (or layer) and crs."""
    frame, findings = _read("points", path, mends=mends, region=region, columns=columns, **named)
    return frame, findings


def file_parts(path: Path) -> Parts:
    """`geo.file_parts.list_parts`, confined: none of a file that cannot hold several."""
    if not has_parts(path.name):
        return Parts()
    names, has_others = _read("parts", path)
    only = str(names[0]) if len(names) == 1 and has_others else None
    return Parts(tuple(map(str, names)), only)


def read_cells(
    path: Path, *, mends: Mends = NO_MENDS, region: Sequence[float] | None = None, **said: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """`geo.read_sites.read_cells`, confined; `said`: its name, as_of and operator."""
    frame, findings = _read("cells", path, mends=mends, region=region, **said)
    return with_cell_types(frame), findings


def cut_cells(path: Path, bounds: Sequence[float], target: Path) -> int:
    """`geo.cut_cells.cut_cells`, confined; the cut is moved to `target` whole."""
    return int(_read("cut_cells", path, written=target, bounds=bounds))


def read_tiles(path: Path) -> pd.DataFrame:
    """`geo.read_tiles.read_tiles`, confined."""
    frame: pd.DataFrame = _read("tiles", path)
    return frame


def read_population(path: Path, bounds: Bounds) -> PopulationGrid:
    """`geo.read_raster.read_population`, confined."""
    grid: PopulationGrid = _read("population", path, bounds=bounds)
    return grid


def read_friction(path: Path, bounds: Bounds) -> FrictionGrid:
    """`geo.read_raster.read_friction`, confined."""
    grid: FrictionGrid = _read("friction", path, bounds=list(bounds))
    return grid


def open_table(path: Path, *, sheet: str = "", mends: Mends = NO_MENDS) -> Table:
    """`geo.unit_table.open_table`, confined."""
    frame, rows, findings = _read("table", path, sheet=sheet, mends=mends)
    return Table(frame, tuple(rows["row"].tolist()), tuple(findings))


def unite_polygons(shapes: ObjectArray, *, what: str) -> Any:
    """The union of polygons from outside; valid ones can be made to cross each other without end. `what`: named when they do.

    Raises `InputError` when it takes more than reading a file of their size may.
    """
    with tempfile.TemporaryDirectory(prefix="vunglom-") as folder:
        path = Path(folder) / "polygons.arrow"
        table = pa.table({"wkb": pa.array(shapely.to_wkb(shapes), type=pa.large_binary())})
        feather.write_feather(table, path, compression="uncompressed")
        found = _read_all("unite", [path], work=Work(what, "putting its polygons together", _DISSOLVE))
    return found[0].geometry.iloc[0]


def check_raster(path: Path) -> None:
    """`geo.sources.worldpop.check`, confined."""
    _read("check_raster", path)


def cut_raster(path: Path, bounds: Bounds, target: Path) -> None:
    """`merge_rasters` of one raster."""
    merge_rasters([Piece(path)], bounds, target)


def merge_rasters(
    pieces: Sequence[Piece],
    bounds: Bounds,
    target: Path,
    *,
    extent: Bounds | None = None,
    nodata: float | None = None,
) -> None:
    """`geo.cut_raster.merge_rasters`, confined; what it writes is moved to `target` whole."""
    _read_all(
        "merge_rasters",
        [piece.path for piece in pieces],
        written=target,
        corners=[piece.bounds for piece in pieces],
        bounds=bounds,
        extent=extent,
        nodata=nodata,
    )


@dataclass(frozen=True)
class Work:
    """What is worked on, what is done with it, and what helps when that takes too much, for messages."""

    what: str
    doing: str = "reading it"
    mend: str = "simplify it, cut it to the region or split it"


class _BrokeError(InputError):
    """A file ended its reader, or was about to use more than its share."""


def _read(task: str, path: Path, **options: Any) -> Any:
    return _read_all(task, [path], **options)[0]


def _read_all(
    task: str, paths: Sequence[Path], *, written: Path | None = None, work: Work | None = None, **options: Any
) -> list[Any]:
    for path in paths:
        require_readable_size(path)
    try:
        return _read_together(task, paths, written, work or Work(paths[0].name), options)
    except _BrokeError:
        if len(paths) == 1 or task in TOGETHER:
            raise
    # one of them broke the reader: which, shows when each has a reader of its own
    return [_read(task, path, **options) for path in paths]


def _read_together(
    task: str, paths: Sequence[Path], written: Path | None, work: Work, options: dict[str, Any]
) -> list[Any]:
    limits = limits_for(paths)
    with tempfile.TemporaryDirectory(prefix="vunglom-") as folder:
        outbox = Path(folder)
        request = {
            "task": task,
            "paths": [str(path.resolve()) for path in paths],
            "outbox": folder,
            "options": options,
            "limits": asdict(limits),
        }
        end = _ROOM.work(request, limits)
        answer = _answer(outbox)
        if answer is None or end.killed:
            raise _BrokeError(_why(work, end, limits, outbox))
        if "error" in answer:
            if answer["error"] == MemoryError.__name__:
                raise _BrokeError(_too_big(work, limits))
            raise error_class(answer["error"])(answer["message"])
        # a task may find nothing to write
        if written is not None and (outbox / "written").exists():
            copy_atomically(outbox / "written", written)
        return [unpack(value, outbox) for value in answer["values"]]


def _answer(outbox: Path) -> dict[str, Any] | None:
    try:
        answer = json.loads((outbox / ANSWER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _why(work: Work, end: End, limits: Limits, outbox: Path) -> str:
    if end.killed == "time" or end.status == _STOPPED_FOR_TIME:
        return (
            f"{work.what}: {work.doing} takes more than {limits.cpu_s:.3g} s, so it was stopped; {work.mend}, or, "
            f"if you trust it, allow more with {SECONDS_VARIABLE}"
        )
    log = outbox / LOG
    said = log.read_text("utf-8", "replace")[-_MOST_LOGGED:] if log.is_file() else ""
    # libraries that cannot have more memory raise errors of every kind
    if end.killed == "memory" or any(word in said for word in OUT_OF_MEMORY):
        return _too_big(work, limits)
    _LOG.info("the reader of %s ended with %s: %s", work.what, end.status, said)
    return (
        f"{work.what}: cannot be read: the file broke its reader (status {end.status}); "
        "it is damaged or made to do harm: export it again"
    )


def _too_big(work: Work, limits: Limits) -> str:
    return (
        f"{work.what}: {work.doing} takes more than {limits.memory_bytes / MIB:,.0f} MiB of memory, so it was stopped; "
        f"{work.mend}, or, if you trust it, allow more with {MEMORY_VARIABLE}"
    )
