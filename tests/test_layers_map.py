"""Assets, display geometry, base map and the message to the browser."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box
from streamlit_folium import _get_feature_group_string, generate_js_hash, generate_leaflet_string

from geo.errors import CrsError, InputError
from layers import assets as assets_module
from layers.assets import (
    LEAFLET_FILES,
    URL_FROM_MAP,
    copy_leaflet,
    install_assets,
    leaflet_folder,
    write_once,
)
from layers.base_map import BaseMap, Basemap, base_map_key, choose_basemap
from layers.overlays import coverage_overlays, operators_of, place_classes_of, place_marks, technologies_of
from layers.palette import INDICATORS
from layers.simplify import (
    display_outlines,
    display_tolerance,
    display_units,
    publish_shapes,
    publish_units,
    simplify_units,
)
from layers.units import UnitsView, chosen_part, unit_labels, units_group, units_literal, units_message
from tests.fake_built import NASTY_NAMES, communes, coverage_areas, places

BOUNDS = (106.5, 11.5, 106.9, 11.8)
VIEW = UnitsView("geo.json", BOUNDS, INDICATORS[0], "vi")


def file_of(address: str, static: Path) -> Path:
    assert address.startswith(URL_FROM_MAP + "/")
    return static / address.removeprefix(URL_FROM_MAP + "/")


# ---- assets


def test_every_file_the_map_asks_for_is_there(tmp_path: Path) -> None:
    found = install_assets(tmp_path)
    for _, address in (*found.scripts, *found.styles):
        assert file_of(address, tmp_path).is_file()
    again = install_assets.__wrapped__(tmp_path)
    assert again == found


def test_own_files_and_leaflet_style_name_no_outside_address(tmp_path: Path) -> None:
    for _, address in install_assets(tmp_path).styles:
        assert "//" not in re.sub(r"/\*.*?\*/", "", file_of(address, tmp_path).read_text("utf-8"), flags=re.S)
    scripts = sorted((Path(assets_module.__file__).parent / "js").glob("*.js"))
    assert len(scripts) > 5
    for script in scripts:
        # the name of SVG's elements looks like an address and is none
        own = script.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert re.search(r"https?:", own) is None, script.name
        assert "innerHTML" not in own, script.name


@pytest.mark.parametrize("name", ["leaflet.js", "images/layers.png"])
def test_altered_or_missing_leaflet_is_refused_with_the_mend(tmp_path: Path, name: str) -> None:
    for wanted in LEAFLET_FILES:
        (tmp_path / wanted).parent.mkdir(exist_ok=True)
        (tmp_path / wanted).write_bytes((leaflet_folder() / wanted).read_bytes())
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=rf"{re.escape(name)} has sha256 .*wanted.*pip install"):
        copy_leaflet(tmp_path, tmp_path / "static")
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match=f"{re.escape(name)} is missing"):
        copy_leaflet(tmp_path, tmp_path / "static")
    assert not (tmp_path / "static").exists()


def test_many_writers_leave_one_whole_file(tmp_path: Path) -> None:
    target, content = tmp_path / "deep" / "file", b"0123456789" * 10_000
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: write_once(target, content), range(64)))
    assert target.read_bytes() == content
    assert list(target.parent.iterdir()) == [target]


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot be written.*Mend"):
        write_once(tmp_path / "file" / "below", b"x")


# ---- display geometry


def test_borders_shared_before_are_shared_after() -> None:
    wiggle = [(1.0, 0.0), (1.02, 0.25), (0.98, 0.5), (1.01, 0.75), (1.0, 1.0)]
    left = Polygon([(0, 0), *wiggle, (0, 1)])
    right = Polygon([(2, 0), (2, 1), *reversed(wiggle)])
    simple = simplify_units([left, right], 0.1)
    assert shapely.get_num_coordinates(simple).sum() < shapely.get_num_coordinates([left, right]).sum()
    assert simple[0].intersection(simple[1]).area == 0
    assert shapely.union_all(simple).area == pytest.approx(2.0)


def test_a_unit_smaller_than_a_pixel_stays() -> None:
    tiny = box(5, 5, 5.0001, 5.0001)
    assert simplify_units([box(0, 0, 1, 1), tiny], 0.5)[1].area > 0
    assert simplify_units([], 0.5) == []


def test_tolerance_follows_the_extent() -> None:
    assert display_tolerance((102.0, 8.0, 110.0, 23.5)) == pytest.approx(0.00775)
    assert 0.0005 <= display_tolerance((106.3, 11.3, 107.5, 12.4)) <= 0.001


def test_published_outlines_carry_codes_only_and_are_named_by_content(tmp_path: Path) -> None:
    units = communes()
    address = publish_units(units, tmp_path)
    published = json.loads(file_of(address, tmp_path).read_text("utf-8"))
    assert [f["properties"] for f in published["features"]] == [{"code": code} for code in units["unit_code"]]
    assert publish_units(units, tmp_path) == address
    moved = units.set_geometry(units.translate(xoff=0.01))
    assert publish_units(moved, tmp_path) != address


def test_outlines_are_simplified_once_for_the_map_and_all_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = communes()
    made = display_units(units, tmp_path)
    copy = file_of(publish_units(units, tmp_path), tmp_path)
    assert copy.read_bytes() == made
    shapes = display_outlines(units, tmp_path)
    assert len(shapes) == len(units)
    assert shapely.equals_exact(shapes, units.geometry.to_numpy(), 1e-5, normalize=True).all()

    def refuse(*_: object) -> list[object]:
        raise AssertionError("simplified again")

    monkeypatch.setattr("layers.simplify.simplify_units", refuse)
    assert display_units(units, tmp_path) == made
    with pytest.raises(AssertionError, match="simplified again"):
        display_units(units.iloc[1:], tmp_path)


@pytest.mark.parametrize(
    "damaged",
    [b"", b'{"type":"FeatureCollection","fea', b"[]", b"null", b'{"features":[{"properties":{"code":"1"}}]}'],
)
def test_a_copy_that_is_no_longer_what_was_written_goes_into_no_file(tmp_path: Path, damaged: bytes) -> None:
    units = communes()
    made = display_units(units, tmp_path)
    file_of(publish_units(units, tmp_path), tmp_path).write_bytes(damaged)
    assert display_units(units, tmp_path) == made
    assert len(display_outlines(units, tmp_path)) == len(units)


@settings(max_examples=20, deadline=None)
@given(st.floats(102, 109), st.floats(8, 23))
def test_published_points_are_within_a_metre(
    tmp_path_factory: pytest.TempPathFactory, x: float, y: float
) -> None:
    folder = tmp_path_factory.mktemp("p")
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([x], [y]), crs="EPSG:4326")
    published = json.loads(file_of(publish_shapes(frame, [{"name": "a"}], folder), folder).read_text("utf-8"))
    found = published["features"][0]["geometry"]["coordinates"]
    assert found == pytest.approx([x, y], abs=0.6e-5)


def test_shapes_in_another_crs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="different CRSs"):
        publish_shapes(places().to_crs(3857), [{}] * 3, tmp_path)


# ---- base map


def test_base_map_names_nobody_but_the_app(tmp_path: Path) -> None:
    before = (list(folium.Map.default_js), list(folium.Map.default_css))
    base = BaseMap(install_assets(tmp_path), BOUNDS, Basemap())
    shown = base.get_root().render()
    assert not re.findall(r"https?:|[\"']//", shown.replace("http://www.w3.org", ""))
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before
    assert all(address.startswith(URL_FROM_MAP) for _, address in (*base.default_js, *base.default_css))


def test_basemap_by_workspace_and_environment() -> None:
    assert choose_basemap("", "", {}) == Basemap()
    assert "openstreetmap.org" in choose_basemap("osm", "", {}).url
    assert choose_basemap("osm", "", {}).attribution == "© OpenStreetMap contributors"
    assert choose_basemap("https://a/{z}/{x}/{y}.png", "me", {}) == Basemap("https://a/{z}/{x}/{y}.png", "me")
    assert choose_basemap("osm", "", {"VUNGLOM_BASEMAP_URL": ""}) == Basemap()
    assert choose_basemap("", "", {"VUNGLOM_BASEMAP_URL": "OSM"}).url


def test_two_bases_that_differ_are_two_maps(tmp_path: Path) -> None:
    assets = install_assets(tmp_path)
    hashes = set()
    for url in ("", "https://a/{z}_abc/{x}/{y}.png", "https://a/{z}_def/{x}/{y}.png"):
        basemap = Basemap(url, "x" if url else "")
        script = generate_leaflet_string(BaseMap(assets, BOUNDS, basemap))
        hashes.add(generate_js_hash(script, base_map_key(BOUNDS, basemap)))
    assert len(hashes) == 3


def test_the_same_base_is_the_same_map_every_time(tmp_path: Path) -> None:
    assets = install_assets(tmp_path)
    hashes = {
        generate_js_hash(generate_leaflet_string(BaseMap(assets, BOUNDS, Basemap())), "k") for _ in range(3)
    }
    assert len(hashes) == 1


# ---- units


def test_message_names_every_unit_once() -> None:
    message = units_message(communes(), VIEW)
    assert list(message["units"]) == communes()["unit_code"].tolist()
    assert message["units"]["25008"] == [0, "xã Bù Gia Mập", "Vùng lõm"]
    assert message["units"]["25012"] == [message["missing"], "xã Tân Khai", "Chưa đủ bằng chứng"]
    assert message["bounds"] == [[11.5, 106.5], [11.8, 106.9]]
    assert message["classes"][message["missing"]]["hatch"]


def sent(message: dict[str, Any], tmp_path: Path) -> str:
    base = BaseMap(install_assets(tmp_path), BOUNDS, Basemap())
    base.get_root().render()
    base.render()  # type: ignore[no-untyped-call]
    generate_leaflet_string(base)
    return str(_get_feature_group_string(units_group(message), map=base))


def test_script_for_the_browser_holds_no_name_as_written(tmp_path: Path) -> None:
    script = sent(units_message(communes(), VIEW), tmp_path)
    assert "window.vunglom.show(map_div, feature_group_feature_group_0, JSON.parse('" in script
    for nasty in NASTY_NAMES:
        assert nasty not in script
    for sign in ("<", "`", "${", "{{", "{%", "49"):
        assert sign not in script.split("JSON.parse('")[1].split("')")[0]


def test_message_survives_the_component_unchanged(tmp_path: Path) -> None:
    message = units_message(communes(), replace(VIEW, selected="25001"))
    literal = sent(message, tmp_path).split("JSON.parse('")[1].split("')")[0]
    assert json.loads(json.loads(f'"{literal}"')) == message


def test_what_is_kept_and_what_is_chosen_make_the_whole_message(tmp_path: Path) -> None:
    mine = chosen_part("25001", coverage_overlays(coverage_areas(), "4G", ("VNPT",), tmp_path, "vi"), ())
    base = BaseMap(install_assets(tmp_path), BOUNDS, Basemap())
    group = units_group(mine, units_literal(communes(), VIEW))
    script = str(_get_feature_group_string(group, map=base))
    assert "Object.assign(JSON.parse('" in script
    kept, own = (
        json.loads(json.loads(f'"{part.split(chr(39))[0]}"')) for part in script.split("JSON.parse('")[1:]
    )
    assert kept == units_message(communes(), VIEW)
    assert own == mine
    assert {**kept, **own} == {
        **units_message(communes(), replace(VIEW, selected="25001")),
        "extras": mine["extras"],
    }


def test_kind_is_said_once() -> None:
    frame = (
        communes()
        .iloc[:3]
        .assign(name=["Phường Bình Long", "Lộc Ninh", "Tân Khai"], kind=["phường", "xã", None])
    )
    assert unit_labels(frame) == ["Phường Bình Long", "xã Lộc Ninh", "Tân Khai"]


# ---- overlays


def test_overlays_name_their_evidence_and_keep_their_colour(tmp_path: Path) -> None:
    areas = coverage_areas()
    assert technologies_of(areas) == ("4G", "5G")
    # in the order of the alphabet, whatever the case
    assert operators_of(areas, "4G") == ("Viettel", "VNPT")
    assert operators_of(None, "4G") == technologies_of(None) == ()
    both = coverage_overlays(areas, "4G", ("VNPT", "Viettel"), tmp_path, "en")
    assert [overlay.label for overlay in both] == [
        "VNPT 4G · declared by operators, as of 2026-09-30",
        "Viettel 4G · modelled, terrain-blind, as of 2026-09-30",
    ]
    assert both[0].dash is None
    assert both[1].dash is not None
    assert both[0].slant != both[1].slant
    alone = coverage_overlays(areas, "5G", ("Viettel",), tmp_path, "vi")
    assert alone[0].colour == both[1].colour
    assert all(file_of(overlay.address, tmp_path).is_file() for overlay in (*both, *alone))


def test_places_by_class_with_town_names(tmp_path: Path) -> None:
    assert place_classes_of(places()) == ("town", "school", "clinic")
    assert place_classes_of(None) == ()
    town, school = place_marks(places(), ("town", "school"), tmp_path, "vi")
    assert (town.labelled, school.labelled) == (True, False)
    published = json.loads(file_of(town.address, tmp_path).read_text("utf-8"))
    assert published["features"][0]["properties"] == {"name": "Thị trấn <i>Thử</i>"}
