"""Addresses and parsers against answers of exactly the shape the publishers document, made by hand and small."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.errors import CallError, FetchError, InputError, VunglomError
from geo.schema import Network
from geo.sources import gadm, geoboundaries, ghspop, ookla, opencellid, osm, vn2025, worldpop
from geo.sources.table import mirror_of, require_text
from tests.files import write_raster
from tests.mirror import COMMIT, geoboundaries_about

SOURCES = [vn2025.SOURCE, geoboundaries.SOURCE, gadm.SOURCE, osm.SOURCE, ookla.SOURCE, opencellid.SOURCE, worldpop.SOURCE, ghspop.SOURCE]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_source_says_whose_it_is_and_is_asked_over_https(source: Any) -> None:
    assert source.publisher
    assert source.licence
    assert source.citation
    assert all(url.startswith("https://") for url in source.addresses.values())


def test_published_addresses() -> None:
    # each as the publisher's page writes it
    assert ookla.tiles_address(Network.MOBILE, "2020Q1", {}).url == (
        "https://ookla-open-data.s3.amazonaws.com/parquet/performance/type=mobile/year=2020/quarter=1/2020-01-01_performance_mobile_tiles.parquet"
    )
    assert geoboundaries.SOURCE.address("about", {}, country="VNM", level="ADM3").url == (
        "https://www.geoboundaries.org/api/current/gbOpen/VNM/ADM3/"
    )
    assert gadm.SOURCE.address("units", {}, country="VNM", level=3).url == (
        "https://geodata.ucdavis.edu/gadm/gadm4.1/json/gadm41_VNM_3.json.zip"
    )
    name = worldpop.file_name("MDG", 2025)
    assert worldpop.SOURCE.address("country", {}, year=2025, country="MDG", file=name).url == (
        "https://data.worldpop.org/GIS/Population/Global_2015_2030/R2025A/2025/MDG/v1/100m/constrained/mdg_pop_2025_CN_100m_R2025A_v1.tif"
    )
    cells = opencellid.SOURCE.address("country", {}, secrets={"token": "pk.abc"}, mcc="452")
    assert cells.url == "https://opencellid.org/ocid/downloads?token=pk.abc&type=mcc&file=452.csv.gz"
    assert cells.shown == "https://opencellid.org/ocid/downloads?token=***&type=mcc&file=452.csv.gz"


def test_a_value_cannot_leave_its_place_in_an_address() -> None:
    url = gadm.SOURCE.address("units", {}, country="../../x?y#z", level=3).url
    assert url == "https://geodata.ucdavis.edu/gadm/gadm4.1/json/gadm41_..%2F..%2Fx%3Fy%23z_3.json.zip"


def test_a_mirror_stands_for_scheme_and_host(monkeypatch: pytest.MonkeyPatch) -> None:
    mirrors = {"gadm": "http://proxy.office:8080/open/gadm/"}
    assert gadm.SOURCE.address("country", mirrors, country="VNM").url == (
        "http://proxy.office:8080/open/gadm/gadm/gadm4.1/json/gadm41_VNM_0.json"
    )
    monkeypatch.setenv("VUNGLOM_MIRROR_GADM", "https://other.example")
    assert mirror_of("gadm", mirrors) == "https://other.example"
    assert osm.SOURCE.address("query", {"osm": "https://m.example"}, query="a;b").url == (
        "https://m.example/api/interpreter?data=a%3Bb"
    )


@pytest.mark.parametrize(
    "mirror", ["ftp://a.example", "a.example", "https://", "https://a.example/?q=1", "file:///etc"]
)
def test_a_mirror_that_is_no_address_is_refused(mirror: str) -> None:
    with pytest.raises(CallError, match=r"the mirror of gadm is not an address"):
        mirror_of("gadm", {"gadm": mirror})


def test_require_text() -> None:
    assert require_text("VNM", "[A-Z]{3}", "the country", "VNM") == "VNM"
    with pytest.raises(CallError, match="the country is 'vn/x'; wanted for example VNM"):
        require_text("vn/x", "[A-Z]{3}", "the country", "VNM")


# ---- vn2025: GitHub's answers


def listing(*names: str, **changes: Any) -> bytes:
    entries = [
        {
            "name": name, "path": f"json/geojson/{name}", "sha": "3d21ec53a331a6f037a91c368710b99387d012c1", "size": 625,
            "url": "https://api.github.com/…", "html_url": "https://github.com/…", "git_url": "https://api.github.com/…",
            "download_url": "https://raw.githubusercontent.com/…", "type": "file" if "." in name else "dir",
            "_links": {"self": "", "git": "", "html": ""}, **changes,
        }
        for name in names
    ]  # fmt: skip
    return json.dumps(entries).encode()


def test_githubs_commit() -> None:
    body = {"sha": COMMIT, "node_id": "x", "commit": {"committer": {"date": "2026-08-02T12:03:11Z"}}}
    assert vn2025.read_commit(json.dumps(body).encode()) == (COMMIT, "2026-08-02")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>", "not a commit"),
        (b"[]", "not a commit"),
        (b"{}", "has no 'sha'"),
        (b'{"sha": "../../x", "commit": {"committer": {"date": "2026"}}}', "40 hexadecimal digits"),
    ],
)
def test_other_commits_are_refused(body: bytes, told: str) -> None:
    with pytest.raises(FetchError, match=told):
        vn2025.read_commit(body)


def test_githubs_listing() -> None:
    entries = vn2025.read_listing(listing("wards", "75_dong_nai.geojson"))
    assert [(entry.name, entry.size, entry.folder) for entry in entries] == [
        ("75_dong_nai.geojson", 625, False),
        ("wards", 625, True),
    ]
    assert [entry.name for entry in vn2025.chosen_files(entries)] == ["75_dong_nai.geojson"]
    with pytest.raises(FetchError, match=r"no \.geojson file"):
        vn2025.chosen_files(entries[1:])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (listing("../../.bashrc.geojson"), "wanted a plain name"),
        (listing("a\\b.geojson"), "wanted a plain name"),
        (listing(".hidden"), "wanted a plain name"),
        (listing("a.geojson", size=None), "no usable"),
        (b'{"message": "API rate limit exceeded for 203.0.113.7."}', "API rate limit exceeded"),
        (b'[{"name": "a"}]', "no usable 'size'"),
        (b"[", "not a folder's listing"),
        (b"[" * 100_000, "not a folder's listing"),
    ],
)
def test_other_listings_are_refused(body: bytes, told: str) -> None:
    with pytest.raises(FetchError, match=told):
        vn2025.read_listing(body)


@pytest.mark.parametrize(
    "wanted",
    [
        "75",
        "Đồng Nai",
        "đồng nai",
        "dong_nai",
        "Dong Nai",
        "75_dong_nai",
        "Thành phố Đồng Nai",
        "tỉnh Đồng Nai",
        "TP. Đồng Nai",
    ],
)
def test_a_province_by_code_or_name(wanted: str) -> None:
    entries = vn2025.read_listing(listing("01_ha_noi", "75_dong_nai"))
    assert vn2025.choose_province(entries, wanted) == "75_dong_nai"
    with pytest.raises(CallError, match="no province 'Bình Phước'; there are 01_ha_noi, 75_dong_nai"):
        vn2025.choose_province(entries, "Bình Phước")


# ---- geoBoundaries


def test_geoboundaries_answer() -> None:
    about = geoboundaries.read_about(json.dumps(geoboundaries_about("PRI", "ADM1")).encode(), "PRI", "ADM1")
    assert about.url.endswith("/gbOpen/PRI/ADM1/geoBoundaries-PRI-ADM1.geojson")
    assert (about.licence, about.year, about.day) == ("Public Domain", "2018", "2023-12-12")
    assert about.source == "United States Census Bureau"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"gjDownloadURL": "http://169.254.169.254/latest/x.geojson"}, "wanted an address that begins with"),
        (
            {"gjDownloadURL": "https://github.com/wmgeolab/geoBoundaries/raw/../../evil/x/raw/a.geojson"},
            "begins with",
        ),
        (
            {"gjDownloadURL": "https://github.com/wmgeolab/geoBoundaries/raw/a/b.geojson?token=1"},
            "begins with",
        ),
        ({"gjDownloadURL": None}, "no gjDownloadURL"),
        ({"boundaryISO": "USA"}, "answered on USA ADM1 when asked for PRI ADM1"),
        ({"boundaryType": "ADM2"}, "answered on PRI ADM2"),
    ],
)
def test_other_geoboundaries_answers_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(FetchError, match=told):
        geoboundaries.read_about(
            json.dumps(geoboundaries_about("PRI", "ADM1", **changes)).encode(), "PRI", "ADM1"
        )


@pytest.mark.parametrize("body", [b"<!DOCTYPE html>", b"[]", b"", b"null"])
def test_what_is_no_geoboundaries_answer_is_refused(body: bytes) -> None:
    with pytest.raises(FetchError, match="geoBoundaries"):
        geoboundaries.read_about(body, "PRI", "ADM1")


def test_a_build_date_that_cannot_be_read_is_left_out() -> None:
    given = json.dumps(geoboundaries_about("PRI", "ADM1", buildDate="soon")).encode()
    assert geoboundaries.read_about(given, "PRI", "ADM1").day == ""


# ---- GADM


def gadm_document() -> dict[str, Any]:
    """Two communes in the shape of gadm41_VNM_3.json."""

    def unit(gid: str, province: str, name: str, kind: str) -> dict[str, Any]:
        properties = {
            "GID_3": gid, "GID_0": "VNM", "COUNTRY": "Vietnam", "GID_1": gid.split("_")[0].rsplit(".", 2)[0] + "_1",
            "NAME_1": province, "NL_NAME_1": "NA", "GID_2": "VNM.11.1_1", "NAME_2": "BìnhLong", "NL_NAME_2": "NA",
            "NAME_3": name, "VARNAME_3": "NA", "NL_NAME_3": "NA", "TYPE_3": kind, "ENGTYPE_3": "Commune", "CC_3": "NA",
            "HASC_3": "NA",
        }  # fmt: skip
        ring = [[106.6, 11.6], [106.7, 11.6], [106.7, 11.7], [106.6, 11.7], [106.6, 11.6]]
        geometry = {"type": "MultiPolygon", "coordinates": [[ring]]}
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    return {
        "type": "FeatureCollection",
        "name": "gadm41_VNM_3",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        "features": [
            unit("VNM.11.1.1_1", "BìnhPhước", "AnLộc", "Phường"),
            unit("VNM.19.2.1_1", "ĐồngNai", "LaNgà", "NA"),
        ],
    }


def write_gadm(path: Path, document: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gadm41_VNM_3.json", json.dumps(document, ensure_ascii=False))
    return path


def test_gadm_units_get_their_spaces_and_gaps_back(tmp_path: Path) -> None:
    path = write_gadm(tmp_path / "gadm41_VNM_3.json.zip", gadm_document())
    first, second = (one["properties"] for one in gadm.read_units(path, 3)["features"])
    assert first == {
        "code": "VNM.11.1.1_1",
        "name": "An Lộc",
        "name_published": "AnLộc",
        "kind": "Phường",
        "province_code": "VNM.11_1",
        "province_name": "Bình Phước",
    }
    assert (second["name"], second["kind"], second["province_name"]) == ("La Ngà", None, "Đồng Nai")


@pytest.mark.parametrize("wanted", ["Bình Phước", "BìnhPhước", "binh phuoc", "VNM.11_1"])
def test_gadm_by_province(tmp_path: Path, wanted: str) -> None:
    path = write_gadm(tmp_path / "gadm41_VNM_3.json.zip", gadm_document())
    kept = gadm.read_units(path, 3, (wanted,))["features"]
    assert [one["properties"]["name"] for one in kept] == ["An Lộc"]
    with pytest.raises(CallError, match="no province Huế; there are Bình Phước, Đồng Nai"):
        gadm.read_units(path, 3, ("Huế",))


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 broken",
        b"<html>",
        b"{}",
        b'{"features": []}',
        b'{"features": [{"properties": {}}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_not_gadm_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gadm41_VNM_3.json.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match="gadm41_VNM_3"):
        gadm.check(path, 3)


def test_gadm_of_another_level_is_refused(tmp_path: Path) -> None:
    document = gadm_document()
    del document["features"][0]["properties"]["GID_2"]
    path = write_gadm(tmp_path / "a.zip", document)
    with pytest.raises(InputError, match="has no GID_2"):
        gadm.check(path, 2)


# ---- Overpass


def way(*points: tuple[float, float], role: str = "outer") -> dict[str, Any]:
    geometry = [{"lat": lat, "lon": lon} for lon, lat in points]
    return {"type": "way", "ref": 1, "role": role, "geometry": geometry}


def square(left: float, *, hole: bool = False) -> list[dict[str, Any]]:
    """A 2 × 2 square in two ways, and a label node as relations have them."""
    members = [
        way((left, 0), (left + 2, 0), (left + 2, 2)),
        way((left + 2, 2), (left, 2), (left, 0)),
        {"type": "node", "ref": 9, "role": "label", "lat": 1, "lon": left + 1},
    ]
    inner = [(left + 0.5, 0.5), (left + 1, 0.5), (left + 1, 1), (left + 0.5, 1), (left + 0.5, 0.5)]
    return [*members, way(*inner, role="inner")] if hole else members


def relation(number: int, members: list[dict[str, Any]], **tags: str) -> dict[str, Any]:
    bounds = {"minlat": 0, "minlon": 0, "maxlat": 2, "maxlon": 2}
    one = {"type": "relation", "id": number, "bounds": bounds, "members": members}
    return {**one, "tags": {"boundary": "administrative", "admin_level": "6", **tags}} if tags else one


def answer(*elements: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Overpass JSON as dev.overpass-api.de/output_formats.html shows it."""
    return {
        "version": 0.6,
        "generator": "Overpass API 0.7.62.8",
        "osm3s": {
            "timestamp_osm_base": "2026-11-20T10:00:00Z",
            "timestamp_areas_base": "2026-11-20T08:00:00Z",
            "copyright": "The data included in this document is from www.openstreetmap.org. The data is made available under ODbL.",
        },
        "elements": list(elements),
        **members,
    }


REGION = relation(500, [way((0, 0), (4, 0), (4, 2), (0, 2), (0, 0))])


def test_overpass_outlines_are_put_together_and_neighbours_left_out() -> None:
    given = answer(
        REGION,
        relation(12, square(2), name="Xã B"),
        relation(11, square(0, hole=True), name="Xã A", **{"name:en": "A"}),
        relation(13, square(4), name="Xã của tỉnh bên"),
    )
    features = osm.read_boundaries(given, "VN-39")["features"]
    assert [one["properties"]["code"] for one in features] == ["11", "12"]
    assert features[0]["properties"]["name"] == "Xã A"
    areas = [shapely.from_geojson(json.dumps(one["geometry"])).area for one in features]
    assert areas == [3.75, 4.0]
    assert osm.answer_day(given) == "2026-11-20"
    assert osm.read_boundaries(given, "500")["features"] == features


@pytest.mark.parametrize(
    ("elements", "told"),
    [
        ([relation(11, square(0), name="A")], "has no region 'VN-39'"),
        ([REGION], "no outlines of that admin level"),
        (
            [REGION, relation(11, square(0)[:1], name="Hở")],
            r"relation 11 \(Hở\) has an outline that does not close",
        ),
        ([REGION, relation(11, [], name="Trống")], r"relation 11 \(Trống\) has no outline"),
    ],
)
def test_outlines_that_cannot_be_used_are_named(elements: list[Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        osm.read_boundaries(answer(*elements), "VN-39")


def test_overpass_places() -> None:
    given = answer(
        {"type": "node", "id": 1, "lat": 11.5, "lon": 106.9, "tags": {"place": "town", "name": "Đồng Xoài"}},
        {
            "type": "way",
            "id": 2,
            "center": {"lat": 11.6, "lon": 106.8},
            "nodes": [1, 2],
            "tags": {"amenity": "school"},
        },
        {
            "type": "relation",
            "id": 3,
            "center": {"lat": 11.7, "lon": 106.7},
            "tags": {"amenity": "hospital", "name": "BV"},
        },
        {"type": "node", "id": 4, "lat": 11.5, "lon": 106.9, "tags": {"amenity": "bench"}},
        {"type": "node", "id": 6, "lat": 11.4, "lon": 106.9, "tags": {"amenity": "townhall", "name": "UBND"}},
        {"type": "way", "id": 5, "tags": {"amenity": "clinic"}},
    )
    features = osm.read_places(given)["features"]
    assert [(one["properties"]["class"], one["properties"]["name"]) for one in features] == [
        ("town", "Đồng Xoài"),
        ("school", None),
        ("clinic", "BV"),
        ("office", "UBND"),
    ]
    assert features[1]["geometry"]["coordinates"] == [106.8, 11.6]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            json.dumps(
                answer(remark='runtime error: Query timed out in "query" at line 1 after 181 seconds.')
            ),
            "gave up: runtime error",
        ),
        (json.dumps(answer())[:-20], "not whole JSON"),
        ("{}", "no list of elements"),
        ("[" * 100_000, "not whole JSON"),
    ],
)
def test_an_overpass_answer_that_ended_early_is_refused(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(content)
    with pytest.raises(InputError, match=told):
        osm.check(path)


def test_overpass_html_is_told_from_json() -> None:
    assert osm.recognise(b'\n{\n  "version": 0.6') is None
    assert "overloaded" in str(osm.recognise(b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html'))


def test_overpass_queries() -> None:
    assert osm.boundaries_query("VN-39", 6) == (
        '[out:json][timeout:180];area["ISO3166-2"="VN-39"]->.region;rel(pivot.region);out ids geom;'
        'rel["boundary"="administrative"]["admin_level"="6"](area.region);out geom;'
    )
    assert 'area["ISO3166-1"="VN"]->' in osm.boundaries_query("VN", 4)
    assert "area(id:3600000500)->" in osm.boundaries_query("500", 6)
    assert osm.places_query((106.4, 10.5, 107.6, 12.3)) == (
        "[out:json][timeout:180][bbox:10.50000,106.40000,12.30000,107.60000];"
        '(nwr["place"~"^(city|town)$"];nwr["amenity"~"^(school|clinic|hospital|townhall)$"];);out center;'
    )


@pytest.mark.parametrize(
    ("region", "level"), [('VN"];out;', 6), ("vn", 6), ("VN-39", 1), ("VN-39", 12), ("", 6)]
)
def test_other_regions_and_levels_are_refused(region: str, level: int) -> None:
    with pytest.raises(CallError, match=r"the region is|the admin level is"):
        osm.boundaries_query(region, level)


# ---- OpenCelliD

ROW = b"LTE,452,4,10101,25611009,0,106.894,11.536,1000,12,1,1459692342,1710000000,0\n"
HEADER = b"radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"


@pytest.mark.parametrize("rows", [ROW * 3, HEADER + ROW])
def test_opencellid_with_and_without_header(tmp_path: Path, rows: bytes) -> None:
    path = tmp_path / "452.csv.gz"
    path.write_bytes(gzip.compress(rows))
    opencellid.check(path, "452")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(ROW * 500, mtime=0)[:-9], "not whole"),
        (gzip.compress(ROW, mtime=0)[:20], "not whole"),
        (gzip.compress(b"<html>", mtime=0), "has 1 columns"),
        (gzip.compress(ROW.replace(b",452,", b",310,"), mtime=0), "mcc 452"),
        (gzip.compress(b"", mtime=0), "has 0 columns"),
        (gzip.compress(b"\xff\xfe\n", mtime=0), "not whole"),
    ],
)
def test_other_cell_files_are_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "452.csv.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        opencellid.check(path, "452")


def test_opencellid_error_texts() -> None:
    assert "tomorrow" in str(opencellid.recognise(b"RATE_LIMITED"))
    assert "OPENCELLID_TOKEN" in str(opencellid.recognise(b'{"error":"INVALID_TOKEN"}'))
    assert "not gzip" in str(opencellid.recognise(b"<html>pk.secret"))
    assert "secret" not in str(opencellid.recognise(b"<html>pk.secret"))
    assert opencellid.recognise(gzip.compress(ROW)) is None


def test_opencellid_needs_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENCELLID_TOKEN", raising=False)
    with pytest.raises(CallError, match="set it in the environment as OPENCELLID_TOKEN"):
        opencellid.token()


# ---- WorldPop


def test_worldpop_is_read_to_its_last_block(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", [[1.0, 2.0]] * 200)
    worldpop.check(path)
    assert worldpop.recognise(path.read_bytes()[:512]) is None
    path.write_bytes(path.read_bytes()[:-700])
    with pytest.raises(InputError, match="not whole"):
        worldpop.check(path)
    assert "not a GeoTIFF" in str(worldpop.recognise(b"<html>"))


# ---- Ookla


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("2023Q1", ("2023Q1", "2023Q1")),
        ("2023Q1..2023Q4", ("2023Q1", "2023Q4")),
        ("2023Q1..latest-published", ("2023Q1", "latest-published")),
        ("latest-published", ("latest-published", "latest-published")),
    ],
)
def test_quarters(text: str, ends: tuple[str, str]) -> None:
    assert ookla.parse_quarters(text) == ends


@pytest.mark.parametrize(
    "text", ["", "2023", "2023Q5", "2018Q4", "2023Q4..2023Q1", "latest-published..2023Q1", "2023Q1.."]
)
def test_other_quarters_are_refused(text: str) -> None:
    with pytest.raises(CallError, match="the quarters"):
        ookla.parse_quarters(text)


@pytest.mark.parametrize(("quarter", "month"), [("2019Q1", "01"), ("2022Q3", "07"), ("2023Q4", "10")])
def test_quarter_names(quarter: str, month: str) -> None:
    name = ookla.file_name(Network.FIXED, quarter)
    assert name == f"{quarter[:4]}-{month}-01_performance_fixed_tiles.parquet"
    assert ookla.quarter_of(name) == quarter
    assert ookla.quarter_named(ookla.quarter_number(quarter)) == quarter


def test_ookla_content(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match="not a whole parquet file"):
        ookla.check(path)
    assert ookla.recognise(b"PAR1") is None
    assert "not parquet" in str(ookla.recognise(b"RATE_LIMITED"))


def test_every_refusal_is_the_projects_own() -> None:
    assert issubclass(FetchError, VunglomError)
