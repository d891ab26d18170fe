"""Every page over a workspace of naughty names: nothing executes, nothing breaks, nothing is asked of the outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from geo.results import read_built
from pages.register import PAGES
from tests.browser import MAPS, WAIT_MS, Visit, chromium_path, serve, visit
from tests.naughty import naughty_workspace

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Served:
    address: str
    root: Path
    names: list[str]
    log: Path


@pytest.fixture(scope="module")
def naughty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    chromium_path()
    folder = tmp_path_factory.mktemp("naughty")
    names = naughty_workspace(folder / "workspace", folder / "files")
    with serve(folder / "workspace", folder / "app.log") as address:
        yield Served(address, folder / "workspace", names, folder / "app.log")


def unharmed(seen: Visit) -> None:
    """No name ran as a script, in the page or in a frame, and no page fell over."""
    for frame in seen.page.frames:
        assert frame.evaluate("window.vunglomHacked === undefined")
    assert seen.page.locator('[data-testid="stException"]').count() == 0


def test_names_are_kept_letter_for_letter(naughty: Served) -> None:
    # NFC and the taking away of control marks are the reader's; every name is there, none is empty
    built = read_built(naughty.root)
    names = built.primary.result["name"].astype(str)
    assert len(names) == len(naughty.names)
    assert (names.str.strip() != "").all()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_name_breaks_a_page(browser: Any, naughty: Served, page: str, language: str) -> None:
    # the hostile unit looked at is another one in each language
    unit = f"{len(naughty.names) - (1 if language == 'vi' else 5):05}"
    address = (
        f"{naughty.address}/?page={page}&lang={language}&unit={unit}&overlay=4G&points=town&points=school"
    )
    with visit(browser, address) as seen:
        seen.page.locator("h1").wait_for()
        seen.wait_drawn()
        unharmed(seen)
        assert seen.page.locator("h1").inner_text().strip() != ""
    assert "Traceback" not in naughty.log.read_text(errors="replace")


def test_hovering_and_clicking_naughty_units_runs_nothing(browser: Any, naughty: Served) -> None:
    with visit(browser, naughty.address) as seen:
        seen.wait_drawn()
        box = seen.page.locator(MAPS).bounding_box()
        for across in range(1, 12):
            for down in range(1, 8):
                seen.page.mouse.move(
                    box["x"] + across * box["width"] / 12, box["y"] + down * box["height"] / 8
                )
        seen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        seen.wait_map("s.selected !== null")
        seen.settle()
        unharmed(seen)


def test_every_file_of_naughty_names_is_made(browser: Any, naughty: Served, tmp_path: Path) -> None:
    forms = [("communes", fmt) for fmt in ("geojson", "gpkg", "kml", "csv", "xlsx", "parquet")]
    forms += [
        ("coverage_by_operator", "xlsx"),
        ("places", "kml"),
        ("coverage_areas", "kml"),
        ("map_png", ""),
        ("map_html", ""),
    ]
    for what, fmt in forms:
        with visit(browser, f"{naughty.address}/?page=export&take={what}&take_format={fmt}") as seen:
            seen.settle()
            seen.press(seen.page.get_by_role("button", name="Tạo tệp"))
            offered = seen.page.get_by_test_id("stDownloadButton").first
            offered.wait_for(timeout=WAIT_MS)
            seen.settle()
            unharmed(seen)
            with seen.page.expect_download() as waiting:
                offered.get_by_role("button").click()
            waiting.value.save_as(tmp_path / f"{what}.{fmt or 'file'}")
            assert (tmp_path / f"{what}.{fmt or 'file'}").stat().st_size > 1000
    page = (tmp_path / "map_html.file").rename(tmp_path / "map.html")
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.goto(page.as_uri())
    opened.wait_for_function("() => window.vunglomState && window.vunglomState.ready", timeout=WAIT_MS)
    assert opened.evaluate("window.vunglomHacked === undefined")
    context.close()


def test_nothing_is_made_of_what_a_link_says(browser: Any, naughty: Served) -> None:
    """A message names the condition it could not read: no icon, no link, no sign of Streamlit's own comes of it."""
    condition = ":material/delete: https://evil.example a@evil.vn :red[x] $x$ a -> b"
    with visit(browser, f"{naughty.address}/?page=map&lang=en&where={quote(condition)}") as seen:
        message = seen.page.get_by_test_id("stAlert").filter(has_text="evil.example").first
        message.wait_for()
        assert condition in message.inner_text().replace("\u2060", "")
        body = message.get_by_test_id("stMarkdownContainer")
        assert body.locator("a, img, span, .katex").count() == 0
        unharmed(seen)
