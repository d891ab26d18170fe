"""The map page as a visitor meets it, in Chromium, with everything outside the machine out of reach."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser import MAPS, Visit, chromium_path, serve, visit
from tests.fake_built import SOUTH, STEP, WEST, fake_built

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    chromium_path()
    folder = tmp_path_factory.mktemp("served")
    fake_built(folder / "workspace")
    with serve(folder / "workspace", folder / "app.log") as found:
        yield found


@pytest.fixture
def seen(browser: Any, address: str) -> Iterator[Visit]:
    with visit(browser, address) as found:
        found.wait_map()
        yield found


def middle(column: int, row: int) -> tuple[float, float]:
    """Latitude and longitude of the middle of a square."""
    return SOUTH + STEP * (row + 0.5), WEST + STEP * (column + 0.5)


def panel_of(seen: Visit, code: str) -> str:
    """What the panel of this unit says, once it is there and the page is at rest."""
    seen.page.wait_for_selector(f'section.vl-panel[data-code="{code}"]')
    seen.settle()
    found: str = seen.page.inner_text(f'section.vl-panel[data-code="{code}"]')
    return found


def tip_at(seen: Visit, latitude: float, longitude: float) -> str:
    """What the map says where the mouse is."""
    seen.settle()
    seen.page.mouse.move(*seen.place_of(latitude, longitude))
    found: str = seen.page.frame_locator(MAPS).locator(".vl-tip").inner_text()
    return found


def test_first_sight_is_vietnamese_with_every_unit_painted(seen: Visit) -> None:
    seen.settle()
    state = seen.state()
    assert len(state["classes"]) == 12
    # gap, watch, served, then the hatched class of units without evidence
    assert state["classes"]["25001"] == 2
    assert state["classes"]["25008"] == 0
    assert state["classes"]["25012"] == 3
    body = seen.page.inner_text("body")
    assert "Dữ liệu minh hoạ, ranh giới gần đúng" in body
    assert "Chưa đủ bằng chứng" in body


def test_indicator_changes_without_another_map(seen: Visit) -> None:
    seen.frame.evaluate(
        "window.marker = 'same map'; window.map.setView([11.62, 106.71], 11.5, {animate: false})"
    )
    seen.choose("Chỉ tiêu tô màu", "Tải xuống di động")
    state = seen.wait_map("s.indicator === 'mobile_download_mbps'")
    assert state["classes"]["25008"] == 0
    assert state["classes"]["25011"] == 5
    assert seen.frame.evaluate("window.marker") == "same map"
    assert seen.frame.evaluate("window.map.getZoom()") == 11.5
    assert seen.frame.evaluate("window.map.getCenter().lat") == pytest.approx(11.62, abs=0.01)
    seen.page.wait_for_url("**indicator=mobile_download_mbps*")


def parts_sent(frames: list[bytes]) -> set[str]:
    """Kinds of elements that the server sent in these messages."""
    told = [ForwardMsg.FromString(frame) for frame in frames]
    return {
        str(one.delta.new_element.WhichOneof("type")) for one in told if one.WhichOneof("type") == "delta"
    }


def test_a_change_of_indicator_sends_the_map_and_no_table(browser: Any, address: str) -> None:
    with visit(browser, address) as seen:
        frames = seen.traffic.received
        seen.wait_map()
        seen.settle()
        assert parts_sent(frames) >= {"component_instance", "dataframe"}
        frames.clear()
        seen.choose("Chỉ tiêu tô màu", "Tải xuống di động")
        seen.wait_map("s.indicator === 'mobile_download_mbps'")
        seen.settle()
        assert "component_instance" in parts_sent(frames)
        assert "dataframe" not in parts_sent(frames)
        # the chart below follows an own indicator, and the table a unit
        frames.clear()
        seen.choose("Chỉ tiêu tô màu", "Hồ sơ <i>trực tuyến</i>")
        seen.wait_map("s.indicator === 'indicator:ho_so'")
        seen.settle()
        assert parts_sent(frames) >= {"component_instance", "dataframe"}


def test_click_opens_the_panel_and_marks_the_row(seen: Visit) -> None:
    seen.click_unit(*middle(3, 1))
    panel = panel_of(seen, "25008")
    assert "Bù Gia Mập" in panel
    assert "Vùng lõm" in panel
    assert (
        "Dân số được phủ 4G là 55,0% (nhà mạng công bố), thấp hơn mục tiêu 99,8%; cần phủ thêm 5.378 người để đạt."
        in panel
    )
    assert "Viettel" in panel
    assert seen.state()["selected"] == "25008"
    seen.page.wait_for_url("**unit=25008*")
    seen.click_unit(*middle(0, 0))
    assert "Mọi tiêu chí đều đạt." in panel_of(seen, "25001")


def test_second_click_on_the_same_unit_after_another_choice_counts(seen: Visit) -> None:
    seen.click_unit(*middle(3, 1))
    panel_of(seen, "25008")
    seen.page.get_by_role("textbox", name="Tìm đơn vị").fill("25001")
    seen.page.keyboard.press("Enter")
    panel_of(seen, "25001")
    # the search has brought the unit near; the other one is beside it again
    seen.frame.evaluate("void window.map.setView([11.65, 106.7], 10, {animate: false})")
    seen.click_unit(*middle(3, 1))
    panel_of(seen, "25008")


def test_table_row_moves_the_map(seen: Visit) -> None:
    seen.frame.evaluate("window.map.setView([11.55, 106.55], 13, {animate: false})")
    seen.settle()
    # the furthest behind is the first row: 25008, score 100
    seen.click_cell(18, 36 + 17)
    panel_of(seen, "25008")
    seen.wait_map("s.selected === '25008'")
    seen.frame.wait_for_function("() => window.map.getBounds().contains([11.65, 106.85])")
    assert seen.frame.evaluate("window.map.getZoom()") == 13


def test_language_switch_keeps_everything_else(seen: Visit) -> None:
    seen.choose("Chỉ tiêu tô màu", "Khoảng cách đến đô thị")
    seen.wait_map("s.indicator === 'town_distance_km'")
    seen.click_unit(*middle(3, 1))
    panel_of(seen, "25008")
    seen.frame.evaluate("window.marker = 'same map'")
    seen.press(seen.page.get_by_role("radio", name="English"))
    seen.page.wait_for_selector("text=Illustrative data, approximate boundaries.")
    seen.wait_map("s.indicator === 'town_distance_km' && s.selected === '25008'")
    assert "People covered by 4G: 55.0% (declared by operators), below the goal of 99.8%" in panel_of(
        seen, "25008"
    )
    assert seen.frame.evaluate("window.marker") == "same map"
    seen.page.wait_for_url("**lang=en*")


def test_address_brings_the_view_back(browser: Any, address: str) -> None:
    query = "lang=en&indicator=4g_covered_people_share&overlay=4G&operators=Viettel&unit=25009&points=school"
    with visit(browser, f"{address}/?{query}") as seen:
        state = seen.wait_map("s.indicator === '4g_covered_people_share' && s.overlays.length === 2")
        assert state["selected"] == "25009"
        panel_of(seen, "25009")
        assert "modelled" in seen.page.inner_text(".vl-legend")


def test_back_and_forward_bring_views_back(seen: Visit) -> None:
    seen.choose("Chỉ tiêu tô màu", "Khoảng cách đến đô thị")
    seen.wait_map("s.indicator === 'town_distance_km'")
    seen.click_unit(*middle(3, 1))
    panel_of(seen, "25008")
    seen.page.wait_for_url("**unit=25008*")
    seen.press(seen.page.get_by_role("radio", name="English"))
    seen.page.wait_for_url("**lang=en*")
    seen.frame.evaluate("window.marker = 'same map'")
    seen.settle()
    seen.page.go_back()
    seen.page.wait_for_selector("text=Dữ liệu minh hoạ, ranh giới gần đúng.")
    assert panel_of(seen, "25008")
    seen.settle()
    seen.page.go_back()
    seen.wait_map("s.selected === null && s.indicator === 'town_distance_km'")
    seen.settle()
    seen.page.go_back()
    seen.wait_map("s.selected === null && s.indicator === 'verdict'")
    seen.settle()
    seen.page.go_forward()
    seen.wait_map("s.indicator === 'town_distance_km'")
    seen.settle()
    seen.page.go_forward()
    seen.wait_map("s.selected === '25008'")
    seen.settle()
    # a choice made after going back counts, and the map never left
    seen.choose("Chỉ tiêu tô màu", "Kết luận")
    seen.wait_map("s.selected === '25008' && s.indicator === 'verdict'")
    assert seen.frame.evaluate("window.marker") == "same map"


def test_a_telephone_shows_the_page_in_its_width(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?unit=25008", width=390, height=844) as seen:
        panel_of(seen, "25008")
        seen.wait_drawn()
        width = seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert width == 390


LOOK = """() => { const box = window.map.getContainer(), canvas = window.map.getPane('overlayPane').querySelector('canvas');
  const own = canvas.getBoundingClientRect(), at = window.map.latLngToContainerPoint([11.65, 106.85]), m = window.map.getSize();
  const pixel = canvas.getContext('2d').getImageData((at.x - own.x) * canvas.width / own.width, (at.y - own.y) * canvas.height / own.height, 1, 1);
  return {height: window.innerHeight, size: [m.x, m.y], zoom: window.map.getZoom(), same: window.marker || null,
    fits: window.map.getBoundsZoom([[11.5, 106.5], [11.8, 106.9]], false, [24, 24]),
    ground: getComputedStyle(box).backgroundColor, ink: getComputedStyle(box.querySelector('.vl-map-tool')).color, unit: [...pixel.data]}; }"""
LIGHT, DARK = "rgb(238, 242, 245)", "rgb(30, 41, 59)"


def looks(seen: Visit, height: int, ground: str) -> dict[str, Any]:
    """How the only map looks once it is so high, on this ground, and painted; it shows the whole region as large as it can."""
    seen.frame.wait_for_function(
        "([high, ground]) => window.innerHeight === high && getComputedStyle(window.map.getContainer()).backgroundColor === ground",
        arg=[height, ground],
    )
    seen.settle()
    found: dict[str, Any] = seen.frame.evaluate(LOOK)
    assert found["size"][1] == height
    assert found["zoom"] == pytest.approx(found["fits"], abs=1e-6)
    assert "#at" not in seen.page.url
    return found


def test_a_map_takes_the_screen_and_the_light_of_its_page(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?lang=en", width=1920, height=1080, theme="dark") as seen:
        seen.wait_map()
        # the guide stands above the map until it is closed
        seen.frame.evaluate("window.marker = 'same map'")
        seen.press(seen.page.get_by_role("button", name="Close", exact=True))
        dark = looks(seen, 1080 - 411 - 48, DARK)
        legend = seen.page.locator(".vl-legend").bounding_box()
        assert legend["y"] + legend["height"] <= 1080, "map and legend are in the first screen"
        assert dark["ink"] == "rgb(226, 232, 240)"
        assert dark["unit"][3] == 255
        seen.page.emulate_media(color_scheme="light")
        light = looks(seen, 1080 - 411 - 48, LIGHT)
        # what shines through a unit in the light lies below it in the dark
        red, green, blue, alpha = light["unit"]
        through = [
            round(one * alpha / 255 + below * (1 - alpha / 255))
            for one, below in zip((red, green, blue), (238, 242, 245), strict=True)
        ]
        assert dark["unit"][:3] == pytest.approx(through, abs=2)
        seen.page.set_viewport_size({"width": 1366, "height": 768})
        small = looks(seen, 420, LIGHT)
        box = seen.page.locator(MAPS).bounding_box()
        assert box["y"] + box["height"] <= 768
        assert small["zoom"] < light["zoom"]
        # a place looked at is the same in another size, in the address too
        seen.frame.evaluate("void window.map.setView([11.6543217, 106.7123456], 11.3, {animate: false})")
        seen.page.wait_for_url("**#at=11.6543,106.7123,11.3")
        seen.page.set_viewport_size({"width": 1501, "height": 903})
        seen.frame.wait_for_function("window.innerHeight === 903 - 411 - 48")
        seen.settle()
        assert seen.frame.evaluate(
            "[window.map.getCenter().lat, window.map.getCenter().lng, window.map.getZoom(), window.map.getSize().y]"
        ) == pytest.approx([11.6543217, 106.7123456, 11.3, 444], abs=1e-7)
        assert seen.page.url.endswith("#at=11.6543,106.7123,11.3")
        assert seen.frame.evaluate("window.marker") == "same map"


def test_another_list_of_units_on_the_same_map(seen: Visit) -> None:
    seen.frame.evaluate("window.marker = 'same map'")
    seen.choose("Danh sách đơn vị", "cấp huyện, từ 30/4/2026 (3)")
    state = seen.wait_map("Object.keys(s.classes).length === 3")
    assert set(state["classes"]) == {"701", "702", "703"}
    assert seen.frame.evaluate("window.marker") == "same map"


def test_overlay_lets_clicks_through(seen: Visit) -> None:
    seen.choose("Lớp vùng phủ sóng", "4G")
    seen.wait_map("s.overlays.length === 3")
    seen.click_unit(*middle(1, 1))
    panel_of(seen, "25006")


def test_hover_says_the_interval_and_thin_evidence_is_hatched(browser: Any, address: str) -> None:
    with visit(browser, address + "/?lang=en&indicator=gap_score") as seen:
        state = seen.wait_map()
        assert state["thin"] == ["25008", "25009", "25011"]
        said = tip_at(seen, *middle(0, 2))
        assert "90%: " in said
        assert said.endswith("thin evidence")
        assert "Lines over the colour: thin evidence (3 units)" in seen.page.inner_text(".vl-legend")


def test_classes_of_direction_come_with_the_slope(browser: Any, address: str) -> None:
    with visit(browser, address + "/?lang=vi&indicator=mobile_direction") as seen:
        state = seen.wait_map()
        assert [state["classes"][code] for code in ("25001", "25002", "25008", "25011")] == [2, 1, 0, 3]
        assert "-2,0 Mbps mỗi năm (90%: -3,5 – -0,5)" in tip_at(seen, *middle(3, 1))
        assert "Như mức chung" in seen.page.inner_text(".vl-legend")


def test_own_indicators_are_coloured_alone_and_with_the_gap(browser: Any, address: str) -> None:
    with visit(browser, address + "/?lang=vi&indicator=bivariate:ho_so") as seen:
        state = seen.wait_map()
        seen.settle()
        assert state["indicator"] == "bivariate:ho_so"
        # the worst of both, and the one without any figure
        assert state["classes"]["25008"] == 8
        assert state["classes"]["25012"] == 9
        assert "vừa tụt hậu nhiều vừa kém nhất về chỉ tiêu này" in seen.page.inner_text(".vl-square")
        seen.choose("Chỉ tiêu tô màu", "Hồ sơ <i>trực tuyến</i>")
        assert seen.wait_map("s.indicator === 'indicator:ho_so'")["classes"]["25012"] == 5
        seen.settle()
        assert "Hồ sơ <i>trực tuyến</i>: tương quan hạng" in seen.page.inner_text("body")


def test_hostile_names_stay_text(browser: Any, address: str) -> None:
    with visit(browser, address) as seen:
        seen.wait_map()
        for column in range(4):
            latitude, longitude = middle(column, 0)
            seen.click_unit(latitude, longitude)
            panel_of(seen, f"2500{column + 1}")
        seen.page.mouse.move(10, 10)
        seen.click_unit(*middle(0, 0))
        assert "<img src=x onerror" in panel_of(seen, "25001")
        assert seen.page.evaluate("window.hacked") is None
        assert seen.frame.evaluate("window.hacked") is None
        assert "<i>Thử</i>" in seen.frame.inner_text(".vl-place")


def test_downloads_are_valid(seen: Visit) -> None:
    seen.settle()
    with seen.page.expect_download() as waiting:
        seen.press(seen.page.get_by_role("button", name="Tải GeoJSON", exact=True))
    assert waiting.value.suggested_filename == "binh_thu-2026-04-commune.geojson"
    collection = json.loads(Path(waiting.value.path()).read_bytes())
    assert "crs" not in collection
    assert len(collection["features"]) == 12
    outlines = [shapely.from_geojson(json.dumps(f["geometry"])) for f in collection["features"]]
    assert shapely.is_valid(outlines).all()
    with seen.page.expect_download() as waiting:
        seen.press(seen.page.get_by_role("button", name="Tải CSV"))
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(io.BytesIO(content), dtype=str, encoding="utf-8-sig")
    assert len(table) == 12


def test_unbuilt_workspace_says_what_to_run(browser: Any, tmp_path: Path) -> None:
    from geo.workspace import create_workspace

    create_workspace(tmp_path / "empty", name="Empty")
    with serve(tmp_path / "empty", tmp_path / "app.log") as address, visit(browser, address) as seen:
        seen.page.wait_for_selector("text=Dữ liệu chưa được tính")
        seen.settle()
        assert "vunglom build" in seen.page.inner_text("code")
        assert "Traceback" not in seen.page.inner_text("body")
