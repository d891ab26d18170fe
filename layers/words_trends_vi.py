"""The Vietnamese words of the trends page; the same keys as `layers.words_trends_en`."""

from typing import Final

TRENDS_VI: Final[dict[str, str]] = {}
