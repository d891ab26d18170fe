"""A file and the sheet or layer of it that was read, in words."""

from pathlib import Path

from geo.file_parts import WORKBOOK
from layers.strings import Language, text


def kind_of(name: str) -> str:
    """What the parts of a file are: sheets of a workbook, else layers."""
    return "sheet" if Path(name).suffix.lower() == WORKBOOK else "layer"


def file_text(name: str, part: str, language: Language) -> str:
    """The name of the file with the part that was read, where one was chosen."""
    return text(f"part_of_{kind_of(name)}", language, name=name, part=part) if part else name
