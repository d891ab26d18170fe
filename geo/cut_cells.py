"""The cells of a region out of a country's file of OpenCelliD, a line at a time."""

import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from geo.files import write_atomically
from geo.sources import opencellid

NEAR_DEG: Final = 0.35
"""How far around the units cells are kept: some 38 km, beyond which no GSM cell reaches (its timing advance ends at 35 km)."""
_LONGITUDE: Final = opencellid.COLUMNS.index("lon")
_LATITUDE: Final = opencellid.COLUMNS.index("lat")


def cut_cells(source: Path, bounds: Sequence[float], target: Path) -> int:
    """Write the lines in or near the bounds, as published and in order, to the gzip `target`; return how many rows.

    A header is kept. A line whose coordinates cannot be read is kept too: what reads the cells counts and names it. The
    same lines give the same bytes. Where there is no row nothing is written.
    """
    with gzip.open(source) as stream:
        header, kept = _kept(stream, bounds)
    if kept:
        write_atomically(target, gzip.compress(b"".join([*header, *kept]), mtime=0))
    return len(kept)


def _kept(lines: Iterable[bytes], bounds: Sequence[float]) -> tuple[list[bytes], list[bytes]]:
    header, kept = [], []
    for line in lines:
        if line.startswith(b"radio,"):
            header.append(line)
        elif line.strip() and _near(line, bounds):
            kept.append(line)
    return header, kept


def _near(line: bytes, bounds: Sequence[float]) -> bool:
    cells = line.split(b",")
    try:
        x, y = float(cells[_LONGITUDE]), float(cells[_LATITUDE])
    except (ValueError, IndexError):
        return True
    west, south, east, north = bounds
    return west - NEAR_DEG <= x <= east + NEAR_DEG and south - NEAR_DEG <= y <= north + NEAR_DEG
