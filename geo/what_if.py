"""What planning and the check of a proposal need of a built workspace: its people, and the coverage that counts today."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from geo import confined, inputs
from geo.errors import NotBuiltError, WorkspaceError
from geo.population_grid import PopulationGrid
from geo.proposal_store import Store
from geo.proposals import Status
from geo.results import Built, UnitList
from geo.rollout_offers import offer_of_version
from geo.rules import Rules
from geo.schema import Technology
from geo.store import is_current
from geo.workspace import Workspace, require_unchanged


def require_current(workspace: Workspace) -> None:
    """Raise `NotBuiltError` unless the results are those of the workspace's inputs: a what-if stands on them."""
    if not is_current(workspace):
        raise NotBuiltError(
            f"{workspace.root}: inputs or rules were changed after the build; run `vunglom build {workspace.root}` first"
        )
    require_unchanged(workspace)


def read_people(workspace: Workspace, units: UnitList) -> PopulationGrid | None:
    """The population grid around the units; None where none was added."""
    files = [file for given in workspace.of_kind("population") for file in inputs.files_of(workspace, given)]
    if not files:
        return None
    west, south, east, north = units.result.total_bounds
    return confined.read_population(files[0].path, (west, south, east, north))


def coverage_today(built: Built, technology: Technology | str, rules: Rules) -> gpd.GeoDataFrame:
    """The claims that count for a technology: every operator's area, of the first kind of evidence that there is.

    Empty where nothing is known of the technology, which is not the same as nobody covered.
    """
    if built.coverage_areas is None:
        return gpd.GeoDataFrame({"operator": [], "technology": [], "evidence": []}, geometry=[], crs=4326)
    claims = built.coverage_areas[built.coverage_areas["technology"] == str(technology)]
    kinds = [str(kind) for kind in rules.coverage_evidence if str(kind) in set(claims["evidence"])]
    return claims[claims["evidence"] == kinds[0]] if kinds else claims.iloc[:0]


def accepted_areas(root: Path, technology: Technology | str) -> list[Any]:
    """Polygons of the stored proposals of a technology that are accepted or built: nobody's to plan for any more."""
    return [
        offer_of_version(version).area
        for version in Store(root).newest()
        if version.status in (Status.ACCEPTED, Status.BUILT)
        and str(version.content.technology) == str(technology)
    ]


def union_today(built: Built, technology: Technology | str, rules: Rules) -> Any:
    """The union of `coverage_today`; raises `WorkspaceError` where nothing is known of the technology."""
    claims = coverage_today(built, technology, rules)
    if claims.empty:
        known = sorted(set(built.coverage_areas["technology"])) if built.coverage_areas is not None else []
        raise WorkspaceError(
            f"no coverage of {technology} is known here (there is {', '.join(known) or 'none'}), so who is without it is not known; "
            f"add it with `vunglom add DIR coverage FILE --technology {technology} …`, or say --all-people to plan as if there were none"
        )
    return shapely.union_all(claims.geometry.to_numpy())
