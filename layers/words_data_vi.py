"""The Vietnamese words of the data page; the same keys as `layers.words_data_en`."""

from typing import Final

DATA_VI: Final[dict[str, str]] = {}
