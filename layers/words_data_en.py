"""The English words of the data page; the same keys as `layers.words_data_vi`."""

from typing import Final

DATA_EN: Final[dict[str, str]] = {}
