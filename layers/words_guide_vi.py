"""The Vietnamese words of the guided start and the states of the app; the same keys as `layers.words_guide_en`."""

from typing import Final

GUIDE_VI: Final[dict[str, str]] = {}
