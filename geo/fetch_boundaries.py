"""Boundaries from one of four publishers, of the provinces asked for."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import shapely

from geo import confined, read
from geo.download import Wanted
from geo.errors import CallError, FetchError, InputError
from geo.fetch import Job, Outcome, add_boundaries, provenance_of, short_hash
from geo.fetch_sources import ask_overpass
from geo.files import sha256_of
from geo.schema import Level, Vintage
from geo.sources import gadm, geoboundaries, osm, vn2025
from geo.sources.table import Source, require_text
from geo.workspace import Provenance


class Publisher(StrEnum):
    """Who the boundaries come from."""

    VN2025 = "vn2025"
    GEOBOUNDARIES = "geoboundaries"
    GADM = "gadm"
    OSM = "osm"


@dataclass(frozen=True)
class Choice:
    """Which boundaries: publisher, country (three letters), level in the publisher's words, provinces (none: all).

    `region` and `admin_level` are OpenStreetMap's. `vintage` and `unit_level` say what the units are where the
    publisher does not; `name` is the workspace's if it is new.
    """

    publisher: Publisher
    country: str = "VNM"
    level: str = ""
    provinces: tuple[str, ...] = ()
    region: str = ""
    admin_level: int = 0
    vintage: Vintage | None = None
    unit_level: Level | None = None
    name: str = ""


_LEVEL_OF_ADM: Final = {0: Level.PROVINCE, 1: Level.PROVINCE, 2: Level.DISTRICT}


def fetch_boundaries(job: Job, choice: Choice) -> Outcome:
    """Fetch the boundaries and make the workspace with them, or add them to it."""
    ways = {
        Publisher.VN2025: _from_vn2025,
        Publisher.GEOBOUNDARIES: _from_geoboundaries,
        Publisher.GADM: _from_gadm,
        Publisher.OSM: _from_osm,
    }
    found = ways[choice.publisher](job, choice)
    options = {
        **found.columns,
        "vintage": str(choice.vintage or found.vintage),
        "level": str(choice.unit_level or found.level),
    }
    name = choice.name or ", ".join(choice.provinces) or choice.region or choice.country
    units = add_boundaries(job, found.files, options, found.provenance, name)
    notes = (f"{units} units of vintage {options['vintage']}, level {options['level']}", *found.notes)
    return Outcome("boundaries", found.files, found.provenance.publisher, found.provenance.licence, notes)


@dataclass(frozen=True)
class _Found:
    files: tuple[Path, ...]
    columns: dict[str, str]
    vintage: Vintage
    level: Level
    provenance: Provenance
    notes: tuple[str, ...] = ()


def _from_vn2025(job: Job, choice: Choice) -> _Found:
    source = vn2025.SOURCE
    level = Level(
        require_text(choice.level or "commune", "commune|province", "--level", "commune or province")
    )
    commit, day = vn2025.read_commit(job.text(source.address("commit", job.mirrors, ref=vn2025.BRANCH)))
    listing = vn2025.read_listing(job.text(source.address("provinces", job.mirrors, commit=commit)))
    folders = [vn2025.choose_province(listing, wanted) for wanted in choice.provinces] or [
        entry.name for entry in listing if entry.folder
    ]
    files: list[Path] = []
    for folder in folders:
        files += _files_of_folder(job, source, level, commit, folder)
    known = Provenance(
        source.publisher,
        source.licence,
        day,
        f"{source.citation}. Commit {commit}",
        source.address("provinces", job.mirrors, commit=commit).shown,
    )
    return _Found(tuple(files), dict(vn2025.OPTIONS), Vintage(vn2025.VINTAGE), level, known)


def _files_of_folder(job: Job, source: Source, level: Level, commit: str, folder: str) -> list[Path]:
    which, file = vn2025.FILES[level]
    entries = vn2025.read_listing(job.text(source.address(which, job.mirrors, commit=commit, folder=folder)))
    found = []
    for entry in vn2025.chosen_files(entries):
        address = source.address(file, job.mirrors, commit=commit, folder=folder, file=entry.name)
        wanted = Wanted(address, size=entry.size, digest=f"git:{entry.blob}", check=_check_geojson)
        found.append(job.file(wanted, source.name, commit[:12], folder, entry.name)[0])
    return found


def _check_geojson(path: Path) -> None:
    try:
        document = json.loads(path.read_bytes())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        raise InputError(f"not whole GeoJSON: {fault}") from None
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise InputError("not a GeoJSON FeatureCollection")


def _adm_number(choice: Choice) -> int:
    text = require_text((choice.level or "ADM3").upper(), "(ADM)?[0-5]", "--level", "ADM3")
    return int(text[-1])


def _from_geoboundaries(job: Job, choice: Choice) -> _Found:
    number = _adm_number(choice)
    path, about, known = _geoboundaries_file(job, choice.country, number)
    files, notes = (path,), (f"the outlines are of {about.year}",)
    if choice.provinces:
        provinces, _, _ = _geoboundaries_file(job, choice.country, 1)
        kept = _inside_provinces(path, provinces, choice.provinces)
        key = short_hash(json.dumps([*choice.provinces, known.address]))
        files = (job.derived(kept, geoboundaries.SOURCE.name, f"{choice.country}-ADM{number}-{key}.geojson"),)
        known = replace(known, made_from=f"{path.name} sha256:{sha256_of(path)}")
    level = _LEVEL_OF_ADM.get(number, Level.COMMUNE)
    return _Found(files, dict(geoboundaries.OPTIONS), Vintage.OTHER, level, known, notes)


def _geoboundaries_file(job: Job, country: str, number: int) -> tuple[Path, geoboundaries.About, Provenance]:
    source = geoboundaries.SOURCE
    country = require_text(country, "[A-Z]{3}", "the country", "VNM")
    level = geoboundaries.LEVELS[number]
    answer = job.text(source.address("about", job.mirrors, country=country, level=level))
    about = geoboundaries.read_about(answer, country, level)
    address = source.address("files", job.mirrors)
    rest = about.url.removeprefix(source.addresses["files"])
    wanted = Wanted(type(address)(address.url + rest), check=_check_geojson)
    # the address holds the commit, so another build is another file
    path, record = job.file(wanted, source.name, short_hash(about.url), rest.rpartition("/")[2])
    more = f"Source of the file: {about.source}" if about.source else ""
    return path, about, provenance_of(source, record, date=about.day, licence=about.licence, more=more)


def _inside_provinces(units: Path, provinces: Path, wanted: Sequence[str]) -> dict[str, Any]:
    """The features of a file whose inner point lies in one of the named provinces of another."""
    whole = confined.read_polygons(provinces).frame
    read.require_columns(whole, [geoboundaries.OPTIONS["label"]], provinces.name)
    names = whole[geoboundaries.OPTIONS["label"]].astype(str)
    plain = names.map(vn2025.plain_name)
    missing = [name for name in wanted if vn2025.plain_name(name) not in set(plain)]
    if missing:
        raise CallError(f"no province {', '.join(missing)}; there are {', '.join(sorted(names))}")
    region = shapely.union_all(
        whole.geometry[plain.isin([vn2025.plain_name(name) for name in wanted])].to_numpy()
    )
    frame = confined.read_polygons(units).frame
    inside = shapely.covers(region, shapely.point_on_surface(frame.geometry.to_numpy()))
    kept = set(frame["file_row"][inside])
    document = json.loads(units.read_text(encoding="utf-8-sig"))
    features = [one for row, one in enumerate(document["features"], start=1) if row in kept]
    return {"type": "FeatureCollection", "features": features}


def _from_gadm(job: Job, choice: Choice) -> _Found:
    source, number = gadm.SOURCE, _adm_number(choice)
    if number == 0 and choice.provinces:
        raise CallError("level ADM0 has no provinces to choose from; leave --province out")
    country = require_text(choice.country, "[A-Z]{3}", "the country", "VNM")
    address = source.address("units" if number else "country", job.mirrors, country=country, level=number)
    wanted = Wanted(address, check=lambda path: gadm.check(path, number))
    path, record = job.file(wanted, source.name, address.url.rpartition("/")[2])
    kept = gadm.read_units(path, number, choice.provinces)
    key = short_hash(json.dumps(sorted(choice.provinces)))
    cut = job.derived(kept, source.name, f"{country}-{number}-{key}.geojson")
    notes = (
        "GADM may be used for academic and other non-commercial work only",
        "GADM publishes names without spaces; they were put back before capitals (name_published keeps the original)",
    )
    columns = _present(gadm.OPTIONS, kept["features"])
    level = _LEVEL_OF_ADM.get(number, Level.COMMUNE)
    known = provenance_of(source, record, date=gadm.DAY, made_from=[record])
    return _Found((cut,), columns, Vintage.OTHER, level, known, notes)


def _present(options: dict[str, str], features: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The options whose column holds anything at all."""
    return {
        option: column
        for option, column in options.items()
        if option in ("code", "label") or any(one["properties"].get(column) for one in features)
    }


def _from_osm(job: Job, choice: Choice) -> _Found:
    if not choice.region or not choice.admin_level:
        raise CallError(
            "--from osm needs --region (VN-39, or a relation's id) and --admin-level (6 for communes of Vietnam)"
        )
    query = osm.boundaries_query(choice.region, choice.admin_level)
    given, record, key = ask_overpass(job, query)
    units = osm.read_boundaries(given, choice.region)
    nameless = [one["properties"]["code"] for one in units["features"] if not one["properties"]["name"]]
    if nameless:
        raise FetchError(
            f"OpenStreetMap has outlines without a name (relations {', '.join(nameless[:10])}); name them there, or use another source"
        )
    path = job.derived(units, osm.SOURCE.name, f"boundaries-{key}.geojson")
    level = Level.PROVINCE if choice.admin_level <= 4 else Level.COMMUNE
    known = provenance_of(osm.SOURCE, record, date=osm.answer_day(given), made_from=[record])
    notes = ("the codes are OpenStreetMap's relation ids, not official ones",)
    return _Found((path,), dict(osm.OPTIONS), Vintage.OTHER, level, known, notes)
