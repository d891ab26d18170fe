"""The inputs of a workspace that are rasters, as checked grids: people and friction (the others: `geo.inputs`)."""

from collections.abc import Sequence
from typing import Final

from geo import confined
from geo.errors import InputError, WorkspaceError
from geo.friction import FrictionGrid
from geo.inputs import NamedFile, UnitsInput, files_of, region_of
from geo.people import outside_share
from geo.population_grid import PopulationGrid
from geo.workspace import Workspace

RASTER_MISS_LIMIT: Final = 0.001
"""Share of a unit's area that may lie outside the population raster: the width of a border line, not a part of it."""


def read_grid(file: NamedFile, lists: Sequence[UnitsInput]) -> PopulationGrid:
    """The population grid around the units; raises `InputError` naming units that it does not reach."""
    grid = confined.read_population(file.path, region_of(lists))
    for found in lists:
        missed = outside_share(grid, found.units.geometry.to_numpy())
        codes = found.units["unit_code"][missed > RASTER_MISS_LIMIT].tolist()
        if codes:
            raise InputError(
                f"{file.name}: misses part of {len(codes)} units (up to {missed.max():.1%} of a unit's area): {', '.join(codes[:10])}"
                f"{' …' if len(codes) > 10 else ''}; wanted a raster that covers every unit. "
                "Mend: give the raster of the whole region, or merge its parts first (rio merge)"
            )
    return grid


def read_population_input(workspace: Workspace, lists: Sequence[UnitsInput]) -> PopulationGrid | None:
    """The grid of the one population input; None without one."""
    file = _only_raster(workspace, "population")
    return None if file is None else read_grid(file, lists)


def read_friction(file: NamedFile, lists: Sequence[UnitsInput]) -> FrictionGrid:
    """The friction surface around the units."""
    return confined.read_friction(file.path, region_of(lists))


def read_friction_input(workspace: Workspace, lists: Sequence[UnitsInput]) -> FrictionGrid | None:
    """The surface of the one friction input; None without one."""
    file = _only_raster(workspace, "friction")
    return None if file is None else read_friction(file, lists)


def _only_raster(workspace: Workspace, kind: str) -> NamedFile | None:
    files = [file for given in workspace.of_kind(kind) for file in files_of(workspace, given)]
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise WorkspaceError(
            f"{workspace.root}: {len(files)} {kind} rasters ({names}), wanted one; keep one with `vunglom add DIR {kind} FILE --replace`"
        )
    return files[0] if files else None
