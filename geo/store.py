"""The only writer of `built/`: whole or not at all.

Tables go to a temporary folder, are read back and checked, the manifest last; then the folder takes the place of
`built/`, so that a reader sees the old results or the new, never a mixture.
"""

import hashlib
import json
import os
import platform
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo import __version__, history
from geo.errors import ExportError, NotBuiltError
from geo.files import is_free, one_at_a_time, sha256_of, write_atomically
from geo.quality import Finding, findings_as_json
from geo.results import ASIDE, FORMAT, LIST_TABLES, is_swapping, read_manifest
from geo.workspace import CONFIG_NAME, Workspace, config_bytes, load_workspace

_DRAFT: Final = ".built-"
BUILD_LOCK: Final = "build"

_LIBRARIES: Final = (
    "geopandas",
    "shapely",
    "pyproj",
    "exactextract",
    "pandas",
    "numpy",
    "pyarrow",
    "rasterio",
    "esda",
)


@dataclass(frozen=True)
class ListTables:
    """The tables of one list of units and what was found while making them."""

    id: str
    vintage: str
    level: str
    communes: gpd.GeoDataFrame
    goals: pd.DataFrame
    coverage_by_operator: pd.DataFrame
    speed_by_quarter: pd.DataFrame
    sensitivity: pd.DataFrame
    indicators: pd.DataFrame
    contradictions: pd.DataFrame
    findings: tuple[Finding, ...]


def write_built(
    workspace: Workspace,
    tables: list[ListTables],
    findings: list[Finding],
    areas: gpd.GeoDataFrame | None,
    places: gpd.GeoDataFrame | None,
    *,
    sites: gpd.GeoDataFrame | None = None,
) -> dict[str, Any]:
    """Write everything beside `built/`, the manifest last, read it back, and swap the folders."""
    draft = workspace.root / f"{_DRAFT}{os.getpid()}"
    with one_at_a_time(workspace.root, BUILD_LOCK):
        _recover(workspace)
        return _write(workspace, draft, tables, findings, _optional_tables(areas, places, sites))


def _write(
    workspace: Workspace,
    draft: Path,
    tables: list[ListTables],
    findings: list[Finding],
    optional: dict[str, pd.DataFrame],
) -> dict[str, Any]:
    try:
        frames = _frames(tables) | optional
        for name, frame in frames.items():
            _write_parquet(frame, draft / name)
        _write_json(findings_as_json(findings), draft / "quality.json")
        # what to go back to, should the next build not please
        write_atomically(draft / CONFIG_NAME, config_bytes(workspace))
        manifest = _manifest(workspace, tables, draft, sorted(frames))
        _write_json(manifest, draft / "manifest.json")
        _swap(draft, workspace.built)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _optional_tables(
    areas: gpd.GeoDataFrame | None, places: gpd.GeoDataFrame | None, sites: gpd.GeoDataFrame | None
) -> dict[str, pd.DataFrame]:
    named = {"coverage_areas.parquet": areas, "places.parquet": places, "sites.parquet": sites}
    return {name: frame for name, frame in named.items() if frame is not None}


def _frames(tables: list[ListTables]) -> dict[str, pd.DataFrame]:
    frames: dict[str, pd.DataFrame] = {}
    for place, table in enumerate(tables):
        folder = _folder(place, table.id)
        for name in LIST_TABLES:
            frames[f"{folder}{name}.parquet"] = getattr(table, name)
    return frames


def _folder(place: int, list_id: str) -> str:
    """Where a list's tables are under `built/`: the first list's at the top, as DESIGN §4 promises."""
    return "" if place == 0 else f"lists/{list_id}/"


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write and read back: the copy on disk must hold the same rows and columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(frame, gpd.GeoDataFrame):
        frame.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0")
        back: pd.DataFrame = gpd.read_parquet(path)
    else:
        frame.to_parquet(path, index=False, compression="zstd")
        back = pd.read_parquet(path)
    if back.shape != frame.shape or list(back.columns) != list(frame.columns):
        raise ExportError(
            f"{path.name}: read back {back.shape} rows and columns, wrote {frame.shape}; is the disk full?"
        )


def _write_json(content: Any, path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    write_atomically(path, (text + "\n").encode("utf-8"))


def _manifest(
    workspace: Workspace, tables: list[ListTables], draft: Path, names: list[str]
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": workspace.name,
        "illustrative": workspace.illustrative,
        "note": workspace.note,
        "vunglom_version": __version__,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "fingerprint": fingerprint(workspace),
        "rules": workspace.rules.of_build(),
        "inputs": [given.as_dict() for given in workspace.inputs],
        "lists": [
            {
                "id": table.id,
                "vintage": table.vintage,
                "level": table.level,
                "units": len(table.communes),
                "folder": _folder(place, table.id).rstrip("/") or ".",
            }
            for place, table in enumerate(tables)
        ],
        "tables": {name: sha256_of(draft / name) for name in names},
    }


def _swap(draft: Path, built: Path) -> None:
    """Put `draft` in the place of `built`; when that fails, the old results are put back."""
    old = built.with_name(f"{ASIDE}{os.getpid()}")
    if built.exists():
        built.rename(old)
    try:
        draft.rename(built)
    except OSError:
        if old.exists():
            old.rename(built)
        raise
    history.keep(built.parent, old)


def recover_built(workspace: Workspace) -> None:
    """Put back the results that a build killed in the middle of its swap set aside, end an undo that was killed, clear drafts."""
    with one_at_a_time(workspace.root, BUILD_LOCK):
        _recover(workspace)


def recover_from_dead(root: Path) -> None:
    """`recover_built` where a process died between old results and new; nothing where it is alive, or there was none."""
    if is_swapping(root) and is_free(root, BUILD_LOCK):
        recover_built(load_workspace(root))


def _recover(workspace: Workspace) -> None:
    """The caller holds the lock, so whatever draft is there belongs to a build that is dead."""
    aside = sorted(workspace.root.glob(f"{ASIDE}*"), key=lambda folder: folder.stat().st_mtime)
    if aside and not workspace.built.exists():
        aside.pop().rename(workspace.built)
    history.finish_undo(workspace.root)
    for folder in aside:
        history.keep(workspace.root, folder)
    for folder in workspace.root.glob(f"{_DRAFT}*"):
        shutil.rmtree(folder, ignore_errors=True)


def fingerprint(workspace: Workspace) -> str:
    """Hex sha256 of everything a build's tables depend on: inputs, rules, name, version of the code."""
    content = {
        "version": __version__,
        "name": workspace.name,
        "illustrative": workspace.illustrative,
        "note": workspace.note,
        "rules": workspace.rules.of_build(),
        "inputs": [given.as_dict() for given in workspace.inputs],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()


def is_current(workspace: Workspace) -> bool:
    """Whether `built/` holds the results of exactly these inputs, rules and code."""
    try:
        manifest = read_manifest(workspace.root)
    except NotBuiltError:
        return False
    # another edition of the same version may have written fewer tables
    whole = {f"{name}.parquet" for name in LIST_TABLES} <= set(manifest["tables"])
    whole = whole and (workspace.built / CONFIG_NAME).is_file()
    return whole and bool(manifest.get("fingerprint") == fingerprint(workspace))
