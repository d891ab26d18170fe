"""The English words of the export page; the same keys as `layers.words_take_vi`."""

from typing import Final

TAKE_EN: Final[dict[str, str]] = {
    "page_export": "Export",
}
