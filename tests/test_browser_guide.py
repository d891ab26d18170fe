"""A first visitor on the sample: from the opened page to the gap communes as GeoJSON by the guide's buttons alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from geo.results import read_built
from tests.browser import visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SAMPLE = Path(__file__).resolve().parents[1] / "data" / "binh_phuoc"


@pytest.mark.parametrize(("language", "width"), [("vi", 1366), ("en", 390)])
def test_from_the_opened_page_to_the_gaps_as_a_file(
    browser: Any, address: str, language: str, width: int
) -> None:
    worst, gaps, take, close = (
        ("1. Xem xã tụt hậu nhất", "2. Chỉ giữ các vùng lõm", "3. Tải GeoJSON vùng lõm", "Đóng")
        if language == "vi"
        else (
            "1. See the one furthest behind",
            "2. Keep the gaps alone",
            "3. Take the gaps as GeoJSON",
            "Close",
        )
    )
    result = read_built(SAMPLE).primary.result
    gap_codes = set(result.loc[result["verdict"] == "gap", "unit_code"])
    first = result.sort_values(["rank", "unit_code"])["unit_code"].iloc[0]
    with visit(browser, f"{address}/?lang={language}", width=width, height=844) as seen:
        seen.wait_map()
        seen.settle()
        seen.press(seen.page.get_by_role("button", name=worst))
        seen.wait_map(f"s.selected === '{first}'")
        seen.settle()
        seen.press(seen.page.get_by_role("button", name=gaps))
        seen.settle()
        seen.wait_map()
        assert "where=verdict" in seen.page.url
        seen.settle()
        with seen.page.expect_download() as waiting:
            seen.press(seen.page.get_by_role("button", name=take))
        collection = json.loads(Path(waiting.value.path()).read_bytes())
        assert {one["properties"]["unit_code"] for one in collection["features"]} == gap_codes
        seen.press(seen.page.get_by_role("button", name=close, exact=True))
        seen.page.get_by_role("button", name=take).wait_for(state="detached")


def test_whoever_follows_a_link_to_a_view_is_not_held_up(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?unit=25396", width=390, height=844) as seen:
        seen.wait_map("s.selected === '25396'")
        seen.settle()
        assert seen.page.get_by_role("button", name="Tải GeoJSON vùng lõm").count() == 0
