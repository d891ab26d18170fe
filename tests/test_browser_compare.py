"""Tools, quarters and two maps compared, as a visitor with a real mouse and keyboard meets them."""

import re
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyproj import Geod

from geo.filter_frame import filter_frame
from geo.results import read_built
from geo.unit_filter import mask, read_filter
from layers.explore import limits_message
from layers.palette import INDICATORS, classify
from layers.strings import text
from tests.browser import WAIT_MS, Visit, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SAMPLE = Path(__file__).resolve().parents[1] / "data" / "binh_phuoc"
GEOD = Geod(ellps="WGS84")


def tool(frame: Any, name: str) -> Any:
    return frame.locator(f'.vl-map-tool[data-tool="{name}"]')


def view(frame: Any) -> list[float]:
    found: list[float] = frame.evaluate(
        "[window.map.getCenter().lat, window.map.getCenter().lng, window.map.getZoom()]"
    )
    return found


def rested(seen: Visit, *frames: Any) -> None:
    """Wait until the maps are where they go."""
    for frame in frames:
        seen.place_of(11.8, 106.9, frame)


def test_tools_by_mouse_and_by_keyboard(browser: Any, address: str) -> None:
    with visit(browser, address) as seen:
        seen.wait_map()
        seen.settle()
        frame = seen.frame
        home = view(frame)
        one, two = (11.9, 106.75), (11.75, 106.95)
        tool(frame, "distance").focus()
        assert tool(frame, "distance").locator("span").inner_text() == "Đo khoảng cách"
        seen.page.keyboard.press("Enter")
        for count, at in enumerate((one, two), 1):
            seen.page.mouse.click(*seen.place_of(*at, frame))
            frame.wait_for_function(f"window.vunglomState.tool?.points === {count}")
            # not a double click
            seen.page.wait_for_timeout(600)
        metres = GEOD.inv(one[1], one[0], two[1], two[0])[2]
        state = seen.state()
        assert state["tool"]["points"] == 2
        assert state["tool"]["metres"] == pytest.approx(metres, rel=0.01)
        written = re.search(r"Khoảng cách: (\d+),(\d\d) km", frame.inner_text(".vl-map-hint"))
        assert written
        assert float(f"{written[1]}.{written[2]}") * 1000 == pytest.approx(metres, rel=0.01)
        # a corner is no choice of the unit below it
        assert state["selected"] is None
        assert "unit=" not in seen.page.url
        # the first Escape ends measuring
        seen.page.keyboard.press("Escape")
        frame.wait_for_function("window.vunglomState.tool === null")
        area_by_keyboard(seen, frame)
        coordinates(seen, frame)
        # away, and back to the whole list
        frame.evaluate("window.map.setView([11.6, 106.6], 12, {animate: false})")
        seen.page.wait_for_function("location.hash.startsWith('#at=11.6')")
        tool(frame, "whole").click()
        rested(seen, frame)
        # to a pixel: the frame may have been a scroll bar narrower when the page opened
        assert view(frame) == pytest.approx(home, abs=0.005)
        seen.page.wait_for_function("location.hash === ''")
        tool(frame, "full").click()
        frame.wait_for_function("document.fullscreenElement !== null")
        frame.locator(".vl-map-key").get_by_text("Vùng lõm").wait_for()
        frame.get_by_role("button", name="Thoát toàn màn hình").click()
        frame.wait_for_function("document.fullscreenElement === null")


def area_by_keyboard(seen: Visit, frame: Any) -> None:
    """A triangle whose corners are the middle of the map, moved by arrows, to a known area."""
    tool(frame, "area").focus()
    seen.page.keyboard.press("Enter")
    assert "Enter" in frame.inner_text(".vl-map-hint")
    frame.evaluate("window.map.getContainer().focus()")
    corners = []
    for count, key in enumerate(("ArrowRight", "ArrowDown", "ArrowLeft"), 1):
        seen.page.keyboard.press("Enter")
        frame.wait_for_function(f"window.vunglomState.tool?.points === {count}")
        before = view(frame)
        corners.append(before)
        seen.page.keyboard.press(key)
        frame.wait_for_function(
            "([lat, lng]) => { const at = window.map.getCenter(); return at.lat !== lat || at.lng !== lng; }",
            arg=before[:2],
        )
        rested(seen, frame)
    found = seen.state()["tool"]
    assert found["points"] == 3
    wanted = GEOD.polygon_area_perimeter([at[1] for at in corners], [at[0] for at in corners])[0]
    assert found["squares"] == pytest.approx(abs(wanted), rel=0.001)
    assert "Diện tích" in frame.inner_text(".vl-map-hint")
    frame.get_by_role("button", name="Bỏ điểm cuối").click()
    assert seen.state()["tool"]["points"] == 2
    frame.get_by_role("button", name="Đóng").click()
    assert seen.state()["tool"] is None


def coordinates(seen: Visit, frame: Any) -> None:
    tool(frame, "where").click()
    # the mouse is on the button: the middle of the map is said
    frame.wait_for_function("document.querySelector('.vl-map-where').textContent.startsWith('Giữa bản đồ')")
    seen.page.mouse.move(*seen.place_of(11.8, 107.0, frame))
    frame.wait_for_function("!document.querySelector('.vl-map-where').textContent.startsWith('Giữa bản đồ')")
    said = frame.inner_text(".vl-map-where")
    numbers = re.fullmatch(r"(\d+,\d{5})° B · (\d+,\d{5})° Đ", said)
    assert numbers, said
    assert [float(one.replace(",", ".")) for one in numbers.groups()] == pytest.approx(
        [11.8, 107.0], abs=0.01
    )
    tool(frame, "where").click()
    assert not frame.is_visible(".vl-map-where")


def test_geodesics_agree_with_another_library(browser: Any, address: str) -> None:
    with visit(browser, address) as seen:
        seen.wait_map()
        seen.settle()
        for one, two in (
            ((11.5, 106.6), (11.9, 107.2)),
            ((8.5, 104.7), (23.3, 105.3)),
            ((-33.0, 151.0), (60.0, -20.0)),
        ):
            given = [{"lat": at[0], "lng": at[1]} for at in (one, two)]
            found = seen.frame.evaluate("at => window.vunglomTools.distance(at[0], at[1])", given)
            assert found == pytest.approx(GEOD.inv(one[1], one[0], two[1], two[0])[2], rel=1e-9)
        for ring in (
            [(11.5, 106.6), (11.5, 107.2), (11.9, 107.2), (11.9, 106.6)],
            [(11.5, 106.6), (11.501, 106.6), (11.501, 106.602)],
            [(8.6, 104.7), (23.3, 105.3), (15.0, 109.0)],
        ):
            given = [{"lat": at[0], "lng": at[1]} for at in ring]
            found = seen.frame.evaluate("ring => window.vunglomTools.area(ring)", given)
            wanted = GEOD.polygon_area_perimeter([at[1] for at in ring], [at[0] for at in ring])[0]
            assert found == pytest.approx(abs(wanted), rel=1e-3)
        crossed = [{"lat": a, "lng": b} for a, b in ((0, 0), (1, 1), (0, 1), (1, 0))]
        assert seen.frame.evaluate("ring => window.vunglomTools.crosses(ring)", crossed) is True


def classes_in(quarter: str) -> dict[str, int]:
    """Class of every unit by its own mean of the quarter, straight from the table."""
    units = read_built(SAMPLE).primary
    rows = units.speed[(units.speed["network"] == "mobile") & (units.speed["quarter"] == quarter)]
    mean = units.result["unit_code"].map(rows.set_index("unit_code")["download_raw_mbps"])
    indicator = next(one for one in INDICATORS if one.column == "mobile_download_mbps")
    return dict(zip(units.result["unit_code"], classify(indicator, pd.Series(mean)).tolist(), strict=True))


def test_quarters_play_without_the_server(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?indicator=mobile_quarter_mbps&quarter=2025Q1") as seen:
        received = seen.traffic.received
        state = seen.wait_map("s.quarter === '2025Q1'")
        assert state["classes"] == classes_in("2025Q1")
        # without tests in this quarter, whatever there was before
        assert sorted(state["classes"].values())[-1] == 5
        assert state["playing"] is False
        seen.settle()
        frame = seen.frame
        bar = frame.locator(".vl-quarters")
        assert "Quý 1/2025" in bar.inner_text()
        frame.evaluate(
            "(() => { const tell = window.vunglom.tell; window.told = []; window.vunglom.tell = (what) => { window.told.push(what); tell(what); }; })()"
        )
        # slowly, so that a busy machine is asked before it has played to the end
        bar.get_by_role("combobox").select_option("slow")
        seen.settle()
        received.clear()
        bar.get_by_role("button", name="Chạy").click()
        seen.wait_map("s.quarter === '2025Q2' && s.playing")
        assert received == [], "the server has nothing to do while it plays"
        assert frame.evaluate("window.told") == [], "a frame is not told to the server"
        assert "quarter=2025Q1" in seen.page.url
        bar.get_by_role("combobox").select_option("fast")
        # it stops at the newest, which the address leaves out
        seen.wait_map("s.quarter === '2026Q3' && !s.playing")
        assert frame.evaluate("window.told") == [{"quarter": "2026Q3"}]
        seen.page.wait_for_function("!location.search.includes('quarter=2')")
        seen.settle()
        assert seen.state()["classes"] == classes_in("2026Q3")
        # keyboard: the slider a quarter back
        bar.get_by_role("slider", name="Quý").focus()
        seen.page.keyboard.press("ArrowLeft")
        seen.page.wait_for_url("**quarter=2026Q2*")
        seen.settle()
        assert seen.state()["classes"] == classes_in("2026Q2")
        bar.get_by_role("button", name="Chạy").focus()
        # the words of a hover are of the quarter
        at = frame.evaluate("(() => { const c = window.map.getCenter(); return [c.lat, c.lng]; })()")
        seen.page.mouse.move(*seen.place_of(at[0] + 0.02, at[1], frame))
        tip = frame.locator(".vl-tip").inner_text()
        assert "trung bình của riêng quý này" in tip
        assert "90%:" in tip
        # back is the quarter before, another indicator has no bar
        seen.page.go_back()
        seen.wait_map("s.quarter === '2026Q3'")
        seen.settle()
        seen.choose("Chỉ tiêu tô màu", "Tải xuống di động")
        seen.wait_map("s.indicator === 'mobile_download_mbps' && s.quarter === null")
        assert not bar.is_visible()


def test_two_maps_move_as_one(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?indicator=mobile_download_mbps") as seen:
        seen.wait_map()
        seen.settle()
        seen.press(seen.page.get_by_role("button", name="So sánh"))
        seen.wait_maps(2)
        seen.press(seen.page.get_by_role("button", name="Hai danh sách"))
        seen.page.wait_for_url("**compare=2024-commune%2Cmobile_download_mbps*")
        left, right = seen.wait_maps(2)
        left.wait_for_function("Object.keys(window.vunglomState.classes).length === 111", timeout=WAIT_MS)
        right.wait_for_function("Object.keys(window.vunglomState.classes).length === 40", timeout=WAIT_MS)
        seen.settle()
        assert seen.page.locator(".vl-legend").count() == 2
        assert seen.page.locator(".vl-legend .vl-why").count() == 2
        drag_and_wheel(seen, left, right)
        hover_and_select(seen, left, right)
        seen.settle()
        seen.page.reload()
        left, right = seen.wait_maps(2)
        left.wait_for_function("Object.keys(window.vunglomState.classes).length === 111", timeout=WAIT_MS)
        seen.settle()
        meet(seen, left, right, 1e-6, "the same place after a reload")
        assert view(left)[2] > 9.3, "the place comes back as well"
        # a frame that is resized by nothing or by a pixel forgets its exact middle, and says nothing
        for frame in (right, left):
            frame.evaluate("window.dispatchEvent(new Event('resize'))")
            rested(seen, left, right)
            meet(seen, left, right, 1e-6, "the same place after a frame was resized")
        before, high = (*view(left), seen.page.url), left.evaluate("window.innerHeight")
        seen.page.set_viewport_size({"width": 1567, "height": 1201})
        for frame in (left, right):
            frame.wait_for_function(f"window.innerHeight === {high} + 201", timeout=WAIT_MS)
        seen.settle()
        assert (*view(left), seen.page.url) == before, "a resize is no movement"
        meet(seen, left, right, 1e-9, "the same place on another screen")
        # a quarter on one side, and back through history
        seen.choose("B: chỉ tiêu", "Tải xuống di động, từng quý")
        seen.page.wait_for_url("**mobile_quarter_mbps%2C2026Q3*")
        seen.settle()
        seen.page.go_back()
        seen.page.wait_for_url("**compare=2026-04-commune%2Cmobile_download_mbps*")
        right.wait_for_function("window.vunglomState.indicator === 'mobile_download_mbps'", timeout=WAIT_MS)
        seen.settle()
        seen.press(seen.page.get_by_role("button", name="Về một bản đồ"))
        seen.page.wait_for_function("document.querySelectorAll('iframe[title*=st_folium]').length === 1")
        seen.wait_map("Object.keys(s.classes).length === 111 && s.indicator === 'mobile_download_mbps'")
        seen.settle()
        assert "compare=" not in seen.page.url


def drag_and_wheel(seen: Visit, left: Any, right: Any) -> None:
    assert view(left) == pytest.approx(view(right), abs=1e-9)
    before = view(right)
    x, y = seen.place_of(11.8, 106.9, left)
    seen.page.mouse.move(x, y)
    seen.page.mouse.down()
    seen.page.mouse.move(x + 60, y + 30, steps=6)
    # to a pixel
    meet(seen, left, right, 0.004, "the other follows while the mouse is down")
    seen.page.mouse.up()
    meet(seen, left, right, 1e-9, "the same place at the end")
    assert view(right)[1] < before[1] - 0.02
    seen.page.mouse.move(*seen.place_of(11.8, 106.9, right))
    seen.page.mouse.wheel(0, -240)
    left.wait_for_function(f"window.map.getZoom() > {before[2]} + 0.3")
    rested(seen, left, right)
    meet(seen, left, right, 1e-9, "the same place after zooming")
    rested(seen, left, right)
    # at rest: nobody leads nobody
    counts = [one.evaluate("window.vunglomState.followed") for one in (left, right)]
    seen.page.wait_for_timeout(500)
    assert [one.evaluate("window.vunglomState.followed") for one in (left, right)] == counts
    assert max(counts) < 60


def meet(seen: Visit, left: Any, right: Any, off: float, what: str) -> None:
    """Wait until both maps show the same place, to so many degrees and levels of zoom."""
    end = time.monotonic() + WAIT_MS / 1000
    while view(right) != pytest.approx(view(left), abs=off):
        assert time.monotonic() < end, f"{what}: {view(left)} and {view(right)}"
        seen.page.wait_for_timeout(50)


def hover_and_select(seen: Visit, left: Any, right: Any) -> None:
    at = (11.8, 106.9)
    seen.page.mouse.move(*seen.place_of(*at, left))
    right.wait_for_function(
        "window.vunglomState.pointed !== null && window.vunglomState.pointed !== undefined"
    )
    right.locator(".vl-twin", has_text="Mbps").wait_for()
    seen.page.mouse.click(*seen.place_of(*at, left))
    left.wait_for_function("window.vunglomState.selected !== null", timeout=WAIT_MS)
    code = left.evaluate("window.vunglomState.selected")
    seen.page.wait_for_url(f"**unit={code}*")
    seen.settle()
    assert "list=2024-commune" in seen.page.url
    # of another date: the same code may be another unit
    assert right.evaluate("window.vunglomState.selected") is None
    said = seen.page.inner_text(".vl-compared")
    assert "A: Tải xuống di động" in said
    assert "Không có đơn vị này trong danh sách của bản đồ này." in said
    seen.press(seen.page.get_by_role("button", name="Hai chỉ tiêu"))
    right.wait_for_function(f"window.vunglomState.selected === '{code}'", timeout=WAIT_MS)
    seen.page.mouse.move(5, 5)
    seen.settle()
    seen.press(seen.page.get_by_role("button", name="Hai danh sách"))
    right.wait_for_function("Object.keys(window.vunglomState.classes).length === 40", timeout=WAIT_MS)
    seen.settle()


def dimmed_by(list_id: str, *conditions: str) -> list[str]:
    """The units of a list that a filter sets back, straight from the tables."""
    units = read_built(SAMPLE).lists[list_id]
    codes = units.result["unit_code"].astype(str)
    return sorted(codes[~mask(filter_frame(units), read_filter(conditions))])


def wait_dimmed(frame: Any, list_id: str, *conditions: str) -> None:
    """Wait until a map sets back what this filter does not keep of its list."""
    frame.wait_for_function(
        "codes => [...(window.vunglomState.dimmed || [])].sort().join() === codes.join()",
        arg=dimmed_by(list_id, *conditions),
        timeout=WAIT_MS,
    )


def stop_of(column: str, at: str, list_id: str, *conditions: str) -> str:
    """Where a threshold stands on the slider of what a filter keeps."""
    units = read_built(SAMPLE).lists[list_id]
    inside = mask(filter_frame(units), read_filter(conditions)).tolist()
    indicator = next(one for one in INDICATORS if one.column == column)
    found = limits_message(units.result, inside, indicator, "vi")
    assert found is not None
    return str(found["stops"].index(at))


def stay(seen: Visit, frames: list[Any]) -> None:
    """None of the maps was made anew since it was marked."""
    seen.settle()
    assert [one.evaluate("window.marker") for one in seen.wait_maps(2)] == ["a", "b"]
    assert all(not one.is_detached() for one in frames)


OLD, NEW = "2024-commune", "2026-04-commune"
LOC_NINH, GAP = "district=692", "verdict=gap"
SPEED_LIMIT = "mobile_download_mbps<40"


def test_two_maps_keep_filter_threshold_and_layers(browser: Any, address: str) -> None:
    kept = "list=2024-commune&indicator=mobile_download_mbps&where=district%3D692&where=verdict%3Dgap"
    with visit(browser, f"{address}/?{kept}&overlay=4G&evidence=modelled&opacity=60", height=768) as seen:
        seen.wait_map("s.overlays.length === 3")
        overlays = sorted(seen.state()["overlays"])
        seen.settle()
        seen.frame.evaluate("void window.map.setView([11.7, 106.9], 10.5, {animate: false})")
        seen.page.wait_for_url("**#at=11.7000,106.9000,10.5")
        seen.press(seen.page.get_by_role("button", name="So sánh"))
        both = seen.wait_maps(2)
        left, right = both
        # one map becomes two where it stands, not where the link to a district began
        assert view(left) == pytest.approx([11.7, 106.9, 10.5], abs=0.001)
        assert view(right) == pytest.approx(view(left), abs=1e-6)
        for name, frame in zip("ab", both, strict=True):
            wait_dimmed(frame, OLD, GAP, LOC_NINH)
            assert sorted(frame.evaluate("window.vunglomState.overlays")) == overlays
            frame.evaluate(f"window.marker = '{name}'")
        # the other list has no districts: the rest of the filter holds there, and the page says so
        seen.press(seen.page.get_by_role("button", name="Hai danh sách"))
        wait_dimmed(right, NEW, GAP)
        wait_dimmed(left, OLD, GAP, LOC_NINH)
        stay(seen, both)
        said = seen.page.inner_text(".vl-kept")
        assert "A: Đang giữ 2 trên 111 đơn vị · 20.134 người" in said
        assert "B: Đang giữ 12 trên 40 đơn vị · 208.056 người" in said
        assert "Không áp dụng được ở danh sách này: huyện: Lộc Ninh" in said
        # without the verdict nothing of the filter is left there: all of it is shown
        seen.press(seen.page.get_by_role("button", name="Lọc", exact=True))
        seen.press(seen.page.get_by_role("button", name="Vùng lõm", exact=True))
        wait_dimmed(right, NEW)
        wait_dimmed(left, OLD, LOC_NINH)
        seen.page.keyboard.press("Escape")
        stay(seen, both)
        assert "B: Hiện đủ 40 đơn vị, không làm mờ đơn vị nào" in seen.page.inner_text(".vl-kept")
        thresholds_of_two_maps(seen, both)
        seen.page.reload()
        left, right = seen.wait_maps(2)
        wait_dimmed(left, OLD, LOC_NINH, SPEED_LIMIT)
        wait_dimmed(right, NEW, "gap_score<10")
        assert [one.evaluate("window.vunglomState.overlays.length") for one in (left, right)] == [7, 7]
        # a step back takes the last choice away and no more
        seen.settle()
        seen.press(seen.page.locator(".st-key-kept").get_by_role("button", name="Bỏ lọc"))
        wait_dimmed(left, OLD, SPEED_LIMIT)
        seen.settle()
        assert "where=" not in seen.page.url
        seen.page.go_back()
        wait_dimmed(left, OLD, LOC_NINH, SPEED_LIMIT)
        seen.settle()
        seen.press(seen.page.get_by_role("button", name="Về một bản đồ"))
        (only,) = seen.wait_maps(1)
        assert view(only) == pytest.approx([11.7, 106.9, 10.5], abs=0.001)
        wait_dimmed(only, OLD, LOC_NINH, SPEED_LIMIT)
        assert only.evaluate("window.vunglomState.overlays.length") == 7


def thresholds_of_two_maps(seen: Visit, both: list[Any]) -> None:
    """A threshold is of a figure: it shows on every map coloured by it, and each figure has its own."""
    left, right = both
    left.get_by_role("button", name="Đặt ngưỡng").click()
    right.wait_for_function("window.vunglomState.limit !== null", timeout=WAIT_MS)
    left.get_by_role("slider").fill(stop_of("mobile_download_mbps", "40", OLD, LOC_NINH))
    wait_dimmed(left, OLD, LOC_NINH, SPEED_LIMIT)
    wait_dimmed(right, NEW, SPEED_LIMIT)
    assert "Dưới 40 Mbps" in right.inner_text(".vl-limit p")
    stay(seen, both)
    seen.choose("B: chỉ tiêu", "Điểm tụt hậu (0–100)")
    right.wait_for_function("window.vunglomState.indicator === 'gap_score'", timeout=WAIT_MS)
    wait_dimmed(right, NEW)
    stay(seen, both)
    right.get_by_role("button", name="Đặt ngưỡng").click()
    right.wait_for_function("window.vunglomState.limit !== null", timeout=WAIT_MS)
    right.get_by_role("slider").fill(stop_of("gap_score", "10", NEW))
    wait_dimmed(right, NEW, "gap_score<10")
    wait_dimmed(left, OLD, LOC_NINH, SPEED_LIMIT)
    stay(seen, both)
    assert "limit=mobile_download_mbps%3C40&limit=gap_score%3C10" in seen.page.url
    seen.press(seen.page.get_by_role("button", name="Các lớp"))
    seen.press(seen.page.get_by_role("button", name="tính bằng mô hình"))
    for frame in both:
        frame.wait_for_function("window.vunglomState.overlays.length === 7", timeout=WAIT_MS)
    seen.page.keyboard.press("Escape")
    stay(seen, both)


def test_comparison_and_tools_on_a_telephone_in_english(browser: Any, address: str) -> None:
    pair = "compare=2026-04-commune,mobile_quarter_mbps,2024Q4&compare=2026-04-commune,mobile_quarter_mbps,2026Q3"
    kept = "where=verdict%3Dgap&where=district%3D692&where=nonsense%3D1"
    with visit(browser, f"{address}/?lang=en&{pair}&unit=25396&{kept}", width=390, height=844) as seen:
        left, right = seen.wait_maps(2)
        seen.settle()
        for frame in (left, right):
            wait_dimmed(frame, NEW, GAP)
        said = seen.page.inner_text(".vl-kept")
        units = 40 - len(dimmed_by(NEW, GAP))
        for name in "AB":
            assert re.search(rf"{name}: {units} of 40 units kept · [\d,]+ people", said)
        assert said.count("Cannot be applied to this list: district: Lộc Ninh.") == 2
        seen.page.get_by_text("it was left out: nonsense=1").wait_for()
        # the mean of one quarter has no threshold
        assert not left.locator(".vl-limit").is_visible()
        assert left.evaluate("window.vunglomState.classes") == classes_in("2024Q4")
        assert right.evaluate("window.vunglomState.classes") == classes_in("2026Q3")
        tops = [one.frame_element().bounding_box() for one in (left, right)]
        assert tops[1]["y"] > tops[0]["y"] + tops[0]["height"]
        assert seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == 390
        assert [one.evaluate("window.vunglomState.selected") for one in (left, right)] == ["25396", "25396"]
        said = seen.page.inner_text(".vl-compared")
        assert "Q4 2024" in said
        assert "Q3 2026" in said
        assert said.count("90%:") == 2
        # the quarter is said, not played
        assert "Q4 2024" in left.inner_text(".vl-quarters")
        assert not left.locator(".vl-quarters button").is_visible()
        bar = left.locator(".vl-quarters").bounding_box()
        assert bar["x"] + bar["width"] <= 390
        # one button for all tools
        assert not tool(left, "distance").is_visible()
        tool(left, "open").click()
        assert tool(left, "distance").inner_text() == "Measure distance"
        tool(left, "distance").click()
        tool(left, "distance").wait_for(state="hidden")
        assert "Click points" in left.inner_text(".vl-map-hint")
        left.get_by_role("button", name="Close").click()
        tool(left, "open").focus()
        seen.page.keyboard.press("Enter")
        tool(left, "area").wait_for()
        seen.page.keyboard.press("Escape")
        tool(left, "area").wait_for(state="hidden")


@pytest.mark.parametrize(
    "links",
    [
        "compare=nowhere,verdict&compare=x",
        "compare=2026-04-commune,verdict",
        "compare=%3Cimg%20src=x%3E",
        "compare=,,,&compare=,",
    ],
)
def test_a_link_that_cannot_be_read_is_told(browser: Any, address: str, links: str) -> None:
    with visit(browser, f"{address}/?{links}") as seen:
        seen.wait_maps(2)
        seen.settle()
        seen.page.get_by_text(text("compare_fault", "vi")).wait_for()
        seen.settle()
        assert seen.page.url.count("compare=2026-04-commune") == 2
