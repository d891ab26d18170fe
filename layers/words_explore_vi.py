"""The Vietnamese words of the map's levels, filters, quarters and comparison; the same keys as `layers.words_explore_en`."""

from typing import Final

EXPLORE_VI: Final[dict[str, str]] = {}
