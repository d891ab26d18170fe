"""The English words of the map's levels, filters, quarters and comparison; the same keys as `layers.words_explore_vi`."""

from typing import Final

EXPLORE_EN: Final[dict[str, str]] = {}
