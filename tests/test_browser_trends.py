"""The pages of trends and of targets as a visitor meets them: map, chart and table choose for each other; links; files."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo.results import read_manifest
from geo.sort_names import sort_key
from layers.sources import source_lines
from tests.browser import visit
from tests.conftest import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
BU_DANG = "25396"
SAID = " ".join(source_lines(read_manifest(SAMPLE)["inputs"], "vi"))
"""What every row of a file says of where its figures come from; nothing in the sample limits its use."""


def download(seen: Any, name: str) -> bytes:
    seen.settle()
    with seen.page.expect_download() as waiting:
        seen.press(seen.page.get_by_role("button", name=name, exact=True))
    return Path(waiting.value.path()).read_bytes()


def test_trends_link_chart_map_and_table(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=trends&unit={BU_DANG}") as seen:
        state = seen.wait_map(f"s.selected === '{BU_DANG}'")
        assert state["indicator"] == "mobile_direction"
        seen.wait_drawn()
        assert seen.page.locator(".vl-multiples figure").count() == 24
        marks = seen.page.locator(
            '[data-testid="stVegaLiteChart"] svg, [data-testid="stVegaLiteChart"] canvas'
        )
        marks.first.wait_for()
        seen.choose("Hiện", "Tụt lại")
        seen.settle()
        seen.page.wait_for_function("document.querySelectorAll('.vl-multiples figure').length === 4")
        assert "trend_show=falling_behind" in seen.page.url
        seen.choose("Mạng", "Cố định (Wi-Fi)")
        seen.wait_map("s.indicator === 'fixed_direction'")
        seen.settle()
        assert "trend_network=fixed" in seen.page.url
        assert "Tụt lại" in seen.page.inner_text(".vl-multiples")
        rows = list(csv.reader(io.StringIO(download(seen, "Tải CSV").decode("utf-8-sig"))))
        assert rows[0][:2] == ["unit_code", "direction"]
        assert {row[1] for row in rows[1:]} == {"falling_behind"}
        assert all(SAID in row for row in rows[1:])
        seen.settle()
        assert "#at=" not in seen.page.url
        seen.frame.evaluate("window.map.setView([11.9, 106.6], 11, {animate: false})")
        seen.page.wait_for_url("**#at=11.9000,106.6000,11.0")
        seen.page.reload()
        seen.wait_map("s.indicator === 'fixed_direction'")
        seen.settle()
        assert seen.frame.evaluate("window.map.getZoom()") == 11
        seen.press(seen.page.get_by_role("radio", name="English"))
        seen.page.get_by_role("heading", name="Who falls behind").wait_for()
        seen.page.wait_for_url("**lang=en*#at=11.9000,106.6000,11.0")


class Grid:
    """The table of a page: it is painted on a canvas, and read as a screen reader reads it."""

    def __init__(self, seen: Any) -> None:
        self.seen = seen
        self.box = seen.page.get_by_test_id("stDataFrame")
        self.box.scroll_into_view_if_needed()

    def column(self, place: int) -> list[str]:
        """The cells of a column as far as they are in view, the place counted from 1."""
        return [
            str(cell) for cell in self.box.locator(f"td[aria-colindex='{place}']").all_inner_texts() if cell
        ]

    def wait_first(self, words: str) -> None:
        """Wait until the first row has this in its first column."""
        self.box.locator("[data-testid=glide-cell-1-0]", has_text=words).wait_for(state="attached")
        self.seen.settle()

    def names(self) -> list[str]:
        """The names in view, without the kind of unit."""
        return [name.split(" ", 1)[1] for name in self.column(1)]

    def scroll(self, down_px: float, wanted: str) -> None:
        """Scroll until a cell of this text is in view."""
        self.box.hover()
        self.seen.page.mouse.wheel(0, down_px)
        self.box.locator("td", has_text=re.compile(f"^{re.escape(wanted)}$")).wait_for(state="attached")

    def open_menu(self) -> Any:
        """The menu of the first column; where its dots are drawn nothing but a press can tell."""
        menu = self.seen.page.get_by_test_id("stDataFrameColumnMenu")
        for x in range(150, 300, 8):
            self.click(x, 18)
            if menu.count():
                break
        return menu

    def click(self, x: float, y: float) -> None:
        self.seen.settle()
        self.box.click(position={"x": x, "y": y})

    def wait_heading(self, words: str) -> None:
        self.box.locator("th", has_text=re.compile(f"^{re.escape(words)}$")).wait_for(state="attached")
        self.seen.settle()


def test_names_sort_as_vietnamese_whatever_the_browser_speaks(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=trends") as seen:
        assert seen.page.evaluate("navigator.language").startswith("en")
        seen.wait_map("s.selected === null")
        seen.settle()
        seen.frame.evaluate("window.marker = 'same map'")
        grid = Grid(seen)
        grid.wait_heading("Tên")
        own = grid.column(1)
        grid.click(100, 18)
        grid.wait_heading("↑ Tên")
        names = grid.names()
        assert names[:7] == [
            "An Lộc",
            "Bình Long",
            "Bình Phước",
            "Bình Tân",
            "Bom Bo",
            "Bù Đăng",
            "Bù Gia Mập",
        ]
        assert names[8:11] == ["Đa Kia", "Đak Nhau", "Đăk Ơ"]
        # a browser that speaks English puts Lộc before Long, as if Ô were O
        grid.scroll(35 * 13, "xã Lộc Thạnh")
        names = grid.names()
        first = names.index("Long Hà")
        assert names[first + 1 : first + 7] == [
            f"Lộc {name}" for name in ("Hưng", "Ninh", "Quang", "Tấn", "Thành", "Thạnh")
        ]
        grid.scroll(-2000, "phường An Lộc")
        assert seen.page.get_by_role("combobox", name="Sắp xếp theo").input_value() == "Tên"
        # the row chosen is the unit of that row
        grid.click(16, 38 + 35 * 8 + 17)
        chosen = seen.wait_map("s.selected !== null")["selected"]
        seen.page.wait_for_url(f"**unit={chosen}*")
        # downwards, and the row stays that unit's
        seen.press(seen.page.get_by_text("Giảm dần"))
        grid.wait_heading("↓ Tên")
        again = grid.names()
        assert again == sorted(again, key=sort_key, reverse=True)
        assert again[0] == "Thuận Lợi"
        assert seen.state()["selected"] == chosen
        # figures within words sort as figures, what is not known last; chosen from the list, for those without a mouse
        seen.choose("Sắp xếp theo", "Tốc độ hiện nay")
        grid.wait_heading("↓ Tốc độ hiện nay")
        speeds = [float(said.split()[0].replace(",", ".")) for said in grid.column(4)]
        assert speeds == sorted(speeds, reverse=True)
        assert speeds[0] > 100
        # pressed again, the table's own order
        seen.choose("Sắp xếp theo", "Tên")
        grid.wait_heading("↓ Tên")
        grid.click(100, 18)
        grid.wait_heading("Tên")
        assert grid.column(1) == own
        assert seen.state()["selected"] == chosen
        assert seen.frame.evaluate("window.marker") == "same map"
        # nor does the menu of a column sort by the browser's alphabet
        said = grid.open_menu().inner_text()
        assert "Hide column" in said
        assert "Sort" not in said


def test_a_click_on_the_chart_chooses_a_unit_on_the_map(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=trends&lang=en&trend_show=falling_behind") as seen:
        seen.wait_map("s.selected === null")
        seen.wait_drawn()
        chart = seen.page.locator('[data-testid="stVegaLiteChart"]')
        chart.scroll_into_view_if_needed()
        chart.locator('path[fill="#b23a0e"]').nth(1).click()
        seen.wait_map("s.selected !== null")
        seen.settle()
        assert "unit=" in seen.page.url


def test_targets_on_a_phone_in_english(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=targets&lang=en&target=mobile_40", width=390, height=844) as seen:
        state = seen.wait_map("s.indicator === 'target_state'")
        # two of the 40 units have no tests: hatched as no data, not red
        seen.wait_drawn()
        assert sorted(set(state["classes"].values())) == [0, 1, 2, 3]
        assert list(state["classes"].values()).count(3) == 2
        assert seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
        assert "11 units are short for certain" in seen.page.inner_text(".vl-chosen-target")
        rows = list(csv.reader(io.StringIO(download(seen, "Download CSV").decode("utf-8-sig"))))
        assert len(rows) == 1 + 6 * 40
        assert {row[rows[0].index("vintage")] for row in rows[1:]} == {"2026-04"}
        assert all("Illustrative" in row[rows[0].index("note")] for row in rows[1:])
        book = openpyxl.load_workbook(io.BytesIO(download(seen, "Download XLSX")))
        assert book["units"].max_row == len(rows)
        # as words, 10,000 people would stand before 9,000
        seen.choose("Sort by", "People")
        grid = Grid(seen)
        name, people = rows[0].index("name"), rows[0].index("people")
        fewest = sorted({row[name]: float(row[people]) for row in rows[1:]}.items(), key=lambda one: one[1])
        grid.wait_first(fewest[0][0])
        names = grid.names()
        assert len(names) > 8
        assert names == [one for one, _ in fewest[: len(names)]]
        assert seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
        seen.choose("Target on the map", "5G for 90% of people (2025)")
        seen.wait_map("Object.values(s.classes).filter((c) => c === 0).length === 29")
        seen.settle()
        assert "target=5g_people_2025" in seen.page.url
        seen.press(seen.page.get_by_role("radio", name="Tiếng Việt"))
        seen.page.get_by_role("heading", name="Còn cách mục tiêu bao xa").wait_for()
        seen.wait_map("Object.values(s.classes).filter((c) => c === 0).length === 29")
