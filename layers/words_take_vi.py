"""The Vietnamese words of the export page; the same keys as `layers.words_take_en`."""

from typing import Final

TAKE_VI: Final[dict[str, str]] = {
    "page_export": "Xuất",
}
