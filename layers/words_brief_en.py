"""The English words of the unit page and its one-page brief; the same keys as `layers.words_brief_vi`."""

from typing import Final

BRIEF_EN: Final[dict[str, str]] = {}
