"""The chart of own indicators against the gap, as a visitor meets it; nothing outside the machine can be reached."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import WAIT_MS, Visit, chromium_path, serve, visit
from tests.fake_built import NASTY_NAMES, fake_built

pytestmark = pytest.mark.browser

CHART = "[data-testid=stVegaLiteChart] svg.marks"
POINTS = f"{CHART} .mark-symbol.role-mark.layer_1_marks path"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    chromium_path()
    folder = tmp_path_factory.mktemp("served")
    fake_built(folder / "workspace")
    with serve(folder / "workspace", folder / "app.log") as found:
        yield found


def points(seen: Visit) -> list[tuple[float, float]]:
    """Middles of the chart's points in the window."""
    seen.page.wait_for_selector(CHART, timeout=WAIT_MS)
    seen.wait_drawn()
    seen.page.locator(CHART).scroll_into_view_if_needed()
    seen.settle()
    # all at the same moment
    found: list[list[float]] = seen.page.locator(POINTS).evaluate_all(
        "marks => marks.map(one => one.getBoundingClientRect()).map(box => [box.x + box.width / 2, box.y + box.height / 2])"
    )
    return [(x, y) for x, y in found]


def test_the_chart_names_its_points_as_text(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?lang=en&unit=25008") as seen:
        seen.wait_map()
        said = set()
        places = points(seen)
        assert len(places) == 11
        for x, y in places:
            seen.page.mouse.move(x, y)
            said.add(seen.page.locator("#vg-tooltip-element.visible").inner_text())
            seen.page.mouse.move(1, 1)
            seen.page.wait_for_selector("#vg-tooltip-element.visible", state="hidden")
        # the worst of the squares, with its figures
        assert any("xã Bù Gia Mập" in one and "100.0" in one and "5%" in one for one in said)
        assert any(NASTY_NAMES[0] in one for one in said)
        assert seen.page.evaluate("window.hacked") is None
        body = seen.page.inner_text("body")
        assert "rank correlation with the gap" in body
        assert "Where the gap is wider, this indicator is worse too." in body
        assert "Units without a point, for lack of one of the two figures: 1." in body


def test_a_click_on_a_point_changes_nothing_else(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?lang=vi&unit=25009&indicator=indicator:ho_so") as seen:
        seen.wait_map("s.indicator === 'indicator:ho_so'")
        places = points(seen)
        before = seen.page.url
        for x, y in places[:3]:
            seen.page.mouse.click(x, y)
        seen.settle()
        assert seen.page.url == before
        state = seen.state()
        assert (state["selected"], state["indicator"]) == ("25009", "indicator:ho_so")


def test_a_list_without_own_indicators_has_no_chart(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?lang=vi&list=2026-04-district") as seen:
        seen.wait_map("Object.keys(s.classes).length === 3")
        seen.settle()
        assert seen.page.query_selector("[data-testid=stVegaLiteChart]") is None
        assert "Chỉ tiêu bổ sung so với mức tụt hậu" not in seen.page.inner_text("body")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768)])
def test_panel_and_chart_fit_the_window(browser: Any, address: str, width: int, height: int) -> None:
    with visit(browser, f"{address}/?lang=vi&unit=25008", width=width, height=height) as seen:
        seen.page.wait_for_selector(CHART, timeout=WAIT_MS)
        seen.wait_drawn()
        assert seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == width
        panel = seen.page.locator('section.vl-panel[data-code="25008"]')
        assert panel.evaluate("one => one.scrollWidth <= one.clientWidth")
        said = panel.inner_text()
        for words in ("Tụt lại", "Bao nhiêu người chưa được phủ", "Nông thôn", "Vùng phủ của từng nhà mạng"):
            assert words in said
