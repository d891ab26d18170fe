"""What a build left under `built/`, read back whole."""

import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo.errors import NotBuiltError
from geo.files import sha256_of
from geo.own_parts import table_vintages

LIST_TABLES: Final = (
    "communes", "goals", "coverage_by_operator", "speed_by_quarter", "sensitivity", "indicators", "contradictions",
)  # fmt: skip
"""Tables that every list of units has."""
OPTIONAL_TABLES: Final = ("coverage_areas.parquet", "places.parquet", "sites.parquet")
"""Tables that are there when their input is."""
FORMAT: Final = 1
"""Version of the layout of `built/` and of `workspace.toml`."""
_MANIFEST_TYPES: Final = {
    "format": int, "name": str, "illustrative": bool, "note": str, "vunglom_version": str, "built_at": str,
    "rules": dict, "inputs": list, "lists": list, "tables": dict,
}  # fmt: skip
_LIST_ID: Final = re.compile(r"^[0-9a-z-]+$")
_READ_ATTEMPTS: Final = 3
ASIDE: Final = ".built-old-"
"""How the folder begins that holds the results while new ones take their place."""
UNDO_JOURNAL: Final = PurePosixPath(".history", "undo.json")
_SWAP_SECONDS: Final = 0.5


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
    sensitivity: pd.DataFrame = field(default_factory=pd.DataFrame)
    indicators: pd.DataFrame = field(default_factory=pd.DataFrame)
    contradictions: pd.DataFrame = field(default_factory=pd.DataFrame)
    own_tables: dict[str, str] = field(default_factory=dict)
    """Name of each own indicator → the vintage that its table is of."""


@dataclass(frozen=True)
class Built:
    """Everything under `built/`, read only."""

    manifest: dict[str, Any]
    quality: list[dict[str, Any]]
    lists: dict[str, UnitList]
    coverage_areas: gpd.GeoDataFrame | None
    places: gpd.GeoDataFrame | None
    sites: gpd.GeoDataFrame | None = None

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


def read_manifest(root: Path) -> dict[str, Any]:
    """What `root/built/manifest.json` says; raises `NotBuiltError` when there is none or it is not a build's."""
    path = root / "built" / "manifest.json"
    _outwait_swap(root, path)
    manifest = _read_json(root, path)
    faults = _manifest_faults(manifest)
    if faults:
        raise NotBuiltError(f"{path}: {'; '.join(faults)}; run `vunglom build {root}` again")
    return dict(manifest)


def is_swapping(root: Path) -> bool:
    """Whether results are being exchanged, or were when the process that did it died."""
    return (root / UNDO_JOURNAL).is_file() or any(root.glob(f"{ASIDE}*"))


def _outwait_swap(root: Path, manifest: Path) -> None:
    """Between the old results and the new lies a moment without any: nobody has to hear of it."""
    end = time.monotonic() + _SWAP_SECONDS
    while not manifest.is_file() and is_swapping(root) and time.monotonic() < end:
        time.sleep(0.01)


def require_whole(folder: Path) -> None:
    """Raise `NotBuiltError` unless a folder holds results, every table as its build wrote it."""
    manifest = _read_json(folder, folder / "manifest.json")
    if faults := _manifest_faults(manifest):
        raise NotBuiltError(f"{folder}: {'; '.join(faults)}; its results cannot be used")
    _require_tables(folder, folder, manifest)


def _read_json(root: Path, path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise NotBuiltError(f"{root}: not built yet; run `vunglom build {root}` first") from fault
    except (OSError, ValueError, RecursionError) as fault:
        raise NotBuiltError(f"{path}: cannot be read ({fault}); run `vunglom build {root}` again") from fault


def _manifest_faults(manifest: Any) -> list[str]:
    """Ways in which a manifest is not what a build writes: labels and folders must never be guessed from it."""
    if not isinstance(manifest, dict):
        return ["is no JSON object"]
    faults = [
        f"{name} is {manifest.get(name)!r:.60}, wanted {kind.__name__}"
        for name, kind in _MANIFEST_TYPES.items()
        if type(manifest.get(name)) is not kind
    ]
    if faults:
        return faults
    if manifest["format"] != FORMAT:
        faults.append(f"format is {manifest['format']}, this version reads {FORMAT}")
    faults += [f"an input is {given!r:.60}" for given in manifest["inputs"] if not _is_input(given)]
    for entry in manifest["lists"]:
        texts = entry if isinstance(entry, dict) else {}
        whole = all(isinstance(texts.get(name), str) for name in ("id", "vintage", "level", "folder"))
        # a folder is where `geo.store` puts it and nowhere else
        if (
            not whole
            or texts["folder"] not in (".", f"lists/{texts['id']}")
            or not _LIST_ID.match(texts["id"])
        ):
            faults.append(f"a list of units is {entry!r:.80}")
    return faults if manifest["lists"] else [*faults, "it has no list of units"]


def _is_input(given: Any) -> bool:
    """Whether an entry of the inputs has what everybody asks of it: sources stand under every figure."""
    if not isinstance(given, dict):
        return False
    files = given.get("files")
    texts = all(isinstance(value, str) for name, value in given.items() if name not in ("files", "options"))
    whole = isinstance(files, list) and all(
        isinstance(file, dict) and all(isinstance(file.get(name), str) for name in ("path", "name", "sha256"))
        for file in files
    )
    return "kind" in given and texts and whole and isinstance(given.get("options"), dict)


def _read_built(root: Path) -> Built:
    folder = root / "built"
    manifest = read_manifest(root)
    quality = _read_json(root, folder / "quality.json")
    if not isinstance(quality, list) or not all(isinstance(finding, dict) for finding in quality):
        raise NotBuiltError(
            f"{folder / 'quality.json'}: is no list of findings; run `vunglom build {root}` again"
        )
    _require_tables(root, folder, manifest)
    own_tables = table_vintages(manifest["inputs"])
    return Built(
        manifest=manifest,
        quality=quality,
        lists={entry["id"]: _read_list(folder, entry, own_tables) for entry in manifest["lists"]},
        coverage_areas=_read_optional(folder / "coverage_areas.parquet", manifest),
        places=_read_optional(folder / "places.parquet", manifest),
        sites=_read_optional(folder / "sites.parquet", manifest),
    )


def _require_tables(root: Path, folder: Path, manifest: dict[str, Any]) -> None:
    """Every table is there and has the bytes that its build wrote: a figure that was edited cannot be traced."""
    wanted = {
        str(PurePosixPath(entry["folder"], f"{name}.parquet"))
        for entry in manifest["lists"]
        for name in LIST_TABLES
    }
    faults = [f"{name} is not in the manifest" for name in sorted(wanted - set(manifest["tables"]))]
    for name in sorted(wanted | ({*OPTIONAL_TABLES} & set(manifest["tables"]))):
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif name in manifest["tables"] and sha256_of(path) != manifest["tables"][name]:
            faults.append(f"{name} is not what was built")
    if faults:
        raise NotBuiltError(f"{folder}: {'; '.join(faults)}; run `vunglom build {root}` again")


def _read_list(folder: Path, entry: dict[str, Any], own_tables: dict[str, str]) -> UnitList:
    place = folder / entry["folder"]
    return UnitList(
        id=entry["id"],
        vintage=entry["vintage"],
        level=entry["level"],
        result=gpd.read_parquet(place / "communes.parquet"),
        goals=pd.read_parquet(place / "goals.parquet"),
        coverage=pd.read_parquet(place / "coverage_by_operator.parquet"),
        speed=pd.read_parquet(place / "speed_by_quarter.parquet"),
        sensitivity=pd.read_parquet(place / "sensitivity.parquet"),
        indicators=pd.read_parquet(place / "indicators.parquet"),
        contradictions=pd.read_parquet(place / "contradictions.parquet"),
        own_tables=own_tables,
    )


def _read_optional(path: Path, manifest: dict[str, Any]) -> gpd.GeoDataFrame | None:
    return gpd.read_parquet(path) if path.name in manifest["tables"] else None
