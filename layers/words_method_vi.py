"""The Vietnamese words of the method page and the glossary; the same keys as `layers.words_method_en`."""

from typing import Final

METHOD_VI: Final[dict[str, str]] = {}
