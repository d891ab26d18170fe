"""The export and method pages as visitors meet them: filter, make, download, open the file; find a term, follow its link."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
from PIL import Image

from geo.filter_frame import filter_frame
from geo.results import read_built
from geo.unit_filter import mask, read_filter
from layers.strings import number
from tests.browser import WAIT_MS, Visit, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
REPO = Path(__file__).resolve().parents[1]
SAMPLE = REPO / "data" / "binh_phuoc"
WIDE, PHONE = (1366, 768), (390, 844)


def take(seen: Visit, make: str, button: str, folder: Path) -> Path:
    """Make the file, download it, and say where it lies under the name it was offered by."""
    seen.settle()
    seen.press(seen.page.get_by_role("button", name=make, exact=True))
    offered = seen.page.get_by_role("button", name=button, exact=True)
    offered.wait_for(timeout=WAIT_MS)
    seen.settle()
    with seen.page.expect_download() as waiting:
        offered.click()
    path = folder / str(waiting.value.suggested_filename)
    waiting.value.save_as(path)
    return path


def fits(seen: Visit) -> bool:
    found: bool = seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return found


def test_a_planner_takes_the_gap_communes_home_in_every_format(
    browser: Any, address: str, tmp_path: Path
) -> None:
    units = read_built(SAMPLE).primary
    frame = filter_frame(units)
    inside = frame[mask(frame, read_filter(["verdict=gap"]))]
    with visit(browser, f"{address}/?page=export", height=900) as seen:
        seen.press(seen.page.get_by_role("button", name="Lọc", exact=False).first)
        seen.press(seen.page.get_by_role("button", name="Vùng lõm", exact=True))
        seen.settle()
        seen.page.keyboard.press("Escape")
        said = seen.page.locator("[data-units]")
        seen.page.wait_for_selector(f'[data-units="{len(inside)}"]')
        seen.settle()
        assert number(inside["people"].sum(), "vi") in said.inner_text()
        assert "where=verdict%3Dgap" in seen.page.url
        path = take(seen, "Tạo tệp", "Tải GeoJSON", tmp_path)
        rows = [feature["properties"] for feature in json.loads(path.read_bytes())["features"]]
        assert [row["unit_code"] for row in rows] == inside["unit_code"].tolist()
        assert sum(row["people"] for row in rows) == pytest.approx(inside["people"].sum())
        for form, named in (("GeoPackage (QGIS, ArcGIS)", "GeoPackage"), ("KML (Google Earth)", "KML")):
            seen.choose("Định dạng", form)
            read = pyogrio.read_dataframe(take(seen, "Tạo tệp", f"Tải {named}", tmp_path))
            assert read["unit_code"].tolist() == inside["unit_code"].tolist()
        seen.choose("Định dạng", "XLSX (Excel)")
        book = openpyxl.load_workbook(take(seen, "Tạo tệp", "Tải XLSX", tmp_path))
        assert book["data"].max_row == len(inside) + 1
        assert ("verdict", "Kết luận") in [line[:2] for line in book["columns"].iter_rows(values_only=True)]
        seen.choose("Định dạng", "CSV (kèm nguồn, ZIP)")
        with zipfile.ZipFile(take(seen, "Tạo tệp", "Tải ZIP kèm nguồn", tmp_path)) as archive:
            csv_name, meta_name = archive.namelist()
            said_of = json.loads(archive.read(meta_name))
            assert said_of["filter"]["units"] == len(inside)
            assert said_of["file"]["name"] == csv_name
        seen.page.reload()
        seen.page.wait_for_selector(f'[data-units="{len(inside)}"]', timeout=WAIT_MS)
        seen.settle()
        assert seen.page.get_by_role("combobox", name="Định dạng").input_value() == "CSV (kèm nguồn, ZIP)"
        seen.settle()
        seen.press(seen.page.get_by_role("button", name="Bỏ lọc", exact=True).last)
        seen.page.wait_for_selector(f'[data-units="{len(frame)}"]')
        seen.settle()
        assert "where=" not in seen.page.url


def test_a_partner_takes_maps_and_layers_home_on_a_phone(browser: Any, address: str, tmp_path: Path) -> None:
    link = f"{address}/?page=export&lang=en&take=map_png&indicator=mobile_download_mbps&where=verdict%3Dwatch"
    with visit(browser, link, width=PHONE[0], height=PHONE[1]) as seen:
        image = Image.open(take(seen, "Make the file", "Download PNG", tmp_path))
        assert json.loads(image.text["vunglom"])["filter"]["conditions"] == ["verdict=watch"]  # type: ignore[attr-defined]
        assert fits(seen)
        seen.choose("What", "Map that opens without a network (HTML)")
        path = take(seen, "Make the file", "Download HTML", tmp_path)
        page = path.read_text(encoding="utf-8")
        assert 'lang="en"' in page
        assert re.search(r"· [\d.,]+ KB", seen.page.locator(".vl-take").last.inner_text())
        seen.choose("What", "Coverage areas")
        seen.settle()
        assert "no filter of units applies" in seen.page.inner_text("body")
        seen.choose("Format", "GeoParquet (Python, R)")
        assert take(seen, "Make the file", "Download GeoParquet", tmp_path).read_bytes()[:4] == b"PAR1"
        assert fits(seen)
    opened = browser.new_context(offline=True)
    asked: list[str] = []
    offline = opened.new_page()
    offline.on("request", lambda request: asked.append(request.url))
    offline.goto(path.as_uri())
    offline.wait_for_function("() => window.vunglomState && window.vunglomState.ready", timeout=WAIT_MS)
    assert asked == [path.as_uri()]
    opened.close()


def test_a_filter_that_lets_nobody_in_says_so_and_makes_nothing(browser: Any, address: str) -> None:
    link = f"{address}/?page=export&list=2024-commune&where=people%3C1&where=district%3D690"
    with visit(browser, link, width=PHONE[0], height=PHONE[1]) as seen:
        seen.page.get_by_text("Không có đơn vị nào thoả mọi điều kiện").wait_for(timeout=WAIT_MS)
        assert seen.page.get_by_role("button", name="Tạo tệp").is_disabled()
        assert fits(seen)


def test_hand_written_addresses_break_nothing(browser: Any, address: str) -> None:
    link = f"{address}/?page=export&take=<b>&take_format=exe&where=verdict%3Dbad&where=border%3Dmaybe&where=%3Cb%3E"
    with visit(browser, link) as seen:
        seen.page.wait_for_selector('[data-units="40"]', timeout=WAIT_MS)
        seen.settle()
        assert seen.page.url.endswith("?page=export")
        assert "verdict=bad" in seen.page.inner_text("body")


def test_a_figure_becomes_a_condition_and_the_map_s_filter_is_the_page_s(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=map&where=verdict%3Dgap&lang=en") as seen:
        seen.wait_map()
        seen.settle()
        seen.press(seen.page.get_by_text("Export", exact=True))
        seen.page.wait_for_selector('[data-units="12"]', timeout=WAIT_MS)
        seen.settle()
        seen.press(seen.page.get_by_role("button", name="Add a condition on a figure"))
        seen.choose("Figure", "People covered by 4G")
        box = seen.page.get_by_label("Value (%)")
        box.fill("95")
        box.press("Enter")
        seen.settle()
        seen.press(seen.page.get_by_role("button", name="Add", exact=True))
        seen.page.get_by_text("People covered by 4G < 95%").first.wait_for(timeout=WAIT_MS)
        seen.settle()
        assert "4g_covered_people_share%3C0.95" in seen.page.url


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_a_reader_finds_a_term_its_section_and_its_link(
    browser: Any, address: str, size: tuple[int, int]
) -> None:
    with visit(browser, f"{address}/?page=method&term=4g_operators", width=size[0], height=size[1]) as seen:
        card = seen.page.locator(".vl-term-card")
        card.wait_for(timeout=WAIT_MS)
        seen.settle()
        assert "Số nhà mạng phủ 4G" in card.inner_text()
        card.get_by_role("link", name="Coverage").click()
        seen.page.wait_for_function(
            "() => { const b = document.getElementById('method-coverage').getBoundingClientRect(); return b.top >= -2 && b.top < innerHeight; }"
        )
        assert fits(seen)
        for part in ("Tóm tắt phương pháp", "Từ điển thuật ngữ", "Màu và gạch chéo nghĩa là gì"):
            assert seen.page.get_by_role("heading", name=part).count() == 1
        seen.press(seen.page.get_by_role("combobox", name="Tìm một thuật ngữ"))
        seen.page.keyboard.type("Độ chắc chắn")
        seen.page.keyboard.press("Enter")
        seen.page.get_by_role("heading", name="Độ chắc chắn").wait_for()
        seen.settle()
        assert "term=confidence" in seen.page.url
        seen.press(seen.page.get_by_text("English", exact=True))
        seen.page.get_by_role("heading", name="Confidence").wait_for()
        seen.settle()
        assert "lang=en" in seen.page.url
        assert "term=confidence" in seen.page.url
        seen.page.go_back()
        seen.page.get_by_role("heading", name="Độ chắc chắn").wait_for()


def test_an_unknown_term_is_told_and_the_question_mark_opens_by_keyboard(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=method&lang=en&term=<b>nothing</b>") as seen:
        seen.page.get_by_text("There is no term “<b>nothing</b>”").wait_for(timeout=WAIT_MS)
    with visit(browser, f"{address}/?page=export&lang=en") as seen:
        button = seen.page.get_by_role("button", name="What it means: Filter of units")
        button.wait_for(timeout=WAIT_MS)
        button.focus()
        seen.page.keyboard.press("Enter")
        box = seen.page.locator(".vl-why-box:popover-open")
        box.wait_for()
        assert "Lets in the units that meet every condition" in box.inner_text()
        with seen.page.context.expect_page() as waiting:
            box.get_by_role("link").click()
        waiting.value.locator(".vl-term-card").wait_for(timeout=WAIT_MS)
        assert "Filter of units" in waiting.value.locator(".vl-term-card").inner_text()
        seen.page.keyboard.press("Escape")
        box.wait_for(state="hidden")
