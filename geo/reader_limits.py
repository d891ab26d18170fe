"""What reading a file from outside may cost: the limits that the environment sets, and what they come to for given files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from geo.errors import CallError, InputError
from geo.files import require_file
from geo.sandbox import Limits

MIB: Final = 1024**2
SECONDS_VARIABLE: Final = "VUNGLOM_READER_SECONDS"
MEMORY_VARIABLE: Final = "VUNGLOM_READER_MEMORY_MB"
LARGEST_VARIABLE: Final = "VUNGLOM_LARGEST_FILE_MB"
DEFAULTS: Final = {SECONDS_VARIABLE: 4.0, MEMORY_VARIABLE: 1000.0, LARGEST_VARIABLE: 2048.0}
"""Seconds of work that a file of up to 10 MB may take, MiB a reader may hold, MiB of the largest file that is looked at."""
_MOST: Final = 1e9
"""Of seconds or MiB: a number that the system cannot take would stop the reader, and the file be called damaged."""
_SMALL_MIB: Final = 10.0
_SECONDS_PER_MIB: Final = 0.5
_SHARE_OF_ANOTHER: Final = 0.025
"""Of the seconds for one small file: a tenth of a second for every further one of a list of units."""
_LARGEST_WRITTEN_BYTES: Final = 4 * 1024 * MIB
_PATIENCE: Final = 2.5
"""How many times its seconds of work a reader may take by the clock: other programs may have the processor meanwhile."""


def setting(variable: str) -> float:
    """A limit from the environment, or its default; raises `CallError` when it is no number above zero, or none that the system could take."""
    given = os.environ.get(variable, "")
    try:
        value = float(given) if given else DEFAULTS[variable]
    except ValueError:
        value = -1.0
    if not 0 < value <= _MOST:
        raise CallError(
            f"{variable} is {given!r}; wanted a number above zero and at most {_MOST:,.0f}, for example {DEFAULTS[variable]:g}"
        )
    return value


def require_readable_size(path: Path) -> None:
    """Raise `InputError` for a file that is missing, empty or larger than the limit: before a byte of it is read."""
    require_file(path)
    size = path.stat().st_size
    largest = setting(LARGEST_VARIABLE)
    if size > largest * MIB:
        raise InputError(
            f"{path.name}: {size / MIB:,.0f} MiB, larger than the {largest:,.0f} MiB that are read here; "
            f"cut it to the region first, or raise {LARGEST_VARIABLE}"
        )


def limits_for(paths: Sequence[Path]) -> Limits:
    """What reading these files may cost: time grows with their size past 10 MB in all, and a little with their number."""
    size_mib = sum(path.stat().st_size for path in paths) / MIB
    # not the time of one file for each: one that means harm would have that of all
    share = 1 + _SHARE_OF_ANOTHER * (len(paths) - 1)
    seconds = setting(SECONDS_VARIABLE) * share + _SECONDS_PER_MIB * max(0.0, size_mib - _SMALL_MIB)
    return Limits(
        cpu_s=seconds,
        elapsed_s=_PATIENCE * seconds,
        memory_bytes=int(setting(MEMORY_VARIABLE) * MIB),
        file_bytes=_LARGEST_WRITTEN_BYTES,
    )
