"""The English words of the trends page; the same keys as `layers.words_trends_vi`."""

from typing import Final

TRENDS_EN: Final[dict[str, str]] = {}
