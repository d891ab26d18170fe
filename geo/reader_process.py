"""The process that reads files from outside: takes one request a line, forks, confines the copy, and lets it read.

Run by `geo.confined` as `python -m geo.reader_process`. What one file does to its process ends with that process.
Where the system cannot fork (Windows) a process reads one file and ends.
"""

import json
import mimetypes
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import geopandas as gpd
import pyarrow.feather as feather
import shapely

from geo import (
    boundaries,
    cut_cells,
    errors,
    file_parts,
    points_table,
    read,
    read_lines,
    read_raster,
    read_sites,
    read_tiles,
    unit_table,
)
from geo.crs import STORAGE_CRS
from geo.cut_raster import Piece, merge_rasters
from geo.errors import VunglomError
from geo.parcel import pack
from geo.sandbox import Limits, confine, leave_network
from geo.sources import worldpop

ANSWER: Final = "answer.json"
LOG: Final = "log.txt"
OUT_OF_MEMORY: Final = ("MemoryError", "bad_alloc", "malloc of size", "can't allocate", "Cannot allocate")
"""What libraries say when they can have no more."""


def _merge_rasters(paths: Sequence[Path], *, corners: Sequence[Any], **options: Any) -> None:
    merge_rasters([Piece(path, corner) for path, corner in zip(paths, corners, strict=True)], **options)


def _unite(path: Path) -> gpd.GeoDataFrame:
    """One row, the union of all polygons of a file that this package wrote."""
    shapes = shapely.from_wkb(feather.read_table(path).column("wkb").to_numpy(zero_copy_only=False))
    return gpd.GeoDataFrame(geometry=[shapely.union_all(shapes)], crs=STORAGE_CRS)


TASKS: Final[dict[str, Callable[..., Any]]] = {
    "units": boundaries.read_units,
    "polygons": read.read_polygons,
    "lines": read_lines.read_lines,
    "points": points_table.read_any_points,
    "parts": file_parts.list_parts,
    "tiles": read_tiles.read_tiles,
    "population": read_raster.read_population,
    "friction": read_raster.read_friction,
    "table": unit_table.read_table_parts,
    "cells": read_sites.read_cells,
    "check_raster": worldpop.check,
    "merge_rasters": _merge_rasters,
    "cut_cells": cut_cells.cut_cells,
    "unite": _unite,
}
"""Task → function of a file's path and options. Those in `WRITERS` also get `target`, a file in the outbox."""
WRITERS: Final = ("merge_rasters", "cut_cells")
TOGETHER: Final = ("units", "merge_rasters")
"""Tasks that take all files at once and give one answer."""


def serve() -> None:
    """Answer requests until standard input ends, each in a process of its own."""
    leave_network()
    # openpyxl asks for it, and it reads files of the system
    mimetypes.init()
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # whatever a library prints must not look like a reply
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    can_fork = hasattr(os, "fork") and os.environ.get("VUNGLOM_READER_FORK", "1") != "0"
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork() if can_fork else -1
        if child == 0:
            replies.close()
            _work_and_end(request)
        _say(replies, {"pid": child if can_fork else os.getpid()})
        if not can_fork:
            status = _work(request)
            _say(replies, {"status": status})
            return
        _, raw = os.waitpid(child, 0)
        _say(replies, {"status": os.waitstatus_to_exitcode(raw)})


def _work_and_end(request: dict[str, Any]) -> NoReturn:
    """Work in a forked copy, which must never fall back into the loop that it was forked in."""
    status = 1
    try:
        status = _work(request)
    finally:
        if sys.exc_info()[0]:
            traceback.print_exc()
        os._exit(status)


def _say(replies: Any, told: dict[str, Any]) -> None:
    print(json.dumps(told), file=replies, flush=True)


def _work(request: dict[str, Any]) -> int:
    """Read the files and leave the answer in the outbox; 0 when there is one, also when it is that a file is at fault."""
    paths, outbox = [Path(path) for path in request["paths"]], Path(request["outbox"])
    os.dup2(os.open(outbox / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), sys.stderr.fileno())
    # archives are unpacked where this process may write
    tempfile.tempdir = str(outbox)
    held = confine(Limits(**request["limits"]), readable=paths, writable=outbox)
    try:
        given = [paths] if request["task"] in TOGETHER else paths
        values = [_run(request["task"], one, request["options"], outbox) for one in given]
        answer = {"values": values, "held": held}
    except VunglomError as fault:
        answer = {"error": type(fault).__name__, "message": str(fault), "held": held}
        if _wants_memory(fault):
            answer = {"error": MemoryError.__name__, "message": "", "held": held}
    except MemoryError:
        answer = {"error": "MemoryError", "message": "", "held": held}
    text = json.dumps(answer, ensure_ascii=True, allow_nan=True)
    (outbox / ANSWER).write_text(text, encoding="utf-8")
    return 0


def _wants_memory(fault: BaseException) -> bool:
    """Whether a library's error, which a reader took for a fault of the file, was that it could have no more memory."""
    cause = fault.__cause__
    if cause is None:
        return False
    return (
        isinstance(cause, MemoryError)
        or any(word in str(cause) for word in OUT_OF_MEMORY)
        or _wants_memory(cause)
    )


def _run(task: str, given: Path | list[Path], options: dict[str, Any], outbox: Path) -> Any:
    extra = {"target": outbox / "written"} if task in WRITERS else {}
    return pack(TASKS[task](given, **options, **extra), outbox)


def error_class(name: str) -> type[VunglomError]:
    """The project's error of this name."""
    found = getattr(errors, name, None)
    return found if isinstance(found, type) and issubclass(found, VunglomError) else errors.InputError


if __name__ == "__main__":
    serve()
