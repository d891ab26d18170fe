"""The pages of trends and of targets as a visitor meets them: map, chart and table choose for each other; links; files."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo.results import read_manifest
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
        seen.page.get_by_role("button", name=name, exact=True).click()
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
        seen.page.reload()
        seen.wait_map("s.indicator === 'fixed_direction'")


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
        seen.choose("Target on the map", "5G for 90% of people (2025)")
        seen.wait_map("Object.values(s.classes).filter((c) => c === 0).length === 29")
        seen.settle()
        assert "target=5g_people_2025" in seen.page.url
        seen.page.get_by_role("radio", name="Tiếng Việt").click()
        seen.page.get_by_role("heading", name="Còn cách mục tiêu bao xa").wait_for()
        seen.wait_map("Object.values(s.classes).filter((c) => c === 0).length === 29")
