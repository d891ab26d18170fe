"""Limits a process puts on itself before it reads a file from outside: memory, time, disk, files it may open, no network.

Each holds where the system has it: rlimits on Linux and macOS, Landlock (kernel 5.13 and newer; TCP from 6.7) and an
empty network namespace on Linux. The parent's own watch on time and memory (`geo.confined`) holds everywhere.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import landlockpy
from landlockpy import AccessFS

_CLONE_NEWNET: Final = 0x40000000
_CLONE_NEWUSER: Final = 0x10000000
_READ: Final = AccessFS.READ_FILE | AccessFS.READ_DIR
_WRITE: Final = (
    _READ
    | AccessFS.WRITE_FILE
    | AccessFS.MAKE_REG
    | AccessFS.MAKE_DIR
    | AccessFS.REMOVE_FILE
    | AccessFS.REMOVE_DIR
    | AccessFS.TRUNCATE
)
_SYSTEM: Final = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/usr/share/zoneinfo",
    "/dev/null",
    "/dev/urandom",
)


@dataclass(frozen=True)
class Limits:
    """What one file may cost: CPU and elapsed seconds, bytes of memory, bytes of one written file."""

    cpu_s: float
    elapsed_s: float
    memory_bytes: int
    file_bytes: int


def confine(limits: Limits, *, readable: Sequence[Path], writable: Path) -> tuple[str, ...]:
    """Confine this process for good; return the names of what holds (`limits`, `files`).

    It may read the interpreter, its libraries and `readable`, write below `writable`, and open no TCP connection.
    """
    held = ["limits"] if _limit_resources(limits) else []
    if sys.platform == "linux" and landlockpy.supported():
        _restrict_files(readable, writable)
        held.append("files")
    return tuple(held)


def _limit_resources(limits: Limits) -> bool:
    try:
        # POSIX only
        import resource
    except ImportError:
        return False
    # the softer end of it ends a process with a signal that says why
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    seconds = int(limits.cpu_s) + 1
    ends = (seconds, seconds + 1) if hard == resource.RLIM_INFINITY else (min(seconds, hard), hard)
    resource.setrlimit(resource.RLIMIT_CPU, ends)
    wanted = {
        # not RLIMIT_AS: libraries reserve addresses that they never fill
        resource.RLIMIT_DATA: limits.memory_bytes,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))
    return True


def leave_network() -> bool:
    """Move to a network namespace without so much as a loopback; as an ordinary user by way of a user namespace.

    False where the system has none or grants none. Slow to set up (tens of ms): once, before forking.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def _restrict_files(readable: Sequence[Path], writable: Path) -> None:
    with landlockpy.Ruleset() as ruleset:
        for place in (*_libraries(), *readable):
            if place.exists():
                ruleset.allow_path(place, _READ if place.is_dir() else AccessFS.READ_FILE)
        ruleset.allow_path(writable, _WRITE)
        ruleset.restrict()


def _libraries() -> list[Path]:
    """Where the interpreter, the installed packages, this package and the system's libraries lie."""
    own = Path(__file__).resolve().parent
    packages = [Path(place) for place in sys.path if place and "site-packages" in place]
    prefixes = [Path(prefix) for prefix in {sys.prefix, sys.base_prefix} if prefix not in ("/", "/usr")]
    return [own, *packages, *prefixes, *(Path(place) for place in _SYSTEM if os.path.lexists(place))]
