"""Which workspaces can be opened from the app, and who may change them: as whoever runs it has said, never by a path that a visitor types."""

import ipaddress
import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from geo.workspace import CONFIG_NAME

FOLDERS_VARIABLE: Final = "VUNGLOM_WORKSPACES"
"""Folders of workspaces, set apart as in PATH; new ones are made in the first."""
EDITABLE_VARIABLE: Final = "VUNGLOM_EDITABLE"
"""1 where visitors may change data, 0 where they may not; where nothing is said the address listened on decides."""
_LONGEST_NAME: Final = 60
_MOST_SAME: Final = 1000


def folders_of(served: Path, environment: Mapping[str, str], *, sample: Path, home: Path) -> tuple[Path, ...]:
    """The folders of workspaces: those the environment names, then the one that holds the workspace served.

    `sample`: the bundled workspace. Beside it lies the program, so `vunglom` in `home` stands in for that folder.
    """
    named = [
        Path(part).expanduser().resolve()
        for part in environment.get(FOLDERS_VARIABLE, "").split(os.pathsep)
        if part
    ]
    beside = served.resolve().parent
    own = home / "vunglom" if served.resolve() == sample.resolve() else beside
    return tuple(dict.fromkeys((*named, *(() if named and own != beside else (own,)))))


def find_workspaces(served: Path, folders: tuple[Path, ...]) -> dict[str, Path]:
    """Name in the address → workspace: the one served first, then those of each folder by name.

    A name is its folder's; a second workspace of one name gets `~2` behind it. A folder that cannot be listed has none.
    """
    found = {served.name: served}
    for folder in folders:
        for path in _children(folder):
            if path.resolve() in {known.resolve() for known in found.values()}:
                continue
            found[_free_name(path.name, found)] = path
    return found


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if not path.name.startswith(".") and (path / CONFIG_NAME).is_file()
        )
    except OSError:
        return []


def _free_name(name: str, taken: Mapping[str, Path]) -> str:
    return next(
        one for one in (name, *(f"{name}~{place}" for place in range(2, _MOST_SAME))) if one not in taken
    )


def new_folder(folders: tuple[Path, ...], name: str) -> Path:
    """Where a new workspace of this name goes: a plain folder name in the first folder of workspaces, not yet taken."""
    plain = folder_name(name)
    places = (plain, *(f"{plain}_{place}" for place in range(2, _MOST_SAME)))
    return next(folders[0] / one for one in places if not (folders[0] / one).exists())


def can_make(folders: tuple[Path, ...]) -> bool:
    """Whether a workspace can be made in the first folder of workspaces, which need not be there yet."""
    place = folders[0]
    while not place.exists() and place.parent != place:
        place = place.parent
    return place.is_dir() and os.access(place, os.W_OK)


def folder_name(name: str) -> str:
    """`Bình Phước` → `binh_phuoc`: letters and digits that every system takes, whatever was typed."""
    bare = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    plain = re.sub(r"[^a-z0-9]+", "_", bare.encode("ascii", "ignore").decode().lower()).strip("_")
    # CON, NUL and the like are no names on Windows
    reserved = re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", plain)
    return (f"vung_{plain}" if reserved else plain)[:_LONGEST_NAME].strip("_") or "vung"


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, which no other reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
