"""What the export page says, as HTML and sentences."""

from typing import Final

from layers.escape import escape
from layers.strings import Language, number, text

FORM_NAMES: Final = {
    "geojson": "GeoJSON", "gpkg": "GeoPackage", "kml": "KML", "csv": "CSV", "xlsx": "XLSX", "parquet": "GeoParquet",
    "png": "PNG", "html": "HTML",
}  # fmt: skip
"""What a kind of file is called, by its ending."""
_KIB: Final = 1024


def take_hint_html(language: Language) -> str:
    """Heading, and what every file carries."""
    return (
        f'<section class="vl-take"><h2>{escape(text("take_title", language))}</h2>'
        f"<p>{escape(text('take_hint', language))}</p></section>"
    )


def file_line(name: str, size_bytes: int, rows: int | None, language: Language) -> str:
    """Name, size and rows of a file that was made and read back."""
    parts = [name, size_text(size_bytes, language)]
    if rows is not None:
        parts.append(text("take_rows", language, count=number(rows, language)))
    return " · ".join((*parts, text("take_checked", language)))


def size_text(size_bytes: int, language: Language) -> str:
    """`482.991` bytes as `472 KB`, larger ones as `1,2 MB`."""
    kib = size_bytes / _KIB
    if kib < _KIB:
        return f"{number(max(kib, 1), language)} KB"
    return f"{number(kib / _KIB, language, decimals=1)} MB"
