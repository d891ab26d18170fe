"""The 3,321 communes and 34 provinces of Vietnam since July 2025, one GeoJSON file each, as a public git repository.

Seen as a stored copy: release notes of v4.1.0, github.com/thanglequoc/vietnamese-provinces-database/releases/tag/v4.1.0
(`json/geojson/{code}_{code_name}/{code}_{code_name}.geojson` and `…/wards/{code}_{code_name}.geojson`; one FeatureCollection
of one Feature per file, properties code, name, nameEn, fullName, fullNameEn, codeName, gisServerId, areaKm2), and the
repository's stored list of 3,355 files. Of the answers' shapes: that a folder's listing ends at 1,000 entries
(github/developer.github.com#726) and that 60 requests an hour need no token (clients' manuals; the whole country takes 36)
were seen; docs.github.com/en/rest/repos/contents#get-repository-content and …/commits/commits#get-a-commit were not found
stored. A listing's `sha` is the git blob's name, so each file is checked against what the repository holds.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from geo.errors import CallError, FetchError
from geo.schema import Level
from geo.sources.table import Source

SOURCE: Final = Source(
    name="vn2025",
    publisher="thanglequoc/vietnamese-provinces-database; geometry: Nhà xuất bản Tài nguyên, Môi trường và Bản đồ Việt Nam",
    licence="MIT (repository); rights in the geometry unclear",
    citation="Vietnamese Provinces Database (github.com/thanglequoc); boundaries: reference map of administrative units of Vietnam",
    addresses={
        "commit": "https://api.github.com/repos/thanglequoc/vietnamese-provinces-database/commits/{ref}",
        "provinces": "https://api.github.com/repos/thanglequoc/vietnamese-provinces-database/contents/json/geojson?ref={commit}",
        "province": "https://api.github.com/repos/thanglequoc/vietnamese-provinces-database/contents/json/geojson/{folder}?ref={commit}",
        "communes": "https://api.github.com/repos/thanglequoc/vietnamese-provinces-database/contents/json/geojson/{folder}/wards?ref={commit}",
        "province_file": "https://raw.githubusercontent.com/thanglequoc/vietnamese-provinces-database/{commit}/json/geojson/{folder}/{file}",
        "commune_file": "https://raw.githubusercontent.com/thanglequoc/vietnamese-provinces-database/{commit}/json/geojson/{folder}/wards/{file}",
    },
)
BRANCH: Final = "master"
VINTAGE: Final = "2026-04"
"""The branch has Đồng Nai as a city and its ten new phường (30 April 2026)."""
OPTIONS: Final = {"code": "code", "label": "fullName", "declared_area": "areaKm2"}
FILES: Final = {Level.COMMUNE: ("communes", "commune_file"), Level.PROVINCE: ("province", "province_file")}


@dataclass(frozen=True)
class Entry:
    """One line of a folder's listing; `blob` is the name git gives the content."""

    name: str
    size: int
    blob: str
    folder: bool


def read_commit(body: bytes) -> tuple[str, str]:
    """(commit, day it was made) of GitHub's answer on a commit."""
    given = _read_json(body, dict, "a commit")
    try:
        commit, day = str(given["sha"]), str(given["commit"]["committer"]["date"])[:10]
    except (KeyError, TypeError) as fault:
        raise FetchError(
            f"the commit's answer has no {fault}; wanted GitHub's answer, or a mirror's copy of it"
        ) from None
    if len(commit) != 40 or set(commit) - set("0123456789abcdef"):
        raise FetchError(f"the commit is {commit[:50]!r}; wanted 40 hexadecimal digits")
    return commit, day


def read_listing(body: bytes) -> list[Entry]:
    """The entries of GitHub's listing of a folder, by name; raises `FetchError` for a name that is a path."""
    entries = []
    for given in _read_json(body, list, "a folder's listing"):
        try:
            entry = Entry(str(given["name"]), int(given["size"]), str(given["sha"]), given["type"] == "dir")
        except (KeyError, TypeError, ValueError) as fault:
            raise FetchError(
                f"a listing's entry has no usable {fault}; wanted name, size, sha and type"
            ) from None
        # the name becomes a file name on this disk
        if not entry.name or set(entry.name) & set('/\\:"*?<>|\0') or entry.name.startswith("."):
            raise FetchError(f"a listing names the file {entry.name!r}; wanted a plain name")
        entries.append(entry)
    return sorted(entries, key=lambda entry: entry.name)


def _read_json(body: bytes, kind: type, what: str) -> Any:
    try:
        given = json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        raise FetchError(f"what came is not {what} ({fault}); check the address or the mirror") from None
    if not isinstance(given, kind):
        told = given.get("message", "") if isinstance(given, dict) else ""
        raise FetchError(
            f"what came is not {what} ({str(told)[:200] or type(given).__name__}); check the address or the mirror"
        )
    return given


def choose_province(entries: Sequence[Entry], wanted: str) -> str:
    """The folder of a province given by code (75) or name (Đồng Nai, tỉnh Đồng Nai, dong_nai); raises `CallError` with the choices."""
    folders = [entry.name for entry in entries if entry.folder]
    # the folders are named without the kind, people often say it
    plain = re.sub(r"^(tinh|thanh_pho|tp\.?)_(?=.)", "", plain_name(wanted))
    found = [name for name in folders if plain in (name, *name.split("_", 1))]
    if len(found) != 1:
        raise CallError(f"no province {wanted!r}; there are {', '.join(folders)}")
    return found[0]


def plain_name(text: str) -> str:
    """`Đồng Nai` → `dong_nai`, the way folders are named."""
    letters = unicodedata.normalize("NFD", text.strip().lower().replace("đ", "d"))
    return "_".join("".join(c for c in letters if not unicodedata.combining(c)).replace("-", " ").split())


def chosen_files(entries: Sequence[Entry]) -> list[Entry]:
    """The GeoJSON files of a listing; raises `FetchError` where there is none."""
    files = [entry for entry in entries if not entry.folder and entry.name.endswith(".geojson")]
    if not files:
        raise FetchError(
            "the listing holds no .geojson file; the repository was rearranged, or the mirror is incomplete"
        )
    return files
