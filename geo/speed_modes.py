"""Speeds of a workspace in one of three ways: shrunk with every step shown, raw by quarter, or by Ookla's own recipe."""

from typing import Any

import geopandas as gpd
import pandas as pd

from geo import input_rasters, inputs
from geo.errors import CallError, InputError
from geo.list_parts import estimate_choices
from geo.rules import Rules
from geo.schema import SpeedMode
from geo.shrinkage import estimate_networks, speed_steps
from geo.speed import aggregate_speed, share_tiles
from geo.tutorial import LABEL, ookla_tutorial
from geo.workspace import Workspace, require_unchanged


def read_speeds(
    workspace: Workspace, mode: SpeedMode, list_id: str = ""
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Speeds of one list of units (the first when not named) straight from the inputs: rows, and what holds for all of them.

    Raises an `InputError` without speed tiles, a `CallError` for a list that is not there.
    """
    require_unchanged(workspace)
    lists = {found.id: found for found in inputs.read_unit_lists(workspace)}
    if list_id and list_id not in lists:
        raise CallError(f"no list of units {list_id!r} here; there are {', '.join(lists)}")
    found = lists[list_id] if list_id else next(iter(lists.values()))
    tiles = inputs.read_speed(workspace)
    if tiles is None:
        raise InputError(
            f"{workspace.root}: no speed tiles here; add some: vunglom add {workspace.root} speed FILE"
        )
    shares = None
    if mode is not SpeedMode.TUTORIAL:
        grid = input_rasters.read_population_input(workspace, list(lists.values()))
        shares = share_tiles(tiles, found.units, grid)
    rows, label, more = _speeds(mode, tiles, found.units, shares, workspace.rules)
    rows.insert(1, "name", rows["unit_code"].map(found.units.set_index("unit_code")["name"]))
    return rows, {"list": found.id, "mode": str(mode), "label": label, **more}


def _speeds(
    mode: SpeedMode, tiles: pd.DataFrame, units: gpd.GeoDataFrame, shares: pd.DataFrame | None, rules: Rules
) -> tuple[pd.DataFrame, str, dict[str, Any]]:
    """Rows, what they are, and what all units share, in one of the ways of `SpeedMode`."""
    if shares is None:
        return ookla_tutorial(tiles, units), LABEL, {}
    codes = units["unit_code"].tolist()
    if mode is SpeedMode.RAW:
        return aggregate_speed(tiles, shares, codes), "Test-weighted means by quarter, no shrinkage", {}
    networks = estimate_networks(tiles, shares, codes, **estimate_choices(units, rules))
    label = "Mean download at the newest quarter's level, with 90 % interval, step by step"
    return (
        speed_steps(networks, codes),
        label,
        {"networks": {name: found.as_dict() for name, found in networks.items()}},
    )
