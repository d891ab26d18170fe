"""A served workspace and a Chromium that can reach nothing but it; imported by the browser tests as fixtures."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[1]
REQUIRED = os.environ.get("VUNGLOM_REQUIRE_BROWSER") == "1"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip
START_SECONDS = 60.0
WAIT_MS = 30_000
MAPS = "iframe[title*=st_folium]"


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
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def serve(workspace: Path, log: Path) -> Iterator[str]:
    """The app on a free loopback port, stopped at the end; yields its address."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(REPO / "app.py"), "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port), "--", str(workspace)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=REPO, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310  # our own loopback server
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')[-3000:]}")


@dataclass
class Visit:
    """One visitor's page, what it asked of the outside, and what its console complained of."""

    page: Any
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def frame(self) -> Any:
        """The first map's frame, once it is there."""
        self.page.wait_for_selector(MAPS, timeout=WAIT_MS)
        return _until(self._frames, "no map on the page")[0]

    def _frames(self) -> list[Any] | None:
        """The frames of the maps; None while the page takes one of them away: that one has no frame any more."""
        found = [one.content_frame() for one in self.page.query_selector_all(MAPS)]
        return found if found and all(found) else None

    def wait_maps(self, count: int) -> list[Any]:
        """The frames of exactly `count` maps, each painted: the maps of the view before may still be on the page."""

        def painted() -> list[Any] | None:
            found = self._frames() or []
            states = [_evaluated(one, "!!(window.map && window.vunglomState?.ready)") for one in found]
            return found if len(found) == count and all(states) else None

        # a page at rest takes none of its maps away
        self.settle()
        return _until(painted, f"not {count} painted maps on the page")

    def state(self) -> dict[str, Any]:
        """What the map says it shows."""
        found: dict[str, Any] = self.frame.evaluate("window.vunglomState")
        return found

    def wait_map(self, condition: str = "true") -> dict[str, Any]:
        """Wait until the map is painted and `condition` (JavaScript on `s`, its state) holds."""
        self.frame.wait_for_function(
            f"() => {{ const s = window.vunglomState; return s && s.ready && ({condition}); }}",
            timeout=WAIT_MS,
        )
        return self.state()

    def settle(self) -> None:
        """Wait until the page has done what was asked: a step through history meanwhile would be one of a view half made."""
        self.page.wait_for_timeout(400)
        self.page.wait_for_selector(
            '[data-testid=stApp][data-test-script-state="notRunning"]', timeout=WAIT_MS, state="attached"
        )

    def click_unit(self, latitude: float, longitude: float) -> None:
        """Click the map at a place."""
        at = self.frame.evaluate(f"(() => window.map.latLngToContainerPoint([{latitude}, {longitude}]))()")
        box = self.page.query_selector("iframe[title*=st_folium]").bounding_box()
        self.page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])

    def choose(self, label: str, option: str) -> None:
        """Choose an option of the select box with this label."""
        box = self.page.get_by_role("combobox", name=label)
        box.scroll_into_view_if_needed()
        # a list that opens while the page still scrolls closes again
        self.page.wait_for_timeout(200)
        box.click()
        self.page.get_by_role("option", name=option, exact=True).click()


def _evaluated(frame: Any, question: str) -> Any:
    """The frame's answer; None from one that was taken away meanwhile."""
    # only tests that drive a browser need it
    from playwright.sync_api import Error

    try:
        return frame.evaluate(question)
    except Error:
        if frame.is_detached():
            return None
        raise


def _until(look: Callable[[], list[Any] | None], fault: str) -> list[Any]:
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
