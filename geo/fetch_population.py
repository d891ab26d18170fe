"""People per cell in the region, from one of two publishers."""

import shutil
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import shapely

from geo import confined
from geo.archive import unpack_member
from geo.crs import Bounds
from geo.cut_raster import Piece
from geo.download import Wanted
from geo.errors import CallError, FetchError
from geo.fetch import Job, Outcome, add_files, provenance_of, region_bounds, region_id, region_shapes
from geo.records import Fetched
from geo.sources import ghspop, worldpop
from geo.sources.ghspop import Tile
from geo.sources.table import require_text
from geo.transport import RefusedError

_UNPACKED: Final = "unpacked"


class Grid(StrEnum):
    """Whose grid of people."""

    WORLDPOP = "worldpop"
    GHSPOP = "ghspop"


def fetch_population(job: Job, grid: Grid, *, country: str, year: int) -> Outcome:
    """People per cell in the region as a population input; `country` is WorldPop's, GHS-POP goes by the units alone."""
    if grid is Grid.WORLDPOP:
        return _from_worldpop(job, country, year)
    return _from_ghspop(job, year)


def _from_worldpop(job: Job, country: str, year: int) -> Outcome:
    source = worldpop.SOURCE
    country = require_text(country, "[A-Z]{3}", "the country", "VNM")
    if year not in worldpop.YEARS:
        raise CallError(f"the year is {year}; wanted {worldpop.YEARS[0]} to {worldpop.YEARS[-1]}")
    bounds, name = region_bounds(job), worldpop.file_name(country, year)
    address = source.address("country", job.mirrors, year=year, country=country, file=name)
    wanted = Wanted(address, recognise=worldpop.recognise, check=confined.check_raster)
    whole, record = job.file(wanted, source.name, name)
    cut = job.cache / source.name / region_id(bounds) / name
    cut.parent.mkdir(parents=True, exist_ok=True)
    confined.cut_raster(whole, bounds, cut)
    known = provenance_of(source, record, date=str(year), more="Cut to the region", made_from=[record])
    add_files(job, "population", [(cut, {}, known)])
    return Outcome("population", (cut,), source.publisher, source.licence)


def _from_ghspop(job: Job, year: int) -> Outcome:
    source = ghspop.SOURCE
    if year not in ghspop.EPOCHS:
        raise CallError(
            f"the year is {year}; GHS-POP has {ghspop.EPOCHS[0]} to {ghspop.EPOCHS[-1]} in steps of {ghspop.EPOCHS.step}"
        )
    shapes = region_shapes(job)
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    bounds, tiles = (west, south, east, north), ghspop.tiles_meeting(shapes)
    came = {tile: _tile(job, year, tile) for tile in tiles}
    fetched = {tile: found for tile, found in came.items() if found}
    missing = [tile for tile, found in came.items() if not found]
    if not fetched:
        raise FetchError(
            f"GHS-POP has no tile where the units lie ({', '.join(tile.id for tile in tiles)}): there is no land; check the boundaries"
        )
    cut = job.cache / source.name / region_id(bounds) / f"{ghspop.stem(year)}.tif"
    _merge(job, {tile: path for tile, (path, _) in fetched.items()}, tiles, bounds, cut)
    records = [record for _, record in fetched.values()]
    ids = ", ".join(tile.id for tile in fetched)
    known = provenance_of(
        source, records[0], date=str(year), more=f"Tiles {ids}, cut to the region", made_from=records
    )
    add_files(job, "population", [(cut, {}, known)])
    return Outcome("population", (cut,), source.publisher, source.licence, _notes(ids, missing))


def _notes(ids: str, missing: Sequence[Tile]) -> tuple[str, ...]:
    without = ", ".join(tile.id for tile in missing)
    told = (
        f"no tile {without}: the publisher has none where there is no land; people there stay unknown, not 0"
    )
    return (f"tiles {ids}", *([told] if missing else []))


def _tile(job: Job, year: int, tile: Tile) -> tuple[Path, Fetched] | None:
    """A zipped tile and its record; None where the publisher has no such tile."""
    source, name = ghspop.SOURCE, ghspop.file_name(year, tile)
    address = source.address("tile", job.mirrors, epoch=year, file=name)
    wanted = Wanted(address, recognise=ghspop.recognise, check=ghspop.check, largest=ghspop.LARGEST_ZIP_BYTES)
    try:
        return job.file(wanted, source.name, name)
    except RefusedError as fault:
        if fault.status != 404 or tile.id in _tiles_there_are(job):
            raise
        return None


def _tiles_there_are(job: Job) -> frozenset[str]:
    source = ghspop.SOURCE
    address = source.address("index", job.mirrors)
    wanted = Wanted(address, recognise=ghspop.recognise, check=ghspop.check_index, largest=64 * 1024**2)
    path, _ = job.file(wanted, source.name, "tiles.zip")
    return ghspop.read_index(path)


def _merge(job: Job, zips: dict[Tile, Path], tiles: Sequence[Tile], bounds: Bounds, target: Path) -> None:
    """Unpack the tiles beside each other, copy what lies in the region, and let the unpacked ones go."""
    folder = job.cache / ghspop.SOURCE.name / _UNPACKED
    # a killed run leaves gigabytes there
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        pieces = []
        for tile, archive in zips.items():
            path = folder / f"{archive.stem}.tif"
            unpack_member(archive, ".tif", path, largest=ghspop.LARGEST_TILE_BYTES)
            pieces.append(Piece(path, tile.bounds))
        corners = [tile.bounds for tile in tiles]
        west, south = (min(corner[place] for corner in corners) for place in (0, 1))
        east, north = (max(corner[place] for corner in corners) for place in (2, 3))
        job.say(f"cutting {len(pieces)} {'tile' if len(pieces) == 1 else 'tiles'} to the region")
        confined.merge_rasters(
            pieces,
            bounds,
            target,
            extent=(west, south, east, north),
            nodata=ghspop.NODATA,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
