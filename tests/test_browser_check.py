"""The rollout desk as a visitor meets it, in Chromium: draw, upload, read the verdict, save, reopen by link, download."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
import shapely

from geo.proposal_store import Store
from tests.browser import MAPS, WAIT_MS, Visit, chromium_path, serve, visit
from tests.test_file_parts import SHEETS, write_layers, write_workbook

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
REPO = Path(__file__).resolve().parents[1]
SQUARE = [(11.9, 107.0), (12.0, 107.0), (12.02, 107.15), (11.9, 107.18)]
KML = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>a</name>'
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    "</Placemark></Document></kml>"
)
BOW = [(11.8, 106.8), (11.9, 106.95), (11.9, 106.8), (11.8, 106.95)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("desk")
    shutil.copytree(REPO / "data" / "binh_phuoc", made / "workspace")
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    chromium_path()
    with serve(folder / "workspace", folder / "app.log") as found:
        yield found


@pytest.fixture
def seen(browser: Any, address: str) -> Iterator[Visit]:
    with visit(browser, f"{address}/?page=check", height=900) as found:
        found.wait_map()
        found.settle()
        yield found


def drawing(seen: Visit) -> dict[str, Any]:
    found: dict[str, Any] = seen.frame.evaluate("window.vunglomDrawing")
    return found


def draw_area(seen: Visit, corners: list[tuple[float, float]]) -> None:
    seen.frame.click("button[data-tool=area]")
    for place in corners:
        seen.click_unit(*place)
    seen.frame.click(".vl-draw-hint button.vl-main")


def verdict(seen: Visit, containing: str = "") -> str:
    """The card, once it says this."""
    seen.page.locator("section.vl-check", has_text=containing).wait_for(timeout=WAIT_MS)
    seen.settle()
    found: str = seen.page.inner_text("section.vl-check")
    return found


def give_file(seen: Visit, path: Path, button: str = "Tải tệp lên") -> None:
    seen.settle()
    box = seen.page.locator("input[type=file]")
    if not box.count():
        seen.press(seen.page.get_by_role("button", name=button).first)
    box.set_input_files(str(path))
    seen.settle()
    seen.page.keyboard.press("Escape")
    # the box of one file is gone before the next one's is looked for
    box.wait_for(state="detached")


def fill(seen: Visit, label: str, words: str) -> None:
    box = seen.page.get_by_label(label, exact=True)
    box.fill(words)
    box.press("Tab")
    seen.settle()


def areas_file(path: Path) -> Path:
    shapes = [shapely.Polygon([(lon, lat) for lat, lon in SQUARE])]
    gpd.GeoDataFrame({"name": ["vùng 1"]}, geometry=shapes, crs=4326).to_file(path)
    return path


def test_an_area_is_drawn_and_judged_at_once(seen: Visit) -> None:
    assert "Vẽ vùng hoặc đặt trạm" in seen.page.inner_text("body")
    draw_area(seen, SQUARE)
    said = verdict(seen)
    for words in (
        "Số người mới được phủ sóng",
        "Phần trùng lặp",
        "Phần dành cho vùng lõm",
        "Ngưỡng",
        "thiết yếu",
    ):
        assert words in said
    assert drawing(seen)["shapes"] == 1
    # the difference stands on the map: the proposal and its gain
    assert len(seen.wait_map("s.overlays.length === 2")["overlays"]) == 2
    assert "Các đơn vị liên quan (5)" in seen.page.inner_text("body")


def test_a_drawing_survives_layer_language_and_page(seen: Visit) -> None:
    draw_area(seen, SQUARE)
    verdict(seen)
    seen.frame.evaluate("window.marker = 'same map'")
    seen.choose("Chỉ tiêu tô màu", "Tải xuống di động")
    seen.wait_map("s.indicator === 'mobile_download_mbps'")
    seen.press(seen.page.get_by_role("radio", name="Hôm nay"))
    seen.settle()
    seen.press(seen.page.get_by_role("radio", name="English"))
    assert "People newly covered" in verdict(seen, "People newly covered")
    assert seen.page.get_by_role("radio", name="Today").get_attribute("aria-checked") == "true"
    assert seen.frame.evaluate("window.marker") == "same map"
    assert drawing(seen)["shapes"] == 1
    assert seen.frame.locator("button[data-tool=area]").get_attribute("title") == "Draw an area"
    seen.press(seen.page.get_by_role("radio", name="Map", exact=True))
    seen.page.locator("text=Ranking").first.wait_for()
    seen.press(seen.page.get_by_role("radio", name="Check a rollout area"))
    verdict(seen, "People newly covered")
    seen.wait_map()
    assert drawing(seen)["shapes"] == 1


def test_back_and_forward_turn_the_pages(seen: Visit) -> None:
    draw_area(seen, SQUARE)
    verdict(seen)
    seen.press(seen.page.get_by_role("radio", name="Bản đồ", exact=True))
    seen.page.locator("text=Bảng xếp hạng").first.wait_for()
    seen.settle()
    assert "page=" not in seen.page.url
    seen.page.go_back()
    verdict(seen)
    seen.wait_map()
    assert drawing(seen)["shapes"] == 1
    seen.settle()
    seen.page.go_forward()
    seen.page.locator("text=Bảng xếp hạng").first.wait_for()


def test_circle_and_sites_with_undo_and_clear(seen: Visit) -> None:
    seen.frame.click("button[data-tool=circle]")
    seen.click_unit(11.95, 107.1)
    seen.click_unit(11.95, 107.15)
    verdict(seen)
    seen.frame.click("button[data-tool=clear]")
    seen.page.locator("section.vl-check").wait_for(state="detached")
    seen.frame.click("button[data-tool=site]")
    for place in [(11.95, 107.1), (12.0, 107.05), (12.02, 107.1)]:
        seen.click_unit(*place)
    seen.frame.get_by_text("Bỏ trạm cuối").click()
    seen.frame.wait_for_function("window.vunglomDrawing.shapes === 2")
    said = verdict(seen, "mô hình từ vị trí trạm")
    assert "chưa biết trạm dự kiến nào của nhà mạng khác" in said


def test_a_corner_is_dragged_and_the_verdict_follows(seen: Visit) -> None:
    draw_area(seen, SQUARE)
    before = verdict(seen)
    seen.frame.click("button[data-tool=edit]")
    handle = seen.frame.locator(".vl-handle:not(.vl-handle-middle)").first
    # waits until it stands still
    handle.hover()
    box = handle.bounding_box()
    seen.page.mouse.move(box["x"] + 8, box["y"] + 8)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] - 60, box["y"] + 70, steps=4)
    seen.page.mouse.up()
    seen.page.wait_for_function(
        "before => { const card = document.querySelector('section.vl-check'); return card && card.innerText !== before; }",
        arg=before,
    )


def test_faults_are_said_in_vietnamese_and_the_page_stays(seen: Visit, tmp_path: Path) -> None:
    draw_area(seen, BOW)
    seen.page.locator("text=Đường bao tự cắt nhau gần vĩ độ").wait_for()
    assert drawing(seen)["shapes"] == 1
    seen.frame.click("button[data-tool=site]")
    seen.click_unit(11.7, 106.7)
    seen.page.locator("text=Mỗi đề xuất chỉ một loại").wait_for()
    seen.settle()
    seen.frame.click("button[data-tool=clear]")
    for name, content, words in [
        ("ghi_chu.docx", b"PK", "không thuộc loại đọc được"),
        ("hong.geojson", b"{", "Không đọc được tệp hong.geojson"),
        ("dao.csv", b"lat,lon\n106.9,11.9\n107.0,11.95\n", "Không đọc được tệp dao.csv"),
        ("rong.geojson", b'{"type":"FeatureCollection","features":[]}', "Không đọc được tệp rong.geojson"),
    ]:
        (tmp_path / name).write_bytes(content)
        give_file(seen, tmp_path / name)
        seen.page.locator(f"text={words}").wait_for()
    far = areas_file(tmp_path / "xa.gpkg")
    gpd.read_file(far).translate(3, 3).to_frame("geometry").to_file(tmp_path / "xa.geojson")
    give_file(seen, tmp_path / "xa.geojson")
    seen.page.locator("text=Không phần nào nằm trong địa bàn").wait_for()
    assert "Traceback" not in seen.page.inner_text("body")
    seen.press(seen.page.get_by_role("button", name="Bỏ tệp, quay lại hình vẽ"))
    seen.settle()
    draw_area(seen, SQUARE)
    verdict(seen)


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "kml", "kmz", "shp.zip", "csv", "xlsx"])
def test_every_kind_of_file_is_read(seen: Visit, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"de_xuat.{kind}"
    if kind == "shp.zip":
        areas_file(tmp_path / "vung.shp")
        path = tmp_path / "de_xuat.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("vung.*"):
                archive.write(part, part.name)
    elif kind == "csv":
        path.write_text("Vĩ độ,Kinh độ,Tên trạm\n11.95,107.1,A\n12.0,107.05,B\n", encoding="utf-8")
    elif kind == "xlsx":
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in (["lat", "lon", "antenna_height"], [11.95, 107.1, 45], [12.0, 107.05, 30]):
            sheet.append(row)
        book.save(path)
    elif kind in ("kml", "kmz"):
        corners = " ".join(f"{lon},{lat}" for lat, lon in [*SQUARE, SQUARE[0]])
        if kind == "kml":
            path.write_text(KML.format(corners), encoding="utf-8")
        else:
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("doc.kml", KML.format(corners))
    else:
        areas_file(path)
    give_file(seen, path)
    said = verdict(seen)
    assert ("mô hình từ vị trí trạm" in said) == (kind in ("csv", "xlsx"))
    count = "2 trạm" if kind in ("csv", "xlsx") else "1 vùng"
    assert f"Đang kiểm tra tệp {path.name}: {count}" in seen.page.inner_text("body")


def test_common_mess_is_mended_when_asked_and_said_in_vietnamese(seen: Visit, tmp_path: Path) -> None:
    seen.press(seen.page.get_by_role("button", name="Tải tệp lên").first)
    box = seen.page.locator("[data-testid=stFileUploaderDropzone] button")
    assert box.evaluate("one => getComputedStyle(one, '::after').content") == '"Chọn tệp"'
    # Streamlit's English word stays the button's name for a screen reader, but nobody sees it
    english = seen.page.locator(
        "[data-testid=stFileUploaderDropzone] button [data-testid=stMarkdownContainer]"
    )
    assert english.evaluate("one => [one.offsetWidth, getComputedStyle(one).clipPath]") == [1, "inset(50%)"]
    seen.press(seen.page.locator("[data-testid=stCheckbox] label").first)
    # a file in order, one whose columns are exchanged, and one as a Vietnamese Excel writes it
    for name, content, said in [
        ("dung.csv", "lat,lon\n11.95,107.1\n12.0,107.05\n", "Đang kiểm tra tệp dung.csv: 2 trạm"),
        ("dao.csv", "lat,lon\n106.9,11.9\n107.0,11.95\n", "Đã đổi lại vĩ độ và kinh độ ở 2 dòng."),
        ("phay.csv", "Vĩ độ;Kinh độ\n11,95;107,1\n", "Đã đọc dấu phẩy thập phân ở 1 dòng."),
    ]:
        (tmp_path / name).write_text(content, encoding="utf-8")
        give_file(seen, tmp_path / name)
        seen.page.locator(f"text={said}").wait_for()
        verdict(seen)


def test_a_sheet_or_a_layer_is_chosen_said_and_saved(seen: Visit, folder: Path, tmp_path: Path) -> None:
    write_workbook(tmp_path / "hai.xlsx", SHEETS)
    give_file(seen, tmp_path / "hai.xlsx")
    # nothing is checked before one is chosen
    seen.page.locator("text=Tệp hai.xlsx có 2 trang tính: hãy chọn trang cần dùng").wait_for()
    assert seen.page.locator("section.vl-check[data-advice]").count() == 0
    choose_part(seen, "Tải tệp lên", "Trang tính cần dùng", "", "Đợt 2")
    seen.page.locator("text=Đang kiểm tra tệp hai.xlsx, trang tính “Đợt 2”: 1 trạm").wait_for()
    assert "tệp hai.xlsx, trang tính “Đợt 2”" in verdict(seen)
    assert seen.page.locator("text=Tệp hai.xlsx có 2 trang tính").count() == 0
    # the choice is there in the other language, and can be changed
    seen.press(seen.page.get_by_role("radio", name="English"))
    seen.page.locator("text=Checking the file hai.xlsx, sheet “Đợt 2”: 1 site").wait_for()
    choose_part(seen, "Upload a file", "Sheet to use", "Đợt 2", "Đợt 1")
    seen.page.locator("text=Checking the file hai.xlsx, sheet “Đợt 1”: 2 sites").wait_for()
    write_layers(tmp_path / "hai.gpkg")
    give_file(seen, tmp_path / "hai.gpkg", "Upload a file")
    # the workbook stays in use until a layer is chosen
    seen.page.locator("text=The file hai.gpkg has 2 layers").wait_for()
    assert "sheet “Đợt 1”" in verdict(seen)
    choose_part(seen, "Upload a file", "Layer to use", "", "trạm")
    seen.page.locator("text=Checking the file hai.gpkg, layer “trạm”: 3 sites").wait_for()
    verdict(seen, "layer “trạm”")
    fill(seen, "Name of the proposal", "Lớp trạm")
    fill(seen, "Saved by", "Lan")
    seen.press(seen.page.get_by_role("button", name="Save as a draft"))
    seen.page.locator("text=Lớp trạm").first.wait_for()
    seen.page.locator("text=Saved Lớp trạm").wait_for()
    content = Store(folder / "workspace").newest()[-1].content
    assert (content.source, content.layer, len(content.geometry["features"])) == ("hai.gpkg", "trạm", 3)
    seen.press(seen.page.get_by_role("button", name="Drop the file, back to the drawing"))
    seen.page.locator("text=Checking the file").wait_for(state="detached")


def choose_part(seen: Visit, button: str, label: str, shown: str, wanted: str) -> None:
    """Choose a sheet or layer in the file box, where `shown` is the one in use."""
    from playwright.sync_api import expect

    seen.settle()
    seen.press(seen.page.get_by_role("button", name=button).first)
    box = seen.page.get_by_role("combobox", name=label)
    expect(box).to_have_value(shown)
    seen.settle()
    seen.choose(label, wanted)
    seen.settle()
    seen.page.keyboard.press("Escape")
    box.wait_for(state="detached")


def test_today_and_afterwards_are_one_area_and_what_is_added(seen: Visit) -> None:
    draw_area(seen, SQUARE)
    assert "người mới được phủ sóng 4G" in verdict(seen)
    offer, gain = seen.wait_map("s.overlays.length === 2")["overlays"]
    seen.press(seen.page.get_by_role("radio", name="Hôm nay"))
    seen.page.locator("text=Đã có sóng 4G hôm nay (bất kể nhà mạng)").wait_for()
    before = seen.wait_map(f"s.overlays.length === 2 && s.overlays.indexOf('{gain}') < 0")["overlays"]
    assert offer in before
    seen.press(seen.page.get_by_role("radio", name="Sau khi xây"))
    after = seen.wait_map(f"s.overlays.length === 2 && s.overlays.indexOf('{offer}') < 0")["overlays"]
    # what was there today stays as it was, and the gain stands beside it
    assert set(after) == {gain, *(one for one in before if one != offer)}


def test_the_sum_of_the_units_is_the_card_s(seen: Visit) -> None:
    draw_area(seen, SQUARE)
    said = verdict(seen)
    rows = seen.page.locator(".vl-touched tbody tr").all()
    people = [[cell.inner_text().replace(".", "") for cell in row.locator("td").all()[1:3]] for row in rows]
    foot = [
        cell.inner_text().replace(".", "") for cell in seen.page.locator(".vl-touched tfoot td").all()[1:3]
    ]
    assert [str(sum(int(row[place]) for row in people)) for place in (0, 1)] == foot
    inside, new, rest = (
        int(one.replace(".", "")) for one in re.findall(r"([\d.]+) người (?:trong|mới|đã)", said)[:3]
    )
    assert inside == new + rest
    assert [str(inside), str(new)] == foot


def test_the_tools_are_named_where_there_is_room(browser: Any, address: str, seen: Visit) -> None:
    tool = seen.frame.locator("button[data-tool=area]")
    assert tool.inner_text() == "Vẽ vùng"
    tool.click()
    tool.hover()
    # the sign of the tool in use is white: its ground must not turn white below the mouse
    assert tool.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(124, 45, 146)"
    with visit(browser, f"{address}/?page=check", width=390, height=844) as small:
        small.wait_map()
        small.settle()
        assert small.frame.locator("button[data-tool=area] span").is_hidden()


def test_save_reopen_by_link_change_status_bring_back(
    browser: Any, address: str, folder: Path, seen: Visit
) -> None:
    seen.choose("Công nghệ", "5G")
    seen.settle()
    draw_area(seen, SQUARE)
    verdict(seen)
    assert seen.page.get_by_role("button", name="Lưu thành bản nháp").is_disabled()
    fill(seen, "Tên đề xuất", "Bù <b>Gia</b> Mập")
    fill(seen, "Người lưu", "Lan")
    seen.frame.evaluate("window.marker = 'same map'")
    seen.press(seen.page.get_by_role("button", name="Lưu thành bản nháp"))
    said = seen.page.locator("text=Đã lưu Bù <b>Gia</b> Mập")
    said.wait_for()
    seen.settle()
    # beside the button that was pressed, at the foot of a long page
    foot, shown = said.bounding_box(), seen.page.viewport_size
    assert foot
    assert shown
    assert 0 < foot["y"] < shown["height"]
    assert seen.frame.evaluate("window.marker") == "same map"
    link = seen.page.url
    saved = Store(folder / "workspace").newest()[-1]
    assert f"page=check&proposal={saved.id}" in link
    assert (saved.who, saved.status, str(saved.content.technology)) == ("Lan", "draft", "5G")
    first = verdict(seen)
    with visit(browser, link, height=900) as other:
        other.wait_map()
        assert verdict(other, "Bù <b>Gia</b> Mập") == first
        assert "Điền “Người lưu” ở trên để đổi tình trạng" in other.page.inner_text("body")
        assert drawing(other)["shapes"] == 1
        fill(other, "Người lưu", "Minh")
        other.press(other.page.get_by_role("button", name="Chuyển sang “đã nộp”"))
        other.page.locator(f"text={saved.id} nay là đã nộp.").wait_for()
        other.settle()
    # with a proposal open, another one is made by a button that says so
    assert seen.page.get_by_role("button", name="Lưu thành đề xuất mới").is_visible()
    assert seen.page.get_by_role("button", name="Lưu thành bản nháp").count() == 0
    # the first visitor's page is of version 1: what is saved from it is refused, and nothing lost
    fill(seen, "Tên đề xuất", "Tên khác")
    seen.press(seen.page.get_by_role("button", name=f"Lưu thay đổi vào {saved.id}"))
    seen.page.locator("text=Có người vừa lưu phiên bản mới").wait_for()
    history = Store(folder / "workspace").history(saved.id)
    assert [(one.version, one.who, str(one.status)) for one in history] == [
        (1, "Lan", "draft"),
        (2, "Minh", "submitted"),
    ]
    with visit(browser, f"{address}/?page=check&proposal=p999") as lost:
        lost.page.locator("text=Không có đề xuất p999").wait_for()


def test_downloads_hold_the_check(seen: Visit, tmp_path: Path) -> None:
    draw_area(seen, SQUARE)
    verdict(seen)
    fill(seen, "Tên đề xuất", "Đắk Ơ")

    def take(button: str) -> tuple[str, bytes]:
        seen.settle()
        with seen.page.expect_download() as waiting:
            seen.press(seen.page.get_by_role("button", name=button, exact=True))
        return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()

    name, content = take("GeoJSON")
    assert name == "dak_o-4g.geojson"
    collection = json.loads(content)
    assert {feature["properties"]["kind"] for feature in collection["features"]} == {"proposal", "new"}
    name, content = take("Excel (XLSX)")
    assert {"criteria", "units", "sources"} <= set(openpyxl.load_workbook(io.BytesIO(content)).sheetnames)
    name, content = take("Tóm tắt một trang")
    assert name == "dak_o-4g.html"
    (tmp_path / name).write_bytes(content)
    page = seen.page.context.browser.new_page()
    try:
        page.goto((tmp_path / name).as_uri())
        assert "Tóm tắt kiểm tra đề xuất: Đắk Ơ" in page.inner_text("h1")
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    finally:
        page.close()


def test_a_telephone_can_draw_by_touch(browser: Any, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    try:
        page.set_default_timeout(WAIT_MS)
        touched = Visit(page)
        page.goto(f"{address}/?page=check")
        touched.wait_map()
        touched.settle()
        touched.frame.locator("button[data-tool=area]").tap()
        touched.settle()
        box = page.locator(MAPS).bounding_box()
        for x, y in [(180, 180), (240, 180), (240, 240)]:
            page.touchscreen.tap(box["x"] + x, box["y"] + y)
        touched.frame.locator(".vl-draw-hint button.vl-main").tap()
        verdict(touched)
        assert drawing(touched)["shapes"] == 1
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == 390
        # the card does not scroll within the page, where it would catch the thumb
        box = page.locator(".st-key-verdict_box")
        assert box.evaluate("one => one.scrollHeight - one.clientHeight") == 0
    finally:
        context.close()


def test_where_the_map_stands_is_in_the_link_and_each_page_s_own(seen: Visit) -> None:
    seen.frame.evaluate("window.map.setView([11.9, 106.9], 11, {animate: false})")
    seen.page.wait_for_url("**page=check*#at=11.9000,106.9000,11.0")
    seen.page.reload()
    seen.wait_map()
    seen.settle()
    assert seen.frame.evaluate("window.map.getZoom()") == 11
    seen.press(seen.page.get_by_role("radio", name="Bản đồ", exact=True))
    seen.page.locator(f".st-key-screen_map {MAPS}").wait_for()
    seen.wait_maps(1)
    # the place of one page is not that of another, and its link does not keep it
    seen.page.wait_for_url(lambda url: "#at=" not in url)
    assert seen.frame.evaluate("window.map.getZoom()") < 11
    seen.page.go_back()
    seen.page.locator(f".st-key-screen_check {MAPS}").wait_for()
    seen.wait_maps(1)
    seen.page.wait_for_url("**page=check*#at=11.9000,106.9000,11.0")
    assert seen.frame.evaluate("window.map.getZoom()") == 11


def test_an_old_version_is_brought_back(browser: Any, address: str, folder: Path) -> None:
    with visit(browser, f"{address}/?page=check", height=900) as seen:
        seen.wait_map()
        seen.settle()
        draw_area(seen, SQUARE)
        first = re.findall(r"([\d.]+) người trong đề xuất", verdict(seen))[0]
        fill(seen, "Tên đề xuất", "Đợt một")
        fill(seen, "Người lưu", "Lan")
        seen.press(seen.page.get_by_role("button", name="Lưu thành bản nháp"))
        seen.page.locator("text=Đã lưu Đợt một").wait_for()
        seen.settle()
        saved = Store(folder / "workspace").newest()[-1]
        draw_area(seen, [(11.5, 106.7), (11.6, 106.7), (11.6, 106.8)])
        verdict(seen)
        seen.press(seen.page.get_by_role("button", name=f"Lưu thay đổi vào {saved.id}"))
        seen.page.locator("text=phiên bản 2").first.wait_for()
        seen.settle()
        assert drawing(seen)["shapes"] == 2
        seen.press(seen.page.get_by_text("Lịch sử"))
        seen.press(seen.page.get_by_role("button", name="Lấy lại phiên bản"))
        seen.page.locator("text=Đã lấy lại phiên bản 1").wait_for()
        assert f"{first} người trong đề xuất" in verdict(seen, f"{first} người trong đề xuất")
        assert drawing(seen)["shapes"] == 1
        actions = [one.action for one in Store(folder / "workspace").history(saved.id)]
        assert actions == ["added", "changed", "brought back version 1"]
