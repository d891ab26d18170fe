"""The Vietnamese words of the targets page; the same keys as `layers.words_targets_en`."""

from typing import Final

TARGETS_VI: Final[dict[str, str]] = {}
