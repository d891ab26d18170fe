"""The page that suggests sites."""

from geo.results import Built
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.strings import Language


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
