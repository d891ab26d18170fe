"""Which sheets a workbook has, or layers a file, that may be meant: a file with several is read by the name of one.

Called in a confined process where the file is from outside (`geo.confined.file_parts`).
"""

from pathlib import Path
from typing import Any, Final, NamedTuple

from geo.read_ogr import OGR_SUFFIXES, layer_names
from geo.table_xlsx import sheet_names
from geo.unit_table import MOST_BYTES, require_file

WORKBOOK: Final = ".xlsx"


class Parts(NamedTuple):
    """Names of the parts, in the order of the file; `named`: one that has to be named, or another would be read, or none."""

    names: tuple[str, ...] = ()
    named: str | None = None


def has_parts(name: str) -> bool:
    """Whether a file of this name may hold several sheets or layers."""
    return Path(name).suffix.lower() in (WORKBOOK, *OGR_SUFFIXES)


def list_parts(path: Path) -> tuple[Any, ...]:
    """Names of the sheets that can be seen and hold something, or of the layers with shapes; and how many others there are.

    Raises `InputError` as reading the file does.
    """
    if path.suffix.lower() == WORKBOOK:
        require_file(path, MOST_BYTES)
        return sheet_names(path, most_bytes=MOST_BYTES)
    return layer_names(path)
