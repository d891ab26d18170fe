"""Every page as somebody meets it who cannot see well or uses no mouse: axe-core, headings, the keyboard, a phone's width.

axe runs on the page and in the map's frame, light and dark. What is Streamlit's own and not ours to change is named below.
"""

from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from pages.register import PAGES
from tests.browser import Visit, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
STREAMLITS_OWN = (
    # a label of a widget that is switched off: WCAG asks no contrast of it, and axe does not see that it is off
    ('span[aria-hidden="true"] > ', "color-contrast"),
)
UNIT = "25396"
PAIR = "compare=2026-04-commune,mobile_quarter_mbps,2025Q1&compare=2026-04-commune,verdict"
FILTERED = (
    "list=2024-commune&where=district%3D692&where=verdict%3Dgap&indicator=mobile_download_mbps"
    "&limit=mobile_download_mbps%3C40"
)
VIEWS = (
    *PAGES, "map&indicator=mobile_quarter_mbps", f"map&{PAIR}", f"map&{FILTERED}", "map&level=whole",
    "map&indicator=bivariate:people&overlay=4G",
)  # fmt: skip
"""Every page, and what else the first one can be."""


def grave_faults(frame: Any) -> list[str]:
    """Serious and critical violations, a line per element."""
    frame.evaluate(AXE_SCRIPT)
    found = frame.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['impact']} {rule['id']}: {node['target'][0]} {node['html'][:120]}"
        for rule in found["violations"]
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
        if not any(part in str(node["target"][0]) and rule["id"] == name for part, name in STREAMLITS_OWN)
    ]


def settled(seen: Visit) -> None:
    seen.page.locator("h1").wait_for()
    seen.wait_drawn()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", VIEWS)
def test_no_grave_fault_in_either_theme(browser: Any, address: str, page: str, theme: str) -> None:
    language = "vi" if theme == "light" else "en"
    with visit(browser, f"{address}/?page={page}&lang={language}&unit={UNIT}", theme=theme) as seen:
        settled(seen)
        faults = grave_faults(seen.page)
        for frame in seen.page.frames[1:]:
            faults += grave_faults(frame)
        assert faults == []
        levels = seen.page.evaluate(
            "[...document.querySelectorAll('[data-testid=stMain] :is(h1,h2,h3,h4)')].map((h) => Number(h.tagName[1]))"
        )
        # no level is skipped on the way down
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels)), levels


@pytest.mark.parametrize("page", VIEWS)
def test_a_phone_shows_every_page_without_scrolling_sideways(browser: Any, address: str, page: str) -> None:
    with visit(browser, f"{address}/?page={page}", width=390, height=844) as seen:
        settled(seen)
        assert seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_the_keyboard_alone_reaches_pages_language_and_map(browser: Any, address: str) -> None:
    with visit(browser, address) as seen:
        settled(seen)
        reached: list[str] = []
        for _ in range(80):
            seen.page.keyboard.press("Tab")
            reached.append(
                seen.page.evaluate(
                    "(document.activeElement.innerText || document.activeElement.ariaLabel || document.activeElement.title "
                    "|| document.activeElement.tagName || '').trim().slice(0, 40)"
                )
            )
        said = " | ".join(reached)
        assert "Tiếng Việt" in said
        assert "Bản đồ" in said
        assert "st_folium" in said or "IFRAME" in said
        assert "GeoJSON" in said
