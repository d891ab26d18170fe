"""Fixtures that several test files share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.browser import chromium_path, launched, serve
from tests.files import Files, add_scene, new_scene, write_scene

SAMPLE = Path(__file__).parents[1] / "data" / "binh_phuoc"
# Nothing is asserted about time: how long an example takes, or the making of one, is the machine's load, not the code's fault.
# The same examples every time: what fails, fails for whoever changed the code. `--hypothesis-profile=explore` looks for new ones.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", _UNTIMED, derandomize=True)
settings.register_profile("explore", _UNTIMED)
settings.load_profile("steady")
REAL = Path(__file__).parents[1].parent / "shared" / "real"


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real data beside the project; skips where it is missing."""
    if not REAL.is_dir():
        pytest.skip(f"the real data is not beside the project (looked for ../{REAL.parent.name}/{REAL.name})")
    return REAL


@pytest.fixture
def scene(tmp_path: Path) -> Files:
    """The three squares' input files, in a folder of their own."""
    return write_scene(tmp_path / "scene")


@pytest.fixture
def squares(tmp_path: Path, scene: Files) -> Path:
    """A workspace of the three squares alone."""
    root = tmp_path / "squares"
    new_scene(root, scene.units)
    return root


@pytest.fixture
def full(squares: Path, scene: Files) -> Path:
    """A workspace of the three squares with speed, coverage, people and places, not built."""
    add_scene(squares, scene)
    return squares


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium for a file's visits; skips, or fails where a browser is required, when there is none."""
    with launched() as found:
        yield found


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on the bundled sample, one for every file whose visits leave it as it is; others serve a copy of their own."""
    chromium_path()
    with serve(SAMPLE, tmp_path_factory.mktemp("sample") / "app.log") as found:
        yield found
