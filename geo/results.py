"""What a build left under `built/`, read back whole."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo.errors import NotBuiltError

LIST_TABLES: Final = ("communes", "goals", "coverage_by_operator", "speed_by_quarter")
"""Tables that every list of units has."""
_READ_ATTEMPTS: Final = 3


@dataclass(frozen=True)
class UnitList:
    """The built tables of one list of units; see DESIGN §4 and METHODS for their columns."""

    id: str
    vintage: str
    level: str
    result: gpd.GeoDataFrame
    goals: pd.DataFrame
    coverage: pd.DataFrame
    speed: pd.DataFrame


@dataclass(frozen=True)
class Built:
    """Everything under `built/`, read only."""

    manifest: dict[str, Any]
    quality: list[dict[str, Any]]
    lists: dict[str, UnitList]
    coverage_areas: gpd.GeoDataFrame | None
    places: gpd.GeoDataFrame | None

    @property
    def primary(self) -> UnitList:
        """The list of units that was added first."""
        return next(iter(self.lists.values()))


def read_built(root: Path) -> Built:
    """The results under `root/built`; raises `NotBuiltError` with the command to run where there are none."""
    manifest = root / "built" / "manifest.json"
    for _ in range(_READ_ATTEMPTS):
        before = manifest.read_bytes() if manifest.is_file() else b""
        built = _read_built(root)
        # a build that ended meanwhile has swapped the folder: what was read may be of both
        if manifest.is_file() and manifest.read_bytes() == before:
            return built
    raise NotBuiltError(f"{root}: built/ keeps changing while it is read; wait for the build to end")


def _read_built(root: Path) -> Built:
    folder = root / "built"
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        quality = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
        lists = {entry["id"]: _read_list(folder, entry) for entry in manifest["lists"]}
    except FileNotFoundError as fault:
        raise NotBuiltError(f"{root}: not built yet; run `vunglom build {root}` first") from fault
    except (json.JSONDecodeError, KeyError) as fault:
        raise NotBuiltError(
            f"{root}: built/ cannot be read ({fault}); run `vunglom build {root}` again"
        ) from fault
    return Built(
        manifest=manifest,
        quality=quality,
        lists=lists,
        coverage_areas=_read_optional(folder / "coverage_areas.parquet", manifest),
        places=_read_optional(folder / "places.parquet", manifest),
    )


def _read_list(folder: Path, entry: dict[str, Any]) -> UnitList:
    place = folder / entry["folder"]
    return UnitList(
        id=entry["id"],
        vintage=entry["vintage"],
        level=entry["level"],
        result=gpd.read_parquet(place / "communes.parquet"),
        goals=pd.read_parquet(place / "goals.parquet"),
        coverage=pd.read_parquet(place / "coverage_by_operator.parquet"),
        speed=pd.read_parquet(place / "speed_by_quarter.parquet"),
    )


def _read_optional(path: Path, manifest: dict[str, Any]) -> gpd.GeoDataFrame | None:
    return gpd.read_parquet(path) if path.name in manifest["tables"] else None
