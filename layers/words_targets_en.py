"""The English words of the targets page; the same keys as `layers.words_targets_vi`."""

from typing import Final

TARGETS_EN: Final[dict[str, str]] = {}
