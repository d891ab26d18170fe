"""`make load`: what the app costs when many come at once. Real sessions against a real server; nothing is asserted about time.

Light visitors fetch what a browser fetches and speak Streamlit's protocol, but draw nothing: a hundred browsers would measure
themselves on a machine of two cores. Where it matters a real Chromium is among them.
"""

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import psutil
from rich.console import Console
from rich.table import Table

from pages.serving import REST_SECONDS
from tests.bench_whole import SAMPLE, SWITCHES, cpu_load, open_map, switch_indicators
from tests.browser import ARGUMENTS, chromium_path, serve
from tests.load_client import Visitor, arrive

ARRIVING, ACTIVE, OPEN, GONE, WAVE = 10, 25, 50, 500, 50
THINK_SECONDS = (2.0, 4.0)
"""Between two choices of one visitor, drawn evenly."""
ACTIVE_SECONDS = 20.0
KEPT_SECONDS = 10
"""For how long this server keeps a session whose browser went away; by default it is two minutes."""

Row = tuple[str, str, str, str]
T = TypeVar("T")


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile, between neighbours."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


@contextmanager
def served(*, by_command: bool = False) -> Iterator[tuple[str, float]]:
    """The sample served; its address, and when its process was started."""
    os.environ["STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL"] = str(KEPT_SECONDS)
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        with serve(SAMPLE, Path(folder) / "log", by_command=by_command) as address:
            yield address, start


def servers() -> list[psutil.Process]:
    """The server's process, a child of this one."""
    found = []
    for one in psutil.Process().children():
        # a browser that is just ending has no command line any more
        with suppress(psutil.Error):
            if "streamlit" in " ".join(one.cmdline()):
                found.append(one)
    return found


def rss_mb() -> float:
    """Memory of the server in MB."""
    return sum(one.memory_info().rss for one in servers()) / 2**20


def wait_until_still() -> None:
    """Wait until the server has visited all its own pages and does nothing: what they load is no session's."""
    for _ in range(40):
        before = sum(one.cpu_times().user for one in servers())
        time.sleep(REST_SECONDS + 3)
        if sum(one.cpu_times().user for one in servers()) - before < 0.1:
            return


def files_asked_for(browser: Any, address: str) -> tuple[list[str], list[str]]:
    """Paths that a fresh browser asks for up to its session, and those of the map after it."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    asked: list[str] = []
    page.on(
        "request", lambda one: asked.append(one.url[len(address) :]) if one.url.startswith(address) else None
    )
    open_map(page, address)
    page.wait_for_timeout(500)
    context.close()
    paths = list(dict.fromkeys(asked))
    first = next(place for place, path in enumerate(paths) if path.startswith("/_stcore/"))
    return paths[:first], paths[first:]


def time_arrivals(browser: Any, address: str) -> list[Row]:
    """Ten visitors at the same moment, all of them light; then nine light ones and one Chromium."""
    before, after = files_asked_for(browser, address)

    async def together(count: int) -> list[float]:
        return await asyncio.gather(*(arrive(address, before, after) for _ in range(count)))

    light = apart(lambda: together(ARRIVING)).result()
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    others = apart(lambda: together(ARRIVING - 1))
    real = open_map(context.new_page(), address)
    context.close()
    others.result()
    files = f"{len(before) + len(after)} files each"
    return [
        (
            f"first view, {ARRIVING} together, p95",
            "≤ 3 s",
            f"{p95(light):.2f} s",
            f"time on the server, {files}",
        ),
        (f"first map in Chromium, {ARRIVING - 1} arriving with it", "≤ 3 s", f"{real:.2f} s", "painted"),
    ]


def apart(work: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
    """Start asynchronous work in a thread of its own: the browser's driver keeps this one's loop."""
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(lambda: asyncio.run(work()))
    pool.shutdown(wait=False)
    return future


async def change_for_a_while(address: str, seconds: float) -> list[float]:
    """Seconds that each choice of an indicator took, to the map's message, of many visitors who think in between."""
    end, chance = time.perf_counter() + seconds, random.Random(6)

    async def one() -> list[float]:
        found = []
        async with Visitor(address) as visitor:
            while time.perf_counter() < end:
                await asyncio.sleep(chance.uniform(*THINK_SECONDS))
                found.append((await visitor.choose_indicator(chance.choice(SWITCHES))).map_seconds)
        return found

    return [took for visitor in await asyncio.gather(*(one() for _ in range(ACTIVE))) for took in visitor]


def time_changes(browser: Any, address: str) -> list[Row]:
    """A change of indicator while many are at work, in light sessions and in Chromium."""
    others = apart(lambda: change_for_a_while(address, ACTIVE_SECONDS))
    time.sleep(THINK_SECONDS[1])
    real = switch_indicators(browser, address)
    light = others.result()
    name = f"change of indicator, {ACTIVE} active sessions, p95"
    return [
        (name, "≤ 1 s", f"{p95(light):.2f} s", f"to the map's message, {len(light)} changes"),
        (f"{name} in Chromium", "≤ 1 s", f"{p95(real):.2f} s", f"painted, {len(real)} changes"),
    ]


async def visit_and_hold(address: str, count: int) -> float:
    """Memory of the server in MB while `count` sessions are open, each with one choice made."""
    visitors = [Visitor(address) for _ in range(count)]
    for visitor in visitors:
        await visitor.__aenter__()
        await visitor.choose_indicator(SWITCHES[0])
    held = rss_mb()
    for visitor in visitors:
        await visitor.__aexit__()
    return held


async def come_and_go(address: str, count: int) -> None:
    """Sessions that open, choose and leave, some at a time."""

    async def one() -> None:
        async with Visitor(address) as visitor:
            await visitor.choose_indicator(SWITCHES[1])

    for _ in range(count // WAVE):
        for _ in range(WAVE // ACTIVE):
            await asyncio.gather(*(one() for _ in range(ACTIVE)))


def measure_memory(address: str) -> list[Row]:
    """Memory of a session, and what is left of many that are gone."""
    wait_until_still()
    apart(lambda: come_and_go(address, WAVE)).result()
    time.sleep(KEPT_SECONDS + 2)
    apart(lambda: visit_and_hold(address, 1)).result()
    before = rss_mb()
    held = apart(lambda: visit_and_hold(address, OPEN)).result()
    apart(lambda: come_and_go(address, GONE)).result()
    time.sleep(KEPT_SECONDS + 2)
    # a session kept is let go of when the next one comes
    apart(lambda: visit_and_hold(address, 1)).result()
    after = rss_mb()
    return [
        (
            "memory of a session",
            "≤ 5 MB",
            f"{(held - before) / OPEN:.2f} MB",
            f"{OPEN} open, server {held:.0f} MB",
        ),
        (f"left of {GONE} sessions gone", "≤ 20 MB", f"{after - before:+.1f} MB", f"from {before:.0f} MB"),
    ]


def cold_start(browser: Any) -> Row:
    """From the start of `vunglom serve` to the first map in Chromium."""
    with served(by_command=True) as (address, start):
        open_map(browser.new_page(), address)
        seconds = time.perf_counter() - start
    return (
        "cold start: `vunglom serve` to the first map",
        "≤ 4 s",
        f"{seconds:.2f} s",
        "Chromium opens when it answers",
    )


def main() -> int:
    """Measure all and print one table."""
    # only a developer's machine has a browser driver
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        browser.new_page().goto("about:blank")
        rows = [cold_start(browser)]
        with served() as (address, _):
            open_map(browser.new_page(), address)
            rows += time_arrivals(browser, address)
            rows += time_changes(browser, address)
            rows += measure_memory(address)
        browser.close()
    memory_gb = psutil.virtual_memory().total / 2**30
    table = Table(
        title=f"make load · {os.cpu_count()} cores, {memory_gb:.0f} GB, {cpu_load()}, {sys.platform}"
    )
    for heading in ("what", "wanted", "measured", "how"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    Console(width=130).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
