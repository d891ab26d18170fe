"""The reader process from the asking side: started when needed, one file at a time, watched, and killed past its limits."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
import pyogrio

from geo.sandbox import Limits

_START_S: Final = 30.0
_WATCH_S: Final = 0.02
_ALLOWED_DRIVERS: Final = frozenset({"GPKG", "ESRI Shapefile", "FlatGeobuf", "KML", "LIBKML", "MEM"})
_KEPT_VARIABLES: Final = (
    "PATH", "LANG", "LC_ALL", "SYSTEMROOT", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "VUNGLOM_READER_FORK", "TEMP", "TMPDIR",
)  # fmt: skip


@dataclass(frozen=True)
class End:
    """How a reader ended: its exit status, and why this side killed it (`time`, `memory`, empty if it did not)."""

    status: int | None
    killed: str = ""


class Room:
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
        stdin.write(json.dumps(request, default=_listed) + "\n")
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


def _listed(options: Any) -> list[Any]:
    """A set as JSON knows it, in one order whatever its hashes."""
    if isinstance(options, Set):
        return sorted(options)
    raise TypeError(f"{options!r} cannot be sent to a reader; wanted plain values, lists and sets")


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
