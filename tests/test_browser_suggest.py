"""The page that suggests sites as a visitor meets it: compute, read, download, take over as a proposal."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.browser import Visit, chromium_path, serve, visit
from tests.test_file_parts import SHEETS, write_workbook

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
REPO = Path(__file__).resolve().parents[1]
COMPUTE_MS = 240_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    chromium_path()
    folder = tmp_path_factory.mktemp("suggest")
    shutil.copytree(REPO / "data" / "binh_phuoc", folder / "workspace")
    with serve(folder / "workspace", folder / "app.log") as found:
        yield found


def fill_number(seen: Visit, label: str, digits: str) -> None:
    box = seen.page.get_by_label(label, exact=True)
    seen.settle()
    box.fill(digits)
    box.press("Enter")
    seen.settle()


def compute(seen: Visit, button: str, containing: str = "") -> str:
    seen.wait_map()
    seen.settle()
    seen.press(seen.page.get_by_role("button", name=button, exact=True))
    seen.page.locator("section.vl-plan", has_text=containing).wait_for(timeout=COMPUTE_MS)
    seen.settle()
    found: str = seen.page.inner_text("section.vl-plan")
    return found


def test_sites_are_computed_shown_and_taken_over(browser: Any, address: str, tmp_path: Path) -> None:
    with visit(browser, f"{address}/?page=suggest", height=900) as seen:
        said = compute(seen, "Tính")
        assert "5 trạm phủ thêm" in said
        assert "Đã chứng minh" in said
        assert "Trạm thứ 5 mang lại" in said
        seen.wait_map("s.overlays.length === 2")
        seen.settle()
        assert seen.frame.locator(".vl-chosen").all_inner_texts() == ["1", "2", "3", "4", "5"]
        assert seen.page.locator(".vl-curve tbody tr").count() == 5
        seen.settle()
        with seen.page.expect_download() as waiting:
            seen.press(seen.page.get_by_role("button", name="GeoJSON"))
        collection = json.loads(Path(waiting.value.path()).read_bytes())
        assert [feature["properties"]["order"] for feature in collection["features"]] == [1, 2, 3, 4, 5]
        seen.settle()
        with seen.page.expect_download() as waiting:
            seen.press(seen.page.get_by_role("button", name="Excel (XLSX)"))
        waiting.value.save_as(tmp_path / "sites.xlsx")
        assert openpyxl.load_workbook(tmp_path / "sites.xlsx").sheetnames == ["sites", "plan", "columns"]
        seen.press(seen.page.get_by_role("button", name="Đưa sang trang kiểm tra"))
        seen.page.locator("section.vl-check").wait_for()
        seen.wait_drawn()
        assert "page=check" in seen.page.url
        assert seen.frame.evaluate("window.vunglomDrawing.shapes") == 5


def test_the_result_waits_on_a_page_left_and_speaks_english(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=suggest", height=900) as seen:
        compute(seen, "Tính")
        seen.press(seen.page.get_by_role("radio", name="Bản đồ", exact=True))
        seen.page.locator("text=Bảng xếp hạng").first.wait_for()
        seen.press(seen.page.get_by_role("radio", name="Đề xuất vị trí"))
        seen.page.locator("section.vl-plan").wait_for()
        seen.press(seen.page.get_by_role("radio", name="English"))
        seen.page.locator("section.vl-plan", has_text="Proven").wait_for()


def test_files_of_candidates_and_of_existing_sites(browser: Any, address: str, tmp_path: Path) -> None:
    places = [(11.4 + 0.09 * (i // 8), 106.6 + 0.09 * (i % 8)) for i in range(64)]
    rows = "".join(f"{lat:.3f},{lon:.3f},Cột {i},3\n" for i, (lat, lon) in enumerate(places))
    (tmp_path / "cho.csv").write_text(f"lat,lon,name,cost\n{rows}", encoding="utf-8")
    (tmp_path / "co.csv").write_text("lat,lon\n12.004,106.854\n12.037,107.194\n", encoding="utf-8")
    (tmp_path / "hong.csv").write_text("ten\nA\n", encoding="utf-8")
    with visit(browser, f"{address}/?page=suggest", height=900) as seen:
        seen.wait_map()
        seen.settle()

        def give(place: int, name: str) -> None:
            if not seen.page.locator("input[type=file]").count():
                seen.press(seen.page.get_by_role("button", name="Tệp trạm"))
            seen.page.locator("input[type=file]").nth(place).set_input_files(str(tmp_path / name))
            seen.settle()

        seen.choose("Vị trí có thể đặt", "tệp của tôi")
        seen.page.locator("text=Tải tệp các vị trí có thể đặt lên").wait_for()
        assert seen.page.get_by_role("button", name="Tính", exact=True).is_disabled()
        give(0, "hong.csv")
        seen.page.locator("text=Không thấy cột vĩ độ, kinh độ").wait_for()
        give(0, "cho.csv")
        seen.page.locator("text=tệp cho.csv").wait_for()
        write_workbook(tmp_path / "hai.xlsx", SHEETS)
        give(1, "hai.xlsx")
        seen.page.locator("text=Tệp hai.xlsx có 2 trang tính").wait_for()
        seen.choose("Trang tính cần dùng", "Đợt 1")
        seen.page.locator("text=tệp hai.xlsx, trang tính “Đợt 1”, 2 trạm").wait_for()
        seen.settle()
        give(1, "co.csv")
        seen.page.locator("text=tệp co.csv").wait_for()
        assert seen.page.get_by_role("combobox", name="Trang tính cần dùng").count() == 0
        seen.page.keyboard.press("Escape")
        said = compute(seen, "Tính")
        assert "tệp của tôi · cho.csv" in said
        assert "2 trạm đã có phủ được" in said
        # reach of the chosen, reach of the existing ones, the chosen themselves
        seen.wait_map("s.overlays.length === 3")
        assert "Cột" in seen.page.inner_text(".vl-touched")
        seen.settle()
        with seen.page.expect_download() as waiting:
            seen.press(seen.page.get_by_role("button", name="GeoJSON"))
        assert "co.csv" in Path(waiting.value.path()).read_text(encoding="utf-8")
        # the costs of the file do for a budget; the number of sites is there again when one comes back to it
        fill_number(seen, "Số trạm", "4")
        seen.choose("Giới hạn theo", "ngân sách")
        seen.settle()
        seen.choose("Giới hạn theo", "số trạm")
        seen.settle()
        assert seen.page.get_by_label("Số trạm", exact=True).input_value() == "4"
        seen.choose("Giới hạn theo", "ngân sách")
        seen.settle()
        fill_number(seen, "Ngân sách", "7")
        seen.page.locator("text=Tham số đã đổi sau lần tính này").wait_for()
        assert "2 trạm phủ thêm" in compute(seen, "Tính", "2 trạm phủ thêm")
        seen.press(seen.page.get_by_role("button", name="Bỏ tệp").first)
        # the grid that takes its place states no costs
        seen.page.locator("text=Điền ngân sách và chi phí mỗi trạm").wait_for()
        assert seen.page.locator("text=tệp cho.csv").count() == 0


def test_a_search_can_be_given_up_and_the_map_stays(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=suggest", height=900) as seen:
        seen.wait_map()
        seen.settle()
        seen.frame.evaluate("window.marker = 'same map'")
        seen.choose("Công nghệ", "5G")
        seen.press(seen.page.get_by_role("button", name="Tham số khác"))
        fill_number(seen, "Mắt lưới, m", "500")
        seen.page.keyboard.press("Escape")
        seen.press(seen.page.get_by_role("button", name="Tính", exact=True))
        seen.page.get_by_role("button", name="Dừng tính").click()
        seen.page.locator("text=Đang tính").wait_for(state="detached")
        seen.settle()
        assert seen.page.locator("section.vl-plan").count() == 0
        assert "5 trạm phủ thêm" in compute(seen, "Tính")
        assert seen.frame.evaluate("window.marker") == "same map"


def test_a_link_brings_the_form_as_it_was_filled_in(browser: Any, address: str) -> None:
    asked = "plan_technology=5G&plan_sites=7&plan_need=score&plan_radius=abc&plan_grid=2000&lang=en"
    with visit(browser, f"{address}/?page=suggest&{asked}", height=900) as seen:
        seen.wait_map()
        seen.settle()

        def box(label: str) -> str:
            return str(seen.page.get_by_label(label, exact=True).input_value())

        assert box("Number of sites") == "7"
        assert [box(label) for label in ("Technology", "Priority", "Places to choose from")] == [
            "5G",
            "furthest behind",
            "an even grid 2,000 m",
        ]
        # what cannot be read is as the form opens, and leaves the address
        assert "plan_radius" not in seen.page.url
        fill_number(seen, "Number of sites", "3")
        assert "plan_sites=3" in seen.page.url
        seen.page.reload()
        seen.wait_map()
        seen.settle()
        assert box("Number of sites") == "3"
        seen.page.go_back()
        seen.settle()
        assert box("Number of sites") == "7"
        fill_number(seen, "Number of sites", "5")
        assert "plan_sites" not in seen.page.url
        seen.press(seen.page.get_by_role("radio", name="Tiếng Việt"))
        seen.settle()
        assert box("Số trạm") == "5"
        assert "plan_need=score" in seen.page.url


def test_what_cannot_be_computed_is_said_and_the_page_stays(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=suggest", height=900) as seen:
        seen.wait_map()
        seen.settle()
        seen.choose("Công nghệ", "2G")
        seen.settle()
        seen.press(seen.page.get_by_role("button", name="Tính", exact=True))
        seen.page.locator("text=Không tính được.").wait_for(timeout=COMPUTE_MS)
        assert "Traceback" not in seen.page.inner_text("body")
        seen.choose("Công nghệ", "4G")
        seen.choose("Giới hạn theo", "ngân sách")
        seen.page.locator("text=Điền ngân sách và chi phí mỗi trạm").wait_for()
        assert seen.page.get_by_role("button", name="Tính", exact=True).is_disabled()
        # both amounts stand in the row, and what is spent goes over to the check
        fill_number(seen, "Ngân sách", "7000")
        fill_number(seen, "Chi phí mỗi trạm", "3000")
        assert "Tổng chi phí: 6.000, trong ngân sách 7.000." in compute(seen, "Tính", "2 trạm phủ thêm")
        assert "xã Hưng Phước" in seen.page.inner_text(".vl-touched")
        seen.press(seen.page.get_by_role("button", name="Đưa sang trang kiểm tra"))
        seen.page.locator("section.vl-check", has_text=re.compile(r"2,\d+ · Ngưỡng: chưa đặt")).wait_for()
        seen.settle()


def test_a_telephone_shows_it_in_its_width(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=suggest&lang=en", width=390, height=844) as seen:
        assert "5 sites newly reach" in compute(seen, "Compute")
        seen.wait_drawn()
        width = seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert width == 390
