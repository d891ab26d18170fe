"""The real files beside the project, and small hand-made answers, under the paths their publishers use."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fault_server import Site

COMMIT = "0123456789abcdef0123456789abcdef01234567"
VN_API = "/repos/thanglequoc/vietnamese-provinces-database"
VN_RAW = f"/thanglequoc/vietnamese-provinces-database/{COMMIT}/json/geojson"
GB_FILES = "/wmgeolab/geoBoundaries/raw/9469f09/releaseData/gbOpen"


def use_mirror(monkeypatch: pytest.MonkeyPatch, site: Site, *names: str) -> None:
    for name in names:
        monkeypatch.setenv(f"VUNGLOM_MIRROR_{name.upper()}", site.url)


def git_blob(content: bytes) -> str:
    """The name git gives a content, as `git hash-object` prints it."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _entry(name: str, content: bytes | None) -> dict[str, Any]:
    return {
        "name": name,
        "path": f"json/geojson/{name}",
        "sha": git_blob(content or b""),
        "size": len(content or b""),
        "type": "dir" if content is None else "file",
        "download_url": None if content is None else f"https://raw.githubusercontent.com/{name}",
    }


def add_commit(site: Site, provinces: Sequence[str]) -> None:
    """The branch's commit and the list of provinces, as api.github.com answers."""
    site.add(
        f"{VN_API}/commits/master",
        {
            "sha": COMMIT,
            "commit": {"committer": {"name": "GitHub", "date": "2026-08-02T12:03:11Z"}, "message": "data"},
        },
    )
    site.add(f"{VN_API}/contents/json/geojson?ref={COMMIT}", [_entry(name, None) for name in provinces])


def add_province(site: Site, folder: str, communes: dict[str, bytes], province: bytes = b"") -> None:
    """One province's files and their listings."""
    listed = [_entry(name, content) for name, content in communes.items()]
    site.add(f"{VN_API}/contents/json/geojson/{folder}/wards?ref={COMMIT}", listed)
    for name, content in communes.items():
        site.add(f"{VN_RAW}/{folder}/wards/{name}", content)
    if province:
        name = f"{folder}.geojson"
        site.add(
            f"{VN_API}/contents/json/geojson/{folder}?ref={COMMIT}",
            [_entry("wards", None), _entry(name, province)],
        )
        site.add(f"{VN_RAW}/{folder}/{name}", province)


def add_dong_nai(site: Site, real: Path) -> None:
    """The 95 raw commune files and the province file as published."""
    folder = real / "vn2025" / "dong_nai"
    add_commit(site, ["01_ha_noi", "75_dong_nai", "79_ho_chi_minh"])
    files = {path.name: path.read_bytes() for path in sorted((folder / "wards").glob("*.geojson"))}
    add_province(site, "75_dong_nai", files, (folder / "75_dong_nai.geojson").read_bytes())


def add_ookla(site: Site, real: Path) -> None:
    """Every tile file of the real data."""
    root = real / "ookla"
    for path in sorted(root.rglob("*.parquet")):
        site.add("/" + path.relative_to(root).as_posix(), path)


def geoboundaries_about(country: str, level: str, **changes: Any) -> dict[str, Any]:
    """An answer of the API as www.geoboundaries.org/api.html describes it."""
    file = f"geoBoundaries-{country}-{level}"
    base = f"https://github.com{GB_FILES}/{country}/{level}/{file}"
    return {
        "boundaryID": f"{country}-{level}-61241331", "boundaryName": "Puerto Rico", "boundaryISO": country,
        "boundaryYearRepresented": "2018", "boundaryType": level, "boundaryCanonical": "Unknown",
        "boundarySource": "United States Census Bureau", "boundaryLicense": "Public Domain", "licenseDetail": "nan",
        "licenseSource": "www.census.gov", "sourceDataUpdateDate": "Thu Jan 19 07:31:04 2023",
        "buildDate": "Dec 12, 2023", "Continent": "Latin America and the Caribbean", "UNSDG-region": "Caribbean",
        "UNSDG-subregion": "Caribbean", "worldBankIncomeGroup": "High-income", "admUnitCount": "78",
        "meanVertices": "25.0", "minVertices": "5", "maxVertices": "120", "meanPerimeterLengthKM": "60.1",
        "maxPerimeterLengthKM": "160.2", "minPerimeterLengthKM": "20.3", "meanAreaSqKM": "115.2",
        "minAreaSqKM": "12.5", "maxAreaSqKM": "326.1", "staticDownloadLink": f"{base}-all.zip",
        "gjDownloadURL": f"{base}.geojson", "tjDownloadURL": f"{base}.topojson",
        "imagePreview": f"{base}-PREVIEW.png", "simplifiedGeometryGeoJSON": f"{base}_simplified.geojson",
        **changes,
    }  # fmt: skip


def add_geoboundaries(
    site: Site, country: str, level: str, units: Sequence[tuple[str, Any]], **changes: Any
) -> None:
    """A country and level: the API's answer and the file, from names and GeoJSON geometries."""
    site.add(f"/api/current/gbOpen/{country}/{level}/", geoboundaries_about(country, level, **changes))
    features = [
        {
            "type": "Feature",
            "properties": {
                "shapeName": name, "shapeISO": "", "shapeID": f"{number:08}B{country}", "shapeGroup": country,
                "shapeType": level,
            },
            "geometry": geometry,
        }
        for number, (name, geometry) in enumerate(units, start=1)
    ]  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    document = {"type": "FeatureCollection", "crs": crs, "features": features}
    site.add(f"{GB_FILES}/{country}/{level}/geoBoundaries-{country}-{level}.geojson", document)


def add_puerto_rico(site: Site, real: Path) -> None:
    """The 78 municipios in the shape that geoBoundaries gives ADM1 of Puerto Rico."""
    given = json.loads((real / "puerto_rico" / "municipios.geojson").read_bytes())
    units = [(one["properties"]["NAME"], one["geometry"]) for one in given["features"]]
    add_geoboundaries(site, "PRI", "ADM1", units)
