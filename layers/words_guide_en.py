"""The English words of the guided start and the states of the app; the same keys as `layers.words_guide_vi`."""

from typing import Final

GUIDE_EN: Final[dict[str, str]] = {}
