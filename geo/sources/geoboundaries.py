"""geoBoundaries (William & Mary geoLab): administrative units of every country, one file per country and level.

Seen as a stored copy: www.geoboundaries.org/api.html ("API Access to geoBoundaries":
/api/current/[RELEASE-TYPE]/[3-LETTER-ISO-CODE]/[BOUNDARY-TYPE]/; gbOpen is "CC-BY 4.0 compliant", but each file has a
boundaryLicense of its own, which is what goes on record; boundarySource, boundaryYearRepresented, buildDate, gjDownloadURL …).
Files: repository wmgeolab/geoBoundaries, github.com/wmgeolab/geoBoundaries/raw/9469f09/releaseData/gbOpen/… at the time of
writing; properties shapeName, shapeISO, shapeID, shapeGroup, shapeType. Which levels there are of Vietnam was not found.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from geo.errors import FetchError
from geo.sources.table import Source

SOURCE: Final = Source(
    name="geoboundaries",
    publisher="geoBoundaries, William & Mary geoLab",
    licence="CC BY 4.0 (gbOpen); the file's own source may ask for more",
    citation="Runfola D. et al. (2020) geoBoundaries: A global database of political administrative boundaries. PLoS ONE 15(4): e0231866",
    addresses={
        "about": "https://www.geoboundaries.org/api/current/gbOpen/{country}/{level}/",
        # gjDownloadURL of the answer must begin like this; the rest of it is a path in the repository
        "files": "https://github.com/wmgeolab/geoBoundaries/raw/",
    },
)
LEVELS: Final = ("ADM0", "ADM1", "ADM2", "ADM3", "ADM4", "ADM5")
OPTIONS: Final = {"code": "shapeID", "label": "shapeName"}
_PATH: Final = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+\.geojson")


@dataclass(frozen=True)
class About:
    """What geoBoundaries says of one country and level; `day` is the build's, ISO, empty if it is not readable."""

    url: str
    licence: str
    source: str
    year: str
    day: str


def read_about(body: bytes, country: str, level: str) -> About:
    """Check the API's answer; raises `FetchError` when it is another country's, or leads to another publisher."""
    try:
        given = json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        raise FetchError(
            f"geoBoundaries has no {level} of {country}, or the address is wrong: its answer is not JSON ({fault})"
        ) from None
    if not isinstance(given, dict) or not isinstance(given.get("gjDownloadURL"), str):
        raise FetchError(
            f"geoBoundaries' answer on {country} {level} has no gjDownloadURL; check the country's three letters and the level"
        )
    if (given.get("boundaryISO"), given.get("boundaryType")) != (country, level):
        raise FetchError(
            f"geoBoundaries answered on {given.get('boundaryISO')} {given.get('boundaryType')} when asked for {country} {level}; nothing was fetched"
        )
    return About(
        _require_own(given["gjDownloadURL"]),
        _text(given, "boundaryLicense") or SOURCE.licence,
        _text(given, "boundarySource"),
        _text(given, "boundaryYearRepresented"),
        _day(_text(given, "buildDate")),
    )


def _text(given: dict[str, Any], name: str) -> str:
    return " ".join(str(given.get(name) or "").split())[:300]


def _require_own(url: str) -> str:
    base = SOURCE.addresses["files"]
    rest = url.removeprefix(base)
    # an answer must not send the program to other hosts
    if not url.startswith(base) or not _PATH.fullmatch(rest) or ".." in rest:
        raise FetchError(
            f"geoBoundaries' answer leads to {url[:200]!r}; wanted an address that begins with {base}"
        )
    return url


def _day(text: str) -> str:
    """`Jan 05, 2023` or `Dec 12, 2023` → `2023-01-05`."""
    try:
        return datetime.strptime(text, "%b %d, %Y").date().isoformat()
    except ValueError:
        return ""
