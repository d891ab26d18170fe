"""Reading of untrusted files in a process of their own: the same functions as the readers', with limits.

A reader process is started once and forks for every file; the copy gives up the network, all files but the one, and
memory and time beyond a limit (`geo.sandbox`), reads (`geo.reader_process`) and hands back frames (`geo.parcel`). What
ends it, ends it alone. This side watches time and memory too, for systems without such limits.
"""

import atexit
import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.feather as feather
import pyogrio
import shapely

from geo.arrays import ObjectArray
from geo.boundaries import Boundaries
from geo.cut import Bounds
from geo.cut_raster import Piece
from geo.errors import CallError, InputError
from geo.mends import NO_MENDS, Mends
from geo.parcel import unpack
from geo.people import PopulationGrid
from geo.quality import Finding
from geo.read import AS_IT_IS, Polygons, Wanted
from geo.read_sites import with_cell_types
from geo.reader_process import ANSWER, LOG, OUT_OF_MEMORY, TOGETHER, error_class
from geo.sandbox import Limits
from geo.unit_table import Table

_LOG: Final = logging.getLogger(__name__)
_MIB: Final = 1024**2
SECONDS_VARIABLE: Final = "VUNGLOM_READER_SECONDS"
MEMORY_VARIABLE: Final = "VUNGLOM_READER_MEMORY_MB"
LARGEST_VARIABLE: Final = "VUNGLOM_LARGEST_FILE_MB"
DEFAULTS: Final = {SECONDS_VARIABLE: 4.0, MEMORY_VARIABLE: 1000.0, LARGEST_VARIABLE: 2048.0}
"""Seconds of work that a file of up to 10 MB may take, MiB a reader may hold, MiB of the largest file that is looked at."""
_SMALL_MIB: Final = 10.0
_SECONDS_PER_MIB: Final = 0.5
_SHARE_OF_ANOTHER: Final = 0.025
"""Of the seconds for one small file: a tenth of a second for every further one of a list of units."""
_LARGEST_WRITTEN: Final = 4 * 1024 * _MIB
_PATIENCE: Final = 2.5
"""How many times its seconds of work a reader may take by the clock: other programs may have the processor meanwhile."""
_START_S: Final = 30.0
_STOPPED_FOR_TIME: Final = -24
"""Status of a process that the system stopped at its limit of CPU time (SIGXCPU)."""
_LOGGED: Final = 2_000
_DISSOLVE: Final = "simplify them, or put them together in a GIS (QGIS: Dissolve) and add that file instead"
_WATCH_S: Final = 0.02
_ALLOWED_DRIVERS: Final = frozenset({"GPKG", "ESRI Shapefile", "FlatGeobuf", "KML", "LIBKML", "MEM"})
_KEPT_VARIABLES: Final = (
    "PATH", "LANG", "LC_ALL", "SYSTEMROOT", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "VUNGLOM_READER_FORK", "TEMP", "TMPDIR",
)  # fmt: skip


def read_polygons(
    path: Path, *, layer: str | None = None, crs: str | None = None, wanted: Wanted = AS_IT_IS
) -> Polygons:
    """`geo.read.read_polygons`, confined."""
    return read_all_polygons([path], layer=layer, crs=crs, wanted=wanted)[0]


def read_all_polygons(
    paths: Sequence[Path], *, layer: str | None = None, crs: str | None = None, wanted: Wanted = AS_IT_IS
) -> list[Polygons]:
    """`read_polygons` of many files in one process, in their order."""
    given = _read_all("polygons", paths, layer=layer, crs=crs, wanted=_plain(wanted))
    return [Polygons(*parts) for parts in given]


def _plain(wanted: Wanted) -> list[list[Any] | None]:
    return [None if part is None else list(part) for part in wanted]


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
    found = _read_all(
        "units", paths, names=list(names), columns=columns, layer=layer, crs=crs, wanted=_plain(wanted)
    )
    return Boundaries(*found[0])


def read_points(
    path: Path,
    *,
    mends: Mends = NO_MENDS,
    region: Sequence[float] | None = None,
    columns: Sequence[str] | None = None,
    **named: str,
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """`geo.points_table.read_any_points`, confined; `named`: its lat, lon, sheet and crs."""
    lists = {"region": region, "columns": columns}
    plain = {name: None if given is None else list(given) for name, given in lists.items()}
    frame, findings = _read("points", path, mends=sorted(mends), **plain, **named)
    return frame, findings


def read_cells(
    path: Path, *, mends: Mends = NO_MENDS, region: Sequence[float] | None = None, **said: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """`geo.read_sites.read_cells`, confined; `said`: its name, as_of and operator."""
    where = None if region is None else list(region)
    frame, findings = _read("cells", path, mends=sorted(mends), region=where, **said)
    return with_cell_types(frame), findings


def cut_cells(path: Path, bounds: Sequence[float], target: Path) -> int:
    """`geo.cut_cells.cut_cells`, confined; the cut is moved to `target` whole."""
    return int(_read("cut_cells", path, written=target, bounds=list(bounds)))


def read_tiles(path: Path) -> pd.DataFrame:
    """`geo.read_tiles.read_tiles`, confined."""
    frame: pd.DataFrame = _read("tiles", path)
    return frame


def read_population(path: Path, bounds: Bounds) -> PopulationGrid:
    """`geo.read_raster.read_population`, confined."""
    grid: PopulationGrid = _read("population", path, bounds=list(bounds))
    return grid


def open_table(path: Path, *, sheet: str = "", mends: Mends = NO_MENDS) -> Table:
    """`geo.unit_table.open_table`, confined."""
    frame, rows, findings = _read("table", path, sheet=sheet, mends=sorted(mends))
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
    """`geo.cut_raster.cut_raster`, confined; the cut is moved to `target` whole."""
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


def setting(variable: str) -> float:
    """A limit from the environment, or its default; raises `CallError` when it is no number above zero."""
    given = os.environ.get(variable, "")
    try:
        value = float(given) if given else DEFAULTS[variable]
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise CallError(
            f"{variable} is {given!r}; wanted a number above zero, for example {DEFAULTS[variable]:g}"
        )
    return value


def require_readable_size(path: Path) -> None:
    """Raise `InputError` for a file that is missing, empty or larger than the limit: before a byte of it is read."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the name and give the path of an existing file")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path}: the file is empty; fetch or export it again")
    largest = setting(LARGEST_VARIABLE)
    if size > largest * _MIB:
        raise InputError(
            f"{path.name}: {size / _MIB:,.0f} MiB, larger than the {largest:,.0f} MiB that are read here; "
            f"cut it to the region first, or raise {LARGEST_VARIABLE}"
        )


def limits_for(paths: Sequence[Path]) -> Limits:
    """What reading these files may cost: time grows with their size past 10 MB in all, and a little with their number."""
    size_mib = sum(path.stat().st_size for path in paths) / _MIB
    # not the time of one file for each: one that means harm would have that of all
    share = 1 + _SHARE_OF_ANOTHER * (len(paths) - 1)
    seconds = setting(SECONDS_VARIABLE) * share + _SECONDS_PER_MIB * max(0.0, size_mib - _SMALL_MIB)
    return Limits(
        cpu_s=seconds,
        elapsed_s=_PATIENCE * seconds,
        memory_bytes=int(setting(MEMORY_VARIABLE) * _MIB),
        file_bytes=_LARGEST_WRITTEN,
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
            _move(outbox / "written", written)
        return [unpack(value, outbox) for value in answer["values"]]


def _answer(outbox: Path) -> dict[str, Any] | None:
    try:
        answer = json.loads((outbox / ANSWER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _move(source: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        # the outbox may lie on another disk
        draft.write_bytes(source.read_bytes())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@dataclass(frozen=True)
class End:
    """How a reader ended: its exit status, and why this side killed it (`time`, `memory`, empty if it did not)."""

    status: int | None
    killed: str = ""


def _why(work: Work, end: End, limits: Limits, outbox: Path) -> str:
    if end.killed == "time" or end.status == _STOPPED_FOR_TIME:
        return (
            f"{work.what}: {work.doing} takes more than {limits.cpu_s:.3g} s, so it was stopped; {work.mend}, or, "
            f"if you trust it, allow more with {SECONDS_VARIABLE}"
        )
    log = outbox / LOG
    said = log.read_text("utf-8", "replace")[-_LOGGED:] if log.is_file() else ""
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
        f"{work.what}: {work.doing} takes more than {limits.memory_bytes / _MIB:,.0f} MiB of memory, so it was stopped; "
        f"{work.mend}, or, if you trust it, allow more with {MEMORY_VARIABLE}"
    )


class _Room:
    """The reader process: started when first needed, again when it has died; one file at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._replies: queue.Queue[str] = queue.Queue()

    def work(self, request: dict[str, Any], limits: Limits) -> End:
        """Have the request worked on; return how that ended."""
        with self._lock:
            try:
                self._ask(request)
            except OSError:
                # it died since it was last looked at
                self._end()
                self._ask(request)
            said = self._reply(_START_S)
            if said is None:
                self._end()
                return End(None)
            return self._watch(int(said["pid"]), limits)

    def _ask(self, request: dict[str, Any]) -> None:
        stdin = self._running().stdin
        assert stdin is not None  # noqa: S101 - opened as a pipe below
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()

    def _watch(self, pid: int, limits: Limits) -> End:
        """Wait for the status of the process that reads; kill it past a limit."""
        deadline = time.monotonic() + limits.elapsed_s
        killed = ""
        while (said := self._reply(_WATCH_S)) is None:
            process = self._process
            if process is None or (process.poll() is not None and self._replies.empty()):
                self._end()
                return End(process.returncode if process else None, killed)
            if not killed:
                killed = "time" if time.monotonic() > deadline else _over(pid, limits)
                if killed:
                    _kill(pid)
        if self._process is not None and self._process.pid == pid:
            # it could not fork, so it has read its one file and is ending
            self._end()
        return End(int(said["status"]), killed)

    def _reply(self, seconds: float) -> dict[str, Any] | None:
        try:
            said: dict[str, Any] = json.loads(self._replies.get(timeout=seconds))
        except queue.Empty:
            return None
        return said

    def _running(self) -> subprocess.Popen[str]:
        process = self._process
        if process is not None and process.poll() is None:
            return process
        self._end()
        self._replies = queue.Queue()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "geo.reader_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=_pass_on, args=(process, self._replies), daemon=True).start()
        self._process = process
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()

    def close(self) -> None:
        """End the process, if it runs."""
        with self._lock:
            self._end()


def _pass_on(process: subprocess.Popen[str], replies: "queue.Queue[str]") -> None:
    assert process.stdout is not None  # noqa: S101 - opened as a pipe above
    with process.stdout:
        for line in process.stdout:
            replies.put(line)


def _over(pid: int, limits: Limits) -> str:
    """Which limit the process is past; empty if none, or if it has just ended."""
    try:
        process = psutil.Process(pid)
        if process.memory_info().rss > limits.memory_bytes:
            return "memory"
        worked = process.cpu_times()
    except psutil.Error:
        return ""
    return "time" if worked.user + worked.system > limits.cpu_s else ""


def _kill(pid: int) -> None:
    try:
        psutil.Process(pid).kill()
    except psutil.NoSuchProcess:
        return


def _environment() -> dict[str, str]:
    """What the reader sees of the environment: no tokens, one thread, and GDAL without drivers that reach out."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        # arrow's own allocators reserve a GiB at a time
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "GDAL_SKIP": ",".join(sorted(set(pyogrio.list_drivers()) - _ALLOWED_DRIVERS)),
        "GDAL_PAM_ENABLED": "NO",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "OGR_SQLITE_STATIC_VIRTUAL_OGR": "NO",
        "PROJ_NETWORK": "OFF",
    }


_ROOM: Final = _Room()
atexit.register(_ROOM.close)
