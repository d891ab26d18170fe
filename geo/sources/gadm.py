"""GADM 4.1: administrative units of every country and level; free for academic and other non-commercial use only.

Seen as stored copies: gadm.org/data.html (4.1 is the current version, of 16 July 2022; "freely available for academic use and
other non-commercial use. Redistribution, or commercial use is not allowed without prior permission") and
gadm.org/metadata.html (GID_n, NAME_n, VARNAME_n, NL_NAME_n, TYPE_n, ENGTYPE_n, CC_n, HASC_n). Not found stored:
gadm.org/download_country.html and license.html; the addresses (gadm41_VNM_0.json, zipped gadm41_VNM_1.json.zip to _3) are
those that public programs ask. In the GeoJSON edition names have lost their spaces (`AnGiang`) and a missing text is "NA".
"""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from geo.archive import read_member
from geo.errors import CallError, InputError
from geo.sources.table import Source
from geo.sources.vn2025 import plain_name

SOURCE: Final = Source(
    name="gadm",
    publisher="GADM",
    licence="GADM licence: academic and other non-commercial use; no redistribution without permission",
    citation="Database of Global Administrative Areas (GADM), version 4.1, 16 July 2022, gadm.org",
    addresses={
        "country": "https://geodata.ucdavis.edu/gadm/gadm4.1/json/gadm41_{country}_0.json",
        "units": "https://geodata.ucdavis.edu/gadm/gadm4.1/json/gadm41_{country}_{level}.json.zip",
    },
)
DAY: Final = "2022-07-16"
OPTIONS: Final = {
    "code": "code",
    "label": "name",
    "kind": "kind",
    "province_code": "province_code",
    "province_name": "province_name",
}
LARGEST_TEXT_BYTES: Final = 512 * 1024**2
_MISSING: Final = "NA"


def read_units(path: Path, level: int, provinces: tuple[str, ...] = ()) -> dict[str, Any]:
    """A FeatureCollection with `code`, `name`, `kind`, province columns, of the chosen provinces (all when none).

    `name` has its spaces put back where a capital follows a small letter; `name_published` is as published. Raises
    `InputError` when the file is not what GADM documents, `CallError` naming the provinces there are.
    """
    document = _read_document(path, level)
    features = [_feature(given, level) for given in document["features"]]
    return {"type": "FeatureCollection", "features": _choose(features, provinces)}


def check(path: Path, level: int) -> None:
    """Raise `InputError` unless the file is whole and of this level."""
    _read_document(path, level)


def _read_document(path: Path, level: int) -> dict[str, Any]:
    try:
        document = json.loads(_text_of(path))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        raise InputError(f"{path.name}: is not GADM's GeoJSON ({fault})") from None
    features = document.get("features") if isinstance(document, dict) else None
    key = f"GID_{level}"
    if not isinstance(features, list) or not features:
        raise InputError(f"{path.name}: holds no features; wanted GADM's GeoJSON of level {level}")
    if not all(isinstance(f, dict) and isinstance(f.get("properties"), dict) and f["properties"].get(key) for f in features):  # fmt: skip
        raise InputError(f"{path.name}: a feature has no {key}; wanted GADM's GeoJSON of level {level}")
    return {"features": features}


def _text_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"PK"
    return read_member(path, ".json", largest=LARGEST_TEXT_BYTES) if zipped else path.read_bytes()


def _feature(given: dict[str, Any], level: int) -> dict[str, Any]:
    known = given["properties"]
    published = _known(known.get(f"NAME_{level}") or known.get("COUNTRY"))
    ours = {
        "code": str(known[f"GID_{level}"]),
        "name": put_spaces_back(published) if published else None,
        "name_published": published,
        "kind": _known(known.get(f"TYPE_{level}")),
        "province_code": _known(known.get("GID_1")),
        "province_name": put_spaces_back(_known(known.get("NAME_1")) or "") or None,
    }
    return {"type": "Feature", "properties": ours, "geometry": given.get("geometry")}


def _known(value: Any) -> str | None:
    return None if value in (None, "", _MISSING) else str(value)


def put_spaces_back(name: str) -> str:
    """`BìnhPhước` → `Bình Phước`: a space before each capital that follows a small letter."""
    words = [name[:1]]
    for before, letter in pairwise(name):
        words.append(f" {letter}" if letter.isupper() and before.islower() else letter)
    return "".join(words)


def _choose(features: list[dict[str, Any]], provinces: tuple[str, ...]) -> list[dict[str, Any]]:
    if not provinces:
        return features
    named = {
        _squeeze(str(f["properties"]["province_name"])): f["properties"]["province_name"] for f in features
    }
    codes = {f["properties"]["province_code"] for f in features}
    wrong = [wanted for wanted in provinces if _squeeze(wanted) not in named and wanted not in codes]
    if wrong:
        raise CallError(
            f"no province {', '.join(wrong)}; there are {', '.join(sorted(map(str, named.values())))}"
        )
    wanted = {_squeeze(name) for name in provinces}
    return [
        f
        for f in features
        if _squeeze(str(f["properties"]["province_name"])) in wanted
        or f["properties"]["province_code"] in provinces
    ]


def _squeeze(name: str) -> str:
    return plain_name(name).replace("_", "")
