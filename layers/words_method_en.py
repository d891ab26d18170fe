"""The English words of the method page and the glossary; the same keys as `layers.words_method_vi`."""

from typing import Final

METHOD_EN: Final[dict[str, str]] = {}
