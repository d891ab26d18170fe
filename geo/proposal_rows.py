"""What the store's rows say, and what SQLite's complaints mean: the part of the store that looks at what is already there."""

import json
import sqlite3
from typing import Any, Final

from geo.proposals import Content, Status, Version
from geo.schema import Technology

_MENDS: Final = {
    "SQLITE_BUSY": "others are at work on it; try again",
    "SQLITE_LOCKED": "others are at work on it; try again",
    "SQLITE_READONLY": "it, or its folder, may not be written to; give yourself the right to",
    "SQLITE_PERM": "it, or its folder, may not be used; give yourself the right to",
    "SQLITE_AUTH": "it, or its folder, may not be used; give yourself the right to",
    "SQLITE_CANTOPEN": "it is no file, or it or its folder may not be used; see what stands there",
    "SQLITE_FULL": "the disk is full; make room and try again",
    "SQLITE_CORRUPT": "it is damaged; set it aside and put a copy of it back",
    "SQLITE_NOTADB": "it is damaged or no store of proposals; set it aside and put a copy of it back",
}
"""What helps, by the name of SQLite's error."""


class UnreadableError(Exception):
    """A version in the file says what no version of this program's format says."""


def mend_of(fault: sqlite3.Error) -> str:
    """What helps against an error of SQLite."""
    name = getattr(fault, "sqlite_errorname", "") or ""
    found = (mend for known, mend in _MENDS.items() if name.startswith(known))
    return next(found, "nothing was changed; see that its disk works, or put a copy of it back")


def version_of(row: tuple[Any, ...]) -> Version:
    """The version that a row holds; raises `UnreadableError` naming it where it holds none."""
    proposal, version, at, who, action, status, text = row
    try:
        said = json.loads(text)
        content = Content(**{**said, "technology": Technology(said["technology"])})
        return Version(proposal, version, at, who, action, Status(status), _require_shapes(content))
    except (ValueError, TypeError, KeyError) as fault:
        raise UnreadableError(f"{proposal} version {version} in it cannot be read ({fault})") from fault


def _require_shapes(content: Content) -> Content:
    """The content itself; raises `TypeError` or `KeyError` where its geometry is no list of features with shapes."""
    if content.kind not in ("areas", "sites") or not content.geometry["features"]:
        raise ValueError(f"{content.kind!r} without features")
    for feature in content.geometry["features"]:
        if not isinstance(feature["geometry"]["coordinates"], list):
            raise TypeError("a feature without coordinates")
    return content
