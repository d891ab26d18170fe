"""A server that nobody has visited yet, and the light visitor that `make load` sends to it."""

import asyncio
import math
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.serving import COMPONENT
from tests.browser import serve
from tests.fake_built import fake_built
from tests.load import p95
from tests.load_client import Run, Visitor, fetch_all

WAIT_SECONDS = 180.0


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    fake_built(folder / "workspace")
    with serve(folder / "workspace", folder / "app.log") as found:
        yield found


def is_there(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  # our own loopback server
            return int(answer.status) == 200
    # not there, or too busy to say
    except OSError:
        return False


def test_the_server_is_its_own_first_visitor(address: str) -> None:
    # Streamlit knows a component's page only once a script that uses it has run
    end = time.monotonic() + WAIT_SECONDS
    while not is_there(f"{address}/{COMPONENT}/index.html"):
        assert time.monotonic() < end, "no script has run"
        time.sleep(0.2)


def test_a_light_visitor_meets_the_map_and_changes_it_alone(address: str) -> None:
    async def visit() -> tuple[Run, Run]:
        async with Visitor(address) as visitor:
            return visitor.first, await visitor.choose_indicator("Tải xuống di động")

    first, change = asyncio.run(visit())
    assert math.isfinite(first.map_seconds)
    assert 0 < change.map_seconds <= change.seconds
    # neither table nor chart comes along
    assert change.size_bytes < first.size_bytes / 2


def test_files_come_from_memory_or_from_streamlit_alike(address: str) -> None:
    page = asyncio.run(fetch_all(address, ["/"]))
    assert asyncio.run(fetch_all(address, ["/", "/", "/_stcore/health", "/"])) == 3 * page + len("ok")
    with pytest.raises(RuntimeError, match="404"):
        asyncio.run(fetch_all(address, ["/app/static/none.js"]))


def test_the_95th_percentile_lies_between_neighbours() -> None:
    assert p95([float(n) for n in range(1, 22)]) == 20.0


def test_the_first_page_is_opened_without_what_only_builds_checks_and_files_need() -> None:
    slow = ("rasterio", "exactextract", "pyogrio", "highspy", "typst", "openpyxl", "geo.export", "geo.people")
    script = f"import sys, app, pages.map; print(*[name for name in {slow} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == []
