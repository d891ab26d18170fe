"""Exploring on the map page: levels, search, filter, threshold, two things in one colour, layers, and all of it in the link."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from geo.limits import find_limits
from geo.results import read_built
from tests.browser import Visit, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SAMPLE = Path(__file__).resolve().parents[1] / "data" / "binh_phuoc"
LOC_NINH = "692"
GAP_OF_LOC_NINH = f"where=district%3D{LOC_NINH}&where=verdict%3Dgap"


def frame_of(seen: Visit) -> Any:
    """What is in the map's frame, to be clicked and typed in."""
    return seen.page.frame_locator("iframe[title*=st_folium]")


def middle_of(seen: Visit, code: str) -> dict[str, float]:
    """The middle of a unit on the map."""
    found: dict[str, float] = seen.frame.evaluate(
        "code => { let at = null; window.map.eachLayer(one => { if (one.feature && one.feature.properties.code === code) "
        "at = one.getBounds().getCenter(); }); return at; }",
        code,
    )
    return found


def zoom_of(seen: Visit) -> float:
    found: float = seen.frame.evaluate("window.map.getZoom()")
    return found


def download(seen: Visit, name: str) -> bytes:
    seen.settle()
    with seen.page.expect_download() as waiting:
        seen.press(seen.page.get_by_role("button", name=name, exact=True))
    return Path(waiting.value.path()).read_bytes()


def test_a_planner_drills_down_filters_and_sends_the_link(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?list=2024-district") as seen:
        seen.wait_map("Object.keys(s.classes).length === 11")
        seen.settle()
        before = zoom_of(seen)
        at = middle_of(seen, LOC_NINH)
        seen.click_unit(at["lat"], at["lng"])
        state = seen.wait_map("Object.keys(s.classes).length === 111 && s.dimmed.length === 95")
        classes = state["classes"]
        seen.settle()
        assert zoom_of(seen) > before
        assert f"where=district%3D{LOC_NINH}" in seen.page.url
        # the panel stays with the district until one of its communes is chosen
        assert "Huyện Lộc Ninh" in seen.page.inner_text(f'section.vl-panel[data-code="{LOC_NINH}"]')
        assert "Đang giữ 16 trên 111 đơn vị · 121.946 người" in seen.page.inner_text(".vl-kept")
        seen.press(seen.page.get_by_role("button", name="Lọc", exact=True))
        seen.press(seen.page.get_by_role("button", name="Vùng lõm", exact=True))
        seen.wait_map("s.dimmed.length > 95")
        seen.page.keyboard.press("Escape")
        seen.settle()
        state = seen.state()
        kept = 111 - len(state["dimmed"])
        assert 0 < kept < 16
        # a filter changes what is set back, never a colour
        assert state["classes"] == classes
        assert f"chỉ có {kept} đơn vị đang giữ" in seen.page.inner_text("body")
        rows = list(csv.reader(io.StringIO(download(seen, "Tải CSV (Excel)").decode("utf-8-sig"))))
        assert len(rows) == 1 + kept
        assert {row[rows[0].index("verdict")] for row in rows[1:]} == {"gap"}
        collection = json.loads(download(seen, "Tải GeoJSON"))
        assert len(collection["features"]) == kept
        assert collection["metadata"]["filter"]["conditions"] == ["verdict=gap", f"district={LOC_NINH}"]
        seen.frame.evaluate("void window.map.setView([11.9, 106.6], 10.7, {animate: false})")
        seen.page.wait_for_url("**#at=11.9000,106.6000,10.7")
        link = seen.page.url
        # back through what was chosen, and the map never left
        seen.frame.evaluate("window.marker = 'same map'")
        seen.page.go_back()
        seen.wait_map("s.dimmed.length === 95")
        seen.settle()
        assert seen.frame.evaluate("window.marker") == "same map"
        seen.press(seen.page.get_by_role("button", name="11 huyện"))
        seen.wait_map("Object.keys(s.classes).length === 11 && s.dimmed.length === 0")
    with visit(browser, link) as other:
        other.wait_map("Object.keys(s.classes).length === 111")
        other.settle()
        state = other.state()
        assert 111 - len(state["dimmed"]) == kept
        assert zoom_of(other) == pytest.approx(10.7)
        assert other.frame.evaluate("window.map.getCenter().lat") == pytest.approx(11.9, abs=0.001)


def test_a_filter_that_leaves_nothing_says_so_on_a_telephone(browser: Any, address: str) -> None:
    query = f"lang=en&where={quote('mobile_download_mbps<1')}&where=nonsense%3D1"
    with visit(browser, f"{address}/?{query}", width=390, height=844) as seen:
        seen.wait_map("s.dimmed.length === 40")
        seen.page.get_by_text("No unit meets every condition").wait_for()
        seen.settle()
        body = seen.page.inner_text("body")
        assert "Mobile download < 1 Mbps" in body
        assert "Of 2 units it is not known whether they do." in body
        assert "The link holds a condition that cannot be read; it was left out: nonsense=1" in body
        assert seen.page.get_by_role("button", name="Download CSV").count() == 0
        assert seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
        seen.press(seen.page.locator(".st-key-kept").get_by_role("button", name="Clear filter"))
        seen.wait_map("s.dimmed.length === 0")
        seen.settle()
        assert "where=" not in seen.page.url
        seen.page.get_by_role("button", name="Download CSV").wait_for()


def test_the_threshold_is_instant_counted_and_in_the_link(browser: Any, address: str) -> None:
    result = read_built(SAMPLE).primary.result
    limits = find_limits(result["mobile_download_mbps"], result["people"], wanted=(5, 20, 40, 80))
    assert limits is not None
    with visit(browser, f"{address}/?indicator=mobile_download_mbps") as seen:
        seen.wait_map("s.limit === null")
        frame = frame_of(seen)
        frame.get_by_role("button", name="Đặt ngưỡng").click()
        slider = frame.get_by_role("slider", name="Ngưỡng của Tải xuống di động")
        seen.wait_map("s.limit && s.limit.side === '<'")
        forty = limits.stops.index(40.0)
        seen.settle()
        heard = len(seen.traffic.received)
        dimmed = seen.frame.evaluate(
            "async stop => { const input = document.querySelector('.vl-limit input'); "
            "input.value = stop; input.dispatchEvent(new Event('input', {bubbles: true})); "
            "await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))); "
            "return window.vunglomState.dimmed.length; }",
            forty,
        )
        # at once, with no answer of the server in between
        assert dimmed == 29
        assert len(seen.traffic.received) == heard
        state = seen.wait_map("s.limit.at === '40'")
        below = limits.below[forty]
        assert len(state["classes"]) - len(state["dimmed"]) == below.units == 11
        said = frame.locator(".vl-limit p").inner_text()
        assert f"Dưới 40 Mbps: {below.units} đơn vị · 193.986 người" in said
        assert "Chưa có số liệu, không tính vào bên nào: 2 đơn vị" in said
        slider.press("ArrowRight")
        slider.press("ArrowLeft")
        frame.get_by_role("combobox").select_option(">=")
        seen.settle()
        seen.page.wait_for_url(f"**limit={quote('mobile_download_mbps>=40', safe='')}*")
        state = seen.state()
        assert len(state["classes"]) - len(state["dimmed"]) == limits.above[forty].units
        seen.page.reload()
        seen.wait_map("s.limit && s.limit.side === '>=' && s.limit.at === '40'")
        # another indicator has another threshold
        seen.choose("Chỉ tiêu tô màu", "Dân số được phủ 4G")
        seen.wait_map(
            "s.indicator === '4g_covered_people_share' && s.limit === null && s.dimmed.length === 0"
        )
        seen.settle()
        assert "limit=" not in seen.page.url
        frame.get_by_role("button", name="Đặt ngưỡng").click()
        frame.get_by_role("button", name="Lọc theo ngưỡng này").click()
        seen.page.locator(".vl-kept").wait_for()
        seen.settle()
        assert "where=4g_covered_people_share%3C" in seen.page.url


def test_any_old_or_new_name_leads_to_its_unit(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/") as seen:
        seen.wait_map()
        seen.settle()
        before = zoom_of(seen)
        box = seen.page.get_by_role("textbox", name="Tìm đơn vị")
        box.fill("Loc Hiep")
        box.press("Enter")
        state = seen.wait_map("s.selected === '25292'")
        seen.frame.wait_for_function("before => window.map.getZoom() > before", arg=before)
        said = "Lộc Hiệp (xã cũ, Huyện Lộc Ninh, Tỉnh Bình Phước) nay thuộc xã Lộc Quang."
        seen.page.get_by_text(said).wait_for()
        seen.settle()
        box.fill("tan phu")
        box.press("Enter")
        seen.page.get_by_text("Tân Phú (thị trấn cũ, Huyện Đồng Phú, Tỉnh Bình Phước) nay thuộc:").wait_for()
        assert seen.state()["selected"] == state["selected"]
        seen.press(seen.page.get_by_role("button", name="phường Đồng Phú", exact=True))
        seen.wait_map("s.selected !== '25292'")
        seen.settle()
        box.fill("Không Có Đâu <b>")
        box.press("Enter")
        seen.page.get_by_text("Không thấy “Không Có Đâu <b>” trong danh sách này").wait_for()
        seen.press(seen.page.get_by_role("button", name="Đặt lại"))
        seen.wait_map("s.selected === null")
        seen.settle()
        assert zoom_of(seen) == before
        assert seen.page.url.rstrip("/") == address


def test_a_district_found_on_a_list_of_communes_is_opened(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?list=2024-commune&lang=en", width=390, height=844) as seen:
        seen.wait_map()
        seen.settle()
        box = seen.page.get_by_role("textbox", name="Find a unit")
        box.fill("huyen loc ninh")
        box.press("Enter")
        seen.press(seen.page.get_by_role("button", name="Open huyện Lộc Ninh"))
        seen.wait_map("s.dimmed.length === 95")
        seen.settle()
        assert f"where=district%3D{LOC_NINH}" in seen.page.url
        assert seen.page.locator(".vl-crumb b").inner_text() == "Lộc Ninh: 16 communes"


def test_layers_keep_their_order_evidence_and_strength(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?lang=en&overlay=4G&indicator=bivariate:people") as seen:
        state = seen.wait_map("s.overlays.length === 7")
        # two communes are both far behind and full of people
        assert [state["classes"].get(code) for code in sorted(state["classes"])].count(8) == 2
        seen.settle()
        square = seen.page.locator(".vl-square table")
        assert square.locator("tbody td").count() == 9
        assert "Darkest, top right" in seen.page.inner_text(".vl-square")
        seen.press(seen.page.get_by_role("button", name="Layers", exact=True))
        seen.press(seen.page.get_by_role("button", name="modelled, terrain-blind"))
        seen.wait_map("s.overlays.length === 3")
        seen.press(seen.page.get_by_role("button", name="2. Vietnamobile"))
        seen.page.get_by_role("button", name="1. Vietnamobile").wait_for()
        seen.page.get_by_role("slider", name="Strength").press("ArrowLeft")
        seen.settle()
        assert "evidence=modelled" in seen.page.url
        assert "opacity=90" in seen.page.url
        assert "order=Vietnamobile&order=MobiFone" in seen.page.url
        seen.page.reload()
        seen.wait_map("s.overlays.length === 3")


def test_border_units_are_kept_coloured_and_named(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?where=border%3Dyes") as seen:
        seen.wait_map("s.dimmed.length === 32")
        seen.page.get_by_text("Đang giữ 8 trên 40 đơn vị").wait_for()
        seen.page.get_by_text("Giáp biên giới: 8 đơn vị có (điểm tụt hậu trung vị").wait_for()
        seen.choose("Chỉ tiêu tô màu", "Giáp biên giới")
        state = seen.wait_map("s.indicator === 'indicator:border'")
        # yes and no: two classes, no square of thirds, no threshold
        inside = {code for code, place in state["classes"].items() if place == 0}
        assert inside == {*state["classes"]} - {*state["dimmed"]}
        assert {*state["classes"].values()} == {0, 1}
        seen.settle()
        assert re.search(r"Có\s+8 đơn vị.*Không\s+32 đơn vị", seen.page.inner_text(".vl-legend"), re.DOTALL)
        assert seen.page.locator(".vl-square").count() == 0
        # the chart is of figures
        assert seen.page.inner_text(".vl-scatter").startswith("Hồ sơ dịch vụ công nộp trực tuyến")
        # a threshold and thirds of other figures go with it
        seen.choose("Chỉ tiêu tô màu", "Tụt hậu × dân số")
        seen.wait_map("s.indicator === 'bivariate:people' && s.dimmed.length === 32")
    query = "lang=en&list=2024-commune&indicator=indicator:border&where=border%3Dno&unit=25280"
    with visit(browser, f"{address}/?{query}", width=390, height=844) as seen:
        seen.wait_map("s.dimmed.length === 15 && s.indicator === 'indicator:border'")
        seen.page.get_by_text("96 of 111 units kept").wait_for()
        assert "A border unit." in seen.page.inner_text("section.vl-panel[data-code='25280']")
        assert seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    # districts are not in the table: what would make it known is said
    with visit(browser, f"{address}/?lang=en&list=2024-district") as seen:
        seen.wait_map("Object.keys(s.classes).length === 11")
        seen.press(seen.page.get_by_role("button", name="Filter", exact=True))
        seen.page.get_by_text("nothing is carried to another level").wait_for()


def test_the_whole_region_says_only_what_can_be_added_up(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?lang=en") as seen:
        seen.wait_map()
        seen.settle()
        seen.page.get_by_role("button", name="Whole region").focus()
        seen.page.keyboard.press("Enter")
        state = seen.wait_map("Object.keys(s.classes).length === 1")
        # a verdict cannot be added up: no class, and the panel counts the units instead
        assert state["classes"] == {"all": 1}
        seen.settle()
        panel = seen.page.inner_text('section.vl-panel[data-level="whole"]')
        assert "cannot be added up" in panel
        assert "1,099,953" in panel
        seen.choose("Indicator", "People covered by 4G", exact=True)
        assert seen.wait_map("s.indicator === '4g_covered_people_share'")["classes"] == {"all": 3}
        seen.settle()
        assert "level=whole" in seen.page.url
        seen.page.reload()
        seen.wait_map("Object.keys(s.classes).length === 1")
        seen.settle()
        at = middle_of(seen, "all")
        seen.click_unit(at["lat"], at["lng"])
        seen.wait_map("Object.keys(s.classes).length === 40")
