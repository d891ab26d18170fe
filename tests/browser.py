"""A served workspace and a Chromium that can reach nothing but it; imported by the browser tests as fixtures."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from tests.app_server import REPO, START_SECONDS, serve
from tests.traffic import Traffic

__all__ = ["ARGUMENTS", "MAPS", "REPO", "WAIT_MS", "Visit", "chromium_path", "launched", "serve", "visit"]
REQUIRED = os.environ.get("VUNGLOM_REQUIRE_BROWSER") == "1"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip
WAIT_MS = 60_000
"""For what a machine at rest does in a second or two; another one may be at work for four."""
REST_LOOKS, LOOK_MS = 4, 100
"""A page is at rest when it is found so this often, one look after the other."""
ASK_MS = 3000
MAPS = "iframe[title*=st_folium]"
PAINTED = "!!(window.map && window.vunglomState?.ready)"
DRAWN = """() => [['stVegaLiteChart', 'svg.marks, canvas.marks'], ['stDataFrame', 'canvas']].every(([id, drawn]) =>
  [...document.querySelectorAll(`[data-testid=${id}]`)].every(one => !one.checkVisibility() || one.querySelector(drawn)))"""
AT_REST = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning' &&
  'at ' + [...document.querySelectorAll('button, input, summary, label, iframe')].map(one => {
    const box = one.getBoundingClientRect(); return [box.x, box.y, box.width, box.height].map(Math.round); }).join(' ')"""
STILL = """one => new Promise(done => { let before, looks, since; const look = now => {
  const box = one.getBoundingClientRect(), at = [box.x, box.y, box.width, box.height].join();
  if (at !== before) { before = at; looks = 0; since = now; } else looks += 1;
  if (looks > 3 && now - since > 150) done(); else requestAnimationFrame(look); }; requestAnimationFrame(look); })"""
PLACE_OF = """at => { const m = window.map; if (m._animatingZoom || m._panAnim?._inProgress) return null;
  const p = m.latLngToContainerPoint(at); return [p.x, p.y]; }"""


def chromium_path() -> str:
    """The system's Chromium; the test skips, or fails where a browser is required, when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    reason = "no Chromium found (looked for chromium, chromium-browser, google-chrome)"
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def launched() -> Iterator[Any]:
    """A running Chromium, closed at the end."""
    path = chromium_path()
    # only tests that drive a browser need it
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, timeout=START_SECONDS * 1000
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """One visitor's page, what it asked of the outside, and what its console complained of; made before the page is opened."""

    page: Any
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    traffic: Traffic = field(init=False)

    def __post_init__(self) -> None:
        self.traffic = Traffic(self.page)

    @property
    def frame(self) -> Any:
        """The first map's frame, once it is there."""
        return _until(self._frames, "no map on the page")[0]

    def _frames(self) -> list[Any] | None:
        """The frames of the maps; None while the page takes one of them away: that one has no frame any more."""
        found = [one.content_frame() for one in self.page.query_selector_all(MAPS)]
        return found if found and all(found) else None

    def wait_maps(self, count: int) -> list[Any]:
        """The frames of exactly `count` maps, each painted: the maps of the view before may still be on the page."""

        def painted() -> list[Any] | None:
            found = self._frames() or []
            states = [_evaluated(one, PAINTED) for one in found]
            return found if len(found) == count and all(states) else None

        # a page at rest takes none of its maps away
        self.settle()
        return _until(painted, f"not {count} painted maps on the page")

    def state(self) -> dict[str, Any]:
        """What the map says it shows."""
        found: dict[str, Any] = self.frame.evaluate("window.vunglomState")
        return found

    def wait_map(self, condition: str = "true") -> dict[str, Any]:
        """The map's state as soon as it is painted and `condition` (JavaScript on `s`, its state) holds."""
        question = f"() => {{ const s = window.vunglomState; return window.map && s && s.ready && ({condition}) && structuredClone(s); }}"
        # a state may be there for a moment only: the page looks at every frame, and another frame is asked where this one leaves
        found: dict[str, Any] = _until(
            lambda: _waited(self.frame, question), f"the map never said: {condition}"
        )
        return found

    def settle(self) -> None:
        """Wait until the page has done what was asked: a step through history meanwhile would be one of a view half made."""
        looks, before = 0, None

        def rested() -> bool:
            nonlocal looks, before
            self.page.wait_for_timeout(LOOK_MS)
            # where all that can be pressed stands: what unfolds still moves when its run has ended
            now = self.traffic.is_still and _evaluated(self.page, AT_REST)
            looks, before = (looks + 1 if now and now == before else 0), now
            return looks == REST_LOOKS

        _until(rested, "the page did not come to rest")

    def press(self, wanted: Any) -> None:
        """Click a thing once it moves no more: between a mouse's down and up it would slip away, and nothing be pressed."""
        wanted.scroll_into_view_if_needed()
        wanted.evaluate(STILL)
        wanted.click()

    def wait_drawn(self) -> None:
        """Wait until all that is seen is drawn, too: maps, charts and tables come after the run has ended."""

        def painted() -> bool:
            found = [one for one in self.page.query_selector_all(MAPS) if one.is_visible()]
            frames = [one.content_frame() for one in found]
            return all(one and _evaluated(one, PAINTED) for one in frames)

        self.settle()
        self.page.wait_for_function(DRAWN)
        _until(painted, "a map was not painted")
        # a map says its first word when it is painted
        self.settle()

    def place_of(self, latitude: float, longitude: float, frame: Any = None) -> tuple[float, float]:
        """Where a place of a map (the first one) is on the page, as soon as neither the map nor the page moves any more."""
        before: list[float] = []

        def still() -> list[float] | None:
            nonlocal before
            one = frame or self.frame
            spot = _evaluated(one, PLACE_OF, [latitude, longitude])
            box = spot and one.frame_element().bounding_box()
            now = [box["x"] + spot[0], box["y"] + spot[1]] if box else []
            same, before = now == before, now
            if not (now and same):
                self.page.wait_for_timeout(LOOK_MS)
            return now if same else None

        x, y = _until(still, "the map did not come to rest")
        return x, y

    def click_unit(self, latitude: float, longitude: float) -> None:
        """Click the map at a place."""
        self.page.mouse.click(*self.place_of(latitude, longitude))

    def click_cell(self, across: float, down: float) -> None:
        """Click the table at so many pixels from its corner: its cells are painted and have no elements."""
        grid = self.page.get_by_test_id("stDataFrame")
        grid.locator("canvas").first.wait_for()
        # waits until it moves no more
        grid.click(position={"x": across, "y": down})

    def choose(self, label: str, option: str, *, exact: bool = False) -> None:
        """Choose an option of the select box with this label, which may be longer unless `exact`."""
        box = self.page.get_by_role("combobox", name=label, exact=exact)
        wanted = self.page.get_by_role("option", name=option, exact=True)

        def chosen() -> bool:
            box.scroll_into_view_if_needed()
            # a list that opens while the page still scrolls closes again
            self.page.wait_for_timeout(200)
            if box.get_attribute("aria-expanded") != "true":
                box.click()
            return _clicked(wanted)

        _until(chosen, f"no option {option!r} of {label!r}")


def _evaluated(frame: Any, question: str, given: Any = None) -> Any:
    """The answer of a frame or page; None from one that was taken away, or that another document replaces, meanwhile."""
    # only tests that drive a browser need it
    from playwright.sync_api import Error

    try:
        return frame.evaluate(question, given)
    except Error as fault:
        if _is_gone(frame, fault):
            return None
        raise


def _waited(frame: Any, question: str) -> Any:
    """The answer of a frame as soon as it is no false one; None from one that is taken away meanwhile or stays silent."""
    # only tests that drive a browser need it
    from playwright.sync_api import Error
    from playwright.sync_api import TimeoutError as LateError

    try:
        # a question put while a frame still holds its first, empty document is never looked at again: it is put anew
        return frame.wait_for_function(question, timeout=ASK_MS).json_value()
    except LateError:
        return None
    except Error as fault:
        if _is_gone(frame, fault):
            return None
        raise


def _is_gone(frame: Any, fault: Exception) -> bool:
    is_detached = getattr(frame, "is_detached", None)
    return bool(is_detached and is_detached()) or "Execution context was destroyed" in str(fault)


def _clicked(option: Any) -> bool:
    """Click an option; False when its list closed by itself before."""
    # only tests that drive a browser need it
    from playwright.sync_api import TimeoutError as LateError

    try:
        option.click(timeout=5000)
    except LateError:
        return False
    return True


Found = TypeVar("Found")


def _until(look: Callable[[], Found | None], fault: str) -> Found:
    """What `look` finds as soon as it finds something."""
    deadline = time.monotonic() + WAIT_MS / 1000
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail(f"{fault} after {WAIT_MS // 1000} s")


@contextmanager
def visit(
    browser: Any, address: str, *, width: int = 1366, height: int = 1000, theme: str = "light"
) -> Iterator[Visit]:
    """A fresh visitor at `address`; at the end nothing may have been asked of the outside, and no error logged."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, accept_downloads=True, color_scheme=theme
    )
    context.set_default_timeout(WAIT_MS)
    seen = Visit(context.new_page())
    origin = "/".join(address.split("/")[:3])

    def block(route: Any) -> None:
        seen.outside.append(route.request.url)
        route.abort()

    def note_dialog(dialog: Any) -> None:
        seen.complaints.append(f"dialog {dialog.message}")
        dialog.dismiss()

    context.route(lambda url: not url.startswith((origin, "data:", "blob:")), block)
    seen.page.on("console", lambda m: seen.complaints.append(m.text) if m.type == "error" else None)
    seen.page.on("pageerror", lambda fault: seen.complaints.append(str(fault)))
    seen.page.on("dialog", note_dialog)
    try:
        seen.page.goto(address)
        yield seen
        # told by hand: asserts of this module are not rewritten
        assert seen.outside == [], seen.outside
        assert seen.complaints == [], seen.complaints
    finally:
        context.close()
