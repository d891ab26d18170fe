"""The Vietnamese words of the unit page and its one-page brief; the same keys as `layers.words_brief_en`."""

from typing import Final

BRIEF_VI: Final[dict[str, str]] = {}
