"""`vunglom fetch`: from a mirror on the loopback into workspaces that build, whatever breaks on the way."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo import read
from geo.fetch_boundaries import Publisher
from geo.files import one_at_a_time
from geo.results import read_built
from geo.tiles import tile_bounds
from geo.workspace import load_workspace
from layers.sources import terms
from tests.fault_server import Fault, Site, serve
from tests.files import (
    SQUARES,
    claim,
    feature,
    run,
    snapshot,
    succeed,
    write_geojson,
    write_raster,
    write_tiles,
)
from tests.mirror import (
    add_commit,
    add_dong_nai,
    add_geoboundaries,
    add_ookla,
    add_province,
    add_puerto_rico,
    use_mirror,
)
from tests.test_sources import REGION, ROW, answer, gadm_document, relation, square, way, write_gadm
from tests.tiny import tiles_box

NAMES = ("vn2025", "geoboundaries", "gadm", "osm", "ookla", "opencellid", "worldpop")
TOKEN = "pk.0ddba11c0ffee"  # noqa: S105 - made up


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("VUNGLOM_FETCH_PAUSE_S", "0.01")
    monkeypatch.setenv("VUNGLOM_FETCH_SILENCE_S", "5")
    with serve(Site()) as running:
        use_mirror(monkeypatch, running, *NAMES)
        yield running


def commune(code: str, name: str, shape: Any) -> bytes:
    """One commune file as published: a FeatureCollection of one feature."""
    one = feature(shape, code=code, name=name.split()[-1], fullName=name, codeName="x", areaKm2=1.0)
    document = {"type": "FeatureCollection", "bbox": list(shape.bounds), "features": [{**one, "id": code}]}
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


COMMUNES = {
    f"2528{number}_x{number}.geojson": commune(f"2528{number}", f"Xã X{number}", shape)
    for number, shape in enumerate(SQUARES.values())
}


@pytest.fixture
def squares_site(site: Site) -> Site:
    """The three squares as a province, with tiles, people and places around them."""
    add_commit(site, ["74_x", "75_dong_nai"])
    add_province(site, "75_dong_nai", COMMUNES)
    return site


@pytest.fixture
def fetched(squares_site: Site, tmp_path: Path) -> Path:
    assert squares_site.url
    root = tmp_path / "dn"
    succeed("fetch", root, "boundaries", "--province", "75", "--name", "Ba ô")
    return root


def test_communes_of_a_province_make_a_workspace(fetched: Path, squares_site: Site) -> None:
    workspace = load_workspace(fetched)
    (given,) = workspace.inputs
    assert workspace.name == "Ba ô"
    assert given.options == {
        "code": "code", "label": "fullName", "declared_area": "areaKm2", "vintage": "2026-04", "level": "commune"
    }  # fmt: skip
    assert [file.name for file in given.files] == sorted(COMMUNES)
    assert given.provenance.date == "2026-08-02"
    assert given.provenance.address.startswith(squares_site.url)
    assert "MIT" in given.provenance.licence
    assert not list(fetched.parent.glob(".dn.fetched"))


def test_fetching_again_asks_for_no_file_and_changes_nothing(fetched: Path, squares_site: Site) -> None:
    before, asked = snapshot(fetched), len(squares_site.asked)
    succeed("fetch", fetched, "boundaries", "--province", "Đồng Nai")
    assert snapshot(fetched) == before
    assert not [path for _, path, _ in squares_site.asked[asked:] if path.endswith(".geojson")]


def test_a_file_that_is_not_what_the_repository_holds_is_refused(squares_site: Site, tmp_path: Path) -> None:
    path = next(path for path in squares_site.files if path.endswith("25281_x1.geojson"))
    squares_site.files[path] = COMMUNES["25281_x1.geojson"].replace(b"X1", b"X9")
    result = run("fetch", tmp_path / "dn", "boundaries", "--province", "75")
    assert result.exit_code == 1
    assert "published git checksum" in result.stderr
    assert not (tmp_path / "dn").exists()


@pytest.mark.usefixtures("squares_site")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["boundaries", "--province", "Atlantis"], "no province 'Atlantis'; there are 74_x, 75_dong_nai"),
        (["boundaries", "--level", "ADM3"], "--level is 'ADM3'; wanted for example commune"),
        (["boundaries", "--from", "geoboundaries", "--country", "vn"], "the country is 'vn'"),
        (["boundaries", "--from", "geoboundaries", "--level", "ADM9"], "--level is 'ADM9'"),
        (
            ["boundaries", "--from", "gadm", "--level", "ADM0", "--province", "x"],
            "no provinces to choose from",
        ),
        (["boundaries", "--from", "osm"], "needs --region"),
        (["ookla", "--quarters", "2023"], "the quarters are '2023'"),
        (["ookla"], "the region is not known yet"),
        (["population"], "the region is not known yet"),
        (["population", "--year", "1999"], "the year is 1999"),
        (["places"], "the region is not known yet"),
        (["opencellid", "--mcc", "x/y"], "the country code is 'x/y'"),
        (["opencellid"], "OPENCELLID_TOKEN"),
    ],
)
def test_calls_that_cannot_be_met(
    tmp_path: Path, arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENCELLID_TOKEN", raising=False)
    result = run("fetch", tmp_path / "ws", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "ws").exists()


# ---- the other boundaries


def three(site: Site) -> list[tuple[str, Any]]:
    units = [(name, json.loads(shapely.to_geojson(shape))) for name, shape in SQUARES.items()]
    add_geoboundaries(site, "VNM", "ADM3", units)
    whole = [("Bình Phước", tiles_box(0, 0, 8, 4)), ("Đồng Nai", tiles_box(8, 0, 12, 4))]
    add_geoboundaries(
        site, "VNM", "ADM1", [(name, json.loads(shapely.to_geojson(shape))) for name, shape in whole]
    )
    return units


def test_geoboundaries(site: Site, tmp_path: Path) -> None:
    three(site)
    succeed("fetch", tmp_path / "ws", "boundaries", "--from", "geoboundaries")
    (given,) = load_workspace(tmp_path / "ws").inputs
    assert given.options == {"code": "shapeID", "label": "shapeName", "vintage": "other", "level": "commune"}
    assert given.provenance.date == "2023-12-12"
    assert given.provenance.licence == "Public Domain"
    assert "United States Census Bureau" in given.provenance.citation


def test_geoboundaries_of_one_province(site: Site, tmp_path: Path) -> None:
    three(site)
    succeed("fetch", tmp_path / "ws", "boundaries", "--from", "geoboundaries", "--province", "Binh Phuoc")
    workspace = load_workspace(tmp_path / "ws")
    frame = read.read_vector(workspace.resolve(workspace.inputs[0].files[0]))
    assert list(frame["shapeName"]) == ["01", "02"]
    result = run("fetch", tmp_path / "other", "boundaries", "--from", "geoboundaries", "--province", "Huế")
    assert "no province Huế; there are Bình Phước, Đồng Nai" in result.stderr


def test_gadm(site: Site, tmp_path: Path) -> None:
    document = gadm_document()
    document["features"][1]["geometry"]["coordinates"][0][0] = [
        [x + 1, y] for x, y in document["features"][0]["geometry"]["coordinates"][0][0]
    ]
    site.add("/gadm/gadm4.1/json/gadm41_VNM_3.json.zip", write_gadm(tmp_path / "a.zip", document))
    told = succeed("fetch", tmp_path / "ws", "boundaries", "--from", "gadm")
    assert "non-commercial" in told
    succeed("build", tmp_path / "ws")
    built = read_built(tmp_path / "ws").primary.result
    assert list(built["name"]) == ["An Lộc", "La Ngà"]
    assert list(built["province_name"]) == ["Bình Phước", "Đồng Nai"]


def test_osm_outlines(site: Site, tmp_path: Path) -> None:
    given = answer(REGION, relation(11, square(0), name="Xã A"), relation(12, square(2), name="Xã B"))
    site.files["/api/interpreter"] = json.dumps(given).encode()
    succeed(
        "fetch", tmp_path / "ws", "boundaries", "--from", "osm", "--region", "VN-39", "--admin-level", "6"
    )
    (entry,) = load_workspace(tmp_path / "ws").inputs
    assert entry.provenance.date == "2026-11-20"
    assert "ODbL" in entry.provenance.licence
    succeed("build", tmp_path / "ws")
    assert list(read_built(tmp_path / "ws").primary.result["unit_code"]) == ["11", "12"]


def test_osm_outlines_without_a_name_are_told(site: Site, tmp_path: Path) -> None:
    given = answer(REGION, relation(11, square(0), name="Xã A"), relation(12, square(2), ref="x"))
    site.files["/api/interpreter"] = json.dumps(given).encode()
    result = run(
        "fetch", tmp_path / "ws", "boundaries", "--from", "osm", "--region", "VN-39", "--admin-level", "6"
    )
    assert "without a name (relations 12)" in result.stderr


# ---- what goes into a workspace


@pytest.mark.parametrize("missing_status", [404, 403], ids=["listed bucket", "bucket that may not be listed"])
def test_tiles_of_the_newest_quarters_there_are(
    fetched: Path, squares_site: Site, tmp_path: Path, missing_status: int
) -> None:
    squares_site.missing_status = missing_status
    tiles = write_tiles(tmp_path / "tiles.parquet")
    base = "/parquet/performance/type=mobile/year=2025/quarter="
    for quarter, month in ((2, "04"), (3, "07")):
        squares_site.add(f"{base}{quarter}/2025-{month}-01_performance_mobile_tiles.parquet", tiles)
    told = succeed("fetch", fetched, "ookla", "--network", "mobile", "--quarters", "2025Q2..latest-published")
    assert "non-commercial" in told
    speed = load_workspace(fetched).of_kind("speed")
    assert [given.options for given in speed] == [
        {"network": "mobile", "quarter": "2025Q2"},
        {"network": "mobile", "quarter": "2025Q3"},
    ]
    assert [given.provenance.date for given in speed] == ["2025-06-30", "2025-09-30"]
    assert "CC BY-NC-SA" in speed[0].provenance.licence
    before = snapshot(fetched)
    succeed("fetch", fetched, "ookla", "--network", "mobile", "--quarters", "2025Q2..latest-published")
    assert snapshot(fetched) == before


def test_a_quarter_that_is_not_published_is_named(fetched: Path) -> None:
    result = run("fetch", fetched, "ookla", "--network", "mobile", "--quarters", "2025Q2")
    assert result.exit_code == 1
    assert "2025-04-01_performance_mobile_tiles.parquet: the server answered 404" in result.stderr
    result = run("fetch", fetched, "ookla", "--network", "fixed", "--quarters", "2025Q2..latest-published")
    assert "published no fixed tiles since 2025Q2" in result.stderr


def test_a_proxy_that_sends_whole_files_only(fetched: Path, squares_site: Site, tmp_path: Path) -> None:
    path = "/parquet/performance/type=mobile/year=2025/quarter=2/2025-04-01_performance_mobile_tiles.parquet"
    squares_site.add(path, write_tiles(tmp_path / "tiles.parquet"))
    squares_site.next_fault = lambda: Fault.NO_RANGE
    result = run("fetch", fetched, "ookla", "--network", "mobile", "--quarters", "2025Q2")
    assert result.exit_code == 0
    assert "sends whole files only" in result.stderr
    workspace = load_workspace(fetched)
    (file,) = workspace.of_kind("speed")[0].files
    assert pq.read_table(workspace.resolve(file)).num_rows == 3
    assert not list((fetched / "fetched" / "ookla" / "whole").glob("[!.]*"))


def test_population_is_the_window_of_the_region(fetched: Path, squares_site: Site, tmp_path: Path) -> None:
    west, south, east, north = tiles_box(-50, -50, 62, 54).bounds
    country = write_raster(tmp_path / "vnm.tif", [[1.0] * 1000] * 1000, bounds=(west, south, east, north))
    path = "/GIS/Population/Global_2015_2030/R2025A/2025/VNM/v1/100m/constrained/vnm_pop_2025_CN_100m_R2025A_v1.tif"
    squares_site.add(path, country)
    succeed("fetch", fetched, "population")
    (given,) = load_workspace(fetched).of_kind("population")
    assert (given.provenance.date, given.provenance.licence) == ("2025", "CC BY 4.0")
    assert (fetched / given.files[0].path).stat().st_size < country.stat().st_size / 20
    succeed("build", fetched)
    assert (read_built(fetched).primary.result["people"] > 0).all()


def test_places(fetched: Path, squares_site: Site) -> None:
    at = tiles_box(1, 1, 2, 2).centroid
    node = {"type": "node", "id": 1, "lat": at.y, "lon": at.x, "tags": {"place": "town", "name": "Chợ"}}
    squares_site.files["/api/interpreter"] = json.dumps(answer(node)).encode()
    succeed("fetch", fetched, "places")
    (given,) = load_workspace(fetched).of_kind("places")
    assert given.options == {"label": "name", "class": "class"}
    succeed("build", fetched)
    places = read_built(fetched).places
    assert places is not None
    assert list(places["name"]) == ["Chợ"]
    squares_site.files["/api/interpreter"] = json.dumps(answer()).encode()
    assert "no town, school, clinic or office" in succeed("fetch", fetched, "places", "--refresh")


def test_overpass_is_left_alone_for_longer_after_a_429(fetched: Path, squares_site: Site) -> None:
    serve_school(squares_site)
    squares_site.faults = [Fault.BUSY_429]
    began = time.monotonic()
    succeed("fetch", fetched, "places")
    # thirty times the pause set for tests, 0.01 s
    assert time.monotonic() - began >= 0.3


def test_cells_keep_the_token_out_of_everything(
    fetched: Path, squares_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCELLID_TOKEN", TOKEN)
    inside = [
        ROW.replace(b"106.894,11.536", b"105.65,15.01").replace(b",10101,", b",%d," % area)
        for area in (1, 2, 3)
    ]
    cells = gzip.compress(b"".join([*inside, inside[0], ROW * 100]))
    squares_site.add("/ocid/downloads", cells)
    said = []
    for fault in (Fault.ERROR_TEXT, Fault.BUSY_429, None):
        squares_site.faults = [fault] if fault else []
        squares_site.retry_after = "90000"
        result = run("fetch", fetched, "opencellid")
        said.append(result.stdout + result.stderr)
    assert f"token={TOKEN}" in squares_site.asked[-1][1]
    assert "RATE_LIMITED" in said[0]
    assert "token=***" in said[1]
    (given,) = load_workspace(fetched).of_kind("sites")
    assert (given.provenance.publisher, given.provenance.licence) == (
        "OpenCelliD, Unwired Labs",
        "CC BY-SA 4.0 (attribution, share alike)",
    )
    assert gzip.decompress((fetched / given.files[0].path).read_bytes()) == b"".join([*inside, inside[0]])
    succeed("build", fetched)
    built = read_built(fetched)
    assert built.sites is not None
    assert built.sites["cell_id"].tolist() == [f"4G-452-4-{area}-25611009" for area in (1, 2, 3)]
    assert [row["row"] for row in built.quality if row["code"] == "mended_duplicates"] == [4]
    assert (fetched / "fetched" / "opencellid" / "452.csv.gz").read_bytes() == cells
    known = json.loads((fetched / "fetched" / "opencellid" / "452.csv.gz.provenance.json").read_text("utf-8"))
    assert set(known) == {"publisher", "licence", "date", "citation", "address", "sha256"}
    assert "CC BY-SA" in known["licence"]
    kept = "".join(p.read_text("latin-1") for p in fetched.parent.rglob("*") if p.is_file())
    assert "0ddba11c0ffee" not in kept + "".join(said)


def test_a_workspace_from_somebody_else_cannot_have_the_token(
    fetched: Path, squares_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCELLID_TOKEN", TOKEN)
    monkeypatch.delenv("VUNGLOM_MIRROR_OPENCELLID")
    config = fetched / "workspace.toml"
    config.write_text(
        config.read_text("utf-8") + f'\n[sources]\nopencellid = "{squares_site.url}"\n', "utf-8"
    )
    result = run("fetch", fetched, "opencellid")
    assert result.exit_code == 2
    assert "your token would go there" in result.stderr
    assert not [path for _, path, _ in squares_site.asked if "ocid" in path]


def test_a_mirror_in_the_workspaces_settings_is_used_and_kept(
    fetched: Path, squares_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VUNGLOM_MIRROR_OSM")
    config = fetched / "workspace.toml"
    config.write_text(config.read_text("utf-8") + f'\n[sources]\nosm = "{squares_site.url}"\n', "utf-8")
    serve_school(squares_site)
    succeed("fetch", fetched, "places")
    assert tomllib.loads(config.read_text("utf-8"))["sources"] == {"osm": squares_site.url}
    config.write_text(config.read_text("utf-8").replace(squares_site.url, "ftp://x"), "utf-8")
    assert "the mirror of osm is not an address" in run("fetch", fetched, "places").stderr


@pytest.mark.parametrize("table", ["sources = 1", "[sources]\nosm = 1"])
def test_sources_that_are_no_table_of_texts_are_refused(fetched: Path, table: str) -> None:
    config = fetched / "workspace.toml"
    text = config.read_text("utf-8")
    config.write_text(f"{table}\n{text}" if table.startswith("sources") else f"{text}\n{table}\n", "utf-8")
    assert r"wanted [sources] to name mirrors" in run("fetch", fetched, "places").stderr


def test_what_is_fetched_carries_its_terms_to_the_page_and_into_files(
    fetched: Path, squares_site: Site, tmp_path: Path
) -> None:
    path = "/parquet/performance/type=mobile/year=2025/quarter=2/2025-04-01_performance_mobile_tiles.parquet"
    squares_site.add(path, write_tiles(tmp_path / "tiles.parquet"))
    serve_school(squares_site)
    succeed("fetch", fetched, "ookla", "--network", "mobile", "--quarters", "2025Q2")
    succeed("fetch", fetched, "places")
    succeed("build", fetched)
    built = read_built(fetched)
    said = terms(built.manifest["inputs"], "en")
    assert "vietnamese-provinces-database" in said
    assert "(MIT): rights unclear" in said
    assert "Ookla (CC BY-NC-SA 4.0): non-commercial use only" in said
    assert "OpenStreetMap contributors (ODbL 1.0): share alike" in said
    for fmt in ("csv", "geojson", "gpkg", "parquet"):
        out = tmp_path / f"communes.{fmt}"
        succeed("export", fetched, "--layer", "communes", "--format", fmt, "--out", out)
        content = out.read_bytes()
        assert b"Ookla (CC BY-NC-SA 4.0)" in content
        assert b"non-commercial use only" in content
        sources = json.loads(Path(f"{out}.meta.json").read_text("utf-8"))["sources"]
        assert all(one["publisher"] and one["licence"] and one["date"] and one["citation"] and one["address"] for one in sources)  # fmt: skip
        (places,) = (one for one in sources if one["kind"] == "places")
        assert places["made_from"].startswith("interpreter sha256:")


@pytest.mark.usefixtures("squares_site")
def test_as_json_and_quiet(tmp_path: Path) -> None:
    result = run("fetch", tmp_path / "a", "boundaries", "--province", "75", "--json", "--quiet")
    assert json.loads(result.stdout)["files"] == 3
    assert result.stderr == ""
    result = run("fetch", tmp_path / "b", "boundaries", "--province", "Atlantis", "--json", "--quiet")
    assert json.loads(result.stderr)["kind"] == "CallError"
    assert {str(one) for one in Publisher} == {"vn2025", "geoboundaries", "gadm", "osm"}


def test_a_border_way_without_role_counts_as_outer() -> None:
    assert way((0, 0), (1, 1), role="")["role"] == ""


# ---- interrupted anywhere


def test_killed_anywhere_and_run_again_the_workspace_is_the_same(squares_site: Site, tmp_path: Path) -> None:
    site = squares_site
    add_province(site, "75_dong_nai", _many())
    clean = tmp_path / "clean"
    succeed("fetch", clean, "boundaries", "--province", "75")
    wanted = snapshot(clean)
    dice = random.Random(11)
    site.dice, site.pace_s, site.silence_s = random.Random(12), 0.001, 0.1
    site.next_fault = lambda: dice.choice([Fault.CUT, None, None, None, None, None])
    kills = 0
    for turn in range(2):
        root = tmp_path / f"killed{turn}"
        while killed := _fetch(root, dice.uniform(0.8, 2.0) if kills < 3 * (turn + 1) else 60):
            kills += killed == -signal.SIGKILL
            if root.exists():
                # a workspace is seen whole or not at all
                assert len(load_workspace(root).inputs[0].files) == len(_many())
        assert snapshot(root) == wanted
        assert not list(tmp_path.glob(".killed*.fetched"))
    assert kills >= 3


def test_killed_before_the_cache_moved_in_it_moves_in_later(fetched: Path, squares_site: Site) -> None:
    before, asked = snapshot(fetched), len(squares_site.asked)
    (fetched / "fetched").rename(fetched.parent / ".dn.fetched")
    succeed("fetch", fetched, "boundaries", "--province", "75")
    assert snapshot(fetched) == before
    assert not (fetched.parent / ".dn.fetched").exists()
    assert not [path for _, path, _ in squares_site.asked[asked:] if path.endswith(".geojson")]


def test_two_fetches_at_once_make_one_workspace(squares_site: Site, tmp_path: Path) -> None:
    squares_site.pace_s = 0.02
    command = [sys.executable, "-m", "geo", "fetch", str(tmp_path / "a"), "boundaries", "--province", "75"]
    both = [
        subprocess.Popen(command, cwd=Path(__file__).parents[1], env=os.environ, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [process.wait(240) for process in both] == [0, 0]
    assert len(load_workspace(tmp_path / "a").inputs) == 1
    files = [path for _, path, _ in squares_site.asked if path.endswith(".geojson")]
    assert len(files) == len(set(files)) == 3


def test_a_fetch_waits_while_another_process_adds(fetched: Path, squares_site: Site) -> None:
    serve_school(squares_site)
    config, before = fetched / "workspace.toml", (fetched / "workspace.toml").read_bytes()
    with one_at_a_time(fetched, "add"):
        process = _start("fetch", fetched, "places")
        while not squares_site.asked or "/api/interpreter" not in squares_site.asked[-1][1]:
            assert process.poll() is None
            time.sleep(0.02)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        assert config.read_bytes() == before
        # what is added meanwhile is there when the fetch gets its turn
        config.write_bytes(before.replace(b'note = ""', 'note = "thêm vào"'.encode()))
    assert process.wait(240) == 0
    workspace = load_workspace(fetched)
    assert workspace.note == "thêm vào"
    assert len(workspace.of_kind("places")) == 1


def test_a_fetch_and_adds_at_once_lose_nothing(fetched: Path, squares_site: Site, tmp_path: Path) -> None:
    serve_school(squares_site)
    area = write_geojson(tmp_path / "viettel.geojson", [feature(tiles_box(0, 0, 7, 4))])
    work = [
        _start("fetch", fetched, "places"),
        *(_start("add", fetched, "coverage", area, *claim(f"operator {number}")) for number in range(3)),
    ]
    assert [process.wait(240) for process in work] == [0] * 4
    workspace = load_workspace(fetched)
    assert len(workspace.of_kind("places")) == 1
    assert {given.options["operator"] for given in workspace.of_kind("coverage")} == {
        f"operator {number}" for number in range(3)
    }


def serve_school(site: Site) -> None:
    """A school in the first square."""
    at = tiles_box(1, 1, 2, 2).centroid
    node = {"type": "node", "id": 1, "lat": at.y, "lon": at.x, "tags": {"amenity": "school"}}
    site.files["/api/interpreter"] = json.dumps(answer(node)).encode()


def _start(*arguments: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "geo", *(str(argument) for argument in arguments), "--quiet"]
    return subprocess.Popen(command, cwd=Path(__file__).parents[1], env=os.environ)


def _many() -> dict[str, bytes]:
    shapes = [tiles_box(x, y, x + 1, y + 1) for x in range(8) for y in range(5)]
    return {
        f"253{number:02}_x.geojson": commune(f"253{number:02}", f"Xã {number}", shape)
        for number, shape in enumerate(shapes)
    }


def _fetch(root: Path, limit_s: float) -> int:
    """Run the command, kill it after a while; its status."""
    command = [sys.executable, "-m", "geo", "fetch", str(root), "boundaries", "--province", "75", "--quiet"]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], env=os.environ) as process:
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


# ---- the real files under the published paths


@pytest.mark.real
def test_puerto_rico_comes_in_and_builds(real: Path, site: Site, tmp_path: Path) -> None:
    add_ookla(site, real)
    add_puerto_rico(site, real)
    root = tmp_path / "pr"
    faults = random.Random(5)
    site.next_fault = lambda: faults.choice([Fault.CUT, Fault.BROKEN_503, None, None, None, None])
    succeed(
        "fetch", root, "boundaries", "--from", "geoboundaries", "--country", "PRI", "--level", "ADM1", "--name",
        "Puerto Rico",
    )  # fmt: skip
    succeed("fetch", root, "ookla", "--quarters", "2023Q1..latest-published")
    succeed("build", root)
    built = read_built(root)
    assert len(built.primary.result) == 78
    speed = built.primary.speed
    assert set(speed["quarter"]) == {"2023Q1", "2023Q2", "2023Q3", "2023Q4"}
    assert set(speed[speed["network"] == "fixed"]["quarter"]) == {"2023Q3"}
    # every row of the file inside the bounds came over, none of the Azores or Palau
    name = "2023-10-01_performance_mobile_tiles.parquet"
    (cut,) = (root / "fetched" / "ookla").rglob(name)
    (whole,) = (real / "ookla").rglob(name)
    table = pq.read_table(whole)
    west, south, east, north = built.primary.result.total_bounds
    corners = tile_bounds(table["quadkey"].to_pylist())
    meets = (
        (corners[:, 0] < east) & (corners[:, 1] < north) & (corners[:, 2] > west) & (corners[:, 3] > south)
    )
    assert pq.read_table(cut).equals(table.filter(pa.array(meets)))
    assert 0 < meets.sum() < len(table)


@pytest.mark.real
def test_the_ninety_five_files_of_dong_nai_come_in_and_build(real: Path, site: Site, tmp_path: Path) -> None:
    add_dong_nai(site, real)
    faults = random.Random(6)
    site.next_fault = lambda: faults.choice([Fault.CUT, Fault.BROKEN_500, None, None, None, None, None, None])
    root = tmp_path / "dn"
    succeed("fetch", root, "boundaries", "--province", "Đồng Nai")
    succeed("build", root)
    result = read_built(root).primary.result
    assert len(result) == 95
    assert set(result["kind"]) == {"phường", "xã"}
    assert result["area_km2"].sum() == pytest.approx(12_737, rel=0.005)
    files = load_workspace(root).inputs[0].files
    published = real / "vn2025" / "dong_nai" / "wards"
    assert all((root / f.path).read_bytes() == (published / f.name).read_bytes() for f in files)
