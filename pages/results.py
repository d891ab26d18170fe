"""The results every page shows, read once for all visitors, and made ready before the first one comes.

Kept in this module and not by Streamlit: its caches open with the first visitor, and the server reads before that.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from geo.errors import VunglomError
from geo.results import Built, read_built
from geo.store import recover_from_dead
from geo.workspace import CONFIG_NAME, Workspace, load_workspace
from layers.assets import app_static_folder, install_assets
from layers.overview import overview
from layers.panel_html import headline_html
from layers.row_table import styled
from layers.simplify import publish_units
from layers.table import ranked_table

SAMPLE: Final = Path(__file__).resolve().parents[1] / "data" / "binh_phuoc"
WORKSPACE_VARIABLE: Final = "VUNGLOM_WORKSPACE"


def choose_workspace(arguments: Sequence[str], environment: Mapping[str, str]) -> Path:
    """The folder named on the command line, else in the environment, else the bundled sample."""
    named = next((argument for argument in arguments if argument), "") or environment.get(
        WORKSPACE_VARIABLE, ""
    )
    return Path(named).expanduser().resolve() if named else SAMPLE


def read_results(root: Path) -> tuple[Workspace, Built]:
    """The workspace at `root` and its results; a new build or a change of inputs is noticed. Raises `VunglomError`."""
    recover_from_dead(root)
    workspace = _read_workspace(root, _stamp(root / CONFIG_NAME))
    return workspace, _read(root, _stamp(root / "built" / "manifest.json"))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


@lru_cache(maxsize=4)
def _read(root: Path, stamp: tuple[int, int]) -> Built:  # noqa: ARG001  # a new stamp is a new entry
    return read_built(root)


@lru_cache(maxsize=4)
def _read_workspace(root: Path, stamp: tuple[int, int]) -> Workspace:  # noqa: ARG001
    return load_workspace(root)


def stamp_of(built: Built) -> str:
    """A name for these results and no others: the manifest holds the sha256 of every table."""
    return hashlib.sha256(json.dumps(built.manifest, sort_keys=True).encode()).hexdigest()


def warm_up(root: Path) -> None:
    """Do what the first visitor would wait for: read, write the display copy, load what draws tables."""
    # what is wrong with the workspace is told to the visitor, in words
    with suppress(VunglomError):
        static = app_static_folder()
        install_assets(static)
        _, built = read_results(root)
        units = built.primary
        publish_units(units.result, static)
        headline_html(overview(units.result, units.goals), "vi")
        styled(ranked_table(units.result, "vi")).to_html()
